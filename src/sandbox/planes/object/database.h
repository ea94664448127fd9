// SQLite for one owner: statements that reset themselves, transactions that roll back unless committed. Not
// thread-safe: the owner holds its own lock.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace relight::sandbox::object {

// A prepared statement. Text is bound as BLOB where order matters (object keys compare as bytes).
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* db, const char* sql);
  ~Statement();
  Statement(Statement&& o) noexcept;
  Statement& operator=(Statement&& o) noexcept;

  // Binds ?1, ?2, …; views must live until the statement is reset.
  template <class... A>
  Statement& bind(const A&... a) {
    reset();
    int i = 0;
    (put(++i, a), ...);
    return *this;
  }
  Result<bool> row();  // true: a row stands; false: the end
  Result<> run();      // to the end; then reset
  void reset();

  int64_t number(int column) const;
  std::string text(int column) const;
  bool null(int column) const;

 private:
  void put(int i, int64_t v);
  void put(int i, int v) { put(i, static_cast<int64_t>(v)); }
  void put(int i, bool v) { put(i, static_cast<int64_t>(v)); }
  void put(int i, uint64_t v) { put(i, static_cast<int64_t>(v)); }
  void put(int i, std::string_view v);  // as BLOB
  void put(int i, const std::string& v) { put(i, std::string_view(v)); }
  Error error() const;

  sqlite3* db_ = nullptr;
  sqlite3_stmt* s_ = nullptr;
};

class Database {
 public:
  Database() = default;
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // WAL, synchronous=NORMAL: a killed process loses nothing, a power cut may lose the last moments.
  Result<> open(const std::string& path, const char* schema);
  Statement prepare(const char* sql) { return Statement(db_, sql); }
  Result<> exec(const char* sql);
  int64_t last_row() const;
  int changes() const;

 private:
  sqlite3* db_ = nullptr;
};

class Transaction {
 public:
  explicit Transaction(Database& db) : db_(db), began_(db.exec("BEGIN IMMEDIATE")) {}
  ~Transaction() {
    if (began_ && !done_) static_cast<void>(db_.exec("ROLLBACK"));
  }
  Result<> began() const { return began_; }
  Result<> commit() {
    auto r = db_.exec("COMMIT");
    done_ = r.has_value();
    return r;
  }

 private:
  Database& db_;
  Result<> began_;
  bool done_ = false;
};

}  // namespace relight::sandbox::object
