#include "sandbox/services/ecs/fargate.h"

#include <gtest/gtest.h>

namespace relight::sandbox::ecs {
namespace {

api::RegisterTaskDefinitionRequest definition(const std::string& cpu, const std::string& memory) {
  api::RegisterTaskDefinitionRequest in;
  in.family = "lamp";
  in.networkMode = "awsvpc";
  in.requiresCompatibilities = {"FARGATE"};
  in.cpu = cpu, in.memory = memory;
  in.containerDefinitions.emplace().emplace_back();
  (*in.containerDefinitions)[0].name = "web";
  (*in.containerDefinitions)[0].image = "lamp:latest";
  return in;
}

TEST(FargateTest, SizesAreReadInBothSpellings) {
  EXPECT_EQ(cpu_units("256"), 256);
  EXPECT_EQ(cpu_units(".5 vCPU"), 512);
  EXPECT_EQ(memory_mib("1 GB"), 1024);
  EXPECT_EQ(memory_mib("a lot"), 0);
}

TEST(FargateTest, OnlyAwsCombinationsOfCpuAndMemoryAreTaken) {
  for (auto [cpu, memory] : {std::pair{"256", "512"}, {"256", "2048"}, {"1 vCPU", "2 GB"}, {"4096", "30720"}})
    EXPECT_TRUE(check_definition(definition(cpu, memory))) << cpu << " " << memory;
  for (auto [cpu, memory] : {std::pair{"256", "4096"}, {"300", "512"}, {"1024", "1024"}, {"2048", "4608"}})
    EXPECT_FALSE(check_definition(definition(cpu, memory))) << cpu << " " << memory;
}

TEST(FargateTest, WhatIsMissingOrDoesNotFitIsAClientException) {
  auto no_image = definition("256", "512");
  (*no_image.containerDefinitions)[0].image.reset();
  auto bridge = definition("256", "512");
  bridge.networkMode = "bridge";
  auto ports = definition("256", "512");
  (*ports.containerDefinitions)[0].portMappings = {api::PortMapping{80, 8080}};
  auto idle = definition("256", "512");
  (*idle.containerDefinitions)[0].essential = false;
  auto ordered = definition("256", "512");
  (*ordered.containerDefinitions)[0].dependsOn = {api::ContainerDependency{"db", "HEALTHY"}};
  for (auto& in : {no_image, bridge, ports, idle, ordered}) {
    auto r = check_definition(in);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, "ClientException");
  }
}

}  // namespace
}  // namespace relight::sandbox::ecs
