#include "sandbox/services/ecs/service.h"

#include <gtest/gtest.h>

#include "aws/gen/elbv2.h"
#include "sandbox/planes/container/simulated_container_plane.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {

namespace op = aws::ecs::op;
namespace api = aws::ecs;
namespace lb = aws::elbv2;

const char* const kGroup =
    "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/0123456789abcdef";

// A load balancer that says of every target what the test wants.
class StandInBalancer final : public Service {
 public:
  explicit StandInBalancer(World& w) : Service(w, lb::model()) {
    on<lb::op::DescribeTargetGroups>([](const Call&, const auto&) -> Result<lb::DescribeTargetGroupsOutput> {
      lb::TargetGroup g;
      g.TargetGroupArn = kGroup, g.TargetType = "ip", g.LoadBalancerArns = {"arn:lb"};
      lb::DescribeTargetGroupsOutput out;
      out.TargetGroups = {g};
      return out;
    });
    on<lb::op::RegisterTargets>([this](const Call&, const auto& in) -> Result<lb::RegisterTargetsOutput> {
      for (auto& t : *in.Targets) states[*t.Id] = "healthy";
      return lb::RegisterTargetsOutput{};
    });
    on<lb::op::DeregisterTargets>([this](const Call&, const auto& in) -> Result<lb::DeregisterTargetsOutput> {
      for (auto& t : *in.Targets) states.erase(*t.Id);
      return lb::DeregisterTargetsOutput{};
    });
    on<lb::op::DescribeTargetHealth>(
        [this](const Call&, const auto&) -> Result<lb::DescribeTargetHealthOutput> {
          lb::DescribeTargetHealthOutput out;
          out.TargetHealthDescriptions.emplace();
          for (auto& [id, state] : states) {
            auto& d = out.TargetHealthDescriptions->emplace_back();
            d.Target = {.Id = id, .Port = 80};
            d.TargetHealth = {.State = state};
          }
          return out;
        });
  }
  std::map<std::string, std::string> states;
};

