#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "aws/sign/canonical.h"
#include "aws/sign/chunked.h"
#include "aws/sign/refusal.h"
#include "aws/sign/sigv4.h"
#include "base/bytes.h"

namespace relight::sign {
namespace {

constexpr std::chrono::minutes kSkew{15};
constexpr size_t kSignedHeaders = 128;

// What the request claims about its own signature.
struct Claim {
  Scope scope;
  std::vector<std::string> signed_headers;
  std::string signature, amz_date, token;
  std::optional<int64_t> expires_s;
  bool presigned = false;
};

std::vector<std::string> split_headers(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty() && out.size() <= kSignedHeaders) {
    size_t semi = text.find(';');
    out.push_back(lower(text.substr(0, semi)));
    text = semi == text.npos ? std::string_view{} : text.substr(semi + 1);
  }
  return out;
}

std::string_view field(std::string_view header, std::string_view name) {
  size_t at = header.find(name);
  if (at == header.npos) return {};
  header.remove_prefix(at + name.size());
  auto end = std::find_if(header.begin(), header.end(), [](char c) { return c == ',' || c == ' '; });
  return {header.begin(), end};
}

std::string date_of(const http::Request& r) {
  if (auto d = r.headers.get("X-Amz-Date")) return std::string(*d);
  auto d = parse_http_date(r.headers.value("Date"));
  return d ? iso8601_basic(*d) : std::string();
}

Claim header_claim(const http::Request& r, Scope scope) {
  std::string_view h = r.headers.value("Authorization");
  Claim c;
  c.scope = std::move(scope);
  c.signed_headers = split_headers(field(h, "SignedHeaders="));
  c.signature = field(h, "Signature=");
  c.amz_date = date_of(r);
  c.token = r.headers.value("X-Amz-Security-Token");
  return c;
}

Claim query_claim(const http::Request& r, Scope scope) {
  Claim c;
  c.scope = std::move(scope);
  c.presigned = true;
  c.token = r.headers.value("X-Amz-Security-Token");
  for (auto& [name, value] : http::parse_query(r.query)) {
    if (name == "X-Amz-SignedHeaders") c.signed_headers = split_headers(value);
    if (name == "X-Amz-Signature") c.signature = value;
    if (name == "X-Amz-Date") c.amz_date = value;
    if (name == "X-Amz-Security-Token") c.token = value;
    int64_t n = 0;
    if (name == "X-Amz-Expires" &&
        std::from_chars(value.data(), value.data() + value.size(), n).ec == std::errc())
      c.expires_s = n;
  }
  return c;
}

Result<> check_time(const Claim& c, Instant now) {
  const std::string& service = c.scope.service;
  auto then = parse_iso8601(c.amz_date);
  if (!then || c.amz_date.size() != 16)
    return fail(refusal(service, Refusal::kMalformed,
                        "AWS authentication requires a valid Date or x-amz-date header"));
  if (!c.amz_date.starts_with(c.scope.date))
    return fail(
        refusal(service, c.presigned || service == "s3" ? Refusal::kMalformed : Refusal::kMismatch,
                fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                            "from HTTP: '{}' != '{}', from '{}'.",
                            c.scope.date, c.amz_date.substr(0, 8), c.amz_date)));
  if (*then > now + kSkew)
    return fail(refusal(service, Refusal::kSkewed,
                        service == "s3" ? "" : fmt::format("{} is still later than {}", c.amz_date, iso8601_basic(now))));
  if (c.presigned) {
    int64_t seconds = c.expires_s.value_or(service == "s3" ? 0 : 900);
    if (seconds < 1 || seconds > 604800) {
      Error e = refusal(service, Refusal::kMalformed, "X-Amz-Expires must be between 1 and 604800 seconds");
      if (service == "s3") e.code = "AuthorizationQueryParametersError";
      return fail(std::move(e));
    }
    if (now > *then + std::chrono::seconds(seconds)) return fail(refusal(service, Refusal::kExpired));
    return {};
  }
  if (*then < now - kSkew)
    return fail(refusal(service, Refusal::kSkewed,
                        service == "s3" || service == "ec2"
                            ? ""
                            : fmt::format("{} is now earlier than {} ({} - 15 min.)", c.amz_date,
                                          iso8601_basic(now - kSkew), iso8601_basic(now))));
  return {};
}

bool is_signed(const Claim& c, std::string_view name) {
  return std::find(c.signed_headers.begin(), c.signed_headers.end(), name) != c.signed_headers.end();
}

