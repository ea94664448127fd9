#include "app/function_code.h"

#include <fmt/format.h>

#include "app/presigned.h"
#include "aws/gen/lambda.h"
#include "aws/gen/s3.h"
#include "base/bytes.h"

namespace relight::app {
namespace {
namespace s3 = aws::s3;

aws::CallOptions code_goes(const Workshop& w) { return {w.config.recovery.region, Millis(120000)}; }
aws::CallOptions code_comes(const Workshop& w) { return {w.config.primary.region, Millis(20000)}; }

bool not_there(const Error& e) {
  return e.http_status == 404 || e.code == "NoSuchBucket" || e.code == "NoSuchKey" || e.code == "NotFound";
}

// A bucket of everybody's name that is another's answers 403, and that is the error.
Result<> make_bucket(Workshop& w, const std::string& bucket) {
  s3::Client client(w.aws->patient());
  auto seen = client.HeadBucket({.Bucket = bucket}, code_goes(w));
  if (seen) return {};
  if (!not_there(seen.error())) return fail(Error(seen.error()).on(bucket));
  s3::CreateBucketRequest in{.Bucket = bucket};
  // The one region that has no constraint of its own ("CreateBucket" of the S3 API).
  if (w.config.recovery.region != "us-east-1")
    in.CreateBucketConfiguration =
        s3::CreateBucketConfiguration{.LocationConstraint = w.config.recovery.region};
  TRY(client.CreateBucket(in, code_goes(w)));
  fmt::print("made the bucket {} for the functions' packages\n", bucket);
  return {};
}

Error other_code(const Workshop& w, const dr::CodePackage& p, const char* code, std::string why) {
  return {.code = code,
          .message = std::move(why),
          .tried = "bring the function's package over",
          .resource = p.function,
          .region = w.config.primary.region,
          .next = "run 'relight capture' and 'relight synth' again"};
}

// Lambda hands out an address that is good for some minutes; it is a secret, so no error names it.
Result<std::string> fetch(Workshop& w, const dr::CodePackage& p) {
  TRY_ASSIGN(auto f,
             aws::lambda::Client(w.aws->patient()).GetFunction({.FunctionName = p.function}, code_comes(w)));
  auto hash = f.Configuration ? f.Configuration->CodeSha256.value_or("") : "";
  if (!p.sha256.empty() && hash != p.sha256)
    return fail(other_code(w, p, "Deploy.OtherCode", "its code is another than was captured"));
  auto request = get_of_address(f.Code ? f.Code->Location.value_or("") : "");
  if (!request) return fail(other_code(w, p, "Deploy.Code", "Lambda does not say where its package is"));
  auto answer = w.http->send(*request, Millis(120000));
  if (!answer || answer->status != 200)
    return fail(other_code(w, p, "Deploy.Code",
                           "its package could not be fetched (" +
                               (answer ? std::to_string(answer->status) : answer.error().code) + ")"));
  TRY_ASSIGN(auto bytes, answer->body.read());
  if (!hash.empty() && base64(sha256(bytes)) != hash)
    return fail(other_code(w, p, "Deploy.Code", "what was fetched is not what Lambda says its package is"));
  return bytes;
}

}  // namespace

Result<> bring_packages(Workshop& w, const dr::Pilot& pilot, const std::string& bucket) {
  if (pilot.packages.empty()) return {};
  TRY(make_bucket(w, bucket));
  s3::Client client(w.aws->patient());
  for (auto& p : pilot.packages) {
    auto seen = client.HeadObject({.Bucket = bucket, .Key = p.key}, code_goes(w));
    if (seen) continue;
    if (!not_there(seen.error())) return fail(Error(seen.error()).on(bucket + "/" + p.key));
    TRY_ASSIGN(auto bytes, fetch(w, p));
    s3::PutObjectRequest in{.Bucket = bucket, .Key = p.key};
    in.Body = std::move(bytes);
    TRY(client.PutObject(in, code_goes(w)));
    fmt::print("brought the package of {} to {}/{}\n", p.function, bucket, p.key);
  }
  return {};
}

}  // namespace relight::app
