// The pilot plan: what the recovery region should hold for what was captured in the primary's. Pure: the same
// Inventory and policy make the same Pilot, in the same order. docs/pilot.md is its page.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dr/model/inventory.h"

namespace relight::dr {

struct PilotPolicy {
  std::string region;                // the recovery region
  std::string primary_stack, stack;  // names that begin with the first get the second instead
  std::string domain;                // what visitors use; empty: no DNS records
  std::string hosted_zone;           // the domain's zone; empty: the template asks, and makes one if not told
  std::string flag_bucket, flag_key;       // bucket empty: the pilot gets one of its own
  std::string service, database, uploads;  // captured names that the outputs speak of; empty: the only ones
  std::string replica_class;               // empty: as the primary's
  std::string cidr;    // the VPC's addresses, in place of the primary's; empty: the primary's own
  std::string notify;  // a topic's ARN; the pilot's own alarms notify it and what the captured ones notify
  enum class Nat { kWhenLit, kAlways } nat = Nat::kWhenLit;
  bool accept_unknown = false;  // go on although parts that matter could not be seen; they are said
};

// A resource of the pilot. Inside of `properties` references are CloudFormation's intrinsic functions in
// their long form ({"Ref": …}, {"Fn::GetAtt": […]}, {"Fn::Sub": …}), which every view translates.
struct PilotResource {
  std::string id;                    // logical: [A-Za-z0-9]+, unique
  std::string type;                  // "AWS::EC2::VPC"
  std::string properties;            // canonical JSON text of an object
  std::vector<std::string> depends;  // logical ids beyond what the properties refer to, sorted
  std::string condition;             // name of a PilotCondition, or empty
  bool retain = false;               // DeletionPolicy and UpdateReplacePolicy
  ResourceKey from;                  // the captured resource; kind empty: the policy wants it
  std::string why;                   // a sentence for the reader; may be empty
  bool operator==(const PilotResource&) const = default;
};

struct PilotParameter {
  std::string name, type = "String", description;
  std::string fallback;  // its default
  bool has_fallback = false;
  bool secret = false;  // NoEcho
  bool operator==(const PilotParameter&) const = default;
};

struct PilotCondition {
  std::string name, test;  // JSON text of a condition function
  bool operator==(const PilotCondition&) const = default;
};

// The condition of what is made only while a failover has lit the pilot: its parameter Lit is "true".
inline constexpr std::string_view kLitCondition = "IsLit";

struct PilotOutput {
  std::string name, value;  // JSON text
  bool operator==(const PilotOutput&) const = default;
};

// Something of the primary's that the pilot has not, or has differently.
struct Untranslated {
  ResourceKey from;
  std::string what, why;
  bool operator==(const Untranslated&) const = default;
  auto operator<=>(const Untranslated&) const = default;
};

// Something that must change in the primary region for the pilot to be of use.
struct PrimaryAction {
  // In the order in which they are done; the first three before the stack, which a database without backups
  // would fail, and functions whose image is missing.
  enum class Kind {
    kBackupRetention,
    kRegistryReplication,
    kImageCopy,  // this and the other copies change the recovery region alone, but read the primary's
    kBinlogRetention,
    kBucketVersioning,
    kBucketReplication,
    kEarlierObjects,
    kSecretReplica,
    kParameterCopy
  } kind;
  // DBInstanceIdentifier, repository, "REPOSITORY@DIGEST", bucket, ARN of a secret, name of a parameter
  std::string resource;
  // kBucketReplication, kEarlierObjects: the logical id of the pilot's bucket; kImageCopy: the image's tag
  std::string with;
  bool before_the_stack() const { return kind <= Kind::kImageCopy; }
  std::string title;  // "Enable versioning of the bucket x"
  std::string call;   // "s3:PutBucketVersioning"
  std::string why;
  bool operator==(const PrimaryAction&) const = default;
};

// A function's package, and under which key the recovery region's bucket (the parameter FunctionCodeBucket)
// holds it.
struct CodePackage {
  std::string function, key;  // the primary's name
  std::string sha256;         // base64, as Lambda says it; empty: unknown
  bool operator==(const CodePackage&) const = default;
};

struct Pilot {
  std::string application, primary, region, stack, account;
  std::vector<PilotParameter> parameters;  // by name
  std::vector<PilotCondition> conditions;  // by name
  std::vector<PilotResource> resources;    // families in a reader's order, ids sorted within
  std::vector<PilotOutput> outputs;        // by name
  std::vector<Untranslated> untranslated;  // sorted
  std::vector<PrimaryAction> actions;      // in the order in which they are to be done
  std::vector<CodePackage> packages;       // by function
  bool operator==(const Pilot&) const = default;
};

// Errors: "Synth.Partition" (GovCloud, China, …), "Synth.Empty" (nothing that could run), "Synth.Unknown" (a part that matters could not be seen; the
// message names every one), "Synth.Collision" (two captured names become one; both are named),
// "Synth.Circular", "Synth.Addresses" (the policy's cidr does not fit in the place of the primary's),
// "Synth.Malformed" (a captured file does not hold what its kind has).
Result<Pilot> plan_pilot(const Inventory& inventory, const PilotPolicy& policy);

// The logical ids, parameters and pseudo parameters that properties (or an output's value) refer to.
std::set<std::string> references_of(const std::string& properties);

// The environment variable that `relight deploy` takes a parameter from: DbPassword ->
// RELIGHT_PARAMETER_DB_PASSWORD.
std::string environment_name(std::string_view parameter);

}  // namespace relight::dr
