#include "aws/client/credential_provider.h"

namespace relight::aws {

// "AWS access keys", https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
MaybeProvided environment_credentials(const Environment& env) {
  auto id = env("AWS_ACCESS_KEY_ID"), secret = env("AWS_SECRET_ACCESS_KEY");
  if (id && secret) return Provided{{*id, *secret, env("AWS_SESSION_TOKEN").value_or("")}, {}};
  if (id || secret)
    return fail(credential_error("Credentials.Incomplete",
                                 "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set",
                                 "set both or neither"));
  return std::optional<Provided>();
}

MaybeProvided environment_web_identity(const ProviderContext& c) {
  auto file = c.env("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!file) return std::optional<Provided>();
  WebIdentity w;
  w.token_file = *file;
  w.role_arn = c.env("AWS_ROLE_ARN").value_or("");
  w.session_name = c.env("AWS_ROLE_SESSION_NAME").value_or("");
  w.from = "AWS_WEB_IDENTITY_TOKEN_FILE";
  if (w.role_arn.empty())
    return fail(credential_error("Credentials.Incomplete",
                                 "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not",
                                 "set both or neither"));
  TRY_ASSIGN(Provided p, assume_role_with_web_identity(c, w));
  return std::optional(std::move(p));
}

}  // namespace relight::aws
