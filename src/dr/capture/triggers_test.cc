// Queues, topics, rules, images, keys, certificates, log groups, quotas and scalable targets.
#include "aws/gen/acm.h"
#include "aws/gen/applicationautoscaling.h"
#include "aws/gen/ecr.h"
#include "aws/gen/events.h"
#include "aws/gen/kms.h"
#include "aws/gen/logs.h"
#include "aws/gen/servicequotas.h"
#include "aws/gen/sns.h"
#include "aws/gen/sqs.h"
#include "dr/capture/told.h"

namespace relight::dr {
namespace {
using TriggersJson = nlohmann::json;

constexpr const char* kQueueArn = "arn:aws:sqs:us-east-1:000000000000:jobs";
constexpr const char* kTopicArn = "arn:aws:sns:us-east-1:000000000000:pager";
constexpr const char* kClusterArn = "arn:aws:ecs:us-east-1:000000000000:cluster/lamp";
constexpr const char* kScaled = "service/lamp/web";

class TriggerStory : public WalkStory {
 protected:
  TriggerStory() {
    std::ranges::copy(WalkStory::services, std::back_inserter(all_));
    for (auto* m : {&aws::sqs::model(), &aws::sns::model(), &aws::events::model(), &aws::logs::model(),
                    &aws::applicationautoscaling::model(), &aws::servicequotas::model(), &aws::acm::model(),
                    &aws::kms::model(), &aws::ecr::model()})
      all_.push_back(m);
    aws.answers["events:ListEventBuses"] = R"({"EventBuses":[{"Name":"default"}]})";
  }
  Inventory look(std::vector<ResourceKey> roots = {{"ecs/service", kService}}) {
    auto r = walk({aws, all_, "us-east-1"}, {roots, {}, {}});
    EXPECT_TRUE(r) << (r ? "" : r.error().text());
    return r ? *r : Inventory{};
  }
  TriggersJson properties(const Inventory& i, const ResourceKey& key) {
    auto* r = find(i, key);
    EXPECT_TRUE(r) << key.kind << " " << key.id;
    return r ? TriggersJson::parse(r->properties) : TriggersJson();
  }
  bool uses(const Inventory& i, const ResourceKey& from, const ResourceKey& to) {
    auto* r = find(i, from);
    return r && std::ranges::count(r->uses, to);
  }
  std::string left_out(const Inventory& i, const ResourceKey& key) {
    for (auto& l : i.left_out)
      if (l.key == key) return l.why;
    return "";
  }
  std::string unknown(const Inventory& i, const ResourceKey& key, const std::string& part) {
    if (auto* r = find(i, key))
      for (auto& u : r->unknown)
        if (u.part == part) return u.why;
    return "";
  }
  // The task's variable holds `value`.
  void told(const std::string& value) { task(7, value); }
  void image(const std::string& name) {
    task(7, "db.example");
    auto& t = aws.answers["ecs:DescribeTaskDefinition"];
    t.replace(t.find("\"name\":\"web\""), 0, R"("image":")" + name + "\",");
  }
  void queue() {
    aws.answers["sqs:GetQueueUrl"] =
        R"({"QueueUrl":"https://sqs.us-east-1.amazonaws.com/000000000000/jobs"})";
    aws.answers["sqs:GetQueueAttributes"] = R"({"Attributes":{"QueueArn":")" + std::string(kQueueArn) +
                                            R"(","VisibilityTimeout":"30","ApproximateNumberOfMessages":"7",
        "RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",\"maxReceiveCount\":3}"}})";
  }

 private:
  std::vector<const aws::ServiceModel*> all_;
};

