#include "aws/gen/rds.h"
#include "dr/steps/fence_measures.h"
#include "dr/steps/replica.h"

namespace relight::dr {
namespace {

class CloseDatabase final : public Measure {
 public:
  explicit CloseDatabase(Site& s) : s_(s) {}
  std::string name() const override { return "database"; }
  bool proves() const override { return epoch_ || closed_; }

  Result<bool> advance(Context& c, const aws::CallOptions& where) override {
    TRY_ASSIGN(auto db, s_.connect(s_.topology.primary.database_host, Site::kProbe));
    TRY_ASSIGN(closed_, read_only(db));
    if (!epoch_ && !closed_) TRY(write(c, db));
    if (!ended_) TRY(end_sessions(c, db));
    if (!closed_ && !asked_ && !open_why_) TRY(ask_read_only(c, where));
    TRY_ASSIGN(closed_, read_only(db));
    // Last, when nothing can be written after it.
    TRY_ASSIGN(auto at, db.query("SELECT @@gtid_binlog_pos"));
    position_ = at.value().value_or("");
    return closed_ || open_why_;
  }

  Facts facts() const override {
    Facts f;
    if (!position_.empty()) f["primary_position"] = position_;
    f["read_only"] = closed_ ? "1" : open_why_ ? *open_why_ : asked_ ? "asked" : "";
    return f;
  }

 private:
  Result<> write(Context& c, sql::Connection& db) {
    auto& host = s_.topology.primary.database_host;
    TRY(act(c, "sql:write relight_epoch", host, [&] {
      return write_epoch(db, {c.epoch(), s_.config.recovery.region, c.run()});
    }));
    epoch_ = true;
    return {};
  }

  // A user may end its own threads without any privilege ("KILL" in the MariaDB documentation).
  Result<> end_sessions(Context& c, sql::Connection& db) {
    TRY_ASSIGN(auto open, db.query("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = "
                                   "SUBSTRING_INDEX(CURRENT_USER(), '@', 1) AND ID <> CONNECTION_ID()"));
    if (!open.rows.empty())
      TRY(act(c, "sql:KILL sessions", s_.topology.primary.database_host, [&]() -> Result<> {
        for (auto& row : open.rows) {
          auto r = db.exec("KILL " + row.front().value_or("0"));
          if (!r && sql::errno_of(r.error()) != kNoSuchThread) return fail(r.error());
        }
        return {};
      }));
    ended_ = true;
    return {};
  }

  // Best effort: the epoch row alone holds for an application that follows it.
  Result<> ask_read_only(Context& c, const aws::CallOptions& where) {
    aws::rds::Client rds(s_.aws);
    auto& id = s_.topology.primary.database;
    auto seen = rds.DescribeDBInstances({.DBInstanceIdentifier = id}, where);
    if (!seen || !seen->DBInstances || seen->DBInstances->empty()) return not_closed(seen);
    auto groups = seen->DBInstances->front().DBParameterGroups.value_or(
        std::vector<aws::rds::DBParameterGroupStatus>{});
    auto group = groups.empty() ? "" : groups.front().DBParameterGroupName.value_or("");
    if (group.empty() || group.starts_with("default.")) {
      open_why_ = "a default parameter group cannot be changed";
      return {};
    }
    aws::rds::Parameter p;
    p.ParameterName = "read_only";
    p.ParameterValue = "1";
    p.ApplyMethod = "immediate";
    auto sent = act(c, "rds:ModifyDBParameterGroup", group, [&] {
      return rds.ModifyDBParameterGroup({.DBParameterGroupName = group, .Parameters = {{p}}}, where);
    });
    if (!sent) return not_closed(sent);
    asked_ = true;
    return {};
  }

  template <class R>
  Result<> not_closed(const R& r) {
    if (!r && (r.error().code.starts_with("Lease.") || r.error().code.starts_with("Journal.")))
      return fail(r.error());
    open_why_ = r ? "the instance is not known" : r.error().code;
    return {};
  }

  static constexpr int kNoSuchThread = 1094;
  Site& s_;
  bool epoch_ = false, closed_ = false, ended_ = false, asked_ = false;
  std::optional<std::string> open_why_;
  std::string position_;
};

}  // namespace

std::unique_ptr<Measure> make_close_database(Site& site) { return std::make_unique<CloseDatabase>(site); }

}  // namespace relight::dr
