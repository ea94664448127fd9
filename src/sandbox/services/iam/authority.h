// The sandbox's authority: the account's root may do everything, a role's session what the role's policies
// say.
#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "sandbox/gateway/authority.h"
#include "sandbox/services/iam/permission.h"
#include "sandbox/services/iam/service.h"

namespace relight::sandbox {

class IamAuthority final : public Authority {
 public:
  // Not enforced until enforce(true).
  IamAuthority(World& w, IamService& iam) : world_(w), iam_(iam) {}
  void enforce(bool on) { enforced_ = on; }
  bool enforced() const { return enforced_; }

  Result<> permit(const Call& call, const aws::ServiceModel& service, const aws::Operation& op,
                  const void* input) override;
  Result<> permit_action(const Call& call, const aws::ServiceModel& service, std::string_view action,
                         std::string_view resource) override;

 private:
  bool judged(const Call& call) const;
  Result<> decide(const Call& call, const aws::ServiceModel& service, std::vector<Ask> asks);

  World& world_;
  IamService& iam_;
  std::atomic<bool> enforced_{false};
};

}  // namespace relight::sandbox
