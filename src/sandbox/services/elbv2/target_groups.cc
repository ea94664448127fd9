#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/elbv2/page.h"
#include "sandbox/services/elbv2/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::elbv2;

// "Target group attributes" of the ALB guide, with their defaults.
const elbv2::Text kDefaults{{"deregistration_delay.timeout_seconds", "300"},
                            {"stickiness.enabled", "false"},
                            {"stickiness.type", "lb_cookie"},
                            {"stickiness.lb_cookie.duration_seconds", "86400"},
                            {"stickiness.app_cookie.cookie_name", ""},
                            {"stickiness.app_cookie.duration_seconds", "86400"},
                            {"slow_start.duration_seconds", "0"},
                            {"load_balancing.algorithm.type", "round_robin"},
                            {"load_balancing.cross_zone.enabled", "use_load_balancer_configuration"}};

Result<> check_group_name(const std::string& n) {
  if (n.empty() || n.size() > 32)
    return aws_error("ValidationError",
                     fmt::format("Target group name '{}' cannot be longer than '32' characters", n));
  if (!std::all_of(n.begin(), n.end(), [](unsigned char c) { return isalnum(c) || c == '-'; }))
    return aws_error("ValidationError",
                     fmt::format("Target group name '{}' can only contain characters that are "
                                 "alphanumeric characters or hyphens(-)",
                                 n));
  if (n.front() == '-' || n.back() == '-')
    return aws_error("ValidationError",
                     fmt::format("Target group name '{}' cannot begin or end with a hyphen", n));
  return {};
}

// Matcher: "200", "200,202" or "200-299"; from 200 to 499 for an ALB.
bool good_matcher(const std::string& codes) {
  int digits = 0;
  for (char c : codes) {
    if (isdigit(static_cast<unsigned char>(c)))
      ++digits;
    else if ((c != ',' && c != '-') || digits != 3)
      return false;
    else
      digits = 0;
  }
  return digits == 3;
}

Result<> check_settings(const m::TargetGroup& g) {
  if (*g.HealthCheckTimeoutSeconds >= *g.HealthCheckIntervalSeconds)
    return aws_error("ValidationError",
                     fmt::format("Health check timeout '{}' must be smaller than the interval '{}'",
                                 *g.HealthCheckTimeoutSeconds, *g.HealthCheckIntervalSeconds));
  if (!g.HealthCheckPath->starts_with('/'))
    return aws_error("ValidationError", fmt::format("Health check path '{}' must begin with a '/' character",
                                                    *g.HealthCheckPath));
  for (unsigned char ch : *g.HealthCheckPath)
    if (ch < 0x21 || ch > 0x7e)
      return aws_error("ValidationError", "Health check path holds a character that a URI cannot");
  if (!good_matcher(g.Matcher->HttpCode.value_or("")))
    return aws_error("ValidationError",
                     fmt::format("Health check matcher HTTP code '{}' must be within '200-499' inclusive",
                                 g.Matcher->HttpCode.value_or("")));
  const std::string& p = *g.HealthCheckPort;
  if (p != "traffic-port" && (p.empty() || p.size() > 5 || !std::all_of(p.begin(), p.end(), isdigit) ||
                              std::stoi(p) < 1 || std::stoi(p) > 65535))
    return aws_error(
        "ValidationError",
        fmt::format("Health check port '{}' must be in the range of 1 to 65535 inclusive or 'traffic-port'",
                    p));
  return {};
}

}  // namespace

Result<m::CreateTargetGroupOutput> Elbv2Service::create(const Call& c, const m::CreateTargetGroupInput& in) {
  TRY(check_group_name(*in.Name));
  std::string type = in.TargetType.value_or("instance");
  if (type != "ip" && type != "instance")
    return aws_error("NotImplemented", "target groups of type '" + type + "' are not built in this sandbox",
                     501);
  if (!in.Protocol || !in.Port)
    return aws_error("ValidationError", "A protocol and a port must be specified");
  if (*in.Protocol != "HTTP" && *in.Protocol != "HTTPS")
    return aws_error("NotImplemented",
                     "target groups of protocol '" + *in.Protocol + "' are not built in this sandbox", 501);
  if (!in.VpcId) return aws_error("ValidationError", "A VPC ID must be specified");
  m::TargetGroup g{.TargetGroupName = in.Name,
                   .Protocol = in.Protocol,
                   .Port = in.Port,
                   .VpcId = in.VpcId,
                   .HealthCheckProtocol = in.HealthCheckProtocol.value_or("HTTP"),
                   .HealthCheckPort = in.HealthCheckPort.value_or("traffic-port"),
                   .HealthCheckEnabled = in.HealthCheckEnabled.value_or(true),
                   .HealthCheckIntervalSeconds = in.HealthCheckIntervalSeconds.value_or(30),
                   .HealthCheckTimeoutSeconds = in.HealthCheckTimeoutSeconds.value_or(5),
                   .HealthyThresholdCount = in.HealthyThresholdCount.value_or(5),
                   .UnhealthyThresholdCount = in.UnhealthyThresholdCount.value_or(2),
                   .HealthCheckPath = in.HealthCheckPath.value_or("/"),
                   .Matcher = in.Matcher ? in.Matcher : m::Matcher{.HttpCode = "200"},
                   .TargetType = type,
                   .ProtocolVersion = in.ProtocolVersion.value_or("HTTP1"),
                   .IpAddressType = in.IpAddressType.value_or("ipv4")};
  if (*g.HealthCheckEnabled == false)
    return aws_error("ValidationError",
                     "Health check enabled must be true for target groups with target type '" + type + "'");
  TRY(check_settings(g));
  for (auto& [arn, row] : groups_.in(c.region)) {
    if (row.value.TargetGroupName != in.Name) continue;
    auto& o = row.value;
    if (o.Protocol == g.Protocol && o.Port == g.Port && o.VpcId == g.VpcId && o.TargetType == g.TargetType &&
        o.HealthCheckPath == g.HealthCheckPath &&
        o.HealthCheckIntervalSeconds == g.HealthCheckIntervalSeconds)
      return m::CreateTargetGroupOutput{.TargetGroups = {{shown(c.region, row)}}};
    return aws_error(
        "DuplicateTargetGroupName",
        fmt::format("A target group with the same name '{}' exists, but with different settings", *in.Name));
  }
  if (groups_.in(c.region).size() >= 3000)
    return aws_error("TooManyTargetGroups", "The maximum number of target groups has been reached");
  g.TargetGroupArn = fmt::format("arn:aws:elasticloadbalancing:{}:{}:targetgroup/{}/{}", c.region,
                                 world_.account(), *in.Name, world_.rng.hex(16));
  elbv2::GroupRow row{.value = g, .attributes = kDefaults};
  for (auto& t : in.Tags.value_or(std::vector<m::Tag>{})) row.tags[*t.Key] = t.Value.value_or("");
  return m::CreateTargetGroupOutput{
      .TargetGroups = {{shown(c.region, groups_.put(c.region, *g.TargetGroupArn, row))}}};
}

