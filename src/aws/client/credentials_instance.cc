// "IMDS credential provider", https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html;
// the requests are those of "Use the Instance Metadata Service to access instance metadata",
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html. Version 2 alone:
// version 1 answers whoever can make this machine fetch a URL.
#include <fmt/format.h>

#include "aws/client/credential_provider.h"
#include "base/bytes.h"

namespace relight::aws {
namespace {

// Outside EC2 nobody answers at that address: one second, once, so that a laptop does not hang.
constexpr std::chrono::seconds kInstanceDeadline{1};
constexpr int kInstanceAttempts = 3;  // once a token was given, and so somebody is there
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr size_t kMetadataLimit = 16 << 10;

Error instance_error(std::string message) {
  return credential_error("Credentials.InstanceMetadata", std::move(message),
                          "attach an instance profile, or set AWS_EC2_METADATA_DISABLED=true");
}

std::string setting(const ProviderContext& c, const char* variable, const char* key) {
  return c.env(variable).value_or(c.profile.get(key));
}

std::string instance_endpoint(const ProviderContext& c) {
  std::string url = setting(c, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
  std::string mode =
      setting(c, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
  if (url.empty()) url = http::iequals(mode, "ipv6") ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// One answer's text; `what` for the error.
Result<std::string> metadata(const ProviderContext& c, const http::Request& r, int attempts,
                             std::string_view what) {
  auto answer = ask(c, r, kInstanceDeadline, attempts);
  if (!answer) return fail(instance_error(answer.error().message));
  if (answer->status != 200) {
    Error e = instance_error(fmt::format("{} answers {} for {}", r.host, answer->status, what));
    e.http_status = answer->status;
    return fail(std::move(e));
  }
  if (answer->body.size() > kMetadataLimit) return fail(instance_error(fmt::format("{} is too long", what)));
  return answer->body.read();
}

}  // namespace

Result<Provided> instance_credentials(const ProviderContext& c) {
  if (http::iequals(c.env("AWS_EC2_METADATA_DISABLED").value_or("false"), "true"))
    return fail(instance_error("AWS_EC2_METADATA_DISABLED is true"));
  auto base = request_to(instance_endpoint(c));
  if (!base) return fail(instance_error("AWS_EC2_METADATA_SERVICE_ENDPOINT: " + base.error().message));
  std::string prefix = base->path == "/" ? "" : base->path;
  http::Request put = *base;
  put.method = "PUT";
  put.path = prefix + "/latest/api/token";
  put.headers.set("X-aws-ec2-metadata-token-ttl-seconds", "21600");
  TRY_ASSIGN(std::string token, metadata(c, put, 1, "a session token"));
  if (token.empty() || token.find_first_of("\r\n") != token.npos)
    return fail(instance_error(base->host + " gave no session token"));
  http::Request get = *base;
  get.headers.set("X-aws-ec2-metadata-token", token);
  get.path = prefix + std::string(kRolePath);
  auto role = metadata(c, get, kInstanceAttempts, "the role's name");
  if (!role && role.error().http_status == 404) return fail(instance_error("the instance has no role"));
  if (!role) return std::unexpected(role.error());
  role->erase(std::min(role->find_first_of("\r\n"), role->size()));
  if (role->empty()) return fail(instance_error("the instance has no role"));
  get.path += percent_encode(*role);
  TRY_ASSIGN(std::string text, metadata(c, get, kInstanceAttempts, "the role's keys"));
  auto out = provided_from_json(text, {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"});
  if (!out)
    return fail(
        instance_error(fmt::format("the keys of role {} cannot be used: {}", *role, out.error().message)));
  return out;
}

}  // namespace relight::aws
