#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "aws/gen/s3.h"
#include "dr/steps/fence_measures.h"

namespace relight::dr {
namespace {

using nlohmann::json;

constexpr const char* kSid = "RelightFence";
constexpr size_t kListed = 20'000;  // beyond that the buckets are not compared

// The bucket's policy with the denial; nullopt if it is there already.
std::optional<std::string> denying(const std::string& policy, const std::string& bucket) {
  auto j = json::parse(policy, nullptr, false);
  if (!j.is_object()) j = {{"Version", "2012-10-17"}, {"Statement", json::array()}};
  auto& all = j["Statement"];
  if (all.is_object()) all = json::array({all});
  if (!all.is_array()) all = json::array();
  for (auto& s : all)
    if (s.is_object() && s.value("Sid", "") == kSid) return std::nullopt;
  all.push_back({{"Sid", kSid},
                 {"Effect", "Deny"},
                 {"Principal", "*"},
                 {"Action", {"s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"}},
                 {"Resource", "arn:aws:s3:::" + bucket + "/*"}});
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
    TRY(act(c, "s3:DeleteBucketReplication", bucket,
            [&] { return s3_.DeleteBucketReplication({.Bucket = bucket}, where); }));
    return true;
  }

  Facts facts() const override {
    return denied_ ? Facts{{"objects_left", left_ ? std::to_string(*left_) : "unknown"}} : Facts{};
  }

 private:
  Result<> deny(Context& c, const std::string& bucket, const aws::CallOptions& where) {
    auto now = s3_.GetBucketPolicy({.Bucket = bucket}, where);
    if (!now && now.error().code != "NoSuchBucketPolicy") return fail(now.error());
    auto policy = denying(now ? now->Policy.value_or("") : "", bucket);
    if (!policy) return {};
    TRY(act(c, "s3:PutBucketPolicy", bucket,
            [&] { return s3_.PutBucketPolicy({.Bucket = bucket, .Policy = *policy}, where); }));
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
  std::optional<uint64_t> left_;
};

}  // namespace

std::unique_ptr<Measure> make_close_bucket(Site& site, Millis deadline) {
  return std::make_unique<CloseBucket>(site, deadline);
}

}  // namespace relight::dr
