#include "sandbox/services/cloudformation/types_adapt.h"

#include <fmt/format.h>

#include <algorithm>

namespace relight::sandbox::cfn::adapt {
namespace {

Json permission(const Json& rule, bool in) {
  Json p{{"IpProtocol", as_text(rule.value("IpProtocol", Json("-1")))}};
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

// A stand-alone AWS::EC2::SecurityGroupIngress is one rule; a group's property is a list of them.
Json rules(const Json& props, const char* property, bool in) {
  Json list = Json::array();
  if (props.is_object() && props.contains(property))
    for (auto& r : props[property]) list.push_back(permission(r, in));
  return list;
}

Json without(const Json& all, const Json& others) {
  Json out = Json::array();
  for (auto& e : all)
    if (std::find(others.begin(), others.end(), e) == others.end()) out.push_back(e);
  return out;
}

// Null when there is nothing to say: then nothing is called.
void say(Json& input, const char* member, Json list) {
  if (list.empty()) input = Json();
  else input[member] = std::move(list);
}

// With no SecurityGroupEgress a group lets everything out (AWS::EC2::SecurityGroup).
Json egress_rules(const Json& props) {
  if (props.contains("SecurityGroupEgress")) return rules(props, "SecurityGroupEgress", false);
  return Json::parse(R"([{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}])");
}

Json resource_and_tags(const Subject& s, Json tags) { return Json{{"Resources", Json::array({s.physical})}, {"Tags", std::move(tags)}}; }

}  // namespace

void tag_specification(Json& input, const Subject& s) {
  input = s.props.contains("Tags") && !s.props["Tags"].empty() ? resource_and_tags(s, s.props["Tags"]) : Json();
}

void tags_gone(Json& input, const Subject& s) {
  Json gone = Json::array(), kept = Json::array();
  for (auto& t : s.props.value("Tags", Json::array())) kept.push_back(t.value("Key", ""));
  for (auto& t : s.previous.value("Tags", Json::array()))
    if (std::find(kept.begin(), kept.end(), t.value("Key", "")) == kept.end()) gone.push_back(Json{{"Key", t.value("Key", "")}});
  input = gone.empty() ? Json() : resource_and_tags(s, gone);
}

void ingress(Json& input, const Subject& s) {
  if (s.props.contains("IpProtocol")) return say(input, "IpPermissions", Json::array({permission(s.props, true)}));
  say(input, "IpPermissions", without(rules(s.props, "SecurityGroupIngress", true), rules(s.previous, "SecurityGroupIngress", true)));
}
void ingress_gone(Json& input, const Subject& s) {
  say(input, "IpPermissions", without(rules(s.previous, "SecurityGroupIngress", true), rules(s.props, "SecurityGroupIngress", true)));
}
void egress(Json& input, const Subject& s) {
  if (s.props.contains("IpProtocol")) return say(input, "IpPermissions", Json::array({permission(s.props, false)}));
  say(input, "IpPermissions", without(egress_rules(s.props), s.previous.is_null() ? Json::array() : egress_rules(s.previous)));
}
void egress_gone(Json& input, const Subject& s) { say(input, "IpPermissions", without(egress_rules(s.previous), egress_rules(s.props))); }
void egress_default(Json& input, const Subject&) { input["IpPermissions"] = egress_rules(Json::object()); }

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

namespace {

// The conditions of a rule, which a template has side by side: one alone, or all of them below And.
Json lifecycle_filter(const Json& r) {
  Json all{{"Prefix", r.value("Prefix", "")}};
  for (auto name : {"ObjectSizeGreaterThan", "ObjectSizeLessThan"})
    if (r.contains(name))
      all[name] = r[name].is_string() ? Json(std::stoll(r[name].get<std::string>())) : r[name];
  if (r.contains("TagFilters")) all["Tags"] = r["TagFilters"];
  return all.size() == 1 ? all : Json{{"And", all}};
}

// One transition, of a current (Days, Date) or a noncurrent version.
Json lifecycle_move(const Json& t, const char* days) {
  Json out{{"StorageClass", t.value("StorageClass", "")}};
  if (t.contains("TransitionInDays")) out[days] = t["TransitionInDays"];
  if (t.contains("TransitionDate")) out["Date"] = t["TransitionDate"];
  if (t.contains("NewerNoncurrentVersions")) out["NewerNoncurrentVersions"] = t["NewerNoncurrentVersions"];
  return out;
}

// `many` is the list; `one` its older form, a single transition.
void put_lifecycle_moves(const Json& r, const char* many, const char* one, const char* days, Json& out) {
  Json moves = Json::array();
  for (auto& t : r.value(many, Json::array())) moves.push_back(lifecycle_move(t, days));
  if (r.contains(one)) moves.push_back(lifecycle_move(r[one], days));
  if (!moves.empty()) out[many] = moves;
}

}  // namespace

void bucket_lifecycle(Json& input, const Subject& s) {
  Json rules = Json::array();
  for (Json r : s.props["LifecycleConfiguration"].value("Rules", Json::array())) {
    Json out{{"Status", r.value("Status", "Enabled")}, {"Filter", lifecycle_filter(r)}};
    if (r.contains("Id")) out["ID"] = r["Id"];
    if (r.contains("ExpirationInDays")) out["Expiration"] = Json{{"Days", r["ExpirationInDays"]}};
    if (r.contains("ExpirationDate")) out["Expiration"] = Json{{"Date", r["ExpirationDate"]}};
    if (r.contains("ExpiredObjectDeleteMarker"))
      out["Expiration"] = Json{{"ExpiredObjectDeleteMarker", r["ExpiredObjectDeleteMarker"]}};
    put_lifecycle_moves(r, "Transitions", "Transition", "Days", out);
    put_lifecycle_moves(r, "NoncurrentVersionTransitions", "NoncurrentVersionTransition", "NoncurrentDays", out);
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
// CREATE, not UPSERT: a record that is there already belongs to somebody else. Another type or set identifier is another
// record to Route 53: the old one goes in the same change.
void record_upsert(Json& input, const Subject& s) {
  auto differs = [&](const char* k) { return !s.previous.is_null() && s.props.value(k, Json()) != s.previous.value(k, Json()); };
  bool other = differs("Type") || differs("SetIdentifier");
  record_change(input, s, s.previous.is_null() || other ? "CREATE" : "UPSERT");
  if (!other) return;
  Subject old = s;
  old.props = s.previous;
  Json gone = Json::object();
  record_change(gone, old, "DELETE");
  auto& changes = input["ChangeBatch"]["Changes"];
  changes.insert(changes.begin(), gone["ChangeBatch"]["Changes"][0]);
}
void record_delete(Json& input, const Subject& s) { record_change(input, s, "DELETE"); }

void health_check(Json& input, const Subject& s) {
  input["CallerReference"] = fmt::format("{}-{}-{}", s.stack, s.logical, s.token);
  input["HealthCheckConfig"] = s.props["HealthCheckConfig"];
}

void db_parameters(Json& input, const Subject& s) {
  input["Parameters"] = Json::array();
  for (auto& [k, v] : s.props["Parameters"].items())
    input["Parameters"].push_back(Json{{"ParameterName", k}, {"ParameterValue", as_text(v)}, {"ApplyMethod", "pending-reboot"}});
}

void db_parameters_gone(Json& input, const Subject& s) {
  Json now = s.props.value("Parameters", Json::object()), list = Json::array();
  const Json before = s.previous.value("Parameters", Json::object());
  for (auto& [k, v] : before.items())
    if (!now.contains(k)) list.push_back(Json{{"ParameterName", k}, {"ApplyMethod", "pending-reboot"}});
  say(input, "Parameters", list);
}

void options(Json& input, const Subject& s) {
  input["OptionsToInclude"] = s.props["OptionConfigurations"];
}

void options_gone(Json& input, const Subject& s) {
  auto names = [](const Json& props) {
    Json out = Json::array();
    for (auto& o : props.value("OptionConfigurations", Json::array())) out.push_back(o.value("OptionName", ""));
    return out;
  };
  say(input, "OptionsToRemove", without(names(s.previous), names(s.props)));
}

void targets_gone(Json& input, const Subject& s) {
  say(input, "Targets", without(s.previous.value("Targets", Json::array()), s.props.value("Targets", Json::array())));
}

void rule_priority(Json& input, const Subject& s) {
  input = Json{{"RulePriorities", Json::array({Json{{"RuleArn", s.physical}, {"Priority", s.props["Priority"]}}})}};
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
