// ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads.
#include <algorithm>
#include <limits>

#include "base/bytes.h"
#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/owner.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
namespace model = aws::s3;
using s3::refuse;
namespace {

constexpr int kPage = 1000;

// How names are written into an answer: as they are, or percent-encoded for keys that XML cannot carry.
struct Encoding {
  bool url = false;
  std::string operator()(const std::string& s) const { return url ? percent_encode(s, true) : s; }
  std::optional<std::string> operator()(const std::optional<std::string>& s) const {
    return s ? std::optional((*this)(*s)) : s;
  }
};

Result<Encoding> encoding_of(const std::optional<std::string>& type) {
  if (type && *type != "url")
    return refuse("InvalidArgument", "Invalid Encoding Method specified in Request");
  return Encoding{type.has_value()};
}

Result<int> page_of(const std::optional<int32_t>& asked) {
  if (asked && *asked < 0)
    return refuse("InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647");
  return std::min(asked.value_or(kPage), kPage);
}

template <class T>
void set_size(std::optional<T>& to, uint64_t size) {
  to = static_cast<T>(std::min<uint64_t>(size, static_cast<uint64_t>(std::numeric_limits<T>::max())));
}

std::optional<std::vector<std::string>> algorithms(const s3::Attributes& a) {
  std::optional<std::vector<std::string>> out;
  for (auto& c : s3::kChecksums) {
    if (!a.contains(c.attribute)) continue;
    if (!out) out.emplace();
    out->emplace_back(c.algorithm);
  }
  return out;
}

template <class Entry>
Entry entry_of(const object::Version& v, const Encoding& encode) {
  Entry e;
  e.Key = encode(v.key);
  e.LastModified = v.modified;
  e.ETag = s3::quoted(v.etag);
  set_size(e.Size, v.size);
  e.StorageClass = s3::value_of(v.attributes, "storage-class").value_or("STANDARD");
  e.ChecksumAlgorithm = algorithms(v.attributes);
  return e;
}

template <class Out>
void put_prefixes(const std::vector<std::string>& prefixes, const Encoding& encode, Out& out) {
  for (auto& p : prefixes) {
    if (!out.CommonPrefixes) out.CommonPrefixes.emplace();
    out.CommonPrefixes->push_back({.Prefix = encode(p)});
  }
}

// What ListObjects, its second version and ListObjectVersions repeat of the request.
template <class In, class Out>
void echo(const In& in, const Encoding& encode, int page, Out& out) {
  out.Name = in.Bucket;
  out.Prefix = encode(in.Prefix.value_or(""));
  if (in.Delimiter && !in.Delimiter->empty()) out.Delimiter = encode(*in.Delimiter);
  out.MaxKeys = page;
  if (encode.url) out.EncodingType = "url";
}

// The token is the last key given, made opaque.
Result<std::string> token_key(const std::string& token) {
  auto key = unbase64(token);
  if (!key || token.empty()) return refuse("InvalidArgument", "The continuation token provided is incorrect");
  return *key;
}

}  // namespace

Result<model::ListObjectsOutput> S3Service::list_objects(const Call& c, const model::ListObjectsRequest& in) {
  TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:ListBucket", {}, in.ExpectedBucketOwner));
  TRY_ASSIGN(Encoding encode, encoding_of(in.EncodingType));
  TRY_ASSIGN(int page, page_of(in.MaxKeys));
  TRY_ASSIGN(auto l, store(b->region).list({b->name,
                                            in.Prefix.value_or(""),
                                            in.Delimiter.value_or(""),
                                            in.Marker.value_or(""),
                                            {},
                                            static_cast<size_t>(page)}));
  ListObjects::Output out;
  echo(in, encode, page, out);
  out.Marker = encode(in.Marker.value_or(""));
  out.IsTruncated = l.truncated;
  if (l.truncated && out.Delimiter) out.NextMarker = encode(l.last);
  for (auto& v : l.versions) {
    if (!out.Contents) out.Contents.emplace();
    out.Contents->push_back(entry_of<model::Object>(v, encode));
    out.Contents->back().Owner = s3::owner(world_);
  }
  put_prefixes(l.prefixes, encode, out);
  return out;
}

Result<model::ListObjectsV2Output> S3Service::list_objects_v2(const Call& c,
                                                              const model::ListObjectsV2Request& in) {
  TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:ListBucket", {}, in.ExpectedBucketOwner));
  TRY_ASSIGN(Encoding encode, encoding_of(in.EncodingType));
  TRY_ASSIGN(int page, page_of(in.MaxKeys));
  std::string after = in.StartAfter.value_or("");
  if (in.ContinuationToken) {
    TRY_ASSIGN(after, token_key(*in.ContinuationToken));
  }
  TRY_ASSIGN(auto l, store(b->region).list({b->name,
                                            in.Prefix.value_or(""),
                                            in.Delimiter.value_or(""),
                                            after,
                                            {},
                                            static_cast<size_t>(page)}));
  ListObjectsV2::Output out;
  echo(in, encode, page, out);
  out.StartAfter = encode(in.StartAfter);
  out.ContinuationToken = in.ContinuationToken;
  out.IsTruncated = l.truncated;
  out.KeyCount = static_cast<int32_t>(l.versions.size() + l.prefixes.size());
  if (l.truncated) out.NextContinuationToken = base64(l.last);
  for (auto& v : l.versions) {
    if (!out.Contents) out.Contents.emplace();
    out.Contents->push_back(entry_of<model::Object>(v, encode));
    if (in.FetchOwner.value_or(false)) out.Contents->back().Owner = s3::owner(world_);
  }
  put_prefixes(l.prefixes, encode, out);
  return out;
}

