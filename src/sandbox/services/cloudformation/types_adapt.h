// What a property needs beyond a rename.
#pragma once
#include "sandbox/services/cloudformation/types.h"

namespace relight::sandbox::cfn::adapt {

void tag_specification(Json& input, const Subject& s);   // EC2: Tags -> TagSpecifications by type
void tags_gone(Json& input, const Subject& s);           // of an update: the keys no longer named
void ingress(Json& input, const Subject& s);             // SecurityGroupIngress -> IpPermissions
void egress(Json& input, const Subject& s);
void ingress_gone(Json& input, const Subject& s);        // of an update: the rules no longer named
void egress_gone(Json& input, const Subject& s);
void egress_default(Json& input, const Subject& s);      // revokes the allow-all rule when egress is given
void bucket_location(Json& input, const Subject& s);
void bucket_encryption(Json& input, const Subject& s);
void bucket_lifecycle(Json& input, const Subject& s);
void bucket_notifications(Json& input, const Subject& s);
void bucket_tags(Json& input, const Subject& s);
void policy_document(Json& input, const Subject& s);     // JSON objects become JSON text
void first_policy(Json& input, const Subject& s);
void record_change(Json& input, const Subject& s, const char* action);
void record_upsert(Json& input, const Subject& s);
void record_delete(Json& input, const Subject& s);
void health_check(Json& input, const Subject& s);
void db_parameters(Json& input, const Subject& s);
void db_parameters_gone(Json& input, const Subject& s);
void options(Json& input, const Subject& s);             // OptionConfigurations -> OptionsToInclude
void options_gone(Json& input, const Subject& s);
void targets_gone(Json& input, const Subject& s);
void rule_priority(Json& input, const Subject& s);
void attributes_list(Json& input, const Subject& s);     // LoadBalancerAttributes, TargetGroupAttributes
void find_acl(Json& input, const Subject& s);            // name, id and scope of a web ACL by its physical id
void one_task(Json& input, const Subject& s);            // CloudFormation's default of DesiredCount is 1

Ready db_available(const Json& d, const Subject& s);
Ready load_balancer_active(const Json& d, const Subject& s);
Ready service_stable(const Json& d, const Subject& s);

}  // namespace relight::sandbox::cfn::adapt
