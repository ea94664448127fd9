// AWS Signature Version 4, both ends: a client signs, the sandbox verifies.
// "Create a signed AWS API request" (IAM User Guide) and "Authenticating Requests (AWS Signature Version 4)"
// (Amazon S3 API Reference,
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html).
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/http/message.h"
#include "base/clock.h"
#include "base/result.h"

namespace relight::sign {

struct Credentials {
  std::string access_key, secret_key;
  std::string session_token;  // empty: a long-term key
};

struct SignOptions {
  std::string region;   // "us-east-1"
  std::string service;  // signing name: "s3", "elasticloadbalancing"
  Instant now;
  bool unsigned_payload = false;  // S3 alone takes it
};

// Sets Host, X-Amz-Date, X-Amz-Security-Token (if any), X-Amz-Content-Sha256 (S3; kept if already there) and
// Authorization, replacing earlier ones. Error "Disk.Failed" if a body in a file cannot be read.
Result<> sign(http::Request& r, const Credentials& c, const SignOptions& o);

// Puts the signature into the query instead; the request then works for anybody until it expires (1 s to 7
// days). Only the Host header is signed, and the headers that are already there.
Result<> presign(http::Request& r, const Credentials& c, const SignOptions& o, std::chrono::seconds expires);

struct Scope {
  std::string access_key, date, region, service;  // date: "20261122"
};
// What the Authorization header or the query claims; nullopt if there is no well-formed claim. Nothing is
// verified.
std::optional<Scope> scope_of(const http::Request& r);

struct Secret {
  std::string secret_key, session_token;  // token empty: a long-term key
};
using Lookup = std::function<std::optional<Secret>(std::string_view access_key)>;

struct Verified {
  std::string access_key, region, service;
  bool presigned = false;
  std::optional<http::Body> body;                             // the decoded payload of an aws-chunked upload
  std::vector<std::pair<std::string, std::string>> trailers;  // of such an upload, names in lower case
};

// Checks signature, payload hash, date (15 minutes either way), expiry and session token. Chunked payloads
// are decoded and each chunk's signature is checked; a body in a file is decoded in place (its bytes change).
// An Error carries the code, message and status which the signed service itself gives:
// "SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", "RequestTimeTooSkewed",
// "InvalidAccessKeyId", ….
Result<Verified> verify(const http::Request& r, const Lookup& lookup, Instant now);
// The same for a caller that has asked scope_of(r) already.
Result<Verified> verify(const http::Request& r, const Scope& scope, const Lookup& lookup, Instant now);

}  // namespace relight::sign
