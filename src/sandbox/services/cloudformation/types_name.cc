// Route 53.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

Types name_types() {
  return {
  {.name = "AWS::Route53::HostedZone",
   .create = {{"route53", "CreateHostedZone", "Name HostedZoneConfig", "CallerReference=$stack-$logical-$token", ""}},
   .id = "/HostedZone/Id",
   .describe = Action{"route53", "GetHostedZone", "", "Id=$id", ""}, .root = "",
   .attributes = {{"Id", "$id"}, {"NameServers", "/DelegationSet/NameServers"}},
   .replace = "Name",
   .remove = {{"route53", "DeleteHostedZone", "", "Id=$id", ""}}},
  {.name = "AWS::Route53::RecordSet",
   .create = {{"route53", "ChangeResourceRecordSets", "", "", "", record_upsert}},
   .id = "=Name",
   .replace = "Name HostedZoneId",
   .update = {{"route53", "ChangeResourceRecordSets", "", "",
               "Type SetIdentifier TTL ResourceRecords AliasTarget HealthCheckId Failover Weight Region MultiValueAnswer GeoLocation", record_upsert}},
   .remove = {{"route53", "ChangeResourceRecordSets", "", "", "", record_delete}}},
  {.name = "AWS::Route53::HealthCheck",
   .create = {{"route53", "CreateHealthCheck", "", "", "", health_check}},
   .id = "/HealthCheck/Id",
   .attributes = {{"HealthCheckId", "$id"}},
   // AWS replaces it only for Type, MeasureLatency and RequestInterval; a new id each time is the stricter.
   .replace = "HealthCheckConfig",
   .remove = {{"route53", "DeleteHealthCheck", "", "HealthCheckId=$id", ""}},
   .skip = "HealthCheckTags"}};
}

}  // namespace relight::sandbox::cfn
