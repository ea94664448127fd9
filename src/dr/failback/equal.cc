// Nobody of the application writes any more in the region that served: the replica has to have all that was
// written until the fence. It may be further: RDS's own writes go on in spite of read_only.
#include <fmt/format.h>

#include "dr/failback/failback.h"
#include "dr/model/duration.h"
#include "dr/steps/replica.h"
#include "sql/mariadb_gtid.h"

namespace relight::dr {
namespace {

class Equal final : public Step {
 public:
  explicit Equal(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    auto end = get(c.facts("fence"), "primary_position");
    auto db = s_.connect(s_.topology.recovery.database_host, Millis(2000));
    if (!db) return late(c, "the replica to accept a connection: " + db.error().code);
    auto at = applied_position(*db);
    if (!at) return late(c, "the replica to answer: " + at.error().code);
    auto wanted = sql::MariaDbPosition::parse(end), applied = sql::MariaDbPosition::parse(*at);
    if (!wanted || !applied) return late(c, "positions that can be compared ('" + end + "', '" + *at + "')");
    if (!applied->contains(*wanted))
      return late(c, fmt::format("{} transactions to arrive", sql::count(wanted->minus(*applied))));
    return Done{{{"position", end}, {"applied", *at}}};
  }

 private:
  Outcome late(Context& c, const std::string& what) const {
    if (c.elapsed() < s_.config.drain_deadline) return Waiting{what};
    Error e{.code = "Failback.NotEqual",
            .message = fmt::format("after {} still waiting for {}", duration_text(c.elapsed()), what),
            .tried = "hold the two databases against each other",
            .resource = s_.topology.recovery.database,
            .region = s_.config.recovery.region,
            .next = "nothing was promoted; mend the replication, then relight resume"};
    return Failed{std::move(e), {"relight resume"}};
  }

  Site& s_;
};

}  // namespace

std::unique_ptr<Step> make_equal(Site& back) { return std::make_unique<Equal>(back); }

}  // namespace relight::dr
