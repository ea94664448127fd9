// One region's objects on disk: an index in SQLite and, for all but small bodies, a file each. Thread-safe.
// Names of files are random: a key never becomes part of a path, whatever it holds.
// Errors carry S3's codes where S3 has one: NoSuchBucket, NoSuchKey, NoSuchUpload, BucketNotEmpty,
// PreconditionFailed; else Disk.Full, Disk.Failed.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "aws/http/message.h"
#include "base/result.h"
#include "base/rng.h"
#include "sandbox/planes/object/content.h"
#include "sandbox/planes/object/database.h"
#include "sandbox/planes/object/version.h"

namespace relight::sandbox::object {

class ObjectStore {
 public:
  // How many copies may wait for replication in one region; beyond it a new version is at once FAILED.
  static constexpr size_t kBacklogLimit = 1'000'000;

  // Opens or makes the store below `dir`; removes what an earlier process had staged and not committed.
  static Result<std::unique_ptr<ObjectStore>> open(const std::string& dir, Rng& rng);

  // ---- buckets: only whether they exist; what they are like is the service's ----
  Result<> add_bucket(const std::string& bucket);
  Result<> drop_bucket(
      const std::string& bucket);  // BucketNotEmpty while a version is left; uploads go with it

  // ---- bytes, before they are visible; no lock is held while they move ----
  Result<Content> stage(const http::Body& body);
  Result<Content> stage_part(const http::Body& body);  // always a file
  Result<Content> join(const std::vector<Part>& parts);

  // ---- versions ----
  // Makes v the current version. An id of kNullVersion replaces the key's null version. All or nothing.
  Result<Version> put(const NewVersion& v, Content content);
  // The version with that id, else the current one (which may be a delete marker). No value: there is none.
  Result<std::optional<Version>> find(const std::string& bucket, const std::string& key,
                                      const std::optional<std::string>& id);
  struct Found {
    Version version;
    http::Body body;  // stays readable after the version is gone
  };
  Result<std::optional<Found>> read(const std::string& bucket, const std::string& key,
                                    const std::optional<std::string>& id);
  // Removes exactly that version for good; the newest of those left becomes current. No value: there was
  // none, or with `seq` it was another write's.
  Result<std::optional<Version>> remove(const std::string& bucket, const std::string& key,
                                        const std::string& id, std::optional<int64_t> seq = {});
  // Changes a version's attributes in place. No value: as remove's.
  Result<std::optional<Version>> amend(const std::string& bucket, const std::string& key,
                                       const std::string& id, const std::function<void(Attributes&)>& change,
                                       std::optional<int64_t> seq = {});
  Result<Listing> list(const ListQuery& q);           // current versions that are not delete markers
  Result<Listing> list_versions(const ListQuery& q);  // all, newest first within a key

  // ---- multipart uploads ----
  Result<> begin_upload(const Upload& u);
  Result<Upload> upload(const std::string& bucket, const std::string& key, const std::string& id);
  Result<> put_part(const std::string& upload, Part p, Content content);  // the same number again replaces
  Result<std::vector<Part>> parts(const std::string& upload);             // by number
  Result<Version> finish_upload(const std::string& upload, const NewVersion& v, Content joined);
  Result<> abort_upload(const std::string& upload);
  Result<UploadListing> list_uploads(const ListQuery& q);  // after_version is the upload id marker

  // ---- replication: what `NewVersion::replicate` asked for and has not arrived ----
  Result<std::vector<Pending>> pending(Instant queued_before, size_t limit);
  // The oldest entry's time, if any waits.
  Result<std::optional<Instant>> oldest_pending();
  // Takes the entry off; when it was the version's last, its status becomes `status` (FAILED sticks).
  Result<> settle(const Pending& p, std::string_view status);
  Result<std::vector<Backlog>> backlog();

 private:
  explicit ObjectStore(std::string dir, Rng& rng) : dir_(std::move(dir)), rng_(rng) {}
  struct Statements;
  using Lock = std::lock_guard<std::mutex>;

  Result<> prepare();
  std::string path(const std::string& file) const { return dir_ + "/data/" + file; }
  std::string staging();
  // Below: with the lock held.
  Result<> check(const NewVersion& v, const std::optional<Version>& current) const;
  Result<Version> commit(const NewVersion& v, Content& content, const std::string& upload);
  Result<std::string> keep(Content& content);  // moves the staged file into data/; its name
  Result<> insert(Version& v, const std::string& file, const std::string& bytes);
  Result<> enqueue(const NewVersion& v, Version& made);
  Result<std::optional<Version>> current(const std::string& bucket, const std::string& key);
  Result<std::optional<Version>> exact(const std::string& bucket, const std::string& key,
                                       const std::string& id);
  Result<> erase(const Version& v, std::vector<std::string>& files);
  Result<> erase_upload(const std::string& id, std::vector<std::string>& files);
  Result<> crown(const std::string& bucket, const std::string& key);  // the newest becomes current
  Result<> save_attributes(const Version& v);
  Result<Listing> walk(const ListQuery& q, bool all);
  void unlink(const std::vector<std::string>& files);

  const std::string dir_;
  Rng& rng_;
  std::mutex lock_;
  Database db_;
  std::shared_ptr<Statements> sql_;  // shared only so that the type may stay in the .cc files
  std::set<std::string, std::less<>> buckets_;
  size_t backlog_ = 0;
};

}  // namespace relight::sandbox::object