Result<> check_coverage(const http::Request& r, const Claim& c) {
  const std::string& service = c.scope.service;
  if (c.signature.empty() || c.signed_headers.empty() || c.signed_headers.size() > kSignedHeaders ||
      !std::is_sorted(c.signed_headers.begin(), c.signed_headers.end()))
    return fail(refusal(service, Refusal::kMalformed));
  if (!is_signed(c, "host"))
    return fail(refusal(service, Refusal::kMismatch,
                        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
  if (service != "s3") return {};
  for (auto& [k, v] : r.headers) {
    std::string name = lower(k);
    if (name.starts_with("x-amz-") && !is_signed(c, name) && !(c.presigned && name == "x-amz-content-sha256"))
      return fail(refusal(service, Refusal::kUnsignedHeaders, name));
  }
  return {};
}

// What stands in the canonical request's last line. The header's claim about the body is checked by
// check_payload.
Result<std::string> payload_line(const http::Request& r, const Claim& c) {
  if (c.scope.service != "s3") return body_sha256(r.body);
  if (auto said = r.headers.get("X-Amz-Content-Sha256")) return std::string(*said);
  if (c.presigned) return std::string(kUnsignedPayload);
  Error e = refusal("s3", Refusal::kMalformed);
  e.code = "InvalidRequest";
  e.message = "Missing required header for this request: x-amz-content-sha256";
  return fail(std::move(e));
}

ChunkContext chunk_context(const http::Request& r, const Claim& c, std::string key, std::string_view mode) {
  ChunkContext x;
  x.chunks_signed = mode.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  x.has_trailer = mode.ends_with("-TRAILER");
  x.key = std::move(key);
  x.amz_date = c.amz_date;
  x.scope = fmt::format("{}/{}/{}/aws4_request", c.scope.date, c.scope.region, c.scope.service);
  x.seed_signature = c.signature;
  std::string_view length = r.headers.value("X-Amz-Decoded-Content-Length");
  uint64_t n = 0;
  if (std::from_chars(length.data(), length.data() + length.size(), n).ec == std::errc())
    x.decoded_length = n;
  std::string_view names = r.headers.value("X-Amz-Trailer");
  while (x.has_trailer && !names.empty()) {
    size_t comma = names.find(',');
    std::string name = lower(names.substr(0, comma));
    std::erase(name, ' ');
    x.declared_trailers.push_back(std::move(name));
    names = comma == names.npos ? std::string_view{} : names.substr(comma + 1);
  }
  return x;
}

Error s3_error(std::string_view code, std::string_view message, int status) {
  Error e = refusal("s3", Refusal::kMalformed);
  e.code = code;
  e.message = message;
  e.http_status = status;
  return e;
}

Result<> check_payload(const http::Request& r, const Claim& c, const std::string& line, std::string key,
                       Verified& v) {
  if (c.scope.service != "s3" || line == kUnsignedPayload) return {};
  if (line.starts_with("STREAMING-")) {
    if (line != "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" &&
        line != "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" && line != "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
      return fail(
          s3_error("NotImplemented", "this streaming payload algorithm is not implemented: " + line, 501));
    ChunkContext context = chunk_context(r, c, std::move(key), line);
    if (!context.decoded_length)
      return fail(s3_error("MissingContentLength", "You must provide the Content-Length HTTP header.", 411));
    TRY_ASSIGN(Decoded d, decode_chunked(r.body, context));
    v.body = std::move(d.body);
    v.trailers = std::move(d.trailers);
    return {};
  }
  TRY_ASSIGN(std::string actual, body_sha256(r.body));
  if (actual == line) return {};
  return fail(s3_error("XAmzContentSHA256Mismatch",
                       "The provided 'x-amz-content-sha256' header does not match what was computed.", 400));
}

}  // namespace

Result<Verified> verify(const http::Request& r, const Lookup& lookup, Instant now) {
  auto scope = scope_of(r);
  if (!scope) return fail(refusal("", Refusal::kMalformed));
  return verify(r, *scope, lookup, now);
}

Result<Verified> verify(const http::Request& r, const Scope& scope, const Lookup& lookup, Instant now) {
  Claim c = r.headers.has("Authorization") ? header_claim(r, scope) : query_claim(r, scope);
  const std::string& service = c.scope.service;
  TRY(check_coverage(r, c));
  auto secret = lookup(c.scope.access_key);
  if (!secret) return fail(refusal(service, Refusal::kUnknownKey));
  if (!equal_in_constant_time(secret->session_token, c.token))
    return fail(refusal(service, Refusal::kBadToken));
  TRY(check_time(c, now));
  TRY_ASSIGN(std::string line, payload_line(r, c));
  std::string key = signing_key(secret->secret_key, c.scope.date, c.scope.region, service);
  std::string scope_line = c.scope.date;
  scope_line.append("/").append(c.scope.region).append("/").append(service).append("/aws4_request");
  std::string canonical = canonical_request(r, c.signed_headers, service == "s3", line);
  std::string expected = hex(hmac_sha256(key, string_to_sign(c.amz_date, scope_line, canonical)));
  if (!equal_in_constant_time(expected, c.signature)) return fail(refusal(service, Refusal::kMismatch));
  Verified v{c.scope.access_key, c.scope.region, service, c.presigned, std::nullopt, {}};
  TRY(check_payload(r, c, line, std::move(key), v));
  return v;
}

}  // namespace relight::sign
