#include "sandbox/planes/object/statements.h"

namespace relight::sandbox::object {
namespace {

std::unexpected<Error> no_upload(const std::string& id) {
  Error e;
  e.code = "NoSuchUpload";
  e.message =
      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
      "aborted or "
      "completed.";
  e.resource = id;
  e.http_status = 404;
  return fail(std::move(e));
}

}  // namespace

Result<> ObjectStore::begin_upload(const Upload& u) {
  Lock g(lock_);
  if (!buckets_.contains(u.bucket)) {
    Error e;
    e.code = "NoSuchBucket";
    e.message = "The specified bucket does not exist";
    e.http_status = 404;
    return fail(std::move(e));
  }
  std::string packed = pack(u.attributes);
  return sql_->add_upload.bind(u.id, u.bucket, u.key, millis(u.initiated), packed).run();
}

Result<Upload> ObjectStore::upload(const std::string& bucket, const std::string& key, const std::string& id) {
  Lock g(lock_);
  auto& s = sql_->upload.bind(id);
  TRY_ASSIGN(bool found, s.row());
  Upload u;
  if (found) u = {s.text(0), s.text(1), s.text(2), instant(s.number(3)), unpack(s.text(4))};
  s.reset();
  if (!found || u.bucket != bucket || u.key != key) return no_upload(id);
  return u;
}

Result<> ObjectStore::put_part(const std::string& upload, Part p, Content content) {
  Lock g(lock_);
  Transaction t(db_);
  TRY(t.began());
  TRY_ASSIGN(bool stands, sql_->upload.bind(upload).row());
  sql_->upload.reset();
  if (!stands) return no_upload(upload);
  TRY_ASSIGN(bool replaces, sql_->part_file.bind(upload, p.number).row());
  std::string old = replaces ? sql_->part_file.text(0) : "";
  sql_->part_file.reset();
  TRY_ASSIGN(p.file, keep(content));
  std::string packed = pack(p.attributes);
  auto done =
      sql_->put_part.bind(upload, p.number, content.size, p.etag, millis(p.modified), packed, p.file).run();
  if (done) done = t.commit();
  unlink({done ? old : p.file});
  return done;
}

Result<std::vector<Part>> ObjectStore::parts(const std::string& upload) {
  Lock g(lock_);
  std::vector<Part> out;
  auto& s = sql_->parts.bind(upload);
  for (;;) {
    TRY_ASSIGN(bool more, s.row());
    if (!more) break;
    out.push_back({static_cast<int>(s.number(0)), static_cast<uint64_t>(s.number(1)), s.text(2),
                   instant(s.number(3)), unpack(s.text(4)), s.text(5)});
  }
  s.reset();
  return out;
}

Result<Version> ObjectStore::finish_upload(const std::string& upload, const NewVersion& v, Content joined) {
  Lock g(lock_);
  TRY_ASSIGN(bool stands, sql_->upload.bind(upload).row());
  sql_->upload.reset();
  if (!stands) return no_upload(upload);
  return commit(v, joined, upload);
}

Result<> ObjectStore::erase_upload(const std::string& id, std::vector<std::string>& files) {
  auto& s = sql_->parts.bind(id);
  for (;;) {
    TRY_ASSIGN(bool more, s.row());
    if (!more) break;
    files.push_back(s.text(5));
  }
  s.reset();
  TRY(sql_->erase_parts.bind(id).run());
  return sql_->erase_upload.bind(id).run();
}

Result<> ObjectStore::abort_upload(const std::string& upload) {
  Lock g(lock_);
  std::vector<std::string> files;
  Transaction t(db_);
  TRY(t.began());
  TRY_ASSIGN(bool stands, sql_->upload.bind(upload).row());
  sql_->upload.reset();
  if (!stands) return no_upload(upload);
  TRY(erase_upload(upload, files));
  TRY(t.commit());
  unlink(files);
  return {};
}

}  // namespace relight::sandbox::object
