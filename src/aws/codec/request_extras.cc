#include "aws/codec/request_extras.h"

#include <algorithm>

#include "base/bytes.h"

namespace relight::aws::codec {
namespace {

std::string big_endian(uint32_t v) {
  std::string out;
  for (int shift : {24, 16, 8, 0}) out += static_cast<char>(v >> shift & 0xff);
  return out;
}

// Calls f with the body's bytes, a piece at a time.
template <class F>
Result<> each_piece(const http::Body& body, F f) {
  if (body.memory()) return f(*body.memory()), Result<>{};
  constexpr uint64_t kPiece = 1 << 20;
  for (uint64_t at = 0; at < body.size(); at += kPiece) {
    TRY_ASSIGN(std::string piece, body.read(at, kPiece));
    f(piece);
  }
  return {};
}

Result<std::string> digest(const http::Body& body, Digest::Kind kind) {
  Digest d(kind);
  TRY(each_piece(body, [&](std::string_view p) { d.update(p); }));
  return d.finish();
}

// Raw bytes; "" for an algorithm that is not ours to compute.
Result<std::string> checksum(const http::Body& body, std::string_view algorithm) {
  if (algorithm == "SHA256") return digest(body, Digest::Kind::kSha256);
  if (algorithm == "SHA1") return digest(body, Digest::Kind::kSha1);
  if (algorithm != "CRC32" && algorithm != "CRC32C") return std::string{};
  uint32_t sum = 0;
  TRY(each_piece(body,
                 [&](std::string_view p) { sum = algorithm == "CRC32" ? crc32(p, sum) : crc32c(p, sum); }));
  return big_endian(sum);
}

bool has_checksum(const http::Request& r) {
  return r.headers.has("content-md5") || std::any_of(r.headers.begin(), r.headers.end(), [](auto& h) {
           return h.first.size() > 15 &&
                  http::iequals(std::string_view(h.first).substr(0, 15), "x-amz-checksum-");
         });
}

const std::string* string_member(const Shape& s, std::string_view name, const void* input) {
  for (auto& m : s.members)
    if (m.name == name && m.shape()->type == Type::kString)
      return static_cast<const std::string*>(m.get(input));
  return nullptr;
}

bool is_host_label(std::string_view v) {
  return !v.empty() && v.size() <= 63 &&
         std::all_of(v.begin(), v.end(), [](unsigned char c) { return isalnum(c) || c == '-'; });
}

}  // namespace

Result<std::string> host_prefix(const Operation& op, const void* input) {
  std::string out;
  std::string_view rest = op.host_prefix;
  while (!rest.empty()) {
    size_t open = rest.find('{');
    out += rest.substr(0, open);
    if (open == rest.npos) break;
    size_t close = rest.find('}', open);
    if (close == rest.npos)
      return fail("ParamValidation", "malformed host prefix " + std::string(op.host_prefix));
    std::string name(rest.substr(open + 1, close - open - 1));
    const std::string* value = string_member(*op.input, name, input);
    if (!value || !is_host_label(*value))
      return fail("ParamValidation",
                  name + " must be a valid host label, for it becomes part of the endpoint's name");
    out += *value;
    rest.remove_prefix(close + 1);
  }
  return out;
}

Result<> put_checksum(const Operation& op, const void* input, http::Request& r) {
  if (has_checksum(r)) return {};
  const std::string* algorithm =
      op.checksum_member.empty() ? nullptr : string_member(*op.input, op.checksum_member, input);
  if (algorithm) {
    TRY_ASSIGN(std::string sum, checksum(r.body, *algorithm));
    std::string name = "x-amz-checksum-" + *algorithm;
    for (char& c : name) c = static_cast<char>(tolower(static_cast<unsigned char>(c)));
    if (!sum.empty()) return r.headers.set(name, base64(sum)), Result<>{};
  }
  if (!op.checksum_required) return {};
  TRY_ASSIGN(std::string sum, digest(r.body, Digest::Kind::kMd5));
  r.headers.set("Content-MD5", base64(sum));
  return {};
}

}  // namespace relight::aws::codec
