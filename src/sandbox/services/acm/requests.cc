// RequestCertificate and its validation by DNS ("DNS validation", ACM User Guide).
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/gen/route53.h"
#include "base/bytes.h"
#include "sandbox/services/acm/service.h"

namespace relight::sandbox {
using namespace acm;
namespace op = aws::acm::op;

namespace {

constexpr auto kValidationLimit = std::chrono::hours(72);
constexpr auto kLifetime = std::chrono::hours(24 * 395);  // 13 months ("ACM certificate characteristics")
constexpr size_t kNames = 10;                             // "Quotas": domain names of a certificate

std::string bare(const std::string& domain) { return domain.starts_with("*.") ? domain.substr(2) : domain; }

std::string lower_case(std::string s) {
  std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return std::tolower(c); });
  return s;
}

}  // namespace

// The same for a domain each time it is asked for in an account; the wildcard shares its domain's.
api::ResourceRecord AcmService::record_for(const std::string& domain) const {
  std::string name = lower_case(bare(domain));
  std::string token = hex(sha256("acm name|" + world_.account() + "|" + name)).substr(0, 32);
  std::string value = hex(sha256("acm value|" + world_.account() + "|" + name)).substr(0, 32);
  return {fmt::format("_{}.{}.", token, name), "CNAME", fmt::format("_{}.acm-validations.aws.", value)};
}

