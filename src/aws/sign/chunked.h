// The aws-chunked content coding: chunks with or without signatures, trailers with or without a signature.
// "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks" and "...
// Including Trailing Headers" (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html,
// -streaming-trailers.html).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/http/message.h"
#include "base/result.h"

namespace relight::sign {

struct ChunkContext {
  bool chunks_signed = true;
  bool has_trailer = false;
  std::string key;                             // signing key, raw
  std::string amz_date;                        // "20130524T000000Z"
  std::string scope;                           // "20130524/us-east-1/s3/aws4_request"
  std::string seed_signature;                  // of the request's head, hex
  std::optional<uint64_t> decoded_length;      // x-amz-decoded-content-length
  std::vector<std::string> declared_trailers;  // x-amz-trailer, lower case
};

struct Decoded {
  http::Body body;
  std::vector<std::pair<std::string, std::string>> trailers;  // lower-case names
};

// A body in memory decodes to memory; one in a file is compacted inside that file, which must be open for
// writing. Errors: "SignatureDoesNotMatch" (403), "IncompleteBody", "BadDigest", "MalformedTrailerError"
// (400).
Result<Decoded> decode_chunked(const http::Body& body, const ChunkContext& context);

// The other direction, for clients and tests: fixed-size chunks; the trailers in the order given.
std::string encode_chunked(std::string_view payload, size_t chunk_bytes, const ChunkContext& context,
                           const std::vector<std::pair<std::string, std::string>>& trailers);

}  // namespace relight::sign
