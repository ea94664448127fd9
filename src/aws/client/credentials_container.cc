// "Container credential provider",
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
#include <fmt/format.h>

#include <algorithm>

#include "aws/client/credential_provider.h"

namespace relight::aws {
namespace {

constexpr std::chrono::seconds kContainerDeadline{2};
constexpr int kContainerAttempts = 3;
constexpr std::string_view kContainerHost = "http://169.254.170.2";

// Plain HTTP only to hosts that a container's agent has: loopback, and the link-local ones of ECS and EKS. A
// name other than localhost is refused where some SDKs would look it up.
bool container_host_allowed(std::string_view scheme, std::string_view authority) {
  if (scheme == "https") return true;
  bool six = authority.starts_with('[');
  std::string_view host = authority.substr(0, six ? authority.find(']') + 1 : authority.find(':'));
  bool dotted = host.find_first_not_of("0123456789.") == host.npos && std::ranges::count(host, '.') == 3;
  return (dotted && host.starts_with("127.")) || host == "localhost" || host == "169.254.170.2" ||
         host == "169.254.170.23" || host == "[::1]" || host == "[fd00:ec2::23]";
}

// The file goes before the variable, and is read each time: it is written anew.
Result<std::string> container_token(const ProviderContext& c) {
  std::string token = c.env("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  if (auto file = c.env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    TRY_ASSIGN(token, c.disk.read(*file));
    token.erase(token.find_last_not_of("\r\n") + 1);
  }
  if (token.find_first_of("\r\n") != token.npos)
    return fail("Credentials.Malformed", "the authorization token has a line end in it");
  return token;
}

}  // namespace

MaybeProvided container_credentials(const ProviderContext& c) {
  auto relative = c.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
       full = c.env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) return std::optional<Provided>();
  auto bad = [&](std::string why) {
    return fail(credential_error("Credentials.Container", std::move(why),
                                 "check the task's role and its credentials endpoint"));
  };
  const char* name =
      relative ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" : "AWS_CONTAINER_CREDENTIALS_FULL_URI";
  if (relative && !relative->starts_with('/')) return bad(fmt::format("{} does not begin with '/'", name));
  auto r = request_to(relative ? std::string(kContainerHost) + *relative : *full);
  if (!r) return bad(fmt::format("{}: {}", name, r.error().message));
  if (!container_host_allowed(r->scheme, r->host))
    return bad(fmt::format("{}: plain HTTP is allowed to loopback, ECS and EKS hosts only, not to {}", name,
                           r->host));
  auto token = container_token(c);
  if (!token) return bad("AWS_CONTAINER_AUTHORIZATION_TOKEN: " + token.error().message);
  if (!token->empty()) r->headers.set("Authorization", *token);
  r->headers.set("Accept", "application/json");
  auto answer = ask(c, *r, kContainerDeadline, kContainerAttempts);
  if (!answer) return bad("the credentials endpoint " + answer.error().message);
  if (answer->status != 200) return bad(fmt::format("the credentials endpoint answered {}", answer->status));
  TRY_ASSIGN(std::string text, answer->body.read());
  auto out = provided_from_json(text, {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"});
  if (!out) return bad("the credentials endpoint's answer cannot be used: " + out.error().message);
  return std::optional(std::move(*out));
}

}  // namespace relight::aws
