#include "dr/capture/status.h"

#include <fmt/format.h>

#include "app/run_verbs.h"

namespace relight::app {
namespace {

Result<int> status(const Global& g) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  TRY_ASSIGN(auto topology, w->topology(true));
  auto runbook = dr::plan_failover(w->config, topology, history_of(*w->store, "failover"));
  auto site = w->site(std::move(topology), {});
  auto s = dr::read_status(site, runbook);
  fmt::print("{}\n", g.json ? dr::to_json(s) : dr::text(s, w->config));
  return int(kDone);
}

}  // namespace

int status_verb(const Global& g) {
  auto r = status(g);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
