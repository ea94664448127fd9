#include "dr/objects/object_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "aws/gen/s3.h"

namespace relight::dr {
namespace {
namespace s3 = aws::s3;
constexpr int64_t kOneCopy = int64_t{5} << 30;   // bytes
constexpr int64_t kCopyPart = int64_t{1} << 30;  // bytes; 10,000 parts reach S3's largest object
constexpr int kMeanwhile = 3;                    // times that an object may change while it is copied

aws::CallOptions there(const BucketPair& o) { return {o.to_region, Millis(600000)}; }
aws::CallOptions here(const BucketPair& o) { return {o.from_region, Millis(20000)}; }

std::string in_url(std::string_view text, bool slash) {
  std::string out;
  for (unsigned char c : text)
    if (std::isalnum(c) || std::string_view("-_.~").find(char(c)) != std::string_view::npos ||
        (slash && c == '/'))
      out += char(c);
    else
      out += fmt::format("%{:02X}", c);
  return out;
}

// nullopt: it is gone.
Result<std::optional<s3::HeadObjectOutput>> look(aws::Caller& aws, const BucketPair& o,
                                                 const std::string& key) {
  auto seen = s3::Client(aws).HeadObject({.Bucket = o.from, .Key = key}, here(o));
  if (seen) return std::move(*seen);
  if (seen.error().http_status == 404) return std::nullopt;
  return std::unexpected(seen.error());
}

// "a=1&b=2", as the header x-amz-tagging has it. Asked for, and not left to CopyObject, so that the right to
// read tags is needed only where they are.
Result<std::string> tags_of_object(aws::Caller& aws, const BucketPair& o, const std::string& key) {
  TRY_ASSIGN(auto said, s3::Client(aws).GetObjectTagging({.Bucket = o.from, .Key = key}, here(o)));
  std::string out;
  for (auto& t : said.TagSet.value_or(std::vector<s3::Tag>{}))
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", in_url(t.Key.value_or(""), false),
                       in_url(t.Value.value_or(""), false));
  return out;
}

// Parts have no metadata of their own: the upload gets the object's.
s3::CreateMultipartUploadRequest upload_like(const s3::HeadObjectOutput& head, const BucketPair& o,
                                             const std::string& key, const std::string& tags) {
  s3::CreateMultipartUploadRequest in{.Bucket = o.to};
  in.Key = key;
  in.CacheControl = head.CacheControl;
  in.ContentDisposition = head.ContentDisposition;
  in.ContentEncoding = head.ContentEncoding;
  in.ContentLanguage = head.ContentLanguage;
  in.ContentType = head.ContentType;
  in.Expires = head.Expires;
  in.Metadata = head.Metadata;
  in.WebsiteRedirectLocation = head.WebsiteRedirectLocation;
  in.StorageClass = head.StorageClass;
  if (!tags.empty()) in.Tagging = tags;
  return in;
}

Result<> copy_parts(aws::Caller& aws, const s3::HeadObjectOutput& head, const BucketPair& o,
                    const std::string& key, const std::string& tags) {
  s3::Client client(aws);
  TRY_ASSIGN(auto upload, client.CreateMultipartUpload(upload_like(head, o, key, tags), there(o)));
  s3::CompletedMultipartUpload parts;
  parts.Parts.emplace();
  auto size = head.ContentLength.value_or(0);
  auto all = [&]() -> Result<> {
    for (int64_t at = 0; at < size; at += kCopyPart) {
      s3::UploadPartCopyRequest in{.Bucket = o.to};
      in.CopySource = o.from + "/" + in_url(key, true);
      in.CopySourceIfMatch = head.ETag;
      in.CopySourceRange = fmt::format("bytes={}-{}", at, std::min(at + kCopyPart, size) - 1);
      in.Key = key;
      in.PartNumber = static_cast<int32_t>(at / kCopyPart + 1);
      in.UploadId = upload.UploadId;
      TRY_ASSIGN(auto done, client.UploadPartCopy(in, there(o)));
      parts.Parts->push_back({.ETag = done.CopyPartResult ? done.CopyPartResult->ETag : std::nullopt,
                              .PartNumber = in.PartNumber});
    }
    s3::CompleteMultipartUploadRequest in{.Bucket = o.to, .Key = key};
    in.MultipartUpload = parts;
    in.UploadId = upload.UploadId;
    TRY(client.CompleteMultipartUpload(in, there(o)));
    return {};
  };
  auto done = all();
  // What was uploaded of it costs until it is taken away; that it could not be is not the first trouble.
  if (!done)
    (void)client.AbortMultipartUpload({.Bucket = o.to, .Key = key, .UploadId = upload.UploadId}, there(o));
  return done;
}

Result<> copy_at_once(aws::Caller& aws, const s3::HeadObjectOutput& head, const BucketPair& o,
                      const std::string& key, const std::string& tags) {
  s3::CopyObjectRequest in{.Bucket = o.to};
  in.CopySource = o.from + "/" + in_url(key, true);
  in.CopySourceIfMatch = head.ETag;
  in.Key = key;
  in.StorageClass = head.StorageClass;  // else it would be STANDARD
  in.TaggingDirective = "REPLACE";
  if (!tags.empty()) in.Tagging = tags;
  TRY(s3::Client(aws).CopyObject(in, there(o)));
  return {};
}

bool same_version(const s3::HeadObjectOutput& a, const s3::HeadObjectOutput& b) {
  return a.VersionId == b.VersionId && a.ETag == b.ETag && a.LastModified == b.LastModified;
}

// Deleted while it was copied: its delete marker was replicated before there was anything, or is about to be.
Result<> delete_there(aws::Caller& aws, const BucketPair& o, const std::string& key) {
  TRY(s3::Client(aws).DeleteObject({.Bucket = o.to, .Key = key}, there(o)));
  return {};
}

}  // namespace

Result<bool> comes_by_itself(aws::Caller& aws, const BucketPair& o, const std::string& key) {
  TRY_ASSIGN(auto head, look(aws, o, key));
  return !head || head->ReplicationStatus == "PENDING";
}

Result<int64_t> copy_object(aws::Caller& aws, const BucketPair& o, const std::string& key) {
  TRY_ASSIGN(auto head, look(aws, o, key));
  if (!head || head->ReplicationStatus == "PENDING") return -1;
  for (int n = 0; n < kMeanwhile; ++n) {
    TRY_ASSIGN(auto tags, tags_of_object(aws, o, key));
    auto size = head->ContentLength.value_or(0);
    auto done =
        size > kOneCopy ? copy_parts(aws, *head, o, key, tags) : copy_at_once(aws, *head, o, key, tags);
    bool changed = !done && (done.error().code == "PreconditionFailed" || done.error().http_status == 412);
    if (!done && !changed && done.error().http_status != 404) return std::unexpected(done.error());
    TRY_ASSIGN(auto now, look(aws, o, key));
    if (!now) {
      if (done) TRY(delete_there(aws, o, key));
      return -1;
    }
    if (done && same_version(*head, *now)) return size;
    head = std::move(now);  // a newer one: it may have been replicated before the older one came
  }
  return fail(Error{.code = "Objects.Changes",
                    .message = "it changes faster than it can be copied",
                    .tried = "copy the object",
                    .resource = o.from + "/" + key,
                    .region = o.from_region,
                    .next = "what is written now is replicated; run it again"});
}

}  // namespace relight::dr
