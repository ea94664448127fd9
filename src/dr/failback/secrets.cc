// The secrets of both regions. Before the tasks of the old primary start: what it has may have been rotated
// in the region that serves, and the database that returns knows the new one. At the end: the recovery
// region's become replicas again.
#include <mutex>
#include <set>

#include "aws/gen/secretsmanager.h"
#include "dr/failback/failback.h"
#include "dr/steps/bring.h"
#include "dr/steps/translate.h"

namespace relight::dr {
namespace {
namespace sm = aws::secretsmanager;
constexpr Millis kSecretPatience{120000};

class ReturnSecrets final : public Step {
 public:
  ReturnSecrets(Site& back, Site& there)
      : s_(back),
        bring_(there.topology.asleep(Dormant::Kind::kSecret), "secrets", kSecretPatience,
               [this](Context& c, const Dormant& d) { return look(c, d); }) {}
  Outcome advance(Context& c) override { return bring_.advance(c); }

 private:
  // No value reaches a journal, a log or an error.
  Result<std::string> look(Context& c, const Dormant& d) {
    sm::Client secrets(s_.aws);
    aws::CallOptions serving{s_.config.primary.region, Millis(10000)};
    TRY_ASSIGN(auto theirs, secrets.GetSecretValue({.SecretId = d.name}, serving));
    TRY_ASSIGN(auto ours, secrets.GetSecretValue({.SecretId = d.name}, s_.in_recovery()));
    if (!theirs.SecretString || !ours.SecretString) return std::string();  // binary
    auto wanted = translated_secret(*theirs.SecretString, s_.config, s_.topology);
    if (wanted == *ours.SecretString) return std::string();
    TRY(act(c, "secretsmanager:PutSecretValue", d.name, [&] {
      return secrets.PutSecretValue({.SecretId = d.name, .SecretString = wanted}, s_.in_recovery());
    }));
    return std::string();
  }

  Site& s_;
  Bring bring_;
};

class ReplicateSecrets final : public Step {
 public:
  explicit ReplicateSecrets(Site& there)
      : s_(there),
        bring_(there.topology.asleep(Dormant::Kind::kSecret), "secrets", kSecretPatience,
               [this](Context& c, const Dormant& d) { return look(c, d); }) {}
  Outcome advance(Context& c) override { return bring_.advance(c); }

 private:
  Result<std::string> look(Context& c, const Dormant& d) {
    sm::Client secrets(s_.aws);
    auto& region = s_.config.recovery.region;
    aws::CallOptions home{s_.config.primary.region, Millis(10000)};
    TRY_ASSIGN(auto now, secrets.DescribeSecret({.SecretId = d.name}, home));
    for (auto& r : now.ReplicationStatus.value_or(std::vector<sm::ReplicationStatusType>{}))
      if (r.Region == region) {
        if (r.Status == "InSync") return std::string();
        if (r.Status == "Failed") return again(c, d, r.StatusMessage.value_or(""));
        return "its replica to be InSync (" + r.Status.value_or("?") + ")";
      }
    {
      std::lock_guard g(m_);
      asked_.insert(d.name);
    }
    // The one that stands there is the failover's.
    std::vector<sm::ReplicaRegionType> to{{.Region = region}};
    TRY(act(c, "secretsmanager:ReplicateSecretToRegions", d.name, [&] {
      return secrets.ReplicateSecretToRegions(
          {.SecretId = d.name, .AddReplicaRegions = to, .ForceOverwriteReplicaSecret = true}, home);
    }));
    return std::string("its replica to be InSync");
  }

  // A primary that was away when its replica was made independent still counts it, and fails to write it.
  // Such an entry is taken out first: only a new one may overwrite.
  Result<std::string> again(Context& c, const Dormant& d, const std::string& why) {
    {
      std::lock_guard g(m_);
      if (asked_.contains(d.name)) return fail(failed(d, why));
    }
    std::vector<std::string> from{s_.config.recovery.region};
    TRY(act(c, "secretsmanager:RemoveRegionsFromReplication", d.name, [&] {
      return sm::Client(s_.aws).RemoveRegionsFromReplication(
          {.SecretId = d.name, .RemoveReplicaRegions = from}, {s_.config.primary.region, Millis(10000)});
    }));
    return std::string("its replica to be made anew");
  }

  Error failed(const Dormant& d, const std::string& why) const {
    return {.code = "Failback.Secret",
            .message = "its replication failed: " + why,
            .tried = "replicate the secret again",
            .resource = d.name,
            .region = s_.config.recovery.region,
            .next = "mend that, or delete the one there, then relight resume"};
  }

  Site& s_;
  std::mutex m_;  // things are looked at side by side
  std::set<std::string> asked_;
  Bring bring_;
};

}  // namespace

std::unique_ptr<Step> make_return_secrets(Site& back, Site& there) {
  return std::make_unique<ReturnSecrets>(back, there);
}
std::unique_ptr<Step> make_replicate_secrets(Site& there) {
  return std::make_unique<ReplicateSecrets>(there);
}

}  // namespace relight::dr
