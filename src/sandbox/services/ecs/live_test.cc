// The ECS service over real containers, in a live world. The program runs itself inside a PID and mount
// namespace, so that nothing outlives it however it ends.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/process.h"
#include "sandbox/planes/container/runc_plane.h"
#include "sandbox/services/ecs/service.h"
#include "sandbox/world/live_world.h"

namespace relight::sandbox {
namespace {

namespace fs = std::filesystem;
namespace op = aws::ecs::op;
namespace api = aws::ecs;

class EcsLiveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "containers need root";
    std::string t = (fs::temp_directory_path() / "relight-ecs-XXXXXX").string();
    dir_ = ::mkdtemp(t.data());
    auto r = Process::run(
        {.argv = {"/usr/bin/python3", "examples/lamp/image/assemble", dir_ + "/images/lamp:latest"},
         .env = {{"PATH", "/usr/bin:/bin:/usr/sbin"}},
         .cwd = fs::current_path()},
        std::chrono::seconds(60));
    ASSERT_TRUE(r && r->code == 0) << (r ? r->output : r.error().text());
    auto w =
        LiveWorld::open({.dir = dir_, .regions = {"us-east-1"}, .slot = 13}, system_clock(), system_rng());
    ASSERT_TRUE(w) << w.error().text();
    world_ = std::move(*w);
    auto plane = container::RuncPlane::open(dir_, system_clock());
    ASSERT_TRUE(plane) << plane.error().text();
    plane_ = std::move(*plane);
    ecs_ = std::make_unique<EcsService>(*world_, *plane_);
    std::lock_guard g(world_->lock());
    world_->add_service(*ecs_);
    ecs_->start();
  }
  void TearDown() override {
    if (ecs_) {
      std::lock_guard g(world_->lock());
      ecs_->stop();
    }
    if (world_) world_->stop();
    ecs_.reset(), plane_.reset(), world_.reset();
    if (!dir_.empty()) fs::remove_all(dir_);
  }
  template <class Op>
  typename Op::Output must(const typename Op::Input& in) {
    std::lock_guard g(world_->lock());
    auto r = world_->call<Op>("us-east-1", in);
    EXPECT_TRUE(r) << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  bool until(const std::function<bool()>& wanted) {
    auto end = system_clock().monotonic() + std::chrono::seconds(30);
    while (!wanted() && system_clock().monotonic() < end) std::this_thread::yield();
    return wanted();
  }
  std::string shell(const std::string& task_arn, const std::string& script) {
    auto r = plane_->exec(task_arn.substr(task_arn.rfind('/') + 1) + "-0", {"/bin/sh", "-c", script},
                          std::chrono::seconds(20));
    return r ? "exit " + std::to_string(*r) : r.error().text();
  }
  std::string dir_;
  std::unique_ptr<LiveWorld> world_;
  std::unique_ptr<container::RuncPlane> plane_;
  std::unique_ptr<EcsService> ecs_;
};

TEST_F(EcsLiveTest, TheExamplePilotIsLitServesHasCredentialsAndIsPutOut) {
  must<op::CreateCluster>({.clusterName = "main"});
  api::RegisterTaskDefinitionRequest d;
  d.family = "lamp", d.networkMode = "awsvpc", d.requiresCompatibilities = {"FARGATE"};
  d.cpu = "1024", d.memory = "2048", d.taskRoleArn = "arn:aws:iam::000000000000:role/lamp-task";
  auto& c = d.containerDefinitions.emplace().emplace_back();
  c.name = "web", c.image = "registry.example/lamp:latest", c.portMappings = {api::PortMapping{80}};
  must<op::RegisterTaskDefinition>(d);
  api::CreateServiceRequest in;
  in.cluster = "main", in.serviceName = "web", in.taskDefinition = "lamp", in.desiredCount = 0;
  in.networkConfiguration =
      api::NetworkConfiguration{api::AwsVpcConfiguration{std::vector<std::string>{"subnet-1"}}};
  must<op::CreateService>(in);
  auto web = [&] {
    return must<op::DescribeServices>({.cluster = "main", .services = std::vector<std::string>{"web"}})
        .services->at(0);
  };
  ASSERT_TRUE(plane_->pull("lamp:latest"));

  auto called = system_clock().monotonic();
  must<op::UpdateService>({.cluster = "main", .service = "web", .desiredCount = 2});
  ASSERT_TRUE(until([&] { return web().runningCount == 2; })) << web().events->at(0).message.value_or("");
  auto took = std::chrono::duration_cast<Millis>(system_clock().monotonic() - called).count();
  RecordProperty("milliseconds_to_two_running", static_cast<int>(took));
  std::cout << "two tasks running after " << took << " ms (" << plane_->kind() << ")\n";

  auto arns = *must<op::ListTasks>({.cluster = "main"}).taskArns;
  for (auto& arn : arns)
    EXPECT_TRUE(until([&] { return shell(arn, "curl -sf http://$(hostname -i)/healthz") == "exit 0"; }));
  std::string ask =
      "curl -sf -H \"Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN\" $AWS_CONTAINER_CREDENTIALS_FULL_URI";
  EXPECT_EQ(shell(arns[0], ask), "exit 0");
  EXPECT_NE(shell(arns[0], "curl -sf $AWS_CONTAINER_CREDENTIALS_FULL_URI"), "exit 0");
  EXPECT_EQ(shell(arns[0], "curl -sf $ECS_CONTAINER_METADATA_URI_V4/task"), "exit 0");

  must<op::UpdateService>({.cluster = "main", .service = "web", .desiredCount = 0});
  EXPECT_TRUE(until([&] {
    auto l = must<op::ListTasks>({.cluster = "main", .desiredStatus = "STOPPED"});
    if (l.taskArns->size() != 2) return false;
    auto t = must<op::DescribeTasks>({.cluster = "main", .tasks = *l.taskArns});
    return t.tasks->size() == 2 && t.tasks->at(0).lastStatus == "STOPPED" &&
           t.tasks->at(1).lastStatus == "STOPPED";
  }));
  EXPECT_EQ(web().runningCount, 0);
}

}  // namespace
}  // namespace relight::sandbox

int main(int argc, char** argv) {
  if (::geteuid() == 0 && ::getenv("RELIGHT_NAMESPACE") == nullptr) {
    ::setenv("RELIGHT_NAMESPACE", "own", 1);
    std::vector<char*> args;
    for (const char* a : {"unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"})
      args.push_back(const_cast<char*>(a));
    for (int i = 0; i < argc; ++i) args.push_back(argv[i]);
    args.push_back(nullptr);
    ::execv("/usr/bin/unshare", args.data());
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
