// Multipart uploads: create, upload and copy parts, list, complete, abort.
#include <algorithm>

#include "base/bytes.h"
#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/owner.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
namespace model = aws::s3;
using s3::refuse;
namespace {

constexpr uint64_t kSmallestPart = 5ull << 20;  // all but the last ("Amazon S3 multipart upload limits")
constexpr uint64_t kLargestPart = 5ull << 30;

Result<> check_part_number(const std::optional<int32_t>& n) {
  if (n && *n >= 1 && *n <= 10000) return {};
  return refuse("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
}

std::unexpected<Error> malformed() {
  return refuse("MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema");
}
std::unexpected<Error> invalid_part() {
  return refuse(
      "InvalidPart",
      "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
      "specified entity tag may not match the part's entity tag.");
}

const std::optional<std::string>& given_checksum(const model::CompletedPart& p, object::Checksum kind) {
  switch (kind) {
    case object::Checksum::kCrc32:
      return p.ChecksumCRC32;
    case object::Checksum::kCrc32c:
      return p.ChecksumCRC32C;
    case object::Checksum::kSha1:
      return p.ChecksumSHA1;
    default:
      return p.ChecksumSHA256;
  }
}

// The stored parts that the request names, in its order; every one must be what the client believes it to be.
Result<std::vector<object::Part>> chosen_parts(const std::vector<model::CompletedPart>& named,
                                               const std::vector<object::Part>& stored) {
  std::vector<object::Part> out;
  int last = 0;
  for (auto& n : named) {
    int number = n.PartNumber.value_or(0);
    if (number <= last)
      return refuse("InvalidPartOrder",
                    "The list of parts was not in ascending order. Parts must be ordered by part number.");
    last = number;
    auto it = std::ranges::find(stored, number, &object::Part::number);
    if (it == stored.end() || s3::unquoted(n.ETag.value_or("")) != it->etag) return invalid_part();
    for (auto& c : s3::kChecksums) {
      auto& given = given_checksum(n, c.kind);
      if (given && given != s3::value_of(it->attributes, c.attribute)) return invalid_part();
    }
    if (!out.empty() && out.back().size < kSmallestPart)
      return refuse("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
    out.push_back(*it);
  }
  return out;
}

// "Checking object integrity": a multipart object's checksum is the checksum of its parts' checksums, and
// "-N".
Result<> put_composite(const std::vector<object::Part>& parts, s3::Attributes& a) {
  auto algorithm = s3::value_of(a, "checksum-algorithm");
  a.erase("checksum-algorithm");
  auto* name = algorithm ? s3::checksum_named(*algorithm) : nullptr;
  if (!name) return {};
  std::string all;
  for (auto& p : parts) {
    TRY_ASSIGN(std::string raw, unbase64(s3::value_of(p.attributes, name->attribute).value_or("")));
    all += raw;
  }
  TRY_ASSIGN(std::string sum, object::checksum_of(http::Body(all), name->kind));
  a[std::string(name->attribute)] = sum + "-" + std::to_string(parts.size());
  return {};
}

std::string multipart_etag(const std::vector<object::Part>& parts) {
  std::string all;
  for (auto& p : parts) all += unhex(p.etag).value_or("");
  return hex(md5(all)) + "-" + std::to_string(parts.size());
}

}  // namespace

Result<model::UploadPartOutput> S3Service::upload_part(const Call& c, const model::UploadPartRequest& in) {
  TRY(check_part_number(in.PartNumber));
  TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutObject", in.Key.value_or(""), in.ExpectedBucketOwner));
  auto& objects = store(b->region);
  TRY_ASSIGN(object::Upload u, objects.upload(b->name, in.Key.value_or(""), in.UploadId.value_or("")));
  static const http::Body kEmpty;
  const http::Body& body = in.Body ? *in.Body : kEmpty;
  if (body.size() > kLargestPart)
    return refuse("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
  object::Part p{.number = *in.PartNumber, .modified = world_.clock.now()};
  TRY_ASSIGN(std::string md5, object::md5_of(body));
  std::string_view trailer = c.raw ? c.raw->headers.value("x-amz-trailer") : std::string_view{};
  model::UploadPartRequest digests = {.ContentMD5 = in.ContentMD5,
                                      .ChecksumAlgorithm = in.ChecksumAlgorithm,
                                      .ChecksumCRC32 = in.ChecksumCRC32,
                                      .ChecksumCRC32C = in.ChecksumCRC32C,
                                      .ChecksumSHA1 = in.ChecksumSHA1,
                                      .ChecksumSHA256 = in.ChecksumSHA256};
  if (auto of_upload = s3::value_of(u.attributes, "checksum-algorithm"))
    digests.ChecksumAlgorithm = of_upload;
  TRY(s3::check_digests(digests, body, md5, trailer, p.attributes));
  p.etag = hex(md5);
  TRY_ASSIGN(object::Content content, objects.stage_part(body));
  TRY(objects.put_part(u.id, p, std::move(content)));
  model::UploadPartOutput out;
  out.ETag = s3::quoted(p.etag);
  s3::get_checksums(p.attributes, out);
  out.ServerSideEncryption = s3::value_of(u.attributes, "sse");
  return out;
}

Result<model::UploadPartCopyOutput> S3Service::upload_part_copy(const Call& c,
                                                                const model::UploadPartCopyRequest& in) {
  TRY(check_part_number(in.PartNumber));
  TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutObject", in.Key.value_or(""), in.ExpectedBucketOwner));
  auto& objects = store(b->region);
  TRY_ASSIGN(object::Upload u, objects.upload(b->name, in.Key.value_or(""), in.UploadId.value_or("")));
  TRY_ASSIGN(Source s, copy_source(c, in.CopySource.value_or(""),
                                   {in.CopySourceIfMatch, in.CopySourceIfNoneMatch,
                                    in.CopySourceIfModifiedSince, in.CopySourceIfUnmodifiedSince}));
  http::Body body = s.body;
  if (in.CopySourceRange) {
    TRY_ASSIGN(auto r, s3::parse_range(*in.CopySourceRange, s.version.size));
    if (!r)
      return refuse("InvalidArgument",
                    "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
                    "last are the zero-based offsets of the first and last bytes to copy");
    if (auto* m = body.memory())
      body = http::Body(m->substr(r->offset, r->size));
    else
      body = http::Body(http::FileSlice{body.file()->fd, body.file()->offset + r->offset, r->size});
  }
  if (body.size() > kLargestPart)
    return refuse(
        "InvalidRequest",
        "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120");
  object::Part p{.number = *in.PartNumber, .modified = world_.clock.now()};
  TRY_ASSIGN(std::string md5, object::md5_of(body));
  p.etag = hex(md5);
  if (auto algorithm = s3::value_of(u.attributes, "checksum-algorithm"))
    if (auto* name = s3::checksum_named(*algorithm))
      TRY(s3::check_checksum(*name, {}, true, body, p.attributes));
  TRY_ASSIGN(object::Content content, objects.stage_part(body));
  TRY(objects.put_part(u.id, p, std::move(content)));
  model::UploadPartCopyOutput out;
  if (!s.bucket->versioning.empty()) out.CopySourceVersionId = s.version.id;
  auto& r = out.CopyPartResult.emplace();
  r.ETag = s3::quoted(p.etag);
  r.LastModified = p.modified;
  s3::get_checksums(p.attributes, r);
  return out;
}

Result<model::CompleteMultipartUploadOutput> S3Service::complete(
    const Call& c, const model::CompleteMultipartUploadRequest& in) {
  std::string key = in.Key.value_or("");
  TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutObject", key, in.ExpectedBucketOwner));
  auto& objects = store(b->region);
  TRY_ASSIGN(object::Upload u, objects.upload(b->name, key, in.UploadId.value_or("")));
  auto named = in.MultipartUpload.value_or(model::CompletedMultipartUpload{})
                   .Parts.value_or(std::vector<model::CompletedPart>{});
  if (named.empty() || named.size() > 10000) return malformed();
  TRY_ASSIGN(auto stored, objects.parts(u.id));
  TRY_ASSIGN(auto parts, chosen_parts(named, stored));
  object::NewVersion v{.key = key, .etag = multipart_etag(parts), .attributes = u.attributes};
  if (in.IfNoneMatch && *in.IfNoneMatch != "*")
    return refuse("NotImplemented", "A header you provided implies functionality that is not implemented",
                  501);
  v.expect.absent = in.IfNoneMatch.has_value();
  if (in.IfMatch) v.expect.etag = s3::unquoted(*in.IfMatch);
  TRY(put_composite(parts, v.attributes));
  std::string sizes;
  for (auto& p : parts) sizes += (sizes.empty() ? "" : ",") + std::to_string(p.size);
  v.attributes["parts"] = sizes;
  TRY_ASSIGN(object::Content joined, objects.join(parts));
  place(*b, v);
  TRY_ASSIGN(object::Version made, objects.finish_upload(u.id, v, std::move(joined)));
  if (!v.replicate.empty()) kick(b->region, Millis{world_.settings.wan_one_way_ms});
  notify(c, *b, "ObjectCreated:CompleteMultipartUpload", "CompleteMultipartUpload", made);
  model::CompleteMultipartUploadOutput out;
  out.Expiration = s3::expiration_header(*b, made);
  out.Location = "http://" + b->name + ".s3." + b->region + ".amazonaws.com/" + percent_encode(key, true);
  out.Bucket = b->name;
  out.Key = key;
  out.ETag = s3::quoted(made.etag);
  if (!b->versioning.empty()) out.VersionId = made.id;
  s3::get_checksums(made.attributes, out);
  s3::get_encryption(made.attributes, out);
  return out;
}

Result<model::CreateMultipartUploadOutput> S3Service::begin_upload(
    const Call& c, const model::CreateMultipartUploadRequest& in) {
  std::string key = in.Key.value_or("");
  TRY(s3::check_key(key));
  TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutObject", key, in.ExpectedBucketOwner));
  object::Upload u{.id = world_.rng.hex(64), .bucket = b->name, .key = key, .initiated = world_.clock.now()};
  TRY(s3::put_system(in, u.attributes));
  TRY(s3::put_storage(in, b->encryption, u.attributes));
  if (in.Tagging) TRY(s3::put_tagging_header(*in.Tagging, u.attributes));
  if (in.ChecksumAlgorithm) {
    if (!s3::checksum_named(*in.ChecksumAlgorithm))
      return refuse("InvalidRequest",
                    "Checksum algorithm provided is unsupported. Please try again with any of the "
                    "valid types: [CRC32, CRC32C, SHA1, SHA256]");
    u.attributes["checksum-algorithm"] = *in.ChecksumAlgorithm;
  }
  TRY(store(b->region).begin_upload(u));
  CreateMultipartUpload::Output out;
  out.Bucket = b->name;
  out.Key = key;
  out.UploadId = u.id;
  out.ServerSideEncryption = s3::value_of(u.attributes, "sse");
  out.ChecksumAlgorithm = in.ChecksumAlgorithm;
  if (auto e = s3::abort_of(b->lifecycle, key, u.initiated)) {
    out.AbortDate = e->at;
    out.AbortRuleId = e->rule;
  }
  return out;
}

Result<model::ListPartsOutput> S3Service::list_parts(const Call& c, const model::ListPartsRequest& in) {
  TRY_ASSIGN(auto b,
             enter(c, in.Bucket, "s3:ListMultipartUploadParts", in.Key.value_or(""), in.ExpectedBucketOwner));
  TRY_ASSIGN(object::Upload u,
             store(b->region).upload(b->name, in.Key.value_or(""), in.UploadId.value_or("")));
  TRY_ASSIGN(auto parts, store(b->region).parts(u.id));
  ListParts::Output out;
  out.Bucket = b->name;
  out.Key = u.key;
  out.UploadId = u.id;
  if (auto e = s3::abort_of(b->lifecycle, u.key, u.initiated)) {
    out.AbortDate = e->at;
    out.AbortRuleId = e->rule;
  }
  int after = in.PartNumberMarker.value_or(0);
  auto page = static_cast<size_t>(std::clamp(in.MaxParts.value_or(1000), 0, 1000));
  out.PartNumberMarker = after;
  out.MaxParts = static_cast<int32_t>(page);
  out.Owner = s3::owner(world_);
  out.Initiator = model::Initiator{.ID = out.Owner->ID, .DisplayName = out.Owner->DisplayName};
  out.StorageClass = s3::value_of(u.attributes, "storage-class").value_or("STANDARD");
  out.ChecksumAlgorithm = s3::value_of(u.attributes, "checksum-algorithm");
  out.IsTruncated = false;
  for (auto& p : parts) {
    if (p.number <= after) continue;
    if (!out.Parts) out.Parts.emplace();
    if (out.Parts->size() >= page) {
      out.IsTruncated = true;
      break;
    }
    model::Part m;
    m.PartNumber = p.number;
    m.LastModified = p.modified;
    m.ETag = s3::quoted(p.etag);
    m.Size = static_cast<decltype(m.Size)::value_type>(p.size);
    s3::get_checksums(p.attributes, m);
    out.Parts->push_back(std::move(m));
    out.NextPartNumberMarker = p.number;
  }
  return out;
}

void S3Service::register_uploads() {
  on<CreateMultipartUpload>(
      [this](const Call& c, const CreateMultipartUpload::Input& in) { return begin_upload(c, in); });
  on<UploadPart>([this](const Call& c, const UploadPart::Input& in) { return upload_part(c, in); });
  on<UploadPartCopy>(
      [this](const Call& c, const UploadPartCopy::Input& in) { return upload_part_copy(c, in); });
  on<CompleteMultipartUpload>(
      [this](const Call& c, const CompleteMultipartUpload::Input& in) { return complete(c, in); });
  on<AbortMultipartUpload>(
      [this](const Call& c, const AbortMultipartUpload::Input& in) -> Result<AbortMultipartUpload::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:AbortMultipartUpload", in.Key.value_or(""),
                                 in.ExpectedBucketOwner));
        TRY_ASSIGN(object::Upload u,
                   store(b->region).upload(b->name, in.Key.value_or(""), in.UploadId.value_or("")));
        TRY(store(b->region).abort_upload(u.id));
        return AbortMultipartUpload::Output{};
      });
  on<ListParts>([this](const Call& c, const ListParts::Input& in) { return list_parts(c, in); });
}

}  // namespace relight::sandbox
