#include "dr/planning/pilot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/planning/pilot_draft.h"
#include "dr/planning/pilot_example.h"
#include "dr/planning/pilot_names.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

PilotPolicy policy() {
  return {.region = "us-west-2",
          .primary_stack = "lamp-primary",
          .stack = "lamp-pilot",
          .domain = "www.lamp.example",
          .flag_key = "relight/failover"};
}

class PilotStory : public testing::Test {
 protected:
  Inventory inventory = example_inventory();
  PilotPolicy wanted = policy();
  Pilot pilot;

  void plan() {
    auto p = plan_pilot(inventory, wanted);
    ASSERT_TRUE(p) << p.error().text();
    pilot = *p;
  }
  Resource& captured(const std::string& kind, const std::string& id = "") {
    return *std::ranges::find_if(
        inventory.resources, [&](auto& r) { return r.key.kind == kind && (id.empty() || r.key.id == id); });
  }
  void set(const std::string& kind, const std::string& id, const char* pointer, Json value) {
    auto& r = captured(kind, id);
    auto j = Json::parse(r.properties);
    j[Json::json_pointer(pointer)] = std::move(value);
    r.properties = j.dump();
  }
  void add(Resource r) {
    inventory.resources.push_back(std::move(r));
    std::ranges::sort(inventory.resources, {}, &Resource::key);
  }
  const PilotResource* resource(const std::string& type, const std::string& id = "") {
    auto it = std::ranges::find_if(pilot.resources,
                                   [&](auto& r) { return r.type == type && (id.empty() || r.id == id); });
    return it == pilot.resources.end() ? nullptr : &*it;
  }
  Json properties(const std::string& type, const std::string& id = "") {
    auto* r = resource(type, id);
    return r ? Json::parse(r->properties) : Json();
  }
  Json variable(const std::string& name) {
    auto task = properties("AWS::ECS::TaskDefinition");
    for (auto& e : task["ContainerDefinitions"][0]["Environment"])
      if (e["Name"] == name) return e["Value"];
    return {};
  }
  Json output(const std::string& name) {
    for (auto& o : pilot.outputs)
      if (o.name == name) return Json::parse(o.value);
    return {};
  }
  bool says(const std::string& word) {
    return std::ranges::any_of(pilot.untranslated, [&](auto& u) {
      return (u.from.id + " " + u.what + ": " + u.why).find(word) != std::string::npos;
    });
  }
  Error refused() {
    auto p = plan_pilot(inventory, wanted);
    return p ? Error{} : p.error();
  }
};

TEST_F(PilotStory, TheSameInventoryMakesTheSamePilot) {
  plan();
  auto first = pilot;
  plan();
  EXPECT_EQ(pilot, first);
}

TEST_F(PilotStory, NothingRunsButTheReplica) {
  plan();
  EXPECT_EQ(properties("AWS::ECS::Service")["DesiredCount"], 0);
  auto db = properties("AWS::RDS::DBInstance");
  EXPECT_EQ(db["SourceDBInstanceIdentifier"], "arn:aws:rds:us-east-1:111122223333:db:lamp-primary-db");
  EXPECT_EQ(db["SourceRegion"], "us-east-1");
  EXPECT_EQ(db["DBInstanceIdentifier"], "lamp-pilot-db");
  EXPECT_FALSE(db.contains("MasterUserPassword"));
  EXPECT_TRUE(resource("AWS::RDS::DBInstance")->retain);
  EXPECT_TRUE(resource("AWS::S3::Bucket", "BucketUploads")->retain);
}

TEST_F(PilotStory, TheReplicasClassIsThePolicys) {
  wanted.replica_class = "db.r6g.large";
  plan();
  EXPECT_EQ(properties("AWS::RDS::DBInstance")["DBInstanceClass"], "db.r6g.large");
}

TEST_F(PilotStory, ZonesAreTakenByTheirPlaceNotByTheirName) {
  plan();
  EXPECT_EQ(properties("AWS::EC2::Subnet", "Subnet" + digest("subnet-b"))["AvailabilityZone"],
            Json::parse(R"({"Fn::Select":[1,{"Fn::GetAZs":""}]})"));
}

