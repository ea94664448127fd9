// Stop the old primary from writing, as far as it can be reached before the deadline, and record how sure we
// are. proven: the epoch row is committed in the old primary's database (the application share-locks it in
// every write, so nothing of the old epoch can commit after it), or no task of it runs any more. unproven:
// neither could be seen.
#include <fmt/format.h>

#include "aws/gen/ecs.h"
#include "dr/steps/failover.h"
#include "dr/steps/replica.h"

namespace relight::dr {
namespace {

class Fence final : public Step {
 public:
  explicit Fence(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    ++rounds_;
    // Three observers have found it silent: one more attempt, with less patience, is what is left to try.
    down_ = get(c.facts("detect"), "verdict") == "down";
    Result<> by_sql = fail("Fence.Skipped", "already done"), by_ecs = by_sql;
    side_by_side({[&] {
                    if (!sql_done_) by_sql = close_database(c);
                  },
                  [&] {
                    if (!tasks_gone_) by_ecs = stop_tasks(c);
                  }});
    for (auto* r : {&by_sql, &by_ecs})
      if (!*r && is_ours(r->error())) return Failed{r->error(), {"relight resume"}};
    bool proven = sql_done_ || tasks_gone_;
    if (proven && (tasks_gone_ || !reachable(by_ecs))) return finish("proven", by_sql, by_ecs);
    bool deaf = !reachable(by_sql) && !reachable(by_ecs);
    if (c.elapsed() >= s_.config.fence_deadline || (deaf && (down_ || rounds_ >= 2)) || (proven && scaled_))
      return conclude(c, proven, by_sql, by_ecs);
    return Waiting{proven ? "the old primary's tasks to stop" : "an answer of the old primary", -1,
                   Millis(deaf ? 20 : 0)};
  }

 private:
  static bool is_ours(const Error& e) {
    return e.code.starts_with("Lease.") || e.code.starts_with("Journal.");
  }
  // It answered in some way, so that asking again may get further.
  static bool reachable(const Result<>& r) {
    return r || (r.error().http_status > 0 && r.error().http_status < 500);
  }

  aws::CallOptions in_primary() const {
    return {s_.config.primary.region, down_ ? Millis(600) : Site::kProbe};
  }

  Result<> close_database(Context& c) {
    TRY_ASSIGN(auto db, s_.connect(s_.topology.primary.database_host, Site::kProbe));
    TRY(act(c, "sql:write relight_epoch", s_.topology.primary.database_host, [&] {
      return write_epoch(db, {c.epoch(), s_.config.recovery.region, c.run()});
    }));
    TRY_ASSIGN(auto at, db.query("SELECT @@gtid_binlog_pos"));
    last_ = at.value().value_or("");
    sql_done_ = true;
    return {};
  }

  Result<> stop_tasks(Context& c) {
    auto& p = s_.topology.primary;
    if (p.cluster.empty()) return fail("Fence.Unknown", "the old primary's service is not known");
    aws::ecs::Client ecs(s_.aws);
    TRY_ASSIGN(auto seen,
               ecs.DescribeServices({.cluster = p.cluster, .services = {{p.service}}}, in_primary()));
    if (!seen.services || seen.services->empty())
      return fail("Fence.Unknown", "the old primary's service does not exist");
    auto& service = seen.services->front();
    if (service.desiredCount.value_or(0) > 0)
      TRY(act(c, "ecs:UpdateService", p.cluster + "/" + p.service, [&] {
        return ecs.UpdateService({.cluster = p.cluster, .service = p.service, .desiredCount = 0},
                                 in_primary());
      }));
    scaled_ = true;
    tasks_gone_ = service.desiredCount.value_or(0) == 0 && service.runningCount.value_or(0) == 0;
    return {};
  }

  Outcome conclude(Context& c, bool proven, const Result<>& by_sql, const Result<>& by_ecs) {
    bool seen_up = get(c.facts("detect"), "verdict") == "up";
    if (proven || !seen_up || s_.consent.unproven_fence)
      return finish(proven ? "proven" : "unproven", by_sql, by_ecs);
    Error e;
    e.code = "Failover.FenceUnproven";
    e.tried = "fence the old primary";
    e.region = s_.config.primary.region;
    e.message = "it still serves, and could not be stopped from writing: two writers would result";
    e.next = "stop it another way, or say --accept-unproven-fence";
    return Failed{std::move(e), {"--accept-unproven-fence"}, true};
  }

  Outcome finish(const std::string& confidence, const Result<>& by_sql, const Result<>& by_ecs) {
    auto word = [](bool done, const Result<>& r) { return done ? "done" : r ? "asked" : r.error().code; };
    Facts f{{"confidence", confidence},
            {"database", word(sql_done_, by_sql)},
            {"tasks", word(tasks_gone_, by_ecs)}};
    if (!last_.empty()) f["primary_position"] = last_;
    return Done{f};
  }

  Site& s_;
  int rounds_ = 0;
  bool down_ = false;
  bool sql_done_ = false, tasks_gone_ = false, scaled_ = false;
  std::string last_;
};

}  // namespace

std::unique_ptr<Step> make_fence(Site& site) { return std::make_unique<Fence>(site); }

}  // namespace relight::dr
