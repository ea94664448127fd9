// The recovery region's autoscaling as the pilot has it: bounds of zero, and everything suspended.
#include "aws/gen/applicationautoscaling.h"
#include "dr/failback/failback.h"
#include "dr/steps/bring.h"

namespace relight::dr {
namespace {

class Unscale final : public Step {
 public:
  explicit Unscale(Site& there)
      : s_(there),
        bring_(there.topology.asleep(Dormant::Kind::kScaling), "scalable targets", Millis(120000),
               [this](Context& c, const Dormant& d) { return look(c, d); }) {}
  Outcome advance(Context& c) override { return bring_.advance(c); }

 private:
  Result<std::string> look(Context& c, const Dormant& d) {
    namespace scaling = aws::applicationautoscaling;
    scaling::SuspendedState all{.DynamicScalingInSuspended = true,
                                .DynamicScalingOutSuspended = true,
                                .ScheduledScalingSuspended = true};
    TRY(act(c, "application-autoscaling:RegisterScalableTarget", d.name, [&] {
      return scaling::Client(s_.aws).RegisterScalableTarget({.ServiceNamespace = scaling_service(d),
                                                             .ResourceId = d.name,
                                                             .ScalableDimension = scaling_dimension(d),
                                                             .MinCapacity = 0,
                                                             .MaxCapacity = 0,
                                                             .SuspendedState = all},
                                                            s_.in_recovery());
    }));
    return std::string();
  }

  Site& s_;
  Bring bring_;
};

}  // namespace

std::unique_ptr<Step> make_unscale(Site& there) { return std::make_unique<Unscale>(there); }

}  // namespace relight::dr
