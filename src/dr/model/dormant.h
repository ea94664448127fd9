// What stands in the pilot and is off until a failover, and how it is when it is lit. `relight synth` writes
// it into the pilot stack's outputs (Dormant1, Dormant2, …), so that a failover needs neither the lost region
// nor the captured files.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relight::dr {

struct Dormant {
  enum class Kind {
    kScaling,        // bounds of Application Auto Scaling: low and high
    kParameter,      // of Parameter Store: its value names the database
    kSecret,         // of Secrets Manager: its host does
    kFunction,       // of Lambda: low is the reserved concurrency; none: of the account's own
    kMapping,        // an event source mapping
    kRule,           // of EventBridge, schedules too
    kNotifications,  // of a bucket
    kNetwork,        // NAT gateways: the stack that makes them, and in scope the parameter that says so
  } kind = Kind::kFunction;
  std::string name;     // in the recovery region: a function's name, a mapping's UUID, a scalable target's id
  std::string primary;  // the same in the primary region; empty: nothing there is to be stopped
  std::string scope;    // kScaling: SERVICE:DIMENSION, "ecs:service:DesiredCount"; kRule: the event bus;
                        // kNetwork: the stack's parameter
  std::string
      value;  // kParameter: what it shall hold, empty: what it holds; kNotifications: JSON of S3's API
  std::optional<int> low, high;
  bool operator==(const Dormant&) const = default;
  auto operator<=>(const Dormant&) const = default;
};

// "function"; the word of an entry in the outputs and in texts.
std::string_view dormant_word(Dormant::Kind k);
// A JSON array of objects with "kind", "name" and what else is not empty.
std::string to_json(const std::vector<Dormant>& all);
// Error "Topology.Malformed".
Result<std::vector<Dormant>> dormant_from_json(std::string_view text);

}  // namespace relight::dr
