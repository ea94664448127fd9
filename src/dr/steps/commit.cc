// The end: arm the anti-flap window, so that no second failover follows at once. The lease is released
// afterwards.
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

class Commit final : public Step {
 public:
  explicit Commit(Site& s) : s_(s) {}
  Outcome advance(Context&) override {
    auto until = iso8601(s_.clock.now() + s_.config.antiflap);
    auto kept = s_.store.keep("antiflap", until);
    if (!kept) return Failed{kept.error(), {"relight resume"}};
    return Done{{{"antiflap_until", until}, {"automatic_return", "off"}}};
  }

 private:
  Site& s_;
};

}  // namespace

std::unique_ptr<Step> make_commit(Site& site) { return std::make_unique<Commit>(site); }

}  // namespace relight::dr
