// Checks 47, 48, 50 and 51: are the objects brought over, and is the bucket there the same.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"
#include "dr/readiness/policy.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

std::vector<Pair> both_buckets(const Picture& p, Report& r) {
  std::vector<Pair> out;
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return out;
  for (auto& pair : bucket_pairs(p)) {
    if (!pair.recovery)
      r.fail(pair.primary, "no bucket stands for it in the recovery region",
             "no rule replicates it to one there", "relight synth && relight deploy --touch-primary");
    else if (r.seen(pair.primary, "") && r.seen(pair.recovery, ""))
      out.push_back(pair);
  }
  return out;
}

// The rule that leads there; null if none does.
const Json& rule_to(const Item& from, const Item& to) {
  static const Json kNone;
  for (auto& rule : list_at(*from.properties, "/Replication/Rules"))
    if (last_word(text_at(rule, "/Destination/Bucket")) == to.id()) return rule;
  return kNone;
}

std::string put(const Item& bucket, const char* what) {
  return fmt::format("aws --region {} s3api {}", bucket.region(),
                     fmt::format(fmt::runtime(what), bucket.id()));
}

constexpr const char* kVersioning =
    "put-bucket-versioning --bucket {} --versioning-configuration Status=Enabled";
constexpr const char* kReplication =
    "put-bucket-replication --bucket {} --replication-configuration file://RULES.json   # or: relight deploy "
    "--touch-primary";

bool narrow(const Json& rule) {
  auto& f = at_or_null(rule, "/Filter");
  return !text_at(rule, "/Prefix").empty() || !text_at(f, "/Prefix").empty() || f.contains("Tag") ||
         f.contains("And");
}

// What the replication role lacks; "" if nothing. nullopt: its policies are not all known.
std::optional<std::string> role_lacks(const Picture& p, const Pair& pair) {
  auto name = last_word(text_at(*pair.primary.properties, "/Replication/Role"));
  auto role = p.primary.find("iam/role", name);
  if (!role) return "there is no role " + name;
  if (!why_unseen(role, "iam/role-policy").empty() || !list_at(*role.properties, "/AttachedPolicies").empty())
    return std::nullopt;
  for (auto* action : {"s3:ReplicateObject", "s3:ReplicateDelete"}) {
    bool may = std::ranges::any_of(p.primary.all("iam/role-policy"), [&](auto& i) {
      return i.id().starts_with(name + "/") && allows(text_at(*i.properties, "/PolicyDocument"), action,
                                                      "arn:aws:s3:::" + pair.recovery.id() + "/x");
    });
    if (!may) return fmt::format("{} may not {} in {}", name, action, pair.recovery.id());
  }
  return "";
}

// Whether KMS encrypts what is new ("Replicating encrypted objects", S3 User Guide: by default such are left
// out).
bool under_kms(const Item& bucket) {
  auto rules = list_at(*bucket.properties, "/Encryption/Rules");
  return std::ranges::any_of(rules, [](auto& rule) {
    return text_at(rule, "/ApplyServerSideEncryptionByDefault/SSEAlgorithm").starts_with("aws:kms");
  });
}

void judge_rule(const Picture& p, const Pair& pair, Report& r) {
  auto& rule = rule_to(pair.primary, pair.recovery);
  auto seen =
      fmt::format("rule {} {} -> {}", text_at(rule, "/ID"), text_at(rule, "/Status"), pair.recovery.id());
  if (rule.is_null()) {
    r.fail(pair.primary, "no rule replicates it to " + pair.recovery.id(),
           "its rules lead elsewhere, or there is none", put(pair.primary, kReplication));
    return;
  }
  if (text_at(rule, "/Status") != "Enabled") {
    r.fail(pair.primary, "its replication rule is off", seen, put(pair.primary, kReplication));
    return;
  }
  if (under_kms(pair.primary) &&
      text_at(rule, "/SourceSelectionCriteria/SseKmsEncryptedObjects/Status") != "Enabled") {
    r.fail(pair.primary, "its rule leaves out what KMS encrypts, which is all that is new", seen,
           "relight deploy --touch-primary");
    return;
  }
  auto lacks = role_lacks(p, pair);
  if (!lacks)
    r.unknown(pair.primary, "whether its replication role may write there is not known",
              "it has policies that are not captured whole");
  else if (!lacks->empty())
    r.fail(pair.primary, "its replication role is not able to", *lacks, "relight deploy --touch-primary");
  else if (narrow(rule))
    r.warn(pair.primary, "its rule replicates a part of the objects only",
           seen + " " + at_or_null(rule, "/Filter").dump(), put(pair.primary, kReplication));
  else
    r.pass(pair.primary, "new objects are replicated", seen);
}

}  // namespace

void check_replication_rules(const Picture& p, Report& r) {
  for (auto& pair : both_buckets(p, r)) {
    if (!r.seen(pair.primary, "Versioning") || !r.seen(pair.recovery, "Versioning") ||
        !r.seen(pair.primary, "Replication"))
      continue;
    bool off = false;
    for (auto* i : {&pair.primary, &pair.recovery})
      if (auto v = text_at(*i->properties, "/Versioning/Status"); v != "Enabled") {
        off = true;
        r.fail(*i, "it keeps no versions, so nothing is replicated",
               v.empty() ? "versioning was never enabled" : v, put(*i, kVersioning));
      }
    if (!off) judge_rule(p, pair, r);
  }
}

