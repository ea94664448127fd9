#include "sandbox/planes/object/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/bytes.h"
#include "sandbox/planes/object/statements.h"

namespace relight::sandbox::object {
namespace {

Error no_bucket(const std::string& bucket) {
  Error e;
  e.code = "NoSuchBucket";
  e.message = "The specified bucket does not exist";
  e.resource = bucket;
  e.http_status = 404;
  return e;
}

std::unexpected<Error> refused(std::string_view code, std::string_view message, int status) {
  Error e;
  e.code = code;
  e.message = message;
  e.http_status = status;
  return fail(std::move(e));
}

}  // namespace

Result<std::unique_ptr<ObjectStore>> ObjectStore::open(const std::string& dir, Rng& rng) {
  std::unique_ptr<ObjectStore> s(new ObjectStore(dir, rng));
  std::error_code ec;
  std::filesystem::remove_all(dir + "/staged", ec);
  std::filesystem::create_directories(dir + "/staged", ec);
  std::filesystem::create_directories(dir + "/data", ec);
  if (ec) return fail("Disk.Failed", dir + ": " + ec.message());
  TRY(s->prepare());
  return s;
}

Result<> ObjectStore::prepare() {
  TRY(db_.open(dir_ + "/index.db", kSchema));
  sql_ = std::make_shared<Statements>(db_);
  auto& names = sql_->buckets.bind();
  for (;;) {
    TRY_ASSIGN(bool more, names.row());
    if (!more) break;
    buckets_.insert(names.text(0));
  }
  TRY(sql_->backlog_size.bind().row());
  backlog_ = static_cast<size_t>(sql_->backlog_size.number(0));
  sql_->backlog_size.reset();
  return {};
}

std::string ObjectStore::staging() {
  Lock g(lock_);
  return dir_ + "/staged/" + rng_.hex(32);
}

void ObjectStore::unlink(const std::vector<std::string>& files) {
  for (auto& f : files)
    if (!f.empty()) ::unlink(path(f).c_str());
}

// ---- buckets ----

Result<> ObjectStore::add_bucket(const std::string& bucket) {
  Lock g(lock_);
  TRY(sql_->add_bucket.bind(bucket).run());
  buckets_.insert(bucket);
  return {};
}

Result<> ObjectStore::drop_bucket(const std::string& bucket) {
  Lock g(lock_);
  TRY_ASSIGN(bool any, sql_->any.bind(bucket).row());
  sql_->any.reset();
  if (any) return refused("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
  std::vector<std::string> ids, files;
  auto& s = sql_->uploads_in.bind(bucket);
  for (;;) {
    TRY_ASSIGN(bool more, s.row());
    if (!more) break;
    ids.push_back(s.text(0));
  }
  s.reset();
  Transaction t(db_);
  TRY(t.began());
  for (auto& id : ids) TRY(erase_upload(id, files));
  TRY(sql_->drop_bucket.bind(bucket).run());
  TRY(t.commit());
  buckets_.erase(bucket);
  unlink(files);
  return {};
}

// ---- bytes ----

Result<Content> ObjectStore::stage(const http::Body& body) {
  if (body.size() > kInlineLimit) return stage_file(body, staging());
  Content c;
  c.size = body.size();
  TRY_ASSIGN(c.bytes, body.read());
  return c;
}
Result<Content> ObjectStore::stage_part(const http::Body& body) { return stage_file(body, staging()); }

Result<Content> ObjectStore::join(const std::vector<Part>& parts) {
  std::vector<std::string> files;
  for (auto& p : parts) files.push_back(path(p.file));
  return stage_joined(files, staging());
}

Result<std::string> ObjectStore::keep(Content& content) {
  if (content.file.empty()) return std::string();
  std::string h = rng_.hex(32);
  std::string name = h.substr(0, 2) + "/" + h.substr(2);
  int moved = ::rename(content.file.c_str(), path(name).c_str());
  if (moved != 0 && errno == ENOENT) {  // the first file of its folder
    ::mkdir((dir_ + "/data/" + h.substr(0, 2)).c_str(), 0700);
    moved = ::rename(content.file.c_str(), path(name).c_str());
  }
  if (moved != 0)
    return refused("Disk.Failed", std::string("an object's file could not be moved: ") + std::strerror(errno),
                   500);
  content.taken();
  return name;
}

// ---- versions ----

Result<std::optional<Version>> ObjectStore::current(const std::string& bucket, const std::string& key) {
  auto& s = sql_->current.bind(bucket, key);
  TRY_ASSIGN(bool found, s.row());
  std::optional<Version> v;
  if (found) v = version_of(s);
  s.reset();
  return v;
}

Result<std::optional<Version>> ObjectStore::exact(const std::string& bucket, const std::string& key,
                                                  const std::string& id) {
  auto& s = sql_->exact.bind(bucket, key, id);
  TRY_ASSIGN(bool found, s.row());
  std::optional<Version> v;
  if (found) v = version_of(s);
  s.reset();
  return v;
}

// "How to prevent object overwrites with conditional writes", S3 User Guide.
Result<> ObjectStore::check(const NewVersion& v, const std::optional<Version>& current) const {
  bool stands = current && !current->marker;
  if (v.expect.absent && stands)
    return refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
                   412);
  if (v.expect.seq && (!current || current->seq != *v.expect.seq))
    return refused("PreconditionFailed", "the key's current version is another write's", 412);
  if (!v.expect.etag) return {};
  if (!stands) return refused("NoSuchKey", "The specified key does not exist.", 404);
  if (*v.expect.etag != current->etag && *v.expect.etag != "*")
    return refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
                   412);
  return {};
}

