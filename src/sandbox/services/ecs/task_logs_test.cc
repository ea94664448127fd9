#include "sandbox/services/ecs/task_logs.h"

#include <fstream>

#include "sandbox/planes/container/simulated_container_plane.h"
#include "sandbox/services/ecs/service.h"
#include "sandbox/services/logs/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox::ecs {
namespace {
namespace op = aws::ecs::op;
namespace lop = aws::logs::op;
constexpr const char* kLogsEast = "us-east-1";
constexpr const char* kLogsWest = "us-west-2";

struct TaskLogs : testing::Test {
  TestWorld world;
  container::SimulatedContainerPlane plane;
  LogsService logs{world};
  EcsService ecs{world, plane};
  void SetUp() override {
    world.add(logs), world.add(ecs);
    ecs.start();
    ASSERT_TRUE(world.remote<op::CreateCluster>(kLogsEast, {.clusterName = "main"}));
  }
  void group(const std::string& region = kLogsEast) {
    ASSERT_TRUE(world.remote<lop::CreateLogGroup>(region, {.logGroupName = "/lamp"}));
  }
  Result<api::RegisterTaskDefinitionResponse> define(std::map<std::string, std::string> more = {}) {
    api::RegisterTaskDefinitionRequest in;
    in.family = "lamp", in.networkMode = "awsvpc", in.requiresCompatibilities = {"FARGATE"};
    in.cpu = "256", in.memory = "512", in.executionRoleArn = "arn:aws:iam::000000000000:role/exec";
    auto& c = in.containerDefinitions.emplace().emplace_back();
    c.name = "web", c.image = "lamp:1";
    c.logConfiguration.emplace().logDriver = "awslogs";
    std::map<std::string, std::string> options{
        {"awslogs-group", "/lamp"}, {"awslogs-region", kLogsEast}, {"awslogs-stream-prefix", "app"}};
    for (auto& [k, v] : more) v.empty() ? void(options.erase(k)) : void(options[k] = v);
    c.logConfiguration->options = options;
    return world.remote<op::RegisterTaskDefinition>(kLogsEast, in);
  }
  api::Task run() {
    api::RunTaskRequest in{.cluster = "main"};
    in.taskDefinition = "lamp";
    in.networkConfiguration.emplace().awsvpcConfiguration.emplace().subnets = {"subnet-1"};
    auto r = world.remote<op::RunTask>(kLogsEast, in);
    EXPECT_TRUE(r) << r.error().text();
    world.advance(Millis{100});
    return shown(*(*r->tasks)[0].taskArn);
  }
  api::Task shown(const std::string& arn) {
    return (
        *world.remote<op::DescribeTasks>(kLogsEast, {.cluster = "main", .tasks = std::vector<std::string>{arn}})
             ->tasks)[0];
  }
  void write(const std::string& text) {
    std::ofstream(plane.running().at(0).log_path, std::ios::app) << text;
    world.advance(Millis{500});
  }
  std::vector<std::string> lines(const std::string& region = kLogsEast) {
    auto r = world.remote<lop::FilterLogEvents>(region, {.logGroupName = "/lamp"});
    std::vector<std::string> out;
    if (r)
      for (auto& e : *r->events) out.push_back(*e.message);
    return out;
  }
  using Lines = std::vector<std::string>;
};

TEST_F(TaskLogs, WhatAContainerWritesArrivesInItsOwnStream) {
  group();
  ASSERT_TRUE(define());
  auto task = run();
  EXPECT_EQ(task.lastStatus, "RUNNING");
  write("one\ntwo\nunfin");
  EXPECT_EQ(lines(), (Lines{"one", "two"}));
  write("ished\n\n");
  EXPECT_EQ(lines(), (Lines{"one", "two", "unfinished"}));
  auto streams = world.remote<lop::DescribeLogStreams>(kLogsEast, {.logGroupName = "/lamp"});
  std::string id = task.taskArn->substr(task.taskArn->rfind('/') + 1);
  EXPECT_EQ((*streams->logStreams)[0].logStreamName, "app/web/" + id);
}

TEST_F(TaskLogs, TheLastWordsOfATaskArriveThoughTheyEndNoLine) {
  group();
  ASSERT_TRUE(define());
  auto task = run();
  std::ofstream(plane.running().at(0).log_path, std::ios::app) << "why it died";
  plane.exit(plane.running().at(0).id, 1);
  world.advance(Millis{2'000});
  EXPECT_EQ(shown(*task.taskArn).lastStatus, "STOPPED");
  EXPECT_EQ(lines(), Lines{"why it died"});
}

TEST_F(TaskLogs, ATaskWhoseGroupIsMissingDoesNotStartUnlessItMayMakeIt) {
  ASSERT_TRUE(define());
  auto task = run();
  EXPECT_EQ(task.stopCode, "TaskFailedToStart");
  EXPECT_TRUE(task.stoppedReason->starts_with("ResourceInitializationError: failed to validate logger args"));
  EXPECT_NE(task.stoppedReason->find("The specified log group does not exist."), std::string::npos);
  EXPECT_TRUE(plane.running().empty());
  ASSERT_TRUE(define({{"awslogs-create-group", "true"}}));
  EXPECT_EQ(run().lastStatus, "RUNNING");
  write("hello\n");
  EXPECT_EQ(lines(), Lines{"hello"});
}

TEST_F(TaskLogs, ALogGroupOfALostRegionKeepsTheTaskFromStarting) {
  group(kLogsWest);
  ASSERT_TRUE(define({{"awslogs-region", kLogsWest}}));
  world.lose(kLogsWest);
  EXPECT_EQ(run().stopCode, "TaskFailedToStart");
}

TEST_F(TaskLogs, WhatCannotBeDeliveredWaits) {
  group(kLogsWest);
  ASSERT_TRUE(define({{"awslogs-region", kLogsWest}}));
  run();
  world.partition(kLogsEast, kLogsWest);
  write("during\n");
  EXPECT_TRUE(lines(kLogsWest).empty());
  world.heal(kLogsEast, kLogsWest);
  write("after\n");
  EXPECT_EQ(lines(kLogsWest), (Lines{"during", "after"}));
}

TEST_F(TaskLogs, AFileThatWasCutIsReadOnFromWhereItWas) {
  group();
  ASSERT_TRUE(define());
  run();
  write("first\nsecond\nthird\n");
  std::string path = plane.running().at(0).log_path;
  std::ofstream(path, std::ios::trunc) << "third\n";
  write("fourth\n");
  EXPECT_EQ(lines(), (Lines{"first", "second", "third", "fourth"}));
}

TEST_F(TaskLogs, ADriverWithoutItsOptionsIsRefused) {
  EXPECT_EQ(define({{"awslogs-group", ""}}).error().message,
            "Log driver awslogs requires options: awslogs-group");
  EXPECT_EQ(define({{"awslogs-stream-prefix", ""}}).error().code, "ClientException");
  EXPECT_EQ(define({{"awslogs-colour", "red"}}).error().code, "ClientException");
  EXPECT_EQ(define({{"awslogs-multiline-pattern", "^x"}}).error().code, "ClientException");
}

TEST_F(TaskLogs, NoLineIsTakenTwiceAfterARestart) {
  group();
  ASSERT_TRUE(define());
  run();
  write("before\n");
  TestWorld again({}, world.ground());
  container::SimulatedContainerPlane other;
  LogsService kept{again};
  EcsService restarted{again, other};
  again.add(kept), again.add(restarted);
  restarted.start();
  again.run_until_idle();
  ASSERT_EQ(other.running().size(), 1u);
  std::ofstream(other.running().at(0).log_path)
      << "before\nafter\n";  // the same file, in this world's directory
  again.advance(Millis{1'000});
  auto r = again.remote<lop::FilterLogEvents>(kLogsEast, {.logGroupName = "/lamp"});
  ASSERT_TRUE(r) << r.error().text();
  ASSERT_EQ(r->events->size(), 2u);
  EXPECT_EQ((*r->events)[1].message, "after");
}

}  // namespace
}  // namespace relight::sandbox::ecs
