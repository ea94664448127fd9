#include "dr/data/evidence.h"

#include <gtest/gtest.h>

namespace relight::dr {
namespace {

const Instant kZero{Millis(1'800'000'000'000)};
Instant at(int ms) { return kZero + Millis(ms); }

ProbeRecord write(int ms, bool ok, const std::string& token, const std::string& region = "p") {
  ProbeRecord p;
  p.started = at(ms);
  p.ended = at(ms + 10);
  p.write = true;
  p.ok = ok;
  p.token = token;
  p.region = region;
  return p;
}

EvidenceInput story() {
  EvidenceInput in;
  in.primary = "p";
  in.recovery = "d";
  in.state.run = "r1";
  in.state.runbook = {"failover",
                      {{"fence", "F", "fence", {}, {}},
                       {"drain", "D", "drain", {}, {}},
                       {"promote", "P", "promote", {"fence", "drain"}, {}}}};
  in.state.status = RunStatus::kSucceeded;
  in.state.started = at(1000);
  in.state.finished = at(2000);
  auto step = [&](const char* id, int from, int acted, int to) {
    StepState s;
    s.phase = StepPhase::kDone;
    s.started = at(from);
    s.acted = at(acted);
    s.ended = at(to);
    in.state.steps[id] = s;
  };
  step("fence", 1000, 1000, 1100);
  step("drain", 1000, 1000, 1300);
  step("promote", 1300, 1310, 2000);
  in.tokens_present = std::set<std::string>{"a", "c"};
  return in;
}

TEST(Evidence, TheCriticalPathIsTheLongestChainOfRealWaits) {
  auto in = story();
  EXPECT_DOUBLE_EQ(make_evidence_record(in).critical_path_seconds, 0.99);
  in.truth = {{at(1900), "d", "rds", "db", "promoted: accepts writes"},
              {at(1950), "x", "rds", "db", "promoted: accepts writes"}};
  EXPECT_DOUBLE_EQ(make_evidence_record(in).critical_path_seconds, 0.89);
  EXPECT_DOUBLE_EQ(make_evidence_record(in).run_seconds, 1.0);
}

TEST(Evidence, TheCallsAreToldByRegionAndThoseOfALostOneAsWhatTheRunDidWithout) {
  auto in = story();
  in.state.holders = 2;
  for (const char* counts : {"3 3 3", "1 1 0"}) {
    Event e;
    e.kind = "run.calls";
    e.data = {{"p ecs:UpdateService", counts}, {"d rds:PromoteReadReplica", "1 0 0"}};
    apply(in.state, e);
  }
  auto e = make_evidence_record(in);
  EXPECT_EQ((e.calls[{"p", "ecs:UpdateService"}].calls), 4u);
  EXPECT_EQ((e.calls[{"p", "ecs:UpdateService"}].unanswered), 3u);
  auto text = timeline_text(e);
  EXPECT_NE(text.find("(the run did without)"), text.npos) << text;
  EXPECT_NE(to_json(e).find("\"ecs:UpdateService\""), std::string::npos);
  EXPECT_EQ(text.find("left no account"), text.npos) << text;
  in.state.told = 1;
  text = timeline_text(make_evidence_record(in));
  EXPECT_NE(text.find("1 of 2 processes of this run left no account"), text.npos) << text;
}

TEST(Evidence, ALastWriteThatNeverReplicatedIsLostByName) {
  auto in = story();
  in.probes = {write(0, true, "a"), write(100, true, "b"), write(2500, true, "c", "d")};
  auto e = make_evidence_record(in);
  EXPECT_EQ(e.writes.acknowledged, 3u);
  EXPECT_EQ(e.writes.lost_ids, std::vector<std::string>{"b"});
  EXPECT_EQ(e.writes.unaccounted, 0u);
  EXPECT_EQ(e.writes.after_failover, 1u);
}

TEST(Evidence, AHoleOrAMissingWriteOfTheNewRegionIsUnaccounted) {
  auto in = story();
  in.probes = {write(0, true, "hole"), write(5000, true, "a"), write(9000, true, "gone", "d")};
  auto e = make_evidence_record(in);
  EXPECT_EQ(e.writes.unaccounted, 2u);
  EXPECT_EQ(e.writes.lost, 0u);
}

TEST(Evidence, WhatCouldNotBeReadIsUnaccountedNeverPresent) {
  auto in = story();
  in.tokens_present.reset();
  in.probes = {write(0, true, "a")};
  EXPECT_EQ(make_evidence_record(in).writes.unaccounted, 1u);
}

TEST(Evidence, ItsTextNamesWhatWasLostAndShowsWhatRanSideBySide) {
  auto in = story();
  in.probes = {write(0, true, "a"), write(100, true, "lost-token"), write(2500, true, "c", "d")};
  auto text = timeline_text(make_evidence_record(in));
  EXPECT_NE(text.find("  lost: lost-token\n"), text.npos) << text;
  EXPECT_EQ(text.find("lost: a\n"), text.npos) << text;
  size_t bars = 0;
  for (size_t at = 0; (at = text.find("=|\n", at)) != text.npos; ++at) ++bars;
  EXPECT_GE(bars, 1u) << "some step ends last:\n" << text;
}

TEST(Outage, EndsWithTheFirstWriteThatIsFollowedBySuccess) {
  std::vector<ProbeRecord> p{write(0, true, "1"),    write(100, false, "2"), write(200, true, "3"),
                             write(300, false, "4"), write(400, true, "5"),  write(500, true, "6"),
                             write(600, true, "7")};
  auto o = outage_of(p, 2);
  ASSERT_TRUE(o.recovered);
  EXPECT_EQ(o.first_failure, at(100));
  EXPECT_EQ(o.first_sustained_write, at(410));
  p.resize(3);
  EXPECT_FALSE(outage_of(p, 2).recovered);
}

TEST(ProbeLog, SurvivesItsOwnLinesAndACutEnd) {
  auto line = to_json(write(5, true, "t"));
  auto r = read_probe_log(line + "\n" + line.substr(0, 20));
  ASSERT_TRUE(r) << r.error().text();
  ASSERT_EQ(r->size(), 1u);
  EXPECT_EQ(r->at(0).token, "t");
  EXPECT_EQ(read_probe_log("{}\nnonsense\n" + line + "\n").error().resource, "line 2");
}

}  // namespace
}  // namespace relight::dr
