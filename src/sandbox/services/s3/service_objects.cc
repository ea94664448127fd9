// GetObject, HeadObject, GetObjectAttributes.
#include <charconv>

#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
namespace model = aws::s3;
using s3::refuse;
namespace {

template <class In>
s3::ReadConditions conditions_of(const In& in) {
  return {in.IfMatch, in.IfNoneMatch, in.IfModifiedSince, in.IfUnmodifiedSince};
}

std::vector<uint64_t> part_sizes(const s3::Attributes& a) {
  std::vector<uint64_t> out;
  std::string text = s3::value_of(a, "parts").value_or("");
  const char *p = text.data(), *end = p + text.size();
  while (p < end) {
    uint64_t n = 0;
    p = std::from_chars(p, end, n).ptr + 1;
    out.push_back(n);
  }
  return out;
}

// What of the object is asked for: by Range, by part number, or all of it.
template <class In>
Result<std::optional<s3::Range>> range_of(const In& in, const object::Version& v) {
  if (in.Range && in.PartNumber)
    return refuse("InvalidRequest", "Cannot specify both Range header and partNumber query parameter");
  if (in.Range) return s3::parse_range(*in.Range, v.size);
  std::optional<s3::Range> r;
  if (!in.PartNumber) return r;
  auto sizes = part_sizes(v.attributes);
  if (sizes.empty()) sizes = {v.size};
  auto n = static_cast<size_t>(*in.PartNumber);
  if (*in.PartNumber < 1 || n > sizes.size())
    return refuse("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
  r = s3::Range{0, sizes[n - 1]};
  for (size_t i = 0; i + 1 < n; ++i) r->offset += sizes[i];
  return r;
}

template <class Out>
void describe(const s3::Bucket& b, const object::Version& v, bool checksums, Out& out) {
  s3::get_system(v.attributes, out);
  out.AcceptRanges = "bytes";
  out.ETag = s3::quoted(v.etag);
  out.LastModified = v.modified;
  out.ContentLength = static_cast<int64_t>(v.size);
  if (!b.versioning.empty()) out.VersionId = v.id;
  out.Expiration = s3::expiration_header(b, v);
  if (checksums) s3::get_checksums(v.attributes, out);
}

template <class In, class Out>
void override_headers(const In& in, Out& out) {
  auto take = [](const auto& from, auto& to) {
    if (from) to = from;
  };
  take(in.ResponseCacheControl, out.CacheControl);
  take(in.ResponseContentDisposition, out.ContentDisposition);
  take(in.ResponseContentEncoding, out.ContentEncoding);
  take(in.ResponseContentLanguage, out.ContentLanguage);
  take(in.ResponseContentType, out.ContentType);
  take(in.ResponseExpires, out.Expires);
}

http::Body slice(const http::Body& body, const s3::Range& r) {
  if (auto* m = body.memory()) return http::Body(m->substr(r.offset, r.size));
  return http::Body(http::FileSlice{body.file()->fd, body.file()->offset + r.offset, r.size});
}

std::string content_range(const s3::Range& r, uint64_t size) {
  return "bytes " + std::to_string(r.offset) + "-" + std::to_string(r.offset + r.size - 1) + "/" +
         std::to_string(size);
}

}  // namespace

Result<S3Service::Source> S3Service::fetch(const Call& c, const s3::BucketRef& b, const std::string& key,
                                           const std::optional<std::string>& id) {
  TRY(s3::check_key(key));
  TRY_ASSIGN(auto found, store(b->region).read(b->name, key, id));
  bool gone = !found || (found->version.marker && !id);
  // Who may not list learns nothing about what is not there ("GetObject", Permissions).
  if (gone && c.principal == "anonymous" && !allowed(c, *b, "s3:ListBucket", {}))
    return refuse("AccessDenied", "Access Denied", 403);
  if (!found && id) return refuse("NoSuchVersion", "The specified version does not exist.", 404);
  if (gone) return refuse("NoSuchKey", "The specified key does not exist.", 404);
  if (found->version.marker)
    return refuse("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
  return Source{std::move(found->version), std::move(found->body), b};
}

void S3Service::register_objects() {
  on<GetObject>([this](const Call& c, const GetObject::Input& in) -> Result<GetObject::Output> {
    std::string_view action = in.VersionId ? "s3:GetObjectVersion" : "s3:GetObject";
    TRY_ASSIGN(auto b, enter(c, in.Bucket, action, in.Key.value_or(""), in.ExpectedBucketOwner));
    TRY_ASSIGN(Source s, fetch(c, b, in.Key.value_or(""), in.VersionId));
    TRY(s3::check_read(conditions_of(in), s.version.etag, s.version.modified));
    TRY(s3::check_readable(s.version.attributes));
    TRY_ASSIGN(auto range, range_of(in, s.version));
    GetObject::Output out;
    describe(*b, s.version, in.ChecksumMode == "ENABLED" && !range, out);
    if (auto n = s3::tags_of(s.version.attributes).size(); n > 0) out.TagCount = static_cast<int32_t>(n);
    override_headers(in, out);
    if (in.PartNumber)
      if (auto n = part_sizes(s.version.attributes).size(); n > 0) out.PartsCount = static_cast<int32_t>(n);
    if (range && range->size > 0) {
      out.ContentRange = content_range(*range, s.version.size);
      out.ContentLength = static_cast<int64_t>(range->size);
      out.Body = slice(s.body, *range);
    } else {
      out.Body = std::move(s.body);
    }
    return out;
  });

  on<HeadObject>([this](const Call& c, const HeadObject::Input& in) -> Result<HeadObject::Output> {
    std::string_view action = in.VersionId ? "s3:GetObjectVersion" : "s3:GetObject";
    TRY_ASSIGN(auto b, enter(c, in.Bucket, action, in.Key.value_or(""), in.ExpectedBucketOwner));
    TRY_ASSIGN(Source s, fetch(c, b, in.Key.value_or(""), in.VersionId));
    TRY(s3::check_read(conditions_of(in), s.version.etag, s.version.modified));
    TRY_ASSIGN(auto range, range_of(in, s.version));
    HeadObject::Output out;
    describe(*b, s.version, in.ChecksumMode == "ENABLED" && !range, out);
    if (range) out.ContentLength = static_cast<int64_t>(range->size);
    if (in.PartNumber)
      if (auto n = part_sizes(s.version.attributes).size(); n > 0) out.PartsCount = static_cast<int32_t>(n);
    return out;
  });

  on<GetObjectAttributes>(
      [this](const Call& c, const GetObjectAttributes::Input& in) -> Result<GetObjectAttributes::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:GetObjectAttributes", in.Key.value_or(""),
                                 in.ExpectedBucketOwner));
        TRY_ASSIGN(Source s, fetch(c, b, in.Key.value_or(""), in.VersionId));
        GetObjectAttributes::Output out;
        out.LastModified = s.version.modified;
        if (!b->versioning.empty()) out.VersionId = s.version.id;
        for (auto& what : in.ObjectAttributes.value_or(std::vector<std::string>{})) {
          if (what == "ETag") out.ETag = s.version.etag;
          if (what == "ObjectSize") out.ObjectSize = static_cast<int64_t>(s.version.size);
          if (what == "StorageClass")
            out.StorageClass = s3::value_of(s.version.attributes, "storage-class").value_or("STANDARD");
          if (what == "Checksum") s3::get_checksums(s.version.attributes, out.Checksum.emplace());
          auto sizes = part_sizes(s.version.attributes);
          if (what == "ObjectParts" && !sizes.empty())
            out.ObjectParts.emplace().TotalPartsCount = static_cast<int32_t>(sizes.size());
        }
        return out;
      });
}

}  // namespace relight::sandbox