Result<api::RequestCertificateResponse> AcmService::request(const Call& c,
                                                            const api::RequestCertificateRequest& in) {
  if (in.CertificateAuthorityArn)
    return aws_error("InvalidParameterException", "Private authorities are not built in this sandbox.");
  if (in.ValidationMethod.value_or("EMAIL") != "DNS")
    return aws_error("InvalidParameterException",
                     "Validation by e-mail is not built in this sandbox: ask for DNS.");
  if (in.KeyAlgorithm && *in.KeyAlgorithm != "RSA_2048" && *in.KeyAlgorithm != "EC_prime256v1" &&
      *in.KeyAlgorithm != "EC_secp384r1")
    return aws_error("InvalidParameterException",
                     "The key algorithm is not supported: " + *in.KeyAlgorithm);  // wording unverified
  std::vector<std::string> names{lower_case(*in.DomainName)};
  for (auto& n : in.SubjectAlternativeNames.value_or(std::vector<std::string>{}))
    if (auto name = lower_case(n); std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  if (names.size() > kNames)
    return aws_error("LimitExceededException",
                     "A certificate has at most 10 domain names.");  // wording unverified
  std::string token =
      fmt::format("{}|{}|{}", c.region, in.IdempotencyToken.value_or(""), fmt::join(names, ","));
  if (in.IdempotencyToken)
    if (auto it = requested_.find(token);
        it != requested_.end() && certificates_.find(c.region, id_of(it->second)))
      return api::RequestCertificateResponse{.CertificateArn = it->second};
  Certificate x;
  std::string id = world_.rng.uuid();
  x.CertificateArn = arn(c.region, id);
  x.DomainName = names[0];
  x.SubjectAlternativeNames = names;
  x.CreatedAt = world_.clock.now();
  x.Status = "PENDING_VALIDATION";
  x.Type = "AMAZON_ISSUED";
  x.KeyAlgorithm = in.KeyAlgorithm.value_or("RSA_2048");
  x.SignatureAlgorithm = "SHA256WITHRSA";
  x.RenewalEligibility = "INELIGIBLE";
  x.Options = in.Options.value_or(api::CertificateOptions{"ENABLED"});
  x.DomainValidationOptions.emplace();
  for (auto& n : names)
    x.DomainValidationOptions->push_back({.DomainName = n,
                                          .ValidationDomain = n,
                                          .ValidationStatus = "PENDING_VALIDATION",
                                          .ResourceRecord = record_for(n),
                                          .ValidationMethod = "DNS"});
  if (in.Tags) TRY(set_tags(c.region, id, *in.Tags));
  auto& kept = certificates_.put(c.region, id, std::move(x));
  if (in.IdempotencyToken) {
    requested_[token] = *kept.CertificateArn;
    world_.after(std::chrono::hours(1), [this, token] { requested_.erase(token); });
  }
  look_again(c.region, id);
  return api::RequestCertificateResponse{.CertificateArn = kept.CertificateArn};
}

// AWS asks the DNS; here the hosted zones are looked through, which are Route 53's control plane's.
bool AcmService::in_dns(const api::ResourceRecord& want) {
  namespace r53 = aws::route53;
  std::string name = lower_case(*want.Name);
  auto zones = world_.call<r53::op::ListHostedZones>("us-east-1", {});
  if (!zones || !zones->HostedZones) return false;
  for (auto& z : *zones->HostedZones) {
    if (!name.ends_with("." + lower_case(*z.Name)) || (z.Config && z.Config->PrivateZone.value_or(false)))
      continue;
    auto sets = world_.call<r53::op::ListResourceRecordSets>(
        "us-east-1",
        {.HostedZoneId = id_of(*z.Id), .StartRecordName = name, .StartRecordType = "CNAME", .MaxItems = "1"});
    if (!sets || !sets->ResourceRecordSets || sets->ResourceRecordSets->empty()) continue;
    auto& s = sets->ResourceRecordSets->front();
    if (lower_case(*s.Name) != name || s.Type != "CNAME" || !s.ResourceRecords || s.ResourceRecords->empty())
      continue;
    std::string value = lower_case(*s.ResourceRecords->front().Value);
    if (!value.ends_with('.')) value += '.';
    if (value == *want.Value) return true;
  }
  return false;
}

void AcmService::look_again(Region r, Id id) {
  world_.after(world_.poll_interval(std::chrono::minutes(1)),
               [this, region = std::string(r), id = std::string(id)] { validate(region, id); });
}

void AcmService::validate(Region r, Id id) {
  auto* c = certificates_.find(r, id);
  if (!c || c->Status != "PENDING_VALIDATION" || !world_.links().up(r)) return;
  bool all = true, changed = false;
  for (auto& v : *c->DomainValidationOptions) {
    if (v.ValidationStatus != "SUCCESS" && in_dns(*v.ResourceRecord))
      v.ValidationStatus = "SUCCESS", changed = true;
    all = all && v.ValidationStatus == "SUCCESS";
  }
  if (!all && world_.clock.now() - *c->CreatedAt >= kValidationLimit) {
    c->Status = "VALIDATION_TIMED_OUT";
    for (auto& v : *c->DomainValidationOptions)
      if (v.ValidationStatus != "SUCCESS") v.ValidationStatus = "FAILED";
    certificates_.save(r, id, *c);
    return;
  }
  if (all) return give_out(r, id);
  if (changed) certificates_.save(r, id, *c);
  look_again(r, id);
}

void AcmService::give_out(Region r, Id id) {
  auto* c = certificates_.find(r, id);
  Instant now = std::chrono::floor<std::chrono::seconds>(world_.clock.now()), until = now + kLifetime;
  auto made = issue(*c->SubjectAlternativeNames, now, until);
  auto read = made ? parse_certificate(made->certificate) : Result<Parsed>(std::unexpected(made.error()));
  if (!read) {
    c->Status = "FAILED";
    c->FailureReason = "OTHER";
  } else {
    c->Status = "ISSUED";
    c->IssuedAt = world_.clock.now();
    c->NotBefore = now, c->NotAfter = until;
    c->Serial = read->serial;
    c->Subject = "CN=" + *c->DomainName;
    c->Issuer = "Amazon";
    c->RenewalEligibility = "ELIGIBLE";
    bodies_.put(r, id, api::GetCertificateResponse{.Certificate = made->certificate});
  }
  certificates_.save(r, id, *c);
  world_.event(r, "acm", *c->DomainName, "certificate is " + *c->Status);
}

void AcmService::add_requests() {
  on<op::RequestCertificate>([this](const Call& c, const auto& in) { return request(c, in); });
}

}  // namespace relight::sandbox
