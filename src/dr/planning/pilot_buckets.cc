// S3. After a promotion a bucket may hold the only copy: versions are kept, and the stack never deletes one.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

// Rules as GetBucketLifecycleConfiguration answers them -> as AWS::S3::Bucket has them.
Json lifecycle(PilotDraft& d, const Captured& c, const Json& rules) {
  Json out = Json::array();
  for (auto& r : rules) {
    Json o{{"Status", text_of(r, "Status")}};
    take(o, r, "ID=Id Prefix AbortIncompleteMultipartUpload");
    auto filter = r.value("Filter", Json::object());
    auto both = filter.value("And", Json::object());
    for (auto* f : {&filter, &both}) {
      if (auto prefix = text_of(*f, "Prefix"); !prefix.empty()) o["Prefix"] = prefix;
      take(o, *f, "ObjectSizeGreaterThan ObjectSizeLessThan");
    }
    if (filter.contains("Tag")) o["TagFilters"] = Json::array({filter["Tag"]});
    if (both.contains("Tags")) o["TagFilters"] = both["Tags"];
    auto expiration = r.value("Expiration", Json::object());
    take(o, expiration, "Days=ExpirationInDays Date=ExpirationDate ExpiredObjectDeleteMarker");
    for (auto& t : r.value("Transitions", Json::array())) {
      Json to = Json::object();
      take(to, t, "Days=TransitionInDays Date=TransitionDate StorageClass");
      o["Transitions"].push_back(to);
    }
    take(o, r, "NoncurrentVersionExpiration");
    if (r.contains("NoncurrentVersionTransitions"))
      d.say(c.key(), "NoncurrentVersionTransitions of a lifecycle rule",
            "this build does not translate them");
    out.push_back(std::move(o));
  }
  return out;
}

Json cors(const Json& rules) {
  Json out = Json::array();
  for (auto& r : rules) {
    Json o = Json::object();
    take(o, r,
         "ID=Id AllowedHeaders AllowedMethods AllowedOrigins ExposeHeaders=ExposedHeaders "
         "MaxAgeSeconds=MaxAge");
    out.push_back(std::move(o));
  }
  return out;
}

Json encryption(PilotDraft& d, const Captured& c, const Json& rules) {
  Json out = Json::array();
  for (auto& r : rules) {
    Json o = Json::object(), by = Json::object();
    auto given = r.value("ApplyServerSideEncryptionByDefault", Json::object());
    take(by, given, "SSEAlgorithm");
    if (auto key = text_of(given, "KMSMasterKeyID"); !made_key(d, key).is_null()) {
      by["KMSMasterKeyID"] = made_key(d, key);
    } else if (key.starts_with("arn:") && key.find(":alias/") == key.npos) {
      auto name = d.logical("s3/bucket", c.id()) + "Key";
      d.parameter(
          {.name = name,
           .description = "KMS key of this region for what is in the bucket that stands for " + c.id()});
      by["KMSMasterKeyID"] = ref_to(name);
    } else if (!key.empty()) {
      by["KMSMasterKeyID"] = d.text(key, c.key());
    }
    o["ServerSideEncryptionByDefault"] = by;
    take(o, r, "BucketKeyEnabled");
    out.push_back(std::move(o));
  }
  return out;
}

void policy(PilotDraft& d, const Captured& c, const std::string& id) {
  auto text = text_of(*c.properties, "Policy");
  if (text.empty()) return;
  auto document = Json::parse(text, nullptr, false);
  if (!document.is_object()) return d.say(c.key(), "Policy", "it is not JSON");
  Json statements = Json::array();
  auto given = document.value("Statement", Json::array());
  for (auto& s : given.is_array() ? given : Json::array({given}))
    if (!text_of(s, "Sid").starts_with("RelightFence"))
      statements.push_back(s);  // the fence's own, of a failover
  if (statements.empty()) return;
  document["Statement"] = statements;
  d.add({.id = id + "Policy", .type = "AWS::S3::BucketPolicy", .from = c.key()},
        {{"Bucket", ref_to(id)}, {"PolicyDocument", d.deep(document, c.key())}});
}

