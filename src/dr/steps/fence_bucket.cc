#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "aws/gen/s3.h"
#include "aws/gen/sts.h"
#include "dr/steps/fence_measures.h"

namespace relight::dr {
namespace {

using nlohmann::json;

constexpr size_t kListed = 20'000;  // beyond that the buckets are not compared

// aws:PrincipalArn of the caller and of the account's root; "GetCallerIdentity" of the STS API names a role's
// session, without the role's path. Empty: not known.
std::vector<std::string> keepers(const std::string& caller) {
  std::vector<std::string> part;
  for (size_t from = 0; part.size() < 5 && from != std::string::npos;) {
    auto to = caller.find(':', from);
    part.push_back(caller.substr(from, to - from));
    from = to == std::string::npos ? to : to + 1;
  }
  if (part.size() < 5 || part[0] != "arn" || part[4].empty()) return {};
  auto iam = "arn:" + part[1] + ":iam::" + part[4] + ":";
  std::vector<std::string> out{iam + "root"};
  constexpr std::string_view kRole = ":assumed-role/";
  if (auto at = caller.find(kRole); at != caller.npos) {
    auto role = caller.substr(at + kRole.size());
    role = role.substr(0, role.find('/'));
    out.push_back(iam + "role/" + role);
    out.push_back(iam + "role/*/" + role);
  } else if (caller != out.front()) {
    out.push_back(caller);
  }
  return out;
}

// The bucket's policy with the denials; nullopt if they are there already. Nobody may write; delete only the
// keepers, who will have to clean up.
std::optional<std::string> denying(const std::string& policy, const std::string& bucket,
                                   const std::vector<std::string>& keepers) {
  auto j = json::parse(policy, nullptr, false);
  if (!j.is_object()) j = {{"Version", "2012-10-17"}, {"Statement", json::array()}};
  auto& all = j["Statement"];
  if (all.is_object()) all = json::array({all});
  if (!all.is_array()) all = json::array();
  for (auto& s : all)
    if (s.is_object() && s.value("Sid", "") == kFenceSid) return std::nullopt;
  json denial{{"Sid", kFenceSid},
              {"Effect", "Deny"},
              {"Principal", "*"},
              {"Action", "s3:PutObject"},
              {"Resource", "arn:aws:s3:::" + bucket + "/*"}};
  all.push_back(denial);
  denial["Sid"] = kFenceDeleteSid;
  denial["Action"] = {"s3:DeleteObject", "s3:DeleteObjectVersion"};
  if (!keepers.empty()) denial["Condition"] = {{"ArnNotLike", {{"aws:PrincipalArn", keepers}}}};
  all.push_back(denial);
  return j.dump();
}

class CloseBucket final : public Measure {
 public:
  CloseBucket(Site& s, Millis deadline) : s_(s), s3_(s.aws), deadline_(deadline) {}
  std::string name() const override { return "objects"; }

  Result<bool> advance(Context& c, const aws::CallOptions& where) override {
    auto& bucket = s_.topology.primary.bucket;
    if (bucket.empty()) return fail("Fence.Unknown", "the old primary's bucket is not known");
    if (!denied_) TRY(deny(c, bucket, where));
    denied_ = true;
    TRY_ASSIGN(left_, missing(bucket, where));
    if (left_.value_or(0) > 0 && c.elapsed() < deadline_) return false;
    TRY(stop_replication(c, bucket, where));
    return true;
  }

  Facts facts() const override {
    if (!denied_) return {};
    return {{"objects_left", left_ ? std::to_string(*left_) : "unknown"}, {"deletions", deletions_}};
  }

 private:
  Result<> deny(Context& c, const std::string& bucket, const aws::CallOptions& where) {
    auto now = s3_.GetBucketPolicy({.Bucket = bucket}, where);
    if (!now && now.error().code != "NoSuchBucketPolicy") return fail(now.error());
    auto me = aws::sts::Client(s_.aws).GetCallerIdentity({}, s_.in_recovery());
    auto may_delete = keepers(me ? me->Arn.value_or("") : "");
    deletions_ = may_delete.empty() ? "denied to everybody: who this is could not be asked"
                                    : "left to " + may_delete.back();
    auto policy = denying(now ? now->Policy.value_or("") : "", bucket, may_delete);
    if (!policy) return {};
    TRY(act(c, "s3:PutBucketPolicy", bucket,
            [&] { return s3_.PutBucketPolicy({.Bucket = bucket, .Policy = *policy}, where); }));
    return {};
  }

  // What leads elsewhere, to an archive perhaps, is somebody's own and stays.
  Result<> stop_replication(Context& c, const std::string& bucket, const aws::CallOptions& where) {
    auto now = s3_.GetBucketReplication({.Bucket = bucket}, where);
    if (!now && now.error().code == "ReplicationConfigurationNotFoundError") return {};
    if (!now) return fail(now.error());
    auto kept = now->ReplicationConfiguration.value_or(aws::s3::ReplicationConfiguration{});
    auto rules = std::move(kept.Rules).value_or(std::vector<aws::s3::ReplicationRule>{});
    auto& there = s_.topology.recovery.bucket;
    bool any = std::erase_if(rules, [&](auto& r) {
                 return there.empty() || !r.Destination ||
                        r.Destination->Bucket.value_or("").ends_with(":::" + there);
               }) > 0;
    if (!any && !rules.empty()) return {};
    if (rules.empty()) {
      TRY(act(c, "s3:DeleteBucketReplication", bucket,
              [&] { return s3_.DeleteBucketReplication({.Bucket = bucket}, where); }));
      return {};
    }
    kept.Rules = std::move(rules);
    TRY(act(c, "s3:PutBucketReplication", bucket, [&] {
      return s3_.PutBucketReplication({.Bucket = bucket, .ReplicationConfiguration = kept}, where);
    }));
    return {};
  }

  Result<std::set<std::string>> keys(const std::string& bucket, const aws::CallOptions& where) {
    std::set<std::string> out;
    std::optional<std::string> token;
    do {
      aws::s3::ListObjectsV2Request in;
      in.Bucket = bucket;
      in.ContinuationToken = token;
      TRY_ASSIGN(auto page, s3_.ListObjectsV2(in, where));
      for (auto& o : page.Contents.value_or(std::vector<aws::s3::Object>{})) out.insert(o.Key.value_or(""));
      token = page.NextContinuationToken;
    } while (token && out.size() < kListed);
    return out;
  }

  // How many keys have not arrived; nullopt if it cannot be told.
  Result<std::optional<uint64_t>> missing(const std::string& bucket, const aws::CallOptions& where) {
    if (s_.topology.recovery.bucket.empty()) return std::optional<uint64_t>();
    TRY_ASSIGN(auto here, keys(bucket, where));
    auto there = keys(s_.topology.recovery.bucket, s_.in_recovery());
    if (!there || here.size() >= kListed) return std::optional<uint64_t>();
    return std::optional<uint64_t>(
        std::count_if(here.begin(), here.end(), [&](auto& k) { return !there->contains(k); }));
  }

  Site& s_;
  aws::s3::Client s3_;
  Millis deadline_;
  bool denied_ = false;
  std::string deletions_;
  std::optional<uint64_t> left_;
};

}  // namespace

std::unique_ptr<Measure> make_close_bucket(Site& site, Millis deadline) {
  return std::make_unique<CloseBucket>(site, deadline);
}

}  // namespace relight::dr
