#include "aws/sign/canonical.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <utility>

#include "aws/http/pieces.h"
#include "base/bytes.h"

namespace relight::sign {
namespace {

constexpr size_t kRemembered = 32;

// RFC 3986 section 5.2.4, and '//' becomes '/'.
std::string normalise(std::string_view raw) {
  std::vector<std::string_view> kept;
  bool slash_at_end = raw.ends_with('/');
  while (!raw.empty()) {
    size_t slash = raw.find('/');
    std::string_view part = raw.substr(0, slash);
    raw = slash == raw.npos ? std::string_view{} : raw.substr(slash + 1);
    if (part == ".." && !kept.empty()) kept.pop_back();
    if (!part.empty() && part != "." && part != "..") kept.push_back(part);
  }
  std::string out;
  for (auto part : kept) out.append("/").append(part);
  if (out.empty() || slash_at_end) out += '/';
  return out;
}

void append_trimmed(std::string& out, std::string_view v) {
  size_t from = v.find_first_not_of(" \t"), to = v.find_last_not_of(" \t");
  if (from == v.npos) return;
  bool space = false;
  for (char c : v.substr(from, to - from + 1)) {
    bool s = c == ' ' || c == '\t';
    if (s && space) continue;
    out += s ? ' ' : c;
    space = s;
  }
}

void append_header(std::string& out, const http::Request& r, const std::string& name) {
  out.append(name).append(":");
  bool found = false;
  for (auto& [k, v] : r.headers) {
    if (!http::iequals(k, name)) continue;
    if (found) out += ',';
    append_trimmed(out, v);
    found = true;
  }
  if (!found && name == "host") out.append(r.host);
  out += '\n';
}

// A memo of a pure function, per thread so that it needs no lock. Oldest entries leave first.
struct KeyMemo {
  std::array<std::pair<std::string, std::string>, kRemembered> entries;
  size_t next = 0;
};

}  // namespace

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string join(const std::vector<std::string>& parts, char by) {
  std::string out;
  for (auto& p : parts) {
    if (!out.empty()) out += by;
    out += p;
  }
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string canonical_path(std::string_view raw, bool s3) {
  if (raw.empty()) return "/";
  if (s3) return percent_encode(percent_decode(raw), true);
  return percent_encode(normalise(raw), true);
}

std::string canonical_query(std::string_view raw) {
  std::vector<std::pair<std::string, std::string>> all;
  while (!raw.empty()) {
    size_t amp = raw.find('&');
    std::string_view part = raw.substr(0, amp);
    raw = amp == raw.npos ? std::string_view{} : raw.substr(amp + 1);
    if (part.empty()) continue;
    size_t eq = part.find('=');
    std::string name = percent_encode(percent_decode(part.substr(0, eq)));
    if (name == "X-Amz-Signature") continue;
    all.emplace_back(std::move(name),
                     eq == part.npos ? "" : percent_encode(percent_decode(part.substr(eq + 1))));
  }
  std::sort(all.begin(), all.end());
  std::string out;
  for (auto& [name, value] : all) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

std::string canonical_request(const http::Request& r, const std::vector<std::string>& signed_headers, bool s3,
                              std::string_view payload_hash) {
  std::string out;
  out.reserve(512);
  out.append(r.method).append("\n");
  out.append(canonical_path(r.path, s3)).append("\n");
  out.append(canonical_query(r.query)).append("\n");
  for (auto& name : signed_headers) append_header(out, r, name);
  out.append("\n").append(join(signed_headers, ';')).append("\n").append(payload_hash);
  return out;
}

std::string string_to_sign(std::string_view amz_date, std::string_view scope, std::string_view canonical) {
  std::string out(kAlgorithm);
  out.append("\n").append(amz_date).append("\n").append(scope).append("\n").append(hex(sha256(canonical)));
  return out;
}

std::string signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service) {
  thread_local KeyMemo memo;
  std::string name;
  name.append(date).append("/").append(region).append("/").append(service).append("/").append(secret);
  for (auto& [k, v] : memo.entries)
    if (!v.empty() && equal_in_constant_time(k, name)) return v;
  std::string key = hmac_sha256("AWS4" + std::string(secret), date);
  key = hmac_sha256(key, region);
  key = hmac_sha256(key, service);
  key = hmac_sha256(key, "aws4_request");
  memo.entries[memo.next++ % kRemembered] = {std::move(name), key};
  return key;
}

Result<std::string> body_sha256(const http::Body& body) {
  if (auto* m = body.memory()) return m->empty() ? std::string(kEmptySha256) : hex(sha256(*m));
  Digest d(Digest::Kind::kSha256);
  TRY(http::each_piece(body, [&](std::string_view piece) { d.update(piece); }));
  return hex(d.finish());
}

}  // namespace relight::sign
