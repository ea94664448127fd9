// A captured region as the reachability analysis sees it.
#pragma once
#include <string>
#include <vector>

#include "dr/readiness/estate.h"
#include "dr/readiness/reachability.h"

namespace relight::dr {

// What could not be seen is left out, which makes answers about it unknown.
Network network_of(const Estate& e);

std::vector<Place> tasks_of(const Item& service);
std::vector<Place> balancer_places(const Item& balancer);
// In every zone of its subnet group: a failover or a change may move it.
std::vector<Place> database_places(const Estate& e, const Item& database);

// The worst answer of each place to each: no before unknown before yes.
Answer worst(std::vector<Answer> answers);

}  // namespace relight::dr
