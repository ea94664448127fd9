// Roles, buckets and databases.
#include "dr/view/terraform_blocks.h"

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

void role(TerraformBlock& b) {
  b.arguments["assume_role_policy"] = b.values.document(b.properties["AssumeRolePolicyDocument"]);
  b.arguments["name_prefix"] =
      (b.pilot.stack + "-" + b.resource.id).substr(0, 37) + "-";  // 38 characters at most
  int n = 0;
  for (auto& p : b.properties.value("Policies", Json::array()))
    b.more("aws_iam_role_policy", b.resource.id + "Policy" + std::to_string(n++),
           {{"name", p.value("PolicyName", "")},
            {"role", b.self("name")},
            {"policy", b.values.document(p["PolicyDocument"])}});
  n = 0;
  for (auto& arn : b.properties.value("ManagedPolicyArns", Json::array()))
    b.more("aws_iam_role_policy_attachment", b.resource.id + "Attached" + std::to_string(n++),
           {{"role", b.self("name")}, {"policy_arn", b.values.value(arn)}});
}

Json lifecycle_rule(const Json& r) {
  Json out{{"id", r.value("Id", "rule")}, {"status", r.value("Status", "Enabled")}};
  Json filter{{"prefix", r.value("Prefix", "")}};
  auto tags = r.value("TagFilters", Json::array());
  if (!tags.empty()) {
    Json map = Json::object();
    for (auto& t : tags) map[t.value("Key", "")] = t.value("Value", "");
    filter = {{"and", Json::array({{{"prefix", r.value("Prefix", "")}, {"tags", map}}})}};
  }
  out["filter"] = Json::array({filter});
  auto expiration = renamed(
      r, "ExpirationInDays=days ExpirationDate=date ExpiredObjectDeleteMarker=expired_object_delete_marker");
  if (!expiration.empty()) out["expiration"] = Json::array({expiration});
  for (auto& t : r.value("Transitions", Json::array()))
    out["transition"].push_back(
        renamed(t, "TransitionInDays=days TransitionDate=date StorageClass=storage_class"));
  if (r.contains("NoncurrentVersionExpiration"))
    out["noncurrent_version_expiration"] = Json::array(
        {renamed(r["NoncurrentVersionExpiration"],
                 "NoncurrentDays=noncurrent_days NewerNoncurrentVersions=newer_noncurrent_versions")});
  if (r.contains("AbortIncompleteMultipartUpload"))
    out["abort_incomplete_multipart_upload"] = Json::array(
        {renamed(r["AbortIncompleteMultipartUpload"], "DaysAfterInitiation=days_after_initiation")});
  return out;
}

void bucket_rules(TerraformBlock& b, const Json& name) {
  auto& id = b.resource.id;
  if (b.properties.contains("LifecycleConfiguration")) {
    Json rules = Json::array();
    for (auto& r : b.properties["LifecycleConfiguration"]["Rules"])
      rules.push_back(lifecycle_rule(b.values.value(r)));
    b.more("aws_s3_bucket_lifecycle_configuration", id, {{"bucket", name}, {"rule", rules}});
  }
  if (b.properties.contains("CorsConfiguration")) {
    Json rules = Json::array();
    for (auto& r : b.properties["CorsConfiguration"]["CorsRules"])
      rules.push_back(renamed(b.values.value(r),
                              "Id=id AllowedHeaders=allowed_headers AllowedMethods=allowed_methods "
                              "AllowedOrigins=allowed_origins "
                              "ExposedHeaders=expose_headers MaxAge=max_age_seconds"));
    b.more("aws_s3_bucket_cors_configuration", id, {{"bucket", name}, {"cors_rule", rules}});
  }
  if (b.properties.contains("BucketEncryption")) {
    Json rules = Json::array();
    for (auto& r : b.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]) {
      auto rule = renamed(r, "BucketKeyEnabled=bucket_key_enabled");
      rule["apply_server_side_encryption_by_default"] =
          Json::array({renamed(b.values.value(r["ServerSideEncryptionByDefault"]),
                               "SSEAlgorithm=sse_algorithm KMSMasterKeyID=kms_master_key_id")});
      rules.push_back(rule);
    }
    b.more("aws_s3_bucket_server_side_encryption_configuration", id, {{"bucket", name}, {"rule", rules}});
  }
}

void bucket(TerraformBlock& b) {
  Json name = b.self("bucket");
  auto& id = b.resource.id;
  if (b.properties.contains("VersioningConfiguration"))
    b.more("aws_s3_bucket_versioning", id,
           {{"bucket", name}, {"versioning_configuration", Json::array({{{"status", "Enabled"}}})}});
  if (b.properties.contains("PublicAccessBlockConfiguration")) {
    auto block = renamed(b.properties["PublicAccessBlockConfiguration"],
                         "BlockPublicAcls=block_public_acls IgnorePublicAcls=ignore_public_acls "
                         "BlockPublicPolicy=block_public_policy "
                         "RestrictPublicBuckets=restrict_public_buckets");
    block["bucket"] = name;
    b.more("aws_s3_bucket_public_access_block", id, block);
  }
  bucket_rules(b, name);
}

void option_group(TerraformBlock& b) {
  for (auto& o : b.properties.value("OptionConfigurations", Json::array())) {
    auto option = renamed(b.values.value(o),
                          "OptionName=option_name OptionVersion=version Port=port "
                          "VpcSecurityGroupMemberships=vpc_security_group_memberships");
    for (auto& s : o.value("OptionSettings", Json::array()))
      option["option_settings"].push_back(renamed(b.values.value(s), "Name=name Value=value"));
    b.arguments["option"].push_back(option);
  }
}

void database(TerraformBlock& b) {
  // An ARN alone is taken here ("kms_key_id", aws_db_instance); what is asked for may be an alias.
  if (auto key = b.properties.find("KmsKeyId"); key != b.properties.end() && key->contains("Ref")) {
    b.data("aws_kms_key", b.resource.id, {{"key_id", b.value("KmsKeyId")}});
    b.arguments["kms_key_id"] = "${data.aws_kms_key." + b.resource.id + ".arn}";
  }
  b.arguments["skip_final_snapshot"] = true;
  // A promotion ends the replication; Terraform must not begin it anew.
  b.arguments["lifecycle"] =
      Json::array({{{"prevent_destroy", true}, {"ignore_changes", Json::array({"replicate_source_db"})}}});
}

}  // namespace

void terraform_storage(TerraformBlock& b) {
  auto& type = b.resource.type;
  if (type == "AWS::IAM::Role") role(b);
  if (type == "AWS::S3::Bucket") bucket(b);
  if (type == "AWS::S3::BucketPolicy")
    b.arguments["policy"] = b.values.document(b.properties["PolicyDocument"]);
  if (type == "AWS::RDS::DBInstance") database(b);
  if (type == "AWS::RDS::OptionGroup") option_group(b);
  if (type == "AWS::RDS::DBSubnetGroup" || type == "AWS::RDS::DBParameterGroup" ||
      type == "AWS::RDS::OptionGroup") {
    // RDS keeps these names in lower case.
    std::string name = b.pilot.stack + "-" + b.resource.id;
    for (auto& c : name) c = char(std::tolower(static_cast<unsigned char>(c)));
    b.arguments["name"] = name;
  }
  auto parameters = b.properties.value("Parameters", Json::object());
  for (auto& [name, value] : parameters.items())
    b.arguments["parameter"].push_back(
        {{"name", name}, {"value", b.values.value(value)}, {"apply_method", "pending-reboot"}});
}

}  // namespace relight::dr::view
