// Checks 33 and 35: are the secrets there in step, and can the keys there be used.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

// The version that is AWSCURRENT: "GetSecretValue" gives that one to whoever asks for none.
std::string current_version(const Item& secret) {
  for (auto& [id, stages] : at_or_null(*secret.properties, "/VersionIdsToStages").items())
    if (std::ranges::find(stages, "AWSCURRENT") != stages.end()) return id;
  return "";
}

// A replica has the versions of what it is a replica of ("Replicate AWS Secrets Manager secrets", User
// Guide).
void judge_secret(const Picture& p, const Item& task, const std::string& named, Report& r) {
  auto there = p.recovery.find("secretsmanager/secret", named);
  if (!there) {
    r.unknown(task, "whether the secret " + named + " is in step is not known", "it was not captured");
    return;
  }
  if (!r.seen(there, "")) return;
  // A replica's ARN is its primary's but for the region.
  auto same = named;
  if (auto at = same.find(":" + p.config.recovery.region + ":"); at != same.npos)
    same.replace(at + 1, p.config.recovery.region.size(), p.config.primary.region);
  auto here = p.primary.find("secretsmanager/secret", same);
  auto mend = fmt::format(
      "aws --region {} secretsmanager replicate-secret-to-regions --secret-id {} --add-replica-regions "
      "Region={}",
      p.config.primary.region, here ? here.id() : "SECRET", p.config.recovery.region);
  if (text_at(*there.properties, "/PrimaryRegion").empty() || !here || !why_unseen(here, "").empty())
    r.unknown(there, "whether it is in step with the primary's is not known",
              here ? "it is a secret of its own, whose value relight does not read"
                   : "the primary's was not captured",
              mend);
  else if (auto ours = current_version(here), theirs = current_version(there); ours.empty() || theirs.empty())
    r.unknown(there, "whether it is in step with the primary's is not known", "its versions were not told",
              mend);
  else if (ours != theirs)
    r.fail(there, "it is not in step with the primary's",
           fmt::format("current version {} -> {}", ours, theirs), mend);
  else
    r.pass(there, "it is in step with the primary's", "current version " + ours);
}

void judge_secrets(const Picture& p, const Item& task, Report& r) {
  int named = 0, gone = 0;
  std::set<std::string> secrets;
  for (auto& c : list_at(*task.properties, "/containerDefinitions"))
    for (auto& secret : list_at(c, "/secrets")) {
      auto from = text_at(secret, "/valueFrom");
      ++named;
      gone += from.find(":" + p.config.primary.region + ":") != std::string::npos;
      // Without what of it is meant: …:secret:NAME-abcdef:KEY:STAGE:VERSION
      size_t end = 0;
      for (int i = 0; i < 7 && end != from.npos; ++i) end = from.find(':', end + (i > 0));
      if (from.find(":secretsmanager:") != from.npos) secrets.insert(from.substr(0, end));
    }
  auto seen = fmt::format("{} are named", named);
  if (gone)
    r.fail(task, "it takes secrets from the primary region", fmt::format("{} of {}", gone, named),
           "relight synth && relight deploy");
  else if (secrets.empty())
    r.pass(task, "its containers name no secret", seen + (named ? "; parameters are check 36" : ""));
  else
    for (auto& arn : secrets) judge_secret(p, task, arn, r);
}

// "Key states of AWS KMS keys", KMS Developer Guide: only an enabled one encrypts and decrypts.
void judge_key(const Item& key, const std::string& whose, Report& r) {
  if (!r.seen(key, "")) return;
  auto state = text_at(*key.properties, "/KeyState");
  if (state == "Enabled")
    r.pass(key, whose + " is enabled", "whether those who must may use it is not evaluated");
  else
    r.fail(key, whose + " cannot be used", state,
           fmt::format("aws --region {} kms {} --key-id {}", key.region(),
                       state == "PendingDeletion" ? "cancel-key-deletion" : "enable-key", key.id()));
}

}  // namespace

void check_secrets(const Picture& p, Report& r) {
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return;
  for (auto& service : p.recovery.all("ecs/service")) {
    auto task = task_definition_of(p.recovery, service);
    if (!task || !why_unseen(task, "").empty()) {
      r.unknown(service, "which secrets its tasks take is not known", "its task definition was not captured");
      continue;
    }
    judge_secrets(p, task, r);
  }
}

void check_keys(const Picture& p, Report& r) {
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return;
  std::set<std::string> judged;
  for (auto& pair : database_pairs(p)) {
    if (!pair.recovery || !r.seen(pair.primary, "") || !r.seen(pair.recovery, "")) continue;
    bool ours = flag_at(*pair.primary.properties, "/StorageEncrypted"),
         theirs = flag_at(*pair.recovery.properties, "/StorageEncrypted");
    auto key = text_at(*pair.recovery.properties, "/KmsKeyId");
    if (!ours && !theirs)
      r.pass(pair.recovery, "neither database is encrypted, so no key is needed");
    else if (ours && !theirs)
      r.fail(pair.recovery, "the primary is encrypted and its replica is not", "StorageEncrypted false",
             "make the replica anew with --kms-key-id");
    else if (auto found = p.recovery.find("kms/key", key)) {
      judged.insert(key);
      judge_key(found, "the database's key", r);
    } else
      r.unknown(pair.recovery, "whether its key can be used is not known", key + " was not captured");
  }
  // What else is captured there is so because something there names it: a bucket, a secret, a queue.
  for (auto& key : p.recovery.all("kms/key"))
    if (!judged.contains(key.id())) judge_key(key, "a key that is named there", r);
}

}  // namespace relight::dr
