// S3 of the sandbox. The data path: handlers run without the world's lock. What a bucket is like lives in
// Buckets (values that change as a whole), what it holds in one ObjectStore a region; both are thread-safe.
// The world's lock is taken first, before theirs, and never while one of theirs is held.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "sandbox/gateway/authority.h"
#include "sandbox/gateway/service.h"
#include "sandbox/planes/object/store.h"
#include "sandbox/services/s3/bucket.h"
#include "sandbox/services/s3/conditions.h"
#include "sandbox/services/s3/lifecycle.h"
#include "sandbox/services/s3/notification.h"

namespace relight::sandbox {

class S3Service final : public Service {
 public:
  explicit S3Service(World& w);
  ~S3Service() override;

  void start() override;
  void stop() override;
  void region_lost(const std::string& region) override;
  void region_restored(const std::string& region) override;
  bool locks_itself() const override { return true; }
  // The account's own Block Public Access, which holds for every bucket beside the bucket's: thread-safe.
  std::optional<aws::s3::PublicAccessBlockConfiguration> account_block() const;
  void set_account_block(std::optional<aws::s3::PublicAccessBlockConfiguration> b);  // under the world's lock
  // From now on asked for each action of an identified caller.
  void use(Authority& a) { authority_ = &a; }

 private:
  struct Pump {
    bool scheduled = false;  // under the world's lock
  };
  // A source of a copy, or what a GET returns.
  struct Source {
    object::Version version;
    http::Body body;
    s3::BucketRef bucket;
  };
  struct Wanted {  // which object, on behalf of whom
    std::string_view action;
    std::string_view key;
  };

  // ---- registrations, a family a file ----
  void register_buckets();  // service_buckets.cc
  void register_config();   // service_config.cc
  void register_objects();  // service_objects.cc
  void register_writes();   // service_writes.cc
  void register_lists();    // service_lists.cc
  void register_uploads();  // service_uploads.cc
  void register_tags();     // service_tags.cc

  struct Document;
  // A configuration that is stored and answered as it came: `fill` makes Get's answer from Put's request.
  template <class Get, class Put>
  void document(const Document& d, Result<> (*fill)(const typename Put::Input&, typename Get::Output&));
  template <class Delete>
  void forget(std::string name, std::string action);
  void register_plain_documents();
  void register_absent_documents();
  void register_acls();
  void register_versioning();
  void register_policy();         // service_policy.cc
  void register_replication();    // service_replication.cc
  void register_notifications();  // service_notifications.cc
  void register_lifecycle();      // service_lifecycle.cc

  // ---- what every operation does first ----
  // The bucket, if it is there, of this region and expected owner, and the caller may do `action` to `key` in
  // it. NoSuchBucket 404, PermanentRedirect 301, AccessDenied 403.
  Result<s3::BucketRef> enter(const Call& c, const std::optional<std::string>& bucket,
                              std::string_view action, std::string_view key = {},
                              const std::optional<std::string>& owner = {});
  bool allowed(const Call& c, const s3::Bucket& b, std::string_view action, std::string_view key) const;
  // What is blocked in the end: each setting of the account's or of the bucket's (service_account.cc).
  aws::s3::PublicAccessBlockConfiguration block_of(const s3::Bucket& b) const;
  void load_account_block();
  object::ObjectStore& store(std::string_view region) { return *stores_.at(std::string(region)); }

  // ---- reads ----
  Result<Source> fetch(const Call& c, const s3::BucketRef& b, const std::string& key,
                       const std::optional<std::string>& id);
  Result<Source> copy_source(const Call& c, const std::string& header, const s3::ReadConditions& conditions);