TEST_F(TriggerStory, AQueueThatAVariableNamesByItsUrlWithItsConsumerAndItsDeadLetters) {
  told("https://sqs.us-east-1.amazonaws.com/000000000000/jobs");
  queue();
  aws.answers[R"(lambda:ListEventSourceMappings {"EventSourceArn":")" + std::string(kQueueArn) + "\"}"] =
      R"({"EventSourceMappings":[{"UUID":"u-1"}]})";
  aws.answers["lambda:GetEventSourceMapping"] =
      R"({"UUID":"u-1","FunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:worker"})";
  aws.answers["lambda:GetFunction"] = R"({"Configuration":{"FunctionName":"worker"}})";
  auto i = look();
  ResourceKey jobs{"sqs/queue", "jobs"};
  auto p = properties(i, jobs);
  EXPECT_EQ(p["VisibilityTimeout"], "30");
  EXPECT_EQ(p["RedrivePolicy"]["maxReceiveCount"], 3);
  EXPECT_FALSE(p.contains("ApproximateNumberOfMessages"));
  EXPECT_TRUE(uses(i, {"ecs/task-definition", kFamily}, jobs));
  EXPECT_TRUE(uses(i, jobs, {"sqs/queue", "dead"}));
  EXPECT_TRUE(find(i, {"lambda/function", "worker"}));
}

TEST_F(TriggerStory, WhatIsInAnotherRegionOrAccountIsLeftOutAndNotAskedFor) {
  told("https://sqs.us-west-2.amazonaws.com/000000000000/jobs");
  EXPECT_EQ(left_out(look(), {"sqs/queue", "jobs"}), "it is in us-west-2");
  told("arn:aws:sqs:us-east-1:999999999999:jobs");
  EXPECT_EQ(left_out(look(), {"sqs/queue", "jobs"}), "it belongs to the account 999999999999");
  EXPECT_FALSE(std::ranges::any_of(aws.asked, [](auto& a) { return a.starts_with("sqs:"); }));
}

TEST_F(TriggerStory, AQueueThatIsGoneIsMissingAndADeniedOneIsUnknown) {
  told(kQueueArn);
  aws.answers["sqs:GetQueueUrl"] = "AWS.SimpleQueueService.NonExistentQueue";
  EXPECT_EQ(left_out(look(), {"sqs/queue", "jobs"}), "it is named, but it does not exist");
  aws.answers["sqs:GetQueueUrl"] = "AccessDenied";
  EXPECT_NE(unknown(look(), {"sqs/queue", "jobs"}, "everything"), "");
}

TEST_F(TriggerStory, ATopicsAddressesAreKeptAndItsHooksSecretsAreNot) {
  told(kTopicArn);
  aws.answers["sns:GetTopicAttributes"] =
      R"({"Attributes":{"TopicArn":"t","DisplayName":"Pager","SubscriptionsConfirmed":"1"}})";
  aws.answers["sns:ListSubscriptionsByTopic"] =
      R"({"Subscriptions":[{"SubscriptionArn":"PendingConfirmation","Protocol":"email","Endpoint":"ops@lamp.example"},
          {"SubscriptionArn":"arn:aws:sns:us-east-1:000000000000:pager:s-1","Protocol":"https","Endpoint":"https://u:pw@hooks.example/services/T0/s3cr3t"},
          {"SubscriptionArn":"arn:aws:sns:us-east-1:000000000000:pager:s-2","Protocol":"sqs","Endpoint":")" +
      std::string(kQueueArn) + R"("}]})";
  aws.answers["sns:GetSubscriptionAttributes"] =
      R"({"Attributes":{"Protocol":"https","Endpoint":"https://u:pw@hooks.example/services/T0/s3cr3t","PendingConfirmation":"false"}})";
  queue();
  auto i = look();
  auto topic = properties(i, {"sns/topic", kTopicArn});
  EXPECT_EQ(topic["DisplayName"], "Pager");
  EXPECT_FALSE(topic.contains("SubscriptionsConfirmed"));
  EXPECT_NE(topic.dump().find("ops@lamp.example"), std::string::npos);
  EXPECT_NE(topic.dump().find("https://hooks.example/(withheld)"), std::string::npos);
  EXPECT_TRUE(find(i, {"sns/subscription", "arn:aws:sns:us-east-1:000000000000:pager:s-1"}));
  EXPECT_TRUE(find(i, {"sqs/queue", "jobs"}));
  std::string everything = index_json(i);
  for (auto& r : i.resources) everything += to_json(r);
  EXPECT_EQ(everything.find("s3cr3t"), everything.npos);
  EXPECT_TRUE(std::ranges::count(i.withheld, "sns/topic " + std::string(kTopicArn) + ": Endpoint"));
}

