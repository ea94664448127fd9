#include "aws/gen/ecs.h"
#include "dr/steps/fence_measures.h"

namespace relight::dr {
namespace {

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
    if (service.desiredCount.value_or(0) > 0)
      TRY(act(c, "ecs:UpdateService", p.cluster + "/" + p.service, [&] {
        return ecs.UpdateService({.cluster = p.cluster, .service = p.service, .desiredCount = 0}, where);
      }));
    asked_ = true;
    gone_ = service.desiredCount.value_or(0) == 0 && service.runningCount.value_or(0) == 0;
    return gone_;
  }

 private:
  Site& s_;
  bool asked_ = false, gone_ = false;
};

}  // namespace

std::unique_ptr<Measure> make_stop_tasks(Site& site) { return std::make_unique<StopTasks>(site); }

}  // namespace relight::dr
