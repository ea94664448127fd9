#include "aws/sign/sigv4.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/sign/canonical.h"
#include "base/bytes.h"

namespace relight::sign {
namespace {

// Proxies and libraries rewrite these, so they stay unsigned (as in botocore's signer).
bool left_unsigned(std::string_view name) {
  for (std::string_view n : {"authorization", "user-agent", "expect", "connection", "transfer-encoding",
                             "x-amzn-trace-id", "accept", "accept-encoding"})
    if (name == n) return true;
  return false;
}

std::vector<std::string> headers_to_sign(const http::Request& r) {
  std::vector<std::string> names{"host"};
  for (auto& [k, v] : r.headers) {
    std::string name = lower(k);
    if (!left_unsigned(name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string scope_text(std::string_view date, const SignOptions& o) {
  return fmt::format("{}/{}/{}/aws4_request", date.substr(0, 8), o.region, o.service);
}

Result<std::string> payload_hash(const http::Request& r, const SignOptions& o) {
  if (o.service != "s3") return body_sha256(r.body);
  if (auto said = r.headers.get("X-Amz-Content-Sha256")) return std::string(*said);
  if (o.unsigned_payload) return std::string(kUnsignedPayload);
  return body_sha256(r.body);
}

std::string signature_of(const http::Request& r, const std::vector<std::string>& names, const Credentials& c,
                         const SignOptions& o, std::string_view date, std::string_view hash) {
  std::string to_sign =
      string_to_sign(date, scope_text(date, o), canonical_request(r, names, o.service == "s3", hash));
  return hex(hmac_sha256(signing_key(c.secret_key, date.substr(0, 8), o.region, o.service), to_sign));
}

std::optional<Scope> parse_credential(std::string_view text) {
  // The access key may not hold '/', so the scope's four parts come from the end.
  std::vector<std::string_view> parts;
  while (parts.size() < 6) {
    size_t slash = text.find('/');
    parts.push_back(text.substr(0, slash));
    if (slash == text.npos) break;
    text.remove_prefix(slash + 1);
  }
  if (parts.size() != 5 || parts[4] != "aws4_request" || parts[1].size() != 8) return std::nullopt;
  for (auto p : parts)
    if (p.empty()) return std::nullopt;
  return Scope{std::string(parts[0]), std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
}

}  // namespace

Result<> sign(http::Request& r, const Credentials& c, const SignOptions& o) {
  r.headers.remove("Authorization");
  if (!r.headers.has("Host")) r.headers.set("Host", r.host);
  std::string date = iso8601_basic(o.now);
  r.headers.set("X-Amz-Date", date);
  if (!c.session_token.empty()) r.headers.set("X-Amz-Security-Token", c.session_token);
  TRY_ASSIGN(std::string hash, payload_hash(r, o));
  if (o.service == "s3") r.headers.set("X-Amz-Content-Sha256", hash);
  auto names = headers_to_sign(r);
  r.headers.set("Authorization",
                fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm, c.access_key,
                            scope_text(date, o), join(names, ';'), signature_of(r, names, c, o, date, hash)));
  return {};
}

Result<> presign(http::Request& r, const Credentials& c, const SignOptions& o, std::chrono::seconds expires) {
  if (expires.count() < 1 || expires > std::chrono::days(7))
    return fail("Sign.Expires", "a presigned request lasts from 1 second to 7 days");
  if (!r.headers.has("Host")) r.headers.set("Host", r.host);
  std::string date = iso8601_basic(o.now);
  auto names = headers_to_sign(r);
  auto add = [&](std::string_view name, std::string_view value) {
    if (!r.query.empty()) r.query += '&';
    r.query.append(name).append("=").append(percent_encode(value));
  };
  add("X-Amz-Algorithm", kAlgorithm);
  add("X-Amz-Credential", fmt::format("{}/{}", c.access_key, scope_text(date, o)));
  add("X-Amz-Date", date);
  add("X-Amz-Expires", fmt::format("{}", expires.count()));
  if (!c.session_token.empty()) add("X-Amz-Security-Token", c.session_token);
  add("X-Amz-SignedHeaders", join(names, ';'));
  std::string hash(kUnsignedPayload);
  if (o.service != "s3") {
    TRY_ASSIGN(hash, body_sha256(r.body));
  }
  add("X-Amz-Signature", signature_of(r, names, c, o, date, hash));
  return {};
}

std::optional<Scope> scope_of(const http::Request& r) {
  if (auto header = r.headers.get("Authorization")) {
    if (!header->starts_with(kAlgorithm)) return std::nullopt;
    size_t at = header->find("Credential=");
    if (at == header->npos) return std::nullopt;
    std::string_view rest = header->substr(at + 11);
    auto end = std::find_if(rest.begin(), rest.end(), [](char c) { return c == ',' || c == ' '; });
    return parse_credential({rest.begin(), end});
  }
  if (r.query.find("X-Amz-Credential=") == std::string::npos) return std::nullopt;
  for (auto& [name, value] : http::parse_query(r.query))
    if (name == "X-Amz-Credential") return parse_credential(value);
  return std::nullopt;
}

}  // namespace relight::sign
