// Stacks with option groups, over the real RDS.
#include "sandbox/planes/sql/simulated_sql_plane.h"
#include "sandbox/services/cloudformation/stack_test.h"
#include "sandbox/services/rds/service.h"

namespace relight::sandbox::cfn {
namespace {
namespace rop = aws::rds::op;

struct OptionStackTest : StackTest {
  void SetUp() override {
    StackTest::SetUp();
    databases_ = std::make_unique<RdsService>(*world_, plane_);
    world_->add(*databases_);
  }
  void TearDown() override { databases_.reset(); }
  std::string settled(const std::string& name) {
    for (int n = 0; n < 10; ++n) rest();
    return status(name);
  }
  std::map<std::string, std::string> audit() {
    return plane_.instances.empty() ? std::map<std::string, std::string>{} : plane_.instances.begin()->second.audit;
  }
  size_t groups() { return call<rop::DescribeOptionGroups>({})->OptionGroupsList->size() - 1; }
  std::string drift(const std::string& stack) {
    auto found = call<op::DetectStackDrift>({.StackName = stack});
    rest();
    return *call<op::DescribeStackDriftDetectionStatus>({.StackDriftDetectionId = found->StackDriftDetectionId})
                ->StackDriftStatus;
  }
  SimulatedSqlPlane plane_;
  std::unique_ptr<RdsService> databases_;
};

std::string option_stack(const std::string& options, const std::string& group = "!Ref Options") {
  return "Resources:\n  Options:\n    Type: AWS::RDS::OptionGroup\n"
         "    Properties:\n      EngineName: mariadb\n      MajorEngineVersion: '10.11'\n      OptionGroupDescription: d\n" + options +
         "  Database:\n    Type: AWS::RDS::DBInstance\n    DeletionPolicy: Delete\n"
         "    Properties: {Engine: mariadb, DBInstanceClass: db.t3.micro, AllocatedStorage: 20, MasterUsername: admin,\n"
         "      MasterUserPassword: correct-horse-1, OptionGroupName: " + group + "}\n";
}

std::string audited(const std::string& events) {
  return "      OptionConfigurations:\n        - OptionName: MARIADB_AUDIT_PLUGIN\n"
         "          OptionSettings: [{Name: SERVER_AUDIT_EVENTS, Value: '" + events + "'}]\n";
}

TEST_F(OptionStackTest, AGroupsOptionsComeChangeAndGoWithTheDatabaseThatUsesThem) {
  create("s", option_stack(audited("CONNECT")));
  ASSERT_EQ(settled("s"), "CREATE_COMPLETE") << reasons("s");
  EXPECT_EQ(audit()["server_audit_events"], "CONNECT");
  EXPECT_TRUE(physical("s", "Options").starts_with("s-options-")) << physical("s", "Options");
  EXPECT_EQ(drift("s"), "IN_SYNC");
  EXPECT_EQ(update("s", option_stack(audited("CONNECT,QUERY"))), "");
  ASSERT_EQ(settled("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_EQ(audit()["server_audit_events"], "CONNECT,QUERY");
  EXPECT_EQ(update("s", option_stack("")), "");
  ASSERT_EQ(settled("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_TRUE(audit().empty());
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(settled("s"), "gone") << reasons("s");
  EXPECT_EQ(groups(), 0u);
}

TEST_F(OptionStackTest, AGroupThatTheDatabaseHasLeftStaysUntilItsAutomatedSnapshotsAreGone) {
  create("s", option_stack(audited("CONNECT")));
  ASSERT_EQ(settled("s"), "CREATE_COMPLETE") << reasons("s");
  EXPECT_EQ(update("s", option_stack(audited("CONNECT"), "'default:mariadb-10-11'")), "");
  ASSERT_EQ(settled("s"), "UPDATE_COMPLETE") << reasons("s");
  EXPECT_TRUE(audit().empty());
  // Nothing names the group any more: both go at once, and the snapshots with the database.
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(settled("s"), "DELETE_FAILED");
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(settled("s"), "gone") << reasons("s");
  EXPECT_EQ(groups(), 0u);
}

TEST_F(OptionStackTest, AnOptionThatWasChangedByHandIsDrift) {
  create("s", option_stack(audited("CONNECT")));
  ASSERT_EQ(settled("s"), "CREATE_COMPLETE") << reasons("s");
  aws::rds::OptionConfiguration other{.OptionName = "MARIADB_AUDIT_PLUGIN",
                                      .OptionSettings = {{{.Name = "SERVER_AUDIT_FILE_ROTATIONS", .Value = "3"}}}};
  ASSERT_TRUE(call<rop::ModifyOptionGroup>({.OptionGroupName = physical("s", "Options"), .OptionsToInclude = {{other}}}));
  EXPECT_EQ(drift("s"), "DRIFTED");
}

TEST_F(OptionStackTest, AGroupThatASnapshotBelongsToStopsTheStacksRemoval) {
  create("s", option_stack(audited("CONNECT")));
  ASSERT_EQ(settled("s"), "CREATE_COMPLETE") << reasons("s");
  auto id = physical("s", "Database");
  ASSERT_TRUE(call<rop::CreateDBSnapshot>({.DBSnapshotIdentifier = "by-hand", .DBInstanceIdentifier = id}));
  rest();
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(settled("s"), "DELETE_FAILED");
  EXPECT_NE(reasons("s").find("in use"), std::string::npos) << reasons("s");
}

TEST_F(OptionStackTest, AnUnknownSettingFailsTheStackAndLeavesNoGroup) {
  create("s", option_stack("      OptionConfigurations: [{OptionName: MEMCACHED}]\n"));
  EXPECT_EQ(settled("s"), "ROLLBACK_COMPLETE");
  EXPECT_EQ(groups(), 0u);
}

}  // namespace
}  // namespace relight::sandbox::cfn
