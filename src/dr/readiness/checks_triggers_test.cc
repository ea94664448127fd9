// The checks over images, quotas, functions, parameters, topics and the zone: each with its one thing broken.
#include <gtest/gtest.h>

#include "dr/readiness/fixture.h"

namespace relight::dr {
namespace {
using fixture::Case;
using fixture::kD;
using fixture::kP;
using fixture::World;
using TriggersJson = nlohmann::json;

constexpr auto fails = Verdict::kFail, warns = Verdict::kWarn, open = Verdict::kUnknown,
               passes = Verdict::kPass;
constexpr const char *kTarget = "applicationautoscaling/scalable-target", *kVcpus = "fargate/L-3032A538";

void denied(World& w, const char* region, const char* kind, const char* part = "everything") {
  w.unknown(region, kind, "", part);
}
TriggersJson& image(World& w, const char* region) {
  return w.at(region, "ecs/task-definition", "")["containerDefinitions"][0]["image"];
}
TriggersJson& topic(World& w) { return w.at(kD, "sns/topic", "")["Subscriptions"]; }
TriggersJson& function(World& w, const char* region) { return w.at(region, "lambda/function", ""); }
void drifted(World& w, std::vector<std::string> changed) {
  auto& d = *w.picture.live.stack_drift.value;
  d.status = "DRIFTED";
  d.changed = Known<std::vector<std::string>>::of(std::move(changed));
}
void life_cycle(World& w, const std::string& selection) {
  w.at(kD, "ecr/repository", "lamp")["LifecyclePolicy"] =
      R"({"rules":[{"rulePriority":1,"selection":)" + selection + R"(,"action":{"type":"expire"}}]})";
}
void no_functions(World& w) {
  for (auto* region : {kP, kD})
    for (auto* kind : {"lambda/function", "lambda/event-source-mapping", "events/rule"})
      w.remove(region, kind, "");
  w.at(kP, "s3/bucket", "p-uploads").erase("Notifications");
}

const std::vector<Case> kImages{
    {21, "another digest",
     [](World& w) { w.at(kD, "ecr/image", "lamp:latest")["imageDigest"] = "sha256:cd"; }, fails},
    {21, "not there, not known why", [](World& w) { w.remove(kD, "ecr/image", "lamp:latest"); }, open},
    {21, "the primary's registry", [](World& w) { image(w, kD) = image(w, kP); }, fails},
    {21, "of no registry of ECR", [](World& w) { image(w, kP) = image(w, kD) = "lamp:latest"; }, open},
    {21, "denied", [](World& w) { denied(w, kD, "ecr/image"); }, open},
    {22, "no rule",
     [](World& w) { w.at(kP, "ecr/registry", "000000000000")["replicationConfiguration"]["rules"].clear(); },
     fails},
    {22, "of other repositories",
     [](World& w) {
       w.at(kP, "ecr/registry",
            "000000000000")["replicationConfiguration"]["rules"][0]["repositoryFilters"] = {
           {{"filter", "blog/"}, {"filterType", "PREFIX_MATCH"}}};
     },
     fails},
    {22, "to another region",
     [](World& w) {
       w.at(kP, "ecr/registry",
            "000000000000")["replicationConfiguration"]["rules"][0]["destinations"][0]["region"] =
           "eu-west-1";
     },
     fails},
    {22, "denied", [](World& w) { denied(w, kP, "ecr/registry"); }, open},
    {22, "no image of ECR",
     [](World& w) {
       image(w, kP) = "lamp:latest";
       w.remove(kP, "ecr/repository", "");
     },
     passes},
    {23, "old",
     [](World& w) {
       life_cycle(w,
                  R"({"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":2})");
     },
     fails},
    {23, "will be old",
     [](World& w) {
       life_cycle(
           w, R"({"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":30})");
     },
     warns},
    {23, "one of many",
     [](World& w) {
       life_cycle(w, R"({"tagStatus":"any","countType":"imageCountMoreThan","countNumber":5})");
     },
     warns},
    {23, "of other tags",
     [](World& w) {
       life_cycle(
           w,
           R"({"tagStatus":"tagged","tagPrefixList":["dev-"],"countType":"imageCountMoreThan","countNumber":5})");
     },
     passes},
    {23, "of untagged ones",
     [](World& w) {
       life_cycle(w, R"({"tagStatus":"untagged","countType":"imageCountMoreThan","countNumber":1})");
     },
     passes},
    {23, "denied", [](World& w) { denied(w, kD, "ecr/repository", "LifecyclePolicy"); }, open},
};

const std::vector<Case> kCapacity{
    {25, "too few", [](World& w) { w.at(kD, "servicequotas/quota", "L-3032A538")["Value"] = 2.0; }, fails},
    {25, "fewer than the primary's",
     [](World& w) { w.at(kP, "servicequotas/quota", "L-3032A538")["Value"] = 100.0; }, warns},
    {25, "granted more", [](World& w) { w.at(kD, "servicequotas/quota", "L-3032A538")["Value"] = 100.0; },
     passes},
    {25, "denied", [](World& w) { denied(w, kD, "servicequotas/quota", "Value"); }, open},
    {25, "not asked", [](World& w) { w.remove(kD, "servicequotas/quota", kVcpus); }, open},
    {25, "bounds denied", [](World& w) { denied(w, kP, "ecs/service", kTarget); }, open},
    {27, "not scaled there", [](World& w) { w.remove(kD, kTarget, ""); }, fails},
    {27, "would start tasks", [](World& w) { w.at(kD, kTarget, "")["MinCapacity"] = 2; }, fails},
    {27, "too narrow", [](World& w) { w.at(kD, kTarget, "")["MaxCapacity"] = 1; }, fails},
    {27, "asleep", [](World& w) { w.at(kD, kTarget, "")["MaxCapacity"] = 0; }, passes},
    {27, "asleep without the policies",
     [](World& w) {
       w.at(kD, kTarget, "")["MaxCapacity"] = 0;
       w.at(kP, kTarget, "")["Policies"] = {{{"PolicyType", "TargetTrackingScaling"}}};
     },
     warns},
    {27, "woken by a schedule",
     [](World& w) {
       w.at(kD, kTarget, "")["MaxCapacity"] = 0;
       w.at(kD, kTarget, "")["ScheduledActions"] = {{{"ScheduledActionName", "morning"}}};
     },
     fails},
    {27, "held back from a schedule",
     [](World& w) {
       w.at(kD, kTarget, "")["MaxCapacity"] = 0;
       w.at(kD, kTarget, "")["ScheduledActions"] = {{{"ScheduledActionName", "morning"}}};
       w.at(kD, kTarget, "")["SuspendedState"] = {{"ScheduledScalingSuspended", true}};
     },
     passes},
    {27, "narrower", [](World& w) { w.at(kD, kTarget, "")["MaxCapacity"] = 4; }, warns},
    {27, "scaled nowhere",
     [](World& w) {
       w.remove(kD, kTarget, "");
       w.remove(kP, kTarget, "");
     },
     passes},
    {27, "denied", [](World& w) { denied(w, kD, "ecs/service", kTarget); }, open},
    {42, "databases", [](World& w) { w.at(kD, "servicequotas/quota", "L-7B6409FD")["Value"] = 1.0; }, fails},
    {42, "denied", [](World& w) { denied(w, kD, "servicequotas/quota", "Default"); }, open},
    {54, "too few",
     [](World& w) {
       function(w, kP)["ReservedConcurrentExecutions"] = 50;
       w.at(kD, "servicequotas/quota", "L-B99A9384")["Value"] = 100.0;
     },
     fails},
    {54, "denied", [](World& w) { denied(w, kD, "servicequotas/quota", "Value"); }, open},
    {54, "no function", no_functions, passes},
    {31, "gone",
     [](World& w) {
       w.at(kD, "ecs/task-definition",
            "")["containerDefinitions"][0]["logConfiguration"] = {{"options", {{"awslogs-group", "/x"}}}};
     },
     open},
};

const std::vector<Case> kFunctions{
    {52, "other code", [](World& w) { function(w, kD)["CodeSha256"] = "def="; }, fails},
    {52, "other runtime", [](World& w) { function(w, kD)["Runtime"] = "python3.8"; }, fails},
    {52, "other layer", [](World& w) { function(w, kD)["Layers"][0]["CodeSize"] = 8; }, fails},
    {52, "other variable", [](World& w) { function(w, kD)["Environment"]["Variables"]["MODE"] = "x"; },
     fails},
    {52, "names the primary",
     [](World& w) { function(w, kD)["Environment"]["Variables"]["BUCKET"] = "p-uploads"; }, fails},
    {52, "none there", [](World& w) { w.remove(kD, "lambda/function", ""); }, fails},
    {52, "denied", [](World& w) { denied(w, kD, "lambda/function"); }, open},
    {52, "no function", no_functions, passes},
    {53, "on", [](World& w) { function(w, kD).erase("ReservedConcurrentExecutions"); }, fails},
    {53, "half on", [](World& w) { function(w, kD)["ReservedConcurrentExecutions"] = 1; }, fails},
    {53, "denied", [](World& w) { denied(w, kD, "lambda/function"); }, open},
    {55, "no mapping", [](World& w) { w.remove(kD, "lambda/event-source-mapping", ""); }, fails},
    {55, "a mapping that is on",
     [](World& w) { w.at(kD, "lambda/event-source-mapping", "")["State"] = "Enabled"; }, fails},
    {55, "no rule", [](World& w) { w.remove(kD, "events/rule", ""); }, fails},
    {55, "a rule that is on", [](World& w) { w.at(kD, "events/rule", "")["State"] = "ENABLED"; }, fails},
    {55, "off in the primary too",
     [](World& w) {
       w.at(kP, "events/rule", "")["State"] = "DISABLED";
       w.remove(kD, "events/rule", "");
     },
     passes},
    {55, "notifies nothing there", [](World& w) { w.remove(kD, "lambda/function", ""); }, fails},
    {55, "denied", [](World& w) { denied(w, kD, "events/rule"); }, open},
    {55, "rules denied", [](World& w) { denied(w, kP, "lambda/function", "events/rule"); }, open},
    {55, "nothing wakes anything", no_functions, passes},
};

// The container's password, in both regions; the recovery region's replica holds `version`.
void secret(World& w, const std::string& version) {
  auto arn = [](const std::string& region) {
    return "arn:aws:secretsmanager:" + region + ":000000000000:secret:db";
  };
  w.at(kD, "ecs/task-definition",
       "")["containerDefinitions"][0]["secrets"] = {{{"name", "P"}, {"valueFrom", arn(kD) + ":password::"}}};
  w.at(kD, "secretsmanager/secret", "") = {
      {"Name", "db"}, {"PrimaryRegion", kP}, {"VersionIdsToStages", {{version, {"AWSCURRENT"}}}}};
  w.add(kP, "secretsmanager/secret", arn(kP),
        {{"Name", "db"}, {"VersionIdsToStages", {{"v1", {"AWSPREVIOUS"}}, {"v2", {"AWSCURRENT"}}}}});
}

const std::vector<Case> kWords{
    {34, "another host",
     [](World& w) { w.picture.live.secret_hosts.value->begin()->second.field = SecretHost::Field::kOther; },
     fails},
    {34, "a replica's",
     [](World& w) {
       w.picture.live.secret_hosts.value->begin()->second.field = SecretHost::Field::kOther;
       w.at(kD, "secretsmanager/secret", "")["PrimaryRegion"] = kP;
     },
     warns},
    {34, "a replica's, of the primary's database",
     [](World& w) {
       w.picture.live.secret_hosts.value->begin()->second.field = SecretHost::Field::kPrimary;
       w.at(kD, "secretsmanager/secret", "")["PrimaryRegion"] = kP;
     },
     passes},
    {34, "the primary's, and no replica",
     [](World& w) { w.picture.live.secret_hosts.value->begin()->second.field = SecretHost::Field::kPrimary; },
     fails},
    {34, "not read",
     [](World& w) {
       w.picture.live.secret_hosts.value->begin()->second = {SecretHost::Field::kUnread, "AccessDenied"};
     },
     open},
    {34, "not told to",
     [](World& w) { w.picture.live.secret_hosts = Known<std::map<std::string, SecretHost>>::not_seen("no"); },
     open},
    {34, "no secret", [](World& w) { w.remove(kD, "secretsmanager/secret", ""); }, passes},
    {33, "in step", [](World& w) { secret(w, "v2"); }, passes},
    {33, "behind", [](World& w) { secret(w, "v1"); }, fails},
    {33, "of its own",
     [](World& w) {
       secret(w, "v2");
       w.at(kD, "secretsmanager/secret", "").erase("PrimaryRegion");
     },
     open},
    {36, "differs", [](World& w) { (*w.picture.live.recovery_parameters.value)["/d/mode"] = "x"; }, fails},
    {36, "names the primary",
     [](World& w) {
       (*w.picture.live.recovery_parameters.value)["/d/host"] = "p-lb.us-east-1.elb.amazonaws.com";
     },
     fails},
    {36, "none there", [](World& w) { w.remove(kD, "ssm/parameter", ""); }, fails},
    {36, "of another type", [](World& w) { w.at(kD, "ssm/parameter", "/d/mode")["Type"] = "StringList"; },
     fails},
    {36, "secret",
     [](World& w) {
       w.at(kP, "ssm/parameter", "/p/mode")["Type"] = w.at(kD, "ssm/parameter", "/d/mode")["Type"] =
           "SecureString";
     },
     open},
    {36, "not asked", [](World& w) { w.picture.live.recovery_parameters = {}; }, open},
    {46, "to another zone", [](World& w) { *w.picture.live.name_servers.value = {"ns.other.example"}; },
     fails},
    {46, "half",
     [](World& w) {
       *w.picture.live.name_servers.value = {"ns-1.awsdns.com", "ns.other.example"};
     },
     warns},
    {46, "no answer", [](World& w) { w.picture.live.name_servers = {}; }, open},
    {46, "no zone", [](World& w) { w.remove(kD, "route53/hosted-zone", ""); }, open},
    {49, "missing",
     [](World& w) {
       w.picture.live.objects_before.value = {12, 2, true, {"a.jpg"}};
     },
     fails},
    {49, "too many to tell", [](World& w) { w.picture.live.objects_before.value->whole = false; }, open},
    {49, "not listed", [](World& w) { w.picture.live.objects_before = {}; }, open},
    {59, "nobody confirmed", [](World& w) { topic(w)[0]["SubscriptionArn"] = "PendingConfirmation"; }, fails},
    {59, "nobody subscribed", [](World& w) { topic(w).clear(); }, fails},
    {59, "one has not",
     [](World& w) {
       topic(w).push_back({{"SubscriptionArn", "PendingConfirmation"}, {"Protocol", "email"}});
     },
     warns},
    {59, "no topic named", [](World& w) { w.at(kD, "cloudwatch/alarm", "lag").erase("AlarmActions"); },
     warns},
    {59, "denied", [](World& w) { denied(w, kD, "sns/topic", "Subscriptions"); }, open},
    {59, "alarms denied", [](World& w) { denied(w, kD, "rds/db-instance", "cloudwatch/alarm"); }, open},
    {60, "drifted", [](World& w) { drifted(w, {"MODIFIED AWS::ECS::Service Service: /DesiredCount"}); },
     fails},
    {60, "drifted by the name of a key alone", [](World& w) { drifted(w, {}); }, passes},
    {60, "drifted, nobody may see in what",
     [](World& w) {
       drifted(w, {});
       w.picture.live.stack_drift.value->changed = Known<std::vector<std::string>>::not_seen("AccessDenied");
     },
     open},
    {60, "never looked for", [](World& w) { w.picture.live.stack_drift.value->status = "NOT_CHECKED"; },
     open},
    {60, "not asked", [](World& w) { w.picture.live.stack_drift = {}; }, open},
};

void certificate(World& w, const std::string& name, const std::string& until,
                 const std::string& status = "ISSUED") {
  for (auto* region : {kP, kD})
    w.at(region, "elbv2/listener", "")["Certificates"] = {{{"CertificateArn", "c"}}};
  w.add(kD, "acm/certificate", "c", {{"DomainName", name}, {"NotAfter", until}, {"Status", status}});
}

// The primary's bucket encrypts what is new by a key of KMS; whether its rule takes such objects.
void under_kms(World& w, const char* taken) {
  auto& bucket = w.at(kP, "s3/bucket", "p-uploads");
  bucket["Encryption"]["Rules"] = {{{"ApplyServerSideEncryptionByDefault", {{"SSEAlgorithm", "aws:kms"}}}}};
  bucket["Replication"]["Rules"][0]["SourceSelectionCriteria"]["SseKmsEncryptedObjects"]["Status"] = taken;
}

const std::vector<Case> kKeys{
    {47, "under KMS, which the rule leaves out", [](World& w) { under_kms(w, "Disabled"); }, fails},
    {47, "under KMS, which the rule takes", [](World& w) { under_kms(w, "Enabled"); }, passes},
    {37, "in order", [](World& w) { certificate(w, "*.lamp.example", "2027-11-23T12:00:00Z"); }, passes},
    {37, "of another name", [](World& w) { certificate(w, "blog.lamp.example", "2027-11-23T12:00:00Z"); },
     fails},
    {37, "expired", [](World& w) { certificate(w, "www.lamp.example", "2026-11-22T12:00:00Z"); }, fails},
    {37, "soon", [](World& w) { certificate(w, "www.lamp.example", "2026-12-01T12:00:00Z"); }, warns},
    {37, "not issued",
     [](World& w) { certificate(w, "www.lamp.example", "2027-11-23T12:00:00Z", "PENDING_VALIDATION"); },
     fails},
    {35, "a key that waits for its end",
     [](World& w) {
       for (auto [region, id] : {std::pair(kP, "p-db"), std::pair(kD, "d-db")})
         w.at(region, "rds/db-instance", id).update({{"StorageEncrypted", true}, {"KmsKeyId", "k"}});
       w.add(kD, "kms/key", "k", {{"KeyState", "PendingDeletion"}});
     },
     fails},
    {35, "a bucket's key that is off",
     [](World& w) {
       w.add(kD, "kms/key", "b", {{"KeyState", "Disabled"}});
     },
     fails},
    {35, "a bucket's key",
     [](World& w) {
       w.add(kD, "kms/key", "b", {{"KeyState", "Enabled"}});
     },
     passes},
    {31, "there",
     [](World& w) {
       w.at(kD, "ecs/task-definition",
            "")["containerDefinitions"][0]["logConfiguration"] = {{"options", {{"awslogs-group", "/x"}}}};
       w.add(kD, "logs/log-group", "/x", TriggersJson::object());
     },
     passes},
    {31, "gone",
     [](World& w) {
       w.at(kD, "ecs/task-definition",
            "")["containerDefinitions"][0]["logConfiguration"] = {{"options", {{"awslogs-group", "/x"}}}};
       w.leave_out(kD, "logs/log-group", "/x", "it is named, but it does not exist");
     },
     fails},
    {21, "gone",
     [](World& w) {
       w.remove(kD, "ecr/image", "lamp:latest");
       w.leave_out(kD, "ecr/image", "lamp:latest", "it is named, but it does not exist");
     },
     fails},
    {59, "a topic that is gone",
     [](World& w) {
       w.remove(kD, "sns/topic", "");
       w.leave_out(kD, "sns/topic", "arn:aws:sns:us-west-2:000000000000:d-pager",
                   "it is named, but it does not exist");
     },
     fails},
};

TEST(Checks, OfImages) { fixture::hold(kImages); }
TEST(Checks, OfCapacity) { fixture::hold(kCapacity); }
TEST(Checks, OfFunctionsAndWhatWakesThem) { fixture::hold(kFunctions); }
TEST(Checks, OfSecretsParametersObjectsTheZoneAndTopics) { fixture::hold(kWords); }
TEST(Checks, OfCertificatesKeysAndLogGroups) { fixture::hold(kKeys); }

TEST(Checks, NoFindingShowsAParametersValue) {
  World w;
  (*w.picture.live.recovery_parameters.value)["/d/mode"] = "planted-Zx81";
  for (auto& f : w.look(36)) EXPECT_EQ((f.what + f.evidence + f.mend).find("planted"), std::string::npos);
}

}  // namespace

const std::vector<Case>& fixture::trigger_cases() {
  static const auto all = [] {
    std::vector<Case> out;
    for (auto* cases : {&kImages, &kCapacity, &kFunctions, &kWords, &kKeys})
      out.insert(out.end(), cases->begin(), cases->end());
    return out;
  }();
  return all;
}

}  // namespace relight::dr
