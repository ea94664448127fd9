// The secrets themselves: made, described, listed, changed, deleted, restored.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sandbox/services/secretsmanager/service.h"

namespace relight::sandbox {
using namespace secrets;
namespace op = aws::secretsmanager::op;

namespace {

constexpr auto kDay = std::chrono::hours(24);

// The end of an ARN: letters and digits.
std::string random_end(Rng& rng) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  for (int i = 0; i < 6; ++i) out += kAlphabet[rng.below(kAlphabet.size())];
  return out;
}

api::SecretListEntry entry(const Secret& s) {
  api::SecretListEntry e;
  e.ARN = s.ARN;
  e.Name = s.Name;
  e.Description = s.Description;
  e.KmsKeyId = s.KmsKeyId;
  e.LastChangedDate = s.LastChangedDate;
  e.LastAccessedDate = s.LastAccessedDate;
  e.Tags = s.Tags;
  e.SecretVersionsToStages = s.VersionIdsToStages;
  e.CreatedDate = s.CreatedDate;
  e.PrimaryRegion = s.PrimaryRegion;
  return e;
}

bool any_starts(const std::vector<std::string>& texts, const std::string& prefix) {
  return std::any_of(texts.begin(), texts.end(), [&](auto& t) { return t.starts_with(prefix); });
}

std::vector<std::string> texts_of(const Secret& s, const std::string& key) {
  std::vector<std::string> out;
  bool all = key == "all";
  if (all || key == "name") out.push_back(s.Name.value_or(""));
  if (all || key == "description") out.push_back(s.Description.value_or(""));
  if (key == "primary-region") out.push_back(s.PrimaryRegion.value_or(""));
  for (auto& t : s.Tags.value_or(std::vector<api::Tag>{})) {
    if (all || key == "tag-key") out.push_back(t.Key.value_or(""));
    if (all || key == "tag-value") out.push_back(t.Value.value_or(""));
  }
  return out;
}

}  // namespace

bool secrets::matches(const Secret& s, const std::vector<api::Filter>& filters) {
  return std::all_of(filters.begin(), filters.end(), [&](auto& f) {
    auto texts = texts_of(s, f.Key.value_or("all"));
    auto values = f.Values.value_or(std::vector<std::string>{});
    return std::any_of(values.begin(), values.end(), [&](auto& v) {
      return v.starts_with('!') ? !any_starts(texts, v.substr(1)) : any_starts(texts, v);
    });
  });
}

void SecretsManagerService::add_secrets() {
  on<op::CreateSecret>([this](const Call& c,
                              const api::CreateSecretRequest& in) -> Result<api::CreateSecretResponse> {
    if (!std::all_of(in.Name->begin(), in.Name->end(), [](unsigned char ch) {
          return std::isalnum(ch) ||
                 std::string_view("/_+=.@-").find(static_cast<char>(ch)) != std::string_view::npos;
        }))
      return aws_error(
          "ValidationException",
          "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
          "-/_+=.@!");
    TRY(name_is_free(c.region, *in.Name));
    Secret s;
    s.Name = in.Name;
    s.ARN = fmt::format("arn:aws:secretsmanager:{}:{}:secret:{}-{}", c.region, world_.account(), *in.Name,
                        random_end(world_.rng));
    s.Description = in.Description;
    s.KmsKeyId = in.KmsKeyId;
    s.CreatedDate = world_.clock.now();
    s.LastChangedDate = s.CreatedDate;
    if (in.Tags) TRY(set_tags(s, *in.Tags));
    api::CreateSecretResponse out{.ARN = s.ARN, .Name = s.Name};
    if (in.SecretString || in.SecretBinary) {
      TRY_ASSIGN(out.VersionId,
                 put_value(c.region, s, {in.ClientRequestToken, in.SecretString, in.SecretBinary}));
    }
    auto& kept = secrets_.put(c.region, *in.Name, s);
    if (in.AddReplicaRegions)
      if (auto r = add_replicas(c.region, kept, *in.AddReplicaRegions,
                                in.ForceOverwriteReplicaSecret.value_or(false));
          !r) {
        forget(c.region, *in.Name);
        return std::unexpected(r.error());
      }
    out.ReplicationStatus = kept.ReplicationStatus;
    return out;
  });
  on<op::DescribeSecret>(
      [this](const Call& c, const api::DescribeSecretRequest& in) -> Result<api::DescribeSecretResponse> {
        TRY_ASSIGN(auto* s, find(c.region, in.SecretId));
        return *s;
      });
}

