// ImportCertificate ("Importing certificates", ACM User Guide): new, or in place of one that was imported.
#include <algorithm>

#include "sandbox/services/acm/service.h"

namespace relight::sandbox {
using namespace acm;
namespace op = aws::acm::op;

namespace {

std::unexpected<Error> bad_import(const std::string& why) {
  return aws_error("InvalidParameterException", why);
}

}  // namespace

Result<api::ImportCertificateResponse> AcmService::bring_in(const Call& c,
                                                          const api::ImportCertificateRequest& in) {
  auto read = parse_certificate(in.Certificate->bytes);
  if (!read)
    return bad_import("The certificate field contains more than one certificate or is not valid: " +
                      read.error().message);  // wording unverified
  auto matches = belongs(in.PrivateKey->bytes, in.Certificate->bytes);
  if (!matches)
    return bad_import("The private key is not supported or is not valid: " +
                      matches.error().message);                                       // wording unverified
  if (!*matches) return bad_import("The certificate and private key do not match.");  // wording unverified
  if (read->not_after <= world_.clock.now())
    return bad_import("The certificate has expired.");  // wording unverified
  if (read->not_before > world_.clock.now())
    return bad_import("The certificate is not in effect until a later date.");  // wording unverified
  if (in.CertificateChain && !parse_certificate(in.CertificateChain->bytes))
    return bad_import("The certificate chain is not valid.");  // wording unverified
  Certificate x;
  if (in.CertificateArn) {
    TRY_ASSIGN(auto* known, find(c.region, in.CertificateArn));
    if (known->Type != "IMPORTED")
      return bad_import("Only an imported certificate can be imported anew.");  // wording unverified
    if (in.Tags)
      return bad_import("Tags cannot be given when a certificate is imported anew.");  // wording unverified
    x = *known;
  } else {
    x.CertificateArn = arn(c.region, world_.rng.uuid());
    x.CreatedAt = world_.clock.now();
  }
  std::string id = id_of(*x.CertificateArn);
  x.DomainName = read->names.empty() ? "" : read->names[0];
  x.SubjectAlternativeNames = read->names;
  x.Serial = read->serial;
  x.Subject = read->subject;
  x.Issuer = read->issuer;
  x.ImportedAt = world_.clock.now();
  x.Status = "ISSUED";
  x.NotBefore = read->not_before;
  x.NotAfter = read->not_after;
  x.KeyAlgorithm = read->key_algorithm;
  x.SignatureAlgorithm = read->signature_algorithm;
  x.Type = "IMPORTED";
  x.RenewalEligibility = "INELIGIBLE";
  x.Options = api::CertificateOptions{"DISABLED"};
  if (in.Tags) TRY(set_tags(c.region, id, *in.Tags));
  api::GetCertificateResponse body{.Certificate = in.Certificate->bytes};
  if (in.CertificateChain) body.CertificateChain = in.CertificateChain->bytes;
  bodies_.put(c.region, id, std::move(body));
  auto& kept = certificates_.put(c.region, id, std::move(x));
  return api::ImportCertificateResponse{.CertificateArn = kept.CertificateArn};
}

void AcmService::add_imports() {
  on<op::ImportCertificate>([this](const Call& c, const auto& in) { return bring_in(c, in); });
}

}  // namespace relight::sandbox
