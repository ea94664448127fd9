#include "sandbox/services/kms/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace relight::sandbox {
using namespace kms;

std::string kms::Key::save() const {
  nlohmann::json j{{"v", aws::codec::to_json(*shape_of(&v), &v)},
                   {"material", hex(material)},
                   {"policy", policy},
                   {"tags", tags},
                   {"rotates", rotates}};
  return j.dump();
}

Result<kms::Key> kms::Key::load(const std::string& text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Kms.BadRow", "a key's row is damaged");
  Key k;
  TRY(aws::codec::from_json(*shape_of(&k.v), j.value("v", ""), &k.v));
  TRY_ASSIGN(k.material, unhex(j.value("material", "")));
  k.policy = j.value("policy", "");
  k.tags = j.value("tags", std::map<std::string, std::string>{});
  k.rotates = j.value("rotates", false);
  return k;
}

std::unexpected<Error> kms::not_found(const std::string& what) {
  return aws_error("NotFoundException", what);
}

std::vector<api::Tag> kms::shown_tags(const std::map<std::string, std::string>& tags) {
  std::vector<api::Tag> out;
  for (auto& [k, v] : tags) out.push_back({.TagKey = k, .TagValue = v});
  return out;
}

KmsService::KmsService(World& w)
    : Service(w, api::model()), keys_(w, "kms/keys"), aliases_(w, "kms/aliases") {
  add_keys();
  add_key_reads();
  add_states();
  add_deletion();
  add_policies();
  add_rotation();
  add_tags();
  add_aliases();
  add_alias_reads();
  add_replication();
  add_crypto();
  add_data_keys();
  add_reencrypt();
}

void KmsService::start() {
  for (auto& r : world_.settings.regions) region_restored(r);
}

void KmsService::region_restored(const std::string& r) {
  for (auto& [id, k] : keys_.in(r))
    if (k.v.DeletionDate) delete_at_date(r, id);
}

std::string KmsService::arn(Region r, Name rest) const {
  return fmt::format("arn:aws:kms:{}:{}:{}", r, world_.account(), rest);
}

std::string KmsService::random(size_t bytes) { return unhex(world_.rng.hex(bytes * 2)).value_or(""); }

Result<Key*> KmsService::key(Region r, const std::optional<std::string>& given) {
  std::string id = given.value_or("");
  if (id.starts_with("arn:")) {
    std::string before = arn(r, "key/");
    if (!id.starts_with(before)) {
      auto part = split(id, ':');
      return not_found(part.size() > 3 && part[3] != r ? "Invalid arn " + part[3]
                                                       : fmt::format("Key '{}' does not exist", id));
    }
    id = id.substr(before.size());
  }
  if (auto* k = keys_.find(r, id)) return k;
  if (id.starts_with("alias/")) return not_found(fmt::format("Invalid keyId '{}'", id));
  return not_found(fmt::format("Key '{}' does not exist", arn(r, "key/" + id)));
}

Result<Key*> KmsService::of_alias(Region r, Name alias) {
  if (auto* a = aliases_.find(r, alias)) return key(r, a->TargetKeyId);
  if (alias.starts_with("alias/aws/") && alias.size() > 10) return &make_managed(r, alias);
  return not_found(fmt::format("Alias {} is not found.", arn(r, alias)));
}

Result<Key*> KmsService::key_or_alias(Region r, const std::optional<std::string>& id) {
  std::string name = id.value_or(""), before = arn(r, "alias/");
  if (name.starts_with(before)) name = name.substr(before.size() - 6);
  return name.starts_with("alias/") ? of_alias(r, name) : key(r, id);
}

Result<Key*> KmsService::changeable(Region r, const std::optional<std::string>& id) {
  TRY_ASSIGN(auto* k, key(r, id));
  if (k->v.KeyManager == "AWS")
    return aws_error("AccessDeniedException",
                     "AWS managed keys are changed by AWS alone: " + *k->v.Arn);  // wording unverified
  if (k->v.KeyState == "PendingDeletion" || k->v.KeyState == "PendingReplicaDeletion")
    return aws_error("KMSInvalidStateException", *k->v.Arn + " is pending deletion.");
  return k;
}

Result<> KmsService::usable(const Key& k) const {
  if (k.v.KeyState == "Disabled") return aws_error("DisabledException", *k.v.Arn + " is disabled.");
  if (k.v.KeyState != "Enabled")
    return aws_error("KMSInvalidStateException", *k.v.Arn + " is pending deletion.");
  return {};
}

Result<Key*> KmsService::usable(Region r, const std::optional<std::string>& id) {
  TRY_ASSIGN(auto* k, key_or_alias(r, id));
  TRY(usable(*k));
  return k;
}

Key& KmsService::make(Region r, Key k) {
  bool several = k.v.MultiRegion.value_or(false);
  if (!k.v.KeyId) k.v.KeyId = several ? "mrk-" + world_.rng.hex(32) : world_.rng.uuid();
  k.v.AWSAccountId = world_.account();
  k.v.Arn = arn(r, "key/" + *k.v.KeyId);
  k.v.CreationDate = world_.clock.now();
  k.v.Enabled = true;
  k.v.KeyUsage = "ENCRYPT_DECRYPT";
  k.v.KeyState = "Enabled";
  k.v.Origin = "AWS_KMS";
  if (!k.v.Description) k.v.Description = "";
  if (!k.v.KeyManager) k.v.KeyManager = "CUSTOMER";
  k.v.CustomerMasterKeySpec = k.v.KeySpec = "SYMMETRIC_DEFAULT";
  k.v.EncryptionAlgorithms = {"SYMMETRIC_DEFAULT"};
  k.v.MultiRegion = several;
  if (k.material.empty()) k.material = random(32);
  // "Default key policy" (Developer Guide).
  if (k.policy.empty())
    k.policy = fmt::format(
        R"({{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{}:root"}},"Action":"kms:*","Resource":"*"}}]}})",
        world_.account());
  std::string id = *k.v.KeyId;
  return keys_.put(r, id, std::move(k));
}

Key& KmsService::make_managed(Region r, Name alias) {
  Key k;
  std::string service = alias.substr(10);
  k.v.Description = fmt::format("Default key that protects my {} data when no other key is defined", service);
  k.v.KeyManager = "AWS";
  k.rotates = true;
  Key& made = make(r, std::move(k));
  Alias a;
  a.AliasName = alias;
  a.AliasArn = arn(r, alias);
  a.TargetKeyId = made.v.KeyId;
  a.CreationDate = a.LastUpdatedDate = world_.clock.now();
  aliases_.put(r, alias, std::move(a));
  return made;
}

void KmsService::set_state(Region r, Key& k, Name state) {
  k.v.KeyState = state;
  k.v.Enabled = state == "Enabled";
  save(r, k);
  world_.event(r, "kms", *k.v.KeyId, "key is " + state);
}

}  // namespace relight::sandbox
