#include "dr/planning/iam_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "aws/action_names.h"
#include "dr/planning/pilot_example_asleep.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

Config lamp_config() {
  Config c;
  c.application = "lamp";
  c.primary = {"us-east-1", "lamp-primary", {}};
  c.recovery = {"us-west-2", "lamp-pilot", {}};
  c.dns.domain = "www.lamp.example";
  return c;
}

struct Scene {
  Inventory captured = example_inventory();
  Pilot pilot;
  IamPicture picture{lamp_config(), {}, &captured, nullptr};
  Scene() {
    PilotPolicy policy{.region = "us-west-2",
                       .primary_stack = "lamp-primary",
                       .stack = "lamp-pilot",
                       .domain = "www.lamp.example",
                       .accept_unknown = true};
    auto planned = plan_pilot(captured, policy);
    EXPECT_TRUE(planned) << (planned ? "" : planned.error().text());
    if (planned) pilot = *planned, picture.pilot = &pilot;
  }
};

IamPolicy policy_for(const std::vector<std::string>& verbs, const IamPicture& p) {
  auto r = iam_policy(verbs, p);
  EXPECT_TRUE(r) << (r ? "" : r.error().text());
  return r.value_or(IamPolicy{});
}

std::vector<std::string> texts(const Json& j) {
  if (j.is_string()) return {j.get<std::string>()};
  return j.get<std::vector<std::string>>();
}

// Resources of an action over all statements.
std::set<std::string> permitted(const IamPolicy& p, const std::string& action) {
  std::set<std::string> out;
  auto document = Json::parse(p.document);
  for (auto& s : document["Statement"])
    if (std::ranges::count(texts(s["Action"]), action))
      for (auto& r : texts(s["Resource"])) out.insert(r);
  return out;
}

Json statement_of(const IamPolicy& p, const std::string& action) {
  auto document = Json::parse(p.document);
  for (auto& s : document["Statement"])
    if (std::ranges::count(texts(s["Action"]), action)) return s;
  return {};
}

bool noted(const IamPolicy& p, const std::string& words) {
  return std::ranges::any_of(p.notes, [&](auto& n) { return n.find(words) != n.npos; });
}

using Set = std::set<std::string>;

TEST(IamPolicy, IsTheSameBytesInWhateverOrderTheVerbsStand) {
  Scene s;
  auto a = policy_for({"check", "capture", "failover"}, s.picture),
       b = policy_for({"failover", "check", "capture", "check"}, s.picture);
  EXPECT_EQ(a.document, b.document);
  EXPECT_EQ(Json::parse(a.document), Json::parse(a.compact));
  EXPECT_EQ(Json::parse(a.document)["Version"], "2012-10-17");
}

TEST(IamPolicy, ALongOneIsCutIntoDocumentsThatAManagedPolicyMayHold) {
  Scene s;
  auto p = policy_for({"deploy-touch-primary"}, s.picture);
  ASSERT_GT(p.compact.size(), 6144u);
  ASSERT_GT(p.pieces.size(), 1u);
  size_t statements = 0;
  for (auto& piece : p.pieces) {
    EXPECT_LE(piece.compact.size() - 1, 6144u);
    EXPECT_EQ(Json::parse(piece.document), Json::parse(piece.compact));
    statements += Json::parse(piece.document)["Statement"].size();
  }
  EXPECT_GE(statements, Json::parse(p.document)["Statement"].size());
  EXPECT_TRUE(noted(p, "cut into " + std::to_string(p.pieces.size()) + " documents"));
  auto small = policy_for({"heartbeat"}, s.picture);
  ASSERT_EQ(small.pieces.size(), 1u);
  EXPECT_EQ(small.pieces.front().document, small.document);
  EXPECT_FALSE(noted(small, "cut into"));
}

