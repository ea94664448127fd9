// ChangeResourceRecordSets: all of a batch or nothing of it.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/route53/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::route53;
using route53::kGlobal;
using Set = m::ResourceRecordSet;

constexpr size_t kChangesLimit = 1000,
                 kTextLimit = 32000;    // records and characters of one batch (quotas page)
constexpr size_t kRecordLimit = 10000;  // records of one zone

// The zone's records as the batch so far would leave them.
class Draft {
 public:
  Draft(std::map<std::string, route53::RecordRow>& base, std::string zone)
      : base_(base), zone_(std::move(zone)) {}
  const Set* find(const std::string& key) const {
    if (auto it = over_.find(key); it != over_.end()) return it->second ? &*it->second : nullptr;
    auto it = base_.find(key);
    return it == base_.end() ? nullptr : &it->second.value;
  }
  void put(const std::string& key, Set s) { over_[key] = std::move(s); }
  void erase(const std::string& key) { over_[key] = std::nullopt; }
  std::vector<const Set*> of_name(const std::string& prefix) const {
    std::vector<const Set*> out;
    for (auto it = base_.lower_bound(prefix); it != base_.end() && it->first.starts_with(prefix); ++it)
      if (!over_.contains(it->first)) out.push_back(&it->second.value);
    for (auto it = over_.lower_bound(prefix); it != over_.end() && it->first.starts_with(prefix); ++it)
      if (it->second) out.push_back(&*it->second);
    return out;
  }
  const std::map<std::string, std::optional<Set>>& changes() const { return over_; }

 private:
  std::map<std::string, route53::RecordRow>& base_;
  std::string zone_;
  std::map<std::string, std::optional<Set>> over_;
};

int policies(const Set& s) {
  return s.Weight.has_value() + s.Region.has_value() + s.GeoLocation.has_value() + s.Failover.has_value() +
         s.MultiValueAnswer.has_value();
}
int policy(const Set& s) {
  return s.Weight ? 1 : s.Region ? 2 : s.GeoLocation ? 3 : s.Failover ? 4 : s.MultiValueAnswer ? 5 : 0;
}

std::string title(const Set& s) {
  std::string id = s.SetIdentifier ? fmt::format(", set-identifier='{}'", *s.SetIdentifier) : "";
  return fmt::format("[name='{}', type='{}'{}]",
                     route53::shown_name(dns::canonical_name(*s.Name).value_or("")), *s.Type, id);
}

bool same(const Set& a, const Set& b) {
  auto values = [](const Set& s) {
    std::vector<std::string> v;
    for (auto& r : s.ResourceRecords.value_or(std::vector<m::ResourceRecord>{})) v.push_back(*r.Value);
    std::sort(v.begin(), v.end());
    return v;
  };
  auto alias = [](const Set& s) {
    return s.AliasTarget ? fmt::format("{} {} {}", *s.AliasTarget->HostedZoneId,
                                       dns::canonical_name(*s.AliasTarget->DNSName).value_or(""),
                                       *s.AliasTarget->EvaluateTargetHealth)
                         : "";
  };
  return a.TTL == b.TTL && values(a) == values(b) && alias(a) == alias(b) && a.Weight == b.Weight &&
         a.Region == b.Region && a.Failover == b.Failover && a.HealthCheckId == b.HealthCheckId &&
         a.MultiValueAnswer == b.MultiValueAnswer;
}

// What is wrong with the request's form, before any record is looked at: InvalidInput.
Result<> check_form(const m::Change& c) {
  const Set& s = *c.ResourceRecordSet;
  std::string where = fmt::format("Change with [Action={}, Name={}, Type={}, SetIdentifier={}]", *c.Action,
                                  *s.Name, *s.Type, s.SetIdentifier.value_or("null"));
  auto bad = [&](const std::string& why) {
    return aws_error("InvalidInput", fmt::format("Invalid request: {} in {}", why, where), 400);
  };
  bool values = s.TTL && s.ResourceRecords, partly = s.TTL || s.ResourceRecords;
  if (s.TrafficPolicyInstanceId || s.CidrRoutingConfig)
    return aws_error("NotImplemented", "traffic policies and CIDR routing are not built in this sandbox",
                     501);
  if (s.AliasTarget && partly)
    return bad(
        "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
        "TrafficPolicyInstanceId], but found more than one");
  if (!s.AliasTarget && !values)
    return bad(
        "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
        "TrafficPolicyInstanceId], but found none");
  if (policies(s) > 1)
    return bad(
        "Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, or "
        "CidrRoutingConfig], but found more than one");
  if (policies(s) == 1 && !s.SetIdentifier) return bad("Missing field 'SetIdentifier'");
  if (policies(s) == 0 && s.SetIdentifier)
    return bad(
        "Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, or "
        "CidrRoutingConfig], but found none");
  if (s.AliasTarget && s.MultiValueAnswer) return bad("Multivalue answer records cannot be aliases");
  return {};
}

