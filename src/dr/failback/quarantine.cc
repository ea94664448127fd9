// First of all: what returns with its region must not do what it was doing when it went. Its tasks, functions
// and triggers are stopped by the measures of the fence, and unlike there each has to be seen; so is its
// bucket's replication, which would send whatever is brought back to where it came from, as something newer.
#include <algorithm>
#include <thread>
#include <vector>

#include "dr/failback/failback.h"
#include "dr/steps/fence_measures.h"

namespace relight::dr {
namespace {

class Quarantine final : public Step {
 public:
  explicit Quarantine(Site& there) : s_(there) {
    all_.push_back({make_stop_tasks(there), false, false});
    all_.push_back({make_stop_writers(there), false, false});
    if (!there.topology.primary.bucket.empty())
      all_.push_back({make_close_bucket(there, Millis(0)), false, false});
  }

  Outcome advance(Context& c) override {
    aws::CallOptions where{s_.config.primary.region, Millis(10000)};
    {
      std::vector<std::jthread> side_by_side;
      for (auto& one : all_)
        if (!one.done)
          side_by_side.emplace_back([&one, &c, &where] { one.last = one.measure->advance(c, where); });
    }
    bool done = true;
    for (auto& one : all_) {
      if (!one.last && !may_pass(one.last.error())) return refused(one.last.error());
      one.done |= one.last.value_or(false);
      done &= one.done;
    }
    if (done) return Done{facts()};
    if (c.elapsed() < patience())
      return Waiting{"what returned with " + s_.config.primary.region + " to stop"};
    for (auto& one : all_)
      if (!one.last) return refused(one.last.error());
    return refused({.code = "Failback.NotQuiet",
                    .message = "it still runs after " + std::to_string(c.elapsed().count() / 1000) + " s"});
  }

 private:
  struct One {
    std::unique_ptr<Measure> measure;
    bool done;
    Result<bool> last;
  };

  Millis patience() const {
    Millis out(300000);
    for (auto& one : all_) out = std::max(out, one.measure->takes());
    return out;
  }
  Facts facts() const {
    Facts f;
    for (auto& one : all_)
      for (auto& [name, value] : one.measure->facts())
        if (!value.empty()) f[name] = value;
    return f;
  }
  Outcome refused(Error e) const {
    if (e.tried.empty()) e.tried = "keep the old primary from writing as it returns";
    if (e.resource.empty()) e.resource = s_.topology.primary.service;
    if (e.region.empty()) e.region = s_.config.primary.region;
    if (e.next.empty()) e.next = "stop it by hand, or wait until its region answers, then relight resume";
    return Failed{std::move(e), {"relight resume"}};
  }

  Site& s_;
  std::vector<One> all_;
};

}  // namespace

std::unique_ptr<Step> make_quarantine(Site& there) { return std::make_unique<Quarantine>(there); }

}  // namespace relight::dr
