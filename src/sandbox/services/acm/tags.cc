// A certificate's tags.
#include <algorithm>

#include "sandbox/services/acm/service.h"

namespace relight::sandbox {
using namespace acm;
namespace op = aws::acm::op;

Result<> AcmService::set_tags(Region r, Id id, const std::vector<api::Tag>& more) {
  auto* known = tags_.find(r, id);
  auto all = known && known->Tags ? *known->Tags : std::vector<api::Tag>{};
  for (auto& t : more) {
    if (t.Key->starts_with("aws:"))
      return aws_error("InvalidTagException", "Tag keys must not begin with aws:.");  // wording unverified
    std::erase_if(all, [&](auto& old) { return old.Key == t.Key; });
    all.push_back({.Key = t.Key, .Value = t.Value.value_or("")});
  }
  if (all.size() > 50)
    return aws_error("TooManyTagsException", "A certificate has at most 50 tags.");  // wording unverified
  tags_.put(r, id, api::ListTagsForCertificateResponse{.Tags = all});
  return {};
}

void AcmService::add_tags() {
  on<op::AddTagsToCertificate>(
      [this](const Call& c,
             const api::AddTagsToCertificateRequest& in) -> Result<api::AddTagsToCertificateOutput_> {
        TRY_ASSIGN(auto* x, find(c.region, in.CertificateArn));
        TRY(set_tags(c.region, id_of(*x->CertificateArn), *in.Tags));
        return {};
      });
  on<op::RemoveTagsFromCertificate>([this](const Call& c, const api::RemoveTagsFromCertificateRequest& in)
                                        -> Result<api::RemoveTagsFromCertificateOutput_> {
    TRY_ASSIGN(auto* x, find(c.region, in.CertificateArn));
    auto* t = tags_.find(c.region, id_of(*x->CertificateArn));
    if (!t || !t->Tags) return {};
    // "RemoveTagsFromCertificate": with a value only the pair of both goes.
    for (auto& gone : *in.Tags)
      std::erase_if(*t->Tags, [&](auto& old) {
        return old.Key == gone.Key && (!gone.Value || old.Value == gone.Value);
      });
    tags_.save(c.region, id_of(*x->CertificateArn), *t);
    return {};
  });
  on<op::ListTagsForCertificate>(
      [this](const Call& c,
             const api::ListTagsForCertificateRequest& in) -> Result<api::ListTagsForCertificateResponse> {
        TRY_ASSIGN(auto* x, find(c.region, in.CertificateArn));
        auto* t = tags_.find(c.region, id_of(*x->CertificateArn));
        return api::ListTagsForCertificateResponse{.Tags = t && t->Tags ? *t->Tags : std::vector<api::Tag>{}};
      });
}

}  // namespace relight::sandbox
