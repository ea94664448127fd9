// Secrets are not templated: Secrets Manager itself keeps a replica in the recovery region, under the same
// name.
#include "dr/planning/pilot_draft.h"

namespace relight::dr {

void translate_secrets(PilotDraft& d) {
  for (auto& c : d.all("secretsmanager/secret")) {
    auto arn = text_of(*c.properties, "ARN");
    d.unknown_parts(*c.resource);
    if (auto name = text_of(*c.properties, "Name"); !name.empty())
      d.dormant({{"kind", "secret"}, {"name", name}});
    d.action({PrimaryAction::Kind::kSecretReplica, arn.empty() ? c.id() : arn, "",
              "Keep a replica of the secret " + text_of(*c.properties, "Name") + " in " + d.policy().region,
              "secretsmanager:ReplicateSecretToRegions", "tasks do not start without it"});
    if (!text_of(*c.properties, "KmsKeyId").empty())
      d.say(c.key(), "KmsKeyId", "the replica is encrypted with the region's own key for Secrets Manager");
    if (!text_of(*c.properties, "Policy").empty())
      d.say(c.key(), "its resource policy", "a replica has a policy of its own, and this build writes none");
  }
}

}  // namespace relight::dr
