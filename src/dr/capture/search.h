// What points at captured resources instead of being named by them: DNS records that answer with a load
// balancer, alarms that watch. Found by looking through all there are.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "dr/capture/walk.h"

namespace relight::dr {

struct Pointing {
  ResourceKey key;
  std::string properties;         // JSON, as the listing call answered
  std::vector<ResourceKey> uses;  // what it points at
};

struct Searched {
  std::vector<Pointing> found;
  std::map<ResourceKey, std::vector<Unseen>> unseen;  // by the resource at which something may point
};

// Record sets whose alias or CNAME is a captured load balancer's name, and the others of the same name and
// type (the other half of a failover pair).
Searched records_of(const Walk& w, const std::vector<Resource>& captured);
// Metric alarms one of whose metrics has captured resources, and no others, in the dimensions that name any.
Searched alarms_of(const Walk& w, const std::vector<Resource>& captured);

}  // namespace relight::dr
