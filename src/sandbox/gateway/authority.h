// Who may do what. The gateway asks before a handler runs; S3, which alone knows what a request touches,
// CloudFormation, which acts in its caller's name, and ECS, which knows a task definition's roles, ask for themselves.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "sandbox/gateway/service.h"

namespace relight::sandbox {

class Authority {
 public:
  virtual ~Authority() = default;
  // The error is the one that the service itself gives, with the action and the resource in its message. Takes
  // the world's lock.
  virtual Result<> permit(const Call& call, const aws::ServiceModel& service, const aws::Operation& op,
                          const void* input) = 0;
  // One action on one ARN. `keys`: condition keys of this action besides those of every request.
  using Keys = std::map<std::string, std::string>;
  virtual Result<> permit_action(const Call& call, const aws::ServiceModel& service, std::string_view action,
                                 std::string_view resource, const Keys& keys) = 0;
};

}  // namespace relight::sandbox
