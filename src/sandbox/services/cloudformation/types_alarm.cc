// CloudWatch.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

Types alarm_types() {
  return {
  {.name = "AWS::CloudWatch::Alarm",
   .create = {{"cloudwatch", "PutMetricAlarm", "*", "", ""}},
   .id = "=AlarmName",
   .describe = Action{"cloudwatch", "DescribeAlarms", "", "AlarmNames=[$id]", ""}, .root = "/MetricAlarms/0",
   .attributes = {{"Arn", "/AlarmArn"}},
   .replace = "AlarmName",
   .update = {{"cloudwatch", "PutMetricAlarm", "*", "", "*"}},
   .remove = {{"cloudwatch", "DeleteAlarms", "", "AlarmNames=[$id]", ""}},
   .named = "AlarmName"}};
}

}  // namespace relight::sandbox::cfn
