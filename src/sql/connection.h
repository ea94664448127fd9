// A connection to MariaDB or MySQL (libmariadb), blocking, for one thread at a time.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace relight::sql {

struct Target {
  std::string host;  // name or address; ignored when `socket` is given
  int port = 3306;
  std::string socket{};  // path of a Unix socket
  std::string user{}, password{}, database{};
  Millis connect_deadline{2000};  // libmariadb counts whole seconds: rounded up
  Millis read_deadline{5000};     // for each answer of the server; rounded up to seconds
  std::string ca_file{};  // not empty: TLS is required and the server's certificate verified against it
};

using Field = std::optional<std::string>;  // nullopt: SQL NULL
using Row = std::vector<Field>;

struct Rows {
  std::vector<std::string> columns;
  std::vector<Row> rows;
  uint64_t affected = 0;  // rows changed, for statements that answer none

  // The field of `row` in the column of that name (compared without case); nullopt if NULL or there is none.
  Field get(std::string_view column, size_t row = 0) const;
  // The first field of the first row.
  Field value() const { return rows.empty() || rows[0].empty() ? Field{} : rows[0][0]; }
};

// What fills a '?' of a statement. Text is escaped by the connection's own rules.
class Value {
 public:
  Value(std::nullptr_t) {}
  Value(std::string_view text) : text_(text), quoted_(true) {}
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(const char* text) : Value(std::string_view(text)) {}
  Value(int64_t n) : text_(std::to_string(n)) {}
  Value(uint64_t n) : text_(std::to_string(n)) {}
  Value(int n) : text_(std::to_string(n)) {}
  Value(Field f) : text_(std::move(f)), quoted_(true) {}
  const Field& text() const { return text_; }
  bool quoted() const { return quoted_; }

 private:
  Field text_;
  bool quoted_ = false;
};

// Errors: code "Sql.<errno>" (MariaDB's or the client library's number, e.g. "Sql.1290" read-only, "Sql.2013"
// connection lost); retryable when only the connection failed. `resource` is host:port or the socket.
class Connection {
 public:
  static Result<Connection> open(const Target& target);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // One statement. Each '?' outside quotes takes the next value; their numbers must agree.
  Result<Rows> query(std::string_view statement, const std::vector<Value>& values = {});
  // The same for a statement whose rows are of no interest; the number of rows changed.
  Result<uint64_t> exec(std::string_view statement, const std::vector<Value>& values = {});
  // 'text' with quotes, escaped.
  std::string quote(std::string_view text) const;
  std::string server_version() const;  // "10.11.6-MariaDB-log"
  uint64_t thread_id() const;

 private:
  struct Handle;
  explicit Connection(std::unique_ptr<Handle> h);
  Error failed(std::string_view tried) const;
  Result<std::string> fill(std::string_view statement, const std::vector<Value>& values) const;
  std::unique_ptr<Handle> h_;
};

// The errno inside an Error's code, 0 if it is none of ours: errno_of(e) == 1290.
int errno_of(const Error& e);
// `name` between backticks.
std::string identifier(std::string_view name);

}  // namespace relight::sql
