// The one error vocabulary. Every fallible function of every room returns Result<T>.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace relight {

// An Error says what was tried, on what, where, why it failed, whether trying again can help, and what to do
// next. `code` is AWS's own code where AWS answered ("DBInstanceNotFound"), else "Room.Reason" ("Disk.Full").
// Never put a secret into any field.
struct Error {
  std::string code;
  std::string message;     // why, in a sentence a stranger understands
  std::string tried;       // "rds:PromoteReadReplica", "open journal"
  std::string resource;    // identifier, ARN, file:line:column
  std::string region;
  std::string request_id;  // AWS's
  std::string next;        // what the reader can do now
  std::string members;     // JSON object of a modelled AWS error's extra members; empty if none
  int http_status = 0;     // of the AWS answer; 0 if none came
  bool retryable = false;

  // "what: why [resource, region, code, request id]. Do: next" on one line.
  std::string text() const;
  Error& on(std::string_view resource_) & { resource = resource_; return *this; }
  Error&& on(std::string_view resource_) && { resource = resource_; return std::move(*this); }
  Error&& in(std::string_view region_) && { region = region_; return std::move(*this); }
  Error&& then(std::string_view next_) && { next = next_; return std::move(*this); }
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Error e) { return std::unexpected<Error>(std::move(e)); }
inline std::unexpected<Error> fail(std::string_view code, std::string_view message) {
  Error e;
  e.code = code;
  e.message = message;
  return std::unexpected<Error>(std::move(e));
}

}  // namespace relight

// Hands an Error on to the caller; `auto x = RELIGHT_TRY(f());` is not portable C++, so it is a statement.
#define RELIGHT_CONCAT_(a, b) a##b
#define RELIGHT_CONCAT(a, b) RELIGHT_CONCAT_(a, b)
// TRY_ASSIGN(auto x, f()): x = value of f(), or return its Error.
#define TRY_ASSIGN(decl, expr) TRY_ASSIGN_(RELIGHT_CONCAT(try_, __COUNTER__), decl, expr)
#define TRY_ASSIGN_(tmp, decl, expr)                          \
  auto tmp = (expr);                                          \
  if (!tmp) return std::unexpected(std::move(tmp).error());   \
  decl = std::move(*tmp)
// TRY(f()): return f()'s Error if it has one.
#define TRY(expr)                                                          \
  do {                                                                     \
    if (auto try_r = (expr); !try_r) return std::unexpected(std::move(try_r).error()); \
  } while (0)