void bucket(PilotDraft& d, const Captured& c, const std::string& name) {
  d.unknown_parts(*c.resource);
  auto id = d.logical("s3/bucket", c.id());
  Json p{{"BucketName", name}, {"VersioningConfiguration", {{"Status", "Enabled"}}}};
  auto& from = *c.properties;
  take(p, from, "PublicAccessBlock=PublicAccessBlockConfiguration");
  auto rules = [&](const char* member, const char* list) {
    return from.contains(member) && from[member].is_object() ? from[member].value(list, Json::array())
                                                             : Json::array();
  };
  if (auto r = rules("Lifecycle", "Rules"); !r.empty())
    p["LifecycleConfiguration"] = {{"Rules", lifecycle(d, c, r)}};
  if (auto r = rules("Cors", "CORSRules"); !r.empty()) p["CorsConfiguration"] = {{"CorsRules", cors(r)}};
  if (auto r = rules("Encryption", "Rules"); !r.empty())
    p["BucketEncryption"] = {{"ServerSideEncryptionConfiguration", encryption(d, c, r)}};
  p["Tags"] = tags_of(from.value("Tags", Json()));
  d.add({.id = id,
         .type = "AWS::S3::Bucket",
         .retain = true,
         .from = c.key(),
         .why = "after a promotion it may hold the only copy"},
        std::move(p));
  policy(d, c, id);
}

Json statement(const char* effect, Json actions, Json resource) {
  return {{"Effect", effect}, {"Action", std::move(actions)}, {"Resource", std::move(resource)}};
}

// The key that the bucket's rules name; "" if its objects are not under KMS, or under the key that AWS keeps
// for S3: that one's policy lets everybody use it by way of S3 who may use S3.
std::string key_of_bucket(const Json& encryption) {
  if (!encryption.is_object()) return "";
  for (auto& r : encryption.value("Rules", Json::array())) {
    auto by = r.value("ApplyServerSideEncryptionByDefault", Json::object());
    auto key = text_of(by, "KMSMasterKeyID");
    if (text_of(by, "SSEAlgorithm").starts_with("aws:kms") && !key.ends_with("alias/aws/s3")) return key;
  }
  return "";
}

// "Replicating encrypted objects", S3 User Guide: the role opens what the source's key closed, and closes it
// by the copy's, each by way of S3 in its region.
void key_statements(PilotDraft& d, const Captured& c, Json& statements) {
  auto given = c.properties->value("Encryption", Json());
  auto key = key_of_bucket(given);
  if (key.empty()) return;
  auto through = [](const std::string& region) {
    return Json{{"StringEquals", {{"kms:ViaService", "s3." + region + ".amazonaws.com"}}}};
  };
  auto opens = statement("Allow", "kms:Decrypt", captured_key_arn(d, key)),
       closes = statement("Allow", "kms:Encrypt", "");
  opens["Condition"] = through(d.places().primary);
  closes["Condition"] = through(d.places().recovery);
  auto there = encryption(d, c, given.value("Rules", Json::array()));
  auto& by = there[0]["ServerSideEncryptionByDefault"];
  closes["Resource"] = by.value("KMSMasterKeyID", Json("*"));
  statements.push_back(std::move(opens));
  statements.push_back(std::move(closes));
}

