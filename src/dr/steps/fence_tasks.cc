#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/ecs.h"
#include "dr/model/duration.h"
#include "dr/steps/fence_measures.h"

namespace relight::dr {
namespace {

// "StopTask" and "ContainerDefinition" of the ECS API: SIGKILL follows SIGTERM after stopTimeout, by default
// 30 s, on Fargate at most 120 s. What the agent needs to report it (kReport) is not documented.
constexpr Millis kStopDefault{30000}, kStopMost{120000}, kReport{15000};

class StopTasks final : public Measure {
 public:
  explicit StopTasks(Site& s) : s_(s) {}
  std::string name() const override { return "tasks"; }
  bool proves() const override { return gone_; }
  bool may_lag() const override { return asked_; }

  Result<bool> advance(Context& c, const aws::CallOptions& where) override {
    auto& p = s_.topology.primary;
    if (p.cluster.empty()) return fail("Fence.Unknown", "the old primary's service is not known");
    aws::ecs::Client ecs(s_.aws);
    TRY_ASSIGN(auto seen, ecs.DescribeServices({.cluster = p.cluster, .services = {{p.service}}}, where));
    if (!seen.services || seen.services->empty())
      return fail("Fence.Unknown", "the old primary's service does not exist");
    auto& service = seen.services->front();
    left_ = service.runningCount.value_or(0);
    if (!stop_) learn_stop(ecs, service.taskDefinition.value_or(""), where);
    if (service.desiredCount.value_or(0) > 0)
      TRY(act(c, "ecs:UpdateService", p.cluster + "/" + p.service, [&] {
        return ecs.UpdateService({.cluster = p.cluster, .service = p.service, .desiredCount = 0}, where);
      }));
    asked_ = true;
    gone_ = service.desiredCount.value_or(0) == 0 && service.runningCount.value_or(0) == 0;
    return gone_;
  }

  Facts facts() const override {
    if (!asked_) return {};
    return {{"tasks_left", std::to_string(gone_ ? 0 : left_)},
            {"stop_timeout", duration_text(*stop_) + stop_why_}};
  }
  Millis takes() const override { return asked_ && !gone_ ? *stop_ + kReport : Millis(0); }

 private:
  void learn_stop(aws::ecs::Client& ecs, const std::string& definition, const aws::CallOptions& where) {
    auto r = ecs.DescribeTaskDefinition({.taskDefinition = definition}, where);
    if (!r || !r->taskDefinition) {
      stop_ = kStopMost;
      stop_why_ = fmt::format(" (the most there is: the task definition could not be read, {})",
                              r ? "no answer" : r.error().code);
      return;
    }
    stop_ = Millis(0);
    for (auto& d :
         r->taskDefinition->containerDefinitions.value_or(std::vector<aws::ecs::ContainerDefinition>{}))
      stop_ = std::max(*stop_, d.stopTimeout ? Millis(1000 * *d.stopTimeout) : kStopDefault);
  }

  Site& s_;
  bool asked_ = false, gone_ = false;
  int64_t left_ = 0;
  std::optional<Millis> stop_;
  std::string stop_why_;
};

}  // namespace

std::unique_ptr<Measure> make_stop_tasks(Site& site) { return std::make_unique<StopTasks>(site); }

}  // namespace relight::dr
