// What IAM asks of whoever runs a verb, as data: which operations a verb can call and where, which actions an
// operation takes, and what CloudFormation does in the caller's name for a type of the pilot.
// tests/iam_policy holds it against the sources and against AWS's Service Authorization Reference
// (https://docs.aws.amazon.com/service-authorization/latest/reference/).
#pragma once
#include <span>
#include <string_view>

namespace relight::dr {

enum class IamSide { kPrimary, kRecovery, kBoth };

// What an operation acts on. Which resource types an action takes is the Service Authorization Reference's.
enum class IamScope {
  kAny,             // the action takes no resource type: Resource "*"
  kStack,           // the side's CloudFormation stack
  kStacks,          // … and those nested in it
  kLitStack,        // the pilot's, if it has what a failover switches on: NAT gateways
  kCluster,         // of ECS
  kService,         // of ECS
  kServices,        // of ECS, all of the region
  kDeployments,     // services and what ECS makes of a change of one
  kTaskLists,       // which tasks a cluster has: asked of its container instances, though Fargate has none
  kTasks,           // of ECS, all of the region: their ids are given when they start
  kProvider,        // capacity providers
  kFamily,          // task definitions
  kDatabase,        // the application's DB instances
  kDatabases,       // all of the region: asked without a name
  kSnapshots,       // the application's DB instances, and snapshots, whose names nobody foresees
  kReplica,         // the side's DB instance, its source in the other and its groups
  kParameterGroup,  // of RDS
  kSubnetGroup,
  kOptionGroup,
  kWebAcls,          // of WAF, all of the region: which one a load balancer has is found by looking
  kBalancing,        // load balancers, listeners, rules, target groups
  kRole,             // captured and the pilot's
  kPilotRole,        // the pilot's alone
  kReplicationRole,  // what captured buckets replicate with
  kLinkedRole,
  kPolicy,
  kZone,       // captured hosted zones
  kZones,      // all: which one points at the application is found by looking
  kChanges,    // of Route 53: whether they have spread
  kPilotZone,  // the one that relight.yaml names, else all
  kHealthCheck,
  kHealthChecks,
  kAlarm,
  kAlarms,         // all of the region
  kScalingAlarms,  // those that a policy of target tracking makes
  kFunction,
  kMapping,
  kSecret,
  kLogGroup,
  kQueue,
  kTopic,
  kRules,  // EventBridge's, all of the region: which one points at the application is found by looking
  kRepository,
  kParameter,
  kCertificates,  // all of the region
  kKeys,          // KMS, all of the region
  kStorageKeys,   // … of both regions, if a captured database is encrypted
  kNetwork,       // EC2's, all of the region: ids are given when they are made
  kVpc,
  kBucket,   // every bucket of the application in that region
  kObjects,  // what is in them
  kBuckets,  // all: it is not known yet which
  kUploads,
  kUploaded,  // the objects in it
  kFlagBucket,
  kFlag,  // the object that the DNS health check watches
  kJournalBucket,
  kJournal,  // objects below the journal's prefix
  kRule,     // of EventBridge, where the application has any
  kScaling,  // scalable targets: their ids are AWS's
  kSetting,  // the application's parameters, in both regions by the same name
  kCode,     // objects in the bucket of functions' packages
  kCodeBucket,
  kKeyAlias,  // of KMS, and the keys that they name
};

struct IamCall {
  std::string_view service, operation;
  IamSide side;
  IamScope scope;
};

// Calls that stand in the same sources: files below src/, between spaces; a name may end in '*'.
struct IamPart {
  std::string_view name, sources;
  std::span<const IamCall> calls;
};
std::span<const IamPart> iam_parts();

struct IamVerb {
  std::string_view name;
  std::string_view parts;     // between spaces
  bool deploys = false;       // CloudFormation acts in the caller's name
  bool discovers = false;     // what it looks at is not known before: a capture does not narrow it
  bool lights = false;        // CloudFormation makes in the caller's name what stands under IsLit
  std::string_view why = "";  // why there is no policy for it: then there are no parts
};
std::span<const IamVerb> iam_verbs();

// An operation that takes an action besides its own (aws::action_of); one row an action.
struct IamAction {
  std::string_view service, operation;
  std::string_view also;  // on `also_on`
  IamScope also_on = IamScope::kAny;
  std::string_view key = "", value = "";  // condition of `also`
};
std::span<const IamAction> iam_actions();

// Actions that CloudFormation takes for a resource of a type, with the rights of whoever executes the change
// set
// ("AWS CloudFormation service role": without one it uses a session of the caller's credentials,
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html).
struct IamType {
  std::string_view type;
  std::string_view actions;  // between spaces
  IamScope scope;
  std::string_view property = "";  // only if the resource has this property
  bool removes = false;            // only if it is not retained
  bool verified = false;           // taken from the type's registered schema (handlers.*.permissions)
  std::string_view key = "", value = "";
};
std::span<const IamType> iam_types();
std::span<const IamType> iam_types_data();    // of them, databases and buckets
std::span<const IamType> iam_types_asleep();  // of them, what runs without a visitor

}  // namespace relight::dr
