// Lifecycle configurations put, and carried out. AWS looks once a day; the sandbox looks when a configuration is
// put and then every so often. Days are counted on the sandbox's clock; only a rule with a Date acts at once.
#include <fmt/format.h>

#include "aws/codec/codec.h"
#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/lifecycle.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
namespace model = aws::s3;
using s3::refuse;

namespace {

constexpr auto kLifecycleTour = std::chrono::hours(1);

// Goes through the versions of a bucket, newest first within a key, and knows where each stands. A version that is
// alone is only known to be when the next key has come: each is told of one step later.
class Tour {
 public:
  explicit Tour(std::function<void(const object::Version&, const s3::Standing&)> tell) : tell_(std::move(tell)) {}
  void see(object::Version v) {
    bool same = held_ && held_->key == v.key;
    s3::Standing next;
    if (same) {
      next.noncurrent_since = held_->modified;
      next.newer_noncurrent = standing_.noncurrent_since ? standing_.newer_noncurrent + 1 : 0;
    }
    next.alone = !same;
    if (same) standing_.alone = false;
    end();
    held_ = std::move(v);
    standing_ = next;
  }
  void end() {
    if (held_) tell_(*held_, standing_);
    held_.reset();
  }

 private:
  std::function<void(const object::Version&, const s3::Standing&)> tell_;
  std::optional<object::Version> held_;
  s3::Standing standing_;
};

}  // namespace

void S3Service::register_lifecycle() {
  on<PutBucketLifecycleConfiguration>(
      [this](const Call& c, const PutBucketLifecycleConfiguration::Input& in)
          -> Result<PutBucketLifecycleConfiguration::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutLifecycleConfiguration", {}, in.ExpectedBucketOwner));
        GetBucketLifecycleConfiguration::Output kept;
        kept.Rules.emplace();
        if (in.LifecycleConfiguration) kept.Rules = in.LifecycleConfiguration->Rules;
        if (!kept.Rules) kept.Rules.emplace();
        TRY(s3::check_lifecycle(*kept.Rules, world_.rng));
        std::string json = aws::codec::to_json(*shape_of(&kept), &kept);
        TRY(buckets_.change(b->name, [&](s3::Bucket& x) -> Result<> {
          x.config["lifecycle"] = json;
          return {};
        }));
        std::lock_guard g(world_.lock());
        world_.after(world_.pace(std::chrono::hours(24)), [this, alive = alive_] {
          if (*alive) age_all();
        });
        return PutBucketLifecycleConfiguration::Output{};
      });
  on<GetBucketLifecycleConfiguration>(
      [this](const Call& c, const GetBucketLifecycleConfiguration::Input& in)
          -> Result<GetBucketLifecycleConfiguration::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:GetLifecycleConfiguration", {}, in.ExpectedBucketOwner));
        if (!b->get("lifecycle"))
          return refuse("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", 404);
        return GetBucketLifecycleConfiguration::Output{.Rules = b->lifecycle};
      });
}

// Under the world's lock. Objects grow old without anybody doing anything.
void S3Service::keep_aging() {
  age_all();
  world_.after(world_.poll_interval(kLifecycleTour), [this, alive = alive_] {
    if (*alive && !stopping_) keep_aging();
  });
}

void S3Service::age_all() {
  for (auto& b : buckets_.all())
    if (!b->lifecycle.empty() && world_.links().up(b->region) && stores_.contains(b->region))
      world_.work(
          [this, b] {
            if (!stopping_) age(*b);
          },
          [] {});
}

void S3Service::age(const s3::Bucket& b) {
  Instant now = world_.clock.now();
  std::vector<std::pair<object::Version, s3::Fate>> doomed;
  Tour tour([&](const object::Version& v, const s3::Standing& s) {
    if (auto f = s3::fate_of(b, v, s, now); f.kind != s3::Fate::kStays) doomed.emplace_back(v, f);
  });
  object::ListQuery q{.bucket = b.name};
  for (bool more = true; more;) {
    auto page = store(b.region).list_versions(q);
    if (!page) return;
    more = page->truncated;
    q.after = page->last;
    q.after_version = page->last_version;
    for (auto& v : page->versions) tour.see(std::move(v));
  }
  tour.end();
  for (auto& [v, f] : doomed) {
    if (stopping_ || !world_.links().up(b.region)) return;
    meet(b, v, f);
  }
  abort_old_uploads(b, now);
}

// The version may have been replaced since it was looked at (a null version keeps its id): the store is told
// which write is meant, and what is no longer that one is left for the next look.
void S3Service::meet(const s3::Bucket& b, const object::Version& v, const s3::Fate& f) {
  auto& objects = store(b.region);
  Call self{b.region, world_.rng.uuid(), "s3.amazonaws.com", nullptr};
  std::string what;
  if (f.kind == s3::Fate::kMoved) {
    auto moved = objects.amend(
        b.name, v.key, v.id, [&](object::Attributes& a) { a["storage-class"] = f.storage_class; }, v.seq);
    if (!moved || !*moved) return;
    notify(self, b, "LifecycleTransition", "Lifecycle Transition", **moved);
    what = "moved to " + f.storage_class;
  } else if (f.kind == s3::Fate::kErased) {
    auto gone = objects.remove(b.name, v.key, v.id, v.seq);
    if (!gone || !*gone) return;
    notify(self, b, "LifecycleExpiration:Delete", "Lifecycle Expiration", **gone);
    what = "expired for good";
  } else {
    object::NewVersion marker{.key = v.key, .marker = true};
    marker.expect.seq = v.seq;
    place(b, marker);
    // "What does Amazon S3 replicate?": a delete marker made by a lifecycle rule is not.
    marker.replicate.clear();
    auto made = objects.put(marker, {});
    if (!made) return;
    notify(self, b, "LifecycleExpiration:DeleteMarkerCreated", "Lifecycle Expiration", *made);
    what = "expired: a delete marker";
  }
  world_.event(b.region, "s3", fmt::format("{}/{}", b.name, v.key),
               fmt::format("{} by lifecycle rule {} (version {})", what, f.rule, v.id));
}

void S3Service::abort_old_uploads(const s3::Bucket& b, Instant now) {
  object::ListQuery q{.bucket = b.name};
  std::vector<std::pair<object::Upload, std::string>> old;
  for (bool more = true; more;) {
    auto page = store(b.region).list_uploads(q);
    if (!page) return;
    more = page->truncated;
    q.after = page->last;
    q.after_version = page->last_id;
    for (auto& u : page->uploads)
      if (auto e = s3::abort_of(b.lifecycle, u.key, u.initiated); e && e->at <= now) old.emplace_back(u, e->rule);
  }
  for (auto& [u, rule] : old)
    if (store(b.region).abort_upload(u.id))
      world_.event(b.region, "s3", fmt::format("{}/{}", b.name, u.key),
                   fmt::format("upload {} aborted by lifecycle rule {}", u.id, rule));
}

}  // namespace relight::sandbox
