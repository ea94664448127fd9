// What all protocols say about errors.
#include <algorithm>
#include <array>

#include "aws/codec/protocols.h"

namespace relight::aws::codec {
namespace {

const Shape* among(std::span<const Shape* const> errors, std::string_view code) {
  for (const Shape* e : errors)
    if (e->name == code || (!e->error_code.empty() && e->error_code == code)) return e;
  return nullptr;
}

// Errors that models leave without a status, or leave out (Amazon S3 API Reference, "Error responses"; Amazon
// EC2 API Reference, "Error codes"; the services' "Common Errors"). Everything else of the client's is 400.
struct Status {
  std::string_view code;
  int status;
};
constexpr Status kStatuses[] = {
    {"NotModified", 304},
    {"AccessDenied", 403},
    {"AccountProblem", 403},
    {"InvalidAccessKeyId", 403},
    {"InvalidClientTokenId", 403},
    {"InvalidObjectState", 403},
    {"RequestTimeTooSkewed", 403},
    {"SignatureDoesNotMatch", 403},
    {"UnrecognizedClientException", 403},
    {"NoSuchBucket", 404},
    {"NoSuchBucketPolicy", 404},
    {"NoSuchCORSConfiguration", 404},
    {"NoSuchKey", 404},
    {"NoSuchLifecycleConfiguration", 404},
    {"NoSuchPublicAccessBlockConfiguration", 404},
    {"NoSuchTagSet", 404},
    {"NoSuchUpload", 404},
    {"NoSuchVersion", 404},
    {"NoSuchWebsiteConfiguration", 404},
    {"ObjectLockConfigurationNotFoundError", 404},
    {"OwnershipControlsNotFoundError", 404},
    {"ReplicationConfigurationNotFoundError", 404},
    {"ServerSideEncryptionConfigurationNotFoundError", 404},
    {"MethodNotAllowed", 405},
    {"BucketAlreadyExists", 409},
    {"BucketAlreadyOwnedByYou", 409},
    {"BucketNotEmpty", 409},
    {"ConditionalRequestConflict", 409},
    {"InvalidBucketState", 409},
    {"OperationAborted", 409},
    {"MissingContentLength", 411},
    {"PreconditionFailed", 412},
    {"InvalidRange", 416},
    {"InternalError", 500},
    {"InternalFailure", 500},
    {"NotImplemented", 501},
    {"RequestLimitExceeded", 503},
    {"ServiceUnavailable", 503},
    {"SlowDown", 503},
};

}  // namespace

const Shape* find_error(const ServiceModel& s, const Operation* op, std::string_view code) {
  if (op)
    if (const Shape* e = among(op->errors, code)) return e;
  for (const Operation* o : s.operations)
    if (const Shape* e = among(o->errors, code)) return e;
  return nullptr;
}

std::string_view wire_code(const Shape& error) {
  return error.error_code.empty() ? error.name : error.error_code;
}

int error_status(const ServiceModel& s, const Operation* op, const Error& e) {
  if (e.http_status >= 300) return e.http_status;
  const Shape* shape = find_error(s, op, e.code);
  if (shape && shape->error_status) return shape->error_status;
  if (shape && !shape->error_sender_fault) return 500;
  auto known =
      std::find_if(std::begin(kStatuses), std::end(kStatuses), [&](auto& k) { return k.code == e.code; });
  return known == std::end(kStatuses) ? 400 : known->status;
}

bool retryable(int status, std::string_view code) {
  static constexpr std::array<std::string_view, 19> codes{"Throttling",
                                                          "ThrottlingException",
                                                          "ThrottledException",
                                                          "RequestThrottledException",
                                                          "TooManyRequestsException",
                                                          "ProvisionedThroughputExceededException",
                                                          "TransactionInProgressException",
                                                          "RequestLimitExceeded",
                                                          "BandwidthLimitExceeded",
                                                          "LimitExceededException",
                                                          "RequestThrottled",
                                                          "SlowDown",
                                                          "PriorRequestNotComplete",
                                                          "EC2ThrottledException",
                                                          "RequestTimeout",
                                                          "RequestTimeoutException",
                                                          "InternalError",
                                                          "InternalFailure",
                                                          "ServiceUnavailable"};
  if (status == 500 || status == 502 || status == 503 || status == 504 || status == 429) return true;
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

Error service_error(const ServiceModel& s, const Operation& op, int status, std::string code,
                    std::string message, std::string request_id) {
  Error e;
  e.tried = std::string(s.id) + ":" + std::string(op.name);
  e.code = code.empty() ? "Http." + std::to_string(status) : std::move(code);
  e.message = message.empty() ? "AWS answered " + std::to_string(status) + " " + e.code : std::move(message);
  e.request_id = std::move(request_id);
  e.http_status = status;
  e.retryable = retryable(status, e.code);
  return e;
}

std::string request_id_of(const http::Response& r) {
  for (const char* name : {"x-amzn-requestid", "x-amz-request-id", "x-amz-requestid"})
    if (auto v = r.headers.get(name)) return std::string(*v);
  return {};
}

}  // namespace relight::aws::codec
