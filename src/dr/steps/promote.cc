// The point of no return. "Working with read replicas" of the RDS User Guide: a promotion stops replication,
// reboots the instance and makes it writable. The instance reads `available` before it changes, so that word
// alone proves nothing: done only when the source is gone, the change was seen (a state or an event), it is
// available; and, which is the next step, writable with our epoch row in it.
#include <fmt/format.h>

#include <algorithm>

#include "aws/client/retry.h"
#include "aws/gen/rds.h"
#include "dr/steps/failover.h"
#include "dr/steps/replica.h"
#include "sql/mariadb_gtid.h"

namespace relight::dr {
namespace {

constexpr const char* kCall = "rds:PromoteReadReplica";
// How long an intent of a holder that died, or a request without an answer, may still show its effect. Asking
// again is harmless: RDS refuses to promote what is being promoted or is no replica.
constexpr Millis kReobserve{1000};

bool says_promoted(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char ch) { return std::tolower(ch); });
  return text.find("promot") != std::string::npos;
}

class Promote final : public Step {
 public:
  explicit Promote(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    auto& id = s_.topology.recovery.database;
    aws::rds::Client rds(s_.aws);
    auto seen = rds.DescribeDBInstances({.DBInstanceIdentifier = id}, s_.in_recovery());
    if (!seen) return trouble(c, seen.error());
    if (!seen->DBInstances || seen->DBInstances->empty())
      return Failed{
          Error{
              .code = "DBInstanceNotFound", .message = "the replica is gone", .tried = kCall, .resource = id},
          {}};
    auto& db = seen->DBInstances->front();
    auto status = db.DBInstanceStatus.value_or("");
    changed_ |= asked_ && status != "available";
    if (!db.ReadReplicaSourceDBInstanceIdentifier.value_or("").empty()) return begin(c, rds, db, status);
    changed_ |= status != "available";
    if (status != "available") return Waiting{"the promoted database to be available (" + status + ")"};
    if (!changed_) {  // it was over before it was looked at, or another process asked for it
      auto told = event_seen(rds, id);
      if (!told) return trouble(c, told.error());
      if (!*told) return Waiting{"RDS to report the promotion"};
    }
    Facts f{{"status", status}, {"source", "none"}};
    if (left_behind_) f["left_behind_transactions"] = std::to_string(*left_behind_);
    return Done{f};
  }

 private:
  Outcome begin(Context& c, aws::rds::Client& rds, const aws::rds::DBInstance& db,
                const std::string& status) {
    auto& id = s_.topology.recovery.database;
    if (unanswered_ && status == "available" && c.elapsed() - *unanswered_ >= kReobserve)
      asked_ = false, unanswered_.reset();  // it was lost on its way
    if (asked_) return Waiting{"the promotion to begin (" + status + ")"};
    if (auto w = last_writes(c)) return *w;
    if (auto left = c.open_intent(kCall); left && left->foreign && c.elapsed() < kReobserve)
      return Waiting{"a promotion that an earlier process may have asked for"};
    if (status != "available")
      return Waiting{status == "backing-up" ? "the replica's backup to end"
                                            : "the replica to be available (" + status + ")"};
    auto sent = act(c, kCall, id, [&] {
      return rds.PromoteReadReplica({.DBInstanceIdentifier = id, .BackupRetentionPeriod = backup_days(c, db)},
                                    s_.in_recovery());
    });
    if (!sent && (sent.error().code.starts_with("InvalidDBInstanceState")))
      return Waiting{"RDS to allow the promotion"};
    if (!sent && aws::is_unknown_outcome(sent.error()))
      asked_ = true, unanswered_ = c.elapsed();  // perhaps: look, do not repeat yet
    if (!sent) return trouble(c, sent.error());
    asked_ = true;
    return Waiting{"the promotion to begin"};
  }

  // As many as the old primary kept, if it could be asked (on the way back: as the database before it kept), and not fewer than the replica keeps already: what
  // the promotion makes precious must have backups.
  static int32_t backup_days(Context& c, const aws::rds::DBInstance& replica) {
    int kept = replica.BackupRetentionPeriod.value_or(0);
    for (auto* step : {"detect", "keep"})
      kept = std::max(kept, std::atoi(get(c.facts(step), "backup_days").c_str()));
    return std::clamp(kept, 1, 35);
  }

  // A fenced primary that could be read told where it ended: with it nothing need be lost. What is known to
  // exist there and does not arrive is given up only by the operator's word.
  std::optional<Outcome> last_writes(Context& c) {
    auto end = get(c.facts("fence"), "primary_position");
    if (end.empty()) return std::nullopt;
    auto db = s_.connect(s_.topology.recovery.database_host, Millis(2000));
    if (!db) return std::nullopt;
    auto status = read_replica(*db);
    if (!status && denied(status.error())) {
      auto at = applied_position(*db);
      if (!at || at->empty()) return std::nullopt;
      status =
          ReplicaStatus{.configured = true, .io = "not to be seen", .sql = "not to be seen", .applied = *at};
    }
    if (!status || !status->configured || status->by_file) return std::nullopt;
    auto wanted = sql::MariaDbPosition::parse(end), applied = sql::MariaDbPosition::parse(status->applied);
    if (!wanted || !applied || applied->contains(*wanted)) return std::nullopt;
    // A link that is cut may come back; one that works is given as long as the drain.
    auto patience = status->io == "Yes" && status->sql == "Yes" ? s_.config.drain_deadline
                    : s_.config.fence_deadline.count() > 0      ? s_.config.fence_deadline
                                                                : Config::kFence;
    if (c.elapsed() < patience) return Waiting{"the old primary's last writes to arrive"};
    left_behind_ = sql::count(wanted->minus(*applied));
    if (s_.consent.any_loss()) return std::nullopt;
    Error e;
    e.code = "Failover.WritesLeftBehind";
    e.tried = "promote the replica";
    e.resource = s_.topology.recovery.database;
    e.region = s_.config.recovery.region;
    e.message = fmt::format(
        "{} transactions of the old primary, which answers and is fenced, have not arrived (receiving: {}{})",
        *left_behind_, status->io, status->io_error.empty() ? "" : ": " + status->io_error);
    e.next =
        "mend the replication between the regions, then 'relight failover' again; or leave them behind: "
        "--accept-loss TIME or unknown";
    return Failed{std::move(e), {"--accept-loss TIME"}, true};
  }

  Result<bool> event_seen(aws::rds::Client& rds, const std::string& id) {
    TRY_ASSIGN(auto r, rds.DescribeEvents(
                           {.SourceIdentifier = id, .SourceType = "db-instance", .Duration = 120}, s_.in_recovery()));
    auto events = r.Events.value_or(std::vector<aws::rds::Event>{});
    return std::any_of(events.begin(), events.end(),
                       [](auto& e) { return says_promoted(e.Message.value_or("")); });
  }

  static Outcome trouble(Context& c, const Error& e) {
    if (may_pass(e) && c.elapsed() < Millis(1800000)) return Waiting{"RDS to answer: " + e.code};
    return Failed{e, {"relight resume"}};
  }

  Site& s_;
  bool asked_ = false, changed_ = false;
  std::optional<Millis> unanswered_;  // when
  std::optional<uint64_t> left_behind_;
};

}  // namespace

std::unique_ptr<Step> make_promote(Site& site) { return std::make_unique<Promote>(site); }

}  // namespace relight::dr