TEST(IamPolicy, KeysOfBothRegionsArePermittedToWhoeverCopiesAnEncryptedDatabase) {
  Scene s;
  auto database =
      std::ranges::find(s.captured.resources, "rds/db-instance", [](auto& r) { return r.key.kind; });
  ASSERT_NE(database, s.captured.resources.end());
  for (auto* verb : {"sync", "failback"})
    EXPECT_EQ(permitted(policy_for({verb}, s.picture), "kms:CreateGrant"), Set{}) << verb;
  auto properties = Json::parse(database->properties);
  properties["StorageEncrypted"] = true;
  database->properties = properties.dump();
  Set both{"arn:aws:kms:us-east-1:111122223333:key/*", "arn:aws:kms:us-west-2:111122223333:key/*"};
  for (auto* verb : {"sync", "failback"})
    EXPECT_EQ(permitted(policy_for({verb}, s.picture), "kms:CreateGrant"), both) << verb;
}

TEST(IamPolicy, SidsAreLettersAndDigitsAndUnique) {
  Scene s;
  Set seen;
  auto document = Json::parse(policy_for({"check", "deploy-touch-primary", "failover"}, s.picture).document);
  for (auto& st : document["Statement"]) {
    auto sid = st["Sid"].get<std::string>();
    EXPECT_TRUE(seen.insert(sid).second) << sid;
    EXPECT_TRUE(std::ranges::all_of(sid, [](unsigned char c) { return std::isalnum(c); })) << sid;
    EXPECT_EQ(st["Effect"], "Allow");
  }
  EXPECT_GT(seen.size(), 10u);
}

TEST(IamPolicy, FailoverPromotesThePilotsDatabaseAndStopsThePrimarysService) {
  Scene s;
  auto p = policy_for({"failover"}, s.picture);
  EXPECT_EQ(permitted(p, "rds:PromoteReadReplica"),
            Set{"arn:aws:rds:us-west-2:111122223333:db:lamp-pilot-db"});
  auto updates = permitted(p, "ecs:UpdateService");
  EXPECT_TRUE(updates.contains("arn:aws:ecs:us-west-2:111122223333:service/lamp-pilot-*/lamp-pilot-*"))
      << p.document;
  EXPECT_TRUE(std::ranges::any_of(updates, [](auto& r) { return r.find("ecs:us-east-1:") != r.npos; }))
      << p.document;
  auto pass = statement_of(p, "iam:PassRole");  // a task definition that names the primary is registered anew
  EXPECT_EQ(pass["Condition"]["StringEquals"]["iam:PassedToService"], "ecs-tasks.amazonaws.com");
  EXPECT_TRUE(permitted(p, "cloudformation:DeleteStack").empty());
  EXPECT_TRUE(permitted(p, "lambda:PutFunctionConcurrency").empty());  // it has no functions
}

TEST(IamPolicy, FailoverMayLightWhatTheApplicationHasAndNothingElse) {
  Scene s;
  s.captured = example_with_functions();
  auto planned = plan_pilot(
      s.captured,
      {.region = "us-west-2", .primary_stack = "lamp-primary", .stack = "lamp-pilot", .flag_key = "f"});
  ASSERT_TRUE(planned);
  s.pilot = *planned;
  auto p = policy_for({"failover"}, s.picture);
  EXPECT_EQ(permitted(p, "lambda:PutFunctionConcurrency"),
            (Set{"arn:aws:lambda:us-east-1:111122223333:function:lamp-primary-consumer",
                 "arn:aws:lambda:us-east-1:111122223333:function:lamp-primary-thumb",
                 "arn:aws:lambda:us-west-2:111122223333:function:lamp-pilot-consumer",
                 "arn:aws:lambda:us-west-2:111122223333:function:lamp-pilot-thumb"}));
  EXPECT_EQ(permitted(p, "ssm:PutParameter"),
            (Set{"arn:aws:ssm:us-west-2:111122223333:parameter/lamp/host",
                 "arn:aws:ssm:us-west-2:111122223333:parameter/lamp/mode",
                 "arn:aws:ssm:us-west-2:111122223333:parameter/lamp/token"}));
  EXPECT_EQ(permitted(p, "secretsmanager:PutSecretValue"),
            Set{"arn:aws:secretsmanager:us-west-2:111122223333:secret:lamp/db-??????"});
  EXPECT_EQ(permitted(p, "events:EnableRule"), Set{"arn:aws:events:us-west-2:111122223333:rule/*"});
  EXPECT_FALSE(permitted(p, "lambda:UpdateEventSourceMapping").empty());
}