TEST_F(TriggerStory, RulesWhoseTargetsAreOursAndNobodyElses) {
  aws.answers["events:ListRules"] =
      R"json({"Rules":[{"Name":"night","Arn":"arn:aws:events:us-east-1:000000000000:rule/night","ScheduleExpression":"rate(1 day)","State":"ENABLED"},
          {"Name":"other","Arn":"arn:aws:events:us-east-1:000000000000:rule/other","State":"ENABLED"},
          {"Name":"awss","Arn":"arn:aws:events:us-east-1:000000000000:rule/awss","ManagedBy":"x.amazonaws.com"}]})json";
  auto targets = [&](const std::string& rule, const std::string& arn) {
    aws.answers[R"(events:ListTargetsByRule {"Rule":")" + rule + R"(","EventBusName":"default"})"] =
        R"({"Targets":[{"Id":"1","Arn":")" + arn + R"(","Input":"{\"api_token\":\"planted-Zx81\"}"}]})";
  };
  targets("night", kClusterArn);
  targets("other", "arn:aws:lambda:us-east-1:000000000000:function:theirs");
  targets("awss", kClusterArn);
  auto i = look();
  ResourceKey night{"events/rule", "arn:aws:events:us-east-1:000000000000:rule/night"};
  EXPECT_TRUE(uses(i, night, {"ecs/cluster", kClusterArn}));
  EXPECT_EQ(properties(i, night)["State"], "ENABLED");
  EXPECT_EQ(properties(i, night)["Targets"][0]["Input"], R"x({"api_token":"(withheld)"})x");
  EXPECT_FALSE(find(i, {"events/rule", "arn:aws:events:us-east-1:000000000000:rule/other"}));
  EXPECT_NE(left_out(i, {"events/rule", "arn:aws:events:us-east-1:000000000000:rule/awss"}), "");
}

TEST_F(TriggerStory, ARuleThatAStackNamesIsTheSameRule) {
  aws.answers[R"(events:DescribeRule {"Name":"night","EventBusName":"mine"})"] =
      R"({"Name":"night","Arn":"arn:aws:events:us-east-1:000000000000:rule/mine/night","State":"DISABLED","CreatedBy":"0"})";
  auto i = look({{"events/rule", "mine|night"}});
  auto p = properties(i, {"events/rule", "arn:aws:events:us-east-1:000000000000:rule/mine/night"});
  EXPECT_EQ(p["State"], "DISABLED");
  EXPECT_FALSE(p.contains("CreatedBy"));
}

TEST_F(TriggerStory, RulesThatCannotBeListedAreUnknownWhereTheyCouldPoint) {
  aws.answers["events:ListEventBuses"] = "AccessDeniedException";
  EXPECT_EQ(unknown(look(), {"ecs/cluster", kClusterArn}, "events/rule"),
            "AccessDeniedException: the table says so");
}

