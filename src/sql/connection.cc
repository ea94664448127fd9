#include "sql/connection.h"

#include <fmt/format.h>
#include <mysql.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <mutex>

namespace relight::sql {
namespace {

constexpr size_t kRowLimit = 1'000'000;  // rows of one answer: a runaway query must not eat the machine

unsigned whole_seconds(Millis d) {
  return static_cast<unsigned>(std::max<int64_t>(1, (d.count() + 999) / 1000));
}

// Client-side numbers 2000-2999 are about the connection, as are a shutdown and a full house.
bool about_the_connection(unsigned n) {
  return (n >= 2000 && n < 3000) || n == 1040 || n == 1053 || n == 1927 || n == 1159 || n == 1161;
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i])))
      return false;
  return true;
}

}  // namespace

struct Connection::Handle {
  MYSQL* m = nullptr;
  std::string where;
  ~Handle() {
    if (m) mysql_close(m);
  }
};

Field Rows::get(std::string_view column, size_t row) const {
  if (row >= rows.size()) return {};
  for (size_t i = 0; i < columns.size(); ++i)
    if (same_name(columns[i], column)) return rows[row][i];
  return {};
}

Connection::Connection(std::unique_ptr<Handle> h) : h_(std::move(h)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const Target& t) {
  static std::once_flag once;  // mysql_library_init is not thread-safe; the library itself keeps the global
  std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
  auto h = std::make_unique<Handle>();
  h->m = mysql_init(nullptr);
  if (!h->m) return fail("Sql.2008", "out of memory");
  h->where = t.socket.empty() ? fmt::format("{}:{}", t.host, t.port) : t.socket;
  unsigned connect_s = whole_seconds(t.connect_deadline), read_s = whole_seconds(t.read_deadline);
  mysql_options(h->m, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
  mysql_options(h->m, MYSQL_OPT_READ_TIMEOUT, &read_s);
  mysql_options(h->m, MYSQL_OPT_WRITE_TIMEOUT, &read_s);
  mysql_options(h->m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!t.ca_file.empty()) {
    my_bool yes = 1;
    mysql_options(h->m, MYSQL_OPT_SSL_CA, t.ca_file.c_str());
    mysql_options(h->m, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_options(h->m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
  }
  MYSQL* ok =
      mysql_real_connect(h->m, t.socket.empty() ? t.host.c_str() : nullptr, t.user.c_str(),
                         t.password.c_str(), t.database.empty() ? nullptr : t.database.c_str(),
                         static_cast<unsigned>(t.port), t.socket.empty() ? nullptr : t.socket.c_str(), 0);
  Connection c(std::move(h));
  if (!ok) return fail(c.failed(fmt::format("connect to the database as '{}'", t.user)));
  return c;
}

Error Connection::failed(std::string_view tried) const {
  Error e;
  unsigned n = mysql_errno(h_->m);
  e.code = fmt::format("Sql.{}", n);
  e.message = mysql_error(h_->m);
  e.tried = tried;
  e.resource = h_->where;
  e.retryable = about_the_connection(n);
  return e;
}

std::string Connection::quote(std::string_view text) const {
  std::string out(text.size() * 2 + 1, '\0');
  out.resize(mysql_real_escape_string(h_->m, out.data(), text.data(), text.size()));
  return "'" + out + "'";
}

Result<std::string> Connection::fill(std::string_view statement, const std::vector<Value>& values) const {
  if (values.empty()) return std::string(statement);
  std::string out;
  char inside = 0;
  size_t next = 0;
  for (size_t i = 0; i < statement.size(); ++i) {
    char c = statement[i];
    if (inside) {
      if (c == '\\' && inside != '`' && i + 1 < statement.size())
        out += statement[i++], c = statement[i];
      else if (c == inside)
        inside = 0;
    } else if (c == '\'' || c == '"' || c == '`') {
      inside = c;
    } else if (c == '?') {
      if (next == values.size())
        return fail("Sql.Values", "the statement has more '?' than there are values");
      const Value& v = values[next++];
      out += !v.text() ? "NULL" : v.quoted() ? quote(*v.text()) : *v.text();
      continue;
    }
    out += c;
  }
  if (next != values.size()) return fail("Sql.Values", "the statement has fewer '?' than there are values");
  return out;
}

Result<Rows> Connection::query(std::string_view statement, const std::vector<Value>& values) {
  TRY_ASSIGN(std::string sql, fill(statement, values));
  // The statement with its '?' is named in errors, never the one with values: they may be secrets.
  std::string tried(statement.substr(0, 80));
  if (mysql_real_query(h_->m, sql.data(), sql.size()) != 0) return fail(failed(tried));
  Rows out;
  std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> r(mysql_use_result(h_->m), mysql_free_result);
  if (!r) {
    if (mysql_field_count(h_->m) != 0) return fail(failed(tried));
    out.affected = mysql_affected_rows(h_->m);
  } else {
    unsigned n = mysql_num_fields(r.get());
    for (unsigned i = 0; i < n; ++i) out.columns.emplace_back(mysql_fetch_field_direct(r.get(), i)->name);
    while (MYSQL_ROW row = mysql_fetch_row(r.get())) {
      unsigned long* sizes = mysql_fetch_lengths(r.get());
      if (out.rows.size() >= kRowLimit)
        return fail("Sql.TooManyRows", "the answer has more than 1,000,000 rows");
      Row& to = out.rows.emplace_back(n);
      for (unsigned i = 0; i < n; ++i)
        if (row[i]) to[i].emplace(row[i], sizes[i]);
    }
    if (mysql_errno(h_->m) != 0) return fail(failed(tried));
  }
  r.reset();
  // A CALL answers a status after its rows.
  while (mysql_more_results(h_->m)) {
    if (mysql_next_result(h_->m) > 0) return fail(failed(tried));
    if (MYSQL_RES* rest = mysql_use_result(h_->m)) mysql_free_result(rest);
  }
  return out;
}

Result<uint64_t> Connection::exec(std::string_view statement, const std::vector<Value>& values) {
  TRY_ASSIGN(Rows r, query(statement, values));
  return r.affected;
}

std::string Connection::server_version() const { return mysql_get_server_info(h_->m); }
uint64_t Connection::thread_id() const { return mysql_thread_id(h_->m); }

int errno_of(const Error& e) {
  int n = 0;
  if (e.code.starts_with("Sql.")) std::from_chars(e.code.data() + 4, e.code.data() + e.code.size(), n);
  return n;
}

std::string identifier(std::string_view name) {
  std::string out = "`";
  for (char c : name) out.append(c == '`' ? 2 : 1, c);
  return out + "`";
}

}  // namespace relight::sql
