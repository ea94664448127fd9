// What is asked around the application: room, load, credentials, what drills left, objects without metrics, and options.
#include <gtest/gtest.h>

#include <tuple>

#include "dr/readiness/fixture.h"

namespace relight::dr {
namespace {
using fixture::Case;
using fixture::kD;
using fixture::kP;
using fixture::World;

void told(World& w, const char* name, const char* value) {
  auto& task = w.at(kD, "ecs/task-definition", "arn:aws:ecs:us-west-2:000000000000:task-definition/d-web");
  task["containerDefinitions"][0]["environment"].push_back({{"name", name}, {"value", value}});
}

NewestObjects& newest(World& w) {
  w.picture.live.objects = Known<ObjectsBehind>::not_seen("the rule has no metrics");
  w.picture.live.newest_objects = Known<NewestObjects>::of({.listed = 12, .arrived = 9, .waiting = 1});
  return *w.picture.live.newest_objects.value;
}

// Both databases in option groups of their own, with these events audited.
void audited(World& w, const char* primary, const char* recovery) {
  for (auto [region, db, events] : {std::tuple(kP, "p-db", primary), std::tuple(kD, "d-db", recovery)}) {
    w.at(region, "rds/db-instance", db)["OptionGroupMemberships"][0]["OptionGroupName"] = "audited";
    nlohmann::json settings = nlohmann::json::array({{{"Name", "SERVER_AUDIT_EVENTS"}, {"Value", events}}});
    w.add(region, "rds/option-group", "audited",
          {{"Options", nlohmann::json::array(
                           {{{"OptionName", "MARIADB_AUDIT_PLUGIN"}, {"OptionSettings", settings}}})}});
  }
}

constexpr const char *kOurs = "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/shield/1",
                     *kTheirs = "arn:aws:wafv2:us-west-2:000000000000:regional/webacl/shield/2";

nlohmann::json firewall_rule(const std::string& name, const std::string& region, const std::string& country = "AQ") {
  return {{"Name", name},
          {"Priority", 0},
          {"Action", {{"Block", nlohmann::json::object()}}},
          {"VisibilityConfig", {{"MetricName", region}}},
          {"Statement", {{"GeoMatchStatement", {{"CountryCodes", {country}}}}}}};
}

// Both load balancers have an ACL with these rules.
void protect(World& w, nlohmann::json ours, nlohmann::json theirs) {
  w.at(kP, "elbv2/load-balancer", "")["WebACL"] = kOurs;
  w.at(kD, "elbv2/load-balancer", "")["WebACL"] = kTheirs;
  auto allow = nlohmann::json{{"Allow", nlohmann::json::object()}};
  w.add(kP, "wafv2/web-acl", kOurs, {{"Name", "shield"}, {"DefaultAction", allow}, {"Rules", ours}});
  w.add(kD, "wafv2/web-acl", kTheirs, {{"Name", "shield"}, {"DefaultAction", allow}, {"Rules", theirs}});
}
void protect(World& w) { protect(w, {firewall_rule("a", kP)}, {firewall_rule("a", kD)}); }

nlohmann::json names_a_set(const std::string& region) {
  auto rule = firewall_rule("a", region);
  rule["Statement"] = {{"IPSetReferenceStatement", {{"ARN", "arn:aws:wafv2:" + region + ":000000000000:regional/ipset/office/" + region}}}};
  return rule;
}

constexpr auto kOk = Verdict::kPass, kBad = Verdict::kFail, kSoso = Verdict::kWarn, kDark = Verdict::kUnknown;

const std::vector<Case> kOptions{
    {11, "not applied yet",
     [](World& w) {
       w.at(kD, "rds/db-instance", "d-db")["OptionGroupMemberships"][0]["Status"] =
           "pending-maintenance-apply";
     },
     kSoso},
    {11, "other settings", [](World& w) { audited(w, "CONNECT,QUERY", "CONNECT"); }, kBad},
    {11, "the same options", [](World& w) { audited(w, "CONNECT", "CONNECT"); }, kOk},
    {11, "no option",
     [](World& w) {
       audited(w, "CONNECT", "CONNECT");
       w.at(kD, "rds/option-group", "audited")["Options"].clear();
     },
     kBad},
};

const std::vector<Case> kAround{
    {32, "it did not start",
     [](World& w) { w.picture.live.canary = Known<CanaryNow>::of({false, 300, "RESOURCE:FARGATE", "d-web"}); }, kBad},
    {32, "tried long ago",
     [](World& w) { w.picture.live.canary.at = w.picture.observed_at - std::chrono::days(8); }, kSoso},
    {32, "tried yesterday",
     [](World& w) { w.picture.live.canary.at = w.picture.observed_at - std::chrono::days(1); }, kOk},
    {32, "never tried", [](World& w) { w.picture.live.canary = {}; }, kDark},
    {39, "much at its peak", [](World& w) { w.picture.live.busiest.value->units = 101; }, kSoso},
    {39, "not asked", [](World& w) { w.picture.live.busiest = {}; }, kDark},
    {40, "the same rules, metrics of their own", [](World& w) { protect(w); }, kOk},
    {40, "in the primary alone",
     [](World& w) {
       protect(w);
       w.at(kD, "elbv2/load-balancer", "").erase("WebACL");
     },
     kBad},
    {40, "there alone",
     [](World& w) {
       protect(w);
       w.at(kP, "elbv2/load-balancer", "").erase("WebACL");
     },
     kSoso},
    {40, "another rule", [](World& w) { protect(w, {firewall_rule("a", kP)}, {firewall_rule("a", kD, "BV")}); }, kBad},
    {40, "a rule fewer", [](World& w) { protect(w, {firewall_rule("a", kP)}, nlohmann::json::array()); }, kBad},
    {40, "a rule more",
     [](World& w) { protect(w, {firewall_rule("a", kP)}, {firewall_rule("a", kD), firewall_rule("b", kD)}); }, kBad},
    {40, "another default",
     [](World& w) {
       protect(w);
       w.at(kD, "wafv2/web-acl", kTheirs)["DefaultAction"] = {{"Block", nlohmann::json::object()}};
     },
     kBad},
    {40, "a set of the same name", [](World& w) { protect(w, {names_a_set(kP)}, {names_a_set(kD)}); }, kDark},
    {40, "what it looks for is withheld",
     [](World& w) { protect(w, {firewall_rule("a", kP, "(withheld)")}, {firewall_rule("a", kD, "(withheld)")}); }, kDark},
    {40, "denied in the primary", [](World& w) { w.unknown(kP, "elbv2/load-balancer", "", "WebACL"); }, kDark},
    {40, "denied there", [](World& w) { w.unknown(kD, "elbv2/load-balancer", "", "WebACL"); }, kDark},
    {40, "the ACL denied",
     [](World& w) {
       protect(w);
       w.unknown(kD, "wafv2/web-acl", kTheirs, "everything");
     },
     kDark},
    {40, "a network load balancer",
     [](World& w) { w.at(kP, "elbv2/load-balancer", "")["Type"] = "network"; }, kOk},
    {40, "no load balancer", [](World& w) { w.remove(kP, "elbv2/load-balancer", ""); }, kDark},
    {45, "the account refuses public policies",
     [](World& w) { w.picture.live.account_block.value->refuses = true; }, kSoso},
    {48, "the newest arrive", [](World& w) { newest(w); }, kOk},
    {48, "no object at all", [](World& w) { newest(w) = {}; }, kOk},
    {48, "one failed", [](World& w) { newest(w).failed = 1; }, kBad},
    {48, "one waits for too long",
     [](World& w) { newest(w).oldest_waiting = w.picture.observed_at - std::chrono::hours(1); }, kBad},
    {48, "replication knows of none", [](World& w) { newest(w) = {.listed = 5, .without = 5}; }, kDark},
    {57, "the global STS", [](World& w) { told(w, "STS", "https://sts.amazonaws.com"); }, kSoso},
    {57, "legacy", [](World& w) { told(w, "AWS_STS_REGIONAL_ENDPOINTS", "legacy"); }, kSoso},
    {57, "another region's", [](World& w) { told(w, "STS", "https://sts.us-east-1.amazonaws.com"); }, kBad},
    {57, "its own", [](World& w) { told(w, "STS", "https://sts.us-west-2.amazonaws.com"); }, kOk},
    {57, "denied", [](World& w) { w.unknown(kD, "ecs/task-definition", "", "everything"); }, kDark},
    {64, "something is left",
     [](World& w) { w.picture.live.left_over.value->push_back({"subnet", "subnet-1", "autumn"}); }, kSoso},
    {64, "not asked", [](World& w) { w.picture.live.left_over = {}; }, kDark},
};

TEST(Checks, OfOptionGroups) { fixture::hold(kOptions); }
TEST(Checks, OfWhatIsAroundTheApplication) { fixture::hold(kAround); }

}  // namespace

const std::vector<Case>& fixture::around_cases() { return kAround; }

}  // namespace relight::dr