TEST_F(TriggerStory, AServicesScalableTargetWithItsPoliciesAndActions) {
  aws.answers["applicationautoscaling:DescribeScalableTargets"] =
      R"({"ScalableTargets":[{"ServiceNamespace":"ecs","ResourceId":"service/lamp/web","ScalableDimension":"ecs:service:DesiredCount","MinCapacity":2,"MaxCapacity":9,"RoleARN":"r","CreationTime":"2026-01-01T00:00:00Z"},
          {"ServiceNamespace":"ecs","ResourceId":"service/lamp/other","ScalableDimension":"ecs:service:DesiredCount","MinCapacity":2,"MaxCapacity":9,"RoleARN":"r","CreationTime":"2026-01-01T00:00:00Z"}]})";
  aws.answers["applicationautoscaling:DescribeScalingPolicies"] =
      R"({"ScalingPolicies":[{"PolicyARN":"p","PolicyName":"cpu","ServiceNamespace":"ecs","ResourceId":"service/lamp/web","ScalableDimension":"ecs:service:DesiredCount","PolicyType":"TargetTrackingScaling","CreationTime":"2026-01-01T00:00:00Z"}]})";
  aws.answers["applicationautoscaling:DescribeScheduledActions"] = "AccessDeniedException";
  auto i = look();
  ResourceKey target{"applicationautoscaling/scalable-target", kScaled};
  EXPECT_TRUE(uses(i, target, {"ecs/service", kService}));
  auto p = properties(i, target);
  EXPECT_EQ(p["MaxCapacity"], 9);
  EXPECT_FALSE(p.contains("CreationTime"));
  EXPECT_EQ(p["Policies"],
            TriggersJson::parse(
                R"([{"PolicyName":"cpu","PolicyType":"TargetTrackingScaling","ResourceId":"service/lamp/web",
      "ScalableDimension":"ecs:service:DesiredCount","ServiceNamespace":"ecs"}])"));
  EXPECT_NE(unknown(i, target, "ScheduledActions"), "");
  EXPECT_FALSE(find(i, {"applicationautoscaling/scalable-target", "service/lamp/other"}));
}

TEST_F(TriggerStory, AServiceThatIsNotScaledHasNothingUnknownAndADeniedOneHas) {
  EXPECT_TRUE(find(look(), {"ecs/service", kService})->unknown.empty());
  aws.answers["applicationautoscaling:DescribeScalableTargets"] = "AccessDeniedException";
  EXPECT_NE(unknown(look(), {"ecs/service", kService}, "applicationautoscaling/scalable-target"), "");
}

TEST_F(TriggerStory, TheAlarmsOfATargetTrackingPolicyAreAwssOwn) {
  aws.answers["cloudwatch:DescribeAlarms"] =
      R"({"MetricAlarms":[{"AlarmName":"TargetTracking-service/lamp/web-AlarmHigh-1","Dimensions":[{"Name":"DBInstanceIdentifier","Value":"lamp-db"}]}]})";
  auto i = look();
  EXPECT_FALSE(find(i, {"cloudwatch/alarm", "TargetTracking-service/lamp/web-AlarmHigh-1"}));
  EXPECT_NE(left_out(i, {"cloudwatch/alarm", "TargetTracking-service/lamp/web-AlarmHigh-1"}), "");
}

TEST_F(TriggerStory, AnImageOfEcrWithItsRepositoryAndTheRegistry) {
  image("000000000000.dkr.ecr.us-east-1.amazonaws.com/team/lamp:7");
  aws.answers[R"(ecr:DescribeImages {"repositoryName":"team/lamp","imageIds":[{"imageTag":"7"}]})"] =
      R"({"imageDetails":[{"repositoryName":"team/lamp","imageDigest":"sha256:ab","imageTags":["7"],"imageScanStatus":{"status":"COMPLETE"}}]})";
  aws.answers["ecr:DescribeRepositories"] =
      R"({"repositories":[{"repositoryName":"team/lamp","registryId":"000000000000","repositoryArn":"arn:r","createdAt":"2026-01-01T00:00:00Z"}]})";
  aws.answers["ecr:GetLifecyclePolicy"] = "LifecyclePolicyNotFoundException";
  aws.answers["ecr:GetRepositoryPolicy"] = "RepositoryPolicyNotFoundException";
  aws.answers["ecr:DescribeRegistry"] =
      R"({"registryId":"000000000000","replicationConfiguration":{"rules":[{"destinations":[{"region":"us-west-2","registryId":"000000000000"}]}]}})";
  auto i = look();
  auto p = properties(i, {"ecr/image", "team/lamp:7"});
  EXPECT_EQ(p["imageDigest"], "sha256:ab");
  EXPECT_FALSE(p.contains("imageScanStatus"));
  auto* repository = find(i, {"ecr/repository", "team/lamp"});
  ASSERT_TRUE(repository);
  EXPECT_TRUE(repository->unknown.empty()) << "no life cycle is no gap";
  EXPECT_EQ(properties(i, {"ecr/registry", "000000000000"})["replicationConfiguration"]["rules"].size(), 1u);
}

