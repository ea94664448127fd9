#include "aws/sign/refusal.h"

namespace relight::sign {
namespace {

struct Wording {
  std::string_view code, message;
  int status;
};

constexpr std::string_view kMismatchText =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access "
    "Key and signing method. Consult the service documentation for details.";
constexpr std::string_view kTokenText = "The security token included in the request is invalid.";

Wording s3(Refusal why) {
  switch (why) {
    case Refusal::kUnknownKey:
      return {"InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403};
    case Refusal::kMismatch:
      return {
          "SignatureDoesNotMatch",
          "The request signature we calculated does not match the signature you provided. Check your key and "
          "signing method.",
          403};
    case Refusal::kSkewed:
      return {"RequestTimeTooSkewed",
              "The difference between the request time and the current time is too large.", 403};
    case Refusal::kExpired:
      return {"AccessDenied", "Request has expired", 403};
    case Refusal::kMalformed:
      return {"AuthorizationHeaderMalformed", "The authorization header that you provided is not valid.",
              400};
    case Refusal::kBadToken:
      return {"InvalidToken", "The provided token is malformed or otherwise invalid.", 400};
    case Refusal::kUnsignedHeaders:
      return {"AccessDenied", "There were headers present in the request which were not signed", 403};
  }
  return {};
}

Wording ec2(Refusal why) {
  if (why == Refusal::kSkewed || why == Refusal::kExpired)
    return {"RequestExpired", "Request has expired.", 400};
  return {"AuthFailure", "AWS was not able to validate the provided access credentials", 401};
}

// JSON services; Lambda answers the same codes with 403.
Wording json(Refusal why, int status) {
  switch (why) {
    case Refusal::kUnknownKey:
    case Refusal::kBadToken:
      return {"UnrecognizedClientException", kTokenText, status};
    case Refusal::kSkewed:
    case Refusal::kExpired:
      return {"InvalidSignatureException", "Signature expired", status};
    case Refusal::kMalformed:
      return {"IncompleteSignatureException", "The request signature does not conform to AWS standards.",
              status};
    default:
      return {"InvalidSignatureException", kMismatchText, status};
  }
}

Wording query(Refusal why) {
  switch (why) {
    case Refusal::kUnknownKey:
    case Refusal::kBadToken:
      return {"InvalidClientTokenId", kTokenText, 403};
    case Refusal::kSkewed:
    case Refusal::kExpired:
      return {"SignatureDoesNotMatch", "Signature expired", 403};
    case Refusal::kMalformed:
      return {"IncompleteSignature", "The request signature does not conform to AWS standards.", 400};
    default:
      return {"SignatureDoesNotMatch", kMismatchText, 403};
  }
}

Wording wording(std::string_view service, Refusal why) {
  if (service == "s3") return s3(why);
  if (service == "ec2") return ec2(why);
  if (service == "lambda") return json(why, 403);
  for (std::string_view n : {"ecs", "ecr", "logs", "ssm", "kms", "secretsmanager", "dynamodb", "events"})
    if (service == n) return json(why, 400);
  return query(why);
}

}  // namespace

Error refusal(std::string_view service, Refusal why, std::string_view detail) {
  Wording w = wording(service, why);
  Error e;
  e.code = w.code;
  e.message = w.message;
  if (!detail.empty()) e.message.append(e.message.ends_with('.') ? " " : ": ").append(detail);
  e.http_status = w.status;
  e.tried = "verify the signature";
  return e;
}

}  // namespace relight::sign
