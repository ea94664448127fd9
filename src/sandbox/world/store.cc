#include "sandbox/world/store.h"

#include <sqlite3.h>

#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace relight::sandbox {
namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string path, sqlite3* db) : path_(std::move(path)), db_(db) {
    put_ = prepare("INSERT INTO rows(tbl, key, value) VALUES(?1, ?2, ?3) ON CONFLICT(tbl, key) DO UPDATE SET value = ?3");
    erase_ = prepare("DELETE FROM rows WHERE tbl = ?1 AND key = ?2");
    each_ = prepare("SELECT key, value FROM rows WHERE tbl = ?1 ORDER BY key");
  }
  ~SqliteStore() override {
    static_cast<void>(flush());
    for (sqlite3_stmt* s : {put_, erase_, each_}) sqlite3_finalize(s);
    sqlite3_close(db_);
  }

  void put(std::string_view table, std::string_view key, std::string_view value) override {
    std::lock_guard g(m_);
    pending_[{std::string(table), std::string(key)}] = value;
  }

  void erase(std::string_view table, std::string_view key) override {
    std::lock_guard g(m_);
    pending_[{std::string(table), std::string(key)}] = std::nullopt;
  }

  void each(std::string_view table, const std::function<void(const std::string&, const std::string&)>& f) override {
    std::map<std::string, std::string> rows;
    {
      std::lock_guard g(m_);
      bind(each_, 1, table);
      while (sqlite3_step(each_) == SQLITE_ROW) rows[column(each_, 0)] = column(each_, 1);
      sqlite3_reset(each_);
      for (auto& [row, value] : pending_)
        if (row.first != table) continue;
        else if (value) rows[row.second] = *value;
        else rows.erase(row.second);
    }
    for (auto& [key, value] : rows) f(key, value);
  }

  // All that is pending in one transaction, or nothing: what cannot be kept now stays pending for the next flush, so the
  // file holds the last good state and nothing is lost while the process lives.
  Result<> flush() override {
    std::lock_guard g(m_);
    if (pending_.empty()) return {};
    bool kept = exec("BEGIN IMMEDIATE");
    std::string why = kept ? "" : sqlite3_errmsg(db_);
    for (auto it = pending_.begin(); kept && it != pending_.end(); ++it)
      if (kept = write(it->first, it->second); !kept) why = sqlite3_errmsg(db_);
    if (kept && !(kept = exec("COMMIT"))) why = sqlite3_errmsg(db_);
    if (kept) {
      pending_.clear();
      return {};
    }
    if (!sqlite3_get_autocommit(db_)) exec("ROLLBACK");
    Error e;
    e.code = "Store.Failed";
    e.http_status = 500;
    e.tried = "keep the sandbox's state";
    e.resource = path_;
    e.message = why;
    e.next = "free space in the sandbox's directory; it is tried again with the next change";
    return fail(std::move(e));
  }

 private:
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* s = nullptr;
    sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr);
    return s;
  }
  static void bind(sqlite3_stmt* s, int i, std::string_view v) {
    sqlite3_bind_text(s, i, v.data(), static_cast<int>(v.size()), SQLITE_STATIC);
  }
  static std::string column(sqlite3_stmt* s, int i) {
    auto* p = reinterpret_cast<const char*>(sqlite3_column_text(s, i));
    return {p, static_cast<size_t>(sqlite3_column_bytes(s, i))};
  }
  bool exec(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }
  bool write(const std::pair<std::string, std::string>& row, const std::optional<std::string>& value) {
    sqlite3_stmt* s = value ? put_ : erase_;
    bind(s, 1, row.first);
    bind(s, 2, row.second);
    if (value) bind(s, 3, *value);
    bool done = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return done;
  }

  const std::string path_;
  sqlite3* db_;
  sqlite3_stmt *put_, *erase_, *each_;
  std::mutex m_;
  // (table, key) -> value, or nothing for an erased row: what the file does not hold yet.
  std::map<std::pair<std::string, std::string>, std::optional<std::string>> pending_;
};

// What SQLite's own check finds, in its words; empty if the file is whole.
std::string damage(sqlite3* db) {
  std::string said = "the check of the file did not run";
  auto take = [](void* to, int, char** cells, char**) {
    *static_cast<std::string*>(to) = cells[0] ? cells[0] : "";
    return 0;
  };
  if (sqlite3_exec(db, "PRAGMA quick_check(1)", take, &said, nullptr) != SQLITE_OK) return sqlite3_errmsg(db);
  return said == "ok" ? "" : said;
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& path) {
  sqlite3* db = nullptr;
  // Synchronous OFF: the state must survive the process, and the kernel holds what a dead process wrote.
  const char* setup =
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA busy_timeout=2000; PRAGMA cache_size=-1024;"
      "CREATE TABLE IF NOT EXISTS rows(tbl TEXT, key TEXT, value TEXT, PRIMARY KEY(tbl, key)) WITHOUT ROWID;";
  std::string wrong;
  if (sqlite3_open(path.c_str(), &db) != SQLITE_OK || sqlite3_exec(db, setup, nullptr, nullptr, nullptr) != SQLITE_OK)
    wrong = db ? sqlite3_errmsg(db) : "out of memory";
  else
    wrong = damage(db);
  if (!wrong.empty()) {
    Error e;
    e.code = "Store.Failed";
    e.tried = "open the sandbox's state";
    e.resource = path;
    e.message = wrong;
    e.next = "if the file is damaged, bring back a copy of it, or move the sandbox's directory away and start anew";
    sqlite3_close(db);
    return fail(std::move(e));
  }
  return std::make_unique<SqliteStore>(path, db);
}

}  // namespace relight::sandbox
