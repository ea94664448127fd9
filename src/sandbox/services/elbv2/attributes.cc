// Attributes, tags and what else is only kept and shown.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/elbv2/page.h"
#include "sandbox/services/elbv2/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::elbv2;

// "Load balancer attributes" of the ALB guide, with their defaults.
const elbv2::Text kBalancerDefaults{{"access_logs.s3.enabled", "false"},
                                    {"access_logs.s3.bucket", ""},
                                    {"access_logs.s3.prefix", ""},
                                    {"deletion_protection.enabled", "false"},
                                    {"idle_timeout.timeout_seconds", "60"},
                                    {"load_balancing.cross_zone.enabled", "true"},
                                    {"routing.http.desync_mitigation_mode", "defensive"},
                                    {"routing.http.drop_invalid_header_fields.enabled", "false"},
                                    {"routing.http.preserve_host_header.enabled", "false"},
                                    {"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"},
                                    {"routing.http.xff_client_port.enabled", "false"},
                                    {"routing.http.xff_header_processing.mode", "append"},
                                    {"routing.http2.enabled", "true"},
                                    {"waf.fail_open.enabled", "false"}};

template <class A>
std::vector<A> as_list(const elbv2::Text& t) {
  std::vector<A> out;
  for (auto& [k, v] : t) out.push_back({.Key = k, .Value = v});
  return out;
}

Result<> check_attribute(const std::string& key, const std::string& value) {
  auto between = [&](long low, long high) -> Result<> {
    char* end = nullptr;
    long v = std::strtol(value.c_str(), &end, 10);
    if (!value.empty() && !*end && v >= low && v <= high) return {};
    return aws_error(
        "InvalidConfigurationRequest",
        fmt::format("'{}' must be between {} and {} inclusive; '{}' is not", key, low, high, value));
  };
  if (key == "idle_timeout.timeout_seconds") return between(1, 4000);
  if (key == "deregistration_delay.timeout_seconds") return between(0, 3600);
  if (key.ends_with("cookie.duration_seconds")) return between(1, 604800);
  if (key.ends_with(".enabled") && value != "true" && value != "false" &&
      value != "use_load_balancer_configuration")
    return aws_error("InvalidConfigurationRequest", fmt::format("'{}' must be 'true' or 'false'", key));
  return {};
}

// All or nothing. Keys that AWS does not know are refused.
template <class A>
Result<> change(elbv2::Text& attributes, const elbv2::Text& known, const std::vector<A>& in) {
  for (auto& a : in) {
    if (!a.Key || !known.contains(*a.Key))
      return aws_error("InvalidConfigurationRequest",
                       fmt::format("The attribute key '{}' is not recognized", a.Key.value_or("")));
    TRY(check_attribute(*a.Key, a.Value.value_or("")));
  }
  for (auto& a : in) attributes[*a.Key] = a.Value.value_or("");
  return {};
}

elbv2::Text with_defaults(const elbv2::Text& own) {
  elbv2::Text all = kBalancerDefaults;
  for (auto& [k, v] : own)
    if (!v.empty()) all[k] = v;
  return all;
}

}  // namespace

