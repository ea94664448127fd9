#include "dr/data/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace relight::dr {
namespace {

constexpr const char* kSegments[] = {"detect",  "decide",   "fence",    "drain",
                                     "promote", "capacity", "validate", "dns"};

// Seconds without the digits that nobody measured.
double in_milliseconds(double s) { return std::round(s * 1000) / 1000; }

double seconds(Instant from, Instant to) {
  return std::max(0.0, static_cast<double>((to - from).count()) / 1000);
}

// One history replicates in order, so a lost write cannot be followed by a present one of the same primary,
// but for the little disorder between commit and acknowledgement.
constexpr Millis kDisorder{1000};

void count_writes(const EvidenceInput& in, Evidence& e) {
  Instant last_present{};
  auto present = [&](const ProbeRecord& p) { return in.tokens_present->contains(p.token); };
  for (auto& p : in.probes)
    if (p.write && p.ok && in.tokens_present && present(p) && p.region != in.recovery)
      last_present = std::max(last_present, p.ended);
  for (auto& p : in.probes) {
    if (!p.write || !p.ok) continue;
    ++e.writes.acknowledged;
    if (p.region == in.recovery) ++e.writes.after_failover;
    if (!in.tokens_present) continue;
    if (present(p)) {
      ++e.writes.present;
    } else if (p.region == in.recovery || p.ended + kDisorder < last_present) {
      ++e.writes.unaccounted;  // asynchronous replication does not explain this one
    } else {
      ++e.writes.lost;
      e.writes.lost_ids.push_back(p.token);
    }
  }
  if (!in.tokens_present) {
    e.writes.unaccounted = e.writes.acknowledged;
    e.notes.push_back("the recovery region's entries could not be read: no write is accounted for");
  }
}

void count_objects(const EvidenceInput& in, Evidence& e) {
  for (auto& p : in.probes) {
    if (!p.write || !p.ok || p.picture_key.empty()) continue;
    ++e.objects.acknowledged;
    if (!in.objects_present) continue;
    if (in.objects_present->contains(p.picture_key)) {
      ++e.objects.present;
    } else {
      ++e.objects.lost;
      e.objects.lost_keys.push_back(p.picture_key);
    }
  }
  if (!in.objects_present) e.notes.push_back("the recovery region's bucket could not be listed");
}

// Segments are the steps' own spans, side by side where they ran side by side; detect is the time before the
// command.
void count_time(const EvidenceInput& in, Evidence& e) {
  auto& s = in.state;
  for (auto* name : kSegments) e.rto_segments[name] = 0;
  std::map<std::string, std::pair<Instant, Instant>> spans;
  for (auto& t : e.timeline) {
    auto* spec = s.runbook.find(t.step);
    if (!spec || spec->segment.empty()) continue;
    auto& span = spans.try_emplace(spec->segment, t.started, t.noticed).first->second;
    span = {std::min(span.first, t.started), std::max(span.second, t.noticed)};
  }
  for (auto& [name, span] : spans) e.rto_segments[name] = seconds(span.first, span.second);
  auto outage = outage_of(in.probes);
  if (outage.failed && s.started) e.rto_segments["detect"] = seconds(outage.first_failure, *s.started);
  if (outage.recovered)
    e.rto_seconds = seconds(outage.first_failure, outage.first_sustained_write);
  else
    e.notes.push_back("no outside observer saw both the outage and its end: rto_seconds is unknown");
}

// Where a step stands between the first and the last moment, 40 columns wide; at least one mark.
std::string timeline_bar(const StepTime& t, Instant zero, Instant last) {
  constexpr int kColumns = 40;
  double all = std::max(seconds(zero, last), 1e-9);
  int from = std::min(kColumns - 1, static_cast<int>(seconds(zero, t.started) / all * kColumns));
  int to = std::clamp(static_cast<int>(seconds(zero, t.noticed) / all * kColumns + 0.5), from + 1, kColumns);
  return std::string(from, ' ') + std::string(to - from, '=') + std::string(kColumns - to, ' ');
}

std::string role_of(const Evidence& e, const std::string& region) {
  if (region == e.primary) return "primary";
  return region == e.recovery ? "recovery" : region.empty() ? "nowhere" : "other";
}

nlohmann::ordered_json counts_json(const CallCount& c) {
  return {{"calls", c.calls}, {"failed", c.failed}, {"unanswered", c.unanswered}};
}

std::map<std::string, CallCount> by_region(const CallCounts& calls) {
  std::map<std::string, CallCount> sums;
  for (auto& [where, c] : calls) {
    auto& sum = sums[where.first];
    sum.calls += c.calls;
    sum.failed += c.failed;
    sum.unanswered += c.unanswered;
  }
  return sums;
}

nlohmann::ordered_json calls_json(const Evidence& e) {
  auto j = nlohmann::ordered_json::array();
  for (auto& [region, sum] : by_region(e.calls)) {
    nlohmann::ordered_json r{{"region", region}, {"role", role_of(e, region)}};
    r.update(counts_json(sum));
    r["operations"] = nlohmann::ordered_json::object();
    for (auto& [where, c] : e.calls)
      if (where.first == region) r["operations"][where.second] = counts_json(c);
    j.push_back(std::move(r));
  }
  return j;
}

// Of a region in which nothing was answered, and of a run that succeeded, it is plain that the run did without.
std::string calls_text(const Evidence& e) {
  if (e.calls.empty()) return "";
  std::string out = "calls of AWS's APIs, by region:\n";
  for (auto& [region, sum] : by_region(e.calls)) {
    auto role = role_of(e, region);
    out += fmt::format("  {:<14} {:<8} {:>5} calls {:>5} failed {:>5} without an answer{}\n", region, role,
                       sum.calls, sum.failed, sum.unanswered,
                       sum.failed == sum.calls && e.status == "succeeded" ? "  (the run did without)" : "");
    for (auto& [where, c] : e.calls)
      if (where.first == region && role != "recovery")
        out += fmt::format("    {:<38} {:>5} {:>12} {:>12}\n", where.second, c.calls, c.failed, c.unanswered);
  }
  return out;
}

}  // namespace

