// What is in the pilot and off: functions and what calls them, autoscaling; and what is recorded to light
// them.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/model/dormant.h"
#include "dr/planning/pilot_draft.h"
#include "dr/planning/pilot_example.h"
#include "dr/planning/pilot_example_asleep.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

class AsleepStory : public testing::Test {
 protected:
  Inventory inventory = example_with_functions();
  Pilot pilot;

  void SetUp() override { plan(); }
  void plan() {
    auto p = plan_pilot(inventory, {.region = "us-west-2",
                                    .primary_stack = "lamp-primary",
                                    .stack = "lamp-pilot",
                                    .domain = "www.lamp.example",
                                    .flag_key = "f"});
    ASSERT_TRUE(p) << p.error().text();
    pilot = *p;
  }
  void set(const std::string& kind, const std::string& id, const char* pointer, Json value) {
    auto r = std::ranges::find(inventory.resources, ResourceKey{kind, id}, &Resource::key);
    ASSERT_NE(r, inventory.resources.end()) << kind << " " << id;
    auto j = Json::parse(r->properties);
    j[Json::json_pointer(pointer)] = std::move(value);
    r->properties = j.dump();
  }
  Json properties(const std::string& type, const std::string& id = "") {
    for (auto& r : pilot.resources)
      if (r.type == type && (id.empty() || r.id == id)) return Json::parse(r.properties);
    return {};
  }
  // Everything recorded, with "${X}" as it stands.
  std::string recorded() {
    std::string all;
    for (auto& o : pilot.outputs)
      if (o.name.starts_with("Dormant")) all += Json::parse(o.value)["Fn::Sub"].get<std::string>() + "\n";
    return all;
  }
  bool says(const std::string& word) {
    return std::ranges::any_of(pilot.untranslated, [&](auto& u) {
      return (u.from.id + " " + u.what + ": " + u.why).find(word) != std::string::npos;
    });
  }
};

// The stack's name in a name, and the region's, become the pilot's: whatever is called so already is met
// there.
TEST_F(AsleepStory, NamesThatWouldBeOneAreRefusedWithBothNames) {
  struct Twin {
    std::string kind, id, twin;
    const char* name;
  };
  for (auto& t : {Twin{"sqs/queue", "lamp-primary-jobs", "lamp-pilot-jobs", "/QueueName"},
                  Twin{"lambda/function", "lamp-primary-thumb", "lamp-pilot-thumb", "/FunctionName"}}) {
    inventory = example_with_functions();
    auto r = std::ranges::find(inventory.resources, ResourceKey{t.kind, t.id}, &Resource::key);
    ASSERT_NE(r, inventory.resources.end()) << t.id;
    auto twin = *r;
    twin.key.id = t.twin;
    auto p = Json::parse(twin.properties);
    p[Json::json_pointer(t.name)] = t.twin;
    twin.properties = p.dump();
    inventory.resources.push_back(twin);
    std::ranges::sort(inventory.resources, {}, &Resource::key);
    auto refused = plan_pilot(inventory, {.region = "us-west-2",
                                          .primary_stack = "lamp-primary",
                                          .stack = "lamp-pilot",
                                          .domain = "www.lamp.example",
                                          .flag_key = "f"});
    ASSERT_FALSE(refused) << t.kind;
    EXPECT_EQ(refused.error().code, "Synth.Collision") << refused.error().text();
    for (auto& word : {t.id, t.twin})
      EXPECT_NE(refused.error().message.find(word), std::string::npos) << refused.error().message;
  }
}

TEST_F(AsleepStory, AFunctionIsThereAndOffWithItsEnvironmentTranslated) {
  auto f = properties("AWS::Lambda::Function", "FunctionThumb");
  EXPECT_EQ(f["FunctionName"], "lamp-pilot-thumb");
  EXPECT_EQ(f["ReservedConcurrentExecutions"], 0);
  EXPECT_EQ(f["Environment"]["Variables"]["DB_HOST"], attribute_of("DatabaseDb", "Endpoint.Address"));
  EXPECT_EQ(f["Environment"]["Variables"]["BUCKET"], ref_to("BucketUploads"));
  EXPECT_EQ(f["Environment"]["Variables"]["DB_PASSWORD"], ref_to("FunctionThumbDbPassword"));
  EXPECT_EQ(f["Environment"]["Variables"]["QUEUE"], ref_to("QueueJobs"));
  EXPECT_EQ(f["VpcConfig"]["SubnetIds"][0]["Ref"].get<std::string>().substr(0, 6), "Subnet");
  EXPECT_EQ(f["Role"], attribute_of("RoleThumbRole", "Arn"));
  EXPECT_FALSE(f.contains("TracingConfig"));
}

