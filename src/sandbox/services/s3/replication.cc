#include "sandbox/services/s3/replication.h"

#include <algorithm>
#include <map>
#include <set>

#include "sandbox/services/s3/attributes.h"

namespace relight::sandbox::s3 {
namespace {

using Rule = model::ReplicationRule;

std::string prefix_of(const Rule& r) {
  if (!r.Filter) return r.Prefix.value_or("");
  if (r.Filter->And) return r.Filter->And->Prefix.value_or("");
  return r.Filter->Prefix.value_or("");
}

std::vector<model::Tag> filter_tags(const Rule& r) {
  if (!r.Filter) return {};
  if (r.Filter->And) return r.Filter->And->Tags.value_or(std::vector<model::Tag>{});
  if (r.Filter->Tag) return {*r.Filter->Tag};
  return {};
}

bool replicates_markers(const Rule& r) {
  if (!r.Filter) return true;  // the first version of the schema always does
  return r.DeleteMarkerReplication && r.DeleteMarkerReplication->Status == "Enabled";
}

bool takes_encrypted(const Rule& r) {
  return r.SourceSelectionCriteria && r.SourceSelectionCriteria->SseKmsEncryptedObjects &&
         r.SourceSelectionCriteria->SseKmsEncryptedObjects->Status == "Enabled";
}

bool matches(const Rule& r, const object::NewVersion& v) {
  if (r.Status != "Enabled" || !v.key.starts_with(prefix_of(r))) return false;
  if (v.marker) return replicates_markers(r);
  // "By default, Amazon S3 doesn't replicate objects that are encrypted by using SSE-KMS or DSSE-KMS"
  // (Replicating encrypted objects).
  if (is_under_kms(v.attributes) && !takes_encrypted(r)) return false;
  for (auto& t : filter_tags(r)) {
    auto it = v.attributes.find("tag:" + t.Key.value_or(""));
    if (it == v.attributes.end() || it->second != t.Value.value_or("")) return false;
  }
  return true;
}

Result<> check_rule(const Rule& r) {
  if (r.Prefix && r.Filter)
    return refuse("InvalidRequest", "Filter and Prefix cannot be used in the same replication rule.");
  if (r.Status != "Enabled" && r.Status != "Disabled")
    return refuse(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema");
  // "If SourceSelectionCriteria is specified, you must specify this element" (EncryptionConfiguration of a
  // rule's Destination). Whether the key is one is not looked at, as on AWS.
  if (takes_encrypted(r) && !replica_key(r))
    return refuse("InvalidRequest",
                  "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.");
  if (!r.Filter) return {};
  if (!r.Priority)
    return refuse("InvalidRequest",
                  "Priority must be specified for this version of Cross Region Replication configuration "
                  "schema. Please refer to S3 Developer Guide for more information.");
  if (!r.DeleteMarkerReplication)
    return refuse("InvalidRequest",
                  "DeleteMarkerReplication must be specified for this version of Cross Region Replication "
                  "configuration schema. Please refer to S3 Developer Guide for more information.");
  if (r.DeleteMarkerReplication->Status == "Enabled" && !filter_tags(r).empty())
    return refuse("InvalidRequest",
                  "Delete marker replication is not supported if any Tag filter is specified. Please refer "
                  "to S3 Developer Guide for more information.");
  return {};
}

}  // namespace

bool is_under_kms(const object::Attributes& a) {
  auto sse = value_of(a, "sse");
  return sse && sse->starts_with("aws:kms");
}

std::optional<std::string> replica_key(const model::ReplicationRule& r) {
  if (!r.Destination || !r.Destination->EncryptionConfiguration) return std::nullopt;
  return r.Destination->EncryptionConfiguration->ReplicaKmsKeyID;
}

std::string bucket_of_arn(const std::string& arn) {
  constexpr std::string_view kHead = "arn:aws:s3:::";
  return arn.starts_with(kHead) ? arn.substr(kHead.size()) : "";
}

std::vector<object::Destination> destinations(const Bucket& b, const Buckets& all,
                                              const object::NewVersion& v) {
  std::vector<object::Destination> out;
  if (!b.replication || !b.replication->Rules) return out;
  std::map<std::string, const Rule*> best;
  for (auto& r : *b.replication->Rules) {
    if (!matches(r, v) || !r.Destination) continue;
    auto& slot = best[bucket_of_arn(r.Destination->Bucket.value_or(""))];
    if (!slot || r.Priority.value_or(0) > slot->Priority.value_or(0)) slot = &r;
  }
  for (auto& [name, rule] : best) {
    BucketRef to = all.find(name);
    out.push_back({to ? to->region : b.region, name, rule->ID.value_or("")});
  }
  return out;
}

Result<> check_replication(const Bucket& b, const Buckets& all, model::ReplicationConfiguration& c,
                           Rng& rng) {
  if (!b.versioned())
    return refuse("InvalidRequest",
                  "Versioning must be 'Enabled' on the bucket to apply a replication configuration");
  if (!c.Role.value_or("").starts_with("arn:aws:iam::"))
    return refuse("InvalidArgument", "Invalid ARN for replication role");
  if (!c.Rules || c.Rules->empty() || c.Rules->size() > 1000)
    return refuse(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema");
  std::set<std::string> ids;
  std::set<int> priorities;
  for (auto& r : *c.Rules) {
    TRY(check_rule(r));
    if (!r.ID || r.ID->empty()) r.ID = rng.uuid();
    if (!ids.insert(*r.ID).second)
      return refuse("InvalidArgument", "Rule Id must be unique. Found same Id for more than one rule");
    if (r.Filter && !priorities.insert(*r.Priority).second)
      return refuse("InvalidRequest",
                    "Found duplicate priority " + std::to_string(*r.Priority) + ". Priority must be unique.");
    std::string name = bucket_of_arn(r.Destination ? r.Destination->Bucket.value_or("") : "");
    if (name.empty()) return refuse("InvalidArgument", "Invalid bucket ARN.");
    if (name == b.name)
      return refuse("InvalidRequest", "Destination bucket cannot be the same as the source bucket.");
    BucketRef to = all.find(name);
    if (!to) return refuse("InvalidRequest", "Destination bucket must exist.");
    if (!to->versioned()) return refuse("InvalidRequest", "Destination bucket must have versioning enabled.");
  }
  return {};
}

}  // namespace relight::sandbox::s3
