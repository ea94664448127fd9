// The uploads of the time in which the recovery region served. Copied within S3 and not left to a replication
// rule: a rule takes only what comes after it, wants a role, and cannot be asked whether it has finished.
// Begun while the application runs, and once more when nobody writes, which is then short.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "aws/gen/s3.h"
#include "dr/failback/failback.h"
#include "dr/objects/object_copy.h"
#include "dr/objects/object_names.h"

namespace relight::dr {
namespace {
namespace s3 = aws::s3;

constexpr size_t kRound = 64;     // objects copied between two looks of the engine
constexpr size_t kListed = 1000;  // names held against each other meanwhile
constexpr size_t kCrew = 8;       // copies, and looks at what was deleted, at once

// S3 tells times by the second.
auto second(const std::optional<Instant>& at) {
  return std::chrono::floor<std::chrono::seconds>(at.value_or(Instant{}));
}

// work(0) … work(n - 1), a few at once.
void in_a_crew(size_t n, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{0};
  std::vector<std::jthread> crew;
  for (size_t k = 0; k < std::min(kCrew, n); ++k)
    crew.emplace_back([&] {
      for (size_t i; (i = next++) < n;) work(i);
    });
}

class BringObjects final : public Step {
 public:
  BringObjects(Site& s, bool last)
      : s_(s),
        last_(last),
        pair_{s.topology.primary.bucket, s.config.primary.region, s.topology.recovery.bucket,
              s.config.recovery.region} {
    begin();
  }

  Outcome advance(Context& c) override {
    if (pair_.from.empty() || pair_.to.empty()) return Done{{{"objects", "no bucket is named"}}};
    auto more = round(c);
    if (!more) {
      if (!may_pass(more.error()) || c.elapsed() > Millis(24 * 3600 * 1000))
        return Failed{told(more.error()), {"relight resume"}};
      begin();  // the pages that were held are of before; what is copied is not copied again
      return Waiting{"S3 to answer: " + more.error().code};
    }
    if (*more)
      return Waiting{
          fmt::format("objects ({} looked at, {} copied, {} deleted)", compared_, copied_, deleted_), -1,
          Millis(1)};
    return Done{{{"compared", std::to_string(compared_)},
                 {"copied", std::to_string(copied_)},
                 {"bytes", std::to_string(bytes_)},
                 {"deleted", std::to_string(deleted_)}}};
  }

 private:
  void begin() {
    ours_.emplace(s_.aws, pair_.from_region, pair_.from, "");
    theirs_.emplace(s_.aws, pair_.to_region, pair_.to, "");
    there_.reset();
    markers_ = {};
    begun_ = listed_ = done_ = false;
    compared_ = 0;
  }

  // Whether there is more to do.
  Result<bool> round(Context& c) {
    if (!listed_) {
      TRY_ASSIGN(auto keys, stale());
      TRY(copy(c, keys));
      return true;
    }
    if (!done_) {
      TRY(deletions(c));
      return true;
    }
    return false;
  }

  // The next names that are missing there, or written here since: a copy's time is that of the copying, so an
  // object that is older there is of before.
  Result<std::vector<std::string>> stale() {
    std::vector<std::string> out;
    if (!begun_) TRY(next_there());
    begun_ = true;
    for (size_t n = 0; n < kListed && out.size() < kRound; ++n) {
      TRY_ASSIGN(auto* here, ours_->next());
      listed_ = !here;
      if (!here) break;
      ++compared_;
      auto name = here->Key.value_or("");
      while (there_ && there_->Key.value_or("") < name) TRY(next_there());
      bool missing = !there_ || there_->Key.value_or("") != name;
      bool older = !missing && there_->ETag != here->ETag &&
                   second(there_->LastModified) <= second(here->LastModified);
      if (missing || older) out.push_back(name);
    }
    return out;
  }

  Result<> next_there() {
    TRY_ASSIGN(auto* next, theirs_->next());
    there_ = next ? std::optional(*next) : std::nullopt;
    return {};
  }

  Result<> copy(Context& c, const std::vector<std::string>& keys) {
    if (keys.empty()) return {};
    return act(c, "s3:CopyObject", fmt::format("{} objects from {} to {}", keys.size(), pair_.from, pair_.to),
               [&] { return copy_all(keys); });
  }

  Result<> copy_all(const std::vector<std::string>& keys) {
    std::mutex guard;
    Result<> out;
    in_a_crew(keys.size(), [&](size_t i) {
      auto bytes = copy_object(s_.aws, pair_, keys[i]);
      std::lock_guard g(guard);
      // While the application runs one may be written again and again: the last round finds it missing.
      if (!bytes && !last_ && bytes.error().code == "Objects.Changes") return;
      if (!bytes && out) out = fail(Error(bytes.error()).on(pair_.from + "/" + keys[i]));
      if (bytes && *bytes >= 0) ++copied_, bytes_ += *bytes;
    });
    return out;
  }

  // A page of versions: a key whose last is a delete marker was deleted here, and is deleted there unless
  // what is there is newer than that (an upload that never arrived).
  Result<> deletions(Context& c) {
    TRY_ASSIGN(auto page, s3::Client(s_.aws).ListObjectVersions(markers_request(), {pair_.from_region}));
    auto markers = page.DeleteMarkers.value_or(std::vector<s3::DeleteMarkerEntry>{});
    std::erase_if(markers, [](auto& m) { return !m.IsLatest.value_or(false); });
    std::mutex guard;
    Result<> out;
    in_a_crew(markers.size(), [&](size_t i) {
      auto gone = delete_older(c, markers[i]);
      std::lock_guard g(guard);
      if (!gone && out) out = fail(gone.error());
      deleted_ += gone.value_or(false);
    });
    TRY(out);
    markers_ = {page.NextKeyMarker.value_or(""), page.NextVersionIdMarker.value_or("")};
    done_ = !page.IsTruncated.value_or(false) || markers_.first.empty();
    return {};
  }

  s3::ListObjectVersionsRequest markers_request() const {
    s3::ListObjectVersionsRequest in{.Bucket = pair_.from};
    if (!markers_.first.empty()) in.KeyMarker = markers_.first;
    if (!markers_.second.empty()) in.VersionIdMarker = markers_.second;
    return in;
  }

  // Whether it was.
  Result<bool> delete_older(Context& c, const s3::DeleteMarkerEntry& marker) {
    s3::Client client(s_.aws);
    auto key = marker.Key.value_or("");
    auto there = client.HeadObject({.Bucket = pair_.to, .Key = key}, s_.in_recovery());
    if (!there && there.error().http_status == 404) return false;
    if (!there) return std::unexpected(there.error());
    if (second(there->LastModified) >= second(marker.LastModified)) return false;
    TRY(act(c, "s3:DeleteObject", pair_.to + "/" + key,
            [&] { return client.DeleteObject({.Bucket = pair_.to, .Key = key}, s_.in_recovery()); }));
    return true;
  }

  Error told(Error e) const {
    if (e.next.empty()) e.next = "mend that, then relight resume: what was copied is not copied twice";
    return e;
  }

  Site& s_;
  bool last_;
  BucketPair pair_;
  std::optional<ObjectNames> ours_, theirs_;
  std::optional<s3::Object> there_;
  std::pair<std::string, std::string> markers_;
  bool begun_ = false, listed_ = false, done_ = false;
  int64_t compared_ = 0, copied_ = 0, bytes_ = 0, deleted_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_bring_objects(Site& site, bool last) {
  return std::make_unique<BringObjects>(site, last);
}

}  // namespace relight::dr
