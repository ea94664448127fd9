// The bucket takes objects again: the fence's two statements go, whatever else its policy says stays.
#include <nlohmann/json.hpp>

#include "aws/gen/s3.h"
#include "dr/failback/failback.h"
#include "dr/steps/fence_measures.h"

namespace relight::dr {
namespace {
using PolicyJson = nlohmann::json;

// The policy without them; nullopt: it has none of them. Empty: nothing else is left.
std::optional<std::string> without_denial(const std::string& policy) {
  auto j = PolicyJson::parse(policy, nullptr, false);
  if (!j.is_object() || !j.contains("Statement") || !j["Statement"].is_array()) return std::nullopt;
  auto rest = PolicyJson::array();
  for (auto& s : j["Statement"]) {
    auto sid = s.is_object() ? s.value("Sid", "") : "";
    if (sid != kFenceSid && sid != kFenceDeleteSid) rest.push_back(s);
  }
  if (rest.size() == j["Statement"].size()) return std::nullopt;
  if (rest.empty()) return std::string();
  j["Statement"] = rest;
  return j.dump();
}

class Admit final : public Step {
 public:
  explicit Admit(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    auto done = lift(c);
    if (done) return Done{{{"lifted", *done ? "yes" : "it was not there"}}};
    if (may_pass(done.error()) && c.elapsed() < Millis(300000))
      return Waiting{"S3 to answer: " + done.error().code};
    return Failed{done.error(), {"relight resume"}};
  }

 private:
  Result<bool> lift(Context& c) {
    auto& bucket = s_.topology.recovery.bucket;
    if (bucket.empty()) return false;
    aws::s3::Client s3(s_.aws);
    auto now = s3.GetBucketPolicy({.Bucket = bucket}, s_.in_recovery());
    if (!now && now.error().code == "NoSuchBucketPolicy") return false;
    if (!now) return std::unexpected(now.error());
    auto rest = without_denial(now->Policy.value_or(""));
    if (!rest) return false;
    if (rest->empty())
      TRY(act(c, "s3:DeleteBucketPolicy", bucket,
              [&] { return s3.DeleteBucketPolicy({.Bucket = bucket}, s_.in_recovery()); }));
    else
      TRY(act(c, "s3:PutBucketPolicy", bucket,
              [&] { return s3.PutBucketPolicy({.Bucket = bucket, .Policy = *rest}, s_.in_recovery()); }));
    return true;
  }

  Site& s_;
};

}  // namespace

std::unique_ptr<Step> make_admit(Site& site) { return std::make_unique<Admit>(site); }

}  // namespace relight::dr
