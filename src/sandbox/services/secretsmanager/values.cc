// Versions of a secret and their staging labels ("What's in a Secrets Manager secret?").
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/secretsmanager/service.h"

namespace relight::sandbox {
using namespace secrets;
namespace op = aws::secretsmanager::op;

namespace {

// "AWS Secrets Manager quotas": versions of a secret, labels over all of them, bytes of a value.
constexpr size_t kVersions = 100, kLabels = 20, kValueBytes = 65'536;

std::string key_of(const Secret& s, const std::string& version) { return *s.Name + "|" + version; }

std::string version_with(const Secret& s, const std::string& label) {
  for (auto& [id, labels] : s.VersionIdsToStages.value_or(Versions{}))
    if (std::find(labels.begin(), labels.end(), label) != labels.end()) return id;
  return "";
}

Stages labels_of(const Secret& s, const std::string& version) {
  auto all = s.VersionIdsToStages.value_or(Versions{});
  auto it = all.find(version);
  return it == all.end() ? Stages{} : it->second;
}

}  // namespace

std::string secrets::take_label(Versions& versions, const std::string& label) {
  for (auto& [id, labels] : versions)
    if (std::erase(labels, label)) return id;
  return "";
}

void secrets::make_current(Versions& versions, const std::string& version) {
  std::string before = take_label(versions, kCurrent);
  if (!before.empty() && before != version) {
    take_label(versions, kPrevious);
    versions[before].push_back(kPrevious);
  }
  std::erase(versions[version], kPrevious);
  versions[version].push_back(kCurrent);
}

Result<std::string> SecretsManagerService::put_value(Region r, Secret& s, NewValue v) {
  if (v.text && v.bytes)
    return aws_error("InvalidParameterException",
                     "You can't specify both a binary secret value and a string secret value.");
  if (!v.text && !v.bytes)
    return aws_error("InvalidRequestException",
                     "You must provide either SecretString or SecretBinary.");  // wording unverified
  std::string id = v.token.value_or(world_.rng.uuid());
  if (auto* there = values_.find(r, key_of(s, id))) {
    TRY_ASSIGN(Value known, opened(r, *there));
    if (known.SecretString == v.text && known.SecretBinary == v.bytes) return id;
    return aws_error(
        "ResourceExistsException",
        fmt::format(
            "You can't use ClientRequestToken {} because that value is already in use for a version of "
            "secret {}.",
            id, *s.ARN));
  }
  if ((v.text ? v.text->size() : v.bytes->bytes.size()) > kValueBytes)
    return aws_error("ValidationException",
                     "A secret value holds at most 65536 bytes.");  // wording unverified
  Value value;
  value.ARN = s.ARN;
  value.Name = s.Name;
  value.VersionId = id;
  value.SecretString = std::move(v.text);
  value.SecretBinary = std::move(v.bytes);
  value.CreatedDate = world_.clock.now();
  TRY_ASSIGN(value, sealed(r, s, std::move(value)));
  Versions all = s.VersionIdsToStages.value_or(Versions{});
  if (all.empty() && std::find(v.labels.begin(), v.labels.end(), kCurrent) == v.labels.end())
    v.labels.push_back(kCurrent);
  if (all.size() >= kVersions) {  // versions without a label are deprecated and make room
    auto idle = std::find_if(all.begin(), all.end(), [](auto& p) { return p.second.empty(); });
    if (idle == all.end()) return aws_error("LimitExceededException", "A secret has at most 100 versions.");
    values_.erase(r, key_of(s, idle->first));
    all.erase(idle);
  }
  all[id];
  for (auto& label : v.labels)
    if (label == kCurrent)
      make_current(all, id);
    else
      take_label(all, label), all[id].push_back(label);
  values_.put(r, key_of(s, id), std::move(value));
  s.VersionIdsToStages = std::move(all);
  return id;
}

void SecretsManagerService::add_values() {
  on<op::PutSecretValue>(
      [this](const Call& c, const api::PutSecretValueRequest& in) -> Result<api::PutSecretValueResponse> {
        TRY_ASSIGN(auto* s, writable(c.region, in.SecretId));
        TRY_ASSIGN(std::string id, put_value(c.region, *s,
                                             {in.ClientRequestToken, in.SecretString, in.SecretBinary,
                                              in.VersionStages.value_or(Stages{kCurrent})}));
        changed(c.region, *s);
        return api::PutSecretValueResponse{
            .ARN = s->ARN, .Name = s->Name, .VersionId = id, .VersionStages = labels_of(*s, id)};
      });
  on<op::GetSecretValue>([this](const Call& c,
                                const api::GetSecretValueRequest& in) -> Result<api::GetSecretValueResponse> {
    TRY_ASSIGN(auto* s, living(c.region, in.SecretId));
    std::string label = in.VersionStage.value_or(kCurrent);
    std::string id = in.VersionId.value_or(version_with(*s, label));
    auto* v = values_.find(c.region, key_of(*s, id));
    auto labels = labels_of(*s, id);
    if (!v)
      return aws_error(
          "ResourceNotFoundException",
          in.VersionId
              ? fmt::format("Secrets Manager can't find the specified secret value for VersionId: {}", id)
              : "Secrets Manager can't find the specified secret value for staging label: " + label);
    if (in.VersionId && in.VersionStage && std::find(labels.begin(), labels.end(), label) == labels.end())
      return aws_error("InvalidRequestException",
                       "You provided a VersionStage that is not associated to the provided VersionId.");
    constexpr auto kDay = std::chrono::hours(24);  // LastAccessedDate is a date without its time
    Instant today =
        Instant{} + (world_.clock.now().time_since_epoch() / kDay) * std::chrono::duration_cast<Millis>(kDay);
    if (s->LastAccessedDate != today) {
      s->LastAccessedDate = today;
      secrets_.save(c.region, *s->Name, *s);
    }
    TRY_ASSIGN(api::GetSecretValueResponse out, opened(c.region, *v));
    out.VersionStages = labels;
    return out;
  });
}

void SecretsManagerService::add_versions() {
  on<op::ListSecretVersionIds>(
      [this](const Call& c,
             const api::ListSecretVersionIdsRequest& in) -> Result<api::ListSecretVersionIdsResponse> {
        TRY_ASSIGN(auto* s, find(c.region, in.SecretId));
        api::ListSecretVersionIdsResponse out{
            .Versions = std::vector<api::SecretVersionsListEntry>{}, .ARN = s->ARN, .Name = s->Name};
        size_t n = static_cast<size_t>(in.MaxResults.value_or(100));
        for (auto& [id, labels] : s->VersionIdsToStages.value_or(Versions{})) {
          if (labels.empty() && !in.IncludeDeprecated.value_or(false)) continue;
          if (in.NextToken && id <= *in.NextToken) continue;
          if (out.Versions->size() == n) {
            out.NextToken = out.Versions->back().VersionId;
            break;
          }
          api::SecretVersionsListEntry e{.VersionId = id};
          if (!labels.empty()) e.VersionStages = labels;
          if (auto* v = values_.find(c.region, key_of(*s, id))) e.CreatedDate = v->CreatedDate;
          out.Versions->push_back(std::move(e));
        }
        return out;
      });
}

void SecretsManagerService::add_labels() {
  on<op::UpdateSecretVersionStage>([this](const Call& c, const api::UpdateSecretVersionStageRequest& in)
                                       -> Result<api::UpdateSecretVersionStageResponse> {
    TRY_ASSIGN(auto* s, writable(c.region, in.SecretId));
    Versions all = s->VersionIdsToStages.value_or(Versions{});
    std::string at = version_with(*s, *in.VersionStage);
    for (auto& id : {in.RemoveFromVersionId, in.MoveToVersionId})
      if (id && !all.contains(*id))
        return aws_error("ResourceNotFoundException",
                         "Secrets Manager can't find the specified secret version.");
    if (in.RemoveFromVersionId && at != *in.RemoveFromVersionId)
      return aws_error("InvalidParameterException",
                       "The staging label you want to remove is not attached to the specified version.");
    if (in.MoveToVersionId && !at.empty() && at != *in.MoveToVersionId && !in.RemoveFromVersionId)
      return aws_error(
          "InvalidParameterException",
          fmt::format("The parameter RemoveFromVersionId can't be empty. Staging label {} is currently "
                      "attached to version {}, so you must explicitly reference that version in "
                      "RemoveFromVersionId.",
                      *in.VersionStage, at));
    if (*in.VersionStage == kCurrent && !in.MoveToVersionId)
      return aws_error(
          "InvalidParameterException",
          "You can only move staging label AWSCURRENT to a different secret version. It can't be completely "
          "removed.");
    if (*in.VersionStage == kCurrent) {
      make_current(all, *in.MoveToVersionId);
    } else {
      take_label(all, *in.VersionStage);
      if (in.MoveToVersionId) all[*in.MoveToVersionId].push_back(*in.VersionStage);
    }
    size_t labels = 0;
    for (auto& [id, l] : all) labels += l.size();
    if (labels > kLabels)
      return aws_error("LimitExceededException", "A secret has at most 20 staging labels.");
    s->VersionIdsToStages = std::move(all);
    changed(c.region, *s);
    return api::UpdateSecretVersionStageResponse{.ARN = s->ARN, .Name = s->Name};
  });
}

}  // namespace relight::sandbox
