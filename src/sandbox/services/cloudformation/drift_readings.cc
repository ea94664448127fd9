// Which calls bring what no description does.
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "sandbox/services/cloudformation/drift.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {
namespace {

// What somebody set by hand in a parameter group, as the template writes it.
Json parameters_by_hand(const Json& output, const Json&) {
  Json all = Json::object();
  for (auto& p : output.value("Parameters", Json::array()))
    if (p.contains("ParameterValue")) all[p.value("ParameterName", "")] = p["ParameterValue"];
  return all;
}

// A group's options as a template writes them: settings that it gives, and those that are no defaults.
Json option_configurations(const Json& output, const Json& expected) {
  Json all = Json::array();
  for (auto& o : output["OptionGroupsList"][0].value("Options", Json::array())) {
    Json one{{"OptionName", o.value("OptionName", "")}}, settings = Json::array();
    for (auto& s : o.value("OptionSettings", Json::array())) {
      bool given = std::ranges::any_of(expected, [&](auto& e) {
        auto wanted = e.value("OptionSettings", Json::array());
        return e.value("OptionName", "") == one["OptionName"] && std::ranges::any_of(wanted, [&](auto& w) {
                 return w.value("Name", "") == s.value("Name", "");
               });
      });
      if (given || s.value("Value", "") != s.value("DefaultValue", ""))
        settings.push_back({{"Name", s.value("Name", "")}, {"Value", s.value("Value", "")}});
    }
    if (!settings.empty()) one["OptionSettings"] = settings;
    all.push_back(std::move(one));
  }
  return all;
}

// A group's rules as a template writes them: one a source.
Json rules_of(const Json& permissions) {
  Json all = Json::array();
  for (auto& p : permissions) {
    Json one{{"IpProtocol", p.value("IpProtocol", "")}};
    for (auto* port : {"FromPort", "ToPort"})
      if (p.contains(port) && one["IpProtocol"] != "-1") one[port] = p[port];
    auto each = [&](const char* list, const char* member, const char* property) {
      for (auto& source : p.value(list, Json::array())) {
        Json rule = one;
        rule[property] = source.value(member, "");
        all.push_back(std::move(rule));
      }
    };
    each("IpRanges", "CidrIp", "CidrIp");
    each("Ipv6Ranges", "CidrIpv6", "CidrIpv6");
    each("UserIdGroupPairs", "GroupId", "SourceSecurityGroupId");
    each("PrefixListIds", "PrefixListId", "SourcePrefixListId");
  }
  return all;
}

Json ingress_rules(const Json& output, const Json& expected) {
  Json all = rules_of(output["SecurityGroups"][0].value("IpPermissions", Json::array()));
  // Rules that stand by themselves in the template are theirs, not the group's.
  if (all.size() > expected.size())
    std::erase_if(all.get_ref<Json::array_t&>(), [](auto& r) { return r.contains("SourceSecurityGroupId"); });
  return all;
}

Json policy_text(const Json& output, const Json&) {
  auto text = output.value("Policy", "");
  Json read = Json::parse(text, nullptr, false);
  return read.is_discarded() ? Json(text) : read;
}

// A match's bytes as the template writes them: in base64, or as text.
void as_written(Json& j, bool in_base64) {
  if (j.is_object() && j.contains("SearchString")) {
    Json bytes = j["SearchString"];
    j.erase("SearchString");
    if (in_base64)
      j["SearchStringBase64"] = bytes;
    else
      j["SearchString"] = unbase64(bytes.get<std::string>()).value_or("");
  }
  if (j.is_structured())
    for (auto& inner : j) as_written(inner, in_base64);
}

Json acl_rules(const Json& output, const Json& expected) {
  Json rules = output["WebACL"].value("Rules", Json::array());
  as_written(rules, expected.dump().find("\"SearchStringBase64\"") != std::string::npos);
  return rules;
}

const Action kGroup{"ec2", "DescribeSecurityGroups", "", "GroupIds=[$id]"};

const std::array kReadings{
    Reading{
        "AWS::S3::Bucket", "VersioningConfiguration", {"s3", "GetBucketVersioning", "", "Bucket=$id"}, ""},
    Reading{"AWS::S3::Bucket",
            "PublicAccessBlockConfiguration",
            {"s3", "GetPublicAccessBlock", "", "Bucket=$id"},
            "/PublicAccessBlockConfiguration",
            nullptr,
            "NoSuchPublicAccessBlockConfiguration"},
    Reading{"AWS::S3::Bucket",
            "OwnershipControls",
            {"s3", "GetBucketOwnershipControls", "", "Bucket=$id"},
            "/OwnershipControls",
            nullptr,
            "OwnershipControlsNotFoundError"},
    Reading{"AWS::S3::BucketPolicy",
            "PolicyDocument",
            {"s3", "GetBucketPolicy", "Bucket", ""},
            "",
            policy_text,
            "NoSuchBucketPolicy"},
    Reading{"AWS::RDS::DBParameterGroup",
            "Parameters",
            {"rds", "DescribeDBParameters", "", "DBParameterGroupName=$id Source=user"},
            "",
            parameters_by_hand},
    Reading{"AWS::RDS::OptionGroup",
            "OptionConfigurations",
            {"rds", "DescribeOptionGroups", "", "OptionGroupName=$id"},
            "",
            option_configurations},
    Reading{"AWS::Lambda::Function",
            "ReservedConcurrentExecutions",
            {"lambda", "GetFunction", "", "FunctionName=$id"},
            "/Concurrency/ReservedConcurrentExecutions"},
    Reading{"AWS::EC2::SecurityGroup", "SecurityGroupIngress", kGroup, "", ingress_rules},
    Reading{"AWS::WAFv2::WebACL", "Rules", {"wafv2", "GetWebACL", "", "", "", adapt::find_acl}, "", acl_rules},
};

}  // namespace

std::span<const Reading> readings() { return kReadings; }

}  // namespace relight::sandbox::cfn
