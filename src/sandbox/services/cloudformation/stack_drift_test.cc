// Drift: what was changed behind a stack's back is found, and nothing else.
#include <algorithm>

#include "aws/gen/ec2.h"
#include "sandbox/services/cloudformation/drift.h"
#include "sandbox/services/cloudformation/stack_test.h"

namespace relight::sandbox::cfn {
namespace {

const std::string kDriftBody = R"(
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Door:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: the door
      VpcId: !Ref Vpc
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}]
)";

struct DriftTest : StackTest {
  std::string detect() {
    auto r = call<op::DetectStackDrift>({.StackName = "s"});
    if (!r) return r.error().message;
    auto now = [&] {
      return *call<op::DescribeStackDriftDetectionStatus>(
          {.StackDriftDetectionId = r->StackDriftDetectionId});
    };
    EXPECT_EQ(now().DetectionStatus, "DETECTION_IN_PROGRESS");
    EXPECT_NE(call<op::DetectStackDrift>({.StackName = "s"}).error().message.find("already in progress"),
              std::string::npos);
    rest();
    EXPECT_EQ(now().DetectionStatus, "DETECTION_COMPLETE") << now().DetectionStatusReason.value_or("");
    return now().StackDriftStatus.value_or("");
  }
  std::map<std::string, api::StackResourceDrift> drifts() {
    std::map<std::string, api::StackResourceDrift> out;
    auto page = call<op::DescribeStackResourceDrifts>({.StackName = "s"});
    for (auto& d : *page->StackResourceDrifts) out[*d.LogicalResourceId] = d;
    return out;
  }
  void open_port(int port) {
    aws::ec2::IpPermission p{.FromPort = port, .IpProtocol = "tcp", .ToPort = port};
    p.IpRanges = {{aws::ec2::IpRange{.CidrIp = "198.51.100.0/24"}}};
    aws::ec2::AuthorizeSecurityGroupIngressRequest in{.GroupId = physical("s", "Door")};
    in.IpPermissions = {{p}};
    ASSERT_TRUE(call<aws::ec2::op::AuthorizeSecurityGroupIngress>(in));
  }
};

TEST_F(DriftTest, AStackThatNobodyTouchedIsInSyncAndSaysSo) {
  create("s", kDriftBody);
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  EXPECT_EQ(shown("s").DriftInformation->StackDriftStatus, "NOT_CHECKED");
  EXPECT_EQ(detect(), "IN_SYNC");
  EXPECT_EQ(shown("s").DriftInformation->StackDriftStatus, "IN_SYNC");
  EXPECT_TRUE(shown("s").DriftInformation->LastCheckTimestamp);
  EXPECT_EQ(drifts()["Door"].StackResourceDriftStatus, "IN_SYNC");
}

TEST_F(DriftTest, ARuleThatSomebodyAddedIsADifferenceWithItsPath) {
  create("s", kDriftBody);
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  open_port(22);
  EXPECT_EQ(detect(), "DRIFTED");
  auto door = drifts()["Door"];
  EXPECT_EQ(door.StackResourceDriftStatus, "MODIFIED");
  ASSERT_EQ(door.PropertyDifferences->size(), 1u);
  EXPECT_EQ(door.PropertyDifferences->front().PropertyPath, "/SecurityGroupIngress");
  EXPECT_EQ(door.PropertyDifferences->front().DifferenceType, "NOT_EQUAL");
  EXPECT_EQ(drifts()["Vpc"].StackResourceDriftStatus, "IN_SYNC");
  restart();
  EXPECT_EQ(shown("s").DriftInformation->StackDriftStatus, "DRIFTED");
}

TEST_F(DriftTest, WhatSomebodyDeletedIsDeleted) {
  create("s", kDriftBody);
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  ASSERT_TRUE(call<aws::ec2::op::DeleteSecurityGroup>({.GroupId = physical("s", "Door")}));
  EXPECT_EQ(detect(), "DRIFTED");
  EXPECT_EQ(drifts()["Door"].StackResourceDriftStatus, "DELETED");
}

TEST(Masked, AValueThatIsNotToBeShownIsNotWithinAnythingThatIs) {
  Stack s;
  s.secrets = {"Word"};
  s.target.parameters = {{"Word", "open-sesame"}};
  Json v{{"a", Json::array({"x open-sesame", 1})}, {"b", true}};
  Json shown{{"a", Json::array({"x ****", 1})}, {"b", true}};
  EXPECT_EQ(masked_json(s, v), shown);
}

TEST(DriftOf, FormsOfTheSameThingAreNoDifferenceAndOtherFormsAreNotHeldAgainstEachOther) {
  std::vector<std::string> compared;
  Json expected{{"AllocatedStorage", "20"},
                {"EngineVersion", "10.11"},
                {"Fifo", true},
                {"Policy", {{"a", 1}}},
                {"Role", {{"Ref", "x"}}},
                {"Tags", Json::array({{{"Key", "k"}, {"Value", "v"}}})}};
  Json actual{{"AllocatedStorage", 20},
              {"EngineVersion", "10.11.9"},
              {"Fifo", "true"},
              {"Policy", R"({"a":1})"},
              {"Role", "text"},
              {"Tags", Json::array({{{"Key", "aws:x"}, {"Value", "y"}}, {{"Key", "k"}, {"Value", "v"}}})}};
  EXPECT_EQ(drift_of(expected, actual, &compared), std::vector<PropertyDrift>{});
  EXPECT_EQ(std::ranges::count(compared, "Role"), 0);
  EXPECT_EQ(compared.size(), 5u);
}

TEST(DriftOf, WhatIsMissingMoreOrOtherIsNamedByItsPath) {
  Json expected{{"Environment", {{"Variables", {{"A", "1"}, {"B", "2"}}}}},
                {"Timeout", 3},
                {"Gone", {{"Status", "Enabled"}}}};
  Json actual{{"Environment", {{"Variables", {{"A", "1"}, {"C", "3"}}}}}, {"Timeout", 5}, {"Gone", nullptr}};
  std::vector<std::string> said;
  for (auto& d : drift_of(expected, actual)) said.push_back(d.kind + " " + d.path);
  EXPECT_EQ(said, (std::vector<std::string>{"REMOVE /Environment/Variables/B", "ADD /Environment/Variables/C",
                                            "REMOVE /Gone", "NOT_EQUAL /Timeout"}));
}

}  // namespace
}  // namespace relight::sandbox::cfn
