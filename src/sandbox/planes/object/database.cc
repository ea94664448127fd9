#include "sandbox/planes/object/database.h"

#include <sqlite3.h>

#include <utility>

namespace relight::sandbox::object {
namespace {

Error failed(sqlite3* db) {
  Error e;
  e.code = db && sqlite3_errcode(db) == SQLITE_FULL ? "Disk.Full" : "Disk.Failed";
  e.tried = "keep the object index";
  e.message = db ? sqlite3_errmsg(db) : "out of memory";
  e.next = "free space in the sandbox's directory, then try again";
  e.http_status = 500;
  return e;
}

}  // namespace

Statement::Statement(sqlite3* db, const char* sql) : db_(db) {
  sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s_, nullptr);
}
Statement::~Statement() { sqlite3_finalize(s_); }
Statement::Statement(Statement&& o) noexcept : db_(o.db_), s_(std::exchange(o.s_, nullptr)) {}
Statement& Statement::operator=(Statement&& o) noexcept {
  std::swap(db_, o.db_);
  std::swap(s_, o.s_);
  return *this;
}

void Statement::reset() {
  if (s_) sqlite3_reset(s_);
}
void Statement::put(int i, int64_t v) { sqlite3_bind_int64(s_, i, v); }
void Statement::put(int i, std::string_view v) {
  // A null pointer would bind NULL, not an empty blob.
  sqlite3_bind_blob64(s_, i, v.empty() ? "" : v.data(), v.size(), SQLITE_STATIC);
}

Result<bool> Statement::row() {
  switch (sqlite3_step(s_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return fail(error());
  }
}
Result<> Statement::run() {
  auto r = row();
  reset();
  if (!r) return fail(r.error());
  return {};
}
Error Statement::error() const { return failed(db_); }

int64_t Statement::number(int column) const { return sqlite3_column_int64(s_, column); }
std::string Statement::text(int column) const {
  auto* p = static_cast<const char*>(sqlite3_column_blob(s_, column));
  if (!p) return {};
  return {p, static_cast<size_t>(sqlite3_column_bytes(s_, column))};
}
bool Statement::null(int column) const { return sqlite3_column_type(s_, column) == SQLITE_NULL; }

Database::~Database() { sqlite3_close_v2(db_); }

Result<> Database::open(const std::string& path, const char* schema) {
  if (sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                      nullptr) != SQLITE_OK)
    return fail(failed(db_).on(path));
  sqlite3_busy_timeout(db_, 5000);
  // Making the tables needs no fsync: a half-made index is made again.
  TRY(exec(
      "PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=4000; BEGIN IMMEDIATE"));
  TRY(exec(schema));
  return exec("COMMIT; PRAGMA synchronous=NORMAL");
}

Result<> Database::exec(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fail(failed(db_));
  return {};
}
int64_t Database::last_row() const { return sqlite3_last_insert_rowid(db_); }
int Database::changes() const { return sqlite3_changes(db_); }

}  // namespace relight::sandbox::object