Result<model::ListObjectVersionsOutput> S3Service::list_versions(const Call& c,
                                                                 const model::ListObjectVersionsRequest& in) {
  TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:ListBucketVersions", {}, in.ExpectedBucketOwner));
  TRY_ASSIGN(Encoding encode, encoding_of(in.EncodingType));
  TRY_ASSIGN(int page, page_of(in.MaxKeys));
  if (in.VersionIdMarker && in.KeyMarker.value_or("").empty() && !in.VersionIdMarker->empty())
    return refuse("InvalidArgument", "A version-id marker cannot be specified without a key marker.");
  std::optional<std::string> version = in.VersionIdMarker;
  if (version && version->empty()) version.reset();
  TRY_ASSIGN(auto l,
             store(b->region).list_versions({b->name, in.Prefix.value_or(""), in.Delimiter.value_or(""),
                                             in.KeyMarker.value_or(""), version, static_cast<size_t>(page)}));
  ListObjectVersions::Output out;
  echo(in, encode, page, out);
  out.KeyMarker = encode(in.KeyMarker.value_or(""));
  out.VersionIdMarker = in.VersionIdMarker.value_or("");
  out.IsTruncated = l.truncated;
  if (l.truncated) out.NextKeyMarker = encode(l.last);
  if (l.truncated && !l.last_version.empty()) out.NextVersionIdMarker = l.last_version;
  for (auto& v : l.versions) {
    if (v.marker) {
      if (!out.DeleteMarkers) out.DeleteMarkers.emplace();
      out.DeleteMarkers->push_back({.Owner = s3::owner(world_),
                                    .Key = encode(v.key),
                                    .VersionId = v.id,
                                    .IsLatest = v.latest,
                                    .LastModified = v.modified});
      continue;
    }
    if (!out.Versions) out.Versions.emplace();
    auto e = entry_of<model::ObjectVersion>(v, encode);
    e.VersionId = v.id;
    e.IsLatest = v.latest;
    e.Owner = s3::owner(world_);
    out.Versions->push_back(std::move(e));
  }
  put_prefixes(l.prefixes, encode, out);
  return out;
}

Result<model::ListMultipartUploadsOutput> S3Service::list_uploads(
    const Call& c, const model::ListMultipartUploadsRequest& in) {
  TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:ListBucketMultipartUploads", {}, in.ExpectedBucketOwner));
  TRY_ASSIGN(Encoding encode, encoding_of(in.EncodingType));
  TRY_ASSIGN(int page, page_of(in.MaxUploads));
  std::optional<std::string> id = in.UploadIdMarker;
  if (id && id->empty()) id.reset();
  TRY_ASSIGN(auto l,
             store(b->region).list_uploads({b->name, in.Prefix.value_or(""), in.Delimiter.value_or(""),
                                            in.KeyMarker.value_or(""), id, static_cast<size_t>(page)}));
  ListMultipartUploads::Output out;
  out.Bucket = in.Bucket;
  out.Prefix = encode(in.Prefix.value_or(""));
  if (in.Delimiter && !in.Delimiter->empty()) out.Delimiter = encode(*in.Delimiter);
  out.KeyMarker = encode(in.KeyMarker.value_or(""));
  out.UploadIdMarker = in.UploadIdMarker.value_or("");
  out.MaxUploads = page;
  if (encode.url) out.EncodingType = "url";
  out.IsTruncated = l.truncated;
  if (l.truncated) out.NextKeyMarker = encode(l.last), out.NextUploadIdMarker = l.last_id;
  for (auto& u : l.uploads) {
    if (!out.Uploads) out.Uploads.emplace();
    model::MultipartUpload m;
    m.UploadId = u.id;
    m.Key = encode(u.key);
    m.Initiated = u.initiated;
    m.StorageClass = s3::value_of(u.attributes, "storage-class").value_or("STANDARD");
    m.Owner = s3::owner(world_);
    m.Initiator = model::Initiator{.ID = m.Owner->ID, .DisplayName = m.Owner->DisplayName};
    m.ChecksumAlgorithm = s3::value_of(u.attributes, "checksum-algorithm");
    out.Uploads->push_back(std::move(m));
  }
  put_prefixes(l.prefixes, encode, out);
  return out;
}

void S3Service::register_lists() {
  on<ListObjects>([this](const Call& c, const ListObjects::Input& in) { return list_objects(c, in); });

  on<ListObjectsV2>([this](const Call& c, const ListObjectsV2::Input& in) { return list_objects_v2(c, in); });

  on<ListObjectVersions>(
      [this](const Call& c, const ListObjectVersions::Input& in) { return list_versions(c, in); });

  on<ListMultipartUploads>(
      [this](const Call& c, const ListMultipartUploads::Input& in) { return list_uploads(c, in); });
}

}  // namespace relight::sandbox
