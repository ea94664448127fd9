#include "dr/model/drift.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/application.h"
#include "app/drift_recovery.h"
#include "app/repository.h"

namespace relight::app {
namespace {
namespace fs = std::filesystem;

Result<> of_this_primary(const dr::Inventory& captured, const dr::Config& c, const fs::path& dir) {
  if (captured.region == c.primary.region) return {};
  return fail(Error{.code = "Inventory.OtherRegion",
                    .message = fmt::format("the capture is of {}, and relight.yaml's primary is {}",
                                           captured.region, c.primary.region),
                    .tried = "compare the primary with its capture",
                    .resource = dir.string(),
                    .next = "run 'relight capture' again"});
}

std::string heading(const dr::Config& c, const dr::Drift& d, const fs::path& dir) {
  auto found = d.differences.empty() ? std::string("as captured")
                                     : fmt::format("{} differences", d.differences.size());
  auto unknown = d.unknown.empty() ? "" : fmt::format(", {} unknown", d.unknown.size());
  return fmt::format("{} in {}: {}{} ({})\n", c.application, c.primary.region, found, unknown, dir.string());
}

// Where the first name of each difference stands before the arrow and where after it.
void show_recovery(const dr::Config& c, const RecoveryDrift& r) {
  if (!r.nothing.empty())
    return fmt::print("recovery in {}: nothing to compare: {}\n", c.recovery.region, r.nothing);
  auto count = [](const dr::Drift& d, const char* same) {
    auto found =
        d.differences.empty() ? std::string(same) : fmt::format("{} differences", d.differences.size());
    return found + (d.unknown.empty() ? "" : fmt::format(", {} unknown", d.unknown.size()));
  };
  fmt::print("{} in {}: {} (the stack's template -> what stands)\n{}", c.recovery.stack, c.recovery.region,
             count(r.of_stack, "as its stack says"), dr::text(r.of_stack));
  fmt::print("{}: {} (the stack's template -> what synth would write now)\n{}", c.recovery.stack,
             count(r.of_template, "as synth would write it now"), dr::text(r.of_template));
}

void show_json(const dr::Drift& primary, const RecoveryDrift& r) {
  auto j = nlohmann::json::parse(dr::to_json(primary));
  j["recovery"] = {{"stack", nlohmann::json::parse(dr::to_json(r.of_stack))},
                   {"template", nlohmann::json::parse(dr::to_json(r.of_template))}};
  if (!r.nothing.empty()) j["recovery"]["nothing"] = r.nothing;
  fmt::print("{}\n", j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

int exit_for(std::initializer_list<const dr::Drift*> all) {
  bool unknown = false;
  for (auto* d : all) {
    if (!d->differences.empty()) return kNotReady;
    unknown |= !d->unknown.empty();
  }
  return unknown ? kNotKnown : kDone;
}

Result<int> drift(const Global& g, const DriftOptions& o) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  auto dir = fs::path(w->config.dir) / o.out / "captured";
  TRY_ASSIGN(auto captured, read_inventory(dir));
  TRY(of_this_primary(captured, w->config, dir));
  TRY_ASSIGN(auto now, look_at_primary(*w, &captured));
  auto primary = dr::drift_between(captured, now);
  TRY_ASSIGN(auto recovery, look_for_recovery_drift(*w, o.out));
  if (g.json) {
    show_json(primary, recovery);
  } else {
    fmt::print("{}{}", heading(w->config, primary, dir), dr::text(primary));
    show_recovery(w->config, recovery);
  }
  return exit_for({&primary, &recovery.of_stack, &recovery.of_template});
}

}  // namespace

int drift_verb(const Global& g, const DriftOptions& o) {
  auto r = drift(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
