// Checks 17, 28, 29, 38 (in part) and 41: do tasks, database, visitors and registries reach each other.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/readiness/families.h"
#include "dr/readiness/network.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

std::string first(const std::vector<Place>& places) {
  return places.empty() || places.front().groups.empty() ? "GROUP" : places.front().groups.front();
}

// The command that opens the hop that shut.
std::string opening(const std::string& region, const Answer& a, const std::string& from_group,
                    const std::string& to_group, int port) {
  auto aws = "aws --region " + region + " ec2 ";
  auto has = [&](std::string_view word) { return a.hop.find(word) != a.hop.npos; };
  if (has("security group") && has("ingress"))
    return fmt::format("{}authorize-security-group-ingress --group-id {} --protocol tcp --port {} {}", aws,
                       to_group, port,
                       from_group.empty() ? "--cidr 0.0.0.0/0" : "--source-group " + from_group);
  if (has("security group"))
    return fmt::format(
        "{}authorize-security-group-egress --group-id {} --ip-permissions "
        "IpProtocol=tcp,FromPort={},ToPort={},{}",
        aws, from_group, port, port,
        to_group.empty() ? "IpRanges=[{CidrIp=0.0.0.0/0}]" : "UserIdGroupPairs=[{GroupId=" + to_group + "}]");
  auto word = [&](std::string_view start) {
    auto at = a.hop.find(start);
    return at == a.hop.npos ? std::string() : a.hop.substr(at, a.hop.find(' ', at) - at);
  };
  if (has("network ACL"))
    return fmt::format("{}describe-network-acls --network-acl-ids {}   # then replace-network-acl-entry", aws,
                       word("acl-"));
  if (has("route table"))
    return fmt::format(
        "{}create-route --route-table-id {} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id NAT   # or "
        "--gateway-id IGW",
        aws, word("rtb-"));
  return "relight synth && relight deploy";
}

// One finding of what was asked of all places.
void tell(Report& r, const Report::About& on, const std::string& asked, const Answer& a,
          const std::string& mend) {
  auto hop = fmt::format("{}: {}", a.hop, a.why);
  if (a.reach == Reach::kYes)
    r.pass(on, asked,
           a.path.empty() ? a.why : fmt::format("{} hops, the last: {}", a.path.size(), a.path.back()));
  else if (a.reach == Reach::kNo)
    r.fail(on, "not so: " + asked, "blocked by " + hop, mend);
  else
    r.unknown(on, "it cannot be told whether " + asked, hop);
}

std::vector<Answer> each(const std::vector<Place>& from, const std::vector<Place>& to, const Network& n,
                         int port) {
  std::vector<Answer> out;
  for (auto& a : from)
    for (auto& b : to) out.push_back(reach(n, a, b, port));
  return out;
}

void zones(const Picture& p, const Item& db, Report& r) {
  auto group =
      p.recovery.find("rds/subnet-group", text_at(*db.properties, "/DBSubnetGroup/DBSubnetGroupName"));
  if (!group) {
    r.unknown(db, "its subnet group is not known", "it was not captured");
    return;
  }
  if (!r.seen(group, "")) return;
  std::set<std::string> names;
  for (auto& s : list_at(*group.properties, "/Subnets"))
    names.insert(text_at(s, "/SubnetAvailabilityZone/Name"));
  auto seen = fmt::format("{} spans {} zones", group.id(), names.size());
  if (names.size() >= 2)
    r.pass(db, "its subnet group spans two zones or more", seen);
  else
    r.fail(
        db, "its subnet group is in one zone only", seen,
        fmt::format(
            "aws --region {} rds modify-db-subnet-group --db-subnet-group-name {} --subnet-ids SUBNET SUBNET",
            db.region(), group.id()));
}

// The databases that a service's environment names; the one that relight.yaml names where it says none.
std::vector<Item> databases_of(const Picture& p, const Item& service) {
  std::vector<Item> out;
  if (auto task = task_definition_of(p.recovery, service))
    for (auto& u : task.resource->uses)
      if (u.kind == "rds/db-instance")
        if (auto db = p.recovery.find(u.kind, u.id)) out.push_back(db);
  if (auto db = p.recovery.find("rds/db-instance", p.topology.recovery.database); out.empty() && db)
    out.push_back(db);
  return out;
}

