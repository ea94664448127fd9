#include "sandbox/world/store.h"

#include <sqlite3.h>

namespace relight::sandbox {
namespace {

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(sqlite3* db) : db_(db) {
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
    begin();
    bind(put_, 1, table);
    bind(put_, 2, key);
    bind(put_, 3, value);
    run(put_);
  }

  void erase(std::string_view table, std::string_view key) override {
    begin();
    bind(erase_, 1, table);
    bind(erase_, 2, key);
    run(erase_);
  }

  void each(std::string_view table, const std::function<void(const std::string&, const std::string&)>& f) override {
    bind(each_, 1, table);
    while (sqlite3_step(each_) == SQLITE_ROW) f(column(each_, 0), column(each_, 1));
    sqlite3_reset(each_);
  }

  Result<> flush() override {
    if (!open_) return broken_.empty() ? Result<>{} : fail("Store.Failed", broken_);
    open_ = false;
    if (sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) broken_ = sqlite3_errmsg(db_);
    if (broken_.empty()) return {};
    Error e;
    e.code = "Store.Failed";
    e.tried = "keep the sandbox's state";
    e.message = std::exchange(broken_, "");
    e.next = "free space in the sandbox's directory, then restart it";
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
  void begin() {
    if (!open_) open_ = sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  void run(sqlite3_stmt* s) {
    if (sqlite3_step(s) != SQLITE_DONE) broken_ = sqlite3_errmsg(db_);
    sqlite3_reset(s);
  }

  sqlite3* db_;
  sqlite3_stmt *put_, *erase_, *each_;
  bool open_ = false;
  std::string broken_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& path) {
  sqlite3* db = nullptr;
  // Synchronous OFF: the state must survive the process, and the kernel holds what a dead process wrote.
  const char* setup =
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA busy_timeout=2000; PRAGMA cache_size=-1024;"
      "CREATE TABLE IF NOT EXISTS rows(tbl TEXT, key TEXT, value TEXT, PRIMARY KEY(tbl, key)) WITHOUT ROWID;";
  if (sqlite3_open(path.c_str(), &db) != SQLITE_OK || sqlite3_exec(db, setup, nullptr, nullptr, nullptr) != SQLITE_OK) {
    Error e;
    e.code = "Store.Failed";
    e.tried = "open the sandbox's state";
    e.resource = path;
    e.message = db ? sqlite3_errmsg(db) : "out of memory";
    e.next = "if the file is damaged, remove the sandbox's directory and start anew";
    sqlite3_close(db);
    return fail(std::move(e));
  }
  return std::make_unique<SqliteStore>(db);
}

}  // namespace relight::sandbox