TEST_F(TriggerStory, AnImageThatIsNotThereAnymoreStillHasItsRepository) {
  image("000000000000.dkr.ecr.us-east-1.amazonaws.com/team/lamp@sha256:ab");
  aws.answers["ecr:DescribeImages"] = "ImageNotFoundException";
  aws.answers["ecr:DescribeRepositories"] = R"({"repositories":[{"repositoryName":"team/lamp"}]})";
  auto i = look();
  EXPECT_EQ(left_out(i, {"ecr/image", "team/lamp@sha256:ab"}), "it is named, but it does not exist");
  EXPECT_TRUE(find(i, {"ecr/repository", "team/lamp"}));
}

TEST_F(TriggerStory, ImagesOfOtherRegistriesAreLeftOutWithoutACall) {
  image("000000000000.dkr.ecr.us-west-2.amazonaws.com/lamp:7");
  EXPECT_EQ(left_out(look(), {"ecr/image", "lamp:7"}), "it is in us-west-2");
  image("lamp:latest");
  EXPECT_EQ(left_out(look(), {"image", "lamp:latest"}), "it comes from a registry other than ECR");
  EXPECT_FALSE(std::ranges::any_of(aws.asked, [](auto& a) { return a.starts_with("ecr:"); }));
}

TEST_F(TriggerStory, ALogGroupIsTheOneOfThatNameAndNotOneThatBeginsWithIt) {
  aws.answers["logs:DescribeLogGroups"] =
      R"({"logGroups":[{"logGroupName":"/lamp/web","retentionInDays":14,"storedBytes":9,"creationTime":1}]})";
  auto i = look({{"logs/log-group", "/lamp/web"}});
  EXPECT_EQ(properties(i, {"logs/log-group", "/lamp/web"}),
            TriggersJson::parse(R"({"logGroupName":"/lamp/web","retentionInDays":14})"));
  auto none = walk({aws, {}, "us-east-1"}, {{}, {{"logs/log-group", "/lamp"}}, {}});
  ASSERT_TRUE(none);
  auto other = look({{"ecs/service", kService}, {"logs/log-group", "/lamp/web"}});
  EXPECT_TRUE(find(other, {"logs/log-group", "/lamp/web"}));
  aws.answers["logs:DescribeLogGroups"] = R"({"logGroups":[{"logGroupName":"/lamp/web-2"}]})";
  auto gone = walk({aws, std::vector<const aws::ServiceModel*>{&aws::logs::model()}, "us-east-1"},
                   {{}, {{"logs/log-group", "/lamp/web"}}, {}});
  ASSERT_TRUE(gone);
  EXPECT_EQ(left_out(*gone, {"logs/log-group", "/lamp/web"}), "it is named, but it does not exist");
}

