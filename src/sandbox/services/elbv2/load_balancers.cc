#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/ec2.h"
#include "sandbox/services/elbv2/page.h"
#include "sandbox/services/elbv2/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::elbv2;

constexpr size_t kBalancerLimit = 50;  // "Application Load Balancers per Region" (quotas page)
constexpr Millis kProvisioning{120'000};

// "Elastic Load Balancing endpoints and quotas": the zones that alias records name.
constexpr std::pair<std::string_view, std::string_view> kZones[] = {
    {"us-east-1", "Z35SXDOTRQ7X7K"},      {"us-east-2", "Z3AADJGX6KTTL2"},
    {"us-west-1", "Z368ELLRRE2KJ0"},      {"us-west-2", "Z1H1FL5HABSF5"},
    {"ca-central-1", "ZQSVJUPU6J1EY"},    {"eu-central-1", "Z215JYRZR1TBD5"},
    {"eu-west-1", "Z32O12XQLNTSW2"},      {"eu-west-2", "ZHURV8PSTC4K8"},
    {"eu-west-3", "Z3Q77PNBQS71R4"},      {"eu-north-1", "Z23TAZ6LKFMNIO"},
    {"ap-south-1", "ZP97RAFLXTNZK"},      {"ap-southeast-1", "Z1LMS91P8CMLE5"},
    {"ap-southeast-2", "Z1GM3OXH4ZPM65"}, {"ap-northeast-1", "Z14GRHDCWA56QT"},
    {"ap-northeast-2", "ZWKZPGTI48KDX"},  {"sa-east-1", "Z2P70J7HTTTPLU"}};

std::string_view zone_of(std::string_view region) {
  for (auto& [r, z] : kZones)
    if (r == region) return z;
  return "Z35SXDOTRQ7X7K";
}

Result<> check_balancer_name(const std::string& n) {
  auto bad = [&](std::string_view why) {
    return aws_error("ValidationError", fmt::format(fmt::runtime(why), n));
  };
  if (n.empty() || n.size() > 32)
    return bad("The load balancer name '{}' cannot be longer than '32' characters");
  if (!std::all_of(n.begin(), n.end(), [](unsigned char c) { return isalnum(c) || c == '-'; }))
    return bad(
        "The load balancer name '{}' can only contain characters that are alphanumeric characters and "
        "hyphens(-)");
  if (n.front() == '-' || n.back() == '-')
    return bad("The load balancer name '{}' cannot begin or end with a hyphen");
  if (n.starts_with("internal-")) return bad("The load balancer name '{}' cannot begin with 'internal-'");
  return {};
}

std::vector<std::string> subnets_of(const std::optional<std::vector<std::string>>& subnets,
                                    const std::optional<std::vector<m::SubnetMapping>>& mappings) {
  std::vector<std::string> out = subnets.value_or(std::vector<std::string>{});
  if (mappings)
    for (auto& s : *mappings) out.push_back(s.SubnetId.value_or(""));
  return out;
}

bool same_settings(const m::LoadBalancer& a, const m::LoadBalancer& b) {
  auto ids = [](const m::LoadBalancer& l) {
    std::set<std::string> s;
    for (auto& z : *l.AvailabilityZones) s.insert(z.SubnetId.value_or(""));
    return s;
  };
  return a.Scheme == b.Scheme && a.Type == b.Type && a.IpAddressType == b.IpAddressType &&
         a.SecurityGroups == b.SecurityGroups && ids(a) == ids(b);
}

}  // namespace

Result<> Elbv2Service::place(const std::string& region, const std::vector<std::string>& subnets,
                             m::LoadBalancer& lb) {
  if (subnets.size() < 2)
    return aws_error("ValidationError",
                     "At least two subnets in two different Availability Zones must be specified");
  lb.AvailabilityZones.emplace();
  auto found = world_.call<aws::ec2::op::DescribeSubnets>(region, {.SubnetIds = subnets});
  if (!found && found.error().code == "InvalidSubnetID.NotFound")
    return aws_error("SubnetNotFound", found.error().message);
  if (!found && found.error().code != "NotImplemented")
    return aws_error("InvalidSubnet", found.error().message);
  std::set<std::string> zones;
  for (size_t i = 0; i < subnets.size(); ++i) {
    m::AvailabilityZone z{.ZoneName = region + static_cast<char>('a' + i), .SubnetId = subnets[i]};
    if (found && found->Subnets)
      for (auto& s : *found->Subnets)
        if (s.SubnetId == subnets[i]) z.ZoneName = s.AvailabilityZone, lb.VpcId = s.VpcId;
    if (!zones.insert(*z.ZoneName).second)
      return aws_error(
          "InvalidConfigurationRequest",
          "A load balancer cannot be attached to multiple subnets in the same Availability Zone");
    lb.AvailabilityZones->push_back(z);
  }
  return {};
}

