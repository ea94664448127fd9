// Let the replica apply what it has received. Bounded; with an accepted loss the rest is given up and
// counted.
#include <fmt/format.h>

#include "dr/model/duration.h"
#include "dr/steps/failover.h"
#include "dr/steps/replica.h"

namespace relight::dr {
namespace {

class Drain final : public Step {
 public:
  explicit Drain(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    if (get(c.facts("evidence"), "sql") == "unreachable")
      return Done{{{"drained", "unknown"}, {"certainty_lost", "whether everything received was applied"}}};
    if (!db_) {
      auto db = s_.connect(s_.topology.recovery.database_host, Millis(2000));
      if (!db) return over(c, "the replica to accept a connection: " + db.error().code, std::nullopt);
      db_.emplace(std::move(*db));
    }
    auto status = read_replica(*db_);
    if (!status && denied(status.error())) return unseen(c);
    if (!status) {
      db_.reset();
      return over(c, "the replica to answer", std::nullopt);
    }
    // After a crash the promotion may have happened: then there is nothing left to drain.
    if (!status->configured) return Done{{{"drained", "yes"}, {"note", "it is no replica any more"}}};
    auto left = pending(*status);
    halted_ = status->sql == "No";
    if (!drained(*status)) {
      first_ = std::max(first_, left.value_or(0));
      return over(c,
                  left ? fmt::format("{} received transactions to be applied", *left)
                       : "received writes to be applied",
                  left);
    }
    return judge(*status);
  }

 private:
  // What waits in the relay log cannot be seen, but whether anything is still applied can: when nothing has
  // been for a while, or the old primary writes on for too long, what is known is said.
  Outcome unseen(Context& c) {
    auto at = applied_position(*db_);
    if (!at) {
      db_.reset();
      return over(c, "the replica to answer", std::nullopt);
    }
    if (*at != applied_) applied_ = *at, moved_ = c.elapsed();
    if (c.elapsed() - moved_ < kStill && c.elapsed() < std::min(kUnseenMost, s_.config.drain_deadline))
      return Waiting{"the applied position to stand still (what has arrived may not be asked)", -1,
                     Millis(500)};
    return Done{{{"drained", "unknown"},
                 {"applied", applied_},
                 {"certainty_lost", "whether everything received was applied: SHOW SLAVE STATUS is denied"}}};
  }

  Outcome judge(const ReplicaStatus& status) {
    auto age = heartbeat_age(*db_);
    if (age)
      if (auto r = loss_allowed(s_, bound_by_heartbeat(*age, status)); !r)
        return Failed{r.error(), {"--accept-loss TIME"}, true};
    Facts f{{"drained", "yes"}, {"applied", status.applied}};
    f["heartbeat_age_ms"] = age && *age ? std::to_string((*age)->count()) : "unknown";
    return Done{f};
  }

  Outcome over(Context& c, const std::string& what, std::optional<uint64_t> left) {
    double progress = left && first_ ? 1 - static_cast<double>(*left) / static_cast<double>(first_) : -1;
    // A thread that is stopped applies nothing however long it is waited for.
    if (c.elapsed() < (halted_ ? kHalted : s_.config.drain_deadline)) return Waiting{what, progress};
    auto count = left ? std::to_string(*left) : "unknown";
    if (s_.consent.any_loss()) return Done{{{"drained", "no"}, {"given_up_transactions", count}}};
    Error e;
    e.code = "Failover.NotDrained";
    e.tried = "drain the relay log";
    e.resource = s_.topology.recovery.database;
    e.message = fmt::format("after {} still waiting for {}", duration_text(c.elapsed()), what);
    e.next = "look at the replica's SQL thread, then 'relight resume', or accept the loss";
    return Failed{std::move(e), {"relight resume", "--accept-loss TIME"}};
  }

  Site& s_;
  std::optional<sql::Connection> db_;
  static constexpr Millis kHalted{500}, kStill{5000}, kUnseenMost{60000};
  std::string applied_ = "?";
  Millis moved_{0};
  bool halted_ = false;
  uint64_t first_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_drain(Site& site) { return std::make_unique<Drain>(site); }

}  // namespace relight::dr
