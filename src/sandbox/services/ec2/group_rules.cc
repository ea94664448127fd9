#include "sandbox/services/ec2/group_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sandbox/gateway/service.h"
#include "sandbox/services/ec2/cidr.h"
#include "sandbox/services/ec2/describe.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace {

// EC2 answers names for the four it knows, numbers for the rest, -1 for all.
Result<std::string> protocol(const std::optional<std::string>& given) {
  std::string p = given.value_or("");
  std::transform(p.begin(), p.end(), p.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (p == "6") return std::string("tcp");
  if (p == "17") return std::string("udp");
  if (p == "1") return std::string("icmp");
  if (p == "58") return std::string("icmpv6");
  if (p == "tcp" || p == "udp" || p == "icmp" || p == "icmpv6" || p == "-1") return p;
  int n = -1;
  auto [end, ec] = std::from_chars(p.data(), p.data() + p.size(), n);
  if (ec == std::errc{} && end == p.data() + p.size() && n >= 0 && n <= 255) return p;
  return aws_error("InvalidParameterValue",
                   fmt::format("Invalid value '{}' for IP protocol. Unknown protocol.", p));
}

Result<> set_ports(const ec2::IpPermission& p, ec2::SecurityGroupRule& r) {
  if (r.IpProtocol == "tcp" || r.IpProtocol == "udp") {
    if (!p.FromPort || !p.ToPort)
      return aws_error("InvalidParameterValue",
                       "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
    int from = *p.FromPort, to = *p.ToPort;
    if (from < 0 || to > 65535 || from > to)
      return aws_error("InvalidParameterValue",
                       from > to ? fmt::format("Invalid TCP/UDP port range ({}:{})", from, to)
                                 : fmt::format("Invalid value '{}' for {}", from < 0 ? from : to,
                                               from < 0 ? "FromPort" : "ToPort"));
    r.FromPort = from;
    r.ToPort = to;
    return {};
  }
  bool icmp = r.IpProtocol == "icmp" || r.IpProtocol == "icmpv6";
  r.FromPort = icmp ? p.FromPort.value_or(-1) : -1;
  r.ToPort = icmp ? p.ToPort.value_or(-1) : -1;
  return {};
}

std::string peer(const ec2::SecurityGroupRule& r) {
  if (r.CidrIpv4) return *r.CidrIpv4;
  if (r.CidrIpv6) return *r.CidrIpv6;
  if (r.PrefixListId) return *r.PrefixListId;
  return r.ReferencedGroupInfo ? text_of(r.ReferencedGroupInfo->GroupId) : "";
}

template <class T, class F>
void each(const std::optional<std::vector<T>>& list, F f) {
  if (list)
    for (auto& t : *list) f(t);
}

}  // namespace

Result<std::vector<ec2::SecurityGroupRule>> rules_from(const std::vector<ec2::IpPermission>& permissions,
                                                       const std::string& group_id, bool egress,
                                                       const std::string& account) {
  std::vector<ec2::SecurityGroupRule> out;
  for (auto& p : permissions) {
    ec2::SecurityGroupRule r;
    r.GroupId = group_id;
    r.GroupOwnerId = account;
    r.IsEgress = egress;
    TRY_ASSIGN(r.IpProtocol, protocol(p.IpProtocol));
    TRY(set_ports(p, r));
    size_t before = out.size();
    for (auto& range : p.IpRanges.value_or(std::vector<ec2::IpRange>{})) {
      auto cidr = Cidr::parse(text_of(range.CidrIp));
      if (!cidr)
        return aws_error("InvalidParameterValue",
                         fmt::format("CIDR block {} is malformed", text_of(range.CidrIp)));
      out.push_back(r);
      out.back().CidrIpv4 = cidr->text();
      out.back().Description = range.Description;
    }
    each(p.Ipv6Ranges, [&](auto& x) {
      out.push_back(r), out.back().CidrIpv6 = x.CidrIpv6, out.back().Description = x.Description;
    });
    each(p.PrefixListIds, [&](auto& x) {
      out.push_back(r), out.back().PrefixListId = x.PrefixListId, out.back().Description = x.Description;
    });
    each(p.UserIdGroupPairs, [&](auto& x) {
      out.push_back(r);
      out.back().ReferencedGroupInfo =
          ec2::ReferencedSecurityGroup{.GroupId = x.GroupId, .UserId = x.UserId.value_or(account)};
      out.back().Description = x.Description;
    });
    if (out.size() == before)
      return aws_error(
          "MissingParameter",
          "Either one of ipRanges, ipv6Ranges, prefixListIds or groups must be given for a permission");
  }
  return out;
}

std::vector<ec2::IpPermission> permissions_of(const std::vector<ec2::SecurityGroupRule>& rules,
                                              const std::string& group_id, bool egress) {
  std::vector<ec2::IpPermission> out;
  for (auto& r : rules) {
    if (r.GroupId != group_id || r.IsEgress != egress) continue;
    bool ports = r.IpProtocol != "-1";
    auto it = std::find_if(out.begin(), out.end(), [&](auto& p) {
      return p.IpProtocol == r.IpProtocol && (!ports || (p.FromPort == r.FromPort && p.ToPort == r.ToPort));
    });
    if (it == out.end()) {
      ec2::IpPermission p;
      p.IpProtocol = r.IpProtocol;
      if (ports) p.FromPort = r.FromPort, p.ToPort = r.ToPort;
      p.IpRanges.emplace(), p.Ipv6Ranges.emplace(), p.PrefixListIds.emplace(), p.UserIdGroupPairs.emplace();
      it = out.insert(out.end(), p);
    }
    if (r.CidrIpv4)
      it->IpRanges->push_back({.CidrIp = r.CidrIpv4, .Description = r.Description});
    else if (r.CidrIpv6)
      it->Ipv6Ranges->push_back({.CidrIpv6 = r.CidrIpv6, .Description = r.Description});
    else if (r.PrefixListId)
      it->PrefixListIds->push_back({.Description = r.Description, .PrefixListId = r.PrefixListId});
    else if (r.ReferencedGroupInfo)
      it->UserIdGroupPairs->push_back({.Description = r.Description,
                                       .GroupId = r.ReferencedGroupInfo->GroupId,
                                       .UserId = r.ReferencedGroupInfo->UserId});
  }
  return out;
}

bool same_rule(const ec2::SecurityGroupRule& a, const ec2::SecurityGroupRule& b) {
  return a.GroupId == b.GroupId && a.IsEgress == b.IsEgress && a.IpProtocol == b.IpProtocol &&
         a.FromPort == b.FromPort && a.ToPort == b.ToPort && peer(a) == peer(b);
}

std::string rule_text(const ec2::SecurityGroupRule& r) {
  std::string p = text_of(r.IpProtocol);
  if (p == "-1") return fmt::format("peer: {}, ALL, ALLOW", peer(r));
  std::transform(p.begin(), p.end(), p.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return fmt::format("peer: {}, {}, from port: {}, to port: {}, ALLOW", peer(r), p, text_of(r.FromPort),
                     text_of(r.ToPort));
}

}  // namespace relight::sandbox