Evidence make_evidence_record(const EvidenceInput& in) {
  auto& s = in.state;
  Evidence e;
  e.run = s.run;
  e.mode = s.runbook.kind;
  e.primary = in.primary;
  e.recovery = in.recovery;
  e.status = text(s.status);
  e.calls = s.calls;
  e.holders = s.holders;
  e.told = s.told;
  if (s.told < s.holders)
    e.notes.push_back(fmt::format("calls: {} of {} processes of this run left no account of theirs", s.holders - s.told, s.holders));
  if (auto f = s.steps.find("fence"); f != s.steps.end()) e.fence = get(f->second.facts, "confidence");
  if (e.fence.empty()) e.fence = "unproven";
  for (auto& [id, step] : s.steps)
    if (auto lost = get(step.facts, "certainty_lost"); !lost.empty())
      e.notes.push_back(id + ": not known: " + lost);
  if (s.started && s.finished) e.run_seconds = seconds(*s.started, *s.finished);
  e.timeline = step_times(s, in.recovery, in.truth);
  e.critical_path_seconds = critical_path_seconds(s.runbook, e.timeline);
  if (in.truth.empty()) e.notes.push_back("no event log: waits are taken to end when they were noticed");
  count_time(in, e);
  count_writes(in, e);
  count_objects(in, e);
  return e;
}

std::string to_json(const Evidence& e) {
  nlohmann::ordered_json j;
  j["run"] = e.run;
  j["mode"] = e.mode;
  j["status"] = e.status;
  j["primary"] = e.primary;
  j["recovery"] = e.recovery;
  j["fence"] = e.fence;
  j["run_seconds"] = in_milliseconds(e.run_seconds);
  j["critical_path_seconds"] = in_milliseconds(e.critical_path_seconds);
  j["rto_seconds"] = e.rto_seconds ? nlohmann::ordered_json(in_milliseconds(*e.rto_seconds))
                                   : nlohmann::ordered_json(nullptr);
  for (auto* name : kSegments)
    j["rto_segments"][name] = e.rto_segments.contains(name) ? in_milliseconds(e.rto_segments.at(name)) : 0;
  j["writes"] = {{"acknowledged", e.writes.acknowledged},
                 {"present", e.writes.present},
                 {"lost", e.writes.lost},
                 {"lost_ids", e.writes.lost_ids},
                 {"unaccounted", e.writes.unaccounted},
                 {"after_failover", e.writes.after_failover}};
  j["objects"] = {{"acknowledged", e.objects.acknowledged},
                  {"present", e.objects.present},
                  {"lost", e.objects.lost},
                  {"lost_keys", e.objects.lost_keys}};
  j["calls"] = calls_json(e);
  j["timeline"] = nlohmann::ordered_json::array();
  for (auto& t : e.timeline)
    j["timeline"].push_back({{"step", t.step},
                             {"started", iso8601(t.started)},
                             {"first_acted", iso8601(t.first_acted)},
                             {"really_ended", iso8601(t.really_ended)},
                             {"noticed", iso8601(t.noticed)},
                             {"proven", t.proven}});
  j["notes"] = e.notes;
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string timeline_text(const Evidence& e) {
  std::string out =
      fmt::format("run {}: {} from {} to {}, {}\n", e.run, e.mode, e.primary, e.recovery, e.status);
  Instant zero = e.timeline.empty() ? Instant{} : e.timeline.front().started;
  for (auto& t : e.timeline) zero = std::min(zero, t.started);
  Instant last = zero;
  for (auto& t : e.timeline) last = std::max(last, t.noticed);
  for (auto& t : e.timeline)
    out += fmt::format("  {:<13} {:8.3f} s .. {:8.3f} s  {:8.3f} s  |{}|\n", t.step, seconds(zero, t.started),
                       seconds(zero, t.noticed), seconds(t.started, t.noticed), timeline_bar(t, zero, last));
  out += fmt::format("run {:.3f} s, of which {:.3f} s could not be avoided; fence {}\n", e.run_seconds,
                     e.critical_path_seconds, e.fence);
  if (e.rto_seconds) out += fmt::format("outage as seen from outside: {:.3f} s\n", *e.rto_seconds);
  out += "of which, side by side where they could be:";
  for (auto* name : kSegments)
    out += fmt::format(" {} {:.3f}", name, e.rto_segments.contains(name) ? e.rto_segments.at(name) : 0);
  out += "\n";
  out += fmt::format("writes: {} acknowledged, {} present, {} lost, {} unaccounted, {} after the failover\n",
                     e.writes.acknowledged, e.writes.present, e.writes.lost, e.writes.unaccounted,
                     e.writes.after_failover);
  for (auto& id : e.writes.lost_ids) out += "  lost: " + id + "\n";
  out += fmt::format("objects: {} acknowledged, {} present, {} lost\n", e.objects.acknowledged,
                     e.objects.present, e.objects.lost);
  for (auto& key : e.objects.lost_keys) out += "  lost: " + key + "\n";
  out += calls_text(e);
  for (auto& n : e.notes) out += "note: " + n + "\n";
  return out;
}

}  // namespace relight::dr