Result<Version> ObjectStore::put(const NewVersion& v, Content content) {
  Lock g(lock_);
  return commit(v, content, {});
}

Result<Version> ObjectStore::commit(const NewVersion& v, Content& content, const std::string& upload) {
  if (!buckets_.contains(v.bucket)) return fail(no_bucket(v.bucket));
  Transaction t(db_);
  TRY(t.began());
  TRY_ASSIGN(std::optional<Version> before, current(v.bucket, v.key));
  TRY(check(v, before));
  std::vector<std::string> gone;
  if (v.id == kNullVersion) {
    TRY_ASSIGN(std::optional<Version> null, before && before->id == v.id
                                                ? Result<std::optional<Version>>(before)
                                                : exact(v.bucket, v.key, v.id));
    if (null) TRY(erase(*null, gone));
    if (before && null && before->seq == null->seq) before.reset();
  }
  if (before) TRY(sql_->dethrone.bind(v.bucket, v.key).run());
  Version made{.bucket = v.bucket,
               .key = v.key,
               .id = v.id,
               .latest = true,
               .marker = v.marker,
               .size = content.size,
               .etag = v.etag,
               .modified = v.modified,
               .attributes = v.attributes};
  size_t backlog = backlog_;
  if (!v.replicate.empty()) TRY(enqueue(v, made));
  TRY_ASSIGN(std::string file, keep(content));
  Result<> done = insert(made, file, content.bytes);
  if (done && !upload.empty()) done = erase_upload(upload, gone);
  if (done) done = t.commit();
  if (!done) {
    backlog_ = backlog;
    unlink({file});
    return fail(done.error());
  }
  unlink(gone);
  return made;
}

Result<> ObjectStore::insert(Version& v, const std::string& file, const std::string& bytes) {
  std::string packed = pack(v.attributes);
  TRY(sql_->insert.bind(v.bucket, v.key, v.id, v.marker, v.size, v.etag, millis(v.modified), packed, file)
          .run());
  v.seq = db_.last_row();
  if (!bytes.empty()) TRY(sql_->add_body.bind(v.seq, bytes).run());
  return {};
}

Result<> ObjectStore::erase(const Version& v, std::vector<std::string>& files) {
  TRY(sql_->file_of.bind(v.seq).row());
  std::string file = sql_->file_of.text(0);
  sql_->file_of.reset();
  if (!file.empty())
    files.push_back(std::move(file));
  else
    TRY(sql_->erase_body.bind(v.seq).run());
  TRY(sql_->erase.bind(v.seq).run());
  if (v.attributes.contains(kReplication)) {
    TRY(sql_->forget.bind(v.bucket, v.key, v.id).run());
    backlog_ -= std::min(backlog_, static_cast<size_t>(db_.changes()));
  }
  return {};
}

Result<> ObjectStore::crown(const std::string& bucket, const std::string& key) {
  return sql_->crown.bind(bucket, key).run();
}

Result<std::optional<Version>> ObjectStore::find(const std::string& bucket, const std::string& key,
                                                 const std::optional<std::string>& id) {
  Lock g(lock_);
  return id ? exact(bucket, key, *id) : current(bucket, key);
}

Result<std::optional<ObjectStore::Found>> ObjectStore::read(const std::string& bucket, const std::string& key,
                                                            const std::optional<std::string>& id) {
  Lock g(lock_);
  auto& s = id ? sql_->exact.bind(bucket, key, *id) : sql_->current.bind(bucket, key);
  TRY_ASSIGN(bool stands, s.row());
  if (!stands) {
    s.reset();
    return std::optional<Found>();
  }
  Found f{version_of(s), {}};
  std::string file = s.text(10);
  s.reset();
  if (!file.empty()) {
    TRY_ASSIGN(http::FileSlice slice, http::open_slice(path(file)));
    f.body = http::Body(std::move(slice));
  } else if (f.version.size > 0) {
    TRY(sql_->body.bind(f.version.seq).row());
    f.body = http::Body(sql_->body.text(0));
    sql_->body.reset();
  }
  return std::optional<Found>(std::move(f));
}

Result<std::optional<Version>> ObjectStore::remove(const std::string& bucket, const std::string& key,
                                                   const std::string& id, std::optional<int64_t> seq) {
  Lock g(lock_);
  Transaction t(db_);
  TRY(t.began());
  TRY_ASSIGN(std::optional<Version> v, exact(bucket, key, id));
  if (!v || (seq && v->seq != *seq)) return std::optional<Version>();
  std::vector<std::string> files;
  TRY(erase(*v, files));
  if (v->latest) TRY(crown(bucket, key));
  TRY(t.commit());
  unlink(files);
  return v;
}

Result<> ObjectStore::save_attributes(const Version& v) {
  std::string packed = pack(v.attributes);
  return sql_->attributes.bind(v.seq, packed).run();
}

Result<std::optional<Version>> ObjectStore::amend(const std::string& bucket, const std::string& key,
                                                  const std::string& id,
                                                  const std::function<void(Attributes&)>& change,
                                                  std::optional<int64_t> seq) {
  Lock g(lock_);
  TRY_ASSIGN(std::optional<Version> v, exact(bucket, key, id));
  if (!v || (seq && v->seq != *seq)) return std::optional<Version>();
  change(v->attributes);
  TRY(save_attributes(*v));
  return v;
}

}  // namespace relight::sandbox::object
