#include "app/earlier_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "dr/objects/object_names.h"

namespace relight::app {
namespace {
constexpr int64_t kLookedAt = 100'000;  // names, for a look
constexpr size_t kPageOfCopies = 1000;  // copies between two lines of progress
constexpr size_t kCopiers = 8;
constexpr int64_t kTooManyFailures = 100;
constexpr size_t kNamedFailures = 3;

dr::MissingNames missing_of(aws::Caller& aws, const dr::BucketPair& o) {
  return {dr::ObjectNames(aws, o.from_region, o.from, o.prefix), dr::ObjectNames(aws, o.to_region, o.to, o.prefix)};
}

// One page of copies and what became of them.
struct Tally {
  std::mutex guard;
  CopiedObjects sum;
  std::string failures;  // the first ones' names, and why
  void failed(const std::string& key, const Error& e) {
    std::lock_guard g(guard);
    if (++sum.failed <= static_cast<int64_t>(kNamedFailures))
      failures += (failures.empty() ? "" : "; ") + key + ": " + (e.message.empty() ? e.code : e.message);
  }
  void copied(int64_t bytes) {
    std::lock_guard g(guard);
    ++sum.copied;
    sum.bytes += bytes;
  }
};

void copy_page(aws::Caller& aws, const dr::BucketPair& o, const std::vector<std::string>& keys, Tally& tally) {
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t n; (n = next++) < keys.size();) {
      auto done = dr::copy_object(aws, o, keys[n]);
      if (!done)
        tally.failed(keys[n], done.error());
      else if (*done >= 0)
        tally.copied(*done);
    }
  };
  std::vector<std::jthread> crew;
  for (size_t n = 1; n < std::min(kCopiers, keys.size()); ++n) crew.emplace_back(work);
  work();
}

}  // namespace

Result<std::optional<bool>> all_objects_there(aws::Caller& aws, const dr::BucketPair& o) {
  auto names = missing_of(aws, o);
  for (;;) {
    TRY_ASSIGN(auto* missing, names.next(kLookedAt));
    if (!missing) break;
    TRY_ASSIGN(bool comes, dr::comes_by_itself(aws, o, missing->Key.value_or("")));
    if (!comes) return false;
  }
  if (!names.whole()) return std::nullopt;
  return true;
}

Result<CopiedObjects> copy_earlier_objects(aws::Caller& aws, const dr::BucketPair& o,
                                           const std::function<void(const std::string&)>& tell) {
  auto names = missing_of(aws, o);
  Tally tally;
  for (bool more = true; more && tally.sum.failed < kTooManyFailures;) {
    std::vector<std::string> keys;
    while (more && keys.size() < kPageOfCopies) {
      TRY_ASSIGN(auto* missing, names.next(INT64_MAX));
      more = missing;
      if (missing) keys.push_back(missing->Key.value_or(""));
    }
    if (keys.empty()) break;
    copy_page(aws, o, keys, tally);
    if (tell)
      tell(fmt::format("{} objects copied to {}, {:.1f} MiB; {} of {} looked at{}", tally.sum.copied, o.to,
                       double(tally.sum.bytes) / (1 << 20), names.compared(), o.from,
                       more ? " so far" : ""));
  }
  if (tally.sum.failed == 0) return tally.sum;
  return fail(Error{.code = "Deploy.Objects",
                    .message = fmt::format("{} objects could not be copied{}: {}", tally.sum.failed,
                                           tally.sum.failed >= kTooManyFailures ? ", and it was given up" : "",
                                           tally.failures),
                    .tried = "copy the objects that are older than the replication rule",
                    .resource = o.from,
                    .region = o.from_region,
                    .next = "mend that and run it again: what was copied is not copied twice"});
}

}  // namespace relight::app
