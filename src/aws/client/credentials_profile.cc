// What a profile of the shared files says about credentials. Where AWS's pages leave the order within a
// profile open it is botocore's (unverified for other SDKs): role, IAM Identity Center, keys, process; and a
// source profile's own keys go before its role.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "aws/client/credential_provider.h"

namespace relight::aws {
namespace {

constexpr std::chrono::seconds kProcessLimit{60};

Error profile_error(std::string_view code, const Profile& p, std::string_view what, std::string next) {
  return credential_error(code, fmt::format("profile '{}' {}", p.name, what), std::move(next));
}

bool has_keys(const Profile& p) {
  return !p.get("aws_access_key_id").empty() || !p.get("aws_secret_access_key").empty();
}

Result<Provided> keys_of(const Profile& p) {
  Provided out{{p.get("aws_access_key_id"), p.get("aws_secret_access_key"), p.get("aws_session_token")}, {}};
  if (out.keys.access_key.empty() || out.keys.secret_key.empty())
    return fail(profile_error("Credentials.Incomplete", p, "has half an access key",
                              "give aws_access_key_id and aws_secret_access_key"));
  return out;
}

Result<Provided> required(MaybeProvided found, const Profile& p, std::string_view what, std::string next) {
  if (!found) return std::unexpected(std::move(found).error());
  if (!*found) return fail(profile_error("Credentials.Incomplete", p, what, std::move(next)));
  return std::move(**found);
}

// Follows one profile to its end; remembers the way, so that a circle is seen.
class ProfileWalk {
 public:
  explicit ProfileWalk(const ProviderContext& c) : c_(c) {}
  MaybeProvided credentials_of(const Profile& p, bool as_source) {
    way_.push_back(p.name);
    if (!p.get("role_arn").empty() && !(as_source && has_keys(p))) return present(role_of(p));
    for (const char* key : {"sso_session", "sso_start_url", "sso_account_id", "sso_role_name"})
      if (!p.get(key).empty()) return present(sso_credentials(c_, p));
    if (has_keys(p)) return present(keys_of(p));
    if (std::string command = p.get("credential_process"); !command.empty())
      return present(process_credentials(c_.env, p.name, command, kProcessLimit));
    if (!p.get("login_session").empty())
      return fail(profile_error("Credentials.Unsupported", p, "uses login_session, which is not built",
                                "give another profile 'credential_process = aws configure export-credentials "
                                "--format process --profile " +
                                    p.name + "'"));
    return std::optional<Provided>();
  }

 private:
  static MaybeProvided present(Result<Provided> p) {
    if (!p) return std::unexpected(std::move(p).error());
    return std::optional(std::move(*p));
  }

  // "Assume role credential provider",
  // https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
  Result<Provided> role_of(const Profile& p) {
    std::string source = p.get("source_profile"), kind = p.get("credential_source");
    std::string token_file = p.get("web_identity_token_file");
    if (!source.empty() && !kind.empty())
      return fail(profile_error("Credentials.Profile", p, "has both source_profile and credential_source",
                                "remove one of them"));
    if (source.empty() && kind.empty() && !token_file.empty())
      return assume_role_with_web_identity(
          c_, {p.get("role_arn"), token_file, p.get("role_session_name"), p.get("duration_seconds"),
               fmt::format("profile '{}'", p.name)});
    if (!p.get("mfa_serial").empty())
      return fail(profile_error("Credentials.Unsupported", p,
                                "wants an MFA code (mfa_serial), and nobody is asked",
                                "run 'aws configure export-credentials --format env --profile " + p.name +
                                    "' and export what it prints"));
    if (source.empty() && kind.empty())
      return fail(profile_error("Credentials.Incomplete", p,
                                "has role_arn without whose credentials assume it",
                                "add source_profile, credential_source or web_identity_token_file"));
    TRY_ASSIGN(Provided base, kind.empty() ? of_profile(p, source) : of_kind(p, kind));
    return assume_role(c_, p, base.keys);
  }

  Result<Provided> of_kind(const Profile& p, const std::string& kind) {
    if (kind == "Environment")
      return required(environment_credentials(c_.env), p,
                      "has credential_source Environment, which has no keys",
                      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    if (kind == "EcsContainer")
      return required(container_credentials(c_), p,
                      "has credential_source EcsContainer, and this is no container",
                      "run in a task with a role, or choose another credential_source");
    if (kind != "Ec2InstanceMetadata")
      return fail(profile_error("Credentials.Profile", p, "has an unknown credential_source '" + kind + "'",
                                "use Environment, EcsContainer or Ec2InstanceMetadata"));
    auto found = instance_credentials(c_);
    if (!found)
      return fail(profile_error("Credentials.Incomplete", p,
                                "has credential_source Ec2InstanceMetadata: " + found.error().message,
                                "run on an instance with a role, or choose another credential_source"));
    return found;
  }

  // A profile may name itself, if it has keys of its own to begin with.
  Result<Provided> of_profile(const Profile& p, const std::string& source) {
    if (source == p.name && has_keys(p)) return keys_of(p);
    if (std::ranges::find(way_, source) != way_.end())
      return fail(credential_error(
          "Credentials.Loop",
          fmt::format("source_profile goes in a circle: {} -> {}", fmt::join(way_, " -> "), source),
          "let one of these profiles have keys, credential_source or credential_process"));
    TRY_ASSIGN(Profile next, read_profile(c_.env, c_.disk, source));
    if (!next.found)
      return fail(profile_error("Credentials.Profile", p,
                                fmt::format("has source_profile '{}', which does not exist", source),
                                "mend source_profile in ~/.aws/config"));
    return required(credentials_of(next, true), next,
                    fmt::format("is the source_profile of '{}' and has no setting for credentials", p.name),
                    "give it keys, a role, sso_session or credential_process");
  }

  const ProviderContext& c_;
  std::vector<std::string> way_;
};

}  // namespace

MaybeProvided profile_credentials(const ProviderContext& c, const Profile& profile) {
  return ProfileWalk(c).credentials_of(profile, false);
}

}  // namespace relight::aws