struct Need {
  std::string name;     // as the finding says it
  std::string service;  // endpoint; empty: the Internet
};

std::vector<Need> needs_of(const Item& task) {
  std::vector<Need> out;
  std::set<std::string> have;
  auto add = [&](const char* name, const char* service) {
    if (have.insert(name).second) out.push_back({name, service});
  };
  for (auto& c : list_at(*task.properties, "/containerDefinitions")) {
    if (text_at(c, "/image").find(".dkr.ecr.") != std::string::npos) {
      add("ecr.api", "ecr.api"), add("ecr.dkr", "ecr.dkr"), add("s3 (image layers)", "s3");
    } else {
      add("the image's registry", "");
    }
    if (text_at(c, "/logConfiguration/logDriver") == "awslogs") add("logs", "logs");
    for (auto& s : list_at(c, "/secrets"))
      text_at(s, "/valueFrom").find(":secretsmanager:") != std::string::npos
          ? add("secretsmanager", "secretsmanager")
          : add("ssm", "ssm");
  }
  for (auto& u : task.resource->uses)
    if (u.kind == "s3/bucket") add("s3", "s3");
  return out;
}

// "No" may only mean that the endpoints were not seen.
Answer but_endpoints_unseen(const Estate& e, Answer a) {
  for (auto& vpc : e.all("ec2/vpc"))
    if (auto why = why_unseen(vpc, "ec2/vpc-endpoint"); !why.empty() && a.reach == Reach::kNo)
      return {Reach::kUnknown, "the endpoints of " + vpc.id(), why, {}};
  return a;
}

int64_t needed_tasks(const Picture& p) { return std::max(1, p.config.tasks); }

std::vector<Addresses> blocks_of(const Estate& e) {
  std::vector<Addresses> out;
  for (auto& v : e.all("ec2/vpc"))
    for (auto& b : list_at(*v.properties, "/CidrBlockAssociationSet"))
      if (auto a = parse_cidr(text_at(b, "/CidrBlock"))) out.push_back(*a);
  return out;
}

// A way out that a failover makes: the pilot's NAT gateways, and the routes to them, stand only while it is lit.
// Any other trouble of a route table stays what it is.
bool comes_when_lit(const Picture& p, const Answer& a) {
  return a.reach == Reach::kNo && a.hop.contains("route table") && a.why.contains("no default route") &&
         !p.topology.asleep(Dormant::Kind::kNetwork).empty();
}

}  // namespace

void check_database_network(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  auto n = network_of(p.recovery);
  for (auto& db : p.recovery.all("rds/db-instance"))
    if (r.seen(db, "")) zones(p, db, r);
  for (auto& service : p.recovery.all("ecs/service")) {
    if (!r.seen(service, "")) continue;
    auto tasks = tasks_of(service);
    for (auto& db : databases_of(p, service)) {
      auto there = database_places(p.recovery, db);
      int port = int(number_at(*db.properties, "/Endpoint/Port", 3306));
      auto answer = worst(each(tasks, there, n, port));
      tell(r, db, fmt::format("tasks of {} reach it on port {}", last_word(service.id()), port), answer,
           opening(db.region(), answer, first(tasks), first(there), port));
    }
  }
}

void check_addresses(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  for (auto& service : p.recovery.all("ecs/service")) {
    if (!r.seen(service, "") || !r.seen(p.live.free_addresses, service, "free addresses")) continue;
    int64_t free = 0;
    std::string seen;
    for (auto& place : tasks_of(service)) {
      auto it = p.live.free_addresses->find(place.subnet);
      if (it == p.live.free_addresses->end()) continue;
      free += it->second;
      seen += fmt::format("{}{} {}", seen.empty() ? "" : ", ", place.subnet, it->second);
    }
    // A rolling deployment runs twice as many for a while.
    auto wanted = needed_tasks(p) * 2;
    if (free >= wanted)
      r.pass(service, "its subnets have free addresses", seen);
    else
      r.fail(service,
             fmt::format("its subnets have fewer free addresses than the {} that its tasks take", wanted),
             seen,
             fmt::format("aws --region {} ec2 create-subnet --vpc-id VPC --cidr-block CIDR   # and name it "
                         "in the service",
                         service.region()));
  }
}

