// What a version carries besides its bytes, between the members of S3's requests and answers and the object
// plane's attributes.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "aws/gen/s3.h"
#include "base/result.h"
#include "sandbox/planes/object/store.h"

namespace relight::sandbox::s3 {

using object::Attributes;

inline std::unexpected<Error> refuse(std::string_view code, std::string_view message, int status = 400) {
  Error e;
  e.code = code;
  e.message = message;
  e.http_status = status;
  return fail(std::move(e));
}

// "a=1&b=2" of x-amz-tagging, as tag: attributes. InvalidArgument, InvalidTag, BadRequest (more than ten).
Result<> put_tagging_header(const std::string& header, Attributes& a);
Result<> put_tags(const std::vector<aws::s3::Tag>& tags, Attributes& a, size_t limit);
std::vector<aws::s3::Tag> tags_of(const Attributes& a);
void erase_tags(Attributes& a);

Result<> put_metadata(const std::map<std::string, std::string>& metadata, Attributes& a);
std::optional<std::map<std::string, std::string>> metadata_of(const Attributes& a);

Result<> check_storage_class(const std::string& name);
// Archived bytes are not read before they are restored, which this sandbox cannot. InvalidObjectState 403.
Result<> check_readable(const Attributes& a);
Result<> check_key(const std::optional<std::string>& key);  // 1 to 1024 bytes of UTF-8

// One checksum algorithm by the ways S3 spells it.
struct ChecksumName {
  object::Checksum kind;
  std::string_view algorithm;  // "CRC32"
  std::string_view attribute;  // "checksum:crc32"
};
inline constexpr ChecksumName kChecksums[] = {{object::Checksum::kCrc32, "CRC32", "checksum:crc32"},
                                              {object::Checksum::kCrc32c, "CRC32C", "checksum:crc32c"},
                                              {object::Checksum::kSha1, "SHA1", "checksum:sha1"},
                                              {object::Checksum::kSha256, "SHA256", "checksum:sha256"}};
const ChecksumName* checksum_named(std::string_view algorithm);

std::optional<std::string> value_of(const Attributes& a, std::string_view name);
inline void set(Attributes& a, const char* name, const std::optional<std::string>& v) {
  if (v) a[name] = *v;
}

// The system metadata members that PutObject, CopyObject and CreateMultipartUpload share.
template <class In>
Result<> put_system(const In& in, Attributes& a) {
  set(a, "cache-control", in.CacheControl);
  set(a, "content-disposition", in.ContentDisposition);
  set(a, "content-encoding", in.ContentEncoding);
  set(a, "content-language", in.ContentLanguage);
  set(a, "content-type", in.ContentType);
  set(a, "website-redirect", in.WebsiteRedirectLocation);
  if (in.Expires) a["expires"] = std::to_string(in.Expires->time_since_epoch().count());
  return put_metadata(in.Metadata.value_or(std::map<std::string, std::string>{}), a);
}
// What new objects of a bucket are encrypted by unless they say otherwise.
struct DefaultEncryption {
  std::string algorithm = "AES256", key = {};  // the key as it was named: KMS is not asked for it
};
// Storage class and encryption. What this sandbox has not: customer keys, object lock.
template <class In>
Result<> put_storage(const In& in, const DefaultEncryption& usual, Attributes& a) {
  if (in.SSECustomerAlgorithm || in.ObjectLockMode || in.ObjectLockLegalHoldStatus)
    return refuse("NotImplemented", "Customer-provided keys and object lock are not built in this sandbox",
                  501);
  if (in.StorageClass) {
    TRY(check_storage_class(*in.StorageClass));
    a["storage-class"] = *in.StorageClass;
  }
  if (in.ServerSideEncryption && *in.ServerSideEncryption != "AES256" &&
      *in.ServerSideEncryption != "aws:kms")
    return refuse("InvalidArgument", "The encryption method specified is not supported");
  a["sse"] = in.ServerSideEncryption.value_or(usual.algorithm);
  if (!in.ServerSideEncryption && !usual.key.empty()) a["kms-key"] = usual.key;
  set(a, "kms-key", in.SSEKMSKeyId);
  return {};
}

template <class Out>
void get_checksums(const Attributes& a, Out& out) {
  out.ChecksumCRC32 = value_of(a, "checksum:crc32");
  out.ChecksumCRC32C = value_of(a, "checksum:crc32c");
  out.ChecksumSHA1 = value_of(a, "checksum:sha1");
  out.ChecksumSHA256 = value_of(a, "checksum:sha256");
}
template <class Out>
void get_encryption(const Attributes& a, Out& out) {
  out.ServerSideEncryption = value_of(a, "sse").value_or("AES256");
  out.SSEKMSKeyId = value_of(a, "kms-key");
}
// Everything that GetObject and HeadObject answer with.
template <class Out>
void get_system(const Attributes& a, Out& out) {
  out.CacheControl = value_of(a, "cache-control");
  out.ContentDisposition = value_of(a, "content-disposition");
  out.ContentEncoding = value_of(a, "content-encoding");
  out.ContentLanguage = value_of(a, "content-language");
  out.ContentType = value_of(a, "content-type").value_or("binary/octet-stream");
  out.WebsiteRedirectLocation = value_of(a, "website-redirect");
  if (auto e = value_of(a, "expires")) out.Expires = Instant{Millis{std::atoll(e->c_str())}};
  if (auto s = value_of(a, "storage-class"); s && *s != "STANDARD") out.StorageClass = s;
  out.ReplicationStatus = value_of(a, object::kReplication);
  out.Metadata = metadata_of(a);
  get_encryption(a, out);
}

// Verifies Content-MD5 and whatever checksum the request names, and notes the latter. BadDigest,
// InvalidDigest.
template <class In>
Result<> check_digests(const In& in, const http::Body& body, const std::string& md5, std::string_view trailer,
                       Attributes& a);
Result<> check_md5(const std::optional<std::string>& header, const std::string& md5);
Result<> check_checksum(const ChecksumName& name, const std::optional<std::string>& given, bool wanted,
                        const http::Body& body, Attributes& a);

template <class In>
Result<> check_digests(const In& in, const http::Body& body, const std::string& md5, std::string_view trailer,
                       Attributes& a) {
  TRY(check_md5(in.ContentMD5, md5));
  const std::optional<std::string>* given[] = {&in.ChecksumCRC32, &in.ChecksumCRC32C, &in.ChecksumSHA1,
                                               &in.ChecksumSHA256};
  for (size_t i = 0; i < std::size(kChecksums); ++i) {
    std::string_view name = kChecksums[i].attribute.substr(9);
    bool wanted = in.ChecksumAlgorithm == kChecksums[i].algorithm ||
                  (trailer.starts_with("x-amz-checksum-") && trailer.substr(15) == name);
    TRY(check_checksum(kChecksums[i], *given[i], wanted, body, a));
  }
  return {};
}

}  // namespace relight::sandbox::s3
