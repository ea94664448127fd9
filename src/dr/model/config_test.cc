#include "dr/model/config.h"

#include <gtest/gtest.h>

#include "base/disk.h"
#include "dr/model/runbook.h"
#include "dr/model/topology.h"

namespace relight::dr {
namespace {

const std::string kGood =
    "application: lamp\n"
    "regions: {primary: us-east-1, recovery: us-west-2}\n"
    "database:\n"
    "  user: u\n"
    "  name: n\n"
    "  password: {env: P}\n"
    "dns: {domain: www.lamp.example}\n";

Error error_of(const std::string& text) {
  auto r = parse_config(text, "relight.yaml", "/etc");
  EXPECT_FALSE(r);
  return r ? Error{} : r.error();
}

TEST(Config, FillsInWhatIsNotSaid) {
  auto c = parse_config(kGood, "relight.yaml", "/etc");
  ASSERT_TRUE(c) << c.error().text();
  EXPECT_EQ(c->coordination.sqlite, "var/relight/journal.sqlite");
  EXPECT_EQ(c->url, "http://www.lamp.example/");
  EXPECT_EQ(c->tasks, 1);
}

TEST(Config, WithoutDatabaseOrDomainItReadsButIsNotEnoughToFailOver) {
  auto c =
      parse_config("application: lamp\nregions: {primary: us-east-1, recovery: us-west-2}\n", "r.yaml", ".");
  ASSERT_TRUE(c) << c.error().text();
  EXPECT_EQ(c->url, "");
  auto e = enough_to_fail_over(*c);
  ASSERT_FALSE(e);
  EXPECT_NE(e.error().message.find("'database'"), std::string::npos);
  c->database.user = "u";
  EXPECT_NE(enough_to_fail_over(*c).error().message.find("'dns'"), std::string::npos);
  c->dns.domain = "www.lamp.example";
  EXPECT_TRUE(enough_to_fail_over(*c));
}

TEST(Config, ReadsTheExample) {
  auto text = system_disk().read("examples/lamp/relight.yaml");
  ASSERT_TRUE(text);
  auto c = parse_config(*text, "relight.yaml", ".");
  ASSERT_TRUE(c) << c.error().text();
  EXPECT_EQ(c->rpo, Millis(60000));
  EXPECT_EQ(c->recovery.stack, "lamp-pilot");
}

TEST(Config, NamesThePlaceOfAnUnknownKey) {
  auto e = error_of(kGood + "  nope: 1\n");
  EXPECT_EQ(e.code, "Config.Malformed");  // mixed flow and block is no YAML
  e = error_of(kGood + "colour: red\n");
  EXPECT_EQ(e.code, "Config.Unknown");
  EXPECT_EQ(e.resource, "relight.yaml:8:1");
  EXPECT_NE(e.message.find("application, regions"), std::string::npos);
}

TEST(Config, RefusesRegionsBetweenWhichNothingIsCopied) {
  auto e = error_of("application: lamp\nregions: {primary: us-east-1, recovery: us-gov-west-1}\n");
  EXPECT_EQ(e.code, "Config.Malformed");
  EXPECT_EQ(e.resource, "relight.yaml:2:10");
  EXPECT_NE(e.message.find("us-gov-west-1 of aws-us-gov"), std::string::npos) << e.message;
}

TEST(Config, NamesThePlaceOfABadDuration) {
  auto e = error_of(kGood + "objectives:\n  rpo: soon\n");
  EXPECT_EQ(e.resource, "relight.yaml:9:8");
  EXPECT_NE(e.message.find("500ms"), std::string::npos);
}

TEST(Config, RefusesAPasswordWrittenDown) {
  auto text = kGood;
  text.replace(text.find("{env: P}"), 8, "hunter2");
  auto e = error_of(text);
  EXPECT_EQ(e.resource, "relight.yaml:6:13");
  EXPECT_EQ(e.text().find("hunter2"), std::string::npos);
}

TEST(Config, RefusesEqualRegionsMissingKeysDuplicatesAndNonsense) {
  EXPECT_EQ(error_of("application: x\n").code, "Config.Missing");
  EXPECT_EQ(error_of("[1, 2]\n").code, "Config.Malformed");
  EXPECT_EQ(error_of("").code, "Config.Malformed");
  EXPECT_EQ(error_of("a: [\n").code, "Config.Malformed");
  EXPECT_EQ(error_of("application: a\n" + kGood).code, "Config.Malformed");
  auto same = kGood;
  same.replace(same.find("us-west-2"), 9, "us-east-1");
  EXPECT_EQ(error_of(same).code, "Config.Malformed");
}

TEST(Config, ReadsStepsOfOnesOwn) {
  auto c = parse_config(
      kGood +
          "steps:\n"
          "  - {name: warm, after: open, command: [./warm, --now], deadline: 10s}\n"
          "  - {name: agreed, before: dns, approval: 'Shall we?'}\n"
          "  - {name: search, before: validate, http: {url: 'http://x/y', status: 204}}\n"
          "  - {name: warm-up, after: functions, function: {name: warm, payload: '{\"n\":1}'}}\n",
      "relight.yaml", ".");
  ASSERT_TRUE(c) << c.error().text();
  ASSERT_EQ(c->steps.size(), 4u);
  EXPECT_EQ(c->steps[3].function, "warm");
  EXPECT_EQ(c->steps[3].payload, "{\"n\":1}");
  EXPECT_EQ(c->steps[0].command, (std::vector<std::string>{"./warm", "--now"}));
  EXPECT_EQ(c->steps[0].deadline, Millis(10'000));
  EXPECT_EQ(c->steps[1].approval, "Shall we?");
  EXPECT_EQ(c->steps[1].deadline, Millis(86'400'000));
  EXPECT_EQ(c->steps[2].status, 204);
}

TEST(Config, RefusesStepsThatCannotStand) {
  for (auto* bad :
       {"steps: {name: a}", "steps: [a]", "steps: [{name: a, before: dns}]",
        "steps: [{name: a, command: [x]}]", "steps: [{name: a, before: dns, after: open, command: [x]}]",
        "steps: [{name: a, after: commit, command: [x]}]", "steps: [{name: dns, after: open, command: [x]}]",
        "steps: [{name: A b, after: open, command: [x]}]",
        "steps: [{name: a, after: open, command: [x], approval: y}]",
        "steps: [{name: a, after: open, http: {url: ftp://x}}]",
        "steps: [{name: a, after: open, function: {name: f, payload: not json}}]",
        "steps: [{name: a, after: open, function: {name: f}, approval: y}]",
        "steps: [{name: triggers, after: open, function: {name: f}}]",
        "steps: [{name: a, after: open, command: [x]}, {name: a, after: open, command: [x]}]"}) {
    auto e = error_of(kGood + bad + "\n");
    EXPECT_EQ(e.code, "Config.Malformed") << bad;
    EXPECT_TRUE(e.resource.starts_with("relight.yaml:8:")) << e.resource;
  }
  auto e = error_of(kGood + "steps: [{name: a, after: lunch, command: [x]}]\n");
  EXPECT_EQ(e.code, "Config.Unknown");
  EXPECT_NE(e.message.find("promote"), std::string::npos);
}

TEST(Topology, SurvivesItsJsonAndFillsGapsFromTheOlder) {
  Topology older, t;
  older.primary.cluster = "old";
  older.flag_bucket = "flags";
  t.recovery.cluster = "new";
  fill_gaps(t, older);
  EXPECT_EQ(t.primary.cluster, "old");
  EXPECT_EQ(topology_from_json(to_json(t)).value(), t);
}

TEST(Runbook, RefusesUnknownNeedsAndDuplicates) {
  Runbook r{"failover", {{"a", "A", "", {"b"}, {}}}};
  EXPECT_FALSE(check(r));
  r = {"failover", {{"a", "A", "", {}, {}}, {"a", "A", "", {}, {}}}};
  EXPECT_FALSE(check(r));
  r = {"failover",
       {{"a", "A", "", {}, {}, Millis(3)},
        {"b", "B", "", {"a"}, {}, Millis(4)},
        {"c", "C", "", {}, {}, Millis(5)}}};
  EXPECT_TRUE(check(r));
  EXPECT_EQ(expected_time(r), Millis(7));
  EXPECT_EQ(runbook_from_json(to_json(r)).value(), r);
}

TEST(Config, AmountsOfCostAreNumbersThatAreNotBelowZero) {
  const std::string head = "application: a\nregions: {primary: us-east-1, recovery: us-west-2}\n";
  auto c = parse_config(head + "cost: {uploads_gb: 12.5, drill_hours: 0}\n", "relight.yaml", ".");
  ASSERT_TRUE(c) << c.error().text();
  EXPECT_EQ(c->cost.uploads_gb, 12.5);
  EXPECT_EQ(c->cost.drill_hours, 0);
  EXPECT_FALSE(c->cost.images_gb);
  for (std::string bad : {"-1", "many", "1GB", "[]"})
    EXPECT_FALSE(parse_config(head + "cost: {uploads_gb: " + bad + "}\n", "relight.yaml", ".")) << bad;
  EXPECT_FALSE(parse_config(head + "cost: {upload_gb: 1}\n", "relight.yaml", "."));
}

}  // namespace
}  // namespace relight::dr
