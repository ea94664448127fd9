#include "sandbox/planes/container/simulated_container_plane.h"
#include "sandbox/services/ecs/service.h"
#include "sandbox/services/servicequotas/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox::ecs {
namespace {
namespace op = aws::ecs::op;
constexpr const char* kQuotaEast = "us-east-1";

struct FargateQuota : testing::Test {
  TestWorld world;
  container::SimulatedContainerPlane plane;
  ServiceQuotasService quotas{world};
  EcsService ecs{world, plane};
  void SetUp() override {
    world.add(quotas), world.add(ecs);
    ecs.start();
    ASSERT_TRUE(world.remote<op::CreateCluster>(kQuotaEast, {.clusterName = "main"}));
    api::RegisterTaskDefinitionRequest d;
    d.family = "lamp", d.networkMode = "awsvpc", d.requiresCompatibilities = {"FARGATE"};
    d.cpu = "1024", d.memory = "2048";
    auto& c = d.containerDefinitions.emplace().emplace_back();
    c.name = "web", c.image = "lamp:1";
    ASSERT_TRUE(world.remote<op::RegisterTaskDefinition>(kQuotaEast, d));
  }
  static api::NetworkConfiguration network() {
    api::NetworkConfiguration n;
    n.awsvpcConfiguration.emplace().subnets = {"subnet-1"};
    return n;
  }
  api::Service service() {
    return (*world
                 .remote<op::DescribeServices>(
                     kQuotaEast, {.cluster = "main", .services = std::vector<std::string>{"web"}})
                 ->services)[0];
  }
  int limits_said() {
    int n = 0;
    auto s = service();
    for (auto& e : *s.events)
      n += e.message->find("You've reached the limit on the number of vCPUs you can run concurrently") !=
           std::string::npos;
    return n;
  }
};

TEST_F(FargateQuota, AServiceStopsAtTheLimitSaysSoOnceAndGoesOnWhenItIsRaised) {
  ASSERT_TRUE(quotas.set(kQuotaEast, "fargate", "L-3032A538", 2));
  api::CreateServiceRequest in{.cluster = "main", .serviceName = "web", .taskDefinition = "lamp"};
  in.desiredCount = 3, in.networkConfiguration = network();
  ASSERT_TRUE(world.remote<op::CreateService>(kQuotaEast, in));
  world.advance(Millis{3'000});
  EXPECT_EQ(service().runningCount, 2);
  EXPECT_EQ(limits_said(), 1);
  ASSERT_TRUE(quotas.set(kQuotaEast, "fargate", "L-3032A538", 3));
  world.advance(Millis{3'000});
  EXPECT_EQ(service().runningCount, 3);
}

TEST_F(FargateQuota, ATaskBeyondTheLimitIsAFailureOfRunTask) {
  ASSERT_TRUE(quotas.set(kQuotaEast, "fargate", "L-3032A538", 1));
  api::RunTaskRequest in{.cluster = "main"};
  in.taskDefinition = "lamp", in.count = 2, in.networkConfiguration = network();
  auto r = world.remote<op::RunTask>(kQuotaEast, in);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->tasks->size(), 1u);
  ASSERT_EQ(r->failures->size(), 1u);
  EXPECT_NE((*r->failures)[0].detail->find("number of vCPUs"), std::string::npos);
}

}  // namespace
}  // namespace relight::sandbox::ecs
