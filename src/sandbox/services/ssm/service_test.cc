#include "sandbox/services/ssm/service.h"

#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::ssm;
namespace op = aws::ssm::op;
constexpr const char* kEast = "us-east-1";

struct Parameters : testing::Test {
  TestWorld world;
  SsmService service{world};
  void SetUp() override { world.add(service); }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in) {
    auto r = world.remote<Op>(kEast, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in) {
    auto r = world.remote<Op>(kEast, in);
    return r ? "accepted" : r.error().code;
  }
  api::PutParameterRequest put(const std::string& name, const std::string& value,
                               const std::string& type = "String") {
    api::PutParameterRequest in;
    in.Name = name;
    in.Value = value;
    in.Type = type;
    return in;
  }
  std::string value(const std::string& name, bool decrypt = false) {
    return ok<op::GetParameter>({.Name = name, .WithDecryption = decrypt}).Parameter->Value.value_or("none");
  }
};

TEST_F(Parameters, AVersionIsAddedOnlyWhenAskedTo) {
  EXPECT_EQ(ok<op::PutParameter>(put("/app/db", "one")).Version, 1);
  EXPECT_EQ(refused<op::PutParameter>(put("/app/db", "two")), "ParameterAlreadyExists");
  auto in = put("/app/db", "two");
  in.Overwrite = true;
  EXPECT_EQ(ok<op::PutParameter>(in).Version, 2);
  EXPECT_EQ(value("/app/db"), "two");
  EXPECT_EQ(value("/app/db:1"), "one");
  EXPECT_EQ(value("arn:aws:ssm:us-east-1:000000000000:parameter/app/db"), "two");
  EXPECT_EQ(refused<op::GetParameter>({.Name = "/app/db:3"}), "ParameterVersionNotFound");
  in.Type = "SecureString";
  EXPECT_EQ(refused<op::PutParameter>(in), "HierarchyTypeMismatchException");
  EXPECT_EQ(ok<op::GetParameterHistory>({.Name = "/app/db"}).Parameters->size(), 2u);
}

TEST_F(Parameters, ASecureStringIsShownOnlyWhenDecryptionIsAskedFor) {
  ok<op::PutParameter>(put("secret", "hunter2", "SecureString"));
  EXPECT_EQ(value("secret").find("hunter2"), std::string::npos);
  EXPECT_EQ(value("secret", true), "hunter2");
  EXPECT_EQ((*ok<op::GetParameterHistory>({.Name = "secret"}).Parameters)[0].Value->find("hunter2"),
            std::string::npos);
}

TEST_F(Parameters, NamesThatAwsRefusesAreRefused) {
  EXPECT_EQ(refused<op::PutParameter>(put("a b", "x")), "ValidationException");
  EXPECT_EQ(refused<op::PutParameter>(put("a/b", "x")), "ValidationException");
  EXPECT_EQ(refused<op::PutParameter>(put("/SSM/x", "x")), "ValidationException");
  EXPECT_EQ(refused<op::PutParameter>(put("/aws/x", "x")), "AccessDeniedException");
  EXPECT_EQ(refused<op::PutParameter>(put("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", "x")),
            "HierarchyLevelLimitExceededException");
  EXPECT_EQ(refused<op::PutParameter>(put("big", std::string(4097, 'x'))), "ValidationException");
  auto in = put("a", "x");
  in.Type.reset();
  EXPECT_EQ(refused<op::PutParameter>(in), "ValidationException");
  in = put("port", "abc");
  in.AllowedPattern = "^[0-9]+$";
  EXPECT_EQ(refused<op::PutParameter>(in), "ParameterPatternMismatchException");
  in.AllowedPattern = "(";
  EXPECT_EQ(refused<op::PutParameter>(in), "InvalidAllowedPatternException");
}