TEST_F(AsleepStory, ItsPackageLiesUnderItsHashInABucketOfTheRegion) {
  auto f = properties("AWS::Lambda::Function", "FunctionThumb");
  EXPECT_EQ(f["Code"]["S3Bucket"], ref_to("FunctionCodeBucket"));
  EXPECT_EQ(f["Code"]["S3Key"], "functions/lamp-primary-thumb/ab-c_d.zip");
  ASSERT_EQ(pilot.packages.size(), 2u);
  EXPECT_EQ(pilot.packages.back().sha256, "ab+c/d==");
  auto p = std::ranges::find(pilot.parameters, "FunctionCodeBucket", &PilotParameter::name);
  EXPECT_EQ(p->fallback, "lamp-pilot-code-111122223333-us-west-2");
}

TEST_F(AsleepStory, AnImageIsTheSameOfTheRegionsRegistryOrAsked) {
  set("lambda/function", "lamp-primary-thumb", "/PackageType", "Image");
  plan();
  EXPECT_EQ(properties("AWS::Lambda::Function", "FunctionThumb")["Code"],
            Json({{"ImageUri", ref_to("FunctionThumbImage")}}));
  set("lambda/function", "lamp-primary-thumb", "/ImageUri",
      "111122223333.dkr.ecr.us-east-1.amazonaws.com/thumb:1");
  plan();
  EXPECT_EQ(properties("AWS::Lambda::Function", "FunctionThumb")["Code"]["ImageUri"],
            Json({{"Fn::Sub", "111122223333.dkr.ecr.${AWS::Region}.amazonaws.com/thumb:1"}}));
}

TEST_F(AsleepStory, WhatCallsItIsThereAndOff) {
  auto mapping = properties("AWS::Lambda::EventSourceMapping");
  EXPECT_EQ(mapping["Enabled"], false);
  EXPECT_EQ(mapping["FunctionName"], ref_to("FunctionConsumer"));
  EXPECT_EQ(mapping["EventSourceArn"], attribute_of("QueueJobs", "Arn"));
  EXPECT_EQ(mapping["BatchSize"], 5);
  auto rule = properties("AWS::Events::Rule");
  EXPECT_EQ(rule["State"], "DISABLED");
  EXPECT_EQ(rule["Name"], "lamp-pilot-nightly");
  EXPECT_EQ(rule["Targets"][0]["Arn"], attribute_of("FunctionConsumer", "Arn"));
  EXPECT_FALSE(properties("AWS::S3::Bucket", "BucketUploads").contains("NotificationConfiguration"));
}

TEST_F(AsleepStory, APermissionIsOnTheFunctionForTheCounterpart) {
  auto p = properties("AWS::Lambda::Permission");
  EXPECT_EQ(p["FunctionName"], ref_to("FunctionThumb"));
  EXPECT_EQ(p["Principal"], "s3.amazonaws.com");
  EXPECT_EQ(p["SourceArn"], Json({{"Fn::Sub", "arn:aws:s3:::${BucketUploads}"}}));
  EXPECT_EQ(p["SourceAccount"], "111122223333");
}

TEST_F(AsleepStory, QueuesKeepTheirAttributesAndNameEachOther) {
  auto q = properties("AWS::SQS::Queue", "QueueJobs");
  EXPECT_EQ(q["QueueName"], "lamp-pilot-jobs");
  EXPECT_EQ(q["VisibilityTimeout"], 60);
  EXPECT_EQ(q["RedrivePolicy"],
            Json({{"deadLetterTargetArn", attribute_of("QueueDead", "Arn")}, {"maxReceiveCount", 3}}));
  auto policy = properties("AWS::SQS::QueuePolicy");
  EXPECT_EQ(policy["PolicyDocument"]["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"],
            Json({{"Fn::Sub", "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:lamp-pilot-news"}}));
  auto s = properties("AWS::SNS::Subscription");
  EXPECT_EQ(s["Endpoint"], attribute_of("QueueJobs", "Arn"));
  EXPECT_EQ(s["RawMessageDelivery"], true);
  EXPECT_EQ(properties("AWS::SNS::Topic")["TopicName"], "lamp-pilot-news");
}

