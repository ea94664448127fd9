#include "dr/view/diagram.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;
using Shape = Diagram::Node::Shape;
using EdgeKind = Diagram::Edge::Kind;

// What has a box of its own; everything else is looked through when data flows are followed.
const std::map<std::string_view, Shape> kDrawn{{"elbv2/load-balancer", Shape::kBalancer},
                                               {"ecs/service", Shape::kService},
                                               {"rds/db-instance", Shape::kDatabase},
                                               {"s3/bucket", Shape::kBucket},
                                               {"lambda/function", Shape::kFunction}};

bool in_network(Shape s) { return s == Shape::kBalancer || s == Shape::kService || s == Shape::kDatabase; }

// Data does not flow over these: a security group that two services share connects nothing.
bool is_passage(const std::string& kind) {
  return kind.starts_with("ec2/") || kind.starts_with("iam/") || kind == "ecs/cluster";
}

Json parsed(const std::string& text) {
  Json j = Json::parse(text, nullptr, false);
  return j.is_object() ? j : Json::object();
}

std::string text_of(const Json& j, const char* name) {
  auto it = j.find(name);
  if (it == j.end()) return "";
  return it->is_string() ? it->get<std::string>() : it->is_number() ? it->dump() : "";
}

// arn:…:loadbalancer/app/NAME/ID is NAME; others are what stands after the last '/' or ':'.
std::string short_name(const ResourceKey& k) {
  std::string s = k.id;
  if (k.kind == "elbv2/load-balancer" && s.find('/') != s.npos) s = s.substr(0, s.rfind('/'));
  return s.substr(s.find_last_of("/:") + 1);
}

// CloudFormation's values are text, or a function that is known only in the region.
std::string plain(const Json& properties, const char* name, const char* otherwise = "") {
  std::string s = text_of(properties, name);
  return s.empty() ? otherwise : s;
}

// A captured bucket becomes a bucket and a policy: "s3/bucket" is AWS::S3::Bucket alone.
bool is_copy(const PilotResource& r) {
  auto letters = [](const std::string& s) {
    std::string out;
    for (unsigned char c : s)
      if (std::isalnum(c)) out += static_cast<char>(std::tolower(c));
    return out;
  };
  return !r.from.kind.empty() && letters(r.from.kind.substr(r.from.kind.rfind('/') + 1)) ==
                                     letters(r.type.substr(r.type.rfind(':') + 1));
}

// What it will be called in the recovery region; a generated name is not known yet, so its place in the
// template.
std::string pilot_name(const PilotResource& r, const Json& properties) {
  for (auto* name : {"BucketName", "DBInstanceIdentifier", "ServiceName", "FunctionName", "Name"})
    if (std::string s = plain(properties, name); !s.empty()) return s;
  return r.id;
}

class Artist {
 public:
  Artist(const Inventory& i, const Pilot& p, std::string_view domain)
      : inventory_(i), pilot_(p), domain_(domain) {}

  Diagram draw() {
    d_.title = fmt::format("{}: {} and its pilot light in {}", inventory_.application, inventory_.region,
                           pilot_.region);
    for (auto& r : inventory_.resources) by_key_[r.key] = &r;
    for (auto& r : pilot_.resources)
      if (is_copy(r)) copies_[r.from] = &r;
    visitors();
    region("p", inventory_.region + " (primary)", false);
    region("r", pilot_.region + " (recovery)", true);
    networks();
    boxes();
    flows();
    replication();
    for (auto& [kind, n] : folded_)
      d_.notes.push_back(fmt::format("{} of {} {} are drawn", kDrawnOfAKind, kDrawnOfAKind + n, kind));
    for (auto& l : inventory_.left_out)
      d_.notes.push_back(fmt::format("not captured: {} {}", l.key.kind, short_name(l.key)));
    return std::move(d_);
  }

 private:
  void visitors() {
    d_.nodes.push_back({"visitors", "", "Visitors", {}, Shape::kPerson});
    d_.nodes.push_back(
        {"dns", "", domain_.empty() ? "DNS" : std::string(domain_), {"Route 53"}, Shape::kName});
    d_.edges.push_back({"visitors", "dns", ""});
  }

