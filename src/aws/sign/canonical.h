// The canonical request, string to sign and signing key of Signature Version 4.
// "Create a signed AWS API request",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html Pure; internal
// to src/aws/sign.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "aws/http/message.h"

namespace relight::sign {

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
inline constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// S3 encodes the decoded key once and keeps '//' and '..'; every other service normalises the path and
// encodes what is on the wire once more.
std::string canonical_path(std::string_view raw, bool s3);
// Names and values decoded, encoded again and sorted; X-Amz-Signature left out.
std::string canonical_query(std::string_view raw);
// `signed_headers` are lower case and sorted. A name that the request lacks has an empty value.
std::string canonical_request(const http::Request& r, const std::vector<std::string>& signed_headers, bool s3,
                              std::string_view payload_hash);
std::string string_to_sign(std::string_view amz_date, std::string_view scope, std::string_view canonical);
// The derived key, 32 raw bytes. The last few are remembered, for deriving costs four HMACs.
std::string signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service);
std::string join(const std::vector<std::string>& parts, char by);
std::string lower(std::string_view s);
bool equal_in_constant_time(std::string_view a, std::string_view b);
// Hex SHA-256, read in pieces if the body is in a file.
Result<std::string> body_sha256(const http::Body& body);

}  // namespace relight::sign
