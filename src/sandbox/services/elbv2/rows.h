// What ELBv2 keeps.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "aws/gen/elbv2.h"
#include "aws/shape.h"
#include "base/result.h"

namespace relight::sandbox::elbv2 {

using Text = std::map<std::string, std::string>;

std::string save_row(const aws::Shape& s, const void* value, const std::vector<const Text*>& maps);
Result<> load_row(const std::string& json, const aws::Shape& s, void* value, const std::vector<Text*>& maps);

// A modelled resource with what the model keeps elsewhere.
template <class S>
struct Row {
  S value;
  Text attributes, tags, extra;
  std::string save() const {
    return save_row(*shape_of(static_cast<const S*>(nullptr)), &value, {&attributes, &tags, &extra});
  }
  static Result<Row> load(const std::string& json) {
    Row r;
    TRY(load_row(json, *shape_of(static_cast<const S*>(nullptr)), &r.value,
                 {&r.attributes, &r.tags, &r.extra}));
    return r;
  }
};
using LoadBalancerRow = Row<aws::elbv2::LoadBalancer>;
using GroupRow = Row<aws::elbv2::TargetGroup>;
using ListenerRow = Row<aws::elbv2::Listener>;
using RuleRow = Row<aws::elbv2::Rule>;  // extra["listener"]: the listener's ARN

struct TargetRow {
  std::string group;  // ARN
  std::string id;     // the IPv4 address
  int port = 0;
  std::string zone;
  int64_t draining_until_ms = 0;  // epoch; 0: not draining
  // Not kept: a restarted balancer checks its targets anew.
  bool serving = false;  // its checks pass: the plane sends it traffic, or is about to
  std::string state = "initial", reason = "Elb.RegistrationInProgress",
              description = "Target registration is in progress";
  std::string key() const { return group + "|" + id + ":" + std::to_string(port); }
  std::string save() const;
  static Result<TargetRow> load(const std::string& json);
};

}  // namespace relight::sandbox::elbv2
