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