// What S3 takes to copy from the primary's bucket (Amazon S3 User Guide, "Setting up permissions for live
// replication").
void replication(PilotDraft& d, const Captured& c) {
  auto id = d.logical("s3/bucket", c.id());
  auto versioning = c.properties->value("Versioning", Json::object());
  if (!versioning.is_object() || text_of(versioning, "Status") != "Enabled")
    d.action({PrimaryAction::Kind::kBucketVersioning, c.id(), "", "Enable versioning of the bucket " + c.id(),
              "s3:PutBucketVersioning",
              "only versioned buckets replicate; it cannot be switched off again, only suspended"});
  d.action({PrimaryAction::Kind::kBucketReplication, c.id(), id,
            "Replicate new objects of " + c.id() + " to the pilot's bucket", "s3:PutBucketReplication",
            "what is uploaded from then on is in both regions; what was there before is not copied by this"});
  d.action({PrimaryAction::Kind::kEarlierObjects, c.id(), id,
            "Copy the objects of " + c.id() + " that are older than its replication", "s3:CopyObject",
            "a rule takes only what comes after it; this reads the primary and writes the pilot's bucket"});
  Json trust{{"Version", "2012-10-17"},
             {"Statement", Json::array({{{"Effect", "Allow"},
                                         {"Principal", {{"Service", "s3.amazonaws.com"}}},
                                         {"Action", "sts:AssumeRole"}}})}};
  auto source = "arn:aws:s3:::" + c.id();
  Json statements = Json::array(
      {statement("Allow", Json::array({"s3:GetReplicationConfiguration", "s3:ListBucket"}), source),
       statement("Allow",
                 Json::array({"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl",
                              "s3:GetObjectVersionTagging"}),
                 source + "/*"),
       statement("Allow", Json::array({"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"}),
                 {{"Fn::Sub", "${" + id + ".Arn}/*"}})});
  key_statements(d, c, statements);
  Json p{{"AssumeRolePolicyDocument", trust},
         {"Policies",
          Json::array({{{"PolicyName", "replicate"},
                        {"PolicyDocument", {{"Version", "2012-10-17"}, {"Statement", statements}}}}})}};
  d.add({.id = id + "Replication",
         .type = "AWS::IAM::Role",
         .from = c.key(),
         .why = "the primary's bucket copies to this one with it"},
        std::move(p));
}

// Not in the template: a bucket that calls functions would have to be made after them, and the functions name
// the bucket. They are recorded, and a failover writes them.
void notifications(PilotDraft& d, const Captured& c) {
  auto given = c.properties->value("Notifications", Json());
  if (!given.is_object()) return;
  Json out = Json::object();
  constexpr std::array<std::pair<const char*, const char*>, 3> kLists{
      {{"LambdaFunctionConfigurations", "LambdaFunctionArn"},
       {"QueueConfigurations", "QueueArn"},
       {"TopicConfigurations", "TopicArn"}}};
  for (auto& [list, arn] : kLists)
    for (auto n : given.value(list, Json::array())) {
      n[arn] = arn_of(d, text_of(n, arn), c.key());
      out[list].push_back(n);
    }
  if (given.contains("EventBridgeConfiguration")) out["EventBridgeConfiguration"] = Json::object();
  if (out.empty()) return;
  d.dormant({{"kind", "notifications"},
             {"name", ref_to(d.logical("s3/bucket", c.id()))},
             {"value", {{"Fn::Sub", sub_text(out)}}}});
  d.say(c.key(), "Notifications",
        "they are not in the template: a failover writes them when the functions run");
}

}  // namespace

void translate_notifications(PilotDraft& d) {
  for (auto& c : d.all("s3/bucket")) notifications(d, c);
}

void translate_buckets(PilotDraft& d) {
  std::map<std::string, std::string> taken;
  for (auto& c : d.all("s3/bucket")) {
    auto name = bucket_name(d.places(), c.id());
    if (auto [it, fresh] = taken.emplace(name, c.id()); !fresh)
      d.wrong(
          {.code = "Synth.Collision",
           .message = fmt::format("the buckets {} and {} would both be called {}", it->second, c.id(), name),
           .tried = "name the pilot's buckets",
           .resource = c.id(),
           .region = d.policy().region,
           .next = "rename one of them"});
    bucket(d, c, name);
    replication(d, c);
  }
}

}  // namespace relight::dr
