#include "sandbox/services/ecs/task_secrets.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "aws/gen/secretsmanager.h"
#include "aws/gen/ssm.h"
#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::ecs {
namespace {

std::unexpected<Error> not_started(const std::string& from, const std::string& why) {
  return fail(
      "ResourceInitializationError",
      fmt::format("ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
                  "retrieval failed: unable to retrieve secret from {}: {}",
                  from, why));
}

Result<> reachable(World& w, const std::string& from, const std::string& here, const std::string& there) {
  if (here == there || w.links().connected(here, there)) return {};
  return not_started(
      from, fmt::format("service call has been retried 5 time(s): RequestCanceled: request context canceled "
                        "caused by: context deadline exceeded ({} is out of reach). Please check your task "
                        "network configuration.",
                        there));
}

// One member of a secret that is a JSON object.
Result<std::string> member(const std::string& text, const std::string& key) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object())
    return not_started("asm", fmt::format("the secret is no JSON object, so it has no key {}", key));
  auto it = j.find(key);
  if (it == j.end())
    return not_started("asm",
                       fmt::format("retrieved secret from Secrets Manager did not contain json key {}", key));
  return it->is_string() ? it->get<std::string>() : it->dump();
}

// arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-abcdef[:KEY[:LABEL[:VERSION]]]
Result<std::string> of_secret(World& w, const std::string& here, const std::string& reference) {
  namespace sm = aws::secretsmanager;
  auto part = split(reference, ':');
  if (part.size() < 7) return not_started("asm", "unexpected ARN format: " + reference);
  part.resize(10);
  TRY(reachable(w, "asm", here, part[3]));
  sm::GetSecretValueRequest in;
  in.SecretId =
      fmt::format("{}:{}:{}:{}:{}:{}:{}", part[0], part[1], part[2], part[3], part[4], part[5], part[6]);
  if (!part[8].empty()) in.VersionStage = part[8];
  if (!part[9].empty()) in.VersionId = part[9];
  auto out = w.call<sm::op::GetSecretValue>(part[3], in);
  if (!out)
    return not_started(
        "asm", fmt::format("service call has been retried 1 time(s): failed to fetch secret {} from secrets "
                           "manager: {}: {}",
                           *in.SecretId, out.error().code, out.error().message));
  if (!out->SecretString) return not_started("asm", "the secret holds no text: " + *in.SecretId);
  return part[7].empty() ? Result<std::string>(*out->SecretString) : member(*out->SecretString, part[7]);
}

Result<std::string> of_parameter(World& w, const std::string& here, const std::string& reference) {
  namespace ssm = aws::ssm;
  std::string there = reference.starts_with("arn:") ? split(reference, ':')[3] : here;
  TRY(reachable(w, "ssm", here, there));
  auto out = w.call<ssm::op::GetParameter>(there, {.Name = reference, .WithDecryption = true});
  if (!out) return not_started("ssm", "invalid ssm parameters: " + reference);  // wording unverified
  return out->Parameter->Value.value_or("");
}

}  // namespace

Result<std::map<std::string, Environment>> fetch_secrets(World& w, const std::string& region,
                                                         const aws::ecs::TaskDefinition& d) {
  std::map<std::string, Environment> out;
  for (auto& c : d.containerDefinitions.value_or(std::vector<aws::ecs::ContainerDefinition>{}))
    for (auto& s : c.secrets.value_or(std::vector<aws::ecs::Secret>{})) {
      bool secret =
          s.valueFrom->starts_with("arn:") && s.valueFrom->find(":secretsmanager:") != std::string::npos;
      TRY_ASSIGN(out[*c.name][*s.name],
                 secret ? of_secret(w, region, *s.valueFrom) : of_parameter(w, region, *s.valueFrom));
    }
  return out;
}

}  // namespace relight::sandbox::ecs
