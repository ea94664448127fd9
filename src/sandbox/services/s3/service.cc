#include "sandbox/services/s3/service.h"

#include <fmt/format.h>

#include "sandbox/services/s3/attributes.h"

namespace relight::sandbox {
using s3::BucketRef;
using s3::refuse;

S3Service::S3Service(World& w) : Service(w, aws::s3::model()), buckets_(w) {
  register_buckets();
  register_config();
  register_objects();
  register_writes();
  register_lists();
  register_uploads();
  register_tags();
}
S3Service::~S3Service() { *alive_ = false; }

void S3Service::start() {
  buckets_.load();
  load_account_block();
  for (auto& region : world_.settings.regions) {
    auto s = object::ObjectStore::open(world_.dir(region, "s3"), world_.rng);
    if (!s) {
      world_.event(region, "s3", region, "object store failed: " + s.error().text());
      continue;
    }
    stores_[region] = std::move(*s);
  }
  for (auto& [region, s] : stores_) kick(region, Millis{0});
  publish_metrics();
  keep_aging();
}

void S3Service::stop() { stopping_ = true; }
// Nothing to kill: no request reaches a lost region, and its backlog stays on its disk, undelivered.
void S3Service::region_lost(const std::string&) {}
void S3Service::region_restored(const std::string& region) { kick(region, Millis{0}); }

bool S3Service::allowed(const Call& c, const s3::Bucket& b, std::string_view action,
                        std::string_view key) const {
  bool anonymous = c.principal == "anonymous";
  s3::Access a{c.principal, world_.account(), std::string(action), b.arn()};
  if (!key.empty()) a.resource += "/" + std::string(key);
  // The account's root can always mend a policy that locks everybody out.
  bool root = c.principal == fmt::format("arn:aws:iam::{}:root", a.account);
  if (root && action.ends_with("BucketPolicy")) return true;
  s3::Verdict v = b.policy.judge(a);
  if (v == s3::Verdict::kDeny) return false;
  // Of one account, either policy is enough ("Policy evaluation for requests within a single account").
  if (!anonymous)
    return v == s3::Verdict::kAllow || !authority_ || authority_->permit_action(c, model(), action, a.resource, {}).has_value();
  return v == s3::Verdict::kAllow && !*block_of(b).RestrictPublicBuckets;
}

Result<BucketRef> S3Service::enter(const Call& c, const std::optional<std::string>& name,
                                   std::string_view action, std::string_view key,
                                   const std::optional<std::string>& owner) {
  BucketRef b = buckets_.find(name.value_or(""));
  if (!b) return refuse("NoSuchBucket", "The specified bucket does not exist", 404);
  if (b->region != c.region) {
    return refuse(
        "PermanentRedirect",
        fmt::format("The bucket you are attempting to access must be addressed using the specified endpoint "
                    "of region {}. Please send all future requests to this endpoint.",
                    b->region),
        301);
  }
  if (!stores_.contains(b->region))
    return refuse("InternalError", "The region's object store is not open", 500);
  if ((owner && *owner != world_.account()) || !allowed(c, *b, action, key))
    return refuse("AccessDenied", "Access Denied", 403);
  return b;
}

}  // namespace relight::sandbox
