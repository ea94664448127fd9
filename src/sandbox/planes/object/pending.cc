#include "sandbox/planes/object/statements.h"

namespace relight::sandbox::object {

// In the transaction that makes the version: what is acknowledged is queued, or neither happens.
Result<> ObjectStore::enqueue(const NewVersion& v, Version& made) {
  bool full = backlog_ + v.replicate.size() > kBacklogLimit;
  made.attributes[std::string(kReplication)] = full ? "FAILED" : "PENDING";
  if (full) return {};
  for (auto& d : v.replicate)
    TRY(sql_->enqueue.bind(v.bucket, v.key, v.id, d.region, d.bucket, d.rule, made.size, millis(v.modified))
            .run());
  backlog_ += v.replicate.size();
  return {};
}

Result<std::vector<Pending>> ObjectStore::pending(Instant queued_before, size_t limit) {
  Lock g(lock_);
  std::vector<Pending> out;
  if (backlog_ == 0) return out;
  auto& s = sql_->pending.bind(millis(queued_before), static_cast<int64_t>(limit));
  for (;;) {
    TRY_ASSIGN(bool more, s.row());
    if (!more) break;
    out.push_back({s.number(0),
                   s.text(1),
                   s.text(2),
                   s.text(3),
                   {s.text(4), s.text(5), s.text(6)},
                   static_cast<uint64_t>(s.number(7)),
                   instant(s.number(8))});
  }
  s.reset();
  return out;
}

Result<std::optional<Instant>> ObjectStore::oldest_pending() {
  Lock g(lock_);
  std::optional<Instant> t;
  if (backlog_ == 0) return t;
  TRY_ASSIGN(bool any, sql_->oldest.bind().row());
  if (any) t = instant(sql_->oldest.number(0));
  sql_->oldest.reset();
  return t;
}

Result<> ObjectStore::settle(const Pending& p, std::string_view status) {
  Lock g(lock_);
  Transaction t(db_);
  TRY(t.began());
  TRY(sql_->settle.bind(p.seq).run());
  size_t taken = static_cast<size_t>(db_.changes());
  TRY_ASSIGN(bool more, sql_->left.bind(p.bucket, p.key, p.id).row());
  sql_->left.reset();
  TRY_ASSIGN(std::optional<Version> v, exact(p.bucket, p.key, p.id));
  if (v) {
    std::string& now = v->attributes[std::string(kReplication)];
    if (status == "FAILED" || (!more && now != "FAILED")) now = status;
    TRY(save_attributes(*v));
  }
  TRY(t.commit());
  backlog_ -= std::min(backlog_, taken);
  return {};
}

Result<std::vector<Backlog>> ObjectStore::backlog() {
  Lock g(lock_);
  std::vector<Backlog> out;
  if (backlog_ == 0) return out;
  auto& s = sql_->backlog.bind();
  for (;;) {
    TRY_ASSIGN(bool more, s.row());
    if (!more) break;
    out.push_back({s.text(0),
                   {s.text(1), s.text(2), s.text(3)},
                   static_cast<uint64_t>(s.number(4)),
                   static_cast<uint64_t>(s.number(5)),
                   instant(s.number(6))});
  }
  s.reset();
  return out;
}

}  // namespace relight::sandbox::object
