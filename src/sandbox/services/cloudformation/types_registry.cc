// ECR. AWS::ECR::ReplicationConfiguration is the registry's one setting: its Ref is the registry's id.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

namespace {

void lifecycle_text(Json& input, const Subject& s) {
  auto policy = s.props.value("LifecyclePolicy", Json::object());
  if (policy.contains("LifecyclePolicyText")) input["lifecyclePolicyText"] = policy["LifecyclePolicyText"];
}

void repository_gone(Json& input, const Subject& s) {
  if (s.props.value("EmptyOnDelete", Json(false)) == Json(true) || s.props.value("EmptyOnDelete", Json()) == "true") input["force"] = true;
}

void no_replication(Json& input, const Subject&) { input = {{"replicationConfiguration", {{"rules", Json::array()}}}}; }

}  // namespace

Types registry_types() {
  return {
  {.name = "AWS::ECR::Repository",
   .create = {{"ecr", "CreateRepository", "RepositoryName ImageTagMutability ImageScanningConfiguration EncryptionConfiguration Tags"}},
   .settings = {undone({"ecr", "PutLifecyclePolicy", "", "repositoryName=$id", "LifecyclePolicy", lifecycle_text}, "DeleteLifecyclePolicy"),
                undone({"ecr", "SetRepositoryPolicy", "RepositoryPolicyText=policyText", "repositoryName=$id", "RepositoryPolicyText"}, "DeleteRepositoryPolicy")},
   .id = "=RepositoryName",
   .describe = Action{"ecr", "DescribeRepositories", "", "repositoryNames=[$id]"}, .root = "/repositories/0",
   .attributes = {{"Arn", "/repositoryArn"}, {"RepositoryUri", "/repositoryUri"}},
   .replace = "RepositoryName EncryptionConfiguration",
   .update = {{"ecr", "PutImageTagMutability", "ImageTagMutability", "repositoryName=$id", "ImageTagMutability"},
              {"ecr", "PutImageScanningConfiguration", "ImageScanningConfiguration", "repositoryName=$id", "ImageScanningConfiguration"}},
   .remove = {{"ecr", "DeleteRepository", "", "repositoryName=$id", "", repository_gone}},
   .skip = "EmptyOnDelete",
   .named = "RepositoryName"},
  {.name = "AWS::ECR::ReplicationConfiguration",
   .create = {{"ecr", "DescribeRegistry", "", ""}},
   .settings = {{"ecr", "PutReplicationConfiguration", "ReplicationConfiguration", "", "ReplicationConfiguration"}},
   .id = "/registryId",
   .remove = {{"ecr", "PutReplicationConfiguration", "", "", "", no_replication}}}};
}

}  // namespace relight::sandbox::cfn
