// The example with what runs without a visitor: two functions, a queue, a rule, a bucket's notification,
// autoscaling, settings; as `relight capture` writes them, shortened.
#pragma once
#include "dr/planning/pilot_example.h"

namespace relight::dr {

inline constexpr const char* kExampleRule = "arn:aws:events:us-east-1:111122223333:rule/lamp-primary-nightly";
inline constexpr const char* kExampleTopic = "arn:aws:sns:us-east-1:111122223333:lamp-primary-news";
inline constexpr const char* kExampleKey = "arn:aws:kms:us-east-1:111122223333:key/1234";

inline std::vector<Resource> example_functions() {
  using nlohmann::json;
  return {
      example_resource("lambda/function", "lamp-primary-thumb",
                       json::parse(R"json({"FunctionName":"lamp-primary-thumb",
        "FunctionArn":"arn:aws:lambda:us-east-1:111122223333:function:lamp-primary-thumb","Runtime":"python3.11","Handler":"thumb.main",
        "Role":"arn:aws:iam::111122223333:role/lamp-primary-thumb-role","Timeout":30,"MemorySize":256,"Description":"","PackageType":"Zip",
        "CodeSha256":"ab+c/d==","Architectures":["x86_64"],"TracingConfig":{"Mode":"PassThrough"},"EphemeralStorage":{"Size":512},
        "VpcConfig":{"VpcId":"vpc-1","SubnetIds":["subnet-a"],"SecurityGroupIds":["sg-web"]},"ReservedConcurrentExecutions":5,
        "Environment":{"Variables":{"DB_HOST":"lamp-primary-db.abc.us-east-1.rds.amazonaws.com","DB_PASSWORD":"(withheld)",
          "BUCKET":"lamp-primary-uploads-111122223333-us-east-1","QUEUE":"https://sqs.us-east-1.amazonaws.com/111122223333/lamp-primary-jobs"}},
        "Tags":{"team":"web"},
        "Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"bucket\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"arn:aws:lambda:us-east-1:111122223333:function:lamp-primary-thumb\",\"Condition\":{\"StringEquals\":{\"AWS:SourceAccount\":\"111122223333\"},\"ArnLike\":{\"AWS:SourceArn\":\"arn:aws:s3:::lamp-primary-uploads-111122223333-us-east-1\"}}}]}"})json"),
                       {{"iam/role", "lamp-primary-thumb-role"}}),
      example_resource("lambda/function", "lamp-primary-consumer",
                       json::parse(R"({"FunctionName":"lamp-primary-consumer",
        "FunctionArn":"arn:aws:lambda:us-east-1:111122223333:function:lamp-primary-consumer","Runtime":"nodejs18.x","Handler":"index.main",
        "Role":"arn:aws:iam::111122223333:role/lamp-task","Timeout":30,"PackageType":"Zip","CodeSha256":"xyz","TracingConfig":{"Mode":"Active"},
        "KMSKeyArn":"arn:aws:kms:us-east-1:111122223333:key/1234","EphemeralStorage":{"Size":1024},
        "DeadLetterConfig":{"TargetArn":"arn:aws:sqs:us-east-1:111122223333:lamp-primary-dead"},
        "LoggingConfig":{"LogFormat":"JSON","LogGroup":"/aws/lambda/lamp-primary-consumer"}})"),
                       {{"iam/role", "lamp-task"}}),
      example_resource(
          "lambda/event-source-mapping", "uuid-1",
          json::parse(
              R"({"UUID":"uuid-1","FunctionArn":"arn:aws:lambda:us-east-1:111122223333:function:lamp-primary-consumer",
        "EventSourceArn":"arn:aws:sqs:us-east-1:111122223333:lamp-primary-jobs","State":"Enabled","BatchSize":5,
        "FilterCriteria":{"Filters":[{"Pattern":"{}"}]},"ScalingConfig":{"MaximumConcurrency":3}})")),
      example_resource("iam/role", "lamp-primary-thumb-role",
                       json::parse(R"({"RoleName":"lamp-primary-thumb-role","Path":"/",
        "Arn":"arn:aws:iam::111122223333:role/lamp-primary-thumb-role","AssumeRolePolicyDocument":"{\"Statement\":[]}","AttachedPolicies":[]})")),
      example_resource("iam/role-policy", "lamp-primary-thumb-role/self",
                       json::parse(R"({"RoleName":"lamp-primary-thumb-role","PolicyName":"self",
        "PolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"arn:aws:lambda:us-east-1:111122223333:function:lamp-primary-thumb\"}]}"})"))};
}

