// AWS Secrets Manager: secrets, their versions and staging labels, resource policies (stored), deletion with
// a recovery window, and replicas in other regions that really follow. Rotation is not built. See README.md.
#pragma once
#include <string>
#include <vector>

#include "aws/gen/secretsmanager.h"
#include "sandbox/gateway/service.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace secrets {
namespace api = aws::secretsmanager;
using Secret = Row<api::DescribeSecretResponse>;
using Value = Row<api::GetSecretValueResponse>;
using Policy = Row<api::GetResourcePolicyResponse>;
using Stages = std::vector<std::string>;
using Versions = std::map<std::string, Stages>;  // version id -> its labels

inline constexpr const char* kCurrent = "AWSCURRENT";
inline constexpr const char* kPrevious = "AWSPREVIOUS";

// Whether a secret passes ListSecrets' filters: prefixes, "!" in front negates ("Find secrets in AWS Secrets
// Manager").
bool matches(const Secret& s, const std::vector<api::Filter>& filters);
// Takes a label from whatever version carries it; that version, "" when none did.
std::string take_label(Versions& versions, const std::string& label);
// Moves AWSCURRENT to a version and AWSPREVIOUS to where it came from.
void make_current(Versions& versions, const std::string& version);
}  // namespace secrets

class SecretsManagerService final : public Service {
 public:
  explicit SecretsManagerService(World& w);
  void start() override;
  void region_restored(const std::string& region) override;

 private:
  using Region = const std::string&;
  void add_secrets();
  void add_list();
  void add_changes();
  void add_deletion();
  void add_values();
  void add_versions();
  void add_labels();
  void add_policies();
  void add_tags();
  void add_replication();
  void add_random();

  // By name, ARN, or ARN without its random end. "ResourceNotFoundException" when there is none.
  Result<secrets::Secret*> find(Region r, const std::optional<std::string>& id);
  Result<secrets::Secret*> living(Region r, const std::optional<std::string>& id);  // not marked for deletion
  Result<secrets::Secret*> writable(Region r, const std::optional<std::string>& id);  // nor a replica
  Result<> name_is_free(Region r, const std::string& name);
  // Adds a version. The same token with the same content again changes nothing; with other content it is
  // refused.
  struct NewValue {
    std::optional<std::string> token, text;
    std::optional<aws::Blob> bytes;
    secrets::Stages labels{secrets::kCurrent};
  };
  Result<std::string> put_value(Region r, secrets::Secret& s, NewValue v);
  Result<> set_tags(secrets::Secret& s, const std::vector<secrets::api::Tag>& more);
  void changed(Region r, secrets::Secret& s);  // saves and replicates
  void forget(Region r, const std::string& name);

  // ---- sealing.cc: values of a secret with a key of its own lie encrypted by it ----
  // "EncryptionFailure" when KMS cannot.
  Result<secrets::Value> sealed(Region r, const secrets::Secret& s, secrets::Value v);
  // As the caller gave it. "DecryptionFailure" when KMS cannot.
  Result<secrets::Value> opened(Region r, const secrets::Value& v);
  // Puts all labelled versions under another key; nothing is changed when one cannot be.
  Result<> rekey(Region r, secrets::Secret& s, const std::string& key);

  // ---- replication.cc ----
  Result<> add_replicas(Region r, secrets::Secret& s, const std::vector<secrets::api::ReplicaRegionType>& to,
                        bool overwrite);
  void replicate(Region from, const std::string& name);
  void copy(Region from, const std::string& name, Region to);
  void replicate_all();
  void remove_at_date(Region r, const std::string& name);
  Result<> store_copy(Region from, const secrets::Secret& s, Region to);

  Table<secrets::Secret> secrets_;  // by name
  Table<secrets::Value> values_;    // "NAME|VERSION"
  Table<secrets::Policy> policies_;
};

}  // namespace relight::sandbox
