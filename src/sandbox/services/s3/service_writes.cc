// PutObject, DeleteObject, DeleteObjects, CopyObject.
#include <fmt/format.h>

#include "base/bytes.h"
#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/replication.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
namespace model = aws::s3;
using s3::refuse;
namespace {

constexpr uint64_t kPutLimit = 5ull << 30;

// "Error Responses": what a conditional write answers when something else changed the object meanwhile.
std::unexpected<Error> conflict() {
  return refuse(
      "ConditionalRequestConflict",
      "The conditional request cannot succeed due to a conflicting operation against this resource.", 409);
}

Result<object::Expect> expectation(const std::optional<std::string>& if_match,
                                   const std::optional<std::string>& if_none_match) {
  object::Expect e;
  if (if_none_match && *if_none_match != "*")
    return refuse("NotImplemented", "A header you provided implies functionality that is not implemented",
                  501);
  if (if_none_match && if_match)
    return refuse("NotImplemented", "A header you provided implies functionality that is not implemented",
                  501);
  e.absent = if_none_match.has_value();
  if (if_match) e.etag = s3::unquoted(*if_match);
  return e;
}

// The canned ACLs that say nothing beyond the owner's full control, as PutObject's ACL header.
Result<> check_object_acl(const s3::Bucket& b, const std::optional<std::string>& acl) {
  if (!acl || *acl == "private" || *acl == "bucket-owner-full-control") return {};
  if (b.acls_disabled) return refuse("AccessControlListNotSupported", "The bucket does not allow ACLs");
  if (*b.block.BlockPublicAcls && acl->starts_with("public-"))
    return refuse("AccessDenied", "Access Denied", 403);
  return {};
}

std::string_view trailer_of(const Call& c) {
  return c.raw ? c.raw->headers.value("x-amz-trailer") : std::string_view{};
}

}  // namespace

void S3Service::place(const s3::Bucket& b, object::NewVersion& v) {
  v.bucket = b.name;
  v.id = b.versioned() ? world_.rng.hex(32) : std::string(object::kNullVersion);
  v.modified = world_.clock.now();
  if (b.versioned()) v.replicate = s3::destinations(b, buckets_, v);
}

Result<object::Version> S3Service::write(const s3::Bucket& b, object::NewVersion v, const http::Body& body) {
  auto& objects = store(b.region);
  if (v.expect.etag) {  // judged again at the commit; what goes in between is a conflict
    TRY_ASSIGN(auto now, objects.find(b.name, v.key, {}));
    if (!now || now->marker) return refuse("NoSuchKey", "The specified key does not exist.", 404);
  }
  TRY_ASSIGN(object::Content content, objects.stage(body));
  place(b, v);
  auto made = objects.put(v, std::move(content));
  if (!made && v.expect.etag && made.error().code == "NoSuchKey") return conflict();
  if (made && !v.replicate.empty()) kick(b.region, Millis{world_.settings.wan_one_way_ms});
  return made;
}

Result<model::DeleteObjectOutput> S3Service::drop(const Call& c, const s3::Bucket& b, const std::string& key,
                                                  const std::optional<std::string>& id,
                                                  const std::optional<std::string>& if_match) {
  TRY(s3::check_key(key));
  auto& objects = store(b.region);
  model::DeleteObjectOutput out;
  if (!allowed(c, b, id ? "s3:DeleteObjectVersion" : "s3:DeleteObject", key))
    return refuse("AccessDenied", "Access Denied", 403);
  if (id) {
    TRY_ASSIGN(auto gone, objects.remove(b.name, key, *id));
    out.VersionId = *id;
    if (gone && gone->marker) out.DeleteMarker = true;
    if (gone) notify(c, b, "ObjectRemoved:Delete", "DeleteObject", *gone);
    return out;
  }
  if (b.versioning.empty()) {
    if (if_match) {
      TRY_ASSIGN(auto now, objects.find(b.name, key, {}));
      if (!now) return refuse("NoSuchKey", "The specified key does not exist.", 404);
      TRY(s3::check_read({.if_match = if_match}, now->etag, now->modified));
    }
    TRY_ASSIGN(auto gone, objects.remove(b.name, key, std::string(object::kNullVersion)));
    if (gone) notify(c, b, "ObjectRemoved:Delete", "DeleteObject", *gone);
    return out;
  }
  object::NewVersion marker{.key = key, .marker = true};
  if (if_match) marker.expect.etag = s3::unquoted(*if_match);
  place(b, marker);
  TRY_ASSIGN(object::Version made, objects.put(marker, {}));
  if (!marker.replicate.empty()) kick(b.region, Millis{world_.settings.wan_one_way_ms});
  notify(c, b, "ObjectRemoved:DeleteMarkerCreated", "DeleteObject", made);
  out.DeleteMarker = true;
  out.VersionId = made.id;
  return out;
}

