#include "dr/engine/sqlite_store.h"

#include <sqlite3.h>

#include <filesystem>
#include <mutex>
#include <variant>

#include "base/disk.h"

namespace relight::dr {
namespace {

constexpr const char* kSchema = R"(
create table if not exists lease(id integer primary key check(id = 1), json text not null);
create table if not exists runs(run text primary key, application text not null, kind text not null,
  started text not null, seq integer not null, hash text not null);
create table if not exists events(run text not null, seq integer not null, json text not null, primary key(run, seq));
create table if not exists kept(name text primary key, text text not null);
)";

using Column = std::variant<std::string, int64_t>;

class SqliteStore final : public Store {
 public:
  SqliteStore(sqlite3* db, std::string path, bool (*alive)(const Holder&))
      : db_(db), path_(std::move(path)), alive_(alive) {}
  ~SqliteStore() override { sqlite3_close(db_); }

  Result<Lease> acquire(const Holder& me, const std::string& run, Instant now, Millis ttl) override {
    std::lock_guard g(m_);
    Lease taken;
    TRY(transaction([&]() -> Result<> {
      TRY_ASSIGN(auto current, read_lease());
      if (!takable(current, me, now, alive_)) return fail(held_by(current, now));
      taken = {current.epoch + 1, true, run, me, now, now + ttl};
      return write_lease(taken);
    }));
    return taken;
  }

  Result<Lease> renew(const Lease& mine, Instant now, Millis ttl) override {
    std::lock_guard g(m_);
    Lease renewed = mine;
    renewed.expires = now + ttl;
    TRY(transaction([&]() -> Result<> {
      TRY(still(mine));
      return write_lease(renewed);
    }));
    return renewed;
  }

  Result<> release(const Lease& mine) override {
    std::lock_guard g(m_);
    return transaction([&]() -> Result<> {
      TRY(still(mine));
      Lease free = mine;
      free.held = false;
      return write_lease(free);
    });
  }

  Result<Lease> lease() override {
    std::lock_guard g(m_);
    return read_lease();
  }

  Result<> append(const Lease& mine, const RunHead& run, std::span<const Event> events) override {
    std::lock_guard g(m_);
    return transaction([&]() -> Result<> {
      TRY(still(mine));
      for (auto& e : events)
        TRY(exec("insert into events values(?,?,?)", {run.run, int64_t(e.seq), to_json(e)}));
      return exec(
          "insert into runs values(?,?,?,?,?,?) on conflict(run) do update set seq=excluded.seq, "
          "hash=excluded.hash",
          {run.run, run.application, run.kind, iso8601(run.started), int64_t(events.back().seq),
           events.back().hash});
    });
  }

  Result<std::vector<Event>> read(const std::string& run) override {
    std::lock_guard g(m_);
    std::vector<std::vector<std::string>> head, rows;
    TRY(exec("begin", {}));  // head and events as one moment saw them
    auto r = exec("select seq, hash from runs where run = ?", {run}, &head);
    if (r) r = exec("select json from events where run = ? order by seq", {run}, &rows);
    (void)exec("commit", {});
    if (!r) return fail(r.error());
    if (head.empty()) {
      Error e;
      e.code = "Journal.NotFound";
      e.message = "there is no such run";
      e.resource = run;
      e.next = "'relight runs' lists them";
      return fail(std::move(e));
    }
    std::vector<Event> out;
    for (auto& row : rows) {
      TRY_ASSIGN(auto e, event_from_json(row[0]));
      out.push_back(std::move(e));
    }
    TRY(verify(out, std::strtoull(head[0][0].c_str(), nullptr, 10), head[0][1]));
    return out;
  }

  Result<std::vector<RunHead>> runs() override {
    std::lock_guard g(m_);
    std::vector<std::vector<std::string>> rows;
    TRY(exec("select run, application, kind, started, seq, hash from runs order by started, rowid", {},
             &rows));
    std::vector<RunHead> out;
    for (auto& r : rows) {
      TRY_ASSIGN(auto at, parse_iso8601(r[3]));
      out.push_back({r[0], r[1], r[2], at, std::strtoull(r[4].c_str(), nullptr, 10), r[5]});
    }
    return out;
  }

  Result<> keep(const std::string& name, const std::string& text) override {
    std::lock_guard g(m_);
    return exec("insert into kept values(?,?) on conflict(name) do update set text=excluded.text",
                {name, text});
  }

