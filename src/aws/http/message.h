// HTTP values: what goes into an Exchange and what comes out.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace relight::http {

// A part of a file that is open and may already be unlinked. Shared because a Body is a value: copies of it
// share the one descriptor, which closes with the last of them.
struct FileSlice {
  std::shared_ptr<int> fd;  // deleter closes
  uint64_t offset = 0, size = 0;
};

// Bytes in memory, or in a file when they are many (the server spools request bodies above a threshold).
class Body {
 public:
  Body() = default;
  Body(std::string bytes) : v_(std::move(bytes)) {}
  Body(const char* text) : v_(std::string(text)) {}
  Body(FileSlice f) : v_(std::move(f)) {}
  uint64_t size() const;
  bool empty() const { return size() == 0; }
  const std::string* memory() const { return std::get_if<std::string>(&v_); }
  const FileSlice* file() const { return std::get_if<FileSlice>(&v_); }
  Result<std::string> read() const;                                   // all of it
  Result<std::string> read(uint64_t offset, uint64_t size) const;     // at most size bytes
  bool operator==(const Body& o) const;                               // by content

 private:
  std::variant<std::string, FileSlice> v_;
};

// Opens a file for reading as a FileSlice of its whole length.
Result<FileSlice> open_slice(const std::string& path);

// Field names compare without case; order and duplicates are kept.
class Headers {
 public:
  std::optional<std::string_view> get(std::string_view name) const;  // the first
  std::string_view value(std::string_view name) const { return get(name).value_or(std::string_view{}); }
  void set(std::string_view name, std::string value);  // replaces all of that name
  void add(std::string_view name, std::string value);
  void remove(std::string_view name);
  bool has(std::string_view name) const { return get(name).has_value(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};
bool iequals(std::string_view a, std::string_view b);  // ASCII

struct Request {
  std::string method = "GET";
  std::string scheme = "http";  // client side only
  std::string host;             // authority: "127.0.0.1:4566"; also sent as Host unless headers has one
  std::string path = "/";       // raw, percent-encoded as on the wire, no query
  std::string query;            // raw, without '?'
  Headers headers;
  Body body;
  std::string peer;             // server side: "127.0.0.1:51234"
  std::string target() const { return query.empty() ? path : path + "?" + query; }
};

struct Response {
  int status = 200;
  Headers headers;
  Body body;
};

// Decoded name/value pairs of a query string, in order; a name without '=' has an empty value.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view raw);

}  // namespace relight::http