  void region(const std::string& id, const std::string& title, bool pilot) {
    d_.groups.push_back({id, "", title, true});
    for (auto& r : inventory_.resources) {
      if (r.key.kind != "ec2/vpc" || (pilot && !copies_.contains(r.key))) continue;
      Json v = pilot ? parsed(copies_[r.key]->properties) : parsed(r.properties);
      std::string group = id + number("v", r.key);
      d_.groups.push_back(
          {group, id, fmt::format("VPC {}", plain(v, "CidrBlock", "(as the primary's)")), true});
      networks_[{r.key, pilot}] = group;
    }
  }

  // A line a subnet, and the ways out, in one box a VPC.
  void networks() {
    for (auto& [where, group] : networks_) {
      auto& [vpc, pilot] = where;
      std::vector<std::string> lines;
      for (auto& r : inventory_.resources) {
        Json v = parsed(r.properties);
        bool here = text_of(v, "VpcId") == vpc.id || std::count(r.uses.begin(), r.uses.end(), vpc);
        if (!here || (pilot && !copies_.contains(r.key))) continue;
        std::string zone = pilot ? "" : text_of(v, "AvailabilityZone");
        if (r.key.kind == "ec2/subnet")
          lines.push_back(
              fmt::format("subnet {}{}{}", text_of(v, "CidrBlock"), zone.empty() ? "" : " ", zone));
        if (r.key.kind == "ec2/internet-gateway") lines.push_back("internet gateway");
        if (r.key.kind == "ec2/vpc-endpoint") lines.push_back("endpoint " + text_of(v, "ServiceName"));
        if (r.key.kind == "ec2/nat-gateway")
          lines.push_back(pilot && !copies_[r.key]->condition.empty() ? "NAT gateway, when lit"
                                                                      : "NAT gateway");
      }
      std::ranges::sort(lines);
      if (lines.size() > kDrawnOfAKind) {
        size_t more = lines.size() - kDrawnOfAKind;
        lines.resize(kDrawnOfAKind);
        lines.push_back(fmt::format("and {} more", more));
      }
      if (!lines.empty()) d_.nodes.push_back({group + "n", group, "Network", lines, Shape::kNetwork});
    }
  }

  void boxes() {
    std::map<std::string, size_t> of_kind;
    for (auto& r : inventory_.resources) {
      auto shape = kDrawn.find(r.key.kind);
      if (shape == kDrawn.end()) continue;
      if (++of_kind[r.key.kind] > kDrawnOfAKind) {
        ++folded_[r.key.kind];
        continue;
      }
      box(r, shape->second);
    }
  }

  void box(const Resource& r, Shape shape) {
    std::string id = number("n", r.key);
    d_.nodes.push_back(
        {"p" + id, group_of(r.key, shape, false), short_name(r.key), captured_lines(r), shape});
    ids_[r.key] = id;
    auto copy = copies_.find(r.key);
    if (copy == copies_.end()) {
      d_.notes.push_back(fmt::format("not in the pilot: {} {}", r.key.kind, short_name(r.key)));
      return;
    }
    Json v = parsed(copy->second->properties);
    bool lit = shape != Shape::kService && shape != Shape::kFunction;
    d_.nodes.push_back({"r" + id, group_of(r.key, shape, true), pilot_name(*copy->second, v),
                        pilot_lines(*copy->second, v), shape, lit});
  }

  std::vector<std::string> captured_lines(const Resource& r) const {
    Json v = parsed(r.properties);
    if (r.key.kind == "ecs/service")
      return {fmt::format("ECS service, {} tasks", plain(v, "desiredCount", "?"))};
    if (r.key.kind == "rds/db-instance")
      return {fmt::format("{} {}", plain(v, "Engine"), plain(v, "EngineVersion")),
              plain(v, "DBInstanceClass")};
    if (r.key.kind == "elbv2/load-balancer") return {"load balancer", plain(v, "Scheme")};
    if (r.key.kind == "lambda/function") return {"function", plain(v, "Runtime")};
    return {"bucket"};
  }

  static std::vector<std::string> pilot_lines(const PilotResource& r, const Json& v) {
    if (r.type == "AWS::ECS::Service") return {"ECS service, unlit: 0 tasks"};
    if (r.type == "AWS::RDS::DBInstance") return {"read replica", plain(v, "DBInstanceClass")};
    if (r.type == "AWS::ElasticLoadBalancingV2::LoadBalancer")
      return {"load balancer", "no targets until lit"};
    if (r.type == "AWS::Lambda::Function") return {"function, unlit"};
    return {"bucket"};
  }

