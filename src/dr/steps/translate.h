// What names the primary's database, load balancer, bucket or region in a value of the recovery region, as it
// shall be named there.
#pragma once
#include <string>

#include "dr/model/config.h"
#include "dr/model/topology.h"

namespace relight::dr {

// The same text when there is nothing to translate. Names count only as words of their own: "uploads" does
// not stand in "my-uploads". The region and the database's identifier count only as the whole text.
std::string translated(const std::string& text, const Config& c, const Topology& t);
// A secret's value: of a JSON object every text in it and the instance that it names, else the whole.
std::string translated_secret(const std::string& value, const Config& c, const Topology& t);

}  // namespace relight::dr
