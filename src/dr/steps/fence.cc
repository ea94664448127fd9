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
  explicit Fence(Site& s) : s_(s) {
    for (auto* make : {&make_close_database, &make_stop_tasks}) all_.emplace_back().measure = (*make)(s);
    all_.emplace_back().measure = make_close_bucket(s, patience());
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
    if (settled || c.elapsed() >= deadline() || (deaf && (down || rounds_ >= 2))) return conclude(c, proven);
    return Waiting{proven ? "the old primary's last writers to stop" : "an answer of the old primary", -1,
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
    bool seen_up = get(c.facts("detect"), "verdict") == "up" || any([](auto& t) { return t.heard(); });
    if (proven || !seen_up || s_.consent.unproven_fence) return Done{facts(proven)};
    Error e;
    e.code = "Failover.FenceUnproven";
    e.tried = "fence the old primary";
    e.resource = s_.topology.primary.database;
    e.region = s_.config.primary.region;
    e.message = "it still answers, and could not be stopped from writing: two writers would result (";
    for (auto& [name, word] : facts(false))
      if (name != "confidence" && name != "fenced") e.message += name + ": " + word + "; ";
    e.message.replace(e.message.size() - 2, 2, ")");
    e.next =
        "stop it another way, or give it longer (deadlines.fence; a load balancer drains its targets before "
        "ECS stops "
        "them), or say --accept-unproven-fence";
    return Failed{std::move(e), {"--accept-unproven-fence"}, true};
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
  int rounds_ = 0;
  std::vector<Taken> all_;
};

}  // namespace

std::unique_ptr<Step> make_fence(Site& site) { return std::make_unique<Fence>(site); }

}  // namespace relight::dr
