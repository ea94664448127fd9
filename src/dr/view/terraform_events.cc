// Functions and what calls them, messages, autoscaling, parameters.
#include "dr/view/terraform_blocks.h"

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

Json one(Json block) { return Json::array({std::move(block)}); }

void nested(TerraformBlock& b, const char* property, const char* argument, std::string_view members) {
  if (auto v = b.value(property); v.is_object()) b.arguments[argument] = one(renamed(v, members));
}

// A failover changes these; the next apply must not change them back.
void leave_alone(TerraformBlock& b, std::initializer_list<const char*> arguments) {
  Json list = Json::array();
  for (auto* a : arguments) list.push_back(a);
  b.arguments["lifecycle"] = one({{"ignore_changes", list}});
}

void lambda(TerraformBlock& b) {
  auto code = b.value("Code");
  b.arguments.update(renamed(code, "S3Bucket=s3_bucket S3Key=s3_key ImageUri=image_uri"));
  nested(b, "Environment", "environment", "Variables=variables");
  nested(b, "VpcConfig", "vpc_config", "SubnetIds=subnet_ids SecurityGroupIds=security_group_ids");
  nested(b, "DeadLetterConfig", "dead_letter_config", "TargetArn=target_arn");
  nested(b, "TracingConfig", "tracing_config", "Mode=mode");
  nested(b, "EphemeralStorage", "ephemeral_storage", "Size=size");
  nested(b, "SnapStart", "snap_start", "ApplyOn=apply_on");
  nested(b, "ImageConfig", "image_config",
         "EntryPoint=entry_point Command=command WorkingDirectory=working_directory");
  if (auto log = b.value("LoggingConfig"); log.is_object()) {
    auto block = renamed(log,
                         "LogFormat=log_format ApplicationLogLevel=application_log_level "
                         "SystemLogLevel=system_log_level LogGroup=log_group");
    if (!block.contains("log_format")) block["log_format"] = "Text";
    b.arguments["logging_config"] = one(block);
  }
  leave_alone(b, {"reserved_concurrent_executions"});
}

void mapping(TerraformBlock& b) {
  if (auto f = b.value("FilterCriteria"); f.is_object()) {
    Json filters = Json::array();
    for (auto& e : f.value("Filters", Json::array())) filters.push_back(renamed(e, "Pattern=pattern"));
    b.arguments["filter_criteria"] = one({{"filter", filters}});
  }
  nested(b, "ScalingConfig", "scaling_config", "MaximumConcurrency=maximum_concurrency");
  if (auto d = b.value("DestinationConfig"); d.is_object() && d.contains("OnFailure"))
    b.arguments["destination_config"] =
        one({{"on_failure", one(renamed(d["OnFailure"], "Destination=destination_arn"))}});
  leave_alone(b, {"enabled"});
}

Json ecs_target(const Json& ecs) {
  auto out =
      renamed(ecs,
              "TaskDefinitionArn=task_definition_arn TaskCount=task_count LaunchType=launch_type "
              "PlatformVersion=platform_version Group=group PropagateTags=propagate_tags "
              "EnableECSManagedTags=enable_ecs_managed_tags EnableExecuteCommand=enable_execute_command");
  auto vpc = ecs.value("NetworkConfiguration", Json::object()).value("AwsVpcConfiguration", Json::object());
  if (vpc.empty()) return out;
  auto n = renamed(vpc, "Subnets=subnets SecurityGroups=security_groups");
  n["assign_public_ip"] = vpc.value("AssignPublicIp", "") == "ENABLED";
  out["network_configuration"] = one(n);
  return out;
}

Json event_target(TerraformBlock& b, const Json& t) {
  auto out = renamed(t, "Id=target_id Arn=arn RoleArn=role_arn Input=input InputPath=input_path");
  out["rule"] = b.self("name");
  if (b.arguments.contains("event_bus_name")) out["event_bus_name"] = b.arguments["event_bus_name"];
  if (t.contains("InputTransformer"))
    out["input_transformer"] =
        one(renamed(t["InputTransformer"], "InputPathsMap=input_paths InputTemplate=input_template"));
  if (t.contains("RetryPolicy"))
    out["retry_policy"] = one(renamed(
        t["RetryPolicy"],
        "MaximumRetryAttempts=maximum_retry_attempts MaximumEventAgeInSeconds=maximum_event_age_in_seconds"));
  if (t.contains("DeadLetterConfig"))
    out["dead_letter_config"] = one(renamed(t["DeadLetterConfig"], "Arn=arn"));
  if (t.contains("SqsParameters"))
    out["sqs_target"] = one(renamed(t["SqsParameters"], "MessageGroupId=message_group_id"));
  if (t.contains("HttpParameters"))
    out["http_target"] =
        one(renamed(t["HttpParameters"],
                    "PathParameterValues=path_parameter_values HeaderParameters=header_parameters "
                    "QueryStringParameters=query_string_parameters"));
  if (t.contains("EcsParameters")) out["ecs_target"] = one(ecs_target(t["EcsParameters"]));
  return out;
}