  // The VPC that it stands in, found over what it uses; the region for what stands in none.
  std::string group_of(const ResourceKey& key, Shape shape, bool pilot) {
    std::string region = pilot ? "r" : "p";
    if (!in_network(shape)) return region;
    std::set<ResourceKey> seen;
    std::vector<ResourceKey> next{key};
    while (!next.empty()) {
      ResourceKey k = next.back();
      next.pop_back();
      if (!seen.insert(k).second) continue;
      if (auto it = networks_.find({k, pilot}); it != networks_.end()) return it->second;
      if (auto r = by_key_.find(k); r != by_key_.end())
        next.insert(next.end(), r->second->uses.begin(), r->second->uses.end());
    }
    return region;
  }

  // From box to box, through everything that has none.
  std::set<ResourceKey> reached(const ResourceKey& from) const {
    std::set<ResourceKey> seen{from}, found;
    std::vector<ResourceKey> next{from};
    while (!next.empty()) {
      auto r = by_key_.find(next.back());
      next.pop_back();
      if (r == by_key_.end()) continue;
      for (auto& u : r->second->uses) {
        if (is_passage(u.kind) || !seen.insert(u).second) continue;
        if (kDrawn.contains(u.kind))
          found.insert(u);
        else
          next.push_back(u);
      }
    }
    return found;
  }

  void flows() {
    for (auto& [key, id] : ids_) {
      if (key.kind == "elbv2/load-balancer") {
        both("dns", id, "", true);
        continue;
      }
      for (auto& to : reached(key)) {
        if (!ids_.contains(to)) continue;
        // A service names its target group, which names its balancer: requests go the other way.
        if (to.kind == "elbv2/load-balancer")
          both(ids_[to], id, "HTTP", false);
        else if (!(key.kind == "s3/bucket" && to.kind == "s3/bucket"))
          both(id, ids_[to],
               to.kind == "rds/db-instance" ? "SQL"
               : to.kind == "s3/bucket"     ? "objects"
                                            : "events",
               false);
      }
    }
  }

  bool drawn(const std::string& id) const {
    return std::any_of(d_.nodes.begin(), d_.nodes.end(), [&](auto& n) { return n.id == id; });
  }

  void both(const std::string& from, const std::string& to, const std::string& label, bool outside) {
    d_.edges.push_back({outside ? from : "p" + from, "p" + to, label});
    if ((outside || drawn("r" + from)) && drawn("r" + to))
      d_.edges.push_back({outside ? from : "r" + from, "r" + to, outside ? "after a failover" : label,
                          outside ? EdgeKind::kFailover : EdgeKind::kFlow});
  }

  void replication() {
    for (auto& [key, id] : ids_) {
      bool database = key.kind == "rds/db-instance", bucket = key.kind == "s3/bucket";
      auto copy = copies_.find(key);
      if (copy == copies_.end() || !(database || bucket)) continue;
      if (database && !parsed(copy->second->properties).contains("SourceDBInstanceIdentifier")) continue;
      if (bucket && !replicates(*by_key_[key], copy->second->id)) continue;
      d_.edges.push_back(
          {"p" + id, "r" + id, database ? "replicates" : "copies objects", EdgeKind::kReplication});
    }
  }

  // It does already, or `relight deploy --touch-primary` makes it.
  bool replicates(const Resource& bucket, const std::string& copy) const {
    if (parsed(bucket.properties).contains("Replication")) return true;
    return std::any_of(pilot_.actions.begin(), pilot_.actions.end(), [&](auto& a) {
      return a.kind == PrimaryAction::Kind::kBucketReplication && a.with == copy;
    });
  }

  // The same short id for the same resource.
  std::string number(const char* prefix, const ResourceKey& key) {
    auto [it, fresh] = numbers_.try_emplace(key, numbers_.size() + 1);
    return fmt::format("{}{}", prefix, it->second);
  }

  const Inventory& inventory_;
  const Pilot& pilot_;
  std::string_view domain_;
  Diagram d_;
  std::map<ResourceKey, const Resource*> by_key_;
  std::map<ResourceKey, const PilotResource*> copies_;
  std::map<std::pair<ResourceKey, bool>, std::string>
      networks_;  // a VPC in the primary or the pilot -> its group
  std::map<ResourceKey, std::string> ids_;
  std::map<ResourceKey, size_t> numbers_;
  std::map<std::string, size_t> folded_;
};

}  // namespace

Diagram draw(const Inventory& primary, const Pilot& pilot, std::string_view domain) {
  return Artist(primary, pilot, domain).draw();
}

}  // namespace relight::dr::view
