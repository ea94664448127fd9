// Every type, property and argument that is written exists: held against tests/synth/arguments.json, which
// was taken from AWS's resource specification and from the Terraform provider.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "dr/planning/pilot_example_asleep.h"
#include "dr/view/iac.h"

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

Json specification() {
  std::ifstream in(RELIGHT_ARGUMENTS);
  return Json::parse(in, nullptr, false);
}

bool intrinsic(const Json& v) {
  return v.is_object() && v.size() == 1 && (v.begin().key() == "Ref" || v.begin().key().starts_with("Fn::"));
}

// What is there but unknown, and what is required but not there.
void compare(const Json& value, const Json& known, const std::string& path, std::vector<std::string>& wrong) {
  if (value.is_array())
    for (auto& e : value) compare(e, known, path, wrong);
  if (!value.is_object() || intrinsic(value)) return;
  for (auto& [name, v] : value.items()) {
    bool meta = name == "//" || name == "count" || name == "lifecycle" || name == "depends_on";
    if (meta) continue;
    if (!known.contains(name))
      wrong.push_back(path + "." + name + " does not exist");
    else if (known[name]["members"].is_object())
      compare(v, known[name]["members"], path + "." + name, wrong);
  }
  for (auto& [name, k] : known.items())
    if (k["required"] == true && !value.contains(name)) wrong.push_back(path + "." + name + " is required");
}

void change(Inventory& i, const std::string& kind, const std::string& patch) {
  for (auto& r : i.resources)
    if (r.key.kind == kind) {
      auto j = Json::parse(r.properties);
      j.merge_patch(Json::parse(patch));
      r.properties = j.dump();
    }
}

// All that is known of what runs without a visitor.
void change_asleep(Inventory& i) {
  change(
      i, "lambda/function",
      R"({"SnapStart":{"ApplyOn":"PublishedVersions"},"Layers":[{"Arn":"arn:aws:lambda:us-east-1:111122223333:layer:l:1"}],"Description":"d"})");
  change(
      i, "lambda/event-source-mapping",
      R"({"MaximumBatchingWindowInSeconds":1,"ParallelizationFactor":2,"StartingPosition":"LATEST","MaximumRecordAgeInSeconds":60,
    "BisectBatchOnFunctionError":true,"MaximumRetryAttempts":1,"TumblingWindowInSeconds":3,"FunctionResponseTypes":["ReportBatchItemFailures"],
    "DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sqs:us-east-1:111122223333:lamp-primary-dead"}}})");
  change(
      i, "applicationautoscaling/scalable-target",
      R"json({"Policies":[{"PolicyName":"a","PolicyType":"StepScaling","StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","Cooldown":5,
      "MetricAggregationType":"Average","MinAdjustmentMagnitude":1,"StepAdjustments":[{"ScalingAdjustment":1,"MetricIntervalLowerBound":0.0,"MetricIntervalUpperBound":5.0}]}},
    {"PolicyName":"b","PolicyType":"TargetTrackingScaling","TargetTrackingScalingPolicyConfiguration":{"TargetValue":5.0,"ScaleInCooldown":1,"ScaleOutCooldown":1,
      "DisableScaleIn":true,"CustomizedMetricSpecification":{"MetricName":"m","Namespace":"n","Statistic":"Sum","Unit":"Count","Dimensions":[{"Name":"a","Value":"b"}]}}}],
    "ScheduledActions":[{"ScheduledActionName":"s","Schedule":"rate(1 day)","Timezone":"UTC","ScalableTargetAction":{"MinCapacity":1,"MaxCapacity":2}}]})json");
  change(
      i, "sns/topic",
      R"({"FifoTopic":"true","ContentBasedDeduplication":"true","KmsMasterKeyId":"alias/aws/sns","TracingConfig":"Active","SignatureVersion":"2","Tags":[{"Key":"a","Value":"b"}]})");
  change(
      i, "events/rule",
      R"json({"EventPattern":"{\"source\":[\"aws.s3\"]}","Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:111122223333:function:lamp-primary-consumer",
    "InputTransformer":{"InputPathsMap":{"a":"$.b"},"InputTemplate":"<a>"},"RetryPolicy":{"MaximumEventAgeInSeconds":60,"MaximumRetryAttempts":1}},
    {"Id":"2","Arn":"arn:aws:ecs:us-east-1:111122223333:cluster/lamp","RoleArn":"arn:aws:iam::111122223333:role/lamp-task","EcsParameters":{"TaskCount":1,"LaunchType":"FARGATE",
      "TaskDefinitionArn":"arn:aws:ecs:us-east-1:111122223333:task-definition/lamp-primary-web:3","NetworkConfiguration":{"awsvpcConfiguration":{"Subnets":["subnet-a"],"SecurityGroups":["sg-web"],"AssignPublicIp":"ENABLED"}}}},
    {"Id":"3","Arn":"arn:aws:sqs:us-east-1:111122223333:lamp-primary-jobs","InputPath":"$.x","SqsParameters":{"MessageGroupId":"g"}}]})json");
  change(i, "ssm/parameter", R"({"Description":"d","AllowedPattern":".*","DataType":"aws:ec2:image"})");
  change(i, "kms/key", R"({"Description":"d","KeySpec":"RSA_2048","KeyUsage":"SIGN_VERIFY"})");
}

