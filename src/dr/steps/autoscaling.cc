// The bounds of the primary's autoscaling, before any task is asked for: with the pilot's bounds of zero it
// would take every task away again.
#include <algorithm>

#include "aws/gen/applicationautoscaling.h"
#include "dr/steps/bring.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {
namespace scaling = aws::applicationautoscaling;

bool suspended(const scaling::ScalableTarget& t) {
  if (!t.SuspendedState) return false;
  auto& s = *t.SuspendedState;
  return s.DynamicScalingInSuspended.value_or(false) || s.DynamicScalingOutSuspended.value_or(false) ||
         s.ScheduledScalingSuspended.value_or(false);
}

class Autoscaling final : public Step {
 public:
  explicit Autoscaling(Site& s) : s_(s) {}
  Outcome advance(Context& c) override { return bring_.advance(c); }

 private:
  Result<std::string> look(Context& c, const Dormant& d) {
    scaling::Client client(s_.aws);
    auto service = scaling_service(d);
    auto dimension = scaling_dimension(d);
    TRY_ASSIGN(auto seen, client.DescribeScalableTargets({.ServiceNamespace = service,
                                                          .ResourceIds = std::vector<std::string>{d.name},
                                                          .ScalableDimension = dimension},
                                                         s_.in_recovery()));
    int low = d.low.value_or(0), high = highest(d);
    for (auto& t : seen.ScalableTargets.value_or(std::vector<scaling::ScalableTarget>{}))
      if (t.MinCapacity == low && t.MaxCapacity == high && !suspended(t)) return std::string();
    TRY(act(c, "application-autoscaling:RegisterScalableTarget", d.name, [&] {
      return client.RegisterScalableTarget(
          {.ServiceNamespace = service,
           .ResourceId = d.name,
           .ScalableDimension = dimension,
           .MinCapacity = low,
           .MaxCapacity = high,
           .SuspendedState = scaling::SuspendedState{.DynamicScalingInSuspended = false,
                                                     .DynamicScalingOutSuspended = false,
                                                     .ScheduledScalingSuspended = false}},
          s_.in_recovery());
    }));
    return std::string();
  }

  // Never fewer than the failover itself asks for.
  int highest(const Dormant& d) const {
    auto& r = s_.topology.recovery;
    auto last = [](const std::string& name) { return name.substr(name.rfind('/') + 1); };
    bool ours = d.scope == "ecs:service:DesiredCount" && last(d.name) == last(r.service);
    int high = std::max(d.high.value_or(0), d.low.value_or(0));
    return ours ? std::max(high, s_.config.tasks) : high;
  }

  Site& s_;
  Bring bring_{s_.topology.asleep(Dormant::Kind::kScaling), "scalable targets", Millis(120000),
               [this](Context& c, const Dormant& d) { return look(c, d); }};
};

}  // namespace

// "ecs:service:DesiredCount" is of the namespace "ecs" (API reference of RegisterScalableTarget).
std::string scaling_service(const Dormant& d) { return d.scope.substr(0, d.scope.find(':')); }
std::string scaling_dimension(const Dormant& d) { return d.scope; }

std::unique_ptr<Step> make_autoscaling(Site& site) { return std::make_unique<Autoscaling>(site); }

}  // namespace relight::dr
