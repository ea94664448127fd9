// Roles by STS, always through a region's own endpoint: "AWS STS Regional endpoints",
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html
#include <fmt/format.h>

#include <charconv>

#include "aws/client/aws_caller.h"
#include "aws/client/credential_provider.h"
#include "aws/gen/sts.h"

namespace relight::aws {
namespace {

// AssumeRole's own limits, https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
constexpr int32_t kShortestSession = 900, kLongestSession = 43'200;
constexpr size_t kLongestName = 64, kLongestToken = 20'000;
constexpr std::chrono::seconds kStsDeadline{15}, kStsAttempt{5};

struct Session {
  std::string name;
  std::optional<int32_t> seconds;
};

Result<Session> session_of(const ProviderContext& c, std::string name, const std::string& seconds,
                           const std::string& from) {
  auto bad = [&](std::string what, std::string next) {
    return fail(
        credential_error("Credentials.Profile", fmt::format("{} has {}", from, what), std::move(next)));
  };
  Session s;
  s.name = name.empty() ? fmt::format("relight-{}", c.clock.now().time_since_epoch().count() / 1000)
                        : std::move(name);
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-";
  if (s.name.size() < 2 || s.name.size() > kLongestName || s.name.find_first_not_of(kAllowed) != s.name.npos)
    return bad("a session name that STS refuses", "use 2 to 64 letters, digits and _+=,.@-");
  if (seconds.empty()) return s;
  int32_t n = 0;
  auto [end, ec] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), n);
  if (ec != std::errc() || end != seconds.data() + seconds.size() || n < kShortestSession ||
      n > kLongestSession)
    return bad("a malformed duration_seconds", "use a number of seconds from 900 to 43200");
  s.seconds = n;
  return s;
}

template <class Op>
Result<typename Op::Output> ask_sts(const ProviderContext& c, const sign::Credentials& keys,
                                    const typename Op::Input& in) {
  CallerSettings s;
  s.region = c.sts_region;
  s.endpoints = c.endpoints;
  s.deadline = kStsDeadline;
  s.attempt_deadline = kStsAttempt;
  s.observer = c.settings.observer;
  FixedCredentials source(keys);
  AwsCaller caller(std::move(s), c.exchange, source, c.clock, c.rng);
  return call<Op>(caller, in);
}

Result<Provided> provided_from(const std::optional<sts::Credentials>& k, std::string_view code) {
  if (!k || !k->AccessKeyId || !k->SecretAccessKey || !k->SessionToken)
    return fail(credential_error(code, "the answer of STS lacks a key", "check the endpoint of STS"));
  return Provided{{*k->AccessKeyId, *k->SecretAccessKey, *k->SessionToken}, k->Expiration};
}

// AWS's code moves into the message: to whoever called, this is no denial of *their* operation.
Error sts_refused(std::string_view code, std::string_view operation, const std::string& role, const Error& e,
                  std::string next) {
  std::string why = e.message;
  if (!e.region.empty()) why += fmt::format(" (STS of {})", e.region);
  Error out = credential_error(code, fmt::format("sts:{} of {}: {}: {}", operation, role, e.code, why),
                               std::move(next));
  out.region = e.region;
  out.request_id = e.request_id;
  if (e.code == "Endpoint.NoRegion") out.next = "set AWS_REGION or the profile's region";
  if (e.code.starts_with("Http."))
    out.next = "check that the region's STS can be reached, or set another AWS_REGION";
  return out;
}

std::string without(std::string text, const std::string& secret) {
  for (size_t at; (at = text.find(secret)) != text.npos;) text.replace(at, secret.size(), "(withheld)");
  return text;
}

}  // namespace

Result<Provided> assume_role(const ProviderContext& c, const Profile& profile,
                             const sign::Credentials& source) {
  std::string role = profile.get("role_arn");
  TRY_ASSIGN(Session s, session_of(c, profile.get("role_session_name"), profile.get("duration_seconds"),
                                   fmt::format("profile '{}'", profile.name)));
  sts::AssumeRoleRequest in{.RoleArn = role, .RoleSessionName = s.name, .DurationSeconds = s.seconds};
  if (auto id = profile.get("external_id"); !id.empty()) in.ExternalId = id;
  auto out = ask_sts<sts::op::AssumeRole>(c, source, in);
  if (out) return provided_from(out->Credentials, "Credentials.AssumeRole");
  Error e = sts_refused("Credentials.AssumeRole", "AssumeRole", role, out.error(),
                        "let the role's trust policy name the source credentials' identity, and allow that "
                        "identity sts:AssumeRole");
  e.message = fmt::format("profile '{}': {}", profile.name, without(std::move(e.message), source.secret_key));
  return fail(std::move(e));
}

// "Assume role with web identity or OpenID Connect",
// https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html. The token is read at each
// fetch: who wrote it writes it anew. A line end after it is taken off (unverified: some SDKs send the file
// as it is).
Result<Provided> assume_role_with_web_identity(const ProviderContext& c, const WebIdentity& w) {
  TRY_ASSIGN(Session s, session_of(c, w.session_name, w.duration_seconds, w.from));
  auto token = c.disk.read(w.token_file);
  if (token) token->erase(token->find_last_not_of(" \t\r\n") + 1);
  if (!token || token->empty() || token->size() > kLongestToken) {
    std::string why = !token           ? token.error().message
                      : token->empty() ? "is empty"
                                       : "is too long for a token";
    return fail(credential_error("Credentials.WebIdentity",
                                 fmt::format("{}: token file {}: {}", w.from, w.token_file, why),
                                 "check that whoever issues the token writes that file"));
  }
  sts::AssumeRoleWithWebIdentityRequest in{.RoleArn = w.role_arn,
                                           .RoleSessionName = s.name,
                                           .WebIdentityToken = *token,
                                           .DurationSeconds = s.seconds};
  auto out = ask_sts<sts::op::AssumeRoleWithWebIdentity>(c, {}, in);
  if (out) return provided_from(out->Credentials, "Credentials.WebIdentity");
  Error e = sts_refused("Credentials.WebIdentity", "AssumeRoleWithWebIdentity", w.role_arn, out.error(),
                        "check the token's issuer, audience and expiry against the role's trust policy");
  e.message = fmt::format("{}: {}", w.from, without(std::move(e.message), *token));
  return fail(std::move(e));
}

}  // namespace relight::aws