TEST_F(TriggerStory, AKeyNamedByAnAliasIsTheKeyWithItsStateAndItsAliases) {
  aws.answers["rds:DescribeDBInstances"] =
      R"({"DBInstances":[{"DBInstanceIdentifier":"lamp-db","Endpoint":{"Address":"db.example"},"KmsKeyId":"alias/lamp"}]})";
  aws.answers["kms:DescribeKey"] =
      R"({"KeyMetadata":{"KeyId":"k-1","Arn":"arn:aws:kms:us-east-1:000000000000:key/k-1","KeyState":"Enabled","MultiRegion":true,"CreationDate":"2026-01-01T00:00:00Z"}})";
  aws.answers["kms:ListAliases"] =
      R"({"Aliases":[{"AliasName":"alias/lamp","LastUpdatedDate":"2026-01-01T00:00:00Z"}]})";
  aws.answers["kms:GetKeyPolicy"] = "AccessDeniedException";
  auto i = look();
  ResourceKey key{"kms/key", "arn:aws:kms:us-east-1:000000000000:key/k-1"};
  auto p = properties(i, key);
  EXPECT_EQ(p["MultiRegion"], true);
  EXPECT_EQ(p["Aliases"], TriggersJson::parse(R"([{"AliasName":"alias/lamp"}])"));
  EXPECT_FALSE(p.contains("CreationDate"));
  EXPECT_NE(unknown(i, key, "Policy"), "");
  EXPECT_TRUE(uses(i, {"rds/db-instance", "lamp-db"}, key)) << "by the key, not by the alias";
}

TEST_F(TriggerStory, ACertificateWithoutWhatUsesItNow) {
  aws.answers["acm:DescribeCertificate"] =
      R"({"Certificate":{"DomainName":"www.lamp.example","Status":"ISSUED","InUseBy":["arn:lb"],"NotAfter":"2026-01-01T00:00:00Z"}})";
  auto p = properties(look({{"acm/certificate", "arn:aws:acm:us-east-1:000000000000:certificate/a"}}),
                      {"acm/certificate", "arn:aws:acm:us-east-1:000000000000:certificate/a"});
  EXPECT_EQ(p["Status"], "ISSUED");
  EXPECT_TRUE(p.contains("NotAfter"));
  EXPECT_FALSE(p.contains("InUseBy"));
}

TEST_F(TriggerStory, TheQuotasOfWhatTheApplicationHasAndWhatWasGrantedInstead) {
  aws.answers["servicequotas:GetAWSDefaultServiceQuota"] = R"({"Quota":{"Value":6}})";
  aws.answers["servicequotas:GetServiceQuota"] = "NoSuchResourceException";
  aws.answers[R"(servicequotas:GetServiceQuota {"ServiceCode":"rds","QuotaCode":"L-7B6409FD"})"] =
      R"({"Quota":{"Value":40}})";
  auto i = look();
  EXPECT_EQ(properties(i, {"servicequotas/quota", "fargate/L-3032A538"}),
            TriggersJson::parse(R"({"Default":6.0})"));
  EXPECT_EQ(properties(i, {"servicequotas/quota", "rds/L-7B6409FD"})["Value"], 40.0);
  EXPECT_FALSE(find(i, {"servicequotas/quota", "lambda/L-B99A9384"})) << "it has no function";
  aws.answers["servicequotas:GetServiceQuota"] = "AccessDeniedException";
  EXPECT_NE(unknown(look(), {"servicequotas/quota", "fargate/L-3032A538"}, "Value"), "");
}

TEST_F(TriggerStory, AFunctionsAliasesItsImageAndItsLogGroup) {
  aws.answers["lambda:GetFunction"] =
      R"({"Configuration":{"FunctionName":"worker","PackageType":"Image"},"Code":{"ImageUri":"000000000000.dkr.ecr.us-east-1.amazonaws.com/worker:1"}})";
  aws.answers["lambda:ListAliases"] =
      R"({"Aliases":[{"Name":"live","FunctionVersion":"3","RevisionId":"x"}]})";
  aws.answers["logs:DescribeLogGroups"] = R"({"logGroups":[{"logGroupName":"/aws/lambda/worker"}]})";
  auto i = look({{"lambda/function", "worker"}});
  auto p = properties(i, {"lambda/function", "worker"});
  EXPECT_EQ(p["Aliases"], TriggersJson::parse(R"([{"FunctionVersion":"3","Name":"live"}])"));
  EXPECT_TRUE(uses(i, {"lambda/function", "worker"}, {"ecr/image", "worker:1"}));
  EXPECT_TRUE(find(i, {"logs/log-group", "/aws/lambda/worker"}));
}

}  // namespace
}  // namespace relight::dr
