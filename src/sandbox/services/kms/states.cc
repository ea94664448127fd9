// Enabled, disabled, pending deletion ("Key states of AWS KMS keys").
#include <algorithm>

#include "sandbox/services/kms/service.h"

namespace relight::sandbox {
using namespace kms;
namespace op = aws::kms::op;

namespace {

constexpr auto kWindowDay = std::chrono::hours(24);

bool has_replicas(const Key& k) {
  auto& m = k.v.MultiRegionConfiguration;
  return m && m->MultiRegionKeyType == "PRIMARY" && m->ReplicaKeys && !m->ReplicaKeys->empty();
}

}  // namespace

void KmsService::add_states() {
  on<op::EnableKey>([this](const Call& c, const api::EnableKeyRequest& in) -> Result<api::EnableKeyOutput_> {
    TRY_ASSIGN(auto* k, changeable(c.region, in.KeyId));
    set_state(c.region, *k, "Enabled");
    return {};
  });
  on<op::DisableKey>(
      [this](const Call& c, const api::DisableKeyRequest& in) -> Result<api::DisableKeyOutput_> {
        TRY_ASSIGN(auto* k, changeable(c.region, in.KeyId));
        set_state(c.region, *k, "Disabled");
        return {};
      });
}

// "ScheduleKeyDeletion": 7 to 30 days; a multi-Region primary waits for its replicas first.
Result<api::ScheduleKeyDeletionResponse> KmsService::schedule(const Call& c,
                                                              const api::ScheduleKeyDeletionRequest& in) {
  TRY_ASSIGN(auto* k, changeable(c.region, in.KeyId));
  int32_t days = in.PendingWindowInDays.value_or(30);
  if (days < 7 || days > 30)
    return aws_error("ValidationException",
                     "PendingWindowInDays must be between 7 and 30.");  // wording unverified
  api::ScheduleKeyDeletionResponse out{.KeyId = k->v.Arn, .PendingWindowInDays = days};
  k->v.PendingDeletionWindowInDays = days;
  if (has_replicas(*k)) {
    set_state(c.region, *k, "PendingReplicaDeletion");
  } else {
    k->v.DeletionDate = world_.clock.now() + kWindowDay * days;
    k->v.PendingDeletionWindowInDays.reset();
    set_state(c.region, *k, "PendingDeletion");
    delete_at_date(c.region, *k->v.KeyId);
  }
  out.DeletionDate = k->v.DeletionDate;
  out.KeyState = k->v.KeyState;
  return out;
}

void KmsService::delete_at_date(Region r, Name id) {
  auto* k = keys_.find(r, id);
  if (!k || !k->v.DeletionDate) return;
  Instant due = *k->v.DeletionDate;
  world_.after(std::max(Millis{0}, std::chrono::duration_cast<Millis>(due - world_.clock.now())),
               [this, region = std::string(r), id = std::string(id), due] {
                 auto* still = keys_.find(region, id);
                 if (still && still->v.DeletionDate == due && world_.links().up(region)) remove(region, id);
               });
}

void KmsService::remove(Region r, Name id) {
  Key gone = *keys_.find(r, id);
  keys_.erase(r, id);
  std::vector<std::string> names;
  for (auto& [name, a] : aliases_.in(r))
    if (a.TargetKeyId == id) names.push_back(name);
  for (auto& name : names) aliases_.erase(r, name);
  world_.event(r, "kms", id, "key deleted");
  auto& m = gone.v.MultiRegionConfiguration;
  if (!m || m->MultiRegionKeyType != "REPLICA" || !m->PrimaryKey) return;
  std::string home = *m->PrimaryKey->Region;
  auto* primary = keys_.find(home, id);
  if (!primary || !primary->v.MultiRegionConfiguration) return;
  std::erase_if(*primary->v.MultiRegionConfiguration->ReplicaKeys, [&](auto& x) { return x.Region == r; });
  if (primary->v.KeyState == "PendingReplicaDeletion" && !has_replicas(*primary)) {
    primary->v.DeletionDate =
        world_.clock.now() + kWindowDay * primary->v.PendingDeletionWindowInDays.value_or(30);
    primary->v.PendingDeletionWindowInDays.reset();
    set_state(home, *primary, "PendingDeletion");
    delete_at_date(home, id);
  }
  tell_relatives(*primary);
}

void KmsService::add_deletion() {
  on<op::ScheduleKeyDeletion>([this](const Call& c, const auto& in) { return schedule(c, in); });
  on<op::CancelKeyDeletion>(
      [this](const Call& c,
             const api::CancelKeyDeletionRequest& in) -> Result<api::CancelKeyDeletionResponse> {
        TRY_ASSIGN(auto* k, key(c.region, in.KeyId));
        if (k->v.KeyState != "PendingDeletion" && k->v.KeyState != "PendingReplicaDeletion")
          return aws_error("KMSInvalidStateException", *k->v.Arn + " is not pending deletion.");
        k->v.DeletionDate.reset();
        k->v.PendingDeletionWindowInDays.reset();
        set_state(c.region, *k, "Disabled");  // it has to be enabled again by itself
        return api::CancelKeyDeletionResponse{.KeyId = k->v.Arn};
      });
}

}  // namespace relight::sandbox
