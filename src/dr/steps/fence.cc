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

class Fence final : public Step {
 public:
  Fence(Site& s, bool strict) : s_(s), strict_(strict) {
    for (auto* make : {&make_close_database, &make_stop_tasks}) all_.emplace_back().measure = (*make)(s);
    // On the way back no rule of S3 brings anything that could be waited for.
    all_.emplace_back().measure = make_close_bucket(s, strict ? Millis(0) : patience());
    if (s.topology.dormant && !s.topology.dormant->empty())
      all_.emplace_back().measure = make_stop_writers(s);
    // Tasks that are gone prove nothing where functions write too.
    if (!s.topology.asleep(Dormant::Kind::kFunction).empty()) all_[1].counts = false;
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
  Millis patience() const {
    return s_.config.fence_deadline.count() > 0 ? s_.config.fence_deadline : Config::kFence;
  }
  // What the configuration says; else as long as what was asked needs.
  Millis deadline() const {
    auto longest = patience();
    if (s_.config.fence_deadline.count() == 0)
      for (auto& t : all_) longest = std::max(longest, t.measure->takes());
    return longest;
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
    Error e{.code = "Failback.FenceUnproven",
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

  Site& s_;
  bool strict_;
  int rounds_ = 0;
  std::vector<Taken> all_;
};

}  // namespace

std::unique_ptr<Step> make_fence(Site& site) { return std::make_unique<Fence>(site, false); }
std::unique_ptr<Step> make_strict_fence(Site& site) { return std::make_unique<Fence>(site, true); }

}  // namespace relight::dr