void check_values(const Set& s, std::vector<std::string>& messages) {
  uint16_t type = dns::type_of(*s.Type).value_or(0);
  if (!s.ResourceRecords) return;
  if ((type == dns::kCname || type == dns::kSoa) && s.ResourceRecords->size() != 1)
    messages.push_back(
        fmt::format("RRSet of type {} with DNS name {} must hold exactly one value", *s.Type, *s.Name));
  std::set<std::string> seen;
  for (auto& r : *s.ResourceRecords) {
    if (auto bytes = dns::rdata_of(type, *r.Value); !bytes)
      messages.push_back(
          fmt::format("Invalid Resource Record: 'FATAL problem: {}RRDATAIllegal ({}) encountered with '{}''",
                      *s.Type, bytes.error().message, *r.Value));
    if (!seen.insert(*r.Value).second)
      messages.push_back(fmt::format("Duplicate Resource Record: '{}'", *r.Value));
  }
}

struct Place {
  std::string zone_id, apex;  // apex canonical
};

void check_name(const Set& s, const Place& p, std::vector<std::string>& messages) {
  auto name = dns::canonical_name(*s.Name);
  if (!name || !dns::inside(*name, p.apex))
    messages.push_back(fmt::format("RRSet with DNS name {} is not permitted in zone {}", *s.Name,
                                   route53::shown_name(p.apex)));
  else if (s.Type == "CNAME" && *name == p.apex)
    messages.push_back(fmt::format("RRSet of type CNAME with DNS name {} is not permitted at apex in zone {}",
                                   route53::shown_name(*name), route53::shown_name(p.apex)));
}

void check_neighbours(const Set& s, const std::string& key, const Draft& d, const Place& p,
                      std::vector<std::string>& messages) {
  std::string name = dns::canonical_name(*s.Name).value_or(""), shown = route53::shown_name(name);
  for (auto* other : d.of_name(route53::name_key(p.zone_id, name))) {
    std::string other_key =
        route53::record_key(p.zone_id, name, *other->Type, other->SetIdentifier.value_or(""));
    if (other_key == key) continue;
    if ((s.Type == "CNAME") != (other->Type == "CNAME")) {
      messages.push_back(
          s.Type == "CNAME"
              ? fmt::format("RRSet of type CNAME with DNS name {} is not permitted as it conflicts with "
                            "other records with the same DNS name in zone {}",
                            shown, route53::shown_name(p.apex))
              : fmt::format("RRSet of type {} with DNS name {} is not permitted because a conflicting RRSet "
                            "of type CNAME with the same DNS name already exists in zone {}",
                            *s.Type, shown, route53::shown_name(p.apex)));
      return;
    }
    if (other->Type != s.Type) continue;
    if (policy(*other) != policy(s)) {
      messages.push_back(
          fmt::format("RRSet with DNS name {}, type {}, SetIdentifier {} cannot be created as other RRSets "
                      "exist with the same name and type.",
                      shown, *s.Type, s.SetIdentifier.value_or("null")));
      return;
    }
    if (s.Failover && other->Failover == s.Failover) {
      messages.push_back(
          fmt::format("Failover record with DNS name {}, type {} and failover {} already exists", shown,
                      *s.Type, *s.Failover));
      return;
    }
  }
}

}  // namespace