void SecretsManagerService::add_list() {
  on<op::ListSecrets>(
      [this](const Call& c, const api::ListSecretsRequest& in) -> Result<api::ListSecretsResponse> {
        std::vector<const Secret*> all;
        for (auto& [name, s] : secrets_.in(c.region))
          if (!s.DeletedDate && matches(s, in.Filters.value_or(std::vector<api::Filter>{})))
            all.push_back(&s);
        bool up = in.SortOrder == "asc";
        std::stable_sort(all.begin(), all.end(), [&](auto* a, auto* b) {
          return up ? a->CreatedDate < b->CreatedDate : b->CreatedDate < a->CreatedDate;
        });
        size_t from = 0, n = static_cast<size_t>(in.MaxResults.value_or(100));
        auto& token = in.NextToken;
        if (token && std::from_chars(token->data(), token->data() + token->size(), from).ec != std::errc{})
          return aws_error("InvalidNextTokenException", "Invalid NextToken");
        api::ListSecretsResponse out;
        out.SecretList.emplace();
        for (size_t i = from; i < all.size() && i < from + n; ++i) out.SecretList->push_back(entry(*all[i]));
        if (from + n < all.size()) out.NextToken = std::to_string(from + n);
        return out;
      });
}

void SecretsManagerService::add_changes() {
  on<op::UpdateSecret>(
      [this](const Call& c, const api::UpdateSecretRequest& in) -> Result<api::UpdateSecretResponse> {
        TRY_ASSIGN(auto* s, writable(c.region, in.SecretId));
        api::UpdateSecretResponse out{.ARN = s->ARN, .Name = s->Name};
        if (in.KmsKeyId) TRY(rekey(c.region, *s, *in.KmsKeyId));
        if (in.SecretString || in.SecretBinary) {
          TRY_ASSIGN(out.VersionId,
                     put_value(c.region, *s, {in.ClientRequestToken, in.SecretString, in.SecretBinary}));
        }
        if (in.Description) s->Description = in.Description;
        changed(c.region, *s);
        return out;
      });
  on<op::RestoreSecret>(
      [this](const Call& c, const api::RestoreSecretRequest& in) -> Result<api::RestoreSecretResponse> {
        TRY_ASSIGN(auto* s, find(c.region, in.SecretId));
        s->DeletedDate.reset();
        changed(c.region, *s);
        return api::RestoreSecretResponse{.ARN = s->ARN, .Name = s->Name};
      });
}

void SecretsManagerService::add_deletion() {
  on<op::DeleteSecret>([this](const Call& c,
                              const api::DeleteSecretRequest& in) -> Result<api::DeleteSecretResponse> {
    bool force = in.ForceDeleteWithoutRecovery.value_or(false);
    if (force && in.RecoveryWindowInDays)
      return aws_error("InvalidParameterException",
                       "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    int64_t days = in.RecoveryWindowInDays.value_or(30);
    if (days < 7 || days > 30)
      return aws_error("InvalidParameterException",
                       "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
    auto s = writable(c.region, in.SecretId);
    // DeleteSecret, API Reference: a forced deletion of what does not exist succeeds after a while; here it
    // is refused, which is stricter.
    if (!s) return std::unexpected(s.error());
    if ((*s)->ReplicationStatus && !(*s)->ReplicationStatus->empty()) {
      std::string regions;
      for (auto& r : *(*s)->ReplicationStatus)
        regions += (regions.empty() ? "" : ", ") + r.Region.value_or("");
      return aws_error("InvalidParameterException",
                       fmt::format("You can't delete secret {} that still has replica regions [{}].",
                                   *(*s)->ARN, regions));
    }
    auto now = world_.clock.now();
    api::DeleteSecretResponse out{
        .ARN = (*s)->ARN, .Name = (*s)->Name, .DeletionDate = now + (force ? kDay * 0 : kDay * days)};
    if (force) {
      forget(c.region, std::string(*out.Name));
      return out;
    }
    (*s)->DeletedDate = out.DeletionDate;
    secrets_.save(c.region, *out.Name, **s);
    remove_at_date(c.region, *out.Name);
    return out;
  });
}

void SecretsManagerService::remove_at_date(Region r, const std::string& name) {
  auto* s = secrets_.find(r, name);
  if (!s || !s->DeletedDate) return;
  auto left = std::chrono::duration_cast<Millis>(*s->DeletedDate - world_.clock.now());
  world_.after(std::max(left, Millis{0}), [this, r, name, arn = *s->ARN, date = *s->DeletedDate] {
    auto* then = secrets_.find(r, name);  // restored meanwhile, or another one of that name
    if (then && then->ARN == arn && then->DeletedDate == date) forget(r, name);
  });
}

}  // namespace relight::sandbox
