#include "sandbox/services/iam/service.h"

#include "sandbox/services/iam/policy_document.h"
#include "sandbox/services/sts/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace iam = aws::iam;
namespace sts = aws::sts;
namespace op = aws::iam::op;

constexpr const char* kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com","AWS":"000000000000"},"Action":"sts:AssumeRole"}]})";
constexpr const char* kPolicy =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::b/*"}})";
constexpr const char* kEverything =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";

struct Iam : testing::Test {
  TestWorld world;
  IamService service{world};
  StsService sts_service{world};
  void SetUp() override {
    world.add(service);
    world.add(sts_service);
  }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in) {
    auto r = world.remote<Op>("us-east-1", in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in) {
    auto r = world.remote<Op>("us-east-1", in);
    return r ? "accepted" : r.error().code;
  }
  iam::Role make_role(const std::string& name) {
    iam::CreateRoleRequest in;
    in.RoleName = name;
    in.AssumeRolePolicyDocument = kTrust;
    return ok<op::CreateRole>(in).Role.value_or(iam::Role{});
  }
};

TEST_F(Iam, ARoleIsMadeReadAndRefusedTwice) {
  auto r = make_role("task");
  EXPECT_EQ(r.Arn, "arn:aws:iam::000000000000:role/task");
  EXPECT_TRUE(r.RoleId->starts_with("AROA"));
  EXPECT_TRUE(
      ok<op::GetRole>({.RoleName = "task"}).Role->AssumeRolePolicyDocument->starts_with("%7B%22Version"));
  EXPECT_EQ(refused<op::CreateRole>({.RoleName = "task", .AssumeRolePolicyDocument = kTrust}),
            "EntityAlreadyExists");
  EXPECT_EQ(refused<op::GetRole>({.RoleName = "none"}), "NoSuchEntity");
  EXPECT_EQ(refused<op::CreateRole>({.RoleName = "x", .AssumeRolePolicyDocument = "{"}),
            "MalformedPolicyDocument");
}

TEST_F(Iam, ARoleThatHoldsPoliciesIsNotDeleted) {
  make_role("task");
  ok<op::PutRolePolicy>({.RoleName = "task", .PolicyName = "p", .PolicyDocument = kPolicy});
  auto arn = *ok<op::CreatePolicy>({.PolicyName = "m", .PolicyDocument = kEverything}).Policy->Arn;
  ok<op::AttachRolePolicy>({.RoleName = "task", .PolicyArn = arn});
  EXPECT_EQ(
      refused<op::AttachRolePolicy>({.RoleName = "task", .PolicyArn = "arn:aws:iam::aws:policy/Nonsense"}),
      "NoSuchEntity");
  EXPECT_EQ(refused<op::DeleteRole>({.RoleName = "task"}), "DeleteConflict");
  EXPECT_EQ(refused<op::DeletePolicy>({.PolicyArn = arn}), "DeleteConflict");
  EXPECT_EQ(ok<op::ListAttachedRolePolicies>({.RoleName = "task"}).AttachedPolicies->at(0).PolicyName, "m");
  ok<op::DetachRolePolicy>({.RoleName = "task", .PolicyArn = arn});
  EXPECT_EQ(refused<op::DeleteRole>({.RoleName = "task"}), "DeleteConflict");
  ok<op::DeleteRolePolicy>({.RoleName = "task", .PolicyName = "p"});
  ok<op::DeleteRole>({.RoleName = "task"});
  ok<op::DeletePolicy>({.PolicyArn = arn});
}

TEST_F(Iam, ListsComeInPages) {
  for (auto name : {"a", "b", "c"}) make_role(name);
  iam::ListRolesRequest in;
  in.MaxItems = 2;
  auto first = ok<op::ListRoles>(in);
  EXPECT_EQ(first.Roles->size(), 2u);
  EXPECT_EQ(first.IsTruncated, true);
  in.Marker = first.Marker;
  auto second = ok<op::ListRoles>(in);
  EXPECT_EQ(second.Roles->at(0).RoleName, "c");
  EXPECT_EQ(second.IsTruncated, false);
}

TEST_F(Iam, APolicyHasVersionsAndOneDefault) {
  auto arn = *ok<op::CreatePolicy>({.PolicyName = "m", .PolicyDocument = kEverything}).Policy->Arn;
  ok<op::CreatePolicyVersion>({.PolicyArn = arn, .PolicyDocument = kPolicy, .SetAsDefault = true});
  EXPECT_EQ(ok<op::GetPolicy>({.PolicyArn = arn}).Policy->DefaultVersionId, "v2");
  EXPECT_EQ(refused<op::DeletePolicyVersion>({.PolicyArn = arn, .VersionId = "v2"}), "DeleteConflict");
  ok<op::DeletePolicyVersion>({.PolicyArn = arn, .VersionId = "v1"});
  EXPECT_EQ(ok<op::ListPolicyVersions>({.PolicyArn = arn}).Versions->size(), 1u);
}

TEST_F(Iam, AnAssumedRolesKeysAreKnownUntilTheyExpire) {
  auto role = make_role("task");
  sts::AssumeRoleRequest in;
  in.RoleArn = role.Arn;
  in.RoleSessionName = "me";
  in.DurationSeconds = 900;
  auto out = ok<sts::op::AssumeRole>(in);
  EXPECT_EQ(out.AssumedRoleUser->Arn, "arn:aws:sts::000000000000:assumed-role/task/me");
  auto p = world.principal(*out.Credentials->AccessKeyId);
  ASSERT_TRUE(p);
  EXPECT_EQ(p->session_token, out.Credentials->SessionToken);
  EXPECT_EQ(p->expires, world.clock.now() + std::chrono::seconds(900));
  in.RoleArn = "arn:aws:iam::000000000000:role/none";
  EXPECT_EQ(refused<sts::op::AssumeRole>(in), "AccessDenied");
}

TEST_F(Iam, StsInTheOtherRegionOutlivesIam) {
  auto role = make_role("task");
  world.lose("us-east-1");
  sts::AssumeRoleRequest in;
  in.RoleArn = role.Arn;
  in.RoleSessionName = "me";
  EXPECT_TRUE(world.remote<sts::op::AssumeRole>("us-west-2", in));
  EXPECT_FALSE(world.remote<op::ListRoles>("us-east-1", {}));
}

TEST_F(Iam, CallerIdentityIsTheSignersArn) {
  auto out = ok<sts::op::GetCallerIdentity>({});
  EXPECT_EQ(out.Account, "000000000000");
  EXPECT_EQ(out.UserId, "000000000000");
  EXPECT_EQ(out.Arn, "arn:aws:iam::000000000000:root");
}

std::string fault(std::string_view document, PolicyKind kind = PolicyKind::kIdentity) {
  auto r = check_policy(document, kind, 10240);
  return r ? "" : r.error().message;
}

TEST(PolicyDocument, FaultsAreNamed) {
  EXPECT_EQ(fault(kPolicy), "");
  EXPECT_EQ(fault(kTrust, PolicyKind::kTrust), "");
  EXPECT_EQ(fault("{"), "This policy contains invalid Json");
  EXPECT_EQ(fault(kTrust), "Policy document should not specify a principal.");
  EXPECT_EQ(fault(kPolicy, PolicyKind::kTrust), "Has prohibited field Resource");
  EXPECT_EQ(
      fault(
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"b"}]})"),
      "Resource b must be in ARN format or \"*\".");
  EXPECT_EQ(fault(R"({"Version":"2013-01-01","Statement":[]})"),
            "The policy must contain a valid version string");
  EXPECT_NE(fault(R"({"Statement":[)" + std::string(100'000, '[')), "");
}

TEST(PolicyDocument, AConditionThatCannotBeJudgedDoesNotAllow) {
  constexpr std::string_view conditional =
      R"({"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]})";
  EXPECT_FALSE(trusts(conditional, "arn:aws:iam::000000000000:root", "000000000000"));
  EXPECT_TRUE(trusts(kTrust, "arn:aws:iam::000000000000:root", "000000000000"));
}

}  // namespace
}  // namespace relight::sandbox
