// Certificates described, listed, fetched, deleted.
#include <algorithm>

#include "aws/gen/elbv2.h"
#include "base/bytes.h"
#include "sandbox/services/acm/service.h"

namespace relight::sandbox {
using namespace acm;
namespace op = aws::acm::op;

namespace {

template <class T>
bool one_of(const std::optional<std::vector<T>>& wanted, const std::optional<std::string>& value) {
  return !wanted || wanted->empty() ||
         std::find(wanted->begin(), wanted->end(), value.value_or("")) != wanted->end();
}

api::CertificateSummary summary(const Certificate& c) {
  api::CertificateSummary s;
  s.CertificateArn = c.CertificateArn;
  s.DomainName = c.DomainName;
  s.SubjectAlternativeNameSummaries = c.SubjectAlternativeNames;
  s.HasAdditionalSubjectAlternativeNames = false;
  s.Status = c.Status;
  s.Type = c.Type;
  s.KeyAlgorithm = c.KeyAlgorithm;
  s.RenewalEligibility = c.RenewalEligibility;
  s.NotBefore = c.NotBefore;
  s.NotAfter = c.NotAfter;
  s.CreatedAt = c.CreatedAt;
  s.IssuedAt = c.IssuedAt;
  s.ImportedAt = c.ImportedAt;
  return s;
}

}  // namespace

Result<> AcmService::deletable(Region r, const Certificate& c) {
  namespace lb = aws::elbv2;
  auto balancers = world_.call<lb::op::DescribeLoadBalancers>(r, {});
  if (!balancers || !balancers->LoadBalancers) return {};
  for (auto& b : *balancers->LoadBalancers) {
    auto listeners = world_.call<lb::op::DescribeListeners>(r, {.LoadBalancerArn = b.LoadBalancerArn});
    if (!listeners || !listeners->Listeners) continue;
    for (auto& l : *listeners->Listeners)
      for (auto& used : l.Certificates.value_or(std::vector<lb::Certificate>{}))
        if (used.CertificateArn == c.CertificateArn)
          return aws_error("ResourceInUseException",
                           "Certificate " + *c.CertificateArn + " is in use by " + *b.LoadBalancerArn +
                               ".");  // wording unverified
  }
  return {};
}

void AcmService::add_reads() {
  on<op::DescribeCertificate>(
      [this](const Call& c,
             const api::DescribeCertificateRequest& in) -> Result<api::DescribeCertificateResponse> {
        TRY_ASSIGN(auto* x, find(c.region, in.CertificateArn));
        return api::DescribeCertificateResponse{.Certificate = *x};
      });
  on<op::GetCertificate>(
      [this](const Call& c, const api::GetCertificateRequest& in) -> Result<api::GetCertificateResponse> {
        TRY_ASSIGN(auto* x, find(c.region, in.CertificateArn));
        if (auto* body = bodies_.find(c.region, id_of(*x->CertificateArn))) return *body;
        return aws_error("RequestInProgressException",
                         "Certificate is pending validation.");  // wording unverified
      });
  on<op::DeleteCertificate>(
      [this](const Call& c,
             const api::DeleteCertificateRequest& in) -> Result<api::DeleteCertificateOutput_> {
        TRY_ASSIGN(auto* x, find(c.region, in.CertificateArn));
        TRY(deletable(c.region, *x));
        std::string id = id_of(*x->CertificateArn);
        bodies_.erase(c.region, id);
        tags_.erase(c.region, id);
        certificates_.erase(c.region, id);
        return {};
      });
  on<op::UpdateCertificateOptions>(
      [this](const Call& c,
             const api::UpdateCertificateOptionsRequest& in) -> Result<api::UpdateCertificateOptionsOutput_> {
        TRY_ASSIGN(auto* x, find(c.region, in.CertificateArn));
        if (x->Type == "IMPORTED")
          return aws_error("InvalidStateException",
                           "An imported certificate has no options.");  // wording unverified
        x->Options = in.Options;
        certificates_.save(c.region, id_of(*x->CertificateArn), *x);
        return {};
      });
}

void AcmService::add_list() {
  on<op::ListCertificates>(
      [this](const Call& c, const api::ListCertificatesRequest& in) -> Result<api::ListCertificatesResponse> {
        if (in.SortBy.has_value() != in.SortOrder.has_value())
          return aws_error("ValidationException", "SortBy and SortOrder go together.");  // wording unverified
        // "ListCertificates": without a filter by key type, RSA keys of 1024 and 2048 bits alone.
        std::optional<std::vector<std::string>> types{{"RSA_1024", "RSA_2048"}};
        if (in.Includes && in.Includes->keyTypes) types = in.Includes->keyTypes;
        std::vector<const Certificate*> all;
        for (auto& [id, x] : certificates_.in(c.region)) {
          refresh(x);
          if (one_of(in.CertificateStatuses, x.Status) && one_of(types, x.KeyAlgorithm)) all.push_back(&x);
        }
        if (in.SortBy)
          std::stable_sort(all.begin(), all.end(), [&](auto* a, auto* b) {
            return *in.SortOrder == "DESCENDING" ? a->CreatedAt > b->CreatedAt : a->CreatedAt < b->CreatedAt;
          });
        auto at = all.begin();
        if (in.NextToken) {
          auto after = unbase64(*in.NextToken);
          at = std::find_if(all.begin(), all.end(),
                            [&](auto* x) { return after && id_of(*x->CertificateArn) == *after; });
          if (at == all.end())
            return aws_error("InvalidArgsException", "The token is not valid.");  // wording unverified
          ++at;
        }
        api::ListCertificatesResponse out;
        out.CertificateSummaryList.emplace();
        for (; at != all.end(); ++at) {
          if (out.CertificateSummaryList->size() == static_cast<size_t>(in.MaxItems.value_or(1000))) {
            out.NextToken = base64(id_of(*(*(at - 1))->CertificateArn));
            break;
          }
          out.CertificateSummaryList->push_back(summary(**at));
        }
        return out;
      });
}

}  // namespace relight::sandbox