void check_egress(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  auto n = network_of(p.recovery);
  for (auto& service : p.recovery.all("ecs/service")) {
    auto task = task_definition_of(p.recovery, service);
    if (!r.seen(service, "")) continue;
    if (!task || !why_unseen(task, "").empty()) {
      r.unknown(service, "what its tasks must reach is not known", "its task definition was not captured");
      continue;
    }
    auto places = tasks_of(service);
    for (auto& need : needs_of(task)) {
      std::vector<Answer> answers;
      for (auto& place : places)
        answers.push_back(need.service.empty() ? reach_internet(n, place, 443)
                                               : reach_service(n, place, need.service));
      auto answer = but_endpoints_unseen(p.recovery, worst(std::move(answers)));
      if (comes_when_lit(p, answer)) {
        r.pass(service, "its tasks reach " + need.name + " once a failover has made their NAT gateways",
               fmt::format("step network makes them and their routes; now {}: {}", answer.hop, answer.why));
        continue;
      }
      tell(r, service, "its tasks reach " + need.name, answer,
           opening(service.region(), answer, first(places), "", 443));
    }
  }
}

void check_balancer_network(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  auto n = network_of(p.recovery);
  for (auto& service : p.recovery.all("ecs/service"))
    for (auto& lb : list_at(*service.properties, "/loadBalancers")) {
      auto group = p.recovery.find("elbv2/target-group", text_at(lb, "/targetGroupArn"));
      int port = int(number_at(lb, "/containerPort"));
      for (auto& arn : group ? list_at(*group.properties, "/LoadBalancerArns") : nlohmann::json::array()) {
        auto balancer = p.recovery.find("elbv2/load-balancer", arn.get<std::string>());
        if (!balancer || !r.seen(balancer, "")) continue;
        auto from = balancer_places(balancer);
        auto to = tasks_of(service);
        auto answer = worst(each(from, to, n, port));
        tell(r, service, fmt::format("the load balancer reaches its tasks on port {}", port), answer,
             opening(service.region(), answer, first(from), first(to), port));
      }
    }
  for (auto& listener : p.recovery.all("elbv2/listener")) {
    auto balancer = p.recovery.find("elbv2/load-balancer", text_at(*listener.properties, "/LoadBalancerArn"));
    if (!balancer || text_at(*balancer.properties, "/Scheme") != "internet-facing") continue;
    std::vector<Answer> answers;
    int port = int(number_at(*listener.properties, "/Port"));
    auto places = balancer_places(balancer);
    for (auto& place : places) answers.push_back(reach_from_internet(n, place, port));
    auto answer = worst(std::move(answers));
    tell(r, balancer, fmt::format("visitors reach it on port {}", port), answer,
         opening(balancer.region(), answer, "", first(places), port));
  }
}

void check_vpcs(const Picture& p, Report& r) {
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return;
  Report::About whole{"", p.config.recovery.region};
  auto ours = blocks_of(p.primary), theirs = blocks_of(p.recovery);
  if (ours.empty() || theirs.empty()) {
    r.unknown(whole, "the VPCs' address blocks are not known", "no VPC was captured on one side");
    return;
  }
  for (auto& a : ours)
    for (auto& b : theirs)
      if (a.meets(b)) {
        r.warn(
            whole, "the VPCs of both regions share addresses, so they can never be peered",
            fmt::format("{} and {} blocks overlap", ours.size(), theirs.size()),
            "nothing, unless they shall be peered. If so: pilot: {cidr: BLOCK} in relight.yaml, before the "
            "first deploy   # then relight synth && relight deploy");
        return;
      }
  r.pass(whole, "the VPCs of both regions share no address",
         fmt::format("{} and {} blocks", ours.size(), theirs.size()));
}

}  // namespace relight::dr
