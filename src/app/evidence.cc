#include "dr/data/evidence.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/s3_objects.h"
#include "app/workshop.h"
#include "base/disk.h"
#include "dr/model/turned.h"

namespace relight::app {
namespace {

// Tokens of all entries, through the recovery region's load balancer: GET /entries?since=ID.
Result<std::set<std::string>> tokens(dr::Site& site) {
  std::set<std::string> out;
  int64_t since = 0;
  for (int page = 0; page < 100'000; ++page) {
    TRY_ASSIGN(auto r, site.look(site.topology.recovery.load_balancer, site.config.dns.domain,
                                 fmt::format("/entries?since={}&limit=1000", since), Millis(10000)));
    if (r.status != 200)
      return fail("Evidence.NoEntries", fmt::format("the application answered {}", r.status));
    TRY_ASSIGN(auto body, r.body.read());
    auto j = nlohmann::json::parse(body, nullptr, false);
    if (!j.is_object() || !j.contains("entries") || !j["entries"].is_array())
      return fail("Evidence.NoEntries", "no list of entries came");
    for (auto& e : j["entries"]) out.insert(e.value("token", ""));
    auto last = j.value("last", since);
    if (!j.value("more", false) || last <= since) return out;
    since = last;
  }
  return out;
}

Result<std::set<std::string>> objects(dr::Site& site) {
  auto bucket = make_s3_objects(site.aws, site.config.recovery.region, site.topology.recovery.bucket);
  TRY_ASSIGN(auto keys, bucket->list(""));
  return std::set<std::string>(keys.begin(), keys.end());
}

Result<int> evidence(const Global& g, const EvidenceOptions& o) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  auto run = o.run;
  if (run.empty()) {
    TRY_ASSIGN(auto heads, w->store->runs());
    if (heads.empty()) return fail("Failover.NoRun", "there are no runs yet");
    run = heads.back().run;
  }
  dr::EvidenceInput in;
  TRY_ASSIGN(auto events, w->store->read(run));
  TRY_ASSIGN(in.state, dr::replay(events));
  in.primary = dr::get(events.front().data, "primary");
  in.recovery = dr::get(events.front().data, "recovery");
  if (!o.probe_log.empty()) {
    TRY_ASSIGN(auto text, system_disk().read(o.probe_log));
    TRY_ASSIGN(in.probes, dr::read_probe_log(text));
  }
  if (!o.event_log.empty()) {
    TRY_ASSIGN(auto text, system_disk().read(o.event_log));
    TRY_ASSIGN(in.truth, dr::read_event_log(text));
  }
  TRY_ASSIGN(auto topology, w->topology(false));
  if (in.state.runbook.kind == "failback") w->config = dr::turned(w->config), topology = dr::turned(topology);
  auto site = w->site(std::move(topology), {});
  if (auto t = tokens(site)) in.tokens_present = std::move(*t);
  if (auto k = objects(site)) in.objects_present = std::move(*k);
  auto record = dr::make_evidence_record(in);
  fmt::print("{}\n", g.json ? dr::to_json(record) : dr::timeline_text(record));
  return int(kDone);
}

}  // namespace

int evidence_verb(const Global& g, const EvidenceOptions& o) {
  auto r = evidence(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
