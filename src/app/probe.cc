#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <mutex>

#include "app/prober.h"
#include "app/workshop.h"
#include "base/disk.h"
#include "dr/engine/crew.h"
#include "dr/model/duration.h"

namespace relight::app {
namespace {

std::atomic<bool> g_probe_over{false};
void stop_probing(int) { g_probe_over = true; }

constexpr size_t kKept = 5'000'000;  // records held for the summary
constexpr int kUnderWay = 32;

class Watch {
 public:
  Watch(Prober& prober, std::string log, bool json) : prober_(prober), log_(std::move(log)), json_(json) {}

  void one(bool write, bool picture) {
    auto p = write ? prober_.write(picture) : prober_.read();
    std::lock_guard g(m_);
    // On the disk before it counts: what is acknowledged must not be forgotten by a crash of the observer.
    if (!log_.empty())
      if (auto r = system_disk().append(log_, dr::to_json(p) + "\n", true); !r && !log_error_)
        log_error_ = r.error();
    if (p.ok != up_) {
      up_ = p.ok;
      if (!json_)
        fmt::print("{} {}: {} {}{}\n", iso8601(p.ended), up_ ? "UP" : "DOWN", p.write ? "write" : "read",
                   p.status, p.error.empty() ? "" : " " + p.error);
      std::fflush(stdout);
    }
    if (records_.size() < kKept) records_.push_back(std::move(p));
    --under_way_;
  }

  bool enter() {
    std::lock_guard g(m_);
    if (under_way_ >= kUnderWay) return false;
    ++under_way_;
    return true;
  }

  int summarise() {
    std::lock_guard g(m_);
    std::stable_sort(records_.begin(), records_.end(),
                     [](auto& a, auto& b) { return a.started < b.started; });
    auto o = dr::outage_of(records_);
    size_t writes = 0, acknowledged = 0, failed = 0;
    for (auto& p : records_) writes += p.write, acknowledged += p.write && p.ok, failed += !p.ok;
    dr::Facts f{{"writes", std::to_string(writes)},
                {"acknowledged", std::to_string(acknowledged)},
                {"failed", std::to_string(failed)}};
    f["first_failure"] = o.failed ? iso8601(o.first_failure) : "none";
    f["first_sustained_success"] = o.recovered ? iso8601(o.first_sustained_write) : "none";
    if (o.recovered) f["outage_ms"] = std::to_string((o.first_sustained_write - o.first_failure).count());
    if (json_) {
      fmt::print("{}\n", dr::to_json(f));
    } else {
      for (auto& [k, v] : f) fmt::print("{}: {}\n", k, v);
    }
    return log_error_ ? report(*log_error_) : int(kDone);
  }

 private:
  Prober& prober_;
  std::string log_;
  bool json_, up_ = true;
  std::mutex m_;
  std::vector<dr::ProbeRecord> records_;
  int under_way_ = 0;
  std::optional<Error> log_error_;
};

// Writes (if it is known how) and reads alternate, each at the asked rate; a slow answer does not hold up the
// next.
void keep_watching(Watch& watch, const ProbeOptions& o, Millis duration, bool writes) {
  dr::ThreadCrew crew(kUnderWay);
  auto& clock = system_clock();
  auto begin = clock.monotonic();
  auto step = std::chrono::nanoseconds(static_cast<int64_t>(0.5e9 / o.rate));
  for (int64_t tick = 0; !g_probe_over; ++tick) {
    auto due = begin + step * tick;
    auto now = clock.monotonic();
    if (duration.count() > 0 && now - begin >= duration) return;
    if (due > now) crew.wait(std::chrono::duration_cast<Millis>(due - now));
    bool write = writes && tick % 2 == 0;
    bool picture = write && o.picture_every > 0 && (tick / 2) % o.picture_every == 0;
    if (watch.enter()) crew.start([&watch, write, picture] { watch.one(write, picture); });
  }
}

// An observer may stand where there is no relight.yaml: then it reads the address it was given.
Result<dr::Validation> how_to_ask(const Global& g) {
  if (g.config == Global{}.config && !system_disk().exists(g.config)) return dr::Validation{};
  TRY_ASSIGN(auto config, load_config(g.config));
  return config.validation;
}

Result<int> probe(const Global& g, const ProbeOptions& o) {
  TRY_ASSIGN(auto deadline, dr::parse_duration(o.deadline));
  Millis duration{0};
  if (!o.duration.empty()) {
    TRY_ASSIGN(duration, dr::parse_duration(o.duration));
  }
  auto resolver = dr::make_resolver(dns_servers(g, nullptr), Millis(1000));
  http::CurlSettings curl;
  curl.user_agent = "relight-probe/0.1";
  http::CurlExchange exchange(curl);
  TRY_ASSIGN(auto validation, how_to_ask(g));
  TRY_ASSIGN(auto prober, Prober::make(o.url, std::move(validation), *resolver, exchange, system_clock(),
                                       system_rng(), deadline));
  if (!prober.writes())
    fmt::print(stderr, "relight: it only reads: {} has no validation.write (docs/config.md)\n", g.config);
  std::signal(SIGINT, stop_probing);
  std::signal(SIGTERM, stop_probing);
  Watch watch(prober, o.log, g.json);
  keep_watching(watch, o, duration, prober.writes());
  return watch.summarise();
}

}  // namespace

int probe_verb(const Global& g, const ProbeOptions& o) {
  auto r = probe(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