Result<m::ChangeResourceRecordSetsResponse> Route53Service::change(
    const Call&, const m::ChangeResourceRecordSetsRequest& in) {
  TRY_ASSIGN(auto* z, zone(*in.HostedZoneId));
  Place p{*z->value.Id, dns::canonical_name(*z->value.Name).value_or("")};
  auto& changes = *in.ChangeBatch->Changes;
  std::vector<std::string> messages;
  size_t text = 0, weight = 0;
  for (auto& c : changes) {
    TRY(check_form(c));
    size_t factor = c.Action == "UPSERT" ? 2 : 1;  // an UPSERT counts twice (API reference)
    for (auto& r : c.ResourceRecordSet->ResourceRecords.value_or(std::vector<m::ResourceRecord>{}))
      text += factor * r.Value->size(), weight += factor;
    if (!c.ResourceRecordSet->ResourceRecords) weight += factor;
    if (auto& h = c.ResourceRecordSet->HealthCheckId; h && c.Action != "DELETE" && !checks_.find(kGlobal, *h))
      return aws_error("NoSuchHealthCheck",
                       fmt::format("No health check exists with the specified ID {}", *h));
  }
  if (weight > kChangesLimit)
    return aws_error("InvalidChangeBatch",
                     fmt::format("[Number of records limit of {} exceeded.]", kChangesLimit), 400);
  if (text > kTextLimit)
    return aws_error("InvalidChangeBatch",
                     fmt::format("[Number of characters limit of {} exceeded.]", kTextLimit), 400);
  Draft d(records_.in(kGlobal), p.zone_id);
  for (auto& c : changes) {
    Set s = *c.ResourceRecordSet;
    size_t before = messages.size();
    check_name(s, p, messages);
    if (messages.size() > before) continue;
    std::string name = dns::canonical_name(*s.Name).value_or("");
    s.Name = route53::shown_name(name);
    if (s.AliasTarget)
      s.AliasTarget->DNSName = route53::shown_name(dns::canonical_name(*s.AliasTarget->DNSName).value_or(""));
    std::string key = route53::record_key(p.zone_id, name, *s.Type, s.SetIdentifier.value_or(""));
    const Set* old = d.find(key);
    if (c.Action == "DELETE") {
      if (!old)
        messages.push_back(
            fmt::format("Tried to delete resource record set {} but it was not found", title(s)));
      else if (!same(*old, s))
        messages.push_back(fmt::format(
            "Tried to delete resource record set {} but the values provided do not match the current values",
            title(s)));
      else if (name == p.apex && s.Type == "SOA")
        messages.push_back("A HostedZone must contain exactly one SOA record.");
      else if (name == p.apex && s.Type == "NS")
        messages.push_back("A HostedZone must contain at least one NS record for the zone itself.");
      else
        d.erase(key);
      continue;
    }
    if (c.Action == "CREATE" && old) {
      messages.push_back(
          fmt::format("Tried to create resource record set {} but it already exists", title(s)));
      continue;
    }
    check_values(s, messages);
    check_neighbours(s, key, d, p, messages);
    if (s.AliasTarget && route53::bare_id(*s.AliasTarget->HostedZoneId) == p.zone_id) {
      auto target = dns::canonical_name(*s.AliasTarget->DNSName).value_or("");
      bool there = false;
      for (auto* t : d.of_name(route53::name_key(p.zone_id, target))) there = there || t->Type == s.Type;
      if (!dns::inside(target, p.apex))
        messages.push_back(
            fmt::format("Tried to create an alias that targets {}, type {} in zone {}, but the alias target "
                        "name does not lie within the target zone",
                        *s.AliasTarget->DNSName, *s.Type, p.zone_id));
      else if (!there)
        messages.push_back(fmt::format(
            "Tried to create an alias that targets {}, type {} in zone {}, but that target was not found",
            *s.AliasTarget->DNSName, *s.Type, p.zone_id));
    }
    if (messages.size() == before) d.put(key, s);
  }
  if (records_of(p.zone_id).size() + changes.size() > kRecordLimit)
    messages.push_back("The limit of records in the hosted zone has been reached");
  if (!messages.empty())
    return aws_error("InvalidChangeBatch", fmt::format("[{}]", fmt::join(messages, ", ")), 400);
  for (auto& [key, s] : d.changes()) {
    if (s)
      records_.put(kGlobal, key, {*s, {}, {}});
    else
      records_.erase(kGlobal, key);
  }
  return m::ChangeResourceRecordSetsResponse{.ChangeInfo = submit(in.ChangeBatch->Comment)};
}

}  // namespace relight::sandbox