Result<m::ModifyTargetGroupOutput> Elbv2Service::modify(const Call& c, const m::ModifyTargetGroupInput& in) {
  TRY_ASSIGN(auto* row, group(c.region, *in.TargetGroupArn));
  m::TargetGroup g = row->value;
  auto set = [](auto& to, auto& from) {
    if (from) to = from;
  };
  set(g.HealthCheckProtocol, in.HealthCheckProtocol);
  set(g.HealthCheckPort, in.HealthCheckPort);
  set(g.HealthCheckPath, in.HealthCheckPath);
  set(g.HealthCheckIntervalSeconds, in.HealthCheckIntervalSeconds);
  set(g.HealthCheckTimeoutSeconds, in.HealthCheckTimeoutSeconds);
  set(g.HealthyThresholdCount, in.HealthyThresholdCount);
  set(g.UnhealthyThresholdCount, in.UnhealthyThresholdCount);
  set(g.Matcher, in.Matcher);
  TRY(check_settings(g));
  row->value = g;
  groups_.save(c.region, *in.TargetGroupArn, *row);
  recheck(c.region, *in.TargetGroupArn);
  return m::ModifyTargetGroupOutput{.TargetGroups = {{shown(c.region, *row)}}};
}

Result<elbv2::GroupRow*> Elbv2Service::group(const std::string& region, const std::string& arn) {
  if (arn.find(":targetgroup/") == std::string::npos)
    return aws_error("ValidationError", fmt::format("'{}' is not a valid target group ARN", arn));
  if (auto* r = groups_.find(region, arn)) return r;
  return aws_error("TargetGroupNotFound", "One or more target groups not found");
}

m::TargetGroup Elbv2Service::shown(const std::string& region, const elbv2::GroupRow& g) {
  m::TargetGroup out = g.value;
  out.LoadBalancerArns = balancers_of(region, *g.value.TargetGroupArn);
  return out;
}

Result<m::DescribeTargetGroupsOutput> Elbv2Service::describe(const Call& c,
                                                             const m::DescribeTargetGroupsInput& in) {
  std::vector<m::TargetGroup> all;
  std::set<std::string> names, of_balancer;
  if (in.Names) names.insert(in.Names->begin(), in.Names->end());
  if (in.LoadBalancerArn) {
    TRY(load_balancer(c.region, *in.LoadBalancerArn));
    of_balancer = groups_of(c.region, *in.LoadBalancerArn);
  }
  for (auto& arn : in.TargetGroupArns.value_or(std::vector<std::string>{})) {
    TRY_ASSIGN(auto* row, group(c.region, arn));
    all.push_back(shown(c.region, *row));
  }
  if (!in.TargetGroupArns)
    for (auto& [arn, row] : groups_.in(c.region))
      if ((!in.Names || names.erase(*row.value.TargetGroupName)) &&
          (!in.LoadBalancerArn || of_balancer.contains(arn)))
        all.push_back(shown(c.region, row));
  if (!in.TargetGroupArns && !names.empty())
    return aws_error("TargetGroupNotFound", "One or more target groups not found");
  m::DescribeTargetGroupsOutput out;
  TRY(page(
      all, in.Marker, in.PageSize, [](auto& g) { return *g.TargetGroupArn; }, out.TargetGroups,
      out.NextMarker));
  return out;
}

void Elbv2Service::target_group_operations() {
  on<m::op::CreateTargetGroup>([this](auto& c, auto& in) { return create(c, in); });
  on<m::op::ModifyTargetGroup>([this](auto& c, auto& in) { return modify(c, in); });
  on<m::op::DescribeTargetGroups>([this](auto& c, auto& in) { return describe(c, in); });
  on<m::op::DeleteTargetGroup>(
      [this](const Call& c, const m::DeleteTargetGroupInput& in) -> Result<m::DeleteTargetGroupOutput> {
        if (!balancers_of(c.region, *in.TargetGroupArn).empty())
          return aws_error("ResourceInUse",
                           fmt::format("Target group '{}' is currently in use by a listener or a rule",
                                       *in.TargetGroupArn));
        std::vector<std::string> keys;
        for (auto& [key, t] : targets_.in(c.region))
          if (t.group == *in.TargetGroupArn) keys.push_back(key);
        for (auto& k : keys) forget_target(c.region, k);
        groups_.erase(c.region, *in.TargetGroupArn);
        return m::DeleteTargetGroupOutput{};
      });
}

}  // namespace relight::sandbox
