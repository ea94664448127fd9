// IAM Identity Center: the token that `aws sso login` left in ~/.aws/sso/cache becomes a role's keys.
// "IAM Identity Center credential provider",
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html; GetRoleCredentials,
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html. The token
// is not renewed here (that takes the OIDC client's registration): it says when to sign in again.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aws/client/credential_provider.h"
#include "base/bytes.h"

namespace relight::aws {
namespace {

constexpr std::chrono::seconds kPortalDeadline{5};
constexpr int kPortalAttempts = 3;

struct Portal {
  std::string cache_key;  // whose SHA-1 names the token's file: the session, or in the old form the start URL
  std::string start_url, region, account, role;
};

Error sso_error(const Profile& p, std::string_view what) {
  return credential_error("Credentials.Sso", fmt::format("profile '{}': {}", p.name, what),
                          "run 'aws sso login --profile " + p.name + "'");
}

Result<Portal> portal_of(const ProviderContext& c, const Profile& p) {
  auto bad = [&](std::string what) {
    return fail(credential_error("Credentials.Incomplete", fmt::format("profile '{}': {}", p.name, what),
                                 "run 'aws configure sso', or mend ~/.aws/config"));
  };
  Portal out{
      {}, p.get("sso_start_url"), p.get("sso_region"), p.get("sso_account_id"), p.get("sso_role_name")};
  std::string name = p.get("sso_session");
  if (!name.empty()) {
    TRY_ASSIGN(Profile session, read_sso_session(c.env, c.disk, name));
    if (!session.found) return bad(fmt::format("there is no [sso-session {}]", name));
    auto take = [&](std::string& own, const char* key) {
      bool same = own.empty() || own == session.get(key);
      own = session.get(key);
      return same;
    };
    if (!take(out.start_url, "sso_start_url") || !take(out.region, "sso_region"))
      return bad(fmt::format("sso_start_url or sso_region is another one than in [sso-session {}]", name));
  }
  out.cache_key = name.empty() ? out.start_url : name;
  for (auto& [key, value] :
       {std::pair("sso_start_url", &out.start_url), std::pair("sso_region", &out.region),
        std::pair("sso_account_id", &out.account), std::pair("sso_role_name", &out.role)})
    if (value->empty()) return bad(fmt::format("{} is missing", key));
  return out;
}

Result<std::string> token_of(const ProviderContext& c, const Profile& p, const Portal& portal) {
  auto home = c.env("HOME");
  if (!home) return fail(sso_error(p, "HOME is not set, so there is no token cache"));
  std::string path = fmt::format("{}/.aws/sso/cache/{}.json", *home, hex(sha1(portal.cache_key)));
  auto text = c.disk.read(path);
  if (!text) return fail(sso_error(p, "nobody has signed in: there is no " + path));
  auto j = nlohmann::json::parse(*text, nullptr, false);
  auto member = [&](const char* name) {
    return j.is_object() && j.contains(name) && j[name].is_string() ? j[name].get<std::string>()
                                                                    : std::string();
  };
  std::string token = member("accessToken"), until = member("expiresAt");
  if (until.ends_with("UTC")) until.replace(until.size() - 3, 3, "Z");  // as old versions of the CLI wrote it
  auto expires = parse_iso8601(until);
  if (token.empty() || token.find_first_of("\r\n") != token.npos || !expires)
    return fail(sso_error(p, "the token cache " + path + " cannot be used"));
  if (*expires <= c.clock.now()) return fail(sso_error(p, "the sign-in expired at " + iso8601(*expires)));
  return token;
}

Result<Provided> role_credentials(const Profile& p, const std::string& body) {
  auto j = nlohmann::json::parse(body, nullptr, false);
  auto it = j.is_object() ? j.find("roleCredentials") : j.end();
  if (!j.is_object() || it == j.end() || !it->is_object())
    return fail(sso_error(p, "the portal's answer has no roleCredentials"));
  auto expiration = it->find("expiration");  // milliseconds since 1970
  bool dated = expiration != it->end() && expiration->is_number_integer();
  std::optional<Instant> expires;
  if (dated) expires = Instant(Millis(expiration->get<int64_t>()));
  it->erase("expiration");
  auto out = provided_from_json(it->dump(), {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"});
  if (!out) return fail(sso_error(p, "the portal's answer cannot be used: " + out.error().message));
  if (expires && expires->time_since_epoch().count() > 0) out->expires = expires;
  return out;
}

}  // namespace

Result<Provided> sso_credentials(const ProviderContext& c, const Profile& profile) {
  TRY_ASSIGN(Portal portal, portal_of(c, profile));
  TRY_ASSIGN(std::string token, token_of(c, profile, portal));
  ServiceModel service{};
  service.id = "sso";
  service.service_id = "SSO";
  service.endpoint_prefix = "portal.sso";
  TRY_ASSIGN(Endpoint e, endpoint_for(c.endpoints, service, portal.region));
  http::Request r;
  r.path = "/federation/credentials";
  r.query =
      fmt::format("role_name={}&account_id={}", percent_encode(portal.role), percent_encode(portal.account));
  r.headers.set("x-amz-sso_bearer_token", token);
  apply_endpoint(e, service, r);
  auto answer = ask(c, r, kPortalDeadline, kPortalAttempts);
  if (!answer) {
    Error silent = sso_error(profile, answer.error().message);
    silent.next = "check that the portal of " + portal.region + " can be reached";
    return fail(std::move(silent));
  }
  if (answer->status == 401) return fail(sso_error(profile, "the portal refuses the sign-in: it has ended"));
  if (answer->status != 200) {
    Error refused = sso_error(profile, fmt::format("the portal answers {} for role {} in account {}",
                                                   answer->status, portal.role, portal.account));
    refused.next = "check sso_role_name and sso_account_id, and that this role is assigned to you";
    return fail(std::move(refused));
  }
  TRY_ASSIGN(std::string body, answer->body.read());
  return role_credentials(profile, body);
}

}  // namespace relight::aws
