#include <fmt/format.h>

#include "sandbox/services/route53/paging.h"
#include "sandbox/services/route53/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::route53;
using route53::kGlobal;

const char* rcode_name(dns::Rcode r) {
  switch (r) {
    case dns::Rcode::kNoError:
      return "NOERROR";
    case dns::Rcode::kNxDomain:
      return "NXDOMAIN";
    case dns::Rcode::kRefused:
      return "REFUSED";
    default:
      return "SERVFAIL";
  }
}

std::string in_words(const dns::Record& r) {
  auto b = [&](size_t i) { return static_cast<int>(static_cast<unsigned char>(r.rdata[i])); };
  if (r.type == dns::kA && r.rdata.size() == 4) return fmt::format("{}.{}.{}.{}", b(0), b(1), b(2), b(3));
  if (r.type == dns::kCname || r.type == dns::kNs || r.type == dns::kPtr)
    return route53::shown_name(dns::rdata_name(r.rdata));
  return "";
}

}  // namespace

std::vector<const m::ResourceRecordSet*> Route53Service::records_of(const std::string& zone_id) {
  std::vector<const m::ResourceRecordSet*> out;
  auto& all = records_.in(kGlobal);
  std::string prefix = zone_id + "\x1e";
  for (auto it = all.lower_bound(prefix); it != all.end() && it->first.starts_with(prefix); ++it)
    out.push_back(&it->second.value);
  return out;
}

Result<m::ListResourceRecordSetsResponse> Route53Service::list(const m::ListResourceRecordSetsRequest& in) {
  TRY_ASSIGN(auto* z, zone(*in.HostedZoneId));
  TRY_ASSIGN(size_t max, max_items(in.MaxItems, 300));
  if (in.StartRecordType && !in.StartRecordName)
    return aws_error("InvalidInput",
                     "When you specify a start record type, you must also specify a start record name", 400);
  if (in.StartRecordIdentifier && !in.StartRecordType)
    return aws_error("InvalidInput",
                     "When you specify a start record identifier, you must also specify a start record type",
                     400);
  std::string id = *z->value.Id, from = id + "\x1e";
  if (in.StartRecordName) {
    auto name = dns::canonical_name(*in.StartRecordName);
    if (!name) return aws_error("InvalidInput", "The start record name is not a valid domain name", 400);
    from = route53::name_key(id, *name);
    if (in.StartRecordType) from += *in.StartRecordType + "\x1e" + in.StartRecordIdentifier.value_or("");
  }
  m::ListResourceRecordSetsResponse out{.ResourceRecordSets = std::vector<m::ResourceRecordSet>{},
                                        .IsTruncated = false,
                                        .MaxItems = std::to_string(max)};
  auto& all = records_.in(kGlobal);
  for (auto it = all.lower_bound(from); it != all.end() && it->first.starts_with(id + "\x1e"); ++it) {
    auto& r = it->second.value;
    if (out.ResourceRecordSets->size() == max) {
      out.IsTruncated = true;
      out.NextRecordName = r.Name;
      out.NextRecordType = r.Type;
      out.NextRecordIdentifier = r.SetIdentifier;
      break;
    }
    out.ResourceRecordSets->push_back(r);
  }
  return out;
}

Result<m::TestDNSAnswerResponse> Route53Service::test(const m::TestDNSAnswerRequest& in) {
  TRY_ASSIGN(auto* z, zone(*in.HostedZoneId));
  auto name = dns::canonical_name(*in.RecordName);
  if (!name || !dns::inside(*name, dns::canonical_name(*z->value.Name).value_or("")))
    return aws_error("InvalidInput", "The record name does not lie within the hosted zone", 400);
  uint16_t type = dns::type_of(*in.RecordType).value_or(0);
  dns::Answer a = answer({*name, "", type, 1});
  m::TestDNSAnswerResponse out{.Nameserver = z->extra["ns1"],
                               .RecordName = route53::shown_name(*name),
                               .RecordType = in.RecordType,
                               .RecordData = std::vector<std::string>{},
                               .ResponseCode = rcode_name(a.rcode),
                               .Protocol = "UDP"};
  for (auto& r : a.answers)
    if (r.type == type) out.RecordData->push_back(in_words(r));
  return out;
}

void Route53Service::record_operations() {
  on<m::op::ChangeResourceRecordSets>([this](auto& c, auto& in) { return change(c, in); });
  on<m::op::ListResourceRecordSets>([this](const Call&, auto& in) { return list(in); });
  on<m::op::TestDNSAnswer>([this](const Call&, auto& in) { return test(in); });
}

}  // namespace relight::sandbox
