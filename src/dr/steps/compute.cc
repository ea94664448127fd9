// Start the tasks early: they come up read-only behind the replica, so that their start hides behind the
// promotion.
#include <fmt/format.h>

#include "aws/gen/ecs.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

class Compute final : public Step {
 public:
  explicit Compute(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    auto& r = s_.topology.recovery;
    aws::ecs::Client ecs(s_.aws);
    auto seen = ecs.DescribeServices({.cluster = r.cluster, .services = {{r.service}}}, s_.in_recovery());
    if (!seen) return trouble(c, seen.error());
    if (!seen->services || seen->services->empty())
      return Failed{Error{.code = "ServiceNotFoundException",
                          .message = "there is no such service",
                          .tried = "ecs:DescribeServices",
                          .resource = r.cluster + "/" + r.service,
                          .region = s_.config.recovery.region},
                    {"mend the pilot stack, then relight resume"}};
    int before = seen->services->front().desiredCount.value_or(0);
    if (before >= s_.config.tasks) return Done{{{"desired", std::to_string(before)}, {"changed", "no"}}};
    auto sent = act(c, "ecs:UpdateService", r.cluster + "/" + r.service, [&] {
      return ecs.UpdateService({.cluster = r.cluster, .service = r.service, .desiredCount = s_.config.tasks},
                               s_.in_recovery());
    });
    if (!sent) return trouble(c, sent.error());
    return Done{{{"desired", std::to_string(s_.config.tasks)},
                 {"before", std::to_string(before)},
                 {"changed", "yes"}}};
  }

 private:
  static Outcome trouble(Context& c, const Error& e) {
    if (may_pass(e) && c.elapsed() < Millis(120000)) return Waiting{"ECS to answer: " + e.code};
    return Failed{e, {"relight resume"}};
  }
  Site& s_;
};

}  // namespace

std::unique_ptr<Step> make_compute(Site& site) { return std::make_unique<Compute>(site); }

}  // namespace relight::dr