TEST_F(PilotStory, TheEnvironmentNamesThePilotsResources) {
  plan();
  EXPECT_EQ(variable("DB_HOST"), Json::parse(R"({"Fn::GetAtt":["DatabaseDb","Endpoint.Address"]})"));
  EXPECT_EQ(variable("UPLOADS_BUCKET"), Json::parse(R"({"Ref":"BucketUploads"})"));
  EXPECT_EQ(variable("UPLOADS_URL"),
            Json::parse(R"({"Fn::Sub":"https://${BucketUploads}.s3.${AWS::Region}.amazonaws.com/x"})"));
  EXPECT_EQ(variable("GREETING"), "costs ${PRICE}");
}

TEST_F(PilotStory, AWithheldValueBecomesASecretParameter) {
  plan();
  EXPECT_EQ(variable("DB_PASSWORD"), Json::parse(R"({"Ref":"DbPassword"})"));
  auto p = std::ranges::find(pilot.parameters, "DbPassword", &PilotParameter::name);
  ASSERT_NE(p, pilot.parameters.end());
  EXPECT_TRUE(p->secret);
  EXPECT_FALSE(p->has_fallback);
  EXPECT_EQ(environment_name("DbPassword"), "RELIGHT_PARAMETER_DB_PASSWORD");
}

TEST_F(PilotStory, ImagesAndLogsAreTheRecoveryRegionsAndTheRegistryIsSaid) {
  plan();
  auto c = properties("AWS::ECS::TaskDefinition")["ContainerDefinitions"][0];
  EXPECT_EQ(c["Image"],
            Json::parse(R"({"Fn::Sub":"111122223333.dkr.ecr.${AWS::Region}.amazonaws.com/lamp@sha256:1"})"));
  EXPECT_EQ(c["LogConfiguration"]["Options"]["awslogs-region"], Json::parse(R"({"Ref":"AWS::Region"})"));
  EXPECT_EQ(properties("AWS::Logs::LogGroup")["LogGroupName"], "/lamp/web");
  EXPECT_TRUE(says("dkr.ecr"));
}

TEST_F(PilotStory, ARoleThatNamesNothingRegionalStaysAndOneThatDoesIsCopied) {
  plan();
  auto task = properties("AWS::ECS::TaskDefinition");
  EXPECT_EQ(task["ExecutionRoleArn"], "arn:aws:iam::111122223333:role/lamp-execution");
  EXPECT_EQ(task["TaskRoleArn"], Json::parse(R"({"Fn::GetAtt":["RoleLampTask","Arn"]})"));
  auto role = properties("AWS::IAM::Role", "RoleLampTask");
  EXPECT_EQ(role["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"],
            Json::parse(R"({"Fn::Sub":"arn:aws:s3:::${BucketUploads}/*"})"));
}

TEST_F(PilotStory, ABucketsPolicyIsTranslatedWithoutTheFencesStatement) {
  plan();
  auto s = properties("AWS::S3::BucketPolicy", "BucketUploadsPolicy")["PolicyDocument"]["Statement"];
  ASSERT_EQ(s.size(), 1u);
  EXPECT_EQ(s[0]["Resource"], Json::parse(R"({"Fn::Sub":"arn:aws:s3:::${BucketUploads}/*"})"));
}

TEST_F(PilotStory, GroupsThatNameEachOtherMakeNoCircle) {
  set("ec2/security-group", "sg-web", "/IpPermissions",
      Json::parse(R"([{"IpProtocol":"-1","UserIdGroupPairs":[{"GroupId":"sg-db"},{"GroupId":"sg-web"}]}])"));
  plan();
  EXPECT_EQ(std::ranges::count(pilot.resources, "AWS::EC2::SecurityGroupIngress", &PilotResource::type), 3);
}

TEST_F(PilotStory, AGroupThatLetsNothingOutDoesNotLetEverythingOut) {
  set("ec2/security-group", "sg-db", "/IpPermissionsEgress", Json::array());
  plan();
  auto egress = properties("AWS::EC2::SecurityGroup", "GroupDb")["SecurityGroupEgress"];
  ASSERT_EQ(egress.size(), 1u);
  EXPECT_EQ(egress[0]["CidrIp"], "127.0.0.1/32");
  EXPECT_FALSE(properties("AWS::EC2::SecurityGroup", "GroupWeb").contains("SecurityGroupEgress"));
}

TEST_F(PilotStory, SubnetsOfTheMainRouteTableGetOneOfTheirOwn) {
  plan();
  EXPECT_EQ(properties("AWS::EC2::Route")["GatewayId"], ref_to("Gateway" + digest("igw-1")));
  EXPECT_TRUE(resource("AWS::EC2::RouteTable", "Routes" + digest("rtb-main")));
  EXPECT_FALSE(resource("AWS::EC2::NetworkAcl"));
}

TEST_F(PilotStory, ANatGatewayIsMadeOnlyWhenLitUnlessThePolicyWantsItAlways) {
  add(example_resource("ec2/nat-gateway", "nat-1", {{"SubnetId", "subnet-a"}, {"VpcId", "vpc-1"}}));
  plan();
  EXPECT_EQ(resource("AWS::EC2::NatGateway")->condition, "IsLit");
  EXPECT_TRUE(says("Lit"));
  EXPECT_NE(output("Dormant1").dump().find("network"), std::string::npos);
  wanted.nat = PilotPolicy::Nat::kAlways;
  plan();
  EXPECT_EQ(resource("AWS::EC2::NatGateway")->condition, "");
  EXPECT_TRUE(output("Dormant1").is_null());
}

TEST_F(PilotStory, TheOutputsAreThoseThatAFailoverReads) {
  plan();
  for (auto name : {"BalancerName", "TargetGroupArn", "ClusterName", "ServiceName", "DatabaseIdentifier",
                    "DatabaseEndpoint", "UploadsBucket", "FlagBucket", "FlagKey"})
    EXPECT_FALSE(output(name).is_null()) << name;
  auto p = std::ranges::find(pilot.parameters, "PrimaryBalancerName", &PilotParameter::name);
  ASSERT_NE(p, pilot.parameters.end());
  EXPECT_EQ(p->fallback, "lamp-alb-2.us-east-1.elb.amazonaws.com");
}

TEST_F(PilotStory, ReferencesLeadSomewhere) {
  plan();
  std::set<std::string> known{"AWS::Region"};
  for (auto& r : pilot.resources) known.insert(r.id);
  for (auto& p : pilot.parameters) known.insert(p.name);
  for (auto& r : pilot.resources)
    for (auto& name : references_of(r.properties))
      EXPECT_TRUE(known.contains(name)) << r.id << " names " << name;
}

TEST_F(PilotStory, TheReplicaHasAnOptionGroupLikeThePrimarysAndNothingOfTheEnginesOwn) {
  plan();
  EXPECT_FALSE(properties("AWS::RDS::DBInstance").contains("OptionGroupName"));
  add(example_resource("rds/option-group", "default:mariadb-10-11",
                       Json::parse(R"({"OptionGroupName":"default:mariadb-10-11","Options":[]})")));
  add(example_resource("rds/option-group", "lamp-primary-audit", Json::parse(R"({
    "OptionGroupName":"lamp-primary-audit","OptionGroupDescription":"who did what","EngineName":"mariadb","MajorEngineVersion":"10.11",
    "Options":[{"OptionName":"MARIADB_AUDIT_PLUGIN","Persistent":false,"VpcSecurityGroupMemberships":[],"OptionSettings":[
      {"Name":"SERVER_AUDIT_EVENTS","Value":"CONNECT","DefaultValue":"CONNECT,QUERY"},
      {"Name":"SERVER_AUDIT_FILE_ROTATIONS","Value":"9","DefaultValue":"9"},
      {"Name":"SERVER_AUDIT_EXCL_USERS","Value":"","DefaultValue":""}]}]})")));
  set("rds/db-instance", "lamp-primary-db", "/OptionGroupMemberships",
      Json::parse(R"([{"OptionGroupName":"lamp-primary-audit","Status":"in-sync"}])"));
  plan();
  auto* group = resource("AWS::RDS::OptionGroup");
  ASSERT_TRUE(group);
  EXPECT_EQ(Json::parse(group->properties), Json::parse(R"({
    "EngineName":"mariadb","MajorEngineVersion":"10.11","OptionGroupDescription":"who did what",
    "OptionConfigurations":[{"OptionName":"MARIADB_AUDIT_PLUGIN","OptionSettings":[{"Name":"SERVER_AUDIT_EVENTS","Value":"CONNECT"}]}]})"));
  EXPECT_EQ(properties("AWS::RDS::DBInstance")["OptionGroupName"], ref_to(group->id));
  EXPECT_FALSE(says("option group"));
}

TEST_F(PilotStory, BucketsThatWouldBeOneAreRefusedWithBothNames) {
  add(example_resource("s3/bucket", "acme-us-east-1", {{"Versioning", {{"Status", "Enabled"}}}}));
  add(example_resource("s3/bucket", "acme", {{"Versioning", {{"Status", "Enabled"}}}}));
  auto e = refused();
  EXPECT_EQ(e.code, "Synth.Collision");
  EXPECT_NE(e.message.find("acme-us-east-1"), e.message.npos);
  EXPECT_NE(e.message.find("acme and "), e.message.npos);
}

// A session store or a table beside the application: no kind of Relight's makes it there, and a name that was
// only moved to the other region must not look as if one had.
TEST_F(PilotStory, WhatNoKindCarriesOverIsSaid) {
  for (auto value : {"arn:aws:dynamodb:us-east-1:111122223333:table/notes", "redis://s.abc.0001.use1.cache.amazonaws.com:6379"})
    set("ecs/task-definition", "", "/containerDefinitions/0/environment/-", {{"name", "STORE"}, {"value", value}});
  plan();
  EXPECT_TRUE(says("'arn:aws:dynamodb:us-east-1:111122223333:table/notes': Relight does not carry over"));
  EXPECT_TRUE(says("//s.abc.0001.use1.cache.amazonaws.com:6379': Relight does not carry over"));
  for (auto carried : {"arn:aws:sqs:us-east-1:111122223333:jobs", "arn:aws:dynamodb:eu-west-1:111122223333:table/notes",
                       "lamp-primary-db.abc.us-east-1.rds.amazonaws.com", "cache.amazonaws.com.example.org"})
    EXPECT_EQ(not_carried_over(carried, "us-east-1"), "") << carried;
}

TEST_F(PilotStory, WhatCouldNotBeSeenIsRefusedOrSaidNeverTakenForAbsent) {
  captured("s3/bucket").unknown = {{"Encryption", "AccessDenied: no"}};
  auto e = refused();
  EXPECT_EQ(e.code, "Synth.Unknown");
  EXPECT_NE(e.message.find("Encryption (AccessDenied: no)"), e.message.npos);
  wanted.accept_unknown = true;
  plan();
  EXPECT_TRUE(says("AccessDenied"));
}

TEST_F(PilotStory, AnApplicationWithoutServiceAndDatabaseIsRefused) {
  std::erase_if(inventory.resources,
                [](auto& r) { return r.key.kind == "ecs/service" || r.key.kind == "rds/db-instance"; });
  EXPECT_EQ(refused().code, "Synth.Empty");
}

TEST_F(PilotStory, AnotherPartitionIsRefused) {
  inventory.region = "us-gov-west-1";
  EXPECT_EQ(refused().code, "Synth.Partition");
  EXPECT_EQ(refused().region, "us-gov-west-1");
}

TEST_F(PilotStory, AReplicaIsNoSource) {
  set("rds/db-instance", "", "/ReadReplicaSourceDBInstanceIdentifier", "other");
  EXPECT_EQ(refused().code, "Synth.Malformed");
}

TEST_F(PilotStory, AnEncryptedReplicaGetsAKeyOfItsRegion) {
  set("rds/db-instance", "", "/StorageEncrypted", true);
  plan();
  EXPECT_EQ(properties("AWS::RDS::DBInstance")["KmsKeyId"], ref_to("DatabaseDbKey"));
}

TEST_F(PilotStory, ACertificateIsAskedForAndSaid) {
  set("elbv2/listener", "", "/Certificates",
      Json::parse(R"([{"CertificateArn":"arn:aws:acm:us-east-1:1:certificate/x"}])"));
  plan();
  EXPECT_TRUE(says("certificate"));
  EXPECT_TRUE(
      properties("AWS::ElasticLoadBalancingV2::Listener")["Certificates"][0]["CertificateArn"].contains(
          "Ref"));
}

TEST_F(PilotStory, WhatThePrimaryNeedsIsListed) {
  set("rds/db-instance", "", "/BackupRetentionPeriod", 0);
  set("s3/bucket", "", "/Versioning", Json::object());
  plan();
  std::vector<std::string> calls;
  for (auto& a : pilot.actions) calls.push_back(a.call);
  EXPECT_EQ(calls,
            (std::vector<std::string>{"rds:ModifyDBInstance", "CALL mysql.rds_set_configuration",
                                      "s3:PutBucketVersioning", "s3:PutBucketReplication", "s3:CopyObject"}));
}

TEST_F(PilotStory, AnAlarmWatchesTheCounterpartAndIsSilentUntilItIsLit) {
  add(example_resource("cloudwatch/alarm", "lamp-primary-quiet",
                       Json::parse(R"({"AlarmName":"lamp-primary-quiet","Namespace":"AWS/ApplicationELB",
    "MetricName":"HealthyHostCount","Dimensions":[{"Name":"LoadBalancer","Value":"app/lamp-alb/2"},{"Name":"TargetGroup","Value":"targetgroup/lamp-tg/1"}]})")));
  plan();
  auto p = properties("AWS::CloudWatch::Alarm", "AlarmQuiet" + digest("lamp-primary-quiet"));
  EXPECT_EQ(p["ActionsEnabled"], false);
  EXPECT_EQ(p["Dimensions"][0]["Value"], attribute_of("BalancerLampAlb", "LoadBalancerFullName"));
}

TEST_F(PilotStory, TheCapturedZoneOfTheDomainIsTakenAndItsOwnRecordsAreSaid) {
  auto fallback = [&] {
    return std::ranges::find(pilot.parameters, "HostedZoneId", &PilotParameter::name)->fallback;
  };
  plan();
  EXPECT_EQ(fallback(), "");
  add(example_resource("route53/hosted-zone", "Z1", {{"Name", "lamp.example."}}));
  add(example_resource("route53/record-set", "Z1/www.lamp.example/A",
                       {{"Name", "www.lamp.example."}, {"Type", "A"}}));
  plan();
  EXPECT_EQ(fallback(), "Z1");
  EXPECT_TRUE(says("the zone has some already"));
}

TEST_F(PilotStory, TheZoneThatThePilotItselfMadeDoesNotChangeThePilot) {
  plan();
  auto before = pilot;
  add(example_resource("route53/hosted-zone", "Z1", {{"Name", "www.lamp.example."}}));
  add(example_resource(
      "route53/record-set", "Z1/www.lamp.example/A/primary",
      {{"Name", "www.lamp.example."}, {"Type", "A"}, {"SetIdentifier", "primary"}, {"Failover", "PRIMARY"}}));
  plan();
  EXPECT_EQ(pilot, before);
}

TEST_F(PilotStory, ASecretIsReplicatedAndNamedInItsRegion) {
  add(example_resource(
      "secretsmanager/secret", "db",
      Json::parse(
          R"({"ARN":"arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf","Name":"db"})")));
  set("ecs/task-definition", "", "/containerDefinitions/0/secrets",
      Json::parse(
          R"([{"name":"P","valueFrom":"arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf:password::"}])"));
  plan();
  EXPECT_EQ(pilot.actions.back().call, "secretsmanager:ReplicateSecretToRegions");
  auto task = properties("AWS::ECS::TaskDefinition");
  EXPECT_EQ(
      task["ContainerDefinitions"][0]["Secrets"][0]["ValueFrom"],
      Json::parse(
          R"({"Fn::Sub":"arn:aws:secretsmanager:${AWS::Region}:111122223333:secret:db-AbCdEf:password::"})"));
  EXPECT_FALSE(says("secret:db"));
}

TEST(PilotNames, ABucketsNameIsUniqueInTheWorldAndNeverTooLong) {
  NamePlaces p{"us-east-1", "us-west-2", "lamp-primary", "lamp-pilot"};
  EXPECT_EQ(bucket_name(p, kExampleBucket), "lamp-pilot-uploads-111122223333-us-west-2");
  EXPECT_EQ(bucket_name(p, "acme"), "acme-us-west-2");
  auto a = bucket_name(p, std::string(62, 'x')), b = bucket_name(p, std::string(63, 'x'));
  EXPECT_LE(a.size(), 63u);
  EXPECT_NE(a, b);
}

TEST(PilotNames, ARegionCountsOnlyAsAWordOfItsOwn) {
  EXPECT_TRUE(region_words("assets-us-east-1", "us-east-1").empty());
  EXPECT_TRUE(region_words("us-east-1b", "us-east-1").empty());
  EXPECT_EQ(region_words("arn:aws:sqs:us-east-1:1:q", "us-east-1").size(), 1u);
  EXPECT_EQ(region_words("us-east-1", "us-east-1").size(), 1u);
}

}  // namespace
}  // namespace relight::dr
