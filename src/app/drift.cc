#include "dr/model/drift.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/application.h"
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

Result<int> drift(const Global& g, const DriftOptions& o) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  auto dir = fs::path(w->config.dir) / o.out / "captured";
  TRY_ASSIGN(auto captured, read_inventory(dir));
  TRY(of_this_primary(captured, w->config, dir));
  TRY_ASSIGN(auto now, look_at_primary(*w, &captured));
  auto d = dr::drift_between(captured, now);
  if (g.json)
    fmt::print("{}\n", dr::to_json(d));
  else
    fmt::print("{}{}", heading(w->config, d, dir), dr::text(d));
  if (!d.differences.empty()) return int(kNotReady);
  return int(d.unknown.empty() ? kDone : kNotKnown);
}

}  // namespace

int drift_verb(const Global& g, const DriftOptions& o) {
  auto r = drift(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
