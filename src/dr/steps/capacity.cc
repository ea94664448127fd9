// Enough of the application runs and the load balancer sees it.
#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/ecs.h"
#include "aws/gen/elbv2.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

class Capacity final : public Step {
 public:
  explicit Capacity(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    auto& r = s_.topology.recovery;
    auto seen = aws::ecs::Client(s_.aws).DescribeServices({.cluster = r.cluster, .services = {{r.service}}},
                                                          s_.in_recovery());
    if (!seen) return trouble(c, seen.error());
    if (!seen->services || seen->services->empty())
      return trouble(c, Error{.code = "ServiceNotFoundException"});
    auto& service = seen->services->front();
    int desired = service.desiredCount.value_or(0), running = service.runningCount.value_or(0);
    if (running < s_.config.tasks || running != desired)
      return Waiting{fmt::format("tasks running ({} of {})", running, desired), share(running, desired)};
    for (auto& d : service.deployments.value_or(std::vector<aws::ecs::Deployment>{})) {
      if (d.status != "PRIMARY") continue;
      auto state = d.rolloutState.value_or("COMPLETED");
      if (state == "FAILED")
        return Failed{Error{.code = "Ecs.RolloutFailed",
                            .message = d.rolloutStateReason.value_or("the deployment failed"),
                            .tried = "wait for the deployment",
                            .resource = r.service,
                            .region = s_.config.recovery.region},
                      {"mend the service, then relight resume"}};
      if (state != "COMPLETED") return Waiting{"the deployment to settle (" + state + ")", 0.9};
    }
    return targets(c);
  }

 private:
  Outcome targets(Context& c) {
    auto& arn = s_.topology.recovery.target_group;
    if (arn.empty())
      return Done{{{"healthy_targets", "unknown"}, {"certainty_lost", "the target group is not known"}}};
    auto seen = aws::elbv2::Client(s_.aws).DescribeTargetHealth({.TargetGroupArn = arn}, s_.in_recovery());
    if (!seen) return trouble(c, seen.error());
    int healthy = 0;
    for (auto& t :
         seen->TargetHealthDescriptions.value_or(std::vector<aws::elbv2::TargetHealthDescription>{}))
      healthy += t.TargetHealth && t.TargetHealth->State == "healthy";
    if (healthy < s_.config.tasks)
      return Waiting{fmt::format("healthy targets ({} of {})", healthy, s_.config.tasks),
                     share(healthy, s_.config.tasks)};
    return Done{{{"healthy_targets", std::to_string(healthy)}}};
  }

  static double share(int part, int whole) {
    return whole > 0 ? std::min(1.0, static_cast<double>(part) / whole) : -1;
  }
  static Outcome trouble(Context& c, const Error& e) {
    if (may_pass(e) && c.elapsed() < Millis(900000)) return Waiting{"AWS to answer: " + e.code};
    return Failed{e, {"relight resume"}};
  }
  Site& s_;
};

}  // namespace

std::unique_ptr<Step> make_capacity(Site& site) { return std::make_unique<Capacity>(site); }

}  // namespace relight::dr
