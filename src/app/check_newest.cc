// What S3 says of the objects that were written last. The metrics of a replication rule come a minute after
// their time, and only where the rule has them.
#include <algorithm>

#include "app/check_picture.h"
#include "aws/gen/s3.h"

namespace relight::app {
namespace {

constexpr int64_t kListedMax = 20'000;  // 20 calls
constexpr size_t kNewest = 10;

struct Written {
  std::string name;
  Instant at{};
};

// The newest of what is listed, which S3 does by name.
Result<std::vector<Written>> newest_of(aws::Caller& aws, const std::string& region, const std::string& bucket,
                                       dr::NewestObjects& out) {
  std::vector<Written> newest;
  aws::s3::ListObjectsV2Request in{.Bucket = bucket};
  auto later = [](auto& a, auto& b) { return a.at > b.at; };
  for (;;) {
    TRY_ASSIGN(auto page, aws::s3::Client(aws).ListObjectsV2(in, {region}));
    for (auto& o : page.Contents.value_or(std::vector<aws::s3::Object>{})) {
      ++out.listed;
      if (o.Key && o.LastModified) newest.push_back({*o.Key, *o.LastModified});
    }
    std::ranges::sort(newest, later);
    if (newest.size() > kNewest) newest.resize(kNewest);
    if (!page.IsTruncated.value_or(false) || !page.NextContinuationToken) return newest;
    if (out.listed >= kListedMax) {
      out.whole = false;
      return newest;
    }
    in.ContinuationToken = page.NextContinuationToken;
  }
}

Result<> look_at(aws::Caller& aws, const std::string& region, const std::string& bucket, const Written& w,
                 dr::NewestObjects& out) {
  auto head = aws::s3::Client(aws).HeadObject({.Bucket = bucket, .Key = w.name}, {region});
  if (!head && head.error().http_status == 404) return {};  // deleted meanwhile
  if (!head) return std::unexpected(std::move(head).error());
  auto status = head->ReplicationStatus.value_or("");
  if (status == "COMPLETED" || status == "COMPLETE" || status == "REPLICA") {
    ++out.arrived;
  } else if (status == "PENDING") {
    ++out.waiting;
    if (!out.oldest_waiting || w.at < *out.oldest_waiting) out.oldest_waiting = w.at;
  } else if (status == "FAILED") {
    ++out.failed;
    out.failed_name = w.name;
  } else {
    ++out.without;
  }
  return {};
}

}  // namespace

dr::Known<dr::NewestObjects> newest_objects(Workshop& w, const dr::Site& site) {
  using Out = dr::Known<dr::NewestObjects>;
  auto& bucket = site.topology.primary.bucket;
  auto& region = site.config.primary.region;
  if (bucket.empty()) return Out::not_seen("the bucket's name is not known");
  dr::NewestObjects out;
  auto newest = newest_of(w.aws->patient(), region, bucket, out);
  if (!newest) return Out::not_seen(newest.error().text());
  for (auto& written : *newest)
    if (auto looked = look_at(w.aws->patient(), region, bucket, written, out); !looked)
      return Out::not_seen(looked.error().text());
  return Out::of(std::move(out));
}

}  // namespace relight::app
