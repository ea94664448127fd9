// How a scope is called in a policy, and which resource types it stands for.
#include <algorithm>
#include <array>

#include "dr/planning/iam_names.h"

namespace relight::dr {
namespace {

struct ScopeWords {
  IamScope scope;
  IamScopeWords words;
};
constexpr std::array kScopeWords{
    ScopeWords{IamScope::kAny, {"Any", ""}},
    ScopeWords{IamScope::kStack, {"Stack", "stack"}},
    ScopeWords{IamScope::kStacks, {"Stack", "stack"}},
    ScopeWords{IamScope::kLitStack, {"Stack", "stack"}},
    ScopeWords{IamScope::kCluster, {"Cluster", "cluster"}},
    ScopeWords{IamScope::kService, {"Service", "service"}},
    ScopeWords{IamScope::kServices, {"Service", "service"}},
    ScopeWords{IamScope::kDeployments, {"ServiceDeployment", "service service-deployment"}},
    ScopeWords{IamScope::kTaskLists, {"TaskList", "container-instance"}},
    ScopeWords{IamScope::kTasks, {"Task", "task"}},
    ScopeWords{IamScope::kProvider, {"CapacityProvider", "capacity-provider"}},
    ScopeWords{IamScope::kFamily, {"TaskDefinition", "task-definition"}},
    ScopeWords{IamScope::kDatabase, {"Database", "db"}},
    ScopeWords{IamScope::kDatabases, {"Database", "db"}},
    ScopeWords{IamScope::kSnapshots, {"Snapshot", "db snapshot"}},
    ScopeWords{IamScope::kReplica, {"Replica", "db og pg subgrp"}},
    ScopeWords{IamScope::kParameterGroup, {"ParameterGroup", "pg"}},
    ScopeWords{IamScope::kSubnetGroup, {"SubnetGroup", "subgrp"}},
    ScopeWords{IamScope::kOptionGroup, {"OptionGroup", "og"}},
    ScopeWords{IamScope::kBalancing,
               {"Balancing", "loadbalancer/app/ loadbalancer targetgroup listener/app listener-rule/app"}},
    ScopeWords{IamScope::kWebAcls, {"WebAcl", "webacl loadbalancer/app/"}},
    ScopeWords{IamScope::kRole, {"Role", "role"}},
    ScopeWords{IamScope::kPilotRole, {"PilotRole", "role"}},
    ScopeWords{IamScope::kLinkedRole, {"LinkedRole", "role"}},
    ScopeWords{IamScope::kPolicy, {"Policy", "policy"}},
    ScopeWords{IamScope::kZone, {"Zone", "hostedzone"}},
    ScopeWords{IamScope::kZones, {"Zone", "hostedzone"}},
    ScopeWords{IamScope::kPilotZone, {"Zone", "hostedzone"}},
    ScopeWords{IamScope::kChanges, {"Change", "change"}},
    ScopeWords{IamScope::kHealthCheck, {"HealthCheck", "healthcheck"}},
    ScopeWords{IamScope::kHealthChecks, {"HealthCheck", "healthcheck"}},
    ScopeWords{IamScope::kAlarm, {"Alarm", "alarm"}},
    ScopeWords{IamScope::kAlarms, {"Alarm", "alarm"}},
    ScopeWords{IamScope::kScalingAlarms, {"Alarm", "alarm"}},
    ScopeWords{IamScope::kFunction, {"Function", "function"}},
    ScopeWords{IamScope::kMapping, {"Mapping", "eventSourceMapping"}},
    ScopeWords{IamScope::kSecret, {"Secret", "Secret"}},
    ScopeWords{IamScope::kLogGroup, {"LogGroup", "log-group"}},
    ScopeWords{IamScope::kQueue, {"Queue", "queue"}},
    ScopeWords{IamScope::kTopic, {"Topic", "topic"}},
    ScopeWords{IamScope::kRules, {"Rule", "rule-on-default-event-bus rule-on-custom-event-bus"}},
    ScopeWords{IamScope::kParameter, {"Parameter", "parameter"}},
    ScopeWords{IamScope::kRepository, {"Repository", "repository"}},
    ScopeWords{IamScope::kCertificates, {"Certificate", "certificate"}},
    ScopeWords{IamScope::kVpc, {"Vpc", "vpc"}},
    ScopeWords{IamScope::kKeys, {"Key", "key"}},
    ScopeWords{IamScope::kReplicationRole, {"ReplicationRole", "role"}},
    ScopeWords{IamScope::kStorageKeys, {"StorageKey", "key"}},
    ScopeWords{IamScope::kNetwork, {"Network", "*"}},
    ScopeWords{IamScope::kBucket, {"Bucket", "bucket"}},
    ScopeWords{IamScope::kBuckets, {"Bucket", "bucket"}},
    ScopeWords{IamScope::kUploads, {"Uploads", "bucket"}},
    ScopeWords{IamScope::kObjects, {"Objects", "object"}},
    ScopeWords{IamScope::kUploaded, {"Uploaded", "object"}},
    ScopeWords{IamScope::kFlagBucket, {"FlagBucket", "bucket"}},
    ScopeWords{IamScope::kFlag, {"Flag", "object"}},
    ScopeWords{IamScope::kJournalBucket, {"JournalBucket", "bucket"}},
    ScopeWords{IamScope::kJournal, {"Journal", "object"}},
    ScopeWords{IamScope::kRule, {"Rule", "rule-on-default-event-bus rule-on-custom-event-bus"}},
    ScopeWords{IamScope::kScaling, {"Scaling", "ScalableTarget"}},
    ScopeWords{IamScope::kSetting, {"Setting", "parameter"}},
    ScopeWords{IamScope::kCode, {"Code", "object"}},
    ScopeWords{IamScope::kCodeBucket, {"CodeBucket", "bucket"}},
    ScopeWords{IamScope::kKeyAlias, {"KeyAlias", "alias key"}},
};

}  // namespace

IamScopeWords words_of(IamScope scope) {
  auto it = std::ranges::find(kScopeWords, scope, &ScopeWords::scope);
  return it == kScopeWords.end() ? IamScopeWords{} : it->words;
}

}  // namespace relight::dr