TEST_F(AsleepStory, AutoscalingHasNoRoomAndIsSuspended) {
  auto t = properties("AWS::ApplicationAutoScaling::ScalableTarget");
  EXPECT_EQ(t["MinCapacity"], 0);
  EXPECT_EQ(t["MaxCapacity"], 0);
  EXPECT_EQ(t["SuspendedState"]["ScheduledScalingSuspended"], true);
  EXPECT_EQ(t["ScheduledActions"][0]["ScalableTargetAction"]["MinCapacity"], 4);
  auto p = properties("AWS::ApplicationAutoScaling::ScalingPolicy");
  EXPECT_EQ(p["ScalingTargetId"], ref_to("ServiceWebScaling"));
  EXPECT_EQ(
      p["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]["ResourceLabel"],
      Json({{"Fn::Sub", "${BalancerLampAlb.LoadBalancerFullName}/${TargetsLampTg.TargetGroupFullName}"}}));
}

TEST_F(AsleepStory, AParameterIsTranslatedOrCopiedAndASecureOneIsNeverInTheTemplate) {
  EXPECT_EQ(properties("AWS::SSM::Parameter")["Value"], attribute_of("DatabaseDb", "Endpoint.Address"));
  std::vector<std::string> copied;
  for (auto& a : pilot.actions)
    if (a.kind == PrimaryAction::Kind::kParameterCopy) copied.push_back(a.resource);
  EXPECT_EQ(copied, (std::vector<std::string>{"/lamp/mode", "/lamp/token"}));
  for (auto& r : pilot.resources) EXPECT_EQ(r.properties.find("do-not-tell"), std::string::npos) << r.id;
}

TEST_F(AsleepStory, AFunctionThatNeverSaidAnythingHasAGroupToo) {
  auto name = std::string("/aws/lambda/lamp-primary-consumer");  // not captured
  EXPECT_TRUE(properties("AWS::Logs::LogGroup", "Log" + camel(name) + digest(name)).contains("LogGroupName"));
}

TEST_F(AsleepStory, ALogGroupForgetsAsThePrimarysDoes) {
  auto g = properties("AWS::Logs::LogGroup", "Log" + camel("/lamp/web") + digest("/lamp/web"));
  EXPECT_EQ(g["RetentionInDays"], 14);
  EXPECT_EQ(properties("AWS::Logs::LogGroup", "Log" + camel("/aws/lambda/lamp-primary-thumb") +
                                                  digest("/aws/lambda/lamp-primary-thumb"))["LogGroupName"],
            "/aws/lambda/lamp-pilot-thumb");
}

TEST_F(AsleepStory, AKeyOfTheAccountsOwnIsMadeAnewAndOfAnotherAsked) {
  auto k = properties("AWS::KMS::Key");
  EXPECT_EQ(k["EnableKeyRotation"], true);
  EXPECT_EQ(properties("AWS::KMS::Alias")["AliasName"], "alias/lamp-pilot");
  EXPECT_EQ(properties("AWS::Lambda::Function", "FunctionConsumer")["KmsKeyArn"]["Fn::GetAtt"][1], "Arn");
  std::erase_if(inventory.resources, [](auto& r) { return r.key.kind == "kms/key"; });
  plan();
  EXPECT_TRUE(properties("AWS::Lambda::Function", "FunctionConsumer")["KmsKeyArn"].contains("Ref"));
  EXPECT_TRUE(properties("AWS::KMS::Key").is_null());
}

TEST_F(AsleepStory, AReplicaIsEncryptedByWhatStandsForTheKeyOfItsSource) {
  for (auto& r : inventory.resources)
    if (r.key.kind == "rds/db-instance")
      set(r.key.kind, r.key.id, "/StorageEncrypted", true),
          set(r.key.kind, r.key.id, "/KmsKeyId", kExampleKey);
  plan();
  EXPECT_EQ(properties("AWS::RDS::DBInstance")["KmsKeyId"]["Fn::GetAtt"][1], "Arn");
}

TEST_F(AsleepStory, TheRoleThatCopiesWhatKmsEncryptsUsesBothKeys) {
  for (auto& r : inventory.resources)
    if (r.key.kind == "s3/bucket")
      set(r.key.kind, r.key.id, "/Encryption",
          Json{{"Rules",
                {{{"ApplyServerSideEncryptionByDefault",
                   {{"SSEAlgorithm", "aws:kms"}, {"KMSMasterKeyID", kExampleKey}}}}}}});
  plan();
  Json opens, closes;
  for (auto& r : pilot.resources) {
    if (r.type != "AWS::IAM::Role" || !r.id.ends_with("Replication")) continue;
    auto role = Json::parse(r.properties);
    for (auto& s : role["Policies"][0]["PolicyDocument"]["Statement"]) {
      if (s["Action"] == "kms:Decrypt") opens = s;
      if (s["Action"] == "kms:Encrypt") closes = s;
    }
  }
  EXPECT_EQ(opens["Resource"], kExampleKey);
  EXPECT_EQ(opens["Condition"]["StringEquals"]["kms:ViaService"], "s3.us-east-1.amazonaws.com");
  EXPECT_EQ(closes["Resource"]["Fn::GetAtt"][1], "Arn");
  EXPECT_EQ(closes["Condition"]["StringEquals"]["kms:ViaService"], "s3.us-west-2.amazonaws.com");
}

TEST_F(AsleepStory, AKeyAndARoleThatNameEachOtherMakeNoCircle) {
  set("iam/role-policy", "lamp-primary-thumb-role/self", "/PolicyDocument",
      R"({"Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:111122223333:key/1234"}]})");
  set("kms/key", kExampleKey, "/Policy",
      R"({"Statement":[{"Sid":"thumb","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/lamp-primary-thumb-role"},"Action":"kms:Decrypt","Resource":"*"}]})");
  plan();
  auto statements = properties("AWS::KMS::Key")["KeyPolicy"]["Statement"];
  ASSERT_EQ(statements.size(), 1u);
  EXPECT_EQ(statements[0]["Action"], "kms:*");
  EXPECT_TRUE(says("the statement thumb"));
}

TEST_F(AsleepStory, WhatIsToBeLitIsRecordedWithTheNamesOfBothRegions) {
  auto all = recorded();
  for (
      auto* text :
      {R"({"kind":"function","low":5,"name":"${FunctionThumb}","primary":"lamp-primary-thumb"})",
       R"({"kind":"function","name":"${FunctionConsumer}","primary":"lamp-primary-consumer"})",
       R"("primary":"uuid-1"})",
       R"({"kind":"rule","name":"lamp-pilot-nightly","primary":"lamp-primary-nightly"})",
       R"({"high":6,"kind":"scaling","low":2,"name":"service/${ClusterLamp}/${ServiceWeb.Name}","primary":"service/lamp/web","scope":"ecs:service:DesiredCount"})",
       R"({"kind":"secret","name":"lamp/db"})", R"({"kind":"parameter","name":"/lamp/token"})",
       R"("name":"${BucketUploads}","value":"{\"LambdaFunctionConfigurations\":[{\"Events\":[\"s3:ObjectCreated:*\"],\"LambdaFunctionArn\":\"${FunctionThumb.Arn}\"}]}")"})
    EXPECT_NE(all.find(text), std::string::npos) << text << "\nin\n" << all;
}

TEST_F(AsleepStory, WhatCloudFormationMakesOfTheRecordReadsBack) {
  for (auto& o : pilot.outputs) {
    if (!o.name.starts_with("Dormant")) continue;
    auto text = Json::parse(o.value)["Fn::Sub"].get<std::string>();
    EXPECT_LE(text.size(), 1400u);
    for (size_t at; (at = text.find("${")) != text.npos;) text.replace(at, text.find('}', at) - at + 1, "x");
    auto read = dormant_from_json(text);
    ASSERT_TRUE(read) << read.error().text() << text;
    EXPECT_FALSE(read->empty());
  }
}

TEST_F(AsleepStory, WhatIsOffInThePrimaryStaysOff) {
  set("lambda/event-source-mapping", "uuid-1", "/State", "Disabled");
  set("events/rule", kExampleRule, "/State", "DISABLED");
  plan();
  EXPECT_EQ(recorded().find("uuid-1"), std::string::npos);
  EXPECT_EQ(recorded().find("\"rule\""), std::string::npos);
  EXPECT_EQ(properties("AWS::Events::Rule")["State"], "DISABLED");
}

TEST_F(AsleepStory, AMappingWhoseSourceIsElsewhereIsSaidNotWritten) {
  set("lambda/event-source-mapping", "uuid-1", "/EventSourceArn",
      "arn:aws:kinesis:us-east-1:111122223333:stream/clicks");
  plan();
  EXPECT_TRUE(properties("AWS::Lambda::EventSourceMapping").is_null());
  EXPECT_TRUE(says("stream/clicks has no counterpart"));
}

TEST_F(AsleepStory, TheSameInventoryMakesTheSamePilot) {
  auto first = pilot;
  plan();
  EXPECT_EQ(pilot, first);
}

TEST(Asleep, AnApplicationWithoutSuchThingsHasNoRecord) {
  auto p = plan_pilot(example_inventory(), {.region = "us-west-2", .stack = "lamp-pilot", .flag_key = "f"});
  ASSERT_TRUE(p);
  for (auto& o : p->outputs) EXPECT_FALSE(o.name.starts_with("Dormant")) << o.value;
}

}  // namespace
}  // namespace relight::dr