class EcsTest : public ::testing::Test {
 protected:
  EcsTest() : balancer_(world_), ecs_(world_, plane_) {
    world_.add(balancer_), world_.add(ecs_);
    ecs_.start();
  }
  template <class Op>
  typename Op::Output must(const typename Op::Input& in) {
    auto r = world_.remote<Op>("us-east-1", in);
    EXPECT_TRUE(r) << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string code(const typename Op::Input& in) {
    auto r = world_.remote<Op>("us-east-1", in);
    return r ? "no error" : r.error().code;
  }
  void define(const std::string& image = "lamp:1") {
    api::RegisterTaskDefinitionRequest in;
    in.family = "lamp", in.networkMode = "awsvpc", in.requiresCompatibilities = {"FARGATE"};
    in.cpu = "256", in.memory = "512", in.taskRoleArn = "arn:aws:iam::000000000000:role/task";
    auto& c = in.containerDefinitions.emplace().emplace_back();
    c.name = "web", c.image = image, c.portMappings = {api::PortMapping{80}};
    c.environment = {api::KeyValuePair{"DB_HOST", "db.example"}};
    must<op::RegisterTaskDefinition>(in);
  }
  void deploy(int count, bool breaker = false) {
    must<op::CreateCluster>({.clusterName = "main"});
    define();
    api::CreateServiceRequest in;
    in.cluster = "main", in.serviceName = "web", in.taskDefinition = "lamp", in.desiredCount = count;
    in.loadBalancers = {api::LoadBalancer{kGroup, {}, "web", 80}};
    in.networkConfiguration =
        api::NetworkConfiguration{api::AwsVpcConfiguration{std::vector<std::string>{"subnet-1"}}};
    if (breaker)
      in.deploymentConfiguration = api::DeploymentConfiguration{api::DeploymentCircuitBreaker{true, false}};
    must<op::CreateService>(in);
  }
  void scale(int count) {
    must<op::UpdateService>({.cluster = "main", .service = "web", .desiredCount = count});
  }
  api::Service web() {
    auto r = must<op::DescribeServices>({.cluster = "main", .services = std::vector<std::string>{"web"}});
    return r.services->at(0);
  }
  std::vector<api::Task> tasks(const std::string& desired = "RUNNING") {
    auto l = must<op::ListTasks>({.cluster = "main", .desiredStatus = desired});
    if (l.taskArns->empty()) return {};
    return *must<op::DescribeTasks>({.cluster = "main", .tasks = *l.taskArns}).tasks;
  }
  bool settles(int count) {
    return world_.advance_until([&] {
      auto s = web();
      return s.runningCount == count && s.deployments->size() == 1 &&
             s.deployments->at(0).rolloutState == "COMPLETED";
    });
  }
  TestWorld world_;
  container::SimulatedContainerPlane plane_;
  StandInBalancer balancer_;
  EcsService ecs_;
};

TEST_F(EcsTest, AServiceReachesItsSteadyStateBehindItsTargetGroup) {
  deploy(2);
  EXPECT_EQ(web().deployments->at(0).rolloutState, "IN_PROGRESS");
  ASSERT_TRUE(settles(2));
  EXPECT_EQ(balancer_.states.size(), 2u);
  EXPECT_NE(web().events->at(0).message->find("has reached a steady state"), std::string::npos);
  auto started = plane_.running();
  ASSERT_EQ(started.size(), 2u);
  EXPECT_EQ(started[0].env.at("DB_HOST"), "db.example");
  EXPECT_EQ(started[0].env.at("AWS_REGION"), "us-east-1");
  EXPECT_TRUE(started[0].env.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
  EXPECT_EQ(started[0].memory_bytes, 512 << 20);
}

TEST_F(EcsTest, APilotAtZeroIsLitAndPutOutAgain) {
  deploy(0);
  ASSERT_TRUE(settles(0));
  scale(2);
  ASSERT_TRUE(settles(2));
  EXPECT_EQ(tasks().at(0).lastStatus, "RUNNING");
  scale(0);
  ASSERT_TRUE(world_.advance_until([&] { return plane_.running().empty() && tasks("STOPPED").size() == 2; }));
  EXPECT_TRUE(balancer_.states.empty());
}

TEST_F(EcsTest, ATaskIsSeenInEachOfItsStates) {
  deploy(0);
  world_.run_until_idle();
  std::set<std::string> seen;
  TestWorld slow(Settings{.latency = Latency::kAws});
  container::SimulatedContainerPlane plane;
  EcsService ecs(slow, plane);
  slow.add(ecs);
  ecs.start();
  ASSERT_TRUE(slow.remote<op::CreateCluster>("us-east-1", {}));
  api::RegisterTaskDefinitionRequest d;
  d.family = "job", d.networkMode = "awsvpc", d.cpu = "256", d.memory = "512";
  d.containerDefinitions.emplace().emplace_back();
  (*d.containerDefinitions)[0].name = "job", (*d.containerDefinitions)[0].image = "job";
  ASSERT_TRUE(slow.remote<op::RegisterTaskDefinition>("us-east-1", d));
  api::RunTaskRequest run;
  run.taskDefinition = "job";
  run.networkConfiguration =
      api::NetworkConfiguration{api::AwsVpcConfiguration{std::vector<std::string>{"subnet-1"}}};
  auto t = slow.remote<op::RunTask>("us-east-1", run);
  ASSERT_TRUE(t) << t.error().text();
  std::vector<std::string> id{*t->tasks->at(0).taskArn};
  auto look = [&] {
    auto r = slow.remote<op::DescribeTasks>("us-east-1", {.tasks = id});
    seen.insert(*r->tasks->at(0).lastStatus);
    return *r->tasks->at(0).lastStatus;
  };
  ASSERT_TRUE(slow.advance_until([&] { return look() == "RUNNING"; }));
  EXPECT_EQ(seen, (std::set<std::string>{"PROVISIONING", "ACTIVATING", "RUNNING"}));
  plane.exit(id[0].substr(id[0].rfind('/') + 1) + "-0", 3);
  ASSERT_TRUE(slow.advance_until([&] { return look() == "STOPPED"; }));
  EXPECT_TRUE(seen.contains("DEACTIVATING") && seen.contains("DEPROVISIONING"));
  auto ended = slow.remote<op::DescribeTasks>("us-east-1", {.tasks = id})->tasks->at(0);
  EXPECT_EQ(ended.stopCode, "EssentialContainerExited");
  EXPECT_EQ(ended.containers->at(0).exitCode, 3);
}

TEST_F(EcsTest, ATaskThatDiesIsReplaced) {
  deploy(1);
  ASSERT_TRUE(settles(1));
  std::string first = plane_.running()[0].id;
  plane_.exit(first, 1);
  ASSERT_TRUE(
      world_.advance_until([&] { return plane_.running().size() == 1 && plane_.running()[0].id != first; }));
  ASSERT_TRUE(settles(1));
}

TEST_F(EcsTest, ATaskWhoseTargetIsUnhealthyIsReplaced) {
  deploy(1);
  ASSERT_TRUE(settles(1));
  std::string first = plane_.running()[0].id;
  balancer_.states.begin()->second = "unhealthy";
  ASSERT_TRUE(
      world_.advance_until([&] { return plane_.running().size() == 1 && plane_.running()[0].id != first; }));
  EXPECT_NE(tasks("STOPPED").at(0).stoppedReason->find("failed ELB health checks"), std::string::npos);
}

TEST_F(EcsTest, ANewDefinitionRollsOutWithoutAGap) {
  deploy(2);
  ASSERT_TRUE(settles(2));
  define("lamp:2");
  must<op::UpdateService>({.cluster = "main", .service = "web", .taskDefinition = "lamp"});
  EXPECT_EQ(web().deployments->size(), 2u);
  size_t fewest = 2;
  ASSERT_TRUE(world_.advance_until(
      [&] {
        fewest = std::min(fewest, balancer_.states.size());
        auto s = web();
        return s.deployments->size() == 1 && s.deployments->at(0).rolloutState == "COMPLETED";
      },
      Millis{1}));
  EXPECT_EQ(fewest, 2u);
  for (auto& s : plane_.running()) EXPECT_EQ(s.image, "lamp:2");
}

TEST_F(EcsTest, TheCircuitBreakerEndsADeploymentThatCannotStart) {
  plane_.fail_starts("no such program");
  deploy(2, true);
  ASSERT_TRUE(world_.advance_until([&] { return web().deployments->at(0).rolloutState == "FAILED"; }));
  auto dead = tasks("STOPPED");
  ASSERT_FALSE(dead.empty());
  EXPECT_EQ(dead[0].stopCode, "TaskFailedToStart");
  EXPECT_NE(dead[0].stoppedReason->find("no such program"), std::string::npos);
}

TEST_F(EcsTest, ALostRegionsContainersDieAndComeBackAsTheyWere) {
  deploy(2);
  ASSERT_TRUE(settles(2));
  auto before = tasks();
  world_.lose("us-east-1");
  EXPECT_TRUE(plane_.running().empty());
  world_.advance(std::chrono::seconds(5));
  EXPECT_TRUE(plane_.running().empty());
  world_.restore("us-east-1");
  ASSERT_TRUE(world_.advance_until([&] { return plane_.running().size() == 2; }));
  auto after = tasks();
  ASSERT_EQ(after.size(), 2u);
  EXPECT_EQ(after[0].taskArn, before[0].taskArn);
}

TEST_F(EcsTest, EverythingIsThereAgainAfterARestart) {
  deploy(2);
  ASSERT_TRUE(settles(2));
  ecs_.stop();
  TestWorld second({}, world_.ground());
  container::SimulatedContainerPlane plane;
  StandInBalancer balancer(second);
  EcsService again(second, plane);
  second.add(balancer), second.add(again);
  again.start();
  ASSERT_TRUE(
      second.advance_until([&] { return plane.running().size() == 2 && balancer.states.size() == 2; }));
}

TEST_F(EcsTest, CredentialsOfATaskAreThoseOfItsRoleAndEndWithIt) {
  deploy(1);
  ASSERT_TRUE(settles(1));
  EXPECT_TRUE(plane_.running()[0].env.contains("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
  EXPECT_NE(plane_.running()[0].env["ECS_CONTAINER_METADATA_URI_V4"].find("http://127.0.0.1:"),
            std::string::npos);
}

TEST_F(EcsTest, DeletingAServiceNeedsItAtZeroOrForce) {
  deploy(1);
  ASSERT_TRUE(settles(1));
  EXPECT_EQ(code<op::DeleteService>({.cluster = "main", .service = "web"}), "InvalidParameterException");
  EXPECT_EQ(code<op::DeleteCluster>({.cluster = "main"}), "ClusterContainsServicesException");
  must<op::DeleteService>({.cluster = "main", .service = "web", .force = true});
  ASSERT_TRUE(world_.advance_until([&] { return web().status == "INACTIVE"; }));
  must<op::DeleteCluster>({.cluster = "main"});
}

TEST_F(EcsTest, MistakesGetEcsOwnErrors) {
  EXPECT_EQ(code<op::ListTasks>({.cluster = "none"}), "ClusterNotFoundException");
  must<op::CreateCluster>({.clusterName = "main"});
  define();
  EXPECT_EQ(code<op::UpdateService>({.cluster = "main", .service = "web"}), "ServiceNotFoundException");
  EXPECT_EQ(code<op::DescribeTaskDefinition>({.taskDefinition = "none"}), "ClientException");
  api::CreateServiceRequest in;
  in.cluster = "main", in.serviceName = "web", in.taskDefinition = "lamp", in.desiredCount = 1;
  EXPECT_EQ(code<op::CreateService>(in), "InvalidParameterException");  // no network configuration
  EXPECT_EQ(code<op::StopTask>({.cluster = "main", .task = "0123"}), "InvalidParameterException");
}

TEST_F(EcsTest, ListsComeInPages) {
  for (int i = 0; i < 5; ++i) must<op::CreateCluster>({.clusterName = "c" + std::to_string(i)});
  auto first = must<op::ListClusters>({.maxResults = 3});
  ASSERT_TRUE(first.nextToken);
  auto second = must<op::ListClusters>({.nextToken = first.nextToken, .maxResults = 3});
  EXPECT_EQ(first.clusterArns->size() + second.clusterArns->size(), 5u);
  EXPECT_FALSE(second.nextToken);
  EXPECT_EQ(code<op::ListClusters>({.nextToken = "nonsense"}), "InvalidParameterException");
}

}  // namespace
}  // namespace relight::sandbox
