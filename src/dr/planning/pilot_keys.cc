// KMS: a key of the primary region opens nothing here. A captured key of the account's own gets a counterpart
// with the same policy and aliases; of another one the key is asked for.
#include <fmt/format.h>

#include <algorithm>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

bool own_key(const Captured& c) {
  return text_of(*c.properties, "KeyManager") == "CUSTOMER" && text_of(*c.properties, "Origin") != "EXTERNAL";
}

// It is named by ARN, by id or by alias.
const Captured* key_named(const std::vector<Captured>& keys, const std::string& name) {
  for (auto& c : keys) {
    if (!own_key(c)) continue;
    if (name == c.id() || name == text_of(*c.properties, "KeyId") || name == text_of(*c.properties, "Arn"))
      return &c;
    for (auto& a : c.properties->value("Aliases", Json::array()))
      if (name == text_of(a, "AliasName") || name == text_of(a, "AliasArn")) return &c;
  }
  return nullptr;
}

bool refers(const Json& translated) {
  return std::ranges::any_of(references_of(translated.dump()),
                             [](auto& name) { return !name.starts_with("AWS::"); });
}

// A statement for a role of the pilot's own would name it while its policies name the key: a circle. The
// account's own statement lets the role's policies decide ("Default key policy", AWS KMS Developer Guide).
Json key_policy(PilotDraft& d, const Captured& c, Json policy) {
  auto given = policy.value("Statement", Json::array());
  Json kept = Json::array();
  bool left_out = false, account = false;
  for (auto& s : given.is_array() ? given : Json::array({given})) {
    auto translated = d.deep(s, c.key());
    if (refers(translated)) {
      left_out = true;
      d.say(c.key(), "the statement " + text_of(s, "Sid") + " of its policy",
            "it names what has another name here: the account's own statement lets IAM policies decide");
      continue;
    }
    account |= s.dump().find(":root\"") != std::string::npos;
    kept.push_back(std::move(translated));
  }
  if (left_out && !account)
    kept.push_back({{"Sid", "Account"},
                    {"Effect", "Allow"},
                    {"Principal", {{"AWS", {{"Fn::Sub", "arn:aws:iam::${AWS::AccountId}:root"}}}}},
                    {"Action", "kms:*"},
                    {"Resource", "*"}});
  policy["Statement"] = kept;
  return policy;
}

void master_key(PilotDraft& d, const Captured& c) {
  d.unknown_parts(*c.resource);
  auto& from = *c.properties;
  auto id = d.logical("kms/key", c.id());
  auto policy = Json::parse(text_of(from, "Policy"), nullptr, false);
  Json p{{"EnableKeyRotation", from.value("KeyRotationEnabled", false)}};
  take(p, from, "Description KeySpec KeyUsage");
  if (text_of(p, "Description").empty()) p.erase("Description");
  if (text_of(p, "KeySpec") == "SYMMETRIC_DEFAULT") p.erase("KeySpec");
  if (text_of(p, "KeyUsage") == "ENCRYPT_DECRYPT") p.erase("KeyUsage");
  if (policy.is_object()) p["KeyPolicy"] = key_policy(d, c, policy);
  if (from.value("MultiRegion", false))
    d.say(c.key(), "MultiRegion",
          "the pilot's is a key of its own: what was encrypted in the primary region it cannot open");
  d.add({.id = id,
         .type = "AWS::KMS::Key",
         .retain = true,
         .from = c.key(),
         .why = "without it nobody can read what it encrypted"},
        std::move(p));
  for (auto& a : from.value("Aliases", Json::array())) {
    auto name = text_of(a, "AliasName");
    if (name.empty() || name.starts_with("alias/aws/")) continue;
    d.add({.id = id + "Alias" + camel(name.substr(6)) + digest(name),
           .type = "AWS::KMS::Alias",
           .from = c.key()},
          {{"AliasName", "alias/" + d.name(name.substr(6))}, {"TargetKeyId", ref_to(id)}});
  }
}

}  // namespace

nlohmann::json made_key(const PilotDraft& d, const std::string& key) {
  auto keys = d.all("kms/key");
  auto* c = key_named(keys, key);
  return c ? attribute_of(d.logical("kms/key", c->id()), "Arn") : Json();
}

std::string captured_key_arn(const PilotDraft& d, const std::string& key) {
  auto keys = d.all("kms/key");
  if (auto* c = key_named(keys, key)) return text_of(*c->properties, "Arn");
  return key.starts_with("arn:") && key.find(":key/") != key.npos ? key : "*";
}

nlohmann::json key_of(PilotDraft& d, const std::string& key, const ResourceKey& from) {
  if (auto made = made_key(d, key); !made.is_null()) return made;
  if (key.find("alias/") != key.npos) return d.text(key, from);  // AWS's own have the same name everywhere
  auto name = "Key" + digest(key);
  d.parameter({.name = name,
               .description = fmt::format("KMS key of this region in place of {}, which {} {} uses", key,
                                          from.kind, from.id)});
  return ref_to(name);
}

void translate_keys(PilotDraft& d) {
  for (auto& c : d.all("kms/key")) {
    if (own_key(c))
      master_key(d, c);
    else
      d.abandon(c.key());
  }
}

}  // namespace relight::dr
