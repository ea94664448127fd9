#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/route53/paging.h"
#include "sandbox/services/route53/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::route53;
using route53::kGlobal;

constexpr size_t kZoneLimit = 500;      // MAX_HOSTED_ZONES_BY_OWNER
constexpr size_t kChangeLimit = 1000;   // changes that GetChange still knows
constexpr Millis kPropagation{30'000};  // "within 60 seconds" of PENDING

std::string upper_id(Rng& rng, size_t n) {
  std::string id = rng.hex(n);
  for (char& c : id) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  return id;
}

// The reversed labels that ListHostedZonesByName sorts by.
std::string zone_order(const std::string& canonical) { return route53::name_key("", canonical); }

}  // namespace

Result<route53::ZoneRow*> Route53Service::zone(const std::string& id) {
  std::string bare = route53::bare_id(id);
  if (auto* z = zones_.find(kGlobal, bare)) return z;
  return aws_error("NoSuchHostedZone", fmt::format("No hosted zone found with ID: {}", bare));
}

m::HostedZone Route53Service::shown(const route53::ZoneRow& z) {
  m::HostedZone out = z.value;
  out.ResourceRecordSetCount = static_cast<int64_t>(records_of(*z.value.Id).size());
  out.Id = "/hostedzone/" + *z.value.Id;
  return out;
}

m::DelegationSet Route53Service::delegation(const route53::ZoneRow& z) const {
  m::DelegationSet d;
  d.NameServers.emplace();
  for (const char* k : {"ns1", "ns2", "ns3", "ns4"})
    if (auto it = z.extra.find(k); it != z.extra.end()) d.NameServers->push_back(it->second);
  return d;
}

void Route53Service::name_servers(const route53::ZoneRow& z) {
  m::DelegationSet d = delegation(z);
  for (auto& ns : *d.NameServers) world_.set_name(ns, world_.dns_address());
}

m::ChangeInfo Route53Service::submit(const std::optional<std::string>& comment) {
  std::string id = "C" + upper_id(world_.rng, 20);
  route53::ChangeRow row{.value = {.Id = "/change/" + id,
                                   .Status = "PENDING",
                                   .SubmittedAt = world_.clock.now(),
                                   .Comment = comment},
                         .tags = {},
                         .extra = {}};
  auto& all = changes_.in(kGlobal);
  if (all.size() >= kChangeLimit) {
    auto oldest = std::min_element(all.begin(), all.end(), [](auto& a, auto& b) {
      return a.second.value.SubmittedAt < b.second.value.SubmittedAt;
    });
    changes_.erase(kGlobal, std::string(oldest->first));
  }
  changes_.put(kGlobal, id, row);
  // Name servers go on serving, and taking what was accepted, whatever becomes of us-east-1.
  world_.after(world_.pace(kPropagation), [this, id] {
    if (stopped_) return;
    publish_zones();
    if (auto* c = changes_.find(kGlobal, id)) {
      c->value.Status = "INSYNC";
      changes_.save(kGlobal, id, *c);
    }
  });
  return row.value;
}

