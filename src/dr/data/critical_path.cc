#include "dr/data/critical_path.h"

#include <algorithm>
#include <array>
#include <optional>

namespace relight::dr {
namespace {

// Which events end which step's wait: the latest of them before the step was noticed to be done.
struct Ending {
  std::string_view step, service, word;
};
constexpr std::array<Ending, 7> kEndings{{{"promote", "rds", "promoted"},
                                          {"promote", "rds", "status available"},
                                          {"capacity", "ecs", "running"},
                                          {"capacity", "ecs", "deployment completed"},
                                          {"capacity", "ecs", "steady state"},
                                          {"capacity", "elbv2", "target healthy"},
                                          {"dns", "route53", ""}}};

bool ends(const TruthRecord& t, const std::string& step, const std::string& region) {
  return std::any_of(kEndings.begin(), kEndings.end(), [&](const Ending& e) {
    bool here = t.region == region || e.service == "route53";
    return e.step == step && t.service == e.service && here && t.what.find(e.word) != std::string::npos;
  });
}

}  // namespace

std::vector<StepTime> step_times(const State& s, const std::string& region,
                                 const std::vector<TruthRecord>& truth) {
  std::vector<StepTime> out;
  for (auto& spec : s.runbook.steps) {
    auto& step = s.steps.at(spec.id);
    if (!step.started || !step.ended || step.phase != StepPhase::kDone) continue;
    StepTime t{spec.id, *step.started, step.acted.value_or(*step.started), *step.ended, *step.ended};
    std::optional<Instant> end;
    for (auto& r : truth)
      if (r.time >= t.started && r.time <= t.noticed && ends(r, spec.id, region))
        end = std::max(end.value_or(r.time), r.time);
    if (end) t.really_ended = *end, t.proven = true;
    out.push_back(std::move(t));
  }
  return out;
}

double critical_path_seconds(const Runbook& r, const std::vector<StepTime>& times) {
  std::map<std::string, double> end;
  double longest = 0;
  for (auto& spec : r.steps) {
    double start = 0, weight = 0;
    for (auto& need : spec.needs) start = std::max(start, end[need]);
    for (auto& t : times)
      if (t.step == spec.id)
        weight = std::max(0.0, static_cast<double>((t.really_ended - t.first_acted).count()) / 1000);
    longest = std::max(longest, end[spec.id] = start + weight);
  }
  return longest;
}

}  // namespace relight::dr