Result<m::CreateLoadBalancerOutput> Elbv2Service::create(const Call& c,
                                                         const m::CreateLoadBalancerInput& in) {
  if (in.Type.value_or("application") != "application")
    return aws_error("NotImplemented", "only application load balancers are built in this sandbox", 501);
  TRY(check_balancer_name(*in.Name));
  m::LoadBalancer lb{.CreatedTime = world_.clock.now(),
                     .LoadBalancerName = in.Name,
                     .Scheme = in.Scheme.value_or("internet-facing"),
                     .State = m::LoadBalancerState{.Code = "provisioning"},
                     .Type = "application",
                     .SecurityGroups = in.SecurityGroups,
                     .IpAddressType = in.IpAddressType.value_or("ipv4")};
  TRY(place(c.region, subnets_of(in.Subnets, in.SubnetMappings), lb));
  if (!lb.SecurityGroups) {
    auto groups = world_.call<aws::ec2::op::DescribeSecurityGroups>(c.region, {});
    if (groups && groups->SecurityGroups)
      for (auto& g : *groups->SecurityGroups)
        if (g.VpcId == lb.VpcId && g.GroupName == "default") lb.SecurityGroups = {{*g.GroupId}};
  }
  for (auto& [arn, row] : lbs_.in(c.region)) {
    if (row.value.LoadBalancerName != in.Name) continue;
    if (same_settings(row.value, lb)) return m::CreateLoadBalancerOutput{.LoadBalancers = {{row.value}}};
    return aws_error(
        "DuplicateLoadBalancerName",
        fmt::format("A load balancer with the same name '{}' exists, but with different settings", *in.Name));
  }
  if (lbs_.in(c.region).size() >= kBalancerLimit)
    return aws_error("TooManyLoadBalancers", "The maximum number of load balancers has been reached");
  std::string id = world_.rng.hex(16);
  lb.LoadBalancerArn = fmt::format("arn:aws:elasticloadbalancing:{}:{}:loadbalancer/app/{}/{}", c.region,
                                   world_.account(), *in.Name, id);
  lb.DNSName = fmt::format("{}{}-{}.{}.elb.amazonaws.com", lb.Scheme == "internal" ? "internal-" : "",
                           *in.Name, 1'000'000'000 + world_.rng.below(1'000'000'000), c.region);
  lb.CanonicalHostedZoneId = std::string(zone_of(c.region));
  TRY_ASSIGN(std::string address, world_.take_address(c.region, "elbv2/" + id));
  elbv2::LoadBalancerRow row{.value = lb};
  row.extra = {{"address", address}, {"id", id}};
  for (auto& t : in.Tags.value_or(std::vector<m::Tag>{})) row.tags[*t.Key] = t.Value.value_or("");
  lbs_.put(c.region, *lb.LoadBalancerArn, row);
  world_.set_name(*lb.DNSName, address);
  activate(c.region, *lb.LoadBalancerArn);
  return m::CreateLoadBalancerOutput{.LoadBalancers = {{lb}}};
}

void Elbv2Service::activate(const std::string& region, const std::string& arn) {
  world_.after(world_.pace(kProvisioning), [this, region, arn] {
    auto* row = lbs_.find(region, arn);
    if (!row || !world_.links().up(region) || row->value.State->Code != "provisioning") return;
    row->value.State->Code = "active";
    lbs_.save(region, arn, *row);
    world_.event(region, "elbv2", *row->value.LoadBalancerName, "load balancer active");
    refresh(region, arn);
  });
}

