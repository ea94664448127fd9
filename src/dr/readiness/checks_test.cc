// Each check passes on a small application in order, fails when its one thing is broken, and is unknown when
// that could not be seen.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "dr/readiness/fixture.h"
#include "dr/readiness/render.h"

namespace relight::dr {

void fixture::hold(const std::vector<fixture::Case>& cases) {
  for (auto& c : cases) {
    World w;
    c.change(w);
    auto found = w.look(c.check);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(verdict_text(found.front().verdict), verdict_text(c.worst))
        << c.check << " " << c.says << ": " << found.front().what << ": " << found.front().evidence;
    if (c.worst == Verdict::kFail || c.worst == Verdict::kWarn) {
      EXPECT_FALSE(found.front().mend.empty()) << c.check << " " << c.says;
    }
    if (c.worst == Verdict::kUnknown) {
      EXPECT_FALSE(found.front().evidence.empty()) << c.check << " " << c.says;
    }
  }
}

namespace {
using fixture::Case;
using fixture::kD;
using fixture::kP;
using fixture::World;
using Json = nlohmann::json;

constexpr auto fail = Verdict::kFail, warn = Verdict::kWarn, unknown = Verdict::kUnknown;

void unseen(World& w, const char* region, const char* kind, const char* part = "everything") {
  w.unknown(region, kind, "", part);
}

const std::vector<Case> database_cases{
    {1, "no replica", [](World& w) { w.remove(kD, "rds/db-instance", "d-db"); }, fail},
    {1, "promoted",
     [](World& w) { w.at(kD, "rds/db-instance", "d-db").erase("ReadReplicaSourceDBInstanceIdentifier"); },
     fail},
    {1, "wrong source",
     [](World& w) { w.at(kD, "rds/db-instance", "d-db")["ReadReplicaSourceDBInstanceIdentifier"] = "other"; },
     fail},
    {1, "in error", [](World& w) { w.picture.live.recovery_instance.value->replication = "error"; }, fail},
    {1, "denied", [](World& w) { unseen(w, kD, "rds/db-instance"); }, unknown},
    {1, "not asked", [](World& w) { w.picture.live.recovery_instance = Known<InstanceNow>::not_seen("no"); },
     unknown},
    {2, "lags", [](World& w) { w.picture.live.replica_lag_s.value = 61; }, fail},
    {2, "inactive", [](World& w) { w.picture.live.replica_lag_s.value = -1; }, fail},
    {2, "no datapoint", [](World& w) { w.picture.live.replica_lag_s = {}; }, unknown},
    {3, "no row",
     [](World& w) { w.picture.live.heartbeat_age = Known<std::optional<Millis>>::of(std::nullopt); }, fail},
    {3, "old",
     [](World& w) { w.picture.live.heartbeat_age = Known<std::optional<Millis>>::of(Millis(62000)); }, fail},
    {3, "no SQL", [](World& w) { w.picture.live.heartbeat_age = {}; }, unknown},
    {4, "receives nothing", [](World& w) { w.picture.live.replica.value->io = "No"; }, fail},
    {4, "applies nothing", [](World& w) { w.picture.live.replica.value->sql = "No"; }, fail},
    {4, "no source", [](World& w) { w.picture.live.replica.value->configured = false; }, fail},
    {4, "no SQL", [](World& w) { w.picture.live.replica = {}; }, unknown},
    {5, "wrote itself", [](World& w) { w.picture.live.recovery_binlog_state.value = "0-1-9,0-2-10"; }, fail},
    {5, "ahead", [](World& w) { w.picture.live.recovery_binlog_state.value = "0-1-10"; }, fail},
    {5, "no binary log", [](World& w) { w.picture.live.recovery_binlog_state.value = ""; }, unknown},
    {5, "no primary", [](World& w) { w.picture.live.primary_binlog_state = {}; }, unknown},
    {6, "within the window",
     [](World& w) {
       w.at(kD, "rds/db-instance", "d-db")
           .update({{"BackupRetentionPeriod", 1}, {"PreferredBackupWindow", "11:45-12:15"}});
     },
     warn},
    {6, "soon",
     [](World& w) {
       w.at(kD, "rds/db-instance", "d-db")
           .update({{"BackupRetentionPeriod", 1}, {"PreferredBackupWindow", "12:29-12:59"}});
     },
     warn},
    {6, "over midnight, far",
     [](World& w) {
       w.at(kD, "rds/db-instance", "d-db")
           .update({{"BackupRetentionPeriod", 1}, {"PreferredBackupWindow", "23:45-00:15"}});
     },
     Verdict::kPass},
    {6, "denied", [](World& w) { unseen(w, kD, "rds/db-instance"); }, unknown},
    {7, "none", [](World& w) { w.at(kP, "rds/db-instance", "p-db")["BackupRetentionPeriod"] = 0; }, fail},
    {7, "one day", [](World& w) { w.at(kP, "rds/db-instance", "p-db")["BackupRetentionPeriod"] = 1; }, warn},
    {7, "no backup yet", [](World& w) { w.picture.live.primary_instance.value->latest_restorable.reset(); },
     fail},
    {7, "old",
     [](World& w) { *w.picture.live.primary_instance.value->latest_restorable -= std::chrono::hours(25); },
     warn},
    {7, "not asked", [](World& w) { w.picture.live.primary_instance = {}; }, unknown},
    {8, "less storage", [](World& w) { w.at(kD, "rds/db-instance", "d-db")["AllocatedStorage"] = 10; }, fail},
    {8, "other class",
     [](World& w) { w.at(kD, "rds/db-instance", "d-db")["DBInstanceClass"] = "db.t4g.nano"; }, warn},
    {8, "chosen class",
     [](World& w) {
       w.at(kD, "rds/db-instance", "d-db")["DBInstanceClass"] = w.picture.config.pilot.replica_class =
           "db.t4g.nano";
     },
     Verdict::kPass},
    {8, "other storage", [](World& w) { w.at(kP, "rds/db-instance", "p-db")["StorageType"] = "io1"; }, warn},
    {8, "one zone", [](World& w) { w.at(kP, "rds/db-instance", "p-db")["MultiAZ"] = true; }, warn},
    {8, "denied", [](World& w) { unseen(w, kP, "rds/db-instance"); }, unknown},
    {9, "not offered", [](World& w) { w.picture.live.orderable_classes.value->clear(); }, fail},
    {9, "not asked", [](World& w) { w.picture.live.orderable_classes = {}; }, unknown},
    {10, "differs",
     [](World& w) {
       w.at(kD, "rds/parameter-group", "d-params")["Parameters"][0]["ParameterValue"] = "MIXED";
     },
     fail},
    {10, "of the machine",
     [](World& w) {
       w.at(kD, "rds/parameter-group", "d-params")["Parameters"].push_back(
           {{"ParameterName", "sync_binlog"}, {"ParameterValue", "0"}});
     },
     Verdict::kPass},
    {10, "waits for a reboot",
     [](World& w) {
       w.at(kD, "rds/db-instance", "d-db")["DBParameterGroups"][0]["ParameterApplyStatus"] = "pending-reboot";
     },
     warn},
    {10, "denied", [](World& w) { unseen(w, kD, "rds/parameter-group", "Parameters"); }, unknown},
    {11, "other group",
     [](World& w) {
       w.at(kD, "rds/db-instance", "d-db")["OptionGroupMemberships"][0]["OptionGroupName"] = "mine";
     },
     unknown},
    {12, "older", [](World& w) { w.at(kD, "rds/db-instance", "d-db")["EngineVersion"] = "10.11.8"; }, fail},
    {12, "newer", [](World& w) { w.at(kD, "rds/db-instance", "d-db")["EngineVersion"] = "10.11.10"; }, warn},
    {12, "waits", [](World& w) { w.picture.live.recovery_instance.value->pending["DBInstanceClass"] = "x"; },
     warn},
    {12, "not asked", [](World& w) { w.picture.live.recovery_instance = {}; }, unknown},
    {13, "writable", [](World& w) { (*w.picture.live.recovery_variables.value)["read_only"] = "OFF"; }, fail},
    {13, "no SQL", [](World& w) { w.picture.live.recovery_variables = {}; }, unknown},
    {14, "off", [](World& w) { (*w.picture.live.primary_variables.value)["log_bin"] = "OFF"; }, fail},
    {14, "statements", [](World& w) { (*w.picture.live.primary_variables.value)["binlog_format"] = "MIXED"; },
     fail},
    {14, "parts of rows",
     [](World& w) { (*w.picture.live.primary_variables.value)["binlog_row_image"] = "MINIMAL"; }, fail},
    {14, "purged", [](World& w) { (*w.picture.live.primary_variables.value)["binlog retention hours"] = ""; },
     warn},
    {14, "no SQL", [](World& w) { w.picture.live.primary_variables = {}; }, unknown},
    {15, "MyISAM", [](World& w) { w.picture.live.tables.value->other_engine = {"a.b (MyISAM)"}; }, fail},
    {15, "no key", [](World& w) { w.picture.live.tables.value->without_key = {"a.b"}; }, warn},
    {15, "no SQL", [](World& w) { w.picture.live.tables = {}; }, unknown},
    {16, "full", [](World& w) { w.picture.live.recovery_free_bytes.value = 1e9; }, fail},
    {16, "short", [](World& w) { w.picture.live.recovery_free_bytes.value = 3.5e9; }, warn},
    {16, "no datapoint", [](World& w) { w.picture.live.recovery_free_bytes = {}; }, unknown},
    {17, "shut", [](World& w) { w.at(kD, "ec2/security-group", "d-sg-db")["IpPermissions"].clear(); }, fail},
    {17, "one zone", [](World& w) { w.at(kD, "rds/subnet-group", "d-subnets")["Subnets"].erase(1); }, fail},
    {17, "denied", [](World& w) { unseen(w, kD, "ec2/security-group"); }, unknown},
    {17, "ACLs denied", [](World& w) { unseen(w, kD, "ec2/network-acl"); }, unknown},
    {18, "expired",
     [](World& w) { w.at(kD, "rds/db-instance", "d-db")["CACertificateIdentifier"] = "rds-ca-2019"; }, fail},
    {18, "another",
     [](World& w) { w.at(kD, "rds/db-instance", "d-db")["CACertificateIdentifier"] = "rds-ca-rsa4096-g1"; },
     warn},
    {18, "not said", [](World& w) { w.at(kD, "rds/db-instance", "d-db").erase("CACertificateIdentifier"); },
     unknown},
};

Json& container(World& w, const char* region) {
  return w.at(region, "ecs/task-definition", "")["containerDefinitions"][0];
}

const std::vector<Case> compute_cases{
    {19, "no service", [](World& w) { w.remove(kD, "ecs/service", ""); }, fail},
    {19, "no cluster", [](World& w) { w.remove(kD, "ecs/cluster", ""); }, fail},
    {19, "no subnet", [](World& w) { w.remove(kD, "ec2/subnet", "d-subnet-b"); }, fail},
    {19, "no such port", [](World& w) { container(w, kD)["portMappings"][0]["containerPort"] = 8080; }, fail},
    {19, "no role", [](World& w) { w.remove(kD, "iam/role", "d-exec"); }, fail},
    {19, "no memory", [](World& w) { w.at(kD, "ecs/task-definition", "").erase("memory"); }, fail},
    {19, "denied", [](World& w) { unseen(w, kD, "ecs/service"); }, unknown},
    {20, "memory", [](World& w) { w.at(kD, "ecs/task-definition", "")["memory"] = "1024"; }, fail},
    {20, "image", [](World& w) { container(w, kD)["image"] = "lamp:older"; }, fail},
    {20, "the same image of another registry",
     [](World& w) { container(w, kD)["image"] = "000000000000.dkr.ecr.us-west-2.amazonaws.com/lamp:latest"; },
     Verdict::kPass},
    {20, "the same image by its digest, as synth names it",
     [](World& w) {
       container(w, kD)["image"] = "000000000000.dkr.ecr.us-west-2.amazonaws.com/lamp@sha256:ab";
     },
     Verdict::kPass},
    {20, "another repository by a digest",
     [](World& w) {
       container(w, kD)["image"] = "000000000000.dkr.ecr.us-west-2.amazonaws.com/other@sha256:ab";
     },
     fail},
    {20, "variable", [](World& w) { container(w, kD)["environment"][2]["value"] = "read-only"; }, fail},
    {20, "variable missing", [](World& w) { container(w, kD)["environment"].erase(2); }, fail},
    {20, "variable more",
     [](World& w) {
       container(w, kD)["environment"].push_back({{"name", "X"}, {"value", "1"}});
     },
     fail},
    {20, "a queue's address, translated",
     [](World& w) {
       w.add(kP, "sqs/queue", "p-notes", {{"QueueUrl", "http://queues/0/p-notes"}});
       container(w, kP)["environment"].push_back({{"name", "Q"}, {"value", "http://queues/0/p-notes"}});
       container(w, kD)["environment"].push_back({{"name", "Q"}, {"value", "http://queues/0/d-notes"}});
     },
     Verdict::kPass},
    {20, "a queue's address, the queue denied",
     [](World& w) {
       w.add(kP, "sqs/queue", "p-notes", {});
       unseen(w, kP, "sqs/queue");
       container(w, kP)["environment"].push_back({{"name", "Q"}, {"value", "http://queues/0/p-notes"}});
       container(w, kD)["environment"].push_back({{"name", "Q"}, {"value", "http://queues/0/d-notes"}});
     },
     unknown},
    {20, "command", [](World& w) { container(w, kD)["command"] = {"sleep"}; }, fail},
    {20, "denied", [](World& w) { unseen(w, kP, "ecs/task-definition"); }, unknown},
    {24, "primary's host",
     [](World& w) { container(w, kD)["environment"][0]["value"] = "p-db.x.us-east-1.rds.amazonaws.com"; },
     fail},
    {24, "primary's bucket", [](World& w) { container(w, kD)["environment"][1]["value"] = "p-uploads"; },
     fail},
    {24, "primary's registry",
     [](World& w) { container(w, kD)["image"] = "0.dkr.ecr.us-east-1.amazonaws.com/lamp"; }, fail},
    {24, "a longer word", [](World& w) { container(w, kD)["environment"][2]["value"] = "us-east-10"; },
     Verdict::kPass},
    {24, "denied", [](World& w) { unseen(w, kD, "ecs/task-definition"); }, unknown},
    {26, "more wanted", [](World& w) { w.at(kP, "ecs/service", "p-web")["desiredCount"] = 3; }, warn},
    {26, "denied", [](World& w) { unseen(w, kP, "ecs/service"); }, unknown},
    {28, "no addresses",
     [](World& w) {
       w.picture.live.free_addresses = Known<std::map<std::string, int64_t>>::of({{"d-subnet-a", 3}});
     },
     fail},
    {28, "not asked", [](World& w) { w.picture.live.free_addresses = {}; }, unknown},
    {29, "no route", [](World& w) { w.at(kD, "ec2/route-table", "rtb-d")["Routes"].erase(1); }, fail},
    {29, "no public address",
     [](World& w) {
       w.at(kD, "ecs/service", "d-web")["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] =
           "DISABLED";
     },
     fail},
    {29, "routes denied", [](World& w) { unseen(w, kD, "ec2/route-table"); }, unknown},
    {29, "no route, endpoints denied",
     [](World& w) {
       w.at(kD, "ec2/route-table", "rtb-d")["Routes"].erase(1);
       unseen(w, kD, "ec2/vpc", "ec2/vpc-endpoint");
     },
     unknown},
    {29, "no route until a failover makes one",
     [](World& w) {
       w.at(kD, "ec2/route-table", "rtb-d")["Routes"].erase(1);
       w.picture.topology.dormant = {{Dormant{Dormant::Kind::kNetwork, "pilot", "", "Lit"}}};
     },
     Verdict::kPass},
    {29, "a route to what is gone, whatever a failover makes",
     [](World& w) {
       w.at(kD, "ec2/route-table", "rtb-d")["Routes"][1]["State"] = "blackhole";
       w.picture.topology.dormant = {{Dormant{Dormant::Kind::kNetwork, "pilot", "", "Lit"}}};
     },
     fail},
    {30, "no policy", [](World& w) { w.remove(kD, "iam/role-policy", "d-task/uploads"); }, fail},
    {30, "no trust", [](World& w) { w.at(kD, "iam/role", "d-exec")["AssumeRolePolicyDocument"] = "{}"; },
     fail},
    {30, "attached instead",
     [](World& w) {
       w.remove(kD, "iam/role-policy", "d-task/uploads");
       w.at(kD, "iam/role", "d-task")["AttachedPolicies"].push_back({{"PolicyArn", "x"}});
     },
     unknown},
    {30, "denied", [](World& w) { unseen(w, kD, "iam/role", "iam/role-policy"); }, unknown},
    {37, "a certificate that was not captured",
     [](World& w) {
       w.at(kP, "elbv2/listener", "")["Certificates"] = {{{"CertificateArn", "arn"}}};
       w.at(kD, "elbv2/listener", "")["Certificates"] = {{{"CertificateArn", "arn"}}};
     },
     unknown},
    {31, "not captured",
     [](World& w) {
       container(w, kD)["logConfiguration"] = {{"options", {{"awslogs-group", "/x"}}}};
     },
     unknown},
    {33, "primary's",
     [](World& w) {
       container(w, kD)["secrets"] = {
           {{"name", "S"}, {"valueFrom", "arn:aws:secretsmanager:us-east-1:0:secret:s"}}};
     },
     fail},
    {33, "its own",
     [](World& w) {
       container(w, kD)["secrets"] = {
           {{"name", "S"}, {"valueFrom", "arn:aws:secretsmanager:us-west-2:0:secret:s"}}};
     },
     unknown},
    {35, "not encrypted", [](World& w) { w.at(kP, "rds/db-instance", "p-db")["StorageEncrypted"] = true; },
     fail},
    {35, "a key", [](World& w) { w.at(kD, "rds/db-instance", "d-db")["StorageEncrypted"] = true; }, unknown},
    {63, "a volume",
     [](World& w) {
       w.at(kP, "ecs/task-definition", "")["volumes"].push_back({{"name", "sessions"}});
     },
     warn},
    {63, "denied", [](World& w) { unseen(w, kP, "ecs/task-definition"); }, unknown},
};

Json& health(World& w) { return w.at(kD, "route53/health-check", "check")["HealthCheckConfig"]; }
Json& rule(World& w) { return w.at(kP, "s3/bucket", "p-uploads")["Replication"]["Rules"][0]; }
constexpr const char *kFirst = "Z1/www.lamp.example/A/primary", *kSecond = "Z1/www.lamp.example/A/recovery";

const std::vector<Case> edge_cases{
    {37, "a certificate",
     [](World& w) {
       w.at(kP, "elbv2/listener", "")["Certificates"] = {{{"CertificateArn", "arn"}}};
     },
     fail},
    {38, "path", [](World& w) { w.at(kD, "elbv2/target-group", "")["HealthCheckPath"] = "/x"; }, fail},
    {38, "slower", [](World& w) { w.at(kD, "elbv2/target-group", "")["HealthCheckIntervalSeconds"] = 30; },
     warn},
    {38, "port", [](World& w) { w.at(kD, "elbv2/listener", "")["Port"] = 81; }, fail},
    {38, "visitors shut out",
     [](World& w) { w.at(kD, "ec2/security-group", "d-sg-lb")["IpPermissions"].clear(); }, fail},
    {38, "tasks shut", [](World& w) { w.at(kD, "ec2/security-group", "d-sg-task")["IpPermissions"].clear(); },
     fail},
    {38, "no balancer", [](World& w) { w.remove(kD, "elbv2/load-balancer", ""); }, fail},
    {38, "routes denied", [](World& w) { unseen(w, kD, "ec2/route-table"); }, unknown},
    {38, "denied", [](World& w) { unseen(w, kD, "elbv2/load-balancer", "elbv2/listener"); }, unknown},
    {41, "overlap",
     [](World& w) {
       w.at(kD, "ec2/vpc", "d-vpc")["CidrBlockAssociationSet"][0]["CidrBlock"] = "10.1.128.0/17";
     },
     warn},
    {41, "no VPC", [](World& w) { w.remove(kD, "ec2/vpc", ""); }, unknown},
    {43, "no standby", [](World& w) { w.remove(kD, "route53/record-set", kSecond); }, fail},
    {43, "leads elsewhere",
     [](World& w) { w.at(kD, "route53/record-set", kSecond)["AliasTarget"]["DNSName"] = "other."; }, fail},
    {43, "follows targets",
     [](World& w) { w.at(kD, "route53/record-set", kFirst)["AliasTarget"]["EvaluateTargetHealth"] = true; },
     fail},
    {43, "long TTL",
     [](World& w) {
       auto& r = w.at(kD, "route53/record-set", kFirst);
       r.erase("AliasTarget");
       r["ResourceRecords"] = {{{"Value", "p-lb.us-east-1.elb.amazonaws.com"}}};
       r["TTL"] = 300;
     },
     fail},
    {43, "denied",
     [](World& w) {
       w.remove(kD, "route53/record-set", "");
       unseen(w, kD, "elbv2/load-balancer", "route53/record-set");
     },
     unknown},
    {44, "none", [](World& w) { w.at(kD, "route53/record-set", kFirst).erase("HealthCheckId"); }, fail},
    {44, "gone", [](World& w) { w.remove(kD, "route53/health-check", "check"); }, fail},
    {44, "upright", [](World& w) { health(w)["Inverted"] = false; }, fail},
    {44, "disabled", [](World& w) { health(w)["Disabled"] = true; }, fail},
    {44, "another bucket",
     [](World& w) { health(w)["FullyQualifiedDomainName"] = "p-flags.s3.us-east-1.amazonaws.com"; }, fail},
    {44, "another object", [](World& w) { health(w)["ResourcePath"] = "/x"; }, fail},
    {44, "slow", [](World& w) { health(w)["FailureThreshold"] = 10; }, warn},
    {44, "denied", [](World& w) { unseen(w, kD, "route53/health-check"); }, unknown},
    {45, "set", [](World& w) { w.picture.live.flag_there.value = true; }, fail},
    {45, "no bucket", [](World& w) { w.remove(kD, "s3/bucket", "d-flags"); }, fail},
    {45, "no policy", [](World& w) { w.at(kD, "s3/bucket", "d-flags").erase("Policy"); }, fail},
    {45, "shut",
     [](World& w) { w.at(kD, "s3/bucket", "d-flags")["PublicAccessBlock"]["RestrictPublicBuckets"] = true; },
     fail},
    {45, "elsewhere", [](World& w) { w.at(kD, "s3/bucket", "d-flags")["LocationConstraint"] = nullptr; },
     fail},
    {45, "policy denied", [](World& w) { unseen(w, kD, "s3/bucket", "Policy"); }, unknown},
    {45, "not asked", [](World& w) { w.picture.live.flag_there = {}; }, unknown},
    {45, "shut for the account", [](World& w) { w.picture.live.account_block.value->restricts = true; }, fail},
    {45, "the account not asked", [](World& w) { w.picture.live.account_block = {}; }, unknown},
    {47, "no versions",
     [](World& w) { w.at(kD, "s3/bucket", "d-uploads")["Versioning"]["Status"] = "Suspended"; }, fail},
    {47, "off", [](World& w) { rule(w)["Status"] = "Disabled"; }, fail},
    {47, "no rule", [](World& w) { w.at(kP, "s3/bucket", "p-uploads").erase("Replication"); }, fail},
    {47, "narrow", [](World& w) { rule(w)["Filter"]["Prefix"] = "a/"; }, warn},
    {47, "role may not", [](World& w) { w.remove(kP, "iam/role-policy", "p-replication/all"); }, fail},
    {47, "no role", [](World& w) { w.remove(kP, "iam/role", "p-replication"); }, fail},
    {47, "policies denied", [](World& w) { w.unknown(kP, "iam/role", "p-replication", "iam/role-policy"); },
     unknown},
    {47, "denied", [](World& w) { unseen(w, kP, "s3/bucket", "Replication"); }, unknown},
    {48, "failed", [](World& w) { w.picture.live.objects.value->failed = 1; }, fail},
    {48, "slow", [](World& w) { w.picture.live.objects.value->latency_s = 61; }, fail},
    {48, "no metrics", [](World& w) { w.picture.live.objects = {}; }, unknown},
    {50, "CORS",
     [](World& w) {
       w.at(kP, "s3/bucket", "p-uploads")["Cors"] = {{"CORSRules", {1}}};
     },
     fail},
    {50, "policy", [](World& w) { w.at(kD, "s3/bucket", "d-uploads")["Policy"] = "{}"; }, fail},
    {50, "denied", [](World& w) { unseen(w, kD, "s3/bucket", "Cors"); }, unknown},
    {51, "no markers", [](World& w) { rule(w)["DeleteMarkerReplication"]["Status"] = "Disabled"; }, fail},
    {51, "denied", [](World& w) { unseen(w, kP, "s3/bucket", "Replication"); }, unknown},
    {56, "names the primary",
     [](World& w) {
       w.at(kD, "iam/role-policy", "d-task/uploads")["PolicyDocument"] = "arn:aws:s3:::p-uploads/*";
     },
     fail},
    {56, "S3's own role names both buckets",
     [](World& w) {
       w.at(kD, "iam/role", "d-task")["AssumeRolePolicyDocument"] =
           "%7B%22Principal%22%3A%7B%22Service%22%3A%22s3.amazonaws.com%22%7D%7D";
       w.at(kD, "iam/role-policy", "d-task/uploads")["PolicyDocument"] = "arn:aws:s3:::p-uploads/*";
     },
     Verdict::kPass},
    {58, "no alarm", [](World& w) { w.remove(kD, "cloudwatch/alarm", "lag"); }, fail},
    {58, "actions off", [](World& w) { w.at(kD, "cloudwatch/alarm", "lag")["ActionsEnabled"] = false; },
     fail},
    {58, "silent", [](World& w) { w.at(kD, "cloudwatch/alarm", "lag")["TreatMissingData"] = "missing"; },
     warn},
    {58, "denied", [](World& w) { unseen(w, kD, "rds/db-instance", "cloudwatch/alarm"); }, unknown},
    {61, "the database goes with the stack",
     [](World& w) { (*w.picture.live.stack_policies.value)["Db"].deletion = "Delete"; }, fail},
    {61, "the database goes when it is replaced",
     [](World& w) { (*w.picture.live.stack_policies.value)["Db"].replacement = ""; }, fail},
    {61, "a bucket has no snapshots",
     [](World& w) { (*w.picture.live.stack_policies.value)["Uploads"].deletion = "Snapshot"; }, fail},
    {61, "not asked", [](World& w) { w.picture.live.stack_policies = {}; }, unknown},
    {62, "held", [](World& w) { w.picture.live.lease.value->held = true; }, warn},
    {62, "unfinished", [](World& w) { w.picture.live.lease.value->unfinished_run = "r1"; }, fail},
    {62, "not asked", [](World& w) { w.picture.live.lease = {}; }, unknown},
};

using fixture::hold;
TEST(Checks, OfTheDatabase) { hold(database_cases); }
TEST(Checks, OfComputeAndSecrets) { hold(compute_cases); }
TEST(Checks, OfTheEdgeBucketsAndGovernance) { hold(edge_cases); }

TEST(Checks, AnApplicationInOrderPassesEveryCheckThatIsBuilt) {
  World w;
  for (auto& c : checks()) {
    auto found = w.look(c.number);
    EXPECT_EQ(found.front().verdict, c.run ? Verdict::kPass : Verdict::kUnknown)
        << c.number << ": " << found.front().what << ": " << found.front().evidence;
  }
}

TEST(Checks, EveryBuiltCheckHasAFailureAndAnUnknownAmongTheCases) {
  std::map<int, std::set<Verdict>> seen;
  for (auto& cases : {database_cases, compute_cases, edge_cases, fixture::trigger_cases(), fixture::around_cases()})
    for (auto& c : cases) seen[c.check].insert(c.worst);
  for (auto& c : checks()) {
    if (!c.run || c.number == 11 || c.number == 6 || c.number == 26 || c.number == 39 || c.number == 41 ||
        c.number == 63 || c.number == 64)
      continue;  // these warn
    EXPECT_TRUE(seen[c.number].contains(Verdict::kFail)) << c.number;
  }
}

TEST(Checks, NothingPassesOfARegionThatDoesNotAnswer) {
  World w;
  w.lose(kP);
  w.lose(kD);
  w.picture.live = {};
  for (auto& c : checks())
    for (auto& f : w.look(c.number)) EXPECT_EQ(f.verdict, Verdict::kUnknown) << c.number << ": " << f.what;
}

TEST(Checks, AreNumberedOnceAndInOrder) {
  int n = 0;
  for (auto& c : checks()) EXPECT_EQ(c.number, ++n);
  EXPECT_EQ(n, 64);
}

TEST(Checks, AreSelectedByNumberRangeNameAndFamily) {
  auto numbers = [](const char* only) {
    std::string out;
    auto selected = *select_checks(only);
    for (auto* c : selected) out += std::to_string(c->number) + " ";
    return out;
  };
  EXPECT_EQ(numbers("4,2-3,replica"), "1 2 3 4 ");
  EXPECT_EQ(numbers("s3,47"), "47 48 49 50 51 ");
  EXPECT_EQ(select_checks("")->size(), 64u);
  for (auto* bad : {"65", "replicas", "3-1", "1,,2"}) EXPECT_FALSE(select_checks(bad)) << bad;
}

TEST(Findings, TheWorstComesFirstAndAnUnboundedRiskIsTheGreatest) {
  Finding pass{.check = 1, .verdict = Verdict::kPass}, warn{.check = 2, .verdict = Verdict::kWarn},
      unknown{.check = 3}, fail{.check = 4, .verdict = Verdict::kFail},
      worse{.check = 5, .verdict = Verdict::kFail, .risk = {0, std::nullopt}};
  std::vector list{pass, warn, unknown, fail, worse};
  worst_first(list);
  EXPECT_EQ(list, (std::vector{worse, fail, unknown, warn, pass}));
}

TEST(Findings, JUnitEscapesWhatXmlCannotHold) {
  Finding f{.check = 1, .name = "n", .family = "f", .verdict = Verdict::kFail, .what = "a <b> & \"c\"\x01"};
  auto xml = findings_junit({"x", "p", "d", {}}, {f});
  EXPECT_NE(xml.find("a &lt;b&gt; &amp; &quot;c&quot;?"), std::string::npos);
  EXPECT_NE(xml.find("failures=\"1\" errors=\"0\""), std::string::npos);
}

}  // namespace
}  // namespace relight::dr
