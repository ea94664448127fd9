// AWS KMS: symmetric keys that really encrypt, aliases, states, multi-Region replicas. See README.md.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/gen/kms.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/kms/envelope.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace kms {
namespace api = aws::kms;
using Alias = Row<api::AliasListEntry>;

// A key: what AWS shows of it, and what belongs to it beside that.
struct Key {
  api::KeyMetadata v;
  std::string material;  // 32 bytes; never shown
  std::string policy;
  std::map<std::string, std::string> tags;
  bool rotates = false;
  std::string save() const;
  static Result<Key> load(const std::string& json);
};

std::vector<api::Tag> shown_tags(const std::map<std::string, std::string>& tags);
std::unexpected<Error> not_found(const std::string& what);  // "NotFoundException"
}  // namespace kms

class KmsService final : public Service {
 public:
  explicit KmsService(World& w);
  void start() override;
  void region_restored(const std::string& region) override;

 private:
  using Region = const std::string&;
  using Name = const std::string&;
  void add_keys();
  void add_key_reads();
  void add_states();
  void add_deletion();
  void add_policies();
  void add_rotation();
  void add_tags();
  void add_aliases();
  void add_alias_reads();
  void add_replication();
  void add_crypto();
  void add_data_keys();
  void add_reencrypt();

  // By id or ARN; by alias too where the operation takes one: an alias of AWS's own is then made. Errors are
  // KMS's.
  Result<kms::Key*> key(Region r, const std::optional<std::string>& id);
  Result<kms::Key*> key_or_alias(Region r, const std::optional<std::string>& id);
  Result<kms::Key*> of_alias(Region r, Name alias);
  Result<kms::Key*> changeable(Region r, const std::optional<std::string>& id);  // not AWS's own, nor going
  // For cryptography: "DisabledException", "KMSInvalidStateException".
  Result<kms::Key*> usable(Region r, const std::optional<std::string>& id);
  Result<> usable(const kms::Key& k) const;
  kms::Key& make(Region r,
                 kms::Key k);  // gives it an id unless it has one, an ARN, material, a date, a policy
  kms::Key& make_managed(Region r, Name alias);
  void set_state(Region r, kms::Key& k, Name state);
  Result<> set_tags(kms::Key& k, const std::vector<kms::api::Tag>& tags) const;
  std::string arn(Region r, Name rest) const;
  void save(Region r, const kms::Key& k) { keys_.save(r, *k.v.KeyId, k); }

  Result<kms::api::CreateKeyResponse> create(const Call& c, const kms::api::CreateKeyRequest& in);
  Result<kms::api::ReplicateKeyResponse> replicate(const Call& c, const kms::api::ReplicateKeyRequest& in);
  Result<kms::api::ScheduleKeyDeletionResponse> schedule(const Call& c,
                                                         const kms::api::ScheduleKeyDeletionRequest& in);
  void delete_at_date(Region r, Name id);
  void remove(Region r, Name id);
  void tell_relatives(const kms::Key& k);  // a multi-Region key's configuration, in every region that is up

  Result<std::string> encrypt(Region r, const kms::Key& k, const std::string& plaintext,
                              const std::optional<kms::Context>& context);
  // The key that a blob names, held against the one that was asked for.
  Result<kms::Key*> key_of_blob(Region r, const std::string& blob, const std::optional<std::string>& wanted);
  struct DataKey {
    std::string plain, sealed;
    kms::Key* key = nullptr;
  };
  Result<DataKey> data_key(Region r, const std::optional<std::string>& id,
                           const std::optional<std::string>& spec, const std::optional<int32_t>& bytes,
                           const std::optional<kms::Context>& context);
  std::string random(size_t bytes);

  Table<kms::Key> keys_;       // by id
  Table<kms::Alias> aliases_;  // by "alias/NAME"
};

}  // namespace relight::sandbox