TEST(IamPolicy, OperationsWithoutAResourceTypeAreHeldToTheRegions) {
  Scene s;
  auto st = statement_of(policy_for({"check"}, s.picture), "ec2:DescribeVpcs");
  EXPECT_EQ(st["Resource"], "*");
  EXPECT_EQ(st["Condition"]["StringEquals"]["aws:RequestedRegion"],
            Json::parse(R"(["us-east-1","us-west-2"])"));
  EXPECT_EQ(statement_of(policy_for({"capture"}, s.picture),
                         "ec2:DescribeVpcs")["Condition"]["StringEquals"]["aws:RequestedRegion"],
            "us-east-1");
  EXPECT_FALSE(
      statement_of(policy_for({"check"}, s.picture), "route53:ListHostedZones").contains("Condition"));
  EXPECT_FALSE(statement_of(policy_for({"check"}, s.picture), "s3:ListAllMyBuckets").contains("Condition"));
}

TEST(IamPolicy, AskedForAllTheNamedOneIsLeftOut) {
  Scene s;
  EXPECT_EQ(permitted(policy_for({"capture"}, s.picture), "rds:DescribeDBInstances"),
            (Set{"arn:aws:rds:us-east-1:111122223333:db:*",
                 "arn:aws:rds:us-west-2:111122223333:db:lamp-pilot-db"}));
}

TEST(IamPolicy, TheJournalIsReadOnlyForShowAndAbsentWithoutABucket) {
  Scene s;
  EXPECT_EQ(Json::parse(policy_for({"show"}, s.picture).document)["Statement"], Json::array());
  EXPECT_TRUE(noted(policy_for({"show"}, s.picture), "nothing of AWS"));
  s.picture.config.coordination = {"", "runs", "lamp", {}};
  auto p = policy_for({"show"}, s.picture);
  EXPECT_EQ(permitted(p, "s3:GetObject"), Set{"arn:aws:s3:::runs/lamp/*"});
  EXPECT_EQ(permitted(p, "s3:ListBucket"),
            Set{"arn:aws:s3:::runs"});  // else what is not there is 403, not 404
  EXPECT_TRUE(permitted(p, "s3:PutObject").empty());
  EXPECT_TRUE(
      permitted(policy_for({"status"}, s.picture), "s3:PutObject").contains("arn:aws:s3:::runs/lamp/*"));
}

TEST(IamPolicy, ActionsHaveTheNamesThatIamGivesThem) {
  EXPECT_EQ(iam_actions_of("s3", "ListObjectsV2"), std::vector<std::string>{"s3:ListBucket"});
  EXPECT_EQ(iam_actions_of("s3", "DeleteBucketReplication"),
            std::vector<std::string>{"s3:PutReplicationConfiguration"});
  EXPECT_EQ(iam_actions_of("s3", "PutBucketReplication"),
            (std::vector<std::string>{"iam:PassRole", "s3:PutReplicationConfiguration"}));
  EXPECT_EQ(iam_actions_of("elbv2", "DescribeRules"),
            std::vector<std::string>{"elasticloadbalancing:DescribeRules"});
}

TEST(IamPolicy, DeployTakesWhatCloudFormationDoesForThePilotsTypes) {
  Scene s;
  auto p = policy_for({"deploy"}, s.picture);
  EXPECT_EQ(permitted(p, "cloudformation:ExecuteChangeSet"),
            Set{"arn:aws:cloudformation:us-west-2:111122223333:stack/lamp-pilot/*"});
  auto from = permitted(p, "rds:CreateDBInstanceReadReplica");
  EXPECT_TRUE(from.contains("arn:aws:rds:us-west-2:111122223333:db:lamp-pilot-db")) << p.document;
  EXPECT_TRUE(std::ranges::any_of(from, [](auto& r) { return r.find("rds:us-east-1:") != r.npos; }))
      << p.document;
  EXPECT_EQ(permitted(p, "rds:DeleteDBInstance").size(),
            1u);  // a creation that rolls back takes it away again
  EXPECT_FALSE(permitted(p, "ec2:DeleteVpc").empty());
  auto pass = statement_of(p, "iam:PassRole");
  EXPECT_EQ(pass["Condition"]["StringEquals"]["iam:PassedToService"], "ecs-tasks.amazonaws.com");
  EXPECT_FALSE(std::ranges::count(texts(pass["Resource"]), "*"));
  EXPECT_TRUE(permitted(p, "s3:PutReplicationConfiguration").empty());
  EXPECT_FALSE(
      permitted(policy_for({"deploy-touch-primary"}, s.picture), "s3:PutReplicationConfiguration").empty());
}

