// Fargate's quota of On-Demand vCPUs ("AWS Fargate service quotas", developer guide), as Service Quotas tells
// it.
#include "aws/gen/servicequotas.h"
#include "sandbox/services/ecs/fargate.h"
#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;

Result<> EcsService::within_quota(const std::string& region, const api::TaskDefinition& d) {
  auto quota = world_.call<aws::servicequotas::op::GetServiceQuota>(
      region, {.ServiceCode = "fargate", .QuotaCode = "L-3032A538"});
  if (!quota || !quota->Quota || !quota->Quota->Value) return {};  // a world without Service Quotas
  int units = cpu_units(d.cpu.value_or("0"));
  for (auto& [key, t] : tasks_.in(region))
    if (t.v.lastStatus != "STOPPED") units += cpu_units(t.v.cpu.value_or("0"));
  if (units <= *quota->Quota->Value * 1024) return {};
  return aws_error("ClientException",
                   "You've reached the limit on the number of vCPUs you can run concurrently");
}

void EcsService::place_again(const std::string& region, const std::string& service_key) {
  if (!unplaced_.insert(region + "|" + service_key).second) return;
  later(region, world_.poll_interval(std::chrono::minutes(1)), [this, region, service_key] {
    unplaced_.erase(region + "|" + service_key);
    reconcile(region, service_key);
  });
}

}  // namespace relight::sandbox
