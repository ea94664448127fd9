#include "sandbox/services/s3/attributes.h"

#include <algorithm>
#include <set>

#include "aws/http/message.h"
#include "base/bytes.h"

namespace relight::sandbox::s3 {
namespace {

constexpr std::string_view kTag = "tag:", kMeta = "meta:";
constexpr size_t kMetadataLimit = 2048;

bool utf8(std::string_view s) {
  for (size_t i = 0; i < s.size();) {
    auto c = static_cast<unsigned char>(s[i]);
    size_t n = c < 0x80                ? 1
               : c >= 0xc2 && c < 0xe0 ? 2
               : c >= 0xe0 && c < 0xf0 ? 3
               : c >= 0xf0 && c < 0xf5 ? 4
                                       : 0;
    if (n == 0 || i + n > s.size()) return false;
    for (size_t k = 1; k < n; ++k)
      if ((static_cast<unsigned char>(s[i + k]) & 0xc0) != 0x80) return false;
    i += n;
  }
  return true;
}

}  // namespace

Result<> put_tags(const std::vector<aws::s3::Tag>& tags, Attributes& a, size_t limit) {
  if (tags.size() > limit)
    return refuse("BadRequest", limit == 10 ? "Object tags cannot be greater than 10"
                                            : "Bucket tag count cannot be greater than 50");
  erase_tags(a);
  for (auto& t : tags) {
    std::string key = t.Key.value_or(""), value = t.Value.value_or("");
    if (key.empty() || key.size() > 128 || key.starts_with("aws:"))
      return refuse("InvalidTag", "The TagKey you have provided is invalid");
    if (value.size() > 256) return refuse("InvalidTag", "The TagValue you have provided is invalid");
    if (!a.emplace(std::string(kTag) + key, value).second)
      return refuse("InvalidTag", "Cannot provide multiple Tags with the same key");
  }
  return {};
}

Result<> put_tagging_header(const std::string& header, Attributes& a) {
  std::vector<aws::s3::Tag> tags;
  for (auto& [k, v] : http::parse_query(header)) tags.push_back({.Key = k, .Value = v});
  return put_tags(tags, a, 10);
}

std::vector<aws::s3::Tag> tags_of(const Attributes& a) {
  std::vector<aws::s3::Tag> out;
  for (auto it = a.lower_bound(kTag); it != a.end() && it->first.starts_with(kTag); ++it)
    out.push_back({.Key = it->first.substr(kTag.size()), .Value = it->second});
  return out;
}
void erase_tags(Attributes& a) {
  std::erase_if(a, [](auto& e) { return e.first.starts_with(kTag); });
}

Result<> put_metadata(const std::map<std::string, std::string>& metadata, Attributes& a) {
  size_t size = 0;
  for (auto& [k, v] : metadata) {
    std::string name = k;
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    size += name.size() + v.size();
    a[std::string(kMeta) + name] = v;
  }
  if (size > kMetadataLimit)
    return refuse("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size");
  return {};
}

std::optional<std::map<std::string, std::string>> metadata_of(const Attributes& a) {
  std::optional<std::map<std::string, std::string>> out;
  for (auto it = a.lower_bound(kMeta); it != a.end() && it->first.starts_with(kMeta); ++it) {
    if (!out) out.emplace();
    (*out)[it->first.substr(kMeta.size())] = it->second;
  }
  return out;
}

Result<> check_storage_class(const std::string& name) {
  static constexpr std::string_view kKnown[] = {"STANDARD",     "REDUCED_REDUNDANCY",  "STANDARD_IA",
                                                "ONEZONE_IA",   "INTELLIGENT_TIERING", "GLACIER",
                                                "DEEP_ARCHIVE", "GLACIER_IR"};
  if (std::ranges::find(kKnown, name) == std::end(kKnown))
    return refuse("InvalidStorageClass", "The storage class you specified is not valid");
  return {};
}

Result<> check_readable(const Attributes& a) {
  auto it = a.find("storage-class");
  if (it == a.end() || (it->second != "GLACIER" && it->second != "DEEP_ARCHIVE")) return {};
  return refuse("InvalidObjectState", "The operation is not valid for the object's storage class", 403);
}

Result<> check_key(const std::optional<std::string>& key) {
  if (!key || key->empty())
    return refuse("InvalidArgument", "An object key must have at least one character");
  if (key->size() > 1024) return refuse("KeyTooLongError", "Your key is too long");
  if (!utf8(*key)) return refuse("InvalidURI", "Couldn't parse the specified URI.");
  return {};
}

const ChecksumName* checksum_named(std::string_view algorithm) {
  for (auto& c : kChecksums)
    if (c.algorithm == algorithm) return &c;
  return nullptr;
}

std::optional<std::string> value_of(const Attributes& a, std::string_view name) {
  auto it = a.find(name);
  return it == a.end() ? std::nullopt : std::optional(it->second);
}

Result<> check_md5(const std::optional<std::string>& header, const std::string& md5) {
  if (!header) return {};
  auto raw = unbase64(*header);
  if (!raw || raw->size() != 16) return refuse("InvalidDigest", "The Content-MD5 you specified was invalid.");
  if (*raw != md5)
    return refuse("BadDigest", "The Content-MD5 you specified did not match what we received.");
  return {};
}

Result<> check_checksum(const ChecksumName& name, const std::optional<std::string>& given, bool wanted,
                        const http::Body& body, Attributes& a) {
  if (!given && !wanted) return {};
  TRY_ASSIGN(std::string real, checksum_of(body, name.kind));
  if (given && *given != real)
    return refuse("BadDigest", "The " + std::string(name.algorithm) +
                                   " you specified did not match the calculated checksum.");
  a[std::string(name.attribute)] = real;
  return {};
}

}  // namespace relight::sandbox::s3