Result<m::CreateHostedZoneResponse> Route53Service::create(const Call&,
                                                           const m::CreateHostedZoneRequest& in) {
  auto name = dns::canonical_name(*in.Name);
  if (!name || name->empty() || name->find('.') == std::string::npos)
    return aws_error("InvalidDomainName", fmt::format("{} is not a valid domain name", *in.Name));
  for (auto& [id, z] : zones_.in(kGlobal))
    if (z.value.CallerReference == in.CallerReference)
      return aws_error(
          "HostedZoneAlreadyExists",
          fmt::format("A hosted zone has already been created with the specified caller reference: {}",
                      *in.CallerReference));
  if (zones_.in(kGlobal).size() >= kZoneLimit)
    return aws_error("TooManyHostedZones", "The limit of hosted zones has been reached");
  bool is_private = in.VPC.has_value();
  if (!is_private && in.HostedZoneConfig && in.HostedZoneConfig->PrivateZone.value_or(false))
    return aws_error("InvalidInput", "When you're creating a private hosted zone, you must specify a VPC",
                     400);
  std::string id = "Z" + upper_id(world_.rng, 19);
  m::HostedZoneConfig config{.Comment = in.HostedZoneConfig ? in.HostedZoneConfig->Comment : std::nullopt,
                             .PrivateZone = is_private};
  route53::ZoneRow row{.value = {.Id = id,
                                 .Name = route53::shown_name(*name),
                                 .CallerReference = in.CallerReference,
                                 .Config = config},
                       .tags = {},
                       .extra = {}};
  const char* tlds[] = {"com", "net", "org", "co.uk"};
  for (int i = 0; i < 4; ++i)
    row.extra[fmt::format("ns{}", i + 1)] =
        fmt::format("ns-{}.awsdns-{:02}.{}", 512 * i + static_cast<int>(world_.rng.below(512)),
                    world_.rng.below(64), tlds[i]);
  if (is_private) row.extra["vpc:" + in.VPC->VPCId.value_or("")] = in.VPC->VPCRegion.value_or("us-east-1");
  zones_.put(kGlobal, id, row);
  name_servers(row);
  m::ResourceRecordSet ns{
      .Name = *name + ".", .Type = "NS", .TTL = 172800, .ResourceRecords = std::vector<m::ResourceRecord>{}};
  m::DelegationSet set = delegation(row);
  for (auto& n : *set.NameServers) ns.ResourceRecords->push_back({.Value = n + "."});
  m::ResourceRecordSet soa{
      .Name = *name + ".",
      .Type = "SOA",
      .TTL = 900,
      .ResourceRecords = {
          {{.Value = row.extra["ns1"] + ". awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}}}};
  records_.put(kGlobal, route53::record_key(id, *name, "NS", ""), {ns, {}, {}});
  records_.put(kGlobal, route53::record_key(id, *name, "SOA", ""), {soa, {}, {}});
  m::CreateHostedZoneResponse out{.HostedZone = shown(row),
                                  .ChangeInfo = submit({}),
                                  .VPC = in.VPC,
                                  .Location = "https://route53.amazonaws.com/2013-04-01/hostedzone/" + id};
  out.DelegationSet = set;
  return out;
}

Result<m::DeleteHostedZoneResponse> Route53Service::remove(const Call&,
                                                           const m::DeleteHostedZoneRequest& in) {
  TRY_ASSIGN(auto* z, zone(*in.Id));
  std::string id = *z->value.Id, apex = *z->value.Name;
  for (auto* r : records_of(id))
    if (r->Name != apex || (r->Type != "NS" && r->Type != "SOA"))
      return aws_error(
          "HostedZoneNotEmpty",
          "The specified hosted zone contains non-required resource record sets and so cannot be deleted.");
  m::DelegationSet d = delegation(*z);
  for (auto& ns : *d.NameServers) world_.drop_name(ns);
  auto name = dns::canonical_name(apex).value_or("");
  records_.erase(kGlobal, route53::record_key(id, name, "NS", ""));
  records_.erase(kGlobal, route53::record_key(id, name, "SOA", ""));
  zones_.erase(kGlobal, id);
  return m::DeleteHostedZoneResponse{.ChangeInfo = submit({})};
}

Result<m::ListHostedZonesByNameResponse> Route53Service::by_name(const m::ListHostedZonesByNameRequest& in) {
  TRY_ASSIGN(size_t max, max_items(in.MaxItems));
  std::vector<std::pair<std::string, const route53::ZoneRow*>> all;
  for (auto& [id, z] : zones_.in(kGlobal))
    all.emplace_back(zone_order(dns::canonical_name(*z.value.Name).value_or("")) + id, &z);
  std::sort(all.begin(), all.end());
  std::string from;
  if (in.DNSName) {
    auto name = dns::canonical_name(*in.DNSName);
    if (!name) return aws_error("InvalidDomainName", *in.DNSName + " is not a valid domain name");
    from = zone_order(*name) + route53::bare_id(in.HostedZoneId.value_or(""));
  }
  m::ListHostedZonesByNameResponse out{.HostedZones = std::vector<m::HostedZone>{},
                                       .DNSName = in.DNSName,
                                       .HostedZoneId = in.HostedZoneId,
                                       .IsTruncated = false,
                                       .MaxItems = std::to_string(max)};
  for (auto& [key, z] : all) {
    if (key < from) continue;
    if (out.HostedZones->size() == max) {
      out.IsTruncated = true;
      out.NextDNSName = z->value.Name;
      out.NextHostedZoneId = z->value.Id;
      break;
    }
    out.HostedZones->push_back(shown(*z));
  }
  return out;
}

void Route53Service::zone_operations() {
  on<m::op::CreateHostedZone>([this](auto& c, auto& in) { return create(c, in); });
  on<m::op::DeleteHostedZone>([this](auto& c, auto& in) { return remove(c, in); });
  on<m::op::ListHostedZonesByName>([this](const Call&, auto& in) { return by_name(in); });
  on<m::op::GetHostedZone>([this](const Call&, auto& in) -> Result<m::GetHostedZoneResponse> {
    TRY_ASSIGN(auto* z, zone(*in.Id));
    m::GetHostedZoneResponse out{.HostedZone = shown(*z)};
    if (!z->value.Config->PrivateZone.value_or(false)) out.DelegationSet = delegation(*z);
    for (auto& [k, v] : z->extra)
      if (k.starts_with("vpc:")) {
        if (!out.VPCs) out.VPCs.emplace();
        out.VPCs->push_back({.VPCRegion = v, .VPCId = k.substr(4)});
      }
    return out;
  });
  on<m::op::ListHostedZones>([this](const Call&, auto& in) -> Result<m::ListHostedZonesResponse> {
    TRY_ASSIGN(size_t max, max_items(in.MaxItems));
    m::ListHostedZonesResponse out{.HostedZones = std::vector<m::HostedZone>{},
                                   .Marker = in.Marker.value_or(""),
                                   .IsTruncated = false,
                                   .MaxItems = std::to_string(max)};
    for (auto& [id, z] : zones_.in(kGlobal)) {
      if (in.Marker && id < *in.Marker) continue;
      if (out.HostedZones->size() == max) {
        out.IsTruncated = true;
        out.NextMarker = id;
        break;
      }
      out.HostedZones->push_back(shown(z));
    }
    return out;
  });
  on<m::op::GetHostedZoneCount>([this](const Call&, auto&) -> Result<m::GetHostedZoneCountResponse> {
    return m::GetHostedZoneCountResponse{.HostedZoneCount = static_cast<int64_t>(zones_.in(kGlobal).size())};
  });
  on<m::op::UpdateHostedZoneComment>(
      [this](const Call&, auto& in) -> Result<m::UpdateHostedZoneCommentResponse> {
        TRY_ASSIGN(auto* z, zone(*in.Id));
        z->value.Config->Comment = in.Comment;
        zones_.save(kGlobal, *z->value.Id, *z);
        return m::UpdateHostedZoneCommentResponse{.HostedZone = shown(*z)};
      });
  on<m::op::GetChange>([this](const Call&, auto& in) -> Result<m::GetChangeResponse> {
    auto* c = changes_.find(kGlobal, route53::bare_id(*in.Id));
    if (!c)
      return aws_error("NoSuchChange",
                       fmt::format("Could not find resource with ID: {}", route53::bare_id(*in.Id)));
    return m::GetChangeResponse{.ChangeInfo = c->value};
  });
}

}  // namespace relight::sandbox
