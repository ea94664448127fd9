// Multi-Region keys: the same id and material in several regions ("Multi-Region keys in AWS KMS").
#include <algorithm>

#include "sandbox/services/kms/service.h"

namespace relight::sandbox {
using namespace kms;
namespace op = aws::kms::op;

Result<api::ReplicateKeyResponse> KmsService::replicate(const Call& c, const api::ReplicateKeyRequest& in) {
  TRY_ASSIGN(auto* k, key(c.region, in.KeyId));
  TRY(usable(*k));
  auto& m = k->v.MultiRegionConfiguration;
  if (!m || m->MultiRegionKeyType != "PRIMARY")
    return aws_error("UnsupportedOperationException",
                     *k->v.Arn + " is not a multi-Region primary key.");  // wording unverified
  auto& all = world_.settings.regions;
  std::string to = *in.ReplicaRegion;
  if (to == c.region || std::find(all.begin(), all.end(), to) == all.end())
    return aws_error("UnsupportedOperationException", "This sandbox has no other region " + to + ".");
  if (!world_.links().connected(c.region, to))
    return aws_error("KMSInternalException", to + " cannot be reached.");
  if (keys_.find(to, *k->v.KeyId))
    return aws_error("AlreadyExistsException",
                     "The key is there already: " + arn(to, "key/" + *k->v.KeyId));  // wording unverified
  Key copy;
  copy.v.KeyId = k->v.KeyId;
  copy.v.MultiRegion = true;
  copy.v.Description = in.Description.value_or("");
  copy.material = k->material;
  copy.policy = in.Policy.value_or("");  // not the primary's: a replica has its own, or the default
  if (in.Tags) TRY(set_tags(copy, *in.Tags));
  make(to, std::move(copy));
  m->ReplicaKeys->push_back({arn(to, "key/" + *k->v.KeyId), to});
  save(c.region, *k);
  tell_relatives(*k);
  auto* made = keys_.find(to, *k->v.KeyId);
  return api::ReplicateKeyResponse{
      .ReplicaKeyMetadata = made->v, .ReplicaPolicy = made->policy, .ReplicaTags = shown_tags(made->tags)};
}

void KmsService::tell_relatives(const Key& primary) {
  auto told = *primary.v.MultiRegionConfiguration;
  std::string home = *told.PrimaryKey->Region;
  save(home, primary);
  told.MultiRegionKeyType = "REPLICA";
  for (auto& r : *told.ReplicaKeys)
    if (auto* k = keys_.find(*r.Region, *primary.v.KeyId)) {
      k->v.MultiRegionConfiguration = told;
      save(*r.Region, *k);
    }
}

void KmsService::add_replication() {
  on<op::ReplicateKey>([this](const Call& c, const auto& in) { return replicate(c, in); });
}

}  // namespace relight::sandbox