namespace {

// Without the rule's metrics: what S3 says of the objects that were written last. How many wait in all is not
// known then, only that the way works.
void judge_newest(const Picture& p, const Report::About& bucket, Report& r) {
  constexpr auto kUsually = std::chrono::minutes(15);  // "S3 Replication Time Control" promises that much
  auto& n = *p.live.newest_objects;
  auto looked = n.arrived + n.waiting + n.failed + n.without;
  auto seen = fmt::format(
      "no metrics ({}); of {} objects{} the {} newest: {} arrived, {} wait, {} failed, {} are not "
      "known to replication",
      p.live.objects.why, n.listed, n.whole ? "" : " and more", looked, n.arrived, n.waiting, n.failed,
      n.without);
  auto waited = n.oldest_waiting ? p.observed_at - *n.oldest_waiting : Instant::duration(0);
  auto late = p.config.rpo.count() > 0 ? std::max<Instant::duration>(p.config.rpo, std::chrono::minutes(1))
                                       : Instant::duration(kUsually);
  if (n.failed > 0)
    r.fail(bucket, "objects could not be replicated", seen + "; one is " + n.failed_name,
           "aws s3api head-object --bucket " + bucket.resource + " --key " + n.failed_name)
        .risk.rpo_s.reset();
  else if (waited > late)
    r.fail(bucket, "replication of objects is slower than the objective", seen, "relight status").risk = {
        0, std::chrono::duration_cast<std::chrono::seconds>(waited).count()};
  else if (looked > 0 && n.without == looked)
    r.unknown(bucket, "whether objects are replicated in time is not known", seen);
  else
    r.pass(bucket, looked ? "the newest objects arrive in time" : "there is no object", seen);
}

}  // namespace

void check_objects(const Picture& p, Report& r) {
  Report::About bucket{p.topology.primary.bucket, p.config.primary.region};
  auto& o = p.live.objects;
  if (!o && p.live.newest_objects) return judge_newest(p, bucket, r);
  if (!r.seen(o, bucket, "how many objects wait to be replicated")) return;
  auto seen = fmt::format("{} objects and {} bytes wait, latency {} s, {} failed", o->pending, o->bytes,
                          o->latency_s, o->failed);
  if (o->failed > 0)
    r.fail(
         bucket, "objects could not be replicated", seen,
         "aws s3api list-objects-v2 --bucket " + bucket.resource + "   # those with ReplicationStatus FAILED")
        .risk.rpo_s.reset();
  else if (p.config.rpo.count() > 0 && o->latency_s * 1000 > double(p.config.rpo.count()))
    r.fail(bucket, "replication of objects is slower than the objective", seen, "relight status").risk = {
        0, int64_t(o->latency_s)};
  else
    r.pass(bucket, "objects are replicated in time", seen);
}

void check_bucket_settings(const Picture& p, Report& r) {
  struct Part {
    const char *name, *mend;
  };
  static constexpr Part kParts[] = {
      {"Lifecycle",
       "put-bucket-lifecycle-configuration --bucket {} --lifecycle-configuration file://LIFECYCLE.json"},
      {"Cors", "put-bucket-cors --bucket {} --cors-configuration file://CORS.json"},
      {"PublicAccessBlock",
       "put-public-access-block --bucket {} --public-access-block-configuration "
       "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"},
      {"OwnershipControls",
       "put-bucket-ownership-controls --bucket {} --ownership-controls file://OWNERSHIP.json"}};
  for (auto& pair : both_buckets(p, r)) {
    bool all = true, equal = true;
    for (auto& part : kParts) {
      all = all && r.seen(pair.primary, part.name) && r.seen(pair.recovery, part.name);
      if (!all) break;
      auto pointer = std::string("/") + part.name;
      auto &a = at_or_null(*pair.primary.properties, pointer),
           &b = at_or_null(*pair.recovery.properties, pointer);
      if (a == b) continue;
      equal = false;
      r.fail(pair.recovery, fmt::format("its {} is not the primary's", part.name),
             fmt::format("{} -> {}", a.dump(), b.dump()), put(pair.recovery, part.mend));
    }
    if (!all || !r.seen(pair.primary, "Policy") || !r.seen(pair.recovery, "Policy")) continue;
    auto has = [](const Item& i) { return !text_at(*i.properties, "/Policy").empty(); };
    if (has(pair.primary) != has(pair.recovery)) {
      equal = false;
      r.fail(
          pair.recovery,
          has(pair.primary) ? "the primary's bucket has a policy and it has none"
                            : "it has a policy and the primary's bucket has none",
          "",
          put(pair.recovery, has(pair.primary) ? "put-bucket-policy --bucket {} --policy file://POLICY.json"
                                               : "delete-bucket-policy --bucket {}"));
    }
    if (equal)
      r.pass(pair.recovery, "its settings are the primary's",
             "lifecycle, CORS, public access block, ownership; of policies only that there is one");
  }
}

void check_deletions(const Picture& p, Report& r) {
  for (auto& pair : both_buckets(p, r)) {
    if (!r.seen(pair.primary, "Replication") || !r.seen(pair.recovery, "Replication")) continue;
    auto& rule = rule_to(pair.primary, pair.recovery);
    auto markers = text_at(rule, "/DeleteMarkerReplication/Status");
    bool back = !rule_to(pair.recovery, pair.primary).is_null();
    auto seen = fmt::format("delete markers {}; {} back", markers.empty() ? "unsaid" : markers,
                            back ? "a rule leads" : "no rule leads yet (a failback makes one)");
    if (rule.is_null())
      r.fail(pair.primary, "no rule replicates it, so deletions are not either", seen,
             put(pair.primary, kReplication));
    else if (markers != "Enabled")
      r.fail(pair.primary, "deletions are not replicated: what visitors deleted comes back", seen,
             put(pair.primary, kReplication));
    else
      r.pass(pair.primary, "deletions are replicated", seen);
  }
}

}  // namespace relight::dr