TEST_F(Parameters, APathHoldsItsOwnLevelOrAllBelow) {
  for (const char* n : {"/app/a", "/app/b", "/app/deep/c", "/apple"}) ok<op::PutParameter>(put(n, n));
  EXPECT_EQ(ok<op::GetParametersByPath>({.Path = "/app"}).Parameters->size(), 2u);
  EXPECT_EQ(ok<op::GetParametersByPath>({.Path = "/app/", .Recursive = true}).Parameters->size(), 3u);
  api::GetParametersByPathRequest in{.Path = "/app", .Recursive = true};
  in.MaxResults = 2;
  auto first = ok<op::GetParametersByPath>(in);
  in.NextToken = first.NextToken;
  EXPECT_EQ((*ok<op::GetParametersByPath>(in).Parameters)[0].Name, "/app/deep/c");
  EXPECT_EQ(refused<op::GetParametersByPath>({.Path = "app"}), "ValidationException");
  auto some = ok<op::GetParameters>({.Names = std::vector<std::string>{"/app/a", "/none"}});
  EXPECT_EQ(some.Parameters->size(), 1u);
  EXPECT_EQ(*some.InvalidParameters, std::vector<std::string>{"/none"});
}

TEST_F(Parameters, ALabelMovesBetweenVersions) {
  ok<op::PutParameter>(put("p", "one"));
  auto in = put("p", "two");
  in.Overwrite = true;
  ok<op::PutParameter>(in);
  ok<op::LabelParameterVersion>(
      {.Name = "p", .ParameterVersion = 1, .Labels = std::vector<std::string>{"live"}});
  EXPECT_EQ(value("p:live"), "one");
  auto out =
      ok<op::LabelParameterVersion>({.Name = "p", .Labels = std::vector<std::string>{"live", "1st", "awsx"}});
  EXPECT_EQ(out.InvalidLabels->size(), 2u);
  EXPECT_EQ(value("p:live"), "two");
}

TEST_F(Parameters, AreDescribedByFilterTaggedAndDeleted) {
  auto in = put("/app/a", "x");
  in.Tags = std::vector<api::Tag>{{.Key = "env", .Value = "prod"}};
  ok<op::PutParameter>(in);
  ok<op::PutParameter>(put("/app/b", "x", "SecureString"));
  auto by = [&](const std::string& key, const std::string& option, const std::string& v) {
    api::DescribeParametersRequest d;
    d.ParameterFilters = std::vector<api::ParameterStringFilter>{
        {.Key = key, .Option = option, .Values = std::vector<std::string>{v}}};
    return ok<op::DescribeParameters>(d).Parameters->size();
  };
  EXPECT_EQ(by("Name", "BeginsWith", "/app"), 2u);
  EXPECT_EQ(by("Type", "Equals", "SecureString"), 1u);
  EXPECT_EQ(by("tag:env", "Equals", "prod"), 1u);
  EXPECT_EQ(by("tag:env", "Equals", "dev"), 0u);
  EXPECT_EQ(
      ok<op::ListTagsForResource>({.ResourceType = "Parameter", .ResourceId = "/app/a"}).TagList->size(), 1u);
  EXPECT_EQ(refused<op::ListTagsForResource>({.ResourceType = "Parameter", .ResourceId = "/none"}),
            "InvalidResourceId");
  ok<op::DeleteParameter>({.Name = "/app/a"});
  EXPECT_EQ(refused<op::GetParameter>({.Name = "/app/a"}), "ParameterNotFound");
  EXPECT_EQ(refused<op::DeleteParameter>({.Name = "/app/a"}), "ParameterNotFound");
}

TEST_F(Parameters, SurviveARestart) {
  ok<op::PutParameter>(put("/app/a", "x"));
  TestWorld again({}, world.ground());
  SsmService restarted{again};
  again.add(restarted);
  EXPECT_EQ(again.remote<op::GetParameter>(kEast, {.Name = "/app/a"})->Parameter->Value, "x");
}

}  // namespace
}  // namespace relight::sandbox
