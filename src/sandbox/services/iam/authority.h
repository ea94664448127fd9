// The sandbox's authority: the account's root may do everything, a role's session what the role's policies
// say.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "sandbox/gateway/authority.h"
#include "sandbox/services/iam/permission.h"
#include "sandbox/services/iam/service.h"

namespace relight::sandbox {

// An action that a role asked for in a region, and how it was answered.
struct IamUse {
  std::string role, action, region;
  uint64_t permitted = 0, denied = 0;
};

class IamAuthority final : public Authority {
 public:
  // Not enforced until enforce(true).
  IamAuthority(World& w, IamService& iam) : world_(w), iam_(iam) {}
  void enforce(bool on) { enforced_ = on; }
  bool enforced() const { return enforced_; }

  // What was decided since the sandbox came up, in the order of the names: what a policy permits beyond this
  // was not asked for. The first 20,000 of role, action and region; a later one is not counted.
  std::vector<IamUse> used() const;

  Result<> permit(const Call& call, const aws::ServiceModel& service, const aws::Operation& op,
                  const void* input) override;
  Result<> permit_action(const Call& call, const aws::ServiceModel& service, std::string_view action,
                         std::string_view resource, const Keys& keys) override;

 private:
  bool judged(const Call& call) const;
  void count(const std::string& role, const Ask& ask, const std::string& region, bool permitted);
  Result<> decide(const Call& call, const aws::ServiceModel& service, std::vector<Ask> asks);

  World& world_;
  IamService& iam_;
  std::atomic<bool> enforced_{false};
  mutable std::mutex counting_;
  std::map<std::tuple<std::string, std::string, std::string>, IamUse> uses_;
};

}  // namespace relight::sandbox