TEST(IamPolicy, AReplicaIsMadeWithTheEnginesOwnOptionGroupOrThePilots) {
  Scene s;
  s.captured.resources.push_back(example_resource("rds/option-group", "default:mariadb-10-11",
                                                  Json{{"OptionGroupName", "default:mariadb-10-11"}}));
  const std::string groups = "arn:aws:rds:us-west-2:111122223333:og:";
  auto from = permitted(policy_for({"deploy"}, s.picture), "rds:CreateDBInstanceReadReplica");
  EXPECT_TRUE(from.contains(groups + "default:mariadb-10-11"));
  s.pilot.resources.push_back({.id = "DatabaseOptions", .type = "AWS::RDS::OptionGroup", .properties = "{}"});
  auto p = policy_for({"deploy"}, s.picture);
  EXPECT_TRUE(permitted(p, "rds:CreateDBInstanceReadReplica").contains(groups + "lamp-pilot-*"));
  EXPECT_TRUE(permitted(p, "rds:ModifyOptionGroup").contains(groups + "lamp-pilot-*"));
}

TEST(IamPolicy, ATypeThatTheTableDoesNotKnowIsAnError) {
  Scene s;
  s.pilot.resources.push_back({.id = "Queue", .type = "AWS::Elsewhere::Thing", .properties = "{}"});
  auto r = iam_policy({"deploy"}, s.picture);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Iam.Type");
  EXPECT_TRUE(iam_policy({"failover"}, s.picture));
}

TEST(IamPolicy, WithoutACaptureTheRegionIsTheWidestAndItIsSaid) {
  IamPicture p{lamp_config(), {}, nullptr, nullptr};
  auto c = policy_for({"capture"}, p);
  EXPECT_EQ(permitted(c, "iam:GetRole"), Set{"arn:aws:iam::*:role/*"});
  EXPECT_EQ(permitted(c, "cloudformation:ListStackResources"),
            (Set{"arn:aws:cloudformation:us-east-1:*:stack/lamp-primary/*",
                 "arn:aws:cloudformation:us-east-1:*:stack/lamp-primary-*/*"}));
  EXPECT_TRUE(noted(c, "not captured"));
  p.topology.recovery.database = "lamp-pilot-db";
  EXPECT_EQ(permitted(policy_for({"failover"}, p), "rds:PromoteReadReplica"),
            Set{"arn:aws:rds:us-west-2:*:db:lamp-pilot-db"});
  auto init = policy_for({"init"}, IamPicture{});
  EXPECT_EQ(permitted(init, "cloudformation:ListStackResources"), Set{"arn:aws:cloudformation:*:*:stack/*"});
  EXPECT_TRUE(noted(init, "no relight.yaml"));
}

TEST(IamPolicy, InitIsNotNarrowedToWhatWasCapturedBefore) {
  Scene s;
  auto p = policy_for({"init"}, s.picture);
  EXPECT_EQ(permitted(p, "iam:GetRole"), Set{"arn:aws:iam::111122223333:role/*"});
  EXPECT_EQ(permitted(p, "ecs:DescribeServices"), Set{"arn:aws:ecs:us-east-1:111122223333:service/*"});
  auto both = policy_for({"init", "failover"}, s.picture);
  EXPECT_TRUE(permitted(both, "ecs:DescribeServices")
                  .contains("arn:aws:ecs:us-west-2:111122223333:service/lamp-pilot-*/lamp-pilot-*"));
}

