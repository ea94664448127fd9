// Replicas follow their primary secret in the background ("Replicate AWS Secrets Manager secrets across
// Regions"): value, labels, tags, description and resource policy. A replica is changed in its primary's
// region alone, until it is promoted.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/secretsmanager/service.h"

namespace relight::sandbox {
using namespace secrets;
namespace op = aws::secretsmanager::op;

namespace {

constexpr Millis kCopyTime{2000};  // of a change to a replica; AWS documents none (unverified)

std::string in_region(const std::string& arn, const std::string& from, const std::string& to) {
  std::string mark = ":secretsmanager:" + from + ":", out = arn;
  if (auto at = out.find(mark); at != out.npos) out.replace(at, mark.size(), ":secretsmanager:" + to + ":");
  return out;
}

api::ReplicationStatusType* status_of(Secret& s, const std::string& region) {
  if (s.ReplicationStatus)
    for (auto& r : *s.ReplicationStatus)
      if (r.Region == region) return &r;
  return nullptr;
}

}  // namespace

Result<> SecretsManagerService::add_replicas(Region r, Secret& s,
                                             const std::vector<api::ReplicaRegionType>& to, bool overwrite) {
  auto& all = world_.settings.regions;
  for (auto& want : to) {
    if (want.Region == r)
      return aws_error("InvalidParameterException",
                       fmt::format("Invalid replica region {}.", r));  // wording unverified
    if (std::find(all.begin(), all.end(), want.Region.value_or("")) == all.end())
      return aws_error("InvalidParameterException",
                       fmt::format("This sandbox has no region {}.", want.Region.value_or("")));
  }
  s.PrimaryRegion = r;
  if (!s.ReplicationStatus) s.ReplicationStatus.emplace();
  for (auto& want : to) {
    if (status_of(s, *want.Region)) continue;
    auto* there = secrets_.find(*want.Region, *s.Name);
    api::ReplicationStatusType st{.Region = want.Region, .KmsKeyId = want.KmsKeyId, .Status = "InProgress"};
    if (there && overwrite) forget(*want.Region, *s.Name);
    if (there && !overwrite) {
      st.Status = "Failed";
      st.StatusMessage =
          fmt::format("Replication failed: Secret name simple already exists in region {}.", *want.Region);
    }
    s.ReplicationStatus->push_back(st);
  }
  changed(r, s);
  return {};
}

void SecretsManagerService::replicate(Region from, const std::string& name) {
  auto* s = secrets_.find(from, name);
  if (!s || s->PrimaryRegion != from || !s->ReplicationStatus) return;
  for (auto& st : *s->ReplicationStatus) {
    if (st.Status == "Failed") continue;
    st.Status = "InProgress";
    world_.after(world_.pace(kCopyTime), [this, from, name, to = *st.Region] { copy(from, name, to); });
  }
  secrets_.save(from, name, *s);
}

void SecretsManagerService::replicate_all() {
  for (auto& r : world_.settings.regions)
    for (auto& [name, s] : secrets_.in(r))
      if (s.PrimaryRegion == r) replicate(r, name);
}

void SecretsManagerService::copy(Region from, const std::string& name, Region to) {
  auto* s = secrets_.find(from, name);
  auto* st = s ? status_of(*s, to) : nullptr;
  if (!st || st->Status != "InProgress") return;
  if (!world_.links().up(from)) return;  // its restoration begins anew
  if (!world_.links().connected(from, to)) {
    world_.after(world_.poll_interval(std::chrono::minutes(1)),
                 [this, from, name, to] { copy(from, name, to); });
    return;
  }
  auto* there = secrets_.find(to, name);
  if (there && there->PrimaryRegion.value_or(to) != from) {
    // Promoted on its own meanwhile, or somebody else's: never overwritten unasked.
    st->Status = "Failed";
    st->StatusMessage =
        fmt::format("Replication failed: Secret name simple already exists in region {}.", to);
  } else {
    auto copied = store_copy(from, *s, to);
    st->Status = copied ? "InSync" : "Failed";
    st->StatusMessage = copied ? "Replication succeeded" : "Replication failed: " + copied.error().message;
  }
  secrets_.save(from, name, *s);
}

Result<> SecretsManagerService::store_copy(Region from, const Secret& s, Region to) {
  auto* there = secrets_.find(to, *s.Name);
  Secret copy = s;
  copy.ARN = in_region(*s.ARN, from, to);
  copy.ReplicationStatus.reset();
  copy.KmsKeyId.reset();
  for (auto& st : *s.ReplicationStatus)
    if (st.Region == to) copy.KmsKeyId = st.KmsKeyId;
  copy.LastAccessedDate = there ? there->LastAccessedDate : std::nullopt;
  std::map<std::string, Value> values;  // each under the replica's own key
  for (auto& [id, labels] : s.VersionIdsToStages.value_or(Versions{}))
    if (auto* v = values_.find(from, *s.Name + "|" + id)) {
      TRY_ASSIGN(Value value, opened(from, *v));
      value.ARN = copy.ARN;
      TRY_ASSIGN(values[id], sealed(to, copy, std::move(value)));
    }
  forget(to, *s.Name);
  for (auto& [id, value] : values) values_.put(to, *s.Name + "|" + id, std::move(value));
  if (auto* p = policies_.find(from, *s.Name)) {
    Policy policy = *p;
    policy.ARN = copy.ARN;
    policies_.put(to, *s.Name, std::move(policy));
  }
  secrets_.put(to, *s.Name, std::move(copy));
  world_.event(to, "secretsmanager", *s.Name, "replicated from " + from);
  return {};
}

void SecretsManagerService::add_replication() {
  on<op::ReplicateSecretToRegions>([this](const Call& c, const api::ReplicateSecretToRegionsRequest& in)
                                       -> Result<api::ReplicateSecretToRegionsResponse> {
    TRY_ASSIGN(auto* s, writable(c.region, in.SecretId));
    TRY(add_replicas(c.region, *s, *in.AddReplicaRegions, in.ForceOverwriteReplicaSecret.value_or(false)));
    return api::ReplicateSecretToRegionsResponse{.ARN = s->ARN, .ReplicationStatus = s->ReplicationStatus};
  });
  on<op::RemoveRegionsFromReplication>(
      [this](const Call& c, const api::RemoveRegionsFromReplicationRequest& in)
          -> Result<api::RemoveRegionsFromReplicationResponse> {
        TRY_ASSIGN(auto* s, writable(c.region, in.SecretId));
        for (auto& region : *in.RemoveReplicaRegions) {
          auto* st = status_of(*s, region);
          if (!st)
            return aws_error("InvalidParameterException",
                             "Replica region " + region + " is not a replica of this secret.");
          auto* there = secrets_.find(region, *s->Name);
          if (there && there->PrimaryRegion == c.region) forget(region, *s->Name);
          std::erase_if(*s->ReplicationStatus, [&](auto& x) { return x.Region == region; });
        }
        if (s->ReplicationStatus->empty()) s->ReplicationStatus.reset();
        changed(c.region, *s);
        return api::RemoveRegionsFromReplicationResponse{.ARN = s->ARN,
                                                         .ReplicationStatus = s->ReplicationStatus};
      });
  on<op::StopReplicationToReplica>([this](const Call& c, const api::StopReplicationToReplicaRequest& in)
                                       -> Result<api::StopReplicationToReplicaResponse> {
    TRY_ASSIGN(auto* s, living(c.region, in.SecretId));
    if (!s->PrimaryRegion || *s->PrimaryRegion == c.region)
      return aws_error("InvalidParameterException", "The secret is not a replica.");  // wording unverified
    std::string primary = *s->PrimaryRegion;
    s->PrimaryRegion.reset();
    secrets_.save(c.region, *s->Name, *s);
    // The primary learns of it when it can be reached; a primary that is lost finds out at its next copy.
    auto* p = secrets_.find(primary, *s->Name);
    if (p && p->ReplicationStatus && world_.links().connected(primary, c.region)) {
      std::erase_if(*p->ReplicationStatus, [&](auto& x) { return x.Region == c.region; });
      if (p->ReplicationStatus->empty()) p->ReplicationStatus.reset();
      secrets_.save(primary, *s->Name, *p);
    }
    return api::StopReplicationToReplicaResponse{.ARN = s->ARN};
  });
}

}  // namespace relight::sandbox