void rule(TerraformBlock& b) {
  if (b.properties.contains("EventPattern"))
    b.arguments["event_pattern"] = b.values.document(b.properties["EventPattern"]);
  int n = 0;
  for (auto& t : b.properties.value("Targets", Json::array()))
    b.more("aws_cloudwatch_event_target", b.resource.id + "Target" + std::to_string(n++),
           event_target(b, b.values.value(t)));
  leave_alone(b, {"state"});
}

void as_text(TerraformBlock& b, const char* property, const char* argument) {
  if (b.properties.contains(property)) b.arguments[argument] = b.values.document(b.properties[property]);
}

// The policy of one queue or topic, as both write it.
void of_first(TerraformBlock& b, const char* list, const char* argument) {
  b.arguments[argument] = b.values.value(b.properties[list][0]);
  as_text(b, "PolicyDocument", "policy");
}

void scalable(TerraformBlock& b) {
  nested(b, "SuspendedState", "suspended_state",
         "DynamicScalingInSuspended=dynamic_scaling_in_suspended "
         "DynamicScalingOutSuspended=dynamic_scaling_out_suspended "
         "ScheduledScalingSuspended=scheduled_scaling_suspended");
  int n = 0;
  for (auto& a : b.value("ScheduledActions")) {
    auto action = renamed(
        a,
        "ScheduledActionName=name Schedule=schedule Timezone=timezone StartTime=start_time EndTime=end_time");
    action["service_namespace"] = b.arguments["service_namespace"];
    action["resource_id"] = b.self("resource_id");
    action["scalable_dimension"] = b.arguments["scalable_dimension"];
    action["scalable_target_action"] =
        one(renamed(a["ScalableTargetAction"], "MinCapacity=min_capacity MaxCapacity=max_capacity"));
    b.more("aws_appautoscaling_scheduled_action", b.resource.id + "Scheduled" + std::to_string(n++), action);
  }
  leave_alone(b, {"min_capacity", "max_capacity", "suspended_state"});
}

Json customized(const Json& m) {
  auto out = renamed(m, "MetricName=metric_name Namespace=namespace Statistic=statistic Unit=unit");
  for (auto& d : m.value("Dimensions", Json::array()))
    out["dimensions"].push_back(renamed(d, "Name=name Value=value"));
  return out;
}

void scaling_policy(TerraformBlock& b) {
  auto target = b.properties["ScalingTargetId"].value("Ref", "");
  for (auto* part : {"service_namespace", "resource_id", "scalable_dimension"})
    b.arguments[part] = "${" + b.values.reference(target, part) + "}";
  if (auto t = b.value("TargetTrackingScalingPolicyConfiguration"); t.is_object()) {
    auto block = renamed(t,
                         "TargetValue=target_value ScaleInCooldown=scale_in_cooldown "
                         "ScaleOutCooldown=scale_out_cooldown DisableScaleIn=disable_scale_in");
    if (t.contains("PredefinedMetricSpecification"))
      block["predefined_metric_specification"] =
          one(renamed(t["PredefinedMetricSpecification"],
                      "PredefinedMetricType=predefined_metric_type ResourceLabel=resource_label"));
    if (t.contains("CustomizedMetricSpecification"))
      block["customized_metric_specification"] = one(customized(t["CustomizedMetricSpecification"]));
    b.arguments["target_tracking_scaling_policy_configuration"] = one(block);
  }
  if (auto s = b.value("StepScalingPolicyConfiguration"); s.is_object()) {
    auto block = renamed(s,
                         "AdjustmentType=adjustment_type Cooldown=cooldown "
                         "MetricAggregationType=metric_aggregation_type "
                         "MinAdjustmentMagnitude=min_adjustment_magnitude");
    for (auto& a : s.value("StepAdjustments", Json::array()))
      block["step_adjustment"].push_back(renamed(a,
                                                 "ScalingAdjustment=scaling_adjustment "
                                                 "MetricIntervalLowerBound=metric_interval_lower_bound "
                                                 "MetricIntervalUpperBound=metric_interval_upper_bound"));
    b.arguments["step_scaling_policy_configuration"] = one(block);
  }
}

}  // namespace

void terraform_events(TerraformBlock& b) {
  auto& type = b.resource.type;
  if (type == "AWS::Lambda::Function") lambda(b);
  if (type == "AWS::Lambda::EventSourceMapping") mapping(b);
  if (type == "AWS::Events::Rule") rule(b);
  if (type == "AWS::SQS::QueuePolicy") of_first(b, "Queues", "queue_url");
  if (type == "AWS::SNS::TopicPolicy") of_first(b, "Topics", "arn");
  for (auto& [property, argument] : {std::pair{"RedrivePolicy", "redrive_policy"},
                                     {"RedriveAllowPolicy", "redrive_allow_policy"},
                                     {"FilterPolicy", "filter_policy"}})
    as_text(b, property, argument);
  if (type == "AWS::KMS::Key") as_text(b, "KeyPolicy", "policy");
  if (type == "AWS::ApplicationAutoScaling::ScalableTarget") scalable(b);
  if (type == "AWS::ApplicationAutoScaling::ScalingPolicy") scaling_policy(b);
}

}  // namespace relight::dr::view
