// What a step found out or did, as named text: small, ordered, the same in the journal, the console and JSON.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace relight::dr {

using Facts = std::map<std::string, std::string>;

std::string get(const Facts& f, const std::string& name);  // "" if absent
std::string to_json(const Facts& f);                       // {"a":"b"}
// An object of strings only. Error "Facts.Malformed".
Result<Facts> facts_from_json(std::string_view json);

}  // namespace relight::dr