Result<elbv2::LoadBalancerRow*> Elbv2Service::load_balancer(const std::string& region,
                                                            const std::string& arn) {
  if (arn.find(":loadbalancer/") == std::string::npos)
    return aws_error("ValidationError", fmt::format("'{}' is not a valid load balancer ARN", arn));
  if (auto* r = lbs_.find(region, arn)) return r;
  return aws_error("LoadBalancerNotFound", "One or more load balancers not found");
}

Result<m::DescribeLoadBalancersOutput> Elbv2Service::describe(const Call& c,
                                                              const m::DescribeLoadBalancersInput& in) {
  std::vector<m::LoadBalancer> all;
  for (auto& arn : in.LoadBalancerArns.value_or(std::vector<std::string>{})) {
    TRY_ASSIGN(auto* row, load_balancer(c.region, arn));
    all.push_back(row->value);
  }
  std::set<std::string> names;
  if (in.Names) names.insert(in.Names->begin(), in.Names->end());
  if (!in.LoadBalancerArns)
    for (auto& [arn, row] : lbs_.in(c.region))
      if (!in.Names || names.erase(*row.value.LoadBalancerName)) all.push_back(row.value);
  if (!in.LoadBalancerArns && !names.empty())
    return aws_error("LoadBalancerNotFound",
                     fmt::format("Load balancers '[{}]' not found", fmt::join(names, ", ")));
  for (auto& lb : all)
    if (auto it = trouble_.find(*lb.LoadBalancerArn); it != trouble_.end())
      lb.State = m::LoadBalancerState{.Code = "active_impaired", .Reason = it->second};
  m::DescribeLoadBalancersOutput out;
  TRY(page(
      all, in.Marker, in.PageSize, [](auto& l) { return *l.LoadBalancerArn; }, out.LoadBalancers,
      out.NextMarker));
  return out;
}

Result<m::DeleteLoadBalancerOutput> Elbv2Service::remove(const Call& c,
                                                         const m::DeleteLoadBalancerInput& in) {
  auto* row = lbs_.find(c.region, *in.LoadBalancerArn);
  if (!row)
    return m::DeleteLoadBalancerOutput{};  // "if the load balancer does not exist … the call succeeds"
  if (row->attributes["deletion_protection.enabled"] == "true")
    return aws_error(
        "OperationNotPermitted",
        fmt::format("Load balancer '{}' cannot be deleted because deletion protection is enabled",
                    *in.LoadBalancerArn));
  auto used = groups_of(c.region, *in.LoadBalancerArn);
  std::vector<std::string> listeners;
  for (auto& [arn, l] : listeners_.in(c.region))
    if (l.value.LoadBalancerArn == in.LoadBalancerArn) listeners.push_back(arn);
  for (auto& arn : listeners) drop_listener(c.region, arn);
  std::string id = row->extra["id"];
  world_.drop_name(*row->value.DNSName);
  world_.release_address(c.region, "elbv2/" + id);
  lbs_.erase(c.region, *in.LoadBalancerArn);
  trouble_.erase(*in.LoadBalancerArn);
  published_.erase(*in.LoadBalancerArn);
  for (auto& g : used) recheck(c.region, g);
  world_.work([this, id] { plane_.remove(id); }, [] {});
  return m::DeleteLoadBalancerOutput{};
}

void Elbv2Service::load_balancer_operations() {
  on<m::op::CreateLoadBalancer>([this](auto& c, auto& in) { return create(c, in); });
  on<m::op::DescribeLoadBalancers>([this](auto& c, auto& in) { return describe(c, in); });
  on<m::op::DeleteLoadBalancer>([this](auto& c, auto& in) { return remove(c, in); });
  on<m::op::SetSubnets>([this](const Call& c, const m::SetSubnetsInput& in) -> Result<m::SetSubnetsOutput> {
    TRY_ASSIGN(auto* row, load_balancer(c.region, *in.LoadBalancerArn));
    m::LoadBalancer next = row->value;
    TRY(place(c.region, subnets_of(in.Subnets, in.SubnetMappings), next));
    if (in.IpAddressType) next.IpAddressType = in.IpAddressType;
    row->value = next;
    lbs_.save(c.region, *in.LoadBalancerArn, *row);
    return m::SetSubnetsOutput{.AvailabilityZones = next.AvailabilityZones,
                               .IpAddressType = next.IpAddressType};
  });
}

}  // namespace relight::sandbox
