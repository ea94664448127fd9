#include "sandbox/services/sts/service.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <mutex>
#include <optional>

#include "sandbox/services/iam/policy_document.h"

namespace relight::sandbox {
namespace sts = aws::sts;
namespace op = aws::sts::op;
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct RoleFacts {
  std::string id, arn, trust;
  int32_t max_seconds = 3600;
};

// IAM's data plane has a copy in every region and outlives us-east-1: STS reads what IAM keeps, not IAM
// itself.
std::optional<RoleFacts> find_role(World& w, const std::string& arn) {
  std::optional<RoleFacts> out;
  w.store().each("iam/roles", [&](const std::string&, const std::string& value) {
    auto j = nlohmann::json::parse(value, nullptr, false);
    if (j.is_object() && j.value("Arn", "") == arn)
      out = RoleFacts{j.value("RoleId", ""), arn, j.value("AssumeRolePolicyDocument", ""),
                      j.value("MaxSessionDuration", 3600)};
  });
  return out;
}

// "AIDA…" for users, the account for root, "AROA…:session" for roles. Roles' sessions are told by their ARN.
std::string user_id(const std::string& arn, const std::string& account) {
  if (arn.ends_with(":root")) return account;
  size_t cut = arn.rfind('/');
  return cut == std::string::npos ? arn : "AROASANDBOX000000000:" + arn.substr(cut + 1);
}

}  // namespace

template <class Op>
void StsService::under_lock(std::function<Result<typename Op::Output>(const Call&, const typename Op::Input&)> f) {
  on<Op>([this, f = std::move(f)](const Call& c, const typename Op::Input& in) -> Result<typename Op::Output> {
    std::lock_guard g(world_.lock());
    auto out = f(c, in);
    if (auto kept = world_.store().flush(); !kept)
      return aws_error("InternalFailure", "the sandbox could not keep its state: " + kept.error().text(), 500);
    return out;
  });
}

StsService::StsService(World& w) : Service(w, sts::model()) {
  on<op::GetCallerIdentity>(
      [this](const Call& c, const sts::GetCallerIdentityRequest&) -> Result<sts::GetCallerIdentityResponse> {
        return sts::GetCallerIdentityResponse{.UserId = user_id(c.principal, world_.account()),
                                              .Account = world_.account(),
                                              .Arn = c.principal};
      });
  under_lock<op::AssumeRole>([this](const Call& c, const sts::AssumeRoleRequest& in) { return assume_role(c, in); });
  under_lock<op::GetSessionToken>(
      [this](const Call& c, const sts::GetSessionTokenRequest& in) -> Result<sts::GetSessionTokenResponse> {
        if (c.principal.find(":assumed-role/") != std::string::npos)
          return aws_error("AccessDenied", "Cannot call GetSessionToken with session credentials", 403);
        // A root user's sessions last an hour at most ("GetSessionToken", AWS STS API Reference).
        int32_t most = c.principal.ends_with(":root") ? 3600 : 129600;
        return sts::GetSessionTokenResponse{
            .Credentials = mint(c.principal, std::min(in.DurationSeconds.value_or(most), most))};
      });
  on<op::GetAccessKeyInfo>(
      [this](const Call&, const sts::GetAccessKeyInfoRequest& in) -> Result<sts::GetAccessKeyInfoResponse> {
        if (!world_.principal(*in.AccessKeyId))
          return aws_error("ValidationError", "The access key is not known", 400);
        return sts::GetAccessKeyInfoResponse{.Account = world_.account()};
      });
}

Result<sts::AssumeRoleResponse> StsService::assume_role(const Call& c, const sts::AssumeRoleRequest& in) {
  auto role = find_role(world_, *in.RoleArn);
  if (!role || !trusts(role->trust, c.principal, world_.account()))
    return aws_error("AccessDenied",
                     fmt::format("User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
                                 c.principal, *in.RoleArn),
                     403);
  int32_t seconds = in.DurationSeconds.value_or(3600);
  bool chained = c.principal.find(":assumed-role/") != std::string::npos;
  if (seconds > role->max_seconds || (chained && seconds > 3600))
    return aws_error("ValidationError",
                     "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", 400);
  std::string name = in.RoleArn->substr(in.RoleArn->rfind('/') + 1);
  std::string arn =
      fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", world_.account(), name, *in.RoleSessionName);
  sts::AssumeRoleResponse out;
  out.Credentials = mint(arn, seconds);
  out.AssumedRoleUser =
      sts::AssumedRoleUser{.AssumedRoleId = fmt::format("{}:{}", role->id, *in.RoleSessionName), .Arn = arn};
  out.SourceIdentity = in.SourceIdentity;
  return out;
}

sts::Credentials StsService::mint(const std::string& arn, int32_t seconds) {
  Principal p;
  p.access_key = "ASIA" + letters(kBase32, 16);
  p.secret_key = letters(kBase64, 40);
  p.session_token = "IQoJb3JpZ2luX2Vj" + letters(kBase64, 256);
  p.arn = arn;
  p.expires = world_.clock.now() + std::chrono::seconds(seconds);
  world_.add_principal(p);
  return {.AccessKeyId = p.access_key,
          .SecretAccessKey = p.secret_key,
          .SessionToken = p.session_token,
          .Expiration = p.expires};
}

std::string StsService::letters(std::string_view alphabet, size_t n) {
  std::string out;
  for (size_t i = 0; i < n; ++i) out += alphabet[world_.rng.below(alphabet.size())];
  return out;
}

}  // namespace relight::sandbox
