#include "sandbox/services/cloudformation/types_adapt.h"

#include <fmt/format.h>

namespace relight::sandbox::cfn::adapt {
namespace {

std::string text(const Json& v) { return v.is_string() ? v.get<std::string>() : v.dump(); }

Json permission(const Json& rule, bool in) {
  Json p{{"IpProtocol", text(rule.value("IpProtocol", Json("-1")))}};
  for (const char* port : {"FromPort", "ToPort"})
    if (rule.contains(port)) p[port] = rule[port];
  Json range = Json::object();
  if (rule.contains("Description")) range["Description"] = rule["Description"];
  if (rule.contains("CidrIp")) {
    range["CidrIp"] = rule["CidrIp"];
    p["IpRanges"] = Json::array({range});
  } else if (rule.contains("CidrIpv6")) {
    range["CidrIpv6"] = rule["CidrIpv6"];
    p["Ipv6Ranges"] = Json::array({range});
  } else if (const char* g = in ? "SourceSecurityGroupId" : "DestinationSecurityGroupId"; rule.contains(g)) {
    range["GroupId"] = rule[g];
    p["UserIdGroupPairs"] = Json::array({range});
  }
  return p;
}

void permissions(Json& input, const Subject& s, const char* property, bool in) {
  Json list = Json::array();
  // A stand-alone AWS::EC2::SecurityGroupIngress is one rule; a group's property is a list of them.
  if (s.props.contains(property))
    for (auto& r : s.props[property]) list.push_back(permission(r, in));
  else list.push_back(permission(s.props, in));
  input["IpPermissions"] = list;
}

}  // namespace

void tag_specification(Json& input, const Subject& s) {
  static const std::pair<const char*, const char*> kKinds[] = {
      {"vpc-", "vpc"}, {"subnet-", "subnet"}, {"igw-", "internet-gateway"}, {"rtb-", "route-table"}, {"sg-", "security-group"}};
  if (!s.props.contains("Tags")) return;
  for (auto& [prefix, kind] : kKinds)
    if (s.physical.starts_with(prefix)) input = Json{{"Resources", Json::array({s.physical})}, {"Tags", s.props["Tags"]}};
}

void ingress(Json& input, const Subject& s) { permissions(input, s, "SecurityGroupIngress", true); }
void egress(Json& input, const Subject& s) { permissions(input, s, "SecurityGroupEgress", false); }
void egress_default(Json& input, const Subject&) {
  input["IpPermissions"] = Json::parse(R"([{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}])");
}

void bucket_location(Json& input, const Subject& s) {
  if (s.region != "us-east-1") input["CreateBucketConfiguration"] = Json{{"LocationConstraint", s.region}};
}

void bucket_encryption(Json& input, const Subject& s) {
  Json rules = s.props["BucketEncryption"].value("ServerSideEncryptionConfiguration", Json::array());
  for (auto& r : rules)
    if (r.contains("ServerSideEncryptionByDefault")) {
      r["ApplyServerSideEncryptionByDefault"] = r["ServerSideEncryptionByDefault"];
      r.erase("ServerSideEncryptionByDefault");
    }
  input["ServerSideEncryptionConfiguration"] = Json{{"Rules", rules}};
}

void bucket_lifecycle(Json& input, const Subject& s) {
  Json rules = Json::array();
  for (Json r : s.props["LifecycleConfiguration"].value("Rules", Json::array())) {
    Json out{{"Status", r.value("Status", "Enabled")}, {"Filter", Json{{"Prefix", r.value("Prefix", "")}}}};
    if (r.contains("Id")) out["ID"] = r["Id"];
    if (r.contains("ExpirationInDays")) out["Expiration"] = Json{{"Days", r["ExpirationInDays"]}};
    Json noncurrent = r.value("NoncurrentVersionExpiration", Json());
    if (r.contains("NoncurrentVersionExpirationInDays")) noncurrent = Json{{"NoncurrentDays", r["NoncurrentVersionExpirationInDays"]}};
    if (!noncurrent.is_null()) out["NoncurrentVersionExpiration"] = noncurrent;
    if (r.contains("AbortIncompleteMultipartUpload")) out["AbortIncompleteMultipartUpload"] = r["AbortIncompleteMultipartUpload"];
    rules.push_back(out);
  }
  input["LifecycleConfiguration"] = Json{{"Rules", rules}};
}

void bucket_tags(Json& input, const Subject& s) { input["Tagging"] = Json{{"TagSet", s.props["Tags"]}}; }

void policy_document(Json& input, const Subject&) {
  for (const char* key : {"PolicyDocument", "AssumeRolePolicyDocument", "Policy"})
    if (input.contains(key) && input[key].is_structured()) input[key] = input[key].dump();
}

// CloudFormation's role carries inline policies; IAM takes them one call each (Action::each).
void first_policy(Json& input, const Subject& s) {
  input["PolicyName"] = s.props["PolicyName"];
  input["PolicyDocument"] = s.props["PolicyDocument"].is_string() ? s.props["PolicyDocument"] : Json(s.props["PolicyDocument"].dump());
}

void record_change(Json& input, const Subject& s, const char* action) {
  Json set = Json::object();
  for (const char* k : {"Name", "Type", "SetIdentifier", "Weight", "Region", "Failover", "MultiValueAnswer", "TTL", "AliasTarget",
                        "HealthCheckId", "GeoLocation"})
    if (s.props.contains(k)) set[k] = s.props[k];
  if (set.contains("AliasTarget") && !set["AliasTarget"].contains("EvaluateTargetHealth")) set["AliasTarget"]["EvaluateTargetHealth"] = false;
  if (s.props.contains("ResourceRecords")) {
    set["ResourceRecords"] = Json::array();
    for (auto& v : s.props["ResourceRecords"]) set["ResourceRecords"].push_back(Json{{"Value", v}});
  }
  input["HostedZoneId"] = s.props.value("HostedZoneId", Json(""));
  input["ChangeBatch"] = Json{{"Changes", Json::array({Json{{"Action", action}, {"ResourceRecordSet", set}}})}};
}
// CREATE, not UPSERT: a record that is there already belongs to somebody else.
void record_upsert(Json& input, const Subject& s) { record_change(input, s, s.previous.is_null() ? "CREATE" : "UPSERT"); }
void record_delete(Json& input, const Subject& s) { record_change(input, s, "DELETE"); }

void health_check(Json& input, const Subject& s) {
  input["CallerReference"] = fmt::format("{}-{}-{}", s.stack, s.logical, s.token);
  input["HealthCheckConfig"] = s.props["HealthCheckConfig"];
}

void db_parameters(Json& input, const Subject& s) {
  input["Parameters"] = Json::array();
  for (auto& [k, v] : s.props["Parameters"].items())
    input["Parameters"].push_back(Json{{"ParameterName", k}, {"ParameterValue", text(v)}, {"ApplyMethod", "pending-reboot"}});
}

void attributes_list(Json& input, const Subject& s) {
  for (const char* k : {"LoadBalancerAttributes", "TargetGroupAttributes"})
    if (s.props.contains(k)) input["Attributes"] = s.props[k];
}

void one_task(Json& input, const Subject& s) {
  if (!s.props.contains("DesiredCount")) input["DesiredCount"] = 1;
}

Ready db_available(const Json& d, const Subject&) {
  std::string st = d.value("DBInstanceStatus", "");
  if (st == "available") return Ready::kYes;
  return st == "failed" || st.starts_with("incompatible") ? Ready::kFailed : Ready::kNotYet;
}

Ready load_balancer_active(const Json& d, const Subject&) {
  std::string st = d.value("State", Json::object()).value("Code", "");
  return st == "active" ? Ready::kYes : st == "failed" ? Ready::kFailed : Ready::kNotYet;
}

Ready service_stable(const Json& d, const Subject&) {
  const Json deployments = d.value("deployments", Json::array());
  if (deployments.size() != 1) return Ready::kNotYet;
  std::string state = deployments[0].value("rolloutState", "COMPLETED");
  if (state == "FAILED") return Ready::kFailed;
  return state == "COMPLETED" && d.value("runningCount", 0) == d.value("desiredCount", 0) ? Ready::kYes : Ready::kNotYet;
}

}  // namespace relight::sandbox::cfn::adapt
