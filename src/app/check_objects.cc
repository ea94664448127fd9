// Both buckets' names, side by side: S3 lists them in order (ListObjectsV2, "UTF-8 binary order"), so that
// one pass over both tells what is missing.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/check_picture.h"
#include "aws/gen/s3.h"

namespace relight::app {
namespace {

constexpr int64_t kComparedMax = 20'000;  // 20 calls a bucket
constexpr size_t kExamples = 3;
// What is younger may still be on its way: check 48 is about that.
constexpr auto kOnItsWay = std::chrono::minutes(15);

// One bucket's objects, a page at a time.
class Names {
 public:
  Names(aws::Caller& aws, std::string region, std::string bucket, std::string prefix)
      : aws_(aws), region_(std::move(region)) {
    in_.Bucket = std::move(bucket);
    if (!prefix.empty()) in_.Prefix = std::move(prefix);
  }
  // nullptr: there is no more.
  Result<const aws::s3::Object*> next() {
    while (at_ == page_.size()) {
      if (last_) return static_cast<const aws::s3::Object*>(nullptr);
      auto got = aws::s3::Client(aws_).ListObjectsV2(in_, {region_});
      if (!got) return std::unexpected(std::move(got).error());
      page_ = std::move(got->Contents).value_or(std::vector<aws::s3::Object>{});
      at_ = 0;
      in_.ContinuationToken = got->NextContinuationToken;
      last_ = !got->IsTruncated.value_or(false) || !in_.ContinuationToken;
    }
    return &page_[at_++];
  }

 private:
  aws::Caller& aws_;
  std::string region_;
  aws::s3::ListObjectsV2Request in_;
  std::vector<aws::s3::Object> page_;
  size_t at_ = 0;
  bool last_ = false;
};

Result<dr::ObjectsBefore> compare(Names ours, Names theirs, Instant now) {
  dr::ObjectsBefore out;
  TRY_ASSIGN(auto* there, theirs.next());
  for (;;) {
    TRY_ASSIGN(auto* here, ours.next());
    if (!here) return out;
    if (++out.compared > kComparedMax) {
      --out.compared;
      out.whole = false;
      return out;
    }
    auto name = here->Key.value_or("");
    while (there && there->Key.value_or("") < name) {
      TRY_ASSIGN(there, theirs.next());
    }
    bool found = there && there->Key.value_or("") == name;
    if (found || (here->LastModified && *here->LastModified > now - kOnItsWay)) continue;
    ++out.missing;
    if (out.examples.size() < kExamples) out.examples.push_back(name);
  }
}

// What of the bucket the rule takes.
std::string prefix_of(const nlohmann::json& rule) {
  for (auto* pointer : {"/Filter/Prefix", "/Filter/And/Prefix", "/Prefix"})
    if (auto p = rule.value(nlohmann::json::json_pointer(pointer), ""); !p.empty()) return p;
  return "";
}

}  // namespace

dr::Known<dr::ObjectsBefore> objects_before(Workshop& w, const dr::Site& site, const dr::Walk& primary) {
  using Out = dr::Known<dr::ObjectsBefore>;
  auto &from = site.topology.primary.bucket, &to = site.topology.recovery.bucket;
  if (from.empty() || to.empty()) return Out::not_seen("the buckets' names are not known");
  auto rules = dr::ask(primary, "s3", "GetBucketReplication", nlohmann::json{{"Bucket", from}}.dump());
  std::string prefix;
  if (rules)
    for (auto& rule : rules->value("/ReplicationConfiguration/Rules"_json_pointer, nlohmann::json::array()))
      if (rule.value("/Destination/Bucket"_json_pointer, "") == "arn:aws:s3:::" + to)
        prefix = prefix_of(rule);
  auto seen = compare(Names(w.aws->patient(), site.config.primary.region, from, prefix),
                      Names(w.aws->patient(), site.config.recovery.region, to, prefix), site.clock.now());
  return seen ? Out::of(std::move(*seen)) : Out::not_seen(seen.error().text());
}

}  // namespace relight::app