  // ---- writes ----
  Result<object::Version> write(const s3::Bucket& b, object::NewVersion v, const http::Body& body);
  // Sets the version id, the time and where it has to be replicated to.
  void place(const s3::Bucket& b, object::NewVersion& v);
  Result<aws::s3::DeleteObjectOutput> drop(const Call& c, const s3::Bucket& b, const std::string& key,
                                           const std::optional<std::string>& id,
                                           const std::optional<std::string>& if_match);
  Result<aws::s3::CopyObjectOutput> copy(const Call& c, const aws::s3::CopyObjectRequest& in);
  Result<aws::s3::UploadPartOutput> upload_part(const Call& c, const aws::s3::UploadPartRequest& in);
  Result<aws::s3::UploadPartCopyOutput> upload_part_copy(const Call& c,
                                                         const aws::s3::UploadPartCopyRequest& in);
  Result<aws::s3::CompleteMultipartUploadOutput> complete(const Call& c,
                                                          const aws::s3::CompleteMultipartUploadRequest& in);

  // ---- operations that are more than a few lines ----
  Result<aws::s3::CreateBucketOutput> create(const Call& c, const aws::s3::CreateBucketRequest& in);
  Result<aws::s3::PutObjectOutput> put(const Call& c, const aws::s3::PutObjectRequest& in);
  Result<aws::s3::DeleteObjectsOutput> drop_all(const Call& c, const aws::s3::DeleteObjectsRequest& in);
  Result<aws::s3::CreateMultipartUploadOutput> begin_upload(const Call& c,
                                                            const aws::s3::CreateMultipartUploadRequest& in);
  Result<aws::s3::ListPartsOutput> list_parts(const Call& c, const aws::s3::ListPartsRequest& in);
  Result<aws::s3::ListObjectsOutput> list_objects(const Call& c, const aws::s3::ListObjectsRequest& in);
  Result<aws::s3::ListObjectsV2Output> list_objects_v2(const Call& c,
                                                       const aws::s3::ListObjectsV2Request& in);
  Result<aws::s3::ListObjectVersionsOutput> list_versions(const Call& c,
                                                          const aws::s3::ListObjectVersionsRequest& in);
  Result<aws::s3::ListMultipartUploadsOutput> list_uploads(const Call& c,
                                                           const aws::s3::ListMultipartUploadsRequest& in);

  // ---- replication (service_replication.cc) ----
  void kick(const std::string& region, Millis delay);  // takes the world's lock
  void pump(const std::string& region);                // under it
  std::optional<std::string> key_of_rule(const object::Pending& p);
  // Empty: it cannot arrive now, so it stays queued. Else COMPLETED or FAILED.
  std::string deliver(const object::Pending& p, const std::string& from);
  void publish_metrics();

  // ---- lifecycle (service_lifecycle.cc) ----
  void keep_aging();              // under the world's lock: age_all now and every so often
  void age_all();                 // under it
  void age(const s3::Bucket& b);  // a worker's: does what the bucket's rules say of all that it holds
  void meet(const s3::Bucket& b, const object::Version& v, const s3::Fate& f);
  void abort_old_uploads(const s3::Bucket& b, Instant now);

  // ---- notifications (service_notifications.cc) ----
  // InvalidArgument unless all may be delivered to; takes the world's lock.
  Result<> check_destinations(const s3::Bucket& b, const aws::s3::NotificationConfiguration& c,
                              const std::string& request_id);
  // After an object's commit; returns at once and takes the world's lock.
  void notify(const Call& c, const s3::Bucket& b, std::string event, std::string reason,
              const object::Version& v);
  void hand_out(const s3::Bucket& b, const s3::Happening& h);

  s3::Buckets buckets_;
  mutable std::mutex account_lock_;  // of account_block_ alone
  std::optional<aws::s3::PublicAccessBlockConfiguration> account_block_;
  std::map<std::string, std::unique_ptr<object::ObjectStore>, std::less<>> stores_;
  std::map<std::string, Pump, std::less<>> pumps_;
  std::atomic<bool> stopping_ = false;
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  // shared with functions that the world still holds
  Authority* authority_ = nullptr;
};

}  // namespace relight::sandbox
