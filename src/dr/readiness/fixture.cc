#include "dr/readiness/fixture.h"

#include <algorithm>

namespace relight::dr::fixture {
using Json = nlohmann::json;

namespace {

// The parts that the checks read, as capture writes them.
Json database(const std::string& region, const std::string& side) {
  return {{"DBInstanceIdentifier", side + "-db"},
          {"DBInstanceClass", "db.t4g.micro"},
          {"AllocatedStorage", 20},
          {"StorageType", "gp2"},
          {"MultiAZ", false},
          {"StorageEncrypted", false},
          {"EngineVersion", "10.11.9"},
          {"Engine", "mariadb"},
          {"CACertificateIdentifier", "rds-ca-rsa2048-g1"},
          {"PreferredBackupWindow", "07:00-07:30"},
          {"BackupRetentionPeriod", side == "p" ? 7 : 0},
          {"Endpoint", {{"Address", side + "-db.x." + region + ".rds.amazonaws.com"}, {"Port", 3306}}},
          {"OptionGroupMemberships", {{{"OptionGroupName", "default:mariadb-10-11"}}}},
          {"DBParameterGroups",
           {{{"DBParameterGroupName", side + "-params"}, {"ParameterApplyStatus", "in-sync"}}}},
          {"DBSubnetGroup", {{"DBSubnetGroupName", side + "-subnets"}}},
          {"VpcSecurityGroups", {{{"VpcSecurityGroupId", side + "-sg-db"}}}}};
}

Json bucket(const std::string& region) {
  return {{"LocationConstraint", region == kP ? Json() : Json(region)},
          {"Versioning", {{"Status", "Enabled"}}},
          {"PublicAccessBlock", {{"BlockPublicAcls", true}, {"RestrictPublicBuckets", true}}}};
}

Json trust() {
  return Json{{"Statement",
               {{{"Effect", "Allow"},
                 {"Principal", {{"Service", "ecs-tasks.amazonaws.com"}}},
                 {"Action", "sts:AssumeRole"}}}}}
      .dump();
}

Json document(std::vector<std::string> actions, const std::string& resource) {
  return Json{{"Statement", {{{"Effect", "Allow"}, {"Action", actions}, {"Resource", resource}}}}}.dump();
}

Json record(const std::string& role, const std::string& balancer) {
  return {{"Name", "www.lamp.example."},
          {"Type", "A"},
          {"Failover", role},
          {"AliasTarget", {{"DNSName", balancer + "."}, {"EvaluateTargetHealth", false}}}};
}

}  // namespace

void World::add(const std::string& region, const std::string& kind, const std::string& id, Json properties,
                std::vector<ResourceKey> uses) {
  all_.push_back({region, kind, id, std::move(properties), std::move(uses), {}});
}

void World::network(const std::string& r, const std::string& s, const std::string& block) {
  add(r, "ec2/vpc", s + "-vpc", {{"CidrBlockAssociationSet", {{{"CidrBlock", block + "0.0/16"}}}}});
  for (auto* z : {"a", "b"})
    add(r, "ec2/subnet", s + "-subnet-" + z,
        {{"VpcId", s + "-vpc"}, {"CidrBlock", block + (*z == 'a' ? "0" : "1") + ".0/24"}});
  add(r, "ec2/route-table", "rtb-" + s,
      {{"VpcId", s + "-vpc"},
       {"Associations", {{{"Main", true}}}},
       {"Routes",
        {{{"DestinationCidrBlock", block + "0.0/16"}, {"GatewayId", "local"}, {"State", "active"}},
         {{"DestinationCidrBlock", "0.0.0.0/0"}, {"GatewayId", "igw-" + s}, {"State", "active"}}}}});
  add(r, "ec2/internet-gateway", "igw-" + s, {{"Attachments", {{{"VpcId", s + "-vpc"}}}}});
  auto open = [](bool egress) {
    return Json{{"CidrBlock", "0.0.0.0/0"},
                {"Egress", egress},
                {"Protocol", "-1"},
                {"RuleAction", "allow"},
                {"RuleNumber", 100}};
  };
  add(r, "ec2/network-acl", "acl-" + s,
      {{"VpcId", s + "-vpc"}, {"IsDefault", true}, {"Entries", {open(false), open(true)}}});
  auto everywhere = Json{{{"IpProtocol", "-1"}, {"IpRanges", {{{"CidrIp", "0.0.0.0/0"}}}}}};
  auto group = [&](const std::string& name, Json ingress) {
    add(r, "ec2/security-group", s + "-sg-" + name,
        {{"VpcId", s + "-vpc"}, {"IpPermissions", {ingress}}, {"IpPermissionsEgress", everywhere}});
  };
  auto from = [&](int port, const std::string& name) {
    return Json{{"IpProtocol", "tcp"},
                {"FromPort", port},
                {"ToPort", port},
                {"UserIdGroupPairs", {{{"GroupId", s + "-sg-" + name}}}}};
  };
  group("lb",
        {{"IpProtocol", "tcp"}, {"FromPort", 80}, {"ToPort", 80}, {"IpRanges", {{{"CidrIp", "0.0.0.0/0"}}}}});
  group("task", from(80, "lb"));
  group("db", from(3306, "task"));
}

void World::roles(const std::string& r, const std::string& s) {
  for (auto* role : {"task", "exec"})
    add(r, "iam/role", s + "-" + role,
        {{"AssumeRolePolicyDocument", trust()}, {"AttachedPolicies", Json::array()}});
  add(r, "iam/role-policy", s + "-task/uploads",
      {{"PolicyDocument", document({"s3:GetObject", "s3:PutObject"}, "arn:aws:s3:::" + s + "-uploads/*")}});
}

void World::service(const std::string& r, const std::string& s) {
  auto arn = "arn:aws:ecs:" + r + ":000000000000:";
  auto balancing = "arn:aws:elasticloadbalancing:" + r + ":000000000000:";
  auto group = balancing + "targetgroup/" + s + "-targets/0123456789abcdef",
       lb = balancing + "loadbalancer/app/" + s + "-lb/0123456789abcdef";
  auto listener = balancing + "listener/app/" + s + "-lb/0123456789abcdef/1";
  add(r, "ecs/cluster", arn + "cluster/" + s, Json::object());
  add(r, "ecs/service", arn + "service/" + s + "/" + s + "-web",
      {{"clusterArn", arn + "cluster/" + s},
       {"taskDefinition", arn + "task-definition/" + s + "-web"},
       {"launchType", "FARGATE"},
       {"desiredCount", s == "p" ? 2 : 0},
       {"loadBalancers", {{{"containerName", "web"}, {"containerPort", 80}, {"targetGroupArn", group}}}},
       {"networkConfiguration",
        {{"awsvpcConfiguration",
          {{"assignPublicIp", "ENABLED"},
           {"subnets", {s + "-subnet-a", s + "-subnet-b"}},
           {"securityGroups", {s + "-sg-task"}}}}}}});
  auto variable = [](const char* name, const std::string& value) {
    return Json{{"name", name}, {"value", value}};
  };
  add(r, "ecs/task-definition", arn + "task-definition/" + s + "-web",
      {{"cpu", "256"},
       {"memory", "512"},
       {"networkMode", "awsvpc"},
       {"taskRoleArn", "arn:aws:iam::000000000000:role/" + s + "-task"},
       {"executionRoleArn", "arn:aws:iam::000000000000:role/" + s + "-exec"},
       {"volumes", Json::array()},
       {"containerDefinitions",
        {{{"name", "web"},
          {"image", "000000000000.dkr.ecr." + r + ".amazonaws.com/lamp:latest"},
          {"portMappings", {{{"containerPort", 80}}}},
          {"environment",
           {variable("DB_HOST", s + "-db.x." + r + ".rds.amazonaws.com"), variable("BUCKET", s + "-uploads"),
            variable("MODE", "auto")}}}}}},
      {{"rds/db-instance", s + "-db"}, {"s3/bucket", s + "-uploads"}});
  add(r, "elbv2/target-group", group,
      {{"Protocol", "HTTP"},
       {"Port", 80},
       {"HealthCheckPath", "/healthz"},
       {"HealthCheckPort", "traffic-port"},
       {"HealthCheckIntervalSeconds", 5},
       {"LoadBalancerArns", {lb}}});
  add(r, "elbv2/load-balancer", lb,
      {{"DNSName", s + "-lb." + r + ".elb.amazonaws.com"},
       {"Scheme", "internet-facing"},
       {"SecurityGroups", {s + "-sg-lb"}},
       {"AvailabilityZones", {{{"SubnetId", s + "-subnet-a"}}, {{"SubnetId", s + "-subnet-b"}}}}});
  add(r, "elbv2/listener", listener, {{"LoadBalancerArn", lb}, {"Protocol", "HTTP"}, {"Port", 80}});
}

void World::region(const std::string& r, const std::string& s, const std::string& block) {
  network(r, s, block);
  service(r, s);
  roles(r, s);
  add(r, "rds/db-instance", s + "-db", database(r, s));
  add(r, "rds/parameter-group", s + "-params",
      {{"Parameters", {{{"ParameterName", "binlog_format"}, {"ParameterValue", "ROW"}}}}});
  Json subnets = Json::array();
  for (auto* z : {"a", "b"})
    subnets.push_back(
        {{"SubnetIdentifier", s + "-subnet-" + z}, {"SubnetAvailabilityZone", {{"Name", r + z}}}});
  add(r, "rds/subnet-group", s + "-subnets", {{"Subnets", subnets}});
  add(r, "s3/bucket", s + "-uploads", bucket(r));
}

void World::records() {
  add(kD, "route53/record-set", "Z1/www.lamp.example/A/primary",
      record("PRIMARY", "p-lb.us-east-1.elb.amazonaws.com"));
  add(kD, "route53/record-set", "Z1/www.lamp.example/A/recovery",
      record("SECONDARY", "d-lb.us-west-2.elb.amazonaws.com"));
  at(kD, "route53/record-set", "Z1/www.lamp.example/A/primary")["HealthCheckId"] = "check";
  add(kD, "route53/health-check", "check",
      {{"HealthCheckConfig",
        {{"Inverted", true},
         {"Disabled", false},
         {"FullyQualifiedDomainName", "d-flags.s3.us-west-2.amazonaws.com"},
         {"ResourcePath", "/relight/failover"},
         {"RequestInterval", 10},
         {"FailureThreshold", 1}}}});
  auto flags = bucket(kD);
  flags["PublicAccessBlock"]["RestrictPublicBuckets"] = false;
  flags["Policy"] = Json{{"Statement",
                          {{{"Effect", "Allow"},
                            {"Principal", "*"},
                            {"Action", "s3:GetObject"},
                            {"Resource", "arn:aws:s3:::d-flags/relight/failover"}}}}}
                        .dump();
  add(kD, "s3/bucket", "d-flags", flags);
  add(kD, "cloudwatch/alarm", "lag",
      {{"MetricName", "ReplicaLag"},
       {"ActionsEnabled", true},
       {"AlarmActions", {"arn:aws:sns:us-west-2:000000000000:d-pager"}},
       {"TreatMissingData", "breaching"},
       {"Dimensions", {{{"Name", "DBInstanceIdentifier"}, {"Value", "d-db"}}}}});
}

void World::live() {
  auto& l = picture.live;
  InstanceNow now;
  now.status = "available";
  now.latest_restorable = picture.observed_at - std::chrono::minutes(5);
  l.primary_instance = Known<InstanceNow>::of(now);
  now.source = "arn:aws:rds:us-east-1:000000000000:db:p-db";
  now.replication = "replicating";
  l.recovery_instance = Known<InstanceNow>::of(now);
  l.replica = Known<ReplicaNow>::of({true, "Yes", "Yes", "", "", "0-1-9", "0-1-9", 0});
  l.replica_lag_s = Known<double>::of(0);
  l.heartbeat_age = Known<std::optional<Millis>>::of(Millis(900));
  l.primary_variables = Known<Facts>::of({{"log_bin", "ON"},
                                          {"binlog_format", "ROW"},
                                          {"binlog_row_image", "FULL"},
                                          {"binlog retention hours", "24"}});
  l.recovery_variables = Known<Facts>::of({{"read_only", "ON"}});
  l.primary_binlog_state = l.recovery_binlog_state = Known<std::string>::of("0-1-9");
  l.tables = Known<Tables>::of({});
  l.recovery_free_bytes = Known<double>::of(10 * 1073741824.0);
  l.free_addresses = Known<std::map<std::string, int64_t>>::of({{"d-subnet-a", 250}, {"d-subnet-b", 250}});
  l.account_block = Known<AccountBlock>::of({.account = "000000000000"});
  l.flag_there = Known<bool>::of(false);
  l.objects = Known<ObjectsBehind>::of({});
  l.canary = Known<CanaryNow>::of({true, 30, "", "arn:aws:ecs:us-west-2:000000000000:task-definition/d-web"});
  l.busiest = Known<BusiestNow>::of({3, "PeakLCUs of the last 14 days: 3"});
  l.left_over = Known<std::vector<LeftOver>>::of({});
  l.objects_before = Known<ObjectsBefore>::of({12, 0, true, {}});
  l.name_servers = Known<std::vector<std::string>>::of({"NS-2.awsdns.org.", "ns-1.awsdns.com"});
  l.primary_parameters =
      Known<Facts>::of({{"/p/mode", "auto"}, {"/p/host", "p-lb.us-east-1.elb.amazonaws.com"}});
  l.recovery_parameters =
      Known<Facts>::of({{"/d/mode", "auto"}, {"/d/host", "d-lb.us-west-2.elb.amazonaws.com"}});
  l.secret_hosts = Known<std::map<std::string, SecretHost>>::of(
      {{"arn:aws:secretsmanager:us-west-2:000000000000:secret:db", {SecretHost::Field::kRecovery, ""}}});
  l.stack_drift = Known<StackDriftNow>::of({"IN_SYNC", picture.observed_at});
  l.lease = Known<LeaseNow>::of({});
  l.stack_policies = Known<std::map<std::string, StackPolicy>>::of(
      {{"Db", {"AWS::RDS::DBInstance", "RetainExceptOnCreate", "Retain", false}},
       {"Uploads", {"AWS::S3::Bucket", "Retain", "Retain", true}},
       {"Flag", {"AWS::S3::Bucket", "", "", false}},
       {"Service", {"AWS::ECS::Service", "", "", false}}});
  l.orderable_classes = Known<std::vector<std::string>>::of({"db.t4g.micro"});
}

World::World() {
  auto& c = picture.config;
  c.application = "lamp";
  c.file = "relight.yaml";
  c.primary = {kP, "p", {}};
  c.recovery = {kD, "d", {}};
  c.rpo = Millis(60000);
  c.rto = Millis(900000);
  c.tasks = 2;
  c.dns.domain = "www.lamp.example";
  c.database.user = "admin";
  picture.observed_at = *parse_iso8601("2026-11-23T12:00:00Z");
  picture.topology.primary = {
      "p", "p-web",    "p-db", "p-db.x.us-east-1.rds.amazonaws.com", "p-lb.us-east-1.elb.amazonaws.com",
      "",  "p-uploads"};
  picture.topology.recovery = {
      "d", "d-web",    "d-db", "d-db.x.us-west-2.rds.amazonaws.com", "d-lb.us-west-2.elb.amazonaws.com",
      "",  "d-uploads"};
  picture.topology.flag_bucket = "d-flags";
  picture.topology.flag_key = "relight/failover";
  region(kP, "p", "10.1.");
  region(kD, "d", "10.2.");
  for (auto [name, side] : {std::pair(kP, "p"), std::pair(kD, "d")}) {
    triggers(name, side);
    account(name, side);
  }
  at(kD, "rds/db-instance", "d-db")["ReadReplicaSourceDBInstanceIdentifier"] =
      "arn:aws:rds:us-east-1:000000000000:db:p-db";
  at(kP, "s3/bucket", "p-uploads")["Replication"] = {
      {"Role", "arn:aws:iam::000000000000:role/p-replication"},
      {"Rules",
       {{{"ID", "all"},
         {"Status", "Enabled"},
         {"Filter", {{"Prefix", ""}}},
         {"DeleteMarkerReplication", {{"Status", "Enabled"}}},
         {"Destination", {{"Bucket", "arn:aws:s3:::d-uploads"}}}}}}};
  add(kP, "iam/role", "p-replication", {{"AttachedPolicies", Json::array()}});
  add(kP, "iam/role-policy", "p-replication/all",
      {{"PolicyDocument",
        document({"s3:ReplicateObject", "s3:ReplicateDelete"}, "arn:aws:s3:::d-uploads/*")}});
  records();
  zone();
  live();
}

Json& World::at(const std::string& region, const std::string& kind, const std::string& id) {
  for (auto& o : all_)
    if (o.region == region && o.kind == kind &&
        (o.id == id || (!id.empty() && o.id.ends_with("/" + id)) || id.empty()))
      return o.properties;
  throw std::out_of_range(kind + " " + id);
}

void World::remove(const std::string& region, const std::string& kind, const std::string& id) {
  std::erase_if(all_,
                [&](auto& o) { return o.region == region && o.kind == kind && (id.empty() || o.id == id); });
}

void World::unknown(const std::string& region, const std::string& kind, const std::string& id,
                    const std::string& part) {
  for (auto& o : all_)
    if (o.region == region && o.kind == kind && (id.empty() || o.id == id))
      o.unseen.push_back({part, "AccessDenied: you may not"});
}

void World::leave_out(const std::string& region, const std::string& kind, const std::string& id,
                      const std::string& why) {
  left_out_.push_back({region, {{kind, id}, why}});
}

void World::lose(const std::string& region) { lost_.push_back(region); }

Picture World::made() const {
  Picture p;
  p.config = picture.config;
  p.topology = picture.topology;
  p.observed_at = picture.observed_at;
  p.live = picture.live;
  for (auto [region, estate] : {std::pair(kP, &p.primary), std::pair(kD, &p.recovery)}) {
    Inventory i;
    i.region = region;
    for (auto& o : all_)
      if (o.region == region)
        i.resources.push_back({{o.kind, o.id}, region, o.properties.dump(), o.uses, o.unseen});
    for (auto& [where, left_out] : left_out_)
      if (where == region) i.left_out.push_back(left_out);
    std::ranges::sort(i.resources, {}, &Resource::key);
    bool lost = std::ranges::find(lost_, region) != lost_.end();
    *estate = lost ? Estate::unseen(region, "the region does not answer") : Estate(std::move(i));
  }
  return p;
}

std::vector<Finding> World::look(int check) const {
  auto p = made();
  auto* c = find_check(check);
  return run_checks(p, std::span(&c, 1));
}

std::string World::verdicts(int check) const {
  std::string out;
  for (auto& f : look(check)) out += (out.empty() ? "" : " ") + std::string(verdict_text(f.verdict));
  return out;
}

}  // namespace relight::dr::fixture
