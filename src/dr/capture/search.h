// What points at captured resources instead of being named by them: DNS records that answer with a load
// balancer, alarms that watch, scalable targets, rules; and the quotas that bound them. Found by looking
// through all there are.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "dr/capture/walk.h"

namespace relight::dr {

struct Pointing {
  ResourceKey key;
  std::string properties;         // JSON, as the listing call answered; empty: to be asked for
  std::vector<ResourceKey> uses;  // what it points at
  std::vector<Unseen> unknown = {};
};

struct Searched {
  std::vector<Pointing> found;
  std::map<ResourceKey, std::vector<Unseen>> unseen;  // by the resource at which something may point
  std::vector<LeftOut> left_out;
};

// Record sets whose alias or CNAME is a captured load balancer's name, and the others of the same name and
// type (the other half of a failover pair).
Searched records_of(const Walk& w, const std::vector<Resource>& captured);
// Metric alarms one of whose metrics has captured resources, and no others, in the dimensions that name any.
// The alarms that a target tracking policy makes are left out: they come and go with it.
Searched alarms_of(const Walk& w, const std::vector<Resource>& captured);
// Scalable targets of captured ECS services, with their policies and scheduled actions.
Searched targets_of(const Walk& w, const std::vector<Resource>& captured);
// EventBridge rules of every bus one of whose targets is a captured cluster, function, queue or topic.
Searched rules_of(const Walk& w, const std::vector<Resource>& captured);
// The quotas that bound the captured kinds. Asks nothing.
Searched quotas_of(const Walk& w, const std::vector<Resource>& captured);

}  // namespace relight::dr
