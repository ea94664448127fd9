// Stacks that hold repositories and the registry's replication.
#include "sandbox/services/cloudformation/stack_test.h"
#include "sandbox/services/ecr/service.h"

namespace relight::sandbox::cfn {
namespace {
namespace ecr_api = aws::ecr;

struct RegistryStackTest : StackTest {
  void SetUp() override {
    StackTest::SetUp();
    registry_ = std::make_unique<EcrService>(*world_);
    world_->add(*registry_);
  }
  template <class Op>
  Result<typename Op::Output> ask(const typename Op::Input& in) {
    return world_->remote<Op>(kHome, in);
  }
  std::string mutability(const std::string& name) {
    auto r = ask<ecr_api::op::DescribeRepositories>({.repositoryNames = std::vector{name}});
    return r ? *r->repositories->front().imageTagMutability : r.error().code;
  }
  std::string lifecycle(const std::string& name) {
    auto r = ask<ecr_api::op::GetLifecyclePolicy>({.repositoryName = name});
    return r ? *r->lifecyclePolicyText : r.error().code;
  }
  std::unique_ptr<EcrService> registry_;
};

const std::string kPolicy =
    R"({"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":3},"action":{"type":"expire"}}]})";

std::string repository(const std::string& more) {
  return "Resources:\n  Images:\n    Type: AWS::ECR::Repository\n    Properties:\n" + more +
         "Outputs:\n  Uri: {Value: !GetAtt Images.RepositoryUri}\n  Arn: {Value: !GetAtt Images.Arn}\n";
}

TEST_F(RegistryStackTest, ARepositoryIsMadeWithItsPolicyChangedInPlaceAndRemoved) {
  auto with = "      LifecyclePolicy: {LifecyclePolicyText: '" + kPolicy + "'}\n";
  create("s", repository("      RepositoryName: lamp/web\n" + with));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  EXPECT_EQ(physical("s", "Images"), "lamp/web");
  EXPECT_EQ(mutability("lamp/web"), "MUTABLE");
  EXPECT_EQ(lifecycle("lamp/web"), kPolicy);
  EXPECT_EQ(update("s", repository("      RepositoryName: lamp/web\n      ImageTagMutability: IMMUTABLE\n")), "");
  ASSERT_EQ(status("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(mutability("lamp/web"), "IMMUTABLE");
  EXPECT_EQ(lifecycle("lamp/web"), "LifecyclePolicyNotFoundException");
  remove("s");
  rest();
  EXPECT_EQ(mutability("lamp/web"), "RepositoryNotFoundException");
}

TEST_F(RegistryStackTest, AGeneratedNameIsOneThatRepositoriesMayHave) {
  create("Stack-One", repository("      ImageTagMutability: IMMUTABLE\n"));
  ASSERT_EQ(status("Stack-One"), "CREATE_COMPLETE") << reasons("Stack-One");
  EXPECT_EQ(mutability(physical("Stack-One", "Images")), "IMMUTABLE");
}

TEST_F(RegistryStackTest, TheRegistrysReplicationIsSetAndTakenBack) {
  auto rules = [&] { return ask<ecr_api::op::DescribeRegistry>({})->replicationConfiguration->rules->size(); };
  create("r",
         "Resources:\n  Copies:\n    Type: AWS::ECR::ReplicationConfiguration\n    Properties:\n      ReplicationConfiguration:\n"
         "        Rules: [{Destinations: [{Region: us-west-2, RegistryId: '000000000000'}], RepositoryFilters: "
         "[{Filter: lamp, FilterType: PREFIX_MATCH}]}]\n");
  ASSERT_EQ(status("r"), "CREATE_COMPLETE") << reasons("r");
  EXPECT_EQ(physical("r", "Copies"), "000000000000");
  EXPECT_EQ(rules(), 1u);
  remove("r");
  rest();
  EXPECT_EQ(rules(), 0u);
}

}  // namespace
}  // namespace relight::sandbox::cfn
