#include "aws/client/credentials.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace relight::aws {
namespace {

constexpr std::chrono::minutes kRefreshBefore{5};
constexpr std::chrono::seconds kContainerDeadline{2};
constexpr std::string_view kContainerHost = "http://169.254.170.2";

Error problem(std::string_view code, std::string message, std::string next) {
  Error e;
  e.code = code;
  e.tried = "find AWS credentials";
  e.message = std::move(message);
  e.next = std::move(next);
  return e;
}

// Plain HTTP only to hosts that a container agent has: loopback and the link-local ones of ECS and EKS.
bool container_host_allowed(std::string_view scheme, std::string_view host) {
  if (scheme == "https") return true;
  host = host.substr(0, host.find(':'));
  return host.starts_with("127.") || host == "localhost" || host == "169.254.170.2" ||
         host == "169.254.170.23";
}

}  // namespace

DefaultCredentials::DefaultCredentials(Environment env, Disk& disk, http::Exchange& exchange, Clock& clock,
                                       std::string profile)
    : env_(std::move(env)), disk_(disk), exchange_(exchange), clock_(clock), profile_(std::move(profile)) {}

Result<sign::Credentials> DefaultCredentials::get() {
  std::lock_guard g(mutex_);
  if (cached_ && (!expires_ || clock_.now() + kRefreshBefore < *expires_)) return *cached_;
  auto fresh = fetch();
  // What still holds is better than nothing while its source is silent.
  if (!fresh && cached_ && expires_ && clock_.now() < *expires_) return *cached_;
  if (fresh) cached_ = *fresh;
  return fresh;
}

void DefaultCredentials::forget() {
  std::lock_guard g(mutex_);
  cached_.reset();
  expires_.reset();
}

Result<sign::Credentials> DefaultCredentials::fetch() {
  expires_.reset();
  auto id = env_("AWS_ACCESS_KEY_ID"), secret = env_("AWS_SECRET_ACCESS_KEY");
  if (profile_.empty() && id && secret)
    return sign::Credentials{*id, *secret, env_("AWS_SESSION_TOKEN").value_or("")};
  if (profile_.empty() && (id || secret))
    return fail(problem("Credentials.Incomplete",
                        "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set",
                        "set both or neither"));
  TRY_ASSIGN(auto found, from_profile());
  if (found) return *found;
  if (auto path = env_("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"))
    return from_container(std::string(kContainerHost) + *path);
  if (auto url = env_("AWS_CONTAINER_CREDENTIALS_FULL_URI")) return from_container(*url);
  return fail(problem("Credentials.None",
                      "neither the environment, the shared files nor a container offers an access key",
                      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run 'aws configure'"));
}

Result<std::optional<sign::Credentials>> DefaultCredentials::from_profile() {
  TRY_ASSIGN(Profile p, read_profile(env_, disk_, profile_));
  bool asked = !profile_.empty() || env_("AWS_PROFILE");
  if (!p.found && asked)
    return fail(
        problem("Credentials.None", fmt::format("there is no profile '{}'", p.name), "check AWS_PROFILE"));
  std::string id = p.get("aws_access_key_id"), secret = p.get("aws_secret_access_key");
  if (!id.empty() && !secret.empty()) return sign::Credentials{id, secret, p.get("aws_session_token")};
  for (const char* key :
       {"role_arn", "sso_session", "sso_start_url", "credential_process", "web_identity_token_file"})
    if (!p.get(key).empty())
      return fail(problem("Credentials.Unsupported",
                          fmt::format("profile '{}' uses {}, which is not built", p.name, key),
                          "run 'eval \"$(aws configure export-credentials --format env)\"' first"));
  if (!id.empty() || !secret.empty())
    return fail(problem("Credentials.Incomplete", fmt::format("profile '{}' has half an access key", p.name),
                        "give aws_access_key_id and aws_secret_access_key"));
  return std::optional<sign::Credentials>();
}

Result<sign::Credentials> DefaultCredentials::from_container(const std::string& url) {
  auto bad = [&](std::string why) {
    return fail(problem("Credentials.Container", std::move(why),
                        "check the task's role and its credentials endpoint"));
  };
  size_t scheme_end = url.find("://");
  if (scheme_end == url.npos) return bad("the container credentials URI is no URL");
  http::Request r;
  r.scheme = url.substr(0, scheme_end);
  std::string rest = url.substr(scheme_end + 3);
  size_t slash = rest.find('/');
  r.host = rest.substr(0, slash);
  std::string target = slash == rest.npos ? "/" : rest.substr(slash);
  r.path = target.substr(0, target.find('?'));
  if (size_t q = target.find('?'); q != target.npos) r.query = target.substr(q + 1);
  if (!container_host_allowed(r.scheme, r.host))
    return bad("plain HTTP is allowed to loopback and ECS hosts only");
  std::optional<std::string> token = env_("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (auto file = env_("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    TRY_ASSIGN(token, disk_.read(*file));
  }
  if (token) r.headers.set("Authorization", *token);
  TRY_ASSIGN(http::Response answer, exchange_.send(r, kContainerDeadline));
  if (answer.status != 200) return bad(fmt::format("the credentials endpoint answered {}", answer.status));
  TRY_ASSIGN(std::string text, answer.body.read());
  auto j = nlohmann::json::parse(text, nullptr, false);
  auto member = [&](const char* name) {
    return j.is_object() && j.contains(name) && j[name].is_string() ? j[name].get<std::string>()
                                                                    : std::string();
  };
  sign::Credentials c{member("AccessKeyId"), member("SecretAccessKey"), member("Token")};
  if (c.access_key.empty() || c.secret_key.empty())
    return bad("the credentials endpoint's answer lacks a key");
  if (auto t = parse_iso8601(member("Expiration"))) expires_ = *t;
  return c;
}

}  // namespace relight::aws
