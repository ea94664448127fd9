// A fence that turned out to be for nothing is taken back: the database that served takes writes again.
#include "dr/failback/database.h"
#include "dr/failback/failback.h"
#include "dr/steps/replica.h"

namespace relight::dr {
namespace {

class Reopen final : public Step {
 public:
  explicit Reopen(Site& there) : s_(there) {}

  Outcome advance(Context& c) override {
    if (!asked_) {
      auto done = ask(c);
      if (!done && may_pass(done.error()) && c.elapsed() < kPatience)
        return Waiting{"RDS to answer: " + done.error().code};
      if (!done) return Failed{done.error(), {"relight resume"}};
      asked_ = true;
    }
    auto db = s_.connect(s_.topology.recovery.database_host, Millis(2000));
    auto closed = db ? read_only(*db) : Result<bool>(std::unexpected(db.error()));
    if (closed && !*closed) return Done{{{"read_only", "0"}}};
    if (c.elapsed() < kPatience)
      return Waiting{closed ? "the database to accept writes (read_only is still on)"
                            : "the database to answer: " + closed.error().code};
    return Failed{closed ? Error{.code = "Failback.StillClosed",
                                 .message = "read_only is still on",
                                 .tried = "open the database again",
                                 .resource = s_.topology.recovery.database,
                                 .region = s_.config.recovery.region,
                                 .next = "look at its parameter group, then relight resume"}
                         : closed.error(),
                  {"relight resume"}};
  }

 private:
  static constexpr Millis kPatience{600000};

  Result<> ask(Context& c) {
    auto& id = s_.topology.recovery.database;
    TRY_ASSIGN(auto db, find_database(s_, id, s_.in_recovery()));
    if (!db)
      return fail(Error{.code = "DBInstanceNotFound", .message = "the database is gone", .resource = id});
    return leave_open(c, s_, *db);
  }

  Site& s_;
  bool asked_ = false;
};

}  // namespace

std::unique_ptr<Step> make_reopen(Site& there) { return std::make_unique<Reopen>(there); }

}  // namespace relight::dr
