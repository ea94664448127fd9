#include "sandbox/services/s3/lifecycle.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "sandbox/services/s3/attributes.h"

namespace relight::sandbox::s3 {
namespace {

constexpr uint64_t kSmallestMoved = 128 << 10;

struct Sieve {
  std::string prefix;
  std::vector<model::Tag> tags;
  std::optional<int64_t> above, below;  // bytes, exclusive
};

Sieve sieve_of(const model::LifecycleRule& r) {
  Sieve s{r.Prefix.value_or(""), {}, {}, {}};
  if (!r.Filter) return s;
  auto take = [&](auto& f) {
    s.prefix = f.Prefix.value_or("");
    if (f.ObjectSizeGreaterThan) s.above = *f.ObjectSizeGreaterThan;
    if (f.ObjectSizeLessThan) s.below = *f.ObjectSizeLessThan;
  };
  if (r.Filter->And) {
    take(*r.Filter->And);
    s.tags = r.Filter->And->Tags.value_or(std::vector<model::Tag>{});
  } else {
    take(*r.Filter);
    if (r.Filter->Tag) s.tags = {*r.Filter->Tag};
  }
  return s;
}

bool passes(const Sieve& s, const object::Version& v) {
  auto size = static_cast<int64_t>(v.size);
  if (!v.key.starts_with(s.prefix) || (s.above && size <= *s.above) || (s.below && size >= *s.below))
    return false;
  return std::ranges::all_of(s.tags, [&](const model::Tag& t) {
    return value_of(v.attributes, "tag:" + t.Key.value_or("")) == t.Value.value_or("");
  });
}

// "Transitioning objects": only downwards, and from One Zone-IA not to Glacier Instant Retrieval.
int depth_of(std::string_view storage_class) {
  static constexpr auto kDepths = std::to_array<std::string_view>(
      {"STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"});
  auto it = std::ranges::find(kDepths, storage_class);
  return it == kDepths.end() ? 0 : static_cast<int>(it - kDepths.begin());  // REDUCED_REDUNDANCY: as STANDARD
}

bool may_move(const object::Version& v, const std::string& to) {
  std::string from = value_of(v.attributes, "storage-class").value_or("STANDARD");
  if (from == "ONEZONE_IA" && to == "GLACIER_IR") return false;
  return depth_of(to) > depth_of(from);
}

bool waits_for_replication(const object::Version& v) {
  auto status = value_of(v.attributes, object::kReplication);
  return status == "PENDING" || status == "FAILED";
}

std::optional<Instant> expires_at(const model::LifecycleRule& r, const object::Version& v) {
  if (!r.Expiration) return std::nullopt;
  if (r.Expiration->Date) return *r.Expiration->Date;
  if (r.Expiration->Days) return midnight_after(v.modified, *r.Expiration->Days);
  return std::nullopt;
}

bool erases_noncurrent(const model::LifecycleRule& r, const Standing& s, Instant now) {
  auto& n = r.NoncurrentVersionExpiration;
  return n && s.newer_noncurrent >= n->NewerNoncurrentVersions.value_or(0) &&
         midnight_after(*s.noncurrent_since, n->NoncurrentDays.value_or(1)) <= now;
}

// What one rule says, whose filter has let the version pass.
Fate removal_by(const model::LifecycleRule& r, const Bucket& b, const object::Version& v, const Standing& s,
                Instant now) {
  std::string id = r.ID.value_or("");
  if (s.noncurrent_since)
    return erases_noncurrent(r, s, now) ? Fate{Fate::kErased, id, ""} : Fate{};
  auto at = expires_at(r, v);
  bool due = at && *at <= now;
  if (v.marker) {  // nothing is left below it: it goes when it is old enough, or by a rule made for it
    bool expired = r.Expiration && (due || r.Expiration->ExpiredObjectDeleteMarker.value_or(false));
    return s.alone && expired ? Fate{Fate::kErased, id, ""} : Fate{};
  }
  if (!due) return {};
  return {b.versioning.empty() ? Fate::kErased : Fate::kDeleteMarker, id, ""};
}

Fate move_by(const model::LifecycleRule& r, const object::Version& v, const Standing& s, Instant now) {
  Fate best;
  auto consider = [&](const std::string& to, Instant at) {
    if (at > now || !may_move(v, to) || depth_of(to) <= depth_of(best.storage_class)) return;
    best = {Fate::kMoved, r.ID.value_or(""), to};
  };
  if (!s.noncurrent_since) {
    for (auto& t : r.Transitions.value_or(std::vector<model::Transition>{}))
      consider(t.StorageClass.value_or(""), t.Date ? *t.Date : midnight_after(v.modified, t.Days.value_or(0)));
    return best;
  }
  for (auto& t : r.NoncurrentVersionTransitions.value_or(std::vector<model::NoncurrentVersionTransition>{}))
    if (s.newer_noncurrent >= t.NewerNoncurrentVersions.value_or(0))
      consider(t.StorageClass.value_or(""),
               midnight_after(*s.noncurrent_since, t.NoncurrentDays.value_or(0)));
  return best;
}

}  // namespace

Instant midnight_after(Instant since, int days) {
  return std::chrono::floor<std::chrono::days>(since) + std::chrono::days{days + 1};
}

Fate fate_of(const Bucket& b, const object::Version& v, const Standing& s, Instant now) {
  if (waits_for_replication(v)) return {};
  Fate removed, moved;
  for (auto& r : b.lifecycle) {
    Sieve sieve = sieve_of(r);
    if (r.Status != "Enabled" || !passes(sieve, v)) continue;
    if (Fate f = removal_by(r, b, v, s, now); f.kind != Fate::kStays && removed.kind != Fate::kErased)
      removed = f;
    if (v.marker || (v.size < kSmallestMoved && !sieve.above && !sieve.below)) continue;
    if (Fate f = move_by(r, v, s, now); depth_of(f.storage_class) > depth_of(moved.storage_class)) moved = f;
  }
  if (removed.kind == Fate::kErased) return removed;
  return moved.kind == Fate::kMoved ? moved : removed;
}

std::optional<Expiry> abort_of(const LifecycleRules& rules, const std::string& key, Instant initiated) {
  std::optional<Expiry> first;
  for (auto& r : rules) {
    auto& a = r.AbortIncompleteMultipartUpload;
    if (!a || r.Status != "Enabled" || !key.starts_with(sieve_of(r).prefix)) continue;
    Instant at = midnight_after(initiated, a->DaysAfterInitiation.value_or(1));
    if (!first || at < first->at) first = Expiry{at, r.ID.value_or("")};
  }
  return first;
}

std::optional<Expiry> expiry_of(const LifecycleRules& rules, const object::Version& v) {
  std::optional<Expiry> first;
  if (v.marker) return first;
  for (auto& r : rules) {
    if (r.Status != "Enabled" || !passes(sieve_of(r), v)) continue;
    auto at = expires_at(r, v);
    if (at && (!first || *at < first->at)) first = Expiry{*at, r.ID.value_or("")};
  }
  return first;
}

std::optional<std::string> expiration_header(const Bucket& b, const object::Version& v) {
  if (!v.latest) return std::nullopt;
  auto e = expiry_of(b.lifecycle, v);
  if (!e) return std::nullopt;
  return "expiry-date=\"" + http_date(e->at) + "\", rule-id=\"" + percent_encode(e->rule) + "\"";
}

}  // namespace relight::sandbox::s3