inline std::vector<Resource> example_messages() {
  using nlohmann::json;
  return {
      example_resource("sqs/queue", "lamp-primary-jobs",
                       json::parse(R"({"QueueArn":"arn:aws:sqs:us-east-1:111122223333:lamp-primary-jobs",
        "QueueUrl":"https://sqs.us-east-1.amazonaws.com/111122223333/lamp-primary-jobs","VisibilityTimeout":"60","SqsManagedSseEnabled":"true",
        "RedrivePolicy":{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:lamp-primary-dead","maxReceiveCount":3},"Tags":{"team":"web"},
        "Policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"arn:aws:sqs:us-east-1:111122223333:lamp-primary-jobs\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\"arn:aws:sns:us-east-1:111122223333:lamp-primary-news\"}}}]}"})")),
      example_resource("sqs/queue", "lamp-primary-dead",
                       json::parse(R"({"QueueArn":"arn:aws:sqs:us-east-1:111122223333:lamp-primary-dead",
        "RedriveAllowPolicy":{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:111122223333:lamp-primary-jobs"]}})")),
      example_resource(
          "sns/topic", kExampleTopic,
          json::parse(
              R"({"TopicArn":"arn:aws:sns:us-east-1:111122223333:lamp-primary-news","DisplayName":"News",
        "Policy":"{\"Id\":\"mine\",\"Statement\":[]}"})")),
      example_resource(
          "sns/subscription", "arn:aws:sns:us-east-1:111122223333:lamp-primary-news:1",
          json::parse(R"({"TopicArn":"arn:aws:sns:us-east-1:111122223333:lamp-primary-news","Protocol":"sqs",
        "Endpoint":"arn:aws:sqs:us-east-1:111122223333:lamp-primary-jobs","RawMessageDelivery":"true","FilterPolicy":"{\"a\":[\"b\"]}",
        "FilterPolicyScope":"MessageBody","RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:111122223333:lamp-primary-dead\"}"})")),
      example_resource(
          "events/rule", kExampleRule,
          json::parse(
              R"json({"Name":"lamp-primary-nightly","ScheduleExpression":"rate(1 day)","State":"ENABLED",
        "EventBusName":"default","Description":"cleans up","RoleArn":"arn:aws:iam::111122223333:role/lamp-task",
        "Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:111122223333:function:lamp-primary-consumer","Input":"{\"clean\":true}",
          "RetryPolicy":{"MaximumRetryAttempts":2},"DeadLetterConfig":{"Arn":"arn:aws:sqs:us-east-1:111122223333:lamp-primary-dead"}}]})json"))};
}

inline std::vector<Resource> example_settings() {
  using nlohmann::json;
  return {
      example_resource("applicationautoscaling/scalable-target", "service/lamp/web",
                       json::parse(R"json({"ServiceNamespace":"ecs","ResourceId":"service/lamp/web",
        "ScalableDimension":"ecs:service:DesiredCount","MinCapacity":2,"MaxCapacity":6,
        "Policies":[{"PolicyName":"busy","PolicyType":"TargetTrackingScaling","TargetTrackingScalingPolicyConfiguration":{"TargetValue":50.0,
          "ScaleInCooldown":60,"PredefinedMetricSpecification":{"PredefinedMetricType":"ALBRequestCountPerTarget","ResourceLabel":"app/lamp-alb/2/targetgroup/lamp-tg/1"}}}],
        "ScheduledActions":[{"ScheduledActionName":"morning","Schedule":"cron(0 6 * * ? *)","ScalableTargetAction":{"MinCapacity":4}}]})json"),
                       {{"ecs/service", "arn:aws:ecs:us-east-1:111122223333:service/lamp/web"}}),
      example_resource("ssm/parameter", "/lamp/host", json::parse(R"({"Name":"/lamp/host","Type":"String",
        "Value":"lamp-primary-db.abc.us-east-1.rds.amazonaws.com","DataType":"text","Tier":"Standard"})")),
      example_resource("ssm/parameter", "/lamp/mode",
                       json::parse(R"({"Name":"/lamp/mode","Type":"String"})")),
      example_resource(
          "ssm/parameter", "/lamp/token",
          json::parse(
              R"({"Name":"/lamp/token","Type":"SecureString","Value":"do-not-tell","KeyId":"alias/aws/ssm"})")),
      example_resource(
          "secretsmanager/secret", "arn:aws:secretsmanager:us-east-1:111122223333:secret:lamp/db-AbCdEf",
          json::parse(
              R"({"ARN":"arn:aws:secretsmanager:us-east-1:111122223333:secret:lamp/db-AbCdEf","Name":"lamp/db"})")),
      example_resource(
          "logs/log-group", "/lamp/web",
          json::parse(R"({"logGroupName":"/lamp/web","retentionInDays":14,"logGroupClass":"STANDARD"})")),
      example_resource(
          "logs/log-group", "/aws/lambda/lamp-primary-thumb",
          json::parse(R"({"logGroupName":"/aws/lambda/lamp-primary-thumb","retentionInDays":7})")),
      example_resource(
          "kms/key", kExampleKey,
          json::parse(
              R"({"Arn":"arn:aws:kms:us-east-1:111122223333:key/1234","KeyId":"1234","KeyManager":"CUSTOMER",
        "KeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","KeyRotationEnabled":true,"Aliases":[{"AliasName":"alias/lamp-primary"}],
        "Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}"})"))};
}

inline Inventory example_with_functions() {
  auto i = example_inventory();
  for (auto* part : {example_functions, example_messages, example_settings})
    for (auto& r : part()) i.resources.push_back(std::move(r));
  for (auto& r : i.resources)
    if (r.key.kind == "s3/bucket") {
      auto j = nlohmann::json::parse(r.properties);
      j["Notifications"] = nlohmann::json::parse(
          R"({"LambdaFunctionConfigurations":[{"LambdaFunctionArn":"arn:aws:lambda:us-east-1:111122223333:function:lamp-primary-thumb","Events":["s3:ObjectCreated:*"]}]})");
      r.properties = j.dump();
    }
  std::ranges::sort(i.resources, {}, &Resource::key);
  return i;
}

}  // namespace relight::dr
