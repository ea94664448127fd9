// Buckets and what is configured on them: names are unique over all regions, and known even while a region is
// lost.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "aws/gen/s3.h"
#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/policy.h"
#include "sandbox/world/world.h"

namespace relight::sandbox::s3 {

namespace model = aws::s3;

// One bucket as it stands: a value that does not change; a change makes a new one.
struct Bucket {
  std::string name, region;
  Instant created{};
  std::string versioning;  // "", "Enabled", "Suspended"
  std::map<std::string, std::string>
      config;  // "cors" -> JSON of the shape that Get… answers; "policy" -> its text

  // Read from `config` when the value is made.
  Policy policy;
  std::optional<model::ReplicationConfiguration> replication;
  std::vector<model::LifecycleRule> lifecycle;
  std::optional<model::NotificationConfiguration> notification;  // none, or an empty one: nothing to say
  model::PublicAccessBlockConfiguration block;                   // all members set
  DefaultEncryption encryption;
  bool acls_disabled = true;  // ObjectOwnership BucketOwnerEnforced

  bool versioned() const { return versioning == "Enabled"; }
  std::string arn() const { return "arn:aws:s3:::" + name; }
  const std::string* get(std::string_view what) const;
  void derive();
  std::string save() const;
  static Result<Bucket> load(const std::string& json);
};
// Shared: requests in flight go on with the bucket as it was when they came.
using BucketRef = std::shared_ptr<const Bucket>;

// Names on which ListBuckets, Head… and all others agree. Reading is thread-safe and takes no other lock;
// changing takes the world's lock first, then its own.
class Buckets {
 public:
  explicit Buckets(World& w) : world_(w) {}
  void load();                                  // under the world's lock
  BucketRef find(std::string_view name) const;  // null: no such bucket
  std::vector<BucketRef> all() const;           // by name
  // False: the name is taken (`taken` says by which bucket).
  Result<bool> add(Bucket b, BucketRef& taken);
  Result<> erase(const std::string& name);
  Result<> change(const std::string& name, const std::function<Result<>(Bucket&)>& how);

 private:
  World& world_;
  mutable std::shared_mutex lock_;
  std::map<std::string, BucketRef, std::less<>> rows_;
};

// "Bucket naming rules", S3 User Guide, for general purpose buckets.
bool valid_bucket_name(std::string_view name);

}  // namespace relight::sandbox::s3