void Elbv2Service::attribute_operations() {
  on<m::op::DescribeLoadBalancerAttributes>(
      [this](const Call& c, auto& in) -> Result<m::DescribeLoadBalancerAttributesOutput> {
        TRY_ASSIGN(auto* row, load_balancer(c.region, *in.LoadBalancerArn));
        return m::DescribeLoadBalancerAttributesOutput{
            .Attributes = as_list<m::LoadBalancerAttribute>(with_defaults(row->attributes))};
      });
  on<m::op::ModifyLoadBalancerAttributes>(
      [this](const Call& c, auto& in) -> Result<m::ModifyLoadBalancerAttributesOutput> {
        TRY_ASSIGN(auto* row, load_balancer(c.region, *in.LoadBalancerArn));
        TRY(change(row->attributes, kBalancerDefaults, *in.Attributes));
        lbs_.save(c.region, *in.LoadBalancerArn, *row);
        refresh(c.region, *in.LoadBalancerArn);
        return m::ModifyLoadBalancerAttributesOutput{
            .Attributes = as_list<m::LoadBalancerAttribute>(with_defaults(row->attributes))};
      });
  on<m::op::DescribeTargetGroupAttributes>(
      [this](const Call& c, auto& in) -> Result<m::DescribeTargetGroupAttributesOutput> {
        TRY_ASSIGN(auto* row, group(c.region, *in.TargetGroupArn));
        return m::DescribeTargetGroupAttributesOutput{.Attributes =
                                                          as_list<m::TargetGroupAttribute>(row->attributes)};
      });
  on<m::op::ModifyTargetGroupAttributes>(
      [this](const Call& c, auto& in) -> Result<m::ModifyTargetGroupAttributesOutput> {
        TRY_ASSIGN(auto* row, group(c.region, *in.TargetGroupArn));
        elbv2::Text known = row->attributes;
        TRY(change(row->attributes, known, *in.Attributes));
        groups_.save(c.region, *in.TargetGroupArn, *row);
        refresh_group(c.region, *in.TargetGroupArn);
        return m::ModifyTargetGroupAttributesOutput{.Attributes =
                                                        as_list<m::TargetGroupAttribute>(row->attributes)};
      });
  on<m::op::SetSecurityGroups>([this](const Call& c, auto& in) -> Result<m::SetSecurityGroupsOutput> {
    TRY_ASSIGN(auto* row, load_balancer(c.region, *in.LoadBalancerArn));
    row->value.SecurityGroups = in.SecurityGroups;
    lbs_.save(c.region, *in.LoadBalancerArn, *row);
    return m::SetSecurityGroupsOutput{.SecurityGroupIds = in.SecurityGroups};
  });
  on<m::op::SetIpAddressType>([this](const Call& c, auto& in) -> Result<m::SetIpAddressTypeOutput> {
    TRY_ASSIGN(auto* row, load_balancer(c.region, *in.LoadBalancerArn));
    row->value.IpAddressType = in.IpAddressType;
    lbs_.save(c.region, *in.LoadBalancerArn, *row);
    return m::SetIpAddressTypeOutput{.IpAddressType = in.IpAddressType};
  });
  on<m::op::DescribeAccountLimits>([](const Call&, auto& in) -> Result<m::DescribeAccountLimitsOutput> {
    std::vector<m::Limit> all{{"application-load-balancers", "50"},
                              {"condition-values-per-alb-rule", "5"},
                              {"condition-wildcards-per-alb-rule", "5"},
                              {"listeners-per-application-load-balancer", "50"},
                              {"rules-per-application-load-balancer", "100"},
                              {"target-groups", "3000"},
                              {"target-groups-per-action-on-application-load-balancer", "5"},
                              {"targets-per-application-load-balancer", "1000"}};
    m::DescribeAccountLimitsOutput out;
    TRY(page(
        all, in.Marker, in.PageSize, [](auto& l) { return *l.Name; }, out.Limits, out.NextMarker));
    return out;
  });
  on<m::op::DescribeSSLPolicies>([](const Call&, auto& in) -> Result<m::DescribeSSLPoliciesOutput> {
    std::vector<m::SslPolicy> all;
    std::vector<m::Cipher> ciphers{{"ECDHE-ECDSA-AES128-GCM-SHA256", 1},
                                   {"ECDHE-RSA-AES128-GCM-SHA256", 2},
                                   {"ECDHE-RSA-AES256-GCM-SHA384", 3}};
    for (const char* name : {"ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-2-2021-06",
                             "ELBSecurityPolicy-TLS-1-2-2017-01"})
      if (!in.Names || std::find(in.Names->begin(), in.Names->end(), name) != in.Names->end())
        all.push_back({.SslProtocols = {{"TLSv1.2"}},
                       .Ciphers = ciphers,
                       .Name = name,
                       .SupportedLoadBalancerTypes = {{"application"}}});
    if (in.Names && all.size() != in.Names->size())
      return aws_error("SSLPolicyNotFound", "One or more SSL policies not found");
    m::DescribeSSLPoliciesOutput out;
    TRY(page(
        all, in.Marker, in.PageSize, [](auto& p) { return *p.Name; }, out.SslPolicies, out.NextMarker));
    return out;
  });
}

elbv2::Text* Elbv2Service::tags_of(const std::string& region, const std::string& arn, Error& missing) {
  auto found = [&](auto r) -> elbv2::Text* {
    if (r) return &(*r)->tags;
    missing = r.error();
    return nullptr;
  };
  if (arn.find(":targetgroup/") != std::string::npos) return found(group(region, arn));
  if (arn.find(":listener/") != std::string::npos) return found(listener(region, arn));
  if (arn.find(":listener-rule/") != std::string::npos) return found(rule(region, arn));
  return found(load_balancer(region, arn));
}

void Elbv2Service::tag_operations() {
  auto save = [this](const std::string& region, const std::string& arn) {
    if (auto* r = lbs_.find(region, arn)) lbs_.save(region, arn, *r);
    if (auto* r = groups_.find(region, arn)) groups_.save(region, arn, *r);
    if (auto* r = listeners_.find(region, arn)) listeners_.save(region, arn, *r);
    if (auto* r = rules_.find(region, arn)) rules_.save(region, arn, *r);
  };
  on<m::op::AddTags>([this, save](const Call& c, auto& in) -> Result<m::AddTagsOutput> {
    Error missing;
    for (auto& arn : *in.ResourceArns) {
      auto* tags = tags_of(c.region, arn, missing);
      if (!tags) return fail(missing);
      std::set<std::string> keys;
      for (auto& t : *in.Tags)
        if (!keys.insert(*t.Key).second)
          return aws_error("DuplicateTagKeys", "A tag key was specified more than once");
      for (auto& [k, v] : *tags) keys.insert(k);
      if (keys.size() > 50) return aws_error("TooManyTags", "A resource has at most 50 tags");
    }
    for (auto& arn : *in.ResourceArns) {
      for (auto& t : *in.Tags) (*tags_of(c.region, arn, missing))[*t.Key] = t.Value.value_or("");
      save(c.region, arn);
    }
    return m::AddTagsOutput{};
  });
  on<m::op::RemoveTags>([this, save](const Call& c, auto& in) -> Result<m::RemoveTagsOutput> {
    Error missing;
    for (auto& arn : *in.ResourceArns) {
      auto* tags = tags_of(c.region, arn, missing);
      if (!tags) return fail(missing);
      for (auto& k : *in.TagKeys) tags->erase(k);
      save(c.region, arn);
    }
    return m::RemoveTagsOutput{};
  });
  on<m::op::DescribeTags>([this](const Call& c, auto& in) -> Result<m::DescribeTagsOutput> {
    m::DescribeTagsOutput out;
    auto& list = out.TagDescriptions.emplace();
    Error missing;
    for (auto& arn : *in.ResourceArns) {
      auto* tags = tags_of(c.region, arn, missing);
      if (!tags) return fail(missing);
      list.push_back({.ResourceArn = arn, .Tags = as_list<m::Tag>(*tags)});
    }
    return out;
  });
}

}  // namespace relight::sandbox