// The example with everything that the translators know of.
Inventory everything() {
  auto i = example_with_functions();
  change_asleep(i);
  change(
      i, "s3/bucket",
      R"({"PublicAccessBlock":{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true},
    "Encryption":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"arn:aws:kms:us-east-1:1:key/2"},"BucketKeyEnabled":true}]},
    "Cors":{"CORSRules":[{"ID":"a","AllowedHeaders":["*"],"AllowedMethods":["GET"],"AllowedOrigins":["*"],"ExposeHeaders":["ETag"],"MaxAgeSeconds":5}]},
    "Lifecycle":{"Rules":[{"ID":"r","Status":"Enabled","Filter":{"And":{"Prefix":"x/","Tags":[{"Key":"a","Value":"b"}]}},"Expiration":{"Days":3},
      "Transitions":[{"Days":1,"StorageClass":"GLACIER"}],"NoncurrentVersionExpiration":{"NoncurrentDays":4},"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7}}]},
    "Tags":[{"Key":"team","Value":"web"}]})");
  change(
      i, "rds/db-instance",
      R"({"StorageEncrypted":true,"DeletionProtection":true,"CopyTagsToSnapshot":true,"AutoMinorVersionUpgrade":false,"StorageType":"io1","Iops":1000})");
  change(i, "elbv2/listener",
         R"({"Certificates":[{"CertificateArn":"arn:x"}],"SslPolicy":"P","AlpnPolicy":["HTTP2Preferred"]})");
  change(
      i, "elbv2/target-group",
      R"({"ProtocolVersion":"GRPC","Matcher":{"GrpcCode":"0"},"HealthCheckIntervalSeconds":5,"HealthyThresholdCount":2,
    "Attributes":[{"Key":"stickiness.enabled","Value":"true"},{"Key":"stickiness.type","Value":"app_cookie"},{"Key":"deregistration_delay.timeout_seconds","Value":"5"}]})");
  change(
      i, "ecs/service",
      R"({"capacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT","weight":1,"base":0}],"enableExecuteCommand":true,"propagateTags":"SERVICE",
    "deploymentConfiguration":{"maximumPercent":200,"minimumHealthyPercent":100,"deploymentCircuitBreaker":{"enable":true,"rollback":true}},"tags":[{"key":"a","value":"b"}]})");
  change(
      i, "ecs/cluster",
      R"({"capacityProviders":["FARGATE"],"defaultCapacityProviderStrategy":[{"capacityProvider":"FARGATE","weight":1}]})");
  change(
      i, "ecs/task-definition",
      R"({"runtimePlatform":{"cpuArchitecture":"ARM64","operatingSystemFamily":"LINUX"},"ephemeralStorage":{"sizeInGiB":30},"volumes":[{"name":"v"}]})");
  auto add = [&](const char* kind, const std::string& id, const char* text) {
    i.resources.push_back(example_resource(kind, id, Json::parse(text)));
  };
  add("ec2/nat-gateway", "nat-1", R"({"SubnetId":"subnet-a","VpcId":"vpc-1"})");
  add("ec2/route-table", "rtb-2",
      R"({"VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-b"}],"Routes":[{"DestinationCidrBlock":"0.0.0.0/0","NatGatewayId":"nat-1"}]})");
  add("ec2/vpc-endpoint", "vpce-1",
      R"({"VpcId":"vpc-1","ServiceName":"com.amazonaws.us-east-1.s3","VpcEndpointType":"Gateway","RouteTableIds":["rtb-1"],"PolicyDocument":"{\"Statement\":[]}"})");
  add("ec2/vpc-endpoint", "vpce-2",
      R"({"VpcId":"vpc-1","ServiceName":"com.amazonaws.us-east-1.ecr.api","VpcEndpointType":"Interface","SubnetIds":["subnet-a"],"Groups":[{"GroupId":"sg-web"}],"PrivateDnsEnabled":true})");
  add("ec2/network-acl", "acl-2",
      R"({"VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-a"}],"Entries":[{"RuleNumber":10,"Protocol":"6","RuleAction":"allow","Egress":false,"CidrBlock":"10.0.0.0/8","PortRange":{"From":1,"To":2}},
    {"RuleNumber":11,"Protocol":"1","RuleAction":"deny","Egress":true,"CidrBlock":"10.0.0.0/8","IcmpTypeCode":{"Type":-1,"Code":-1}}]})");
  add("ec2/security-group", "sg-closed",
      R"({"GroupName":"closed","Description":"closed","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":[{"IpProtocol":"tcp","FromPort":1,"ToPort":2,"UserIdGroupPairs":[{"GroupId":"sg-db"}]}]})");
  add("elbv2/rule", "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener-rule/app/lamp-alb/2/3/4",
      R"({"Priority":"5","Conditions":[
    {"Field":"path-pattern","Values":["/x"],"PathPatternConfig":{"Values":["/x"]}},{"Field":"host-header","HostHeaderConfig":{"Values":["h"]}},
    {"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"X","Values":["y"]}},{"Field":"query-string","QueryStringConfig":{"Values":[{"Key":"a","Value":"b"}]}},
    {"Field":"source-ip","SourceIpConfig":{"Values":["10.0.0.0/8"]}}],"Actions":[{"Type":"redirect","RedirectConfig":{"Protocol":"HTTPS","StatusCode":"HTTP_301"}}]})");
  add("rds/option-group", "audited", R"({"OptionGroupName":"audited","OptionGroupDescription":"d","EngineName":"mariadb","MajorEngineVersion":"10.11","Options":[{"OptionName":"X","OptionVersion":"1.0","Port":1,
    "VpcSecurityGroupMemberships":[{"VpcSecurityGroupId":"sg-db","Status":"active"}],"OptionSettings":[{"Name":"A","Value":"b","DefaultValue":""}]}]})");
  change(i, "rds/db-instance", R"({"OptionGroupMemberships":[{"OptionGroupName":"audited","Status":"in-sync"}]})");
  add("cloudwatch/alarm", "quiet", R"({"AlarmName":"quiet","Namespace":"AWS/RDS","MetricName":"CPUUtilization","Statistic":"Average","Period":60,"EvaluationPeriods":3,"DatapointsToAlarm":2,
    "Threshold":80,"ComparisonOperator":"GreaterThanThreshold","TreatMissingData":"missing","Unit":"Percent","AlarmActions":["arn:aws:sns:us-east-1:111122223333:t"],"Dimensions":[{"Name":"DBInstanceIdentifier","Value":"lamp-primary-db"}]})");
  add("wafv2/web-acl", kExampleAcl, kExampleAclText);
  change(i, "elbv2/load-balancer", (R"({"WebACL":")" + std::string(kExampleAcl) + "\"}").c_str());
  std::ranges::sort(i.resources, {}, &Resource::key);
  return i;
}

