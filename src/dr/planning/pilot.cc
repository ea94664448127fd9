#include "dr/planning/pilot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/partition.h"
#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

// The one that the outputs speak of: what the policy names, else the only one, else the first that `better`
// likes.
template <class Better>
const Captured* chosen(PilotDraft& d, const std::vector<Captured>& all, const std::string& named,
                       const char* what, Better better) {
  const Captured* best = nullptr;
  for (auto& c : all) {
    bool is_named = !named.empty() && (c.id() == named || c.id().ends_with("/" + named));
    if (is_named) return &c;
    if (!best || (!better(*best) && better(c))) best = &c;
  }
  if (all.size() > 1)
    d.say(best->key(), fmt::format("{} of {} {}", 1, all.size(), what),
          "a failover acts on one, and this is it unless relight.yaml names another under resources.primary");
  return best;
}

std::string balancer_of(const PilotDraft& d, const std::string& target_group) {
  auto* p = d.find("elbv2/target-group", target_group);
  if (!p) return "";
  for (auto& arn : p->value("LoadBalancerArns", Json::array()))
    if (arn.is_string() && d.has("elbv2/load-balancer", arn.get<std::string>()))
      return arn.get<std::string>();
  return "";
}

// The outputs that `relight status` and `relight failover` read (docs/config.md); answers the service's load
// balancer.
std::string service_outputs(PilotDraft& d) {
  auto services = d.all("ecs/service");
  auto* s = chosen(d, services, d.policy().service, "services",
                   [](auto& c) { return !c.properties->value("loadBalancers", Json::array()).empty(); });
  if (!s) return "";
  auto id = d.logical("ecs/service", s->id());
  d.output("ServiceName", attribute_of(id, "Name"));
  d.output("ClusterName", d.ref("ecs/cluster", text_of(*s->properties, "clusterArn"), s->key()));
  auto groups = s->properties->value("loadBalancers", Json::array());
  if (groups.empty()) return "";
  auto group = text_of(groups[0], "targetGroupArn"), balancer = balancer_of(d, group);
  d.output("TargetGroupArn", d.ref("elbv2/target-group", group, s->key()));
  if (auto l = d.logical("elbv2/load-balancer", balancer); !l.empty()) {
    d.output("BalancerName", attribute_of(l, "DNSName"));
    d.output("BalancerArn", ref_to(l));
  }
  return balancer;
}

void data_outputs(PilotDraft& d) {
  auto databases = d.all("rds/db-instance");
  auto buckets = d.all("s3/bucket");
  auto named = [&](auto& c) { return d.names(c.key().kind, c.id()); };
  if (auto* c = chosen(d, databases, d.policy().database, "databases", named)) {
    auto id = d.logical("rds/db-instance", c->id());
    d.output("DatabaseIdentifier", ref_to(id));
    d.output("DatabaseEndpoint", attribute_of(id, "Endpoint.Address"));
    d.output("DatabaseArn", attribute_of(id, "DBInstanceArn"));
    if (auto host = text_of(c->properties->value("Endpoint", Json::object()), "Address"); !host.empty())
      d.output("PrimaryDatabaseEndpoint", host);
  }
  if (auto* c = chosen(d, buckets, d.policy().uploads, "buckets", named)) {
    auto id = d.logical("s3/bucket", c->id());
    d.output("UploadsBucket", ref_to(id));
    d.output("UploadsBucketArn", attribute_of(id, "Arn"));
  }
}

// What capture saw named, but does not capture: the pilot cannot have it.
void left_out(PilotDraft& d, const Inventory& i) {
  for (auto& l : i.left_out)
    if (l.key.kind != "image" && l.key.kind != "secret" && l.key.kind != "logs/log-group" &&
        l.key.kind != "acm/certificate" && l.why.find("AWS's own") == l.why.npos)
      d.say(l.key, "everything", "it was not captured: " + l.why);
}

// Captured, but of a kind that the pilot gets no counterpart of.
void not_translated(PilotDraft& d, const Inventory& i) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kWhy{
      {{"ecs/capacity-provider", "capacity providers of one's own are not translated by this build"},
       {"iam/policy", "it is global and stays as it is"}}};
  for (auto& r : i.resources)
    for (auto& [kind, why] : kWhy)
      if (r.key.kind == kind && r.key.id.find("aws:policy/") == std::string::npos)
        d.say(r.key, "everything", std::string(why));
}

void order(std::vector<PrimaryAction>& actions) {
  std::ranges::stable_sort(actions, {}, [](auto& a) { return int(a.kind); });
}

}  // namespace

namespace {

// What is written names services, roles and endpoints as the partition "aws" has them.
Result<> of_this_partition(const Inventory& inventory, const PilotPolicy& policy) {
  for (auto& region : {inventory.region, policy.region})
    if (auto partition = aws::partition_of(region); partition != "aws")
      return fail(Error{
          .code = "Synth.Partition",
          .message = fmt::format(
              "the region is of the partition {}, and this build writes pilots for the partition aws alone",
              partition),
          .tried = "plan the pilot",
          .resource = inventory.application,
          .region = region,
          .next = "write the recovery region's stack by hand and name it in relight.yaml's stacks.pilot: a "
                  "failover takes one as it is, but was not tried in this partition"});
  return {};
}

Result<Pilot> plan(const Inventory& inventory, const PilotPolicy& policy) {
  TRY(of_this_partition(inventory, policy));
  PilotDraft d(inventory, policy);
  TRY(d.open());
  if (d.all("ecs/service").empty() && d.all("rds/db-instance").empty())
    return fail(Error{.code = "Synth.Empty",
                      .message = "the capture holds neither a service nor a database",
                      .tried = "plan the pilot",
                      .resource = inventory.application,
                      .next = "check what relight.yaml names and run 'relight capture' again"});
  TRY_ASSIGN(auto move, address_move(d));
  d.move_to(move);
  learn_names(d);
  translate_network(d);
  translate_routes(d);
  translate_groups(d);
  translate_endpoints(d);
  translate_roles(d);
  translate_keys(d);
  translate_buckets(d);
  translate_databases(d);
  translate_balancers(d);
  translate_firewall(d);
  translate_logs(d);
  translate_images(d);
  translate_containers(d);
  translate_scaling(d);
  translate_messages(d);
  translate_functions(d);
  translate_rules(d);
  translate_notifications(d);
  translate_alarms(d);
  translate_secrets(d);
  translate_parameters(d);
  auto balancer = service_outputs(d);
  data_outputs(d);
  translate_entry(d, balancer);
  left_out(d, inventory);
  not_translated(d, inventory);
  TRY_ASSIGN(auto pilot, d.close());
  order(pilot.actions);
  constexpr size_t kStack = 500;  // CloudFormation User Guide, "Understand CloudFormation quotas"
  if (pilot.resources.size() > kStack)
    pilot.untranslated.insert(
        pilot.untranslated.begin(),
        {{},
         fmt::format("{} resources", pilot.resources.size()),
         "CloudFormation takes at most 500 in a stack: this build does not divide the template; Terraform "
         "takes them"});
  return pilot;
}

}  // namespace

Result<Pilot> plan_pilot(const Inventory& inventory, const PilotPolicy& policy) {
  try {
    return plan(inventory, policy);
  } catch (const Json::exception& e) {
    return fail(Error{.code = "Synth.Malformed",
                      .message = std::string("a captured file does not hold what its kind has: ") + e.what(),
                      .tried = "plan the pilot",
                      .resource = inventory.application,
                      .next = "run 'relight capture' again, or restore the files from git"});
  }
}

}  // namespace relight::dr
