#include <fmt/format.h>

#include <atomic>
#include <csignal>

#include "app/workshop.h"
#include "dr/engine/crew.h"
#include "dr/model/duration.h"
#include "dr/steps/replica.h"

namespace relight::app {
namespace {

std::atomic<bool> g_heart_stops{false};
void on_signal(int) { g_heart_stops = true; }

void nap(dr::ThreadCrew& crew, Millis d) {
  for (; d.count() > 0 && !g_heart_stops; d -= Millis(100)) crew.wait(std::min(d, Millis(100)));
}

Result<int> heartbeat(const Global& g, bool create, const std::string& every) {
  TRY_ASSIGN(auto pause, dr::parse_duration(every));
  if (pause < Millis(100)) return fail("Usage.Every", "--every: at least 100ms was expected");
  TRY_ASSIGN(auto w, Workshop::open(g));
  TRY(dr::enough_to_fail_over(w->config));
  TRY_ASSIGN(auto topology, w->topology(true));
  auto site = w->site(std::move(topology), {});
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  dr::ThreadCrew crew(1);
  std::optional<sql::Connection> db;
  bool beating = false;
  while (!g_heart_stops) {
    Result<> r;
    if (!db) {
      auto c = site.connect(site.topology.primary.database_host, Millis(2000));
      if (c)
        db.emplace(std::move(*c));
      else
        r = std::unexpected(c.error());
    }
    if (db && create) r = dr::make_heartbeat_table(*db);
    if (db && r) create = false, r = dr::beat(*db);
    if (!r && sql::errno_of(r.error()) == 1146)
      return fail(Error{.code = "Usage.NoTable",
                        .message = "there is no heartbeat table",
                        .next = "relight heartbeat --create"});
    if (bool(r) != beating) fmt::print("{}\n", r ? "beating" : "no beat: " + r.error().text());
    std::fflush(stdout);
    beating = bool(r);
    if (!r) db.reset();
    nap(crew, pause);
  }
  return int(kDone);
}

}  // namespace

int heartbeat_verb(const Global& g, bool create, const std::string& every) {
  auto r = heartbeat(g, create, every);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
