// The providers that DefaultCredentials walks, one file each, and what they share. Internal to the client.
// A provider that is not configured gives nullopt; one that is and fails gives an Error, and the chain ends
// there: to go on would be to act as somebody else than the user meant.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "aws/client/credentials.h"
#include "aws/client/endpoint.h"

namespace relight::aws {

using MaybeProvided = Result<std::optional<Provided>>;

struct ProviderContext {
  const Environment& env;
  Disk& disk;
  http::Exchange& exchange;
  Clock& clock;
  Rng& rng;
  const CredentialSettings& settings;
  Profile profile;  // the chosen one: its region, endpoint_url and instance metadata settings hold for all
  Endpoints endpoints;
  std::string sts_region;
};

Error credential_error(std::string_view code, std::string message, std::string next);
// The three keys of an answer. Names of its members differ by provider; a member that is no string counts as
// missing. Errors say what is missing, never what is there.
struct KeyNames {
  const char *id, *secret, *token, *expires;
};
Result<Provided> provided_from_json(std::string_view text, const KeyNames& names);
// "http://host:port/path?query" as a GET. Error "Credentials.Malformed".
Result<http::Request> request_to(std::string_view url);
// Sends it up to `attempts` times, while no answer comes or the answer is 429 or 5xx. The Error has the host
// and the reason, never path, headers or body.
Result<http::Response> ask(const ProviderContext& c, const http::Request& r,
                           std::chrono::milliseconds deadline, int attempts);

MaybeProvided environment_credentials(const Environment& env);
MaybeProvided environment_web_identity(const ProviderContext& c);
MaybeProvided profile_credentials(const ProviderContext& c, const Profile& profile);
MaybeProvided container_credentials(const ProviderContext& c);
// Everybody may have it, so there is always an Error when it has none.
Result<Provided> instance_credentials(const ProviderContext& c);

Result<Provided> sso_credentials(const ProviderContext& c, const Profile& profile);
// `command` is split as a shell would, nothing is expanded; run without a terminal, killed after `limit`.
Result<Provided> process_credentials(const Environment& env, const std::string& profile,
                                     const std::string& command, std::chrono::milliseconds limit);
// role_arn, role_session_name, external_id and duration_seconds of the profile.
Result<Provided> assume_role(const ProviderContext& c, const Profile& profile,
                             const sign::Credentials& source);
struct WebIdentity {
  std::string role_arn, token_file, session_name, duration_seconds, from;  // from: who asks, for errors
};
Result<Provided> assume_role_with_web_identity(const ProviderContext& c, const WebIdentity& w);

}  // namespace relight::aws
