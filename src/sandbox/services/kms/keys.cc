// Keys: made, described, listed, tagged.
#include <algorithm>

#include "sandbox/services/kms/page.h"
#include "sandbox/services/kms/service.h"

namespace relight::sandbox {
using namespace kms;
namespace op = aws::kms::op;

Result<> KmsService::set_tags(Key& k, const std::vector<api::Tag>& tags) const {
  auto next = k.tags;
  for (auto& t : tags) {
    if (t.TagKey->starts_with("aws:"))
      return aws_error("TagException", "Tags beginning with aws: are reserved");
    next[*t.TagKey] = *t.TagValue;
  }
  if (next.size() > 50)
    return aws_error("LimitExceededException", "A key has at most 50 tags.");  // wording unverified
  k.tags = std::move(next);
  return {};
}

Result<api::CreateKeyResponse> KmsService::create(const Call& c, const api::CreateKeyRequest& in) {
  if (in.KeySpec.value_or("SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT" ||
      in.CustomerMasterKeySpec.value_or("SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT" ||
      in.KeyUsage.value_or("ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT")
    return aws_error("UnsupportedOperationException",
                     "Only symmetric encryption keys are built in this sandbox.");
  if (in.Origin.value_or("AWS_KMS") != "AWS_KMS" || in.CustomKeyStoreId || in.XksKeyId)
    return aws_error("UnsupportedOperationException",
                     "Only keys of KMS's own origin are built in this sandbox.");
  Key k;
  if (in.Policy) {
    if (in.Policy->find('{') == std::string::npos)
      return aws_error("MalformedPolicyDocumentException",
                       "The policy is no JSON document.");  // wording unverified
    k.policy = *in.Policy;
  }
  k.v.Description = in.Description;
  k.v.MultiRegion = in.MultiRegion;
  if (in.Tags) TRY(set_tags(k, *in.Tags));
  Key& made = make(c.region, std::move(k));
  if (in.MultiRegion.value_or(false)) {
    made.v.MultiRegionConfiguration = api::MultiRegionConfiguration{
        "PRIMARY", api::MultiRegionKey{made.v.Arn, c.region}, std::vector<api::MultiRegionKey>{}};
    save(c.region, made);
  }
  return api::CreateKeyResponse{.KeyMetadata = made.v};
}

void KmsService::add_keys() {
  on<op::CreateKey>([this](const Call& c, const auto& in) { return create(c, in); });
  on<op::UpdateKeyDescription>(
      [this](const Call& c,
             const api::UpdateKeyDescriptionRequest& in) -> Result<api::UpdateKeyDescriptionOutput_> {
        TRY_ASSIGN(auto* k, changeable(c.region, in.KeyId));
        k->v.Description = in.Description;
        save(c.region, *k);
        return {};
      });
}

void KmsService::add_key_reads() {
  on<op::DescribeKey>(
      [this](const Call& c, const api::DescribeKeyRequest& in) -> Result<api::DescribeKeyResponse> {
        TRY_ASSIGN(auto* k, key_or_alias(c.region, in.KeyId));
        return api::DescribeKeyResponse{.KeyMetadata = k->v};
      });
  on<op::ListKeys>([this](const Call& c, const api::ListKeysRequest& in) -> Result<api::ListKeysResponse> {
    std::vector<std::pair<std::string, api::KeyListEntry>> all;
    for (auto& [id, k] : keys_.in(c.region))
      all.emplace_back(id, api::KeyListEntry{.KeyId = k.v.KeyId, .KeyArn = k.v.Arn});
    TRY_ASSIGN(auto p, page(std::move(all), in.Limit, in.Marker, 100));
    return api::ListKeysResponse{.Keys = p.items, .NextMarker = p.next, .Truncated = p.truncated};
  });
}

void KmsService::add_tags() {
  on<op::TagResource>(
      [this](const Call& c, const api::TagResourceRequest& in) -> Result<api::TagResourceOutput_> {
        TRY_ASSIGN(auto* k, changeable(c.region, in.KeyId));
        TRY(set_tags(*k, *in.Tags));
        save(c.region, *k);
        return {};
      });
  on<op::UntagResource>(
      [this](const Call& c, const api::UntagResourceRequest& in) -> Result<api::UntagResourceOutput_> {
        TRY_ASSIGN(auto* k, changeable(c.region, in.KeyId));
        for (auto& name : *in.TagKeys) k->tags.erase(name);
        save(c.region, *k);
        return {};
      });
  on<op::ListResourceTags>(
      [this](const Call& c, const api::ListResourceTagsRequest& in) -> Result<api::ListResourceTagsResponse> {
        TRY_ASSIGN(auto* k, key(c.region, in.KeyId));
        std::vector<std::pair<std::string, api::Tag>> all;
        for (auto& t : shown_tags(k->tags)) all.emplace_back(*t.TagKey, t);
        TRY_ASSIGN(auto p, page(std::move(all), in.Limit, in.Marker, 50));
        return api::ListResourceTagsResponse{.Tags = p.items, .NextMarker = p.next, .Truncated = p.truncated};
      });
}

}  // namespace relight::sandbox
