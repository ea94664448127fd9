// Stop the old primary from writing, as far as it can be reached before the deadline, and record how sure we
// are. proven: the epoch row is committed in the old primary's database (the application share-locks it in
// every write, so nothing of the old epoch can commit after it), or that database is read-only, or no task of
// it runs any more, and no functions do its work. unproven: none of these could be seen.
#include <algorithm>
#include <thread>
#include <vector>

#include "dr/steps/failover.h"
#include "dr/steps/fence_measures.h"

namespace relight::dr {
namespace {

using Measures = std::vector<std::unique_ptr<Measure>>;

struct Taken {
  std::unique_ptr<Measure> measure;
  bool done = false, counts = true;  // counts: what it proves proves the fence
  Result<bool> last = fail("Fence.NotTried", "not tried");

  // It answered in some way, so that asking again may get further.
  bool heard() const { return last || (last.error().http_status > 0 && last.error().http_status < 500); }
  bool settled(bool proven) const {
    return done || (proven && measure->may_lag()) || (!last && !last.error().retryable);
  }
};

Millis patience(const Site& s) {
  return s.config.fence_deadline.count() > 0 ? s.config.fence_deadline : Config::kFence;
}

class Fence final : public Step {
 public:
  Fence(Site& s, bool strict, Measures measures) : s_(s), strict_(strict) {
    bool functions = !s.topology.asleep(Dormant::Kind::kFunction).empty();
    for (auto& m : measures) {
      auto& t = all_.emplace_back();
      t.measure = std::move(m);
      // Tasks that are gone prove nothing where functions write too.
      t.counts = !functions || t.measure->name() != "tasks";
    }
  }

  Outcome advance(Context& c) override {
    ++rounds_;
    // Three observers have found it silent: one more attempt, with less patience, is what is left to try.
    bool down = get(c.facts("detect"), "verdict") == "down";
    aws::CallOptions where{s_.config.primary.region, down ? Millis(600) : Site::kProbe};
    {
      std::vector<std::jthread> side_by_side;
      for (auto& t : all_)
        if (!t.done) side_by_side.emplace_back([&t, &c, &where] { t.last = t.measure->advance(c, where); });
    }
    for (auto& t : all_) {
      if (!t.last && is_ours(t.last.error())) return Failed{t.last.error(), {"relight resume"}};
      t.done |= t.last.value_or(false);
    }
    bool proven = any([](auto& t) { return t.counts && t.measure->proves(); });
    bool deaf = !any([](auto& t) { return t.heard(); });
    bool settled = !any([&](auto& t) { return !t.settled(proven); });
    bool given_up = deaf && !strict_ && (down || rounds_ >= 2);
    if (settled || c.elapsed() >= deadline() || given_up) return conclude(c, proven);
    auto whose = strict_ ? s_.config.primary.region : std::string("the old primary");
    return Waiting{proven ? whose + "'s last writers to stop" : "an answer of " + whose, -1,
                   Millis(deaf ? 20 : 0)};
  }

 private:
  static bool is_ours(const Error& e) {
    return e.code.starts_with("Lease.") || e.code.starts_with("Journal.") || e.code == "Epoch.Stale";
  }
  // What the configuration says; else as long as what was asked needs. On the way back all that answers is
  // waited for: what serves is closed by then, and giving up would not open it.
  Millis deadline() const {
    auto longest = patience(s_);
    if (s_.config.fence_deadline.count() > 0) return longest;
    for (auto& t : all_) longest = std::max(longest, t.measure->takes());
    bool silent = any([](auto& t) { return !t.done && !t.last; });
    return strict_ && !silent ? std::max(longest, kAsked) : longest;
  }
  template <class F>
  bool any(F f) const {
    return std::any_of(all_.begin(), all_.end(), f);
  }

  Outcome conclude(Context& c, bool proven) {
    if (strict_) return conclude_strictly(proven);
    bool seen_up = get(c.facts("detect"), "verdict") == "up" || any([](auto& t) { return t.heard(); });
    if (proven || !seen_up || s_.consent.unproven_fence) return Done{facts(proven)};
    Error e;
    e.code = "Failover.FenceUnproven";
    e.tried = "fence the old primary";
    e.resource = s_.topology.primary.database;
    e.region = s_.config.primary.region;
    e.message = "it still answers, and could not be stopped from writing: two writers would result (" +
                words(facts(false)) + ")";
    e.next =
        "stop it another way, or give it longer (deadlines.fence; a load balancer drains its targets before "
        "ECS stops "
        "them), or say --accept-unproven-fence";
    return Failed{std::move(e), {"--accept-unproven-fence"}, true};
  }

  // Everything, with the database's last position: what is planned has no reason to guess.
  Outcome conclude_strictly(bool proven) {
    auto f = facts(proven);
    bool all = !any([&](auto& t) { return !t.done && !(proven && t.measure->may_lag()); });
    if (all && proven && !get(f, "primary_position").empty()) return Done{f};
    Error e{
        .code = "Failback.FenceUnproven",
        .message = "what serves now could not be stopped from writing (" + words(f) + ")",
        .tried = "fence the region that serves",
        .resource = s_.topology.primary.database,
        .region = s_.config.primary.region,
        .next = "its application is read-only or stopped until this goes on: mend that, then relight resume"};
    return Failed{std::move(e), {"relight resume"}};
  }

  static std::string words(const Facts& f) {
    std::string out;
    for (auto& [name, word] : f)
      if (name != "confidence" && name != "fenced") out += (out.empty() ? "" : "; ") + name + ": " + word;
    return out;
  }

  // By name what is seen to be stopped.
  std::string stopped() const {
    std::string out;
    for (auto& t : all_)
      if (t.done || t.measure->proves()) out += (out.empty() ? "" : ", ") + t.measure->name();
    return out.empty() ? "nothing" : out;
  }

  Facts facts(bool proven) const {
    Facts f{{"confidence", proven ? "proven" : "unproven"}, {"fenced", stopped()}};
    for (auto& t : all_) {
      f[t.measure->name()] = t.done ? "done" : t.last ? "asked" : t.last.error().code;
      for (auto& [name, value] : t.measure->facts())
        if (!value.empty()) f[name] = value;
    }
    return f;
  }

  // RDS changes a dynamic parameter "immediately" (ModifyDBParameterGroup), which it does not put in figures.
  static constexpr Millis kAsked{600'000};
  Site& s_;
  bool strict_;
  int rounds_ = 0;
  std::vector<Taken> all_;
};

Measures all_measures(Site& s, Millis objects) {
  Measures out;
  out.push_back(make_close_database(s));
  out.push_back(make_stop_tasks(s));
  out.push_back(make_close_bucket(s, objects));
  if (s.topology.dormant && !s.topology.dormant->empty()) out.push_back(make_stop_writers(s));
  return out;
}

}  // namespace

std::unique_ptr<Step> make_fence(Site& site) {
  return std::make_unique<Fence>(site, false, all_measures(site, patience(site)));
}
std::unique_ptr<Step> make_strict_fence(Site& site) {
  // On the way back no rule of S3 brings anything that could be waited for.
  return make_strict_fence_of(site, all_measures(site, Millis(0)));
}
std::unique_ptr<Step> make_strict_fence_of(Site& site, Measures measures) {
  return std::make_unique<Fence>(site, true, std::move(measures));
}

}  // namespace relight::dr
