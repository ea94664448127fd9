// Both buckets' names, side by side.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/check_picture.h"
#include "dr/objects/object_names.h"

namespace relight::app {
namespace {

constexpr int64_t kComparedMax = 20'000;  // 20 calls a bucket
constexpr size_t kExamples = 3;
// What is younger may still be on its way: check 48 is about that.
constexpr auto kOnItsWay = std::chrono::minutes(15);

Result<dr::ObjectsBefore> compare(dr::MissingNames names, Instant now) {
  dr::ObjectsBefore out;
  for (;;) {
    TRY_ASSIGN(auto* missing, names.next(kComparedMax));
    if (!missing) break;
    if (missing->LastModified && *missing->LastModified > now - kOnItsWay) continue;
    ++out.missing;
    if (out.examples.size() < kExamples) out.examples.push_back(missing->Key.value_or(""));
  }
  out.compared = names.compared();
  out.whole = names.whole();
  return out;
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
  dr::MissingNames names(dr::ObjectNames(w.aws->patient(), site.config.primary.region, from, prefix),
                     dr::ObjectNames(w.aws->patient(), site.config.recovery.region, to, prefix));
  auto seen = compare(std::move(names), site.clock.now());
  return seen ? Out::of(std::move(*seen)) : Out::not_seen(seen.error().text());
}

}  // namespace relight::app