TEST(IamPolicy, AnUnknownVerbIsToldWhichThereAre) {
  auto r = iam_policy({"capture", "dance"}, IamPicture{});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Usage.Verb");
  EXPECT_NE(r.error().message.find("'dance'"), std::string::npos);
  for (auto* verb : {"capture", "check", "failover", "deploy-touch-primary"})
    EXPECT_NE(r.error().next.find(verb), std::string::npos) << r.error().next;
  EXPECT_EQ(r.error().next.find("api"), std::string::npos);
  EXPECT_EQ(iam_policy({"api"}, IamPicture{}).error().code, "Usage.NoPolicy");
  EXPECT_EQ(iam_policy({}, IamPicture{}).error().code, "Usage.Verb");
}

TEST(IamPolicy, APatternCoversWhatItMatches) {
  EXPECT_TRUE(pattern_covers("arn:*:db:*", "arn:aws:db:lamp"));
  EXPECT_TRUE(pattern_covers("a*", "a*b"));
  EXPECT_TRUE(pattern_covers("*", "*"));
  EXPECT_FALSE(pattern_covers("a*b", "a*"));
  EXPECT_FALSE(pattern_covers("a?c", "ac"));
  EXPECT_FALSE(pattern_covers("abc", "*"));
}

// ---- against AWS's Service Authorization Reference

Json reference() {
  std::ifstream in(RELIGHT_ACTIONS);
  return Json::parse(in, nullptr, false)["actions"];
}

// What is wrong with an action on a scope; empty: nothing.
std::string wrong(const Json& known, const std::string& action, IamScope scope) {
  if (!known.contains(action)) return action + " does not exist (or run tests/iam_policy/extract_actions)";
  auto theirs = known[action].get<std::string>();
  std::string ours(words_of(scope).types);
  if (theirs.empty() && !ours.empty()) return action + " takes no resource, '" + ours + "' is given";
  if (ours.empty() && theirs.find('*') != theirs.npos) return action + " wants " + theirs + ", '*' is given";
  if (ours.empty() || theirs == "*" || ours == "*") return "";
  std::istringstream each(ours);
  for (std::string type; each >> type;)
    if ((" " + theirs + " ").find(" " + type + " ") != std::string::npos ||
        (" " + theirs + " ").find(" " + type + "* ") != std::string::npos)
      return "";
  return action + " takes " + theirs + ", '" + ours + "' is given";
}

TEST(IamTable, EveryActionExistsAndTakesTheResourceTypesOfItsScope) {
  auto known = reference();
  ASSERT_GT(known.size(), 100u);
  for (auto& part : iam_parts())
    for (auto& c : part.calls) {
      EXPECT_EQ(wrong(known, aws::action_of(c.service, c.operation), c.scope), "") << part.name;
      for (auto& other : iam_actions())
        if (other.service == c.service && other.operation == c.operation) {
          EXPECT_EQ(wrong(known, std::string(other.also), other.also_on), "") << part.name;
        }
    }
  for (auto& t : iam_types()) {
    std::istringstream each{std::string(t.actions)};
    for (std::string action; each >> action;) EXPECT_EQ(wrong(known, action, t.scope), "") << t.type;
  }
}

TEST(IamTable, EveryVerbsPartsExistAndEveryPartHasAVerb) {
  Set used, there;
  for (auto& p : iam_parts()) there.insert(std::string(p.name));
  for (auto& v : iam_verbs()) {
    std::istringstream each{std::string(v.parts)};
    for (std::string part; each >> part;) used.insert(part);
  }
  EXPECT_EQ(used, there);
}

TEST(IamTable, EveryTypeOfTheExamplesPilotIsKnown) {
  Scene s;
  auto more =
      plan_pilot(example_with_functions(), {.region = "us-west-2", .stack = "lamp-pilot", .flag_key = "f"});
  ASSERT_TRUE(more) << more.error().text();
  s.pilot.resources.insert(s.pilot.resources.end(), more->resources.begin(), more->resources.end());
  for (auto& r : s.pilot.resources)
    EXPECT_NE(std::ranges::find(iam_types(), r.type, &IamType::type), iam_types().end()) << r.type;
}

}  // namespace
}  // namespace relight::dr
