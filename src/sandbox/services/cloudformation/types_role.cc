// IAM roles.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

Types role_types() {
  return {
  {.name = "AWS::IAM::Role",
   .create = {{"iam", "CreateRole", "RoleName AssumeRolePolicyDocument Description Path MaxSessionDuration Tags", "", "", policy_document},
              {"iam", "PutRolePolicy", "", "RoleName=$id", "Policies", first_policy, "Policies"},
              {"iam", "AttachRolePolicy", "value=PolicyArn", "RoleName=$id", "ManagedPolicyArns", nullptr, "ManagedPolicyArns"}},
   .id = "/Role/RoleName",
   .describe = Action{"iam", "GetRole", "", "RoleName=$id", ""}, .root = "/Role",
   .attributes = {{"Arn", "/Arn"}, {"RoleId", "/RoleId"}},
   .replace = "RoleName Path",
   .update = {{"iam", "UpdateAssumeRolePolicy", "AssumeRolePolicyDocument=PolicyDocument", "RoleName=$id", "AssumeRolePolicyDocument", policy_document},
              {"iam", "UpdateRole", "Description MaxSessionDuration", "RoleName=$id", "Description MaxSessionDuration"},
              about_gone({"iam", "DeleteRolePolicy", "PolicyName", "RoleName=$id", "Policies", nullptr, "Policies", Entries::kGone}),
              {"iam", "PutRolePolicy", "", "RoleName=$id", "Policies", first_policy, "Policies", Entries::kAdded, "-"},
              about_gone({"iam", "DetachRolePolicy", "value=PolicyArn", "RoleName=$id", "ManagedPolicyArns", nullptr, "ManagedPolicyArns", Entries::kGone}),
              {"iam", "AttachRolePolicy", "value=PolicyArn", "RoleName=$id", "ManagedPolicyArns", nullptr, "ManagedPolicyArns", Entries::kAdded, "-"}},
   .remove = {{"iam", "DeleteRolePolicy", "PolicyName", "RoleName=$id", "Policies", nullptr, "Policies"},
              {"iam", "DetachRolePolicy", "value=PolicyArn", "RoleName=$id", "ManagedPolicyArns", nullptr, "ManagedPolicyArns"},
              {"iam", "DeleteRole", "", "RoleName=$id", ""}},
   .skip = "Policies ManagedPolicyArns", .named = "RoleName"}};
}

}  // namespace relight::sandbox::cfn