  Result<std::optional<std::string>> kept(const std::string& name) override {
    std::lock_guard g(m_);
    std::vector<std::vector<std::string>> rows;
    TRY(exec("select text from kept where name = ?", {name}, &rows));
    if (rows.empty()) return std::optional<std::string>();
    return std::optional<std::string>(rows[0][0]);
  }

  Result<> exec(const char* sql, const std::vector<Column>& values,
                std::vector<std::vector<std::string>>* rows = nullptr) {
    sqlite3_stmt* s = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &s, nullptr) != SQLITE_OK) return fail(error());
    for (size_t i = 0; i < values.size(); ++i) {
      int at = static_cast<int>(i + 1);
      if (auto* t = std::get_if<std::string>(&values[i])) {
        sqlite3_bind_text(s, at, t->data(), static_cast<int>(t->size()), SQLITE_TRANSIENT);
      } else {
        sqlite3_bind_int64(s, at, std::get<int64_t>(values[i]));
      }
    }
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
      if (!rows) continue;
      auto& row = rows->emplace_back();
      for (int c = 0; c < sqlite3_column_count(s); ++c) {
        auto* t = reinterpret_cast<const char*>(sqlite3_column_text(s, c));
        row.emplace_back(t ? std::string(t, static_cast<size_t>(sqlite3_column_bytes(s, c))) : std::string());
      }
    }
    Result<> out;
    if (rc != SQLITE_DONE) out = fail(error());
    sqlite3_finalize(s);
    return out;
  }

 private:
  template <class F>
  Result<> transaction(F body) {
    TRY(exec("begin immediate", {}));
    Result<> r = body();
    if (r) r = exec("commit", {});
    if (!r) (void)exec("rollback", {});
    return r;
  }

  Result<Lease> read_lease() {
    std::vector<std::vector<std::string>> rows;
    TRY(exec("select json from lease where id = 1", {}, &rows));
    return rows.empty() ? Result<Lease>(Lease{}) : lease_from_json(rows[0][0]);
  }

  Result<> write_lease(const Lease& l) {
    return exec("insert into lease values(1,?) on conflict(id) do update set json=excluded.json",
                {to_json(l)});
  }

  Result<> still(const Lease& mine) {
    TRY_ASSIGN(auto current, read_lease());
    if (current.epoch != mine.epoch || !current.held) return fail(lease_lost(mine, current));
    return {};
  }

  Error error() const {
    Error e;
    int rc = sqlite3_errcode(db_);
    e.code = rc == SQLITE_FULL ? "Journal.Full" : rc == SQLITE_BUSY ? "Journal.Busy" : "Journal.Failed";
    e.tried = "write or read the journal";
    e.resource = path_;
    e.message = sqlite3_errmsg(db_);
    e.next = rc == SQLITE_FULL
                 ? "make room on the disk, then 'relight resume'; nothing was done that is not journalled"
                 : "check that the file and its directory are readable and writable";
    return e;
  }

  sqlite3* db_;
  std::string path_;
  bool (*alive_)(const Holder&);
  std::mutex m_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, bool (*holder_alive)(const Holder&),
                                                 int page_limit) {
  auto dir = std::filesystem::path(path).parent_path().string();
  if (!dir.empty()) TRY(system_disk().make_dir(dir));
  sqlite3* db = nullptr;
  int rc = sqlite3_open_v2(path.c_str(), &db,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  auto store = std::make_unique<SqliteStore>(db, path, holder_alive);
  if (rc != SQLITE_OK) {
    Error e;
    e.code = "Journal.Failed";
    e.tried = "open the journal";
    e.resource = path;
    e.message = db ? sqlite3_errmsg(db) : "out of memory";
    e.next = "check that the file and its directory are readable and writable";
    return fail(std::move(e));
  }
  sqlite3_busy_timeout(db, 5000);
  std::vector<std::vector<std::string>> ignored;
  TRY(store->exec("pragma journal_mode=wal", {}, &ignored));
  TRY(store->exec("pragma synchronous=full", {}, &ignored));
  if (sqlite3_exec(db, kSchema, nullptr, nullptr, nullptr) != SQLITE_OK)
    return fail("Journal.Failed", std::string("cannot prepare the journal: ") + sqlite3_errmsg(db));
  if (page_limit > 0)
    TRY(store->exec(("pragma max_page_count=" + std::to_string(page_limit)).c_str(), {}, &ignored));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace relight::dr
