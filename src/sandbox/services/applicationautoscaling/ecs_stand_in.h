// An ECS whose services are a map: what scaling does to them can be read off. For tests.
#pragma once
#include <map>
#include <string>

#include "aws/gen/ecs.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox {

class EcsStandIn final : public Service {
 public:
  std::map<std::string, int32_t> desired{{"web", 2}};  // of the cluster "main"
  explicit EcsStandIn(World& w) : Service(w, aws::ecs::model()) {
    namespace op = aws::ecs::op;
    on<op::DescribeServices>(
        [this](const Call&, const auto& in) -> Result<aws::ecs::DescribeServicesResponse> {
          if (in.cluster != "main") return aws_error("ClusterNotFoundException", "Cluster not found.");
          aws::ecs::DescribeServicesResponse out;
          out.services.emplace();
          for (auto& name : *in.services)
            if (desired.contains(name)) out.services->push_back(shown(name));
          return out;
        });
    on<op::UpdateService>([this](const Call&, const auto& in) -> Result<aws::ecs::UpdateServiceResponse> {
      if (!desired.contains(*in.service)) return aws_error("ServiceNotFoundException", "Service not found.");
      desired[*in.service] = *in.desiredCount;
      return aws::ecs::UpdateServiceResponse{shown(*in.service)};
    });
  }

 private:
  aws::ecs::Service shown(const std::string& name) {
    aws::ecs::Service s;
    s.serviceName = name, s.status = "ACTIVE", s.desiredCount = desired[name];
    return s;
  }
};

}  // namespace relight::sandbox
