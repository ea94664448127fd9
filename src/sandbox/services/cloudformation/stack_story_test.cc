#include <algorithm>

#include "sandbox/services/cloudformation/stack_test.h"

namespace relight::sandbox::cfn {
namespace {

using testing::Test;

std::string net(const std::string& vpc = "10.0.0.0/16", const std::string& subnet = "10.0.1.0/24", const std::string& more = "") {
  return "Resources:\n  Net: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: " + vpc + "}}\n"
         "  Part: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !Ref Net, CidrBlock: " + subnet + "}}\n" + more +
         "Outputs:\n  Net: {Value: !Ref Net}\n";
}

std::string database(const std::string& attributes, const std::string& properties) {
  bool replica = properties.find("Source") != std::string::npos;  // which takes its engine from its source
  return "Resources:\n  Db: {Type: 'AWS::RDS::DBInstance', " + attributes + "Properties: {DBInstanceClass: db.t3.micro, " +
         (replica ? "" : "Engine: mariadb, ") + properties + "}}\n";
}

bool before(const std::vector<std::string>& events, const std::string& first, const std::string& second) {
  auto a = std::find(events.begin(), events.end(), first), b = std::find(events.begin(), events.end(), second);
  return a < b && b != events.end();
}

TEST_F(StackTest, AStackComesUpInOrderAndGoesInReverse) {
  create("s", net());
  ASSERT_EQ(status("s"), "CREATE_COMPLETE");
  EXPECT_TRUE(before(happened("s"), "Net CREATE_COMPLETE", "Part CREATE_IN_PROGRESS"));
  EXPECT_EQ(output("s", "Net"), physical("s", "Net"));
  std::string id = *shown("s").StackId;
  EXPECT_EQ(remove("s"), "");
  EXPECT_EQ(status(id), "DELETE_COMPLETE");
  EXPECT_TRUE(before(happened(id), "Part DELETE_COMPLETE", "Net DELETE_IN_PROGRESS"));
  EXPECT_EQ(vpcs(), 0u);
}

TEST_F(StackTest, TheTemplateIsParsedOncePerOperation) {
  create("s", net());
  ASSERT_EQ(status("s"), "CREATE_COMPLETE");
  EXPECT_EQ(cfn_->engine().parses(), 1u);
}

TEST_F(StackTest, AFailureRollsBackAndSaysWhichResourceAndWhy) {
  create("s", net("10.0.0.0/16", "10.9.0.0/24"));
  EXPECT_EQ(status("s"), "ROLLBACK_COMPLETE");
  auto events = happened("s");
  EXPECT_TRUE(before(events, "Part CREATE_FAILED", "Net DELETE_COMPLETE"));
  EXPECT_NE(reasons("s").find("The following resource(s) failed to create: [Part]. Rollback requested by user."), std::string::npos);
  EXPECT_NE(reasons("s").find("InvalidSubnet.Range"), std::string::npos);
  EXPECT_EQ(vpcs(), 0u);
  EXPECT_NE(update("s", net()).find("is in ROLLBACK_COMPLETE state and can not be updated"), std::string::npos);
}

TEST_F(StackTest, AReplacementStandsBeforeTheOldOneGoes) {
  create("s", net());
  ASSERT_EQ(status("s"), "CREATE_COMPLETE");
  std::string old = physical("s", "Net");
  EXPECT_EQ(update("s", net("10.7.0.0/16", "10.7.1.0/24")), "");
  EXPECT_EQ(status("s"), "UPDATE_COMPLETE");
  EXPECT_NE(physical("s", "Net"), old);
  EXPECT_EQ(vpcs(), 1u);
  auto events = happened("s");
  EXPECT_TRUE(before(events, "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Net DELETE_COMPLETE"));
  EXPECT_TRUE(before(events, "Part DELETE_COMPLETE", "Net DELETE_COMPLETE"));
}

TEST_F(StackTest, AnUpdateThatFailsPutsTheOldOneBackAndRemovesTheNew) {
  create("s", net());
  ASSERT_EQ(status("s"), "CREATE_COMPLETE");
  std::string net_before = physical("s", "Net"), part_before = physical("s", "Part");
  EXPECT_EQ(update("s", net("10.7.0.0/16", "10.8.1.0/24")), "");
  EXPECT_EQ(status("s"), "UPDATE_ROLLBACK_COMPLETE") << reasons("s");
  EXPECT_EQ(physical("s", "Net"), net_before);
  EXPECT_EQ(physical("s", "Part"), part_before);
  EXPECT_EQ(vpcs(), 1u);
  EXPECT_EQ(update("s", net()), "No updates are to be performed.");
}

TEST_F(StackTest, ChangedPropertiesGoBackWithTheRollback) {
  auto body = [](const std::string& size, const std::string& bad) {
    return "Resources:\n  Db: {Type: 'AWS::RDS::DBInstance', Properties: {Engine: mariadb, DBInstanceClass: " + size + "}}\n"
           "  Net: {Type: 'AWS::EC2::VPC', DependsOn: Db, Properties: {CidrBlock: " + bad + "}}\n";
  };
  create("s", body("db.t3.micro", "10.0.0.0/16"));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE");
  EXPECT_EQ(update("s", body("db.t3.large", "10.0.0.0/2")), "");
  EXPECT_EQ(status("s"), "UPDATE_ROLLBACK_COMPLETE");
  std::string id = physical("s", "Db");
  std::vector<std::string> wanted{"create " + id, "modify " + id + " db.t3.large", "modify " + id + " db.t3.micro"};
  EXPECT_EQ(rds_->calls, wanted);
}

TEST_F(StackTest, ADatabaseIsSnapshotUnlessItsPolicySaysOtherwise) {
  create("s", database("", "DBInstanceIdentifier: first"));
  create("d", database("DeletionPolicy: Delete, ", "DBInstanceIdentifier: second"));
  create("r", database("DeletionPolicy: Retain, ", "DBInstanceIdentifier: third"));
  rest();
  for (const char* name : {"s", "d", "r"}) EXPECT_EQ(remove(name), "");
  rest();
  rds_->calls.erase(rds_->calls.begin(), rds_->calls.begin() + 3);
  ASSERT_EQ(rds_->calls.size(), 2u);
  std::sort(rds_->calls.begin(), rds_->calls.end());
  EXPECT_TRUE(rds_->calls[0].starts_with("delete first snapshot s-snapshot-Db-")) << rds_->calls[0];
  EXPECT_EQ(rds_->calls[1], "delete second");
  EXPECT_TRUE(rds_->databases.contains("third"));
}

TEST_F(StackTest, AReplicasDeletionPolicyIsIgnoredUntilItIsPromoted) {
  create("s", database("DeletionPolicy: Retain, ", "DBInstanceIdentifier: copy, SourceDBInstanceIdentifier: origin"));
  create("p", database("DeletionPolicy: Retain, ", "DBInstanceIdentifier: promoted, SourceDBInstanceIdentifier: origin"));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  ASSERT_EQ(status("p"), "CREATE_COMPLETE");
  rds_->databases["promoted"].ReadReplicaSourceDBInstanceIdentifier.reset();
  remove("s");
  remove("p");
  rest();
  EXPECT_FALSE(rds_->databases.contains("copy"));
  EXPECT_TRUE(rds_->databases.contains("promoted"));
}

TEST_F(StackTest, RetainExceptOnCreateGoesWithTheRollbackThatEndsItsCreation) {
  std::string more = "  Kept: {Type: 'AWS::EC2::VPC', DeletionPolicy: RetainExceptOnCreate, Properties: {CidrBlock: 10.5.0.0/16}}\n";
  create("bad", net("10.0.0.0/16", "10.9.0.0/24", more));
  EXPECT_EQ(status("bad"), "ROLLBACK_COMPLETE");
  EXPECT_EQ(vpcs(), 0u);
  create("good", net("10.0.0.0/16", "10.0.1.0/24", more));
  EXPECT_EQ(status("good"), "CREATE_COMPLETE");
  remove("good");
  rest();
  EXPECT_EQ(vpcs(), 1u);
}

TEST_F(StackTest, ASnapshotPolicyOnWhatHasNoneIsRefused) {
  EXPECT_NE(refused("Resources:\n  N: {Type: 'AWS::EC2::VPC', DeletionPolicy: Snapshot, Properties: {CidrBlock: 10.0.0.0/16}}\n")
                .find("does not support deletion policy Snapshot"), std::string::npos);
  EXPECT_NE(refused("Resources:\n  N: {Type: 'AWS::EC2::VPC', DeletionPolicy: Keep}\n").find("Unrecognized DeletionPolicy Keep"), std::string::npos);
}

// AWS::RDS::DBInstance, SourceDBInstanceIdentifier: see the table.
TEST_F(StackTest, WithoutItsSourceAReplicaIsReplacedByAnEmptyDatabaseUnlessItHasAName) {
  create("s", database("UpdateReplacePolicy: Retain, ", "SourceDBInstanceIdentifier: origin"));
  create("n", database("UpdateReplacePolicy: Retain, ", "DBInstanceIdentifier: named, SourceDBInstanceIdentifier: origin"));
  rest();
  std::string replica = physical("s", "Db");
  EXPECT_EQ(update("s", database("UpdateReplacePolicy: Retain, ", "MasterUsername: a")), "");
  EXPECT_EQ(update("n", database("UpdateReplacePolicy: Retain, ", "DBInstanceIdentifier: named, MasterUsername: a")), "");
  EXPECT_EQ(status("s"), "UPDATE_COMPLETE");
  EXPECT_NE(physical("s", "Db"), replica);
  EXPECT_TRUE(rds_->databases.contains(replica)) << "Retain keeps it";
  EXPECT_EQ(status("n"), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_NE(reasons("n").find("cannot update a stack when a custom-named resource requires replacing. Rename named"), std::string::npos);
}

TEST_F(StackTest, WhatWillNotGoFailsTheDeletionAndCanBeRetained) {
  create("s", database("DeletionPolicy: Delete, ", "DBInstanceIdentifier: stuck"));
  rest();
  rds_->undeletable = {"stuck"};
  std::string id = *shown("s").StackId;
  remove("s");
  EXPECT_EQ(status("s"), "DELETE_FAILED");
  EXPECT_NE(reasons("s").find("The following resource(s) failed to delete: [Db]."), std::string::npos);
  api::DeleteStackInput in;
  in.StackName = "s";
  in.RetainResources = std::vector<std::string>{"Db"};
  EXPECT_TRUE(call<op::DeleteStack>(in));
  EXPECT_EQ(status(id), "DELETE_COMPLETE");
  EXPECT_TRUE(rds_->databases.contains("stuck"));
}

TEST_F(StackTest, AnExportInUseNeitherChangesNorGoes) {
  auto out = [](const std::string& cidr, const std::string& outputs) {
    return "Resources:\n  N: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: " + cidr + "}}\n" + outputs;
  };
  std::string shared = "Outputs:\n  N: {Value: !Ref N, Export: {Name: shared}}\n";
  create("giver", out("10.0.0.0/16", shared));
  rest();
  create("taker", "Resources:\n  P: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !ImportValue shared, CidrBlock: 10.0.1.0/24}}\n");
  EXPECT_EQ(status("taker"), "CREATE_COMPLETE");
  EXPECT_EQ(remove("giver"), "Delete canceled. Cannot delete export shared as it is in use by taker.");
  EXPECT_EQ(update("giver", out("10.0.0.0/16", "")), "");
  EXPECT_EQ(status("giver"), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_NE(reasons("giver").find("Export shared cannot be deleted as it is in use by taker"), std::string::npos);
  create("rival", out("10.4.0.0/16", shared));
  EXPECT_EQ(status("rival"), "ROLLBACK_COMPLETE");
  EXPECT_NE(reasons("rival").find("Export with name shared is already exported by stack giver."), std::string::npos);
  EXPECT_TRUE(call<op::ListImports>({.ExportName = "shared"}));
  remove("taker");
  rest();
  EXPECT_EQ(remove("giver"), "");
}

TEST_F(StackTest, AChangeSetMakesAStackAndOneWithoutChangesFailsInAwsWords) {
  api::CreateChangeSetInput in;
  in.StackName = "s";
  in.ChangeSetName = "first";
  in.ChangeSetType = "CREATE";
  in.TemplateBody = net();
  ASSERT_TRUE(call<op::CreateChangeSet>(in));
  EXPECT_EQ(status("s"), "REVIEW_IN_PROGRESS");
  api::ExecuteChangeSetInput go;
  go.StackName = "s";
  go.ChangeSetName = "first";
  ASSERT_TRUE(call<op::ExecuteChangeSet>(go));
  EXPECT_EQ(status("s"), "CREATE_COMPLETE");
  in.ChangeSetName = "second";
  in.ChangeSetType = "UPDATE";
  ASSERT_TRUE(call<op::CreateChangeSet>(in));
  rest();
  auto d = call<op::DescribeChangeSet>({.ChangeSetName = "second", .StackName = "s"});
  ASSERT_TRUE(d);
  EXPECT_EQ(d->Status, "FAILED");
  EXPECT_EQ(d->StatusReason, "The submitted information didn't contain changes. Submit different information to create a change set.");
  go.ChangeSetName = "second";
  EXPECT_FALSE(call<op::ExecuteChangeSet>(go));
}

TEST_F(StackTest, AStackGoesOnAfterTheSandboxHasDied) {
  create("s", net());
  world_->advance(Millis{1});  // some of it
  restart();
  EXPECT_EQ(status("s"), "CREATE_COMPLETE");
  EXPECT_EQ(vpcs(), 1u);
}

TEST_F(StackTest, UnknownAndReadOnlyPropertiesAreRefusedWithTheResourcesName) {
  create("u", "Resources:\n  N: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16, Colour: red}}\n");
  create("r", "Resources:\n  N: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16, VpcId: vpc-1}}\n");
  EXPECT_EQ(status("u"), "ROLLBACK_COMPLETE");
  EXPECT_NE(reasons("u").find("Properties validation failed for resource N with message:\n[#: extraneous key [Colour] is not permitted]"), std::string::npos);
  EXPECT_EQ(status("r"), "ROLLBACK_COMPLETE");
  EXPECT_NE(reasons("r").find("read-only property [VpcId]"), std::string::npos);
}

TEST_F(StackTest, ASecretParameterIsShownNowhere) {
  create("s", "Parameters:\n  Password: {Type: String, NoEcho: true}\nResources:\n  N: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: !Ref Password}}\n",
         {{.ParameterKey = "Password", .ParameterValue = "correct-horse"}});
  EXPECT_EQ(status("s"), "ROLLBACK_COMPLETE");
  EXPECT_EQ(shown("s").Parameters->at(0).ParameterValue, "****");
  EXPECT_EQ(reasons("s").find("correct-horse"), std::string::npos) << reasons("s");
}

TEST_F(StackTest, ParametersKeepToTheirConstraints) {
  auto with = [&](const std::string& definition, const std::string& value) {
    return refused("Parameters:\n  P: {" + definition + "}\nResources:\n  N: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n",
                   {{.ParameterKey = "P", .ParameterValue = value}});
  };
  EXPECT_EQ(with("Type: String, AllowedPattern: '[a-z]+'", "A1"), "Parameter 'P' must match pattern [a-z]+");
  EXPECT_EQ(with("Type: String, MinLength: 3", "ab"), "Parameter 'P' must contain at least 3 characters");
  EXPECT_EQ(with("Type: String, AllowedValues: [x, y]", "z"), "Parameter 'P' must be one of AllowedValues");
  EXPECT_EQ(with("Type: Number, MaxValue: 5", "6"), "Parameter 'P' must be a number not greater than 5");
  EXPECT_EQ(with("Type: String, MinLength: 3, ConstraintDescription: be long", "ab"), "Parameter P failed to satisfy constraint: be long");
}

TEST_F(StackTest, TemplatesBeyondTheLimitsAreRefused) {
  std::string many = "Resources:\n";
  for (int i = 0; i < 501; ++i) many += "  R" + std::to_string(i) + ": {Type: 'AWS::EC2::VPC'}\n";
  EXPECT_NE(refused(many).find("Number of resources, 501, is greater than maximum allowed, 500"), std::string::npos);
  EXPECT_NE(refused(net() + "# " + std::string(51'200, 'x') + "\n").find("less than or equal to 51200"), std::string::npos);
  EXPECT_NE(refused("Resources:\n  A: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !GetAtt Nobody.Id}}\n").find("undefined resource Nobody"), std::string::npos);
}

TEST_F(StackTest, WhatItsConditionDeniesIsNotMadeAndNoValueLeavesThePropertyOut) {
  create("s", "Conditions: {Never: !Equals [a, b]}\nResources:\n  N: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16, InstanceTenancy: !If [Never, dedicated, !Ref 'AWS::NoValue']}}\n"
              "  M: {Type: 'AWS::EC2::VPC', Condition: Never, Properties: {CidrBlock: 10.1.0.0/16}}\n");
  EXPECT_EQ(status("s"), "CREATE_COMPLETE");
  EXPECT_EQ(vpcs(), 1u);
}

}  // namespace
}  // namespace relight::sandbox::cfn