Pilot planned() {
  auto p = plan_pilot(everything(), {.region = "us-west-2",
                                     .primary_stack = "lamp-primary",
                                     .stack = "lamp-pilot",
                                     .domain = "www.lamp.example",
                                     .flag_key = "f"});
  EXPECT_TRUE(p) << p.error().text();
  return p ? *p : Pilot{};
}

TEST(Arguments, CloudFormationKnowsEveryTypeAndProperty) {
  auto known = specification();
  ASSERT_TRUE(known.is_object());
  std::vector<std::string> wrong;
  for (auto& r : planned().resources) {
    ASSERT_TRUE(known["cloudformation"].contains(r.type)) << r.type;
    compare(Json::parse(r.properties), known["cloudformation"][r.type], r.type, wrong);
  }
  EXPECT_EQ(wrong, std::vector<std::string>{});
}

TEST(Arguments, TerraformKnowsEveryTypeAndArgument) {
  auto known = specification();
  ASSERT_TRUE(known.is_object());
  std::vector<std::string> wrong;
  auto file = Json::parse(terraform(planned()));
  EXPECT_FALSE(file.contains("//")) << file["//"];
  for (auto& [type, resources] : file["resource"].items()) {
    ASSERT_TRUE(known["terraform"].contains(type)) << type;
    for (auto& r : resources) compare(r, known["terraform"][type], type, wrong);
  }
  EXPECT_EQ(wrong, std::vector<std::string>{});
}

TEST(Arguments, TheJudgeSeesWhatDoesNotExistAndWhatIsMissing) {
  std::vector<std::string> wrong;
  compare(Json::parse(R"({"a":[{"x":1}]})"),
          Json::parse(R"({"a":{"required":false,"members":{"y":{"required":true,"members":null}}}})"), "T",
          wrong);
  EXPECT_EQ(wrong, (std::vector<std::string>{"T.a.x does not exist", "T.a.y is required"}));
}

}  // namespace
}  // namespace relight::dr::view
