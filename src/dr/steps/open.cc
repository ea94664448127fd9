// The promoted database is open: it accepts writes, and the epoch row says who may make them. The application
// follows that row.
#include "dr/steps/failover.h"
#include "dr/steps/replica.h"

namespace relight::dr {
namespace {

class Open final : public Step {
 public:
  explicit Open(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    // The conversation with the database is this step's work, from its first word.
    if (first_acted_.empty()) first_acted_ = iso8601(s_.clock.now());
    if (get(c.facts("evidence"), "sql") == "unreachable")
      return Done{{{"certainty_lost", "read_only and the epoch row: SQL cannot reach the database"}}};
    auto db = s_.connect(s_.topology.recovery.database_host, Millis(2000));
    if (!db) return late(c, "the promoted database to accept a connection", db.error());
    auto closed = read_only(*db);
    if (!closed) return late(c, "the promoted database to answer", closed.error());
    if (*closed) return Waiting{"the promoted database to accept writes (read_only is still on)"};
    // Before the epoch row, which is the first transaction of the new history.
    auto end = db->query("SELECT @@gtid_slave_pos");
    auto written = act(c, "sql:write relight_epoch", s_.topology.recovery.database_host, [&] {
      return write_epoch(*db, {c.epoch(), s_.config.recovery.region, c.run()});
    });
    if (!written && (written.error().code == "Epoch.Stale" || !written.error().retryable))
      return Failed{written.error(), {"relight resume"}};
    if (!written) return Waiting{"the epoch row to be written"};
    Facts f{{"epoch", std::to_string(c.epoch())}, {"read_only", "0"}, {"first_acted", first_acted_}};
    if (end) f["position"] = end->value().value_or("");
    return Done{f};
  }

 private:
  Outcome late(Context& c, const std::string& what, const Error& e) {
    if (c.elapsed() < Millis(1800000)) return Waiting{what};
    return Failed{e, {"relight resume"}};
  }

  Site& s_;
  std::string first_acted_;
};

}  // namespace

std::unique_ptr<Step> make_open(Site& site) { return std::make_unique<Open>(site); }

}  // namespace relight::dr
