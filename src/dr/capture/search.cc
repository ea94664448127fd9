#include "dr/capture/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/capture/ask.h"
#include "dr/capture/pointer.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// As Route 53 writes names and as ELB does: "dualstack.Name.Example." is "name.example".
std::string plain_name(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  if (name.ends_with('.')) name.pop_back();
  if (name.starts_with("dualstack.")) name.erase(0, 10);
  return name;
}

std::vector<std::string> answers_of(const Json& record) {
  std::vector<std::string> names;
  if (auto alias = record.find("AliasTarget"); alias != record.end())
    names.push_back(plain_name(member_text(*alias, "DNSName")));
  if (member_text(record, "Type") == "CNAME" && record.contains("ResourceRecords"))
    for (auto& r : record["ResourceRecords"]) names.push_back(plain_name(member_text(r, "Value")));
  return names;
}

using Balancers = std::map<std::string, ResourceKey>;  // by name

Balancers balancers(const std::vector<Resource>& captured) {
  Balancers out;
  for (auto& r : captured)
    if (r.key.kind == "elbv2/load-balancer") {
      auto name = plain_name(member_text(Json::parse(r.properties), "DNSName"));
      if (!name.empty()) out[name] = r.key;
    }
  return out;
}

void read_zone(const std::string& zone, const Json& records, const Balancers& to, Searched& out) {
  std::set<std::pair<std::string, std::string>> ours;
  auto same = [](const Json& r) { return std::pair(member_text(r, "Name"), member_text(r, "Type")); };
  for (auto& r : records)
    for (auto& answer : answers_of(r))
      if (to.contains(answer)) ours.insert(same(r));
  for (auto& r : records) {
    if (!ours.contains(same(r))) continue;
    auto id = zone + "/" + plain_name(member_text(r, "Name")) + "/" + member_text(r, "Type");
    if (auto set = member_text(r, "SetIdentifier"); !set.empty()) id += "/" + set;
    Pointing p{{"route53/record-set", id}, r.dump(), {{"route53/hosted-zone", zone}}};
    for (auto& answer : answers_of(r))
      if (auto it = to.find(answer); it != to.end()) p.uses.push_back(it->second);
    out.found.push_back(std::move(p));
  }
}

// The dimensions by which CloudWatch tells resources apart (User Guide, "AWS services that publish CloudWatch
// metrics"), with what each captured resource is called there.
using Dimension = std::pair<std::string, std::string>;
Dimension dimension_of(const ResourceKey& k) {
  static const std::map<std::string, std::pair<const char*, const char*>> kNames{
      {"elbv2/load-balancer", {"LoadBalancer", "loadbalancer/"}},
      {"elbv2/target-group", {"TargetGroup", ":targetgroup/"}},
      {"ecs/service", {"ServiceName", "/"}},
      {"ecs/cluster", {"ClusterName", "/"}},
      {"rds/db-instance", {"DBInstanceIdentifier", ""}},
      {"s3/bucket", {"BucketName", ""}},
      {"lambda/function", {"FunctionName", ""}},
      {"sqs/queue", {"QueueName", ""}},
      {"ec2/nat-gateway", {"NatGatewayId", ""}}};
  auto it = kNames.find(k.kind);
  if (it == kNames.end()) return {};
  auto [name, mark] = it->second;
  std::string_view before = mark;
  auto at = before == "/" ? k.id.rfind('/') : before.empty() ? k.id.npos : k.id.find(before);
  if (at == k.id.npos) return {name, k.id};
  auto rest = k.id.substr(at + before.size());
  // A target group's dimension keeps the word: "targetgroup/name/0123456789abcdef".
  return {name, before == ":targetgroup/" ? "targetgroup/" + rest : rest};
}

using Watchable = std::map<Dimension, ResourceKey>;

// What these dimensions name; empty when one of them names something that is not ours.
std::vector<ResourceKey> watched(const Json& dimensions, const Watchable& ours,
                                 const std::set<std::string>& names) {
  std::vector<ResourceKey> out;
  for (auto& d : dimensions) {
    auto it = ours.find({member_text(d, "Name"), member_text(d, "Value")});
    if (it != ours.end())
      out.push_back(it->second);
    else if (names.contains(member_text(d, "Name")))
      return {};
  }
  return out;
}

std::vector<ResourceKey> watched_by(const Json& alarm, const Watchable& ours,
                                    const std::set<std::string>& names) {
  if (auto own = watched(alarm.value("Dimensions", Json::array()), ours, names); !own.empty()) return own;
  std::vector<ResourceKey> out;
  for (auto& m : alarm.value("Metrics", Json::array())) {
    auto metric = m.value("/MetricStat/Metric/Dimensions"_json_pointer, Json::array());
    std::ranges::move(watched(metric, ours, names), std::back_inserter(out));
  }
  return out;
}

}  // namespace

Searched records_of(const Walk& w, const std::vector<Resource>& captured) {
  Searched out;
  auto to = balancers(captured);
  if (to.empty()) return out;
  auto unseen = [&](const std::string& what, const Error& e) {
    for (auto& [name, key] : to) out.unseen[key].push_back({what, why(e)});
  };
  auto zones = ask(w, "route53", "ListHostedZones", "{}", true);
  if (!zones) {
    unseen("route53/record-set", zones.error());
    return out;
  }
  for (auto& z : member_list(*zones, "HostedZones")) {
    auto id = member_text(z, "Id");
    id = id.substr(id.rfind('/') + 1);
    auto records = ask(w, "route53", "ListResourceRecordSets", Json{{"HostedZoneId", id}}.dump(), true);
    if (records)
      read_zone(id, member_list(*records, "ResourceRecordSets"), to, out);
    else
      unseen("route53/record-set of zone " + id, records.error());
  }
  return out;
}

Searched alarms_of(const Walk& w, const std::vector<Resource>& captured) {
  Searched out;
  Watchable ours;
  // All names, those too of which we hold none: an alarm of another service in our cluster is not ours.
  std::set<std::string> names{
      "LoadBalancer", "TargetGroup",  "ServiceName",  "ClusterName", "DBInstanceIdentifier",
      "BucketName",   "FunctionName", "NatGatewayId", "QueueName",   "InstanceId"};
  for (auto& r : captured)
    if (auto d = dimension_of(r.key); !d.first.empty()) ours[d] = r.key;
  if (ours.empty()) return out;
  auto alarms = ask(w, "cloudwatch", "DescribeAlarms", R"({"AlarmTypes":["MetricAlarm"]})");
  if (!alarms) {
    for (auto& [d, key] : ours) out.unseen[key].push_back({"cloudwatch/alarm", why(alarms.error())});
    return out;
  }
  for (auto& a : member_list(*alarms, "MetricAlarms")) {
    auto keys = watched_by(a, ours, names);
    if (keys.empty()) continue;
    ResourceKey key{"cloudwatch/alarm", member_text(a, "AlarmName")};
    // "Target tracking scaling policies", Application Auto Scaling User Guide: it makes, changes and deletes
    // them.
    if (key.id.starts_with("TargetTracking-"))
      out.left_out.push_back({key, "Application Auto Scaling made it and keeps it"});
    else
      out.found.push_back({key, a.dump(), keys});
  }
  return out;
}

}  // namespace relight::dr
