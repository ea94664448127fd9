#include "app/primary_actions.h"

#include <fmt/format.h>

#include "app/earlier_objects.h"
#include "app/registry_actions.h"
#include "aws/gen/rds.h"
#include "aws/gen/s3.h"
#include "aws/gen/secretsmanager.h"
#include "aws/gen/ssm.h"
#include "aws/partition.h"
#include "dr/capture/topology_capture.h"
#include "dr/steps/translate.h"

namespace relight::app {
namespace {
using Kind = dr::PrimaryAction::Kind;
namespace s3 = aws::s3;
namespace sm = aws::secretsmanager;

aws::CallOptions in_primary(const Workshop& w) { return {w.config.primary.region, Millis(20000)}; }

Result<std::optional<s3::ReplicationConfiguration>> replication_of(Workshop& w, const std::string& bucket) {
  auto r = s3::Client(w.aws->caller()).GetBucketReplication({.Bucket = bucket}, in_primary(w));
  if (r) return r->ReplicationConfiguration;
  if (r.error().code == "ReplicationConfigurationNotFoundError") return std::nullopt;
  return std::unexpected(r.error());
}

std::optional<s3::ReplicationRule> rule_to(const std::optional<s3::ReplicationConfiguration>& c,
                                           const std::string& bucket) {
  if (!c) return std::nullopt;
  for (auto& r : c->Rules.value_or(std::vector<s3::ReplicationRule>{}))
    if (r.Status == "Enabled" && r.Destination && r.Destination->Bucket == "arn:aws:s3:::" + bucket) return r;
  return std::nullopt;
}

// The key that a bucket's new objects are encrypted by unless they say otherwise; "alias/aws/s3" where it
// names none; nullopt: they are not under KMS.
Result<std::optional<std::string>> usual_key(Workshop& w, const std::string& bucket,
                                             const std::string& region) {
  auto r = s3::Client(w.aws->caller()).GetBucketEncryption({.Bucket = bucket}, {region, Millis(20000)});
  if (!r && r.error().code == "ServerSideEncryptionConfigurationNotFoundError") return std::nullopt;
  if (!r) return std::unexpected(r.error());
  if (!r->ServerSideEncryptionConfiguration) return std::nullopt;
  for (auto& rule :
       r->ServerSideEncryptionConfiguration->Rules.value_or(std::vector<s3::ServerSideEncryptionRule>{}))
    if (auto& by = rule.ApplyServerSideEncryptionByDefault;
        by && by->SSEAlgorithm.value_or("").starts_with("aws:kms"))
      return by->KMSMasterKeyID.value_or("alias/aws/s3");
  return std::nullopt;
}

// What KMS encrypts is left out by a rule that does not say otherwise ("Replicating encrypted objects", S3
// User Guide).
bool takes_encrypted(const s3::ReplicationRule& r) {
  return r.SourceSelectionCriteria && r.SourceSelectionCriteria->SseKmsEncryptedObjects &&
         r.SourceSelectionCriteria->SseKmsEncryptedObjects->Status == "Enabled";
}

// The destination's key as an ARN ("The ID (Key ARN or Alias ARN)", ReplicaKmsKeyID).
Result<> take_encrypted(Workshop& w, const std::string& to, const std::string& account,
                        s3::ReplicationRule& rule) {
  TRY_ASSIGN(auto key, usual_key(w, to, w.config.recovery.region));
  auto name = key.value_or("alias/aws/s3");
  if (!name.starts_with("arn:"))
    name = fmt::format("arn:{}:kms:{}:{}:{}{}", aws::partition_of(w.config.recovery.region),
                       w.config.recovery.region, account, name.starts_with("alias/") ? "" : "key/", name);
  rule.SourceSelectionCriteria =
      s3::SourceSelectionCriteria{.SseKmsEncryptedObjects = s3::SseKmsEncryptedObjects{.Status = "Enabled"}};
  rule.Destination->EncryptionConfiguration = s3::EncryptionConfiguration{.ReplicaKmsKeyID = name};
  return {};
}

constexpr const char* kOurRule = "relight-pilot";

Result<> replicate(Workshop& w, const dr::PrimaryAction& a, StackChange& pilot, const std::string& account) {
  TRY_ASSIGN(auto to, pilot.physical(a.with));
  TRY_ASSIGN(auto role, pilot.physical(a.with + "Replication"));
  TRY_ASSIGN(auto have, replication_of(w, a.resource));
  TRY_ASSIGN(auto key, usual_key(w, a.resource, w.config.primary.region));
  auto old = rule_to(have, to);
  if (old && (!key || takes_encrypted(*old))) return {};
  bool ours = old && old->ID == kOurRule && have->Rules->size() == 1;
  if (old && !ours)
    return fail(Error{
        .code = "Deploy.RuleWithoutKeys",
        .message = "its rule to the pilot's bucket leaves out what KMS encrypts, which is all that is new",
        .tried = a.call,
        .resource = a.resource,
        .region = w.config.primary.region,
        .next = "add SourceSelectionCriteria.SseKmsEncryptedObjects and Destination.EncryptionConfiguration "
                "to the rule " +
                old->ID.value_or("") + ", and let its role use both keys"});
  // One role serves all rules of a bucket: another's rules would stop working with ours.
  if (!ours && have && have->Rules && !have->Rules->empty())
    return fail(Error{.code = "Deploy.OtherReplication",
                      .message = "it replicates elsewhere already, with a role of its own",
                      .tried = a.call,
                      .resource = a.resource,
                      .region = w.config.primary.region,
                      .next = "add a rule to arn:aws:s3:::" + to + " by hand, and let its role write there"});
  s3::ReplicationRule rule{.ID = kOurRule,
                           .Priority = 1,
                           .Filter = s3::ReplicationRuleFilter{.Prefix = ""},
                           .Status = "Enabled",
                           // Without metrics nobody can tell how far the objects are behind (check 48).
                           .Destination = s3::Destination{.Bucket = "arn:aws:s3:::" + to,
                                                          .Metrics = s3::Metrics{.Status = "Enabled"}},
                           .DeleteMarkerReplication = s3::DeleteMarkerReplication{.Status = "Enabled"}};
  if (ours) rule = *old;  // as somebody may have narrowed it
  if (key) TRY(take_encrypted(w, to, account, rule));
  s3::ReplicationConfiguration c{.Role = fmt::format("arn:aws:iam::{}:role/{}", account, role),
                                 .Rules = std::vector<s3::ReplicationRule>{rule}};
  TRY(s3::Client(w.aws->caller())
          .PutBucketReplication({.Bucket = a.resource, .ReplicationConfiguration = c}, in_primary(w)));
  return {};
}

std::string prefix_of_rule(const s3::ReplicationRule& r) {
  if (r.Filter && r.Filter->And) return r.Filter->And->Prefix.value_or("");
  if (r.Filter) return r.Filter->Prefix.value_or("");
  return r.Prefix.value_or("");
}

// Those that the rule takes; nullopt: no rule leads to the pilot's bucket.
Result<std::optional<dr::BucketPair>> earlier_objects(Workshop& w, const dr::PrimaryAction& a,
                                                      StackChange& pilot) {
  TRY_ASSIGN(auto have, replication_of(w, a.resource));
  auto to = pilot.physical(a.with);
  auto rule = to ? rule_to(have, *to) : std::nullopt;
  if (!rule) return std::nullopt;
  return dr::BucketPair{.from = a.resource,
                        .from_region = w.config.primary.region,
                        .to = *to,
                        .to_region = w.config.recovery.region,
                        .prefix = prefix_of_rule(*rule)};
}

Result<> bring_objects(Workshop& w, const dr::PrimaryAction& a, StackChange& pilot) {
  TRY_ASSIGN(auto objects, earlier_objects(w, a, pilot));
  if (!objects)
    return fail(Error{.code = "Deploy.NoRule",
                      .message = "no rule replicates it to the pilot's bucket yet",
                      .tried = a.call,
                      .resource = a.resource,
                      .region = w.config.primary.region,
                      .next = "see to its replication first, so that nothing is missed in between"});
  TRY(copy_earlier_objects(w.aws->patient(), *objects, [](auto& line) { fmt::print("    {}\n", line); }));
  return {};
}

Result<bool> has_replica(Workshop& w, const std::string& secret) {
  TRY_ASSIGN(auto r, sm::Client(w.aws->caller()).DescribeSecret({.SecretId = secret}, in_primary(w)));
  for (auto& s : r.ReplicationStatus.value_or(std::vector<sm::ReplicationStatusType>{}))
    if (s.Region == w.config.recovery.region) return true;
  return false;
}

Result<> replicate_secret(Workshop& w, const std::string& secret) {
  TRY_ASSIGN(bool there, has_replica(w, secret));
  if (there) return {};
  std::vector<sm::ReplicaRegionType> to{{.Region = w.config.recovery.region}};
  TRY(sm::Client(w.aws->caller())
          .ReplicateSecretToRegions({.SecretId = secret, .AddReplicaRegions = to}, in_primary(w)));
  return {};
}

// A parameter's value there, as it shall be here. It is printed nowhere.
Result<aws::ssm::Parameter> wanted_parameter(Workshop& w, const std::string& name) {
  TRY_ASSIGN(
      auto r,
      aws::ssm::Client(w.aws->caller()).GetParameter({.Name = name, .WithDecryption = true}, in_primary(w)));
  if (!r.Parameter || !r.Parameter->Value)
    return fail(Error{.code = "Deploy.NoValue", .message = "the parameter has no value", .resource = name});
  // Not from the journal's store: a deployment does not need one.
  auto topology = dr::capture_topology(w.aws->caller(), w.config).topology;
  r.Parameter->Value = dr::translated(*r.Parameter->Value, w.config, topology);
  return std::move(*r.Parameter);
}

Result<bool> has_copy(Workshop& w, const std::string& name) {
  aws::CallOptions there{w.config.recovery.region, Millis(20000)};
  auto have = aws::ssm::Client(w.aws->caller()).GetParameter({.Name = name, .WithDecryption = true}, there);
  if (!have && have.error().code == "ParameterNotFound") return false;
  if (!have) return std::unexpected(have.error());
  TRY_ASSIGN(auto wanted, wanted_parameter(w, name));
  return have->Parameter && have->Parameter->Value == wanted.Value;
}

Result<> copy_parameter(Workshop& w, const std::string& name) {
  TRY_ASSIGN(auto wanted, wanted_parameter(w, name));
  TRY(aws::ssm::Client(w.aws->caller())
          .PutParameter({.Name = name, .Value = wanted.Value, .Type = wanted.Type, .Overwrite = true},
                        {w.config.recovery.region, Millis(20000)}));
  return {};
}

Result<> keep_binlog(Workshop& w) {
  TRY(dr::enough_to_fail_over(w.config));
  TRY_ASSIGN(auto topology, w.topology(true));
  auto site = w.site(topology, {});
  TRY_ASSIGN(auto db, site.connect(topology.primary.database_host, Millis(5000)));
  TRY(db.exec("CALL mysql.rds_set_configuration('binlog retention hours', 24)"));
  return {};
}

}  // namespace

namespace {

Result<std::optional<bool>> bucket_is_done(Workshop& w, const dr::PrimaryAction& a, StackChange& pilot) {
  if (a.kind == Kind::kBucketVersioning) {
    TRY_ASSIGN(auto r,
               s3::Client(w.aws->caller()).GetBucketVersioning({.Bucket = a.resource}, in_primary(w)));
    return r.Status == "Enabled";
  }
  if (a.kind == Kind::kEarlierObjects) {
    TRY_ASSIGN(auto objects, earlier_objects(w, a, pilot));
    if (!objects) return false;
    return all_objects_there(w.aws->patient(), *objects);
  }
  TRY_ASSIGN(auto have, replication_of(w, a.resource));
  auto to = pilot.physical(a.with);
  auto rule = to ? rule_to(have, *to) : std::nullopt;
  if (!rule || takes_encrypted(*rule)) return rule.has_value();
  TRY_ASSIGN(auto key, usual_key(w, a.resource, w.config.primary.region));
  return !key;
}

}  // namespace

Result<std::optional<bool>> is_done(Workshop& w, const dr::PrimaryAction& a, StackChange& pilot,
                                    const std::string& account) {
  auto told = [](Result<bool> r) -> Result<std::optional<bool>> {
    if (!r) return std::unexpected(std::move(r).error());
    return *r;
  };
  switch (a.kind) {
    case Kind::kBackupRetention: {
      TRY_ASSIGN(auto r, aws::rds::Client(w.aws->caller())
                             .DescribeDBInstances({.DBInstanceIdentifier = a.resource}, in_primary(w)));
      return r.DBInstances && !r.DBInstances->empty() &&
             r.DBInstances->front().BackupRetentionPeriod.value_or(0) > 0;
    }
    case Kind::kRegistryReplication:
      return told(registry_replicates(w, a.resource));
    case Kind::kImageCopy:
      return told(image_is_there(w, a, account));
    case Kind::kBinlogRetention:
      return std::nullopt;
    case Kind::kBucketVersioning:
    case Kind::kBucketReplication:
    case Kind::kEarlierObjects:
      return bucket_is_done(w, a, pilot);
    case Kind::kSecretReplica:
      return told(has_replica(w, a.resource));
    case Kind::kParameterCopy:
      return told(has_copy(w, a.resource));
  }
  return std::nullopt;
}

Result<> do_action(Workshop& w, const dr::PrimaryAction& a, StackChange& pilot, const std::string& account) {
  auto& aws = w.aws->caller();
  switch (a.kind) {
    case Kind::kBackupRetention:
      TRY(aws::rds::Client(aws).ModifyDBInstance(
          {.DBInstanceIdentifier = a.resource, .ApplyImmediately = true, .BackupRetentionPeriod = 7},
          in_primary(w)));
      return {};
    case Kind::kRegistryReplication:
      return replicate_registry(w, a.resource, account);
    case Kind::kImageCopy:
      return bring_image(w, a, account);
    case Kind::kBinlogRetention:
      return keep_binlog(w);
    case Kind::kBucketVersioning:
      TRY(s3::Client(aws).PutBucketVersioning(
          {.Bucket = a.resource, .VersioningConfiguration = s3::VersioningConfiguration{.Status = "Enabled"}},
          in_primary(w)));
      return {};
    case Kind::kBucketReplication:
      return replicate(w, a, pilot, account);
    case Kind::kEarlierObjects:
      return bring_objects(w, a, pilot);
    case Kind::kSecretReplica:
      return replicate_secret(w, a.resource);
    case Kind::kParameterCopy:
      return copy_parameter(w, a.resource);
  }
  return {};
}

}  // namespace relight::app