Result<S3Service::Source> S3Service::copy_source(const Call& c, const std::string& header,
                                                 const s3::ReadConditions& conditions) {
  std::string_view h = header;
  if (h.starts_with('/')) h.remove_prefix(1);
  std::optional<std::string> id;
  if (size_t q = h.find("?versionId="); q != h.npos) {
    id = percent_decode(h.substr(q + 11));
    h = h.substr(0, q);
  }
  std::string path = percent_decode(h);
  size_t slash = path.find('/');
  if (slash == path.npos || slash == 0)
    return refuse("InvalidArgument",
                  "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  std::string bucket = path.substr(0, slash), key = path.substr(slash + 1);
  s3::BucketRef from = buckets_.find(bucket);
  if (!from) return refuse("NoSuchBucket", "The specified bucket does not exist", 404);
  if (from->region != c.region && !world_.links().connected(from->region, c.region))
    return refuse("ServiceUnavailable",
                  "The source bucket's region cannot be reached. Reduce your request rate.", 503);
  Call at = c;
  at.region = from->region;
  TRY_ASSIGN(auto b, enter(at, bucket, id ? "s3:GetObjectVersion" : "s3:GetObject", key));
  auto s = fetch(at, b, key, id);
  if (!s && s.error().code == "MethodNotAllowed")
    return refuse(
        "InvalidRequest",
        "The source of a copy request may not specifically refer to a delete marker by version id.");
  if (!s) return s;
  TRY(s3::check_read(conditions, s->version.etag, s->version.modified, true));
  TRY(s3::check_readable(s->version.attributes));
  return s;
}

namespace {

// What the copy carries: the source's own, or what the request says in its place.
Result<s3::Attributes> copied_attributes(const model::CopyObjectRequest& in, const s3::Attributes& source,
                                         const s3::Bucket& to) {
  s3::Attributes a;
  std::string metadata = in.MetadataDirective.value_or("COPY"),
              tagging = in.TaggingDirective.value_or("COPY");
  if ((metadata != "COPY" && metadata != "REPLACE") || (tagging != "COPY" && tagging != "REPLACE"))
    return refuse("InvalidArgument", "Unknown metadata directive.");
  TRY(s3::put_storage(in, to.encryption, a));
  if (metadata == "REPLACE") TRY(s3::put_system(in, a));
  for (auto& [k, v] : source) {
    bool tag = k.starts_with("tag:");
    bool storage =
        k == "storage-class" || k == "sse" || k == "kms-key" || k == "parts" || k == object::kReplication;
    bool checksum = k.starts_with("checksum:");
    if (storage || checksum) continue;
    if (tag ? tagging == "COPY" : metadata == "COPY") a.emplace(k, v);
  }
  if (tagging == "REPLACE" && in.Tagging) TRY(s3::put_tagging_header(*in.Tagging, a));
  return a;
}

bool changes_nothing(const model::CopyObjectRequest& in) {
  return in.MetadataDirective.value_or("COPY") == "COPY" && !in.StorageClass && !in.ServerSideEncryption &&
         !in.WebsiteRedirectLocation;
}

}  // namespace

Result<model::CopyObjectOutput> S3Service::copy(const Call& c, const model::CopyObjectRequest& in) {
  std::string key = in.Key.value_or("");
  TRY(s3::check_key(key));
  TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutObject", key, in.ExpectedBucketOwner));
  TRY(check_object_acl(*b, in.ACL));
  TRY_ASSIGN(Source s, copy_source(c, in.CopySource.value_or(""),
                                   {in.CopySourceIfMatch, in.CopySourceIfNoneMatch,
                                    in.CopySourceIfModifiedSince, in.CopySourceIfUnmodifiedSince}));
  if (s.version.size > kPutLimit)
    return refuse(
        "InvalidRequest",
        "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120");
  if (s.bucket->name == b->name && s.version.key == key && s.version.latest && changes_nothing(in))
    return refuse(
        "InvalidRequest",
        "This copy request is illegal because it is trying to copy an object to itself without changing the "
        "object's metadata, storage class, website redirect location or encryption attributes.");
  TRY_ASSIGN(s3::Attributes a, copied_attributes(in, s.version.attributes, *b));
  for (auto& name : s3::kChecksums) {
    bool wanted = in.ChecksumAlgorithm == name.algorithm || s.version.attributes.contains(name.attribute);
    TRY(s3::check_checksum(name, {}, wanted, s.body, a));
  }
  object::NewVersion v{.key = key, .etag = s.version.etag, .attributes = std::move(a)};
  if (v.etag.find('-') != v.etag.npos) {  // a multipart source becomes one part
    TRY_ASSIGN(std::string digest, object::md5_of(s.body));
    v.etag = hex(digest);
  }
  TRY_ASSIGN(object::Version made, write(*b, std::move(v), s.body));
  notify(c, *b, "ObjectCreated:Copy", "CopyObject", made);
  CopyObject::Output out;
  auto& r = out.CopyObjectResult.emplace();
  r.ETag = s3::quoted(made.etag);
  r.LastModified = made.modified;
  s3::get_checksums(made.attributes, r);
  s3::get_encryption(made.attributes, out);
  if (!s.bucket->versioning.empty()) out.CopySourceVersionId = s.version.id;
  if (!b->versioning.empty()) out.VersionId = made.id;
  out.Expiration = s3::expiration_header(*b, made);
  return out;
}

Result<model::DeleteObjectsOutput> S3Service::drop_all(const Call& c, const model::DeleteObjectsRequest& in) {
  auto objects = in.Delete ? in.Delete->Objects.value_or(std::vector<model::ObjectIdentifier>{})
                           : std::vector<model::ObjectIdentifier>{};
  if (objects.empty() || objects.size() > 1000)
    return refuse(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema");
  s3::BucketRef b = buckets_.find(in.Bucket.value_or(""));
  if (!b || b->region != c.region || in.ExpectedBucketOwner)
    TRY(enter(c, in.Bucket, "s3:DeleteObject", objects.front().Key.value_or(""), in.ExpectedBucketOwner));
  bool quiet = in.Delete->Quiet.value_or(false);
  DeleteObjects::Output out;
  for (auto& o : objects) {
    auto r = drop(c, *b, o.Key.value_or(""), o.VersionId, {});
    if (!r) {
      if (!out.Errors) out.Errors.emplace();
      out.Errors->push_back(
          {.Key = o.Key, .VersionId = o.VersionId, .Code = r.error().code, .Message = r.error().message});
    } else if (!quiet) {
      if (!out.Deleted) out.Deleted.emplace();
      model::DeletedObject d{.Key = o.Key, .VersionId = o.VersionId, .DeleteMarker = r->DeleteMarker};
      if (r->DeleteMarker) d.DeleteMarkerVersionId = r->VersionId;
      out.Deleted->push_back(std::move(d));
    }
  }
  return out;
}

Result<model::PutObjectOutput> S3Service::put(const Call& c, const model::PutObjectRequest& in) {
  std::string key = in.Key.value_or("");
  TRY(s3::check_key(key));
  TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutObject", key, in.ExpectedBucketOwner));
  TRY(check_object_acl(*b, in.ACL));
  static const http::Body kEmpty;
  const http::Body& body = in.Body ? *in.Body : kEmpty;
  if (body.size() > kPutLimit)
    return refuse("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
  object::NewVersion v{.key = key};
  TRY_ASSIGN(v.expect, expectation(in.IfMatch, in.IfNoneMatch));
  TRY(s3::put_system(in, v.attributes));
  TRY(s3::put_storage(in, b->encryption, v.attributes));
  if (in.Tagging) TRY(s3::put_tagging_header(*in.Tagging, v.attributes));
  TRY_ASSIGN(std::string md5, object::md5_of(body));
  TRY(s3::check_digests(in, body, md5, trailer_of(c), v.attributes));
  v.etag = hex(md5);
  TRY_ASSIGN(object::Version made, write(*b, std::move(v), body));
  notify(c, *b, "ObjectCreated:Put", "PutObject", made);
  PutObject::Output out;
  out.ETag = s3::quoted(made.etag);
  out.Expiration = s3::expiration_header(*b, made);
  if (!b->versioning.empty()) out.VersionId = made.id;
  s3::get_checksums(made.attributes, out);
  s3::get_encryption(made.attributes, out);
  return out;
}

void S3Service::register_writes() {
  on<PutObject>([this](const Call& c, const PutObject::Input& in) { return put(c, in); });
  on<CopyObject>([this](const Call& c, const CopyObject::Input& in) { return copy(c, in); });

  on<DeleteObject>([this](const Call& c, const DeleteObject::Input& in) -> Result<DeleteObject::Output> {
    std::string key = in.Key.value_or("");
    std::string_view action = in.VersionId ? "s3:DeleteObjectVersion" : "s3:DeleteObject";
    TRY_ASSIGN(auto b, enter(c, in.Bucket, action, key, in.ExpectedBucketOwner));
    return drop(c, *b, key, in.VersionId, in.IfMatch);
  });

  on<DeleteObjects>([this](const Call& c, const DeleteObjects::Input& in) { return drop_all(c, in); });
}

}  // namespace relight::sandbox
