#include "aws/http/response_head.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace relight::http {
namespace {

constexpr auto kReasons =
    std::to_array<std::pair<int, std::string_view>>({{100, "Continue"},
                                                     {200, "OK"},
                                                     {201, "Created"},
                                                     {202, "Accepted"},
                                                     {204, "No Content"},
                                                     {206, "Partial Content"},
                                                     {301, "Moved Permanently"},
                                                     {302, "Found"},
                                                     {303, "See Other"},
                                                     {304, "Not Modified"},
                                                     {307, "Temporary Redirect"},
                                                     {308, "Permanent Redirect"},
                                                     {400, "Bad Request"},
                                                     {401, "Unauthorized"},
                                                     {403, "Forbidden"},
                                                     {404, "Not Found"},
                                                     {405, "Method Not Allowed"},
                                                     {408, "Request Timeout"},
                                                     {409, "Conflict"},
                                                     {411, "Length Required"},
                                                     {412, "Precondition Failed"},
                                                     {413, "Content Too Large"},
                                                     {416, "Range Not Satisfiable"},
                                                     {417, "Expectation Failed"},
                                                     {429, "Too Many Requests"},
                                                     {431, "Request Header Fields Too Large"},
                                                     {500, "Internal Server Error"},
                                                     {501, "Not Implemented"},
                                                     {502, "Bad Gateway"},
                                                     {503, "Service Unavailable"},
                                                     {504, "Gateway Timeout"},
                                                     {505, "HTTP Version Not Supported"},
                                                     {507, "Insufficient Storage"}});

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  size_t at = out.size();
  out.append(value);
  for (; at < out.size(); ++at)
    if (out[at] == '\r' || out[at] == '\n') out[at] = ' ';
  out.append("\r\n");
}

bool is_framing(std::string_view name) {
  return (name.size() == 14 && iequals(name, "content-length")) ||
         (name.size() == 10 && iequals(name, "connection")) ||
         (name.size() == 17 && iequals(name, "transfer-encoding"));
}

}  // namespace

std::string_view reason_phrase(int status) {
  for (auto& [code, text] : kReasons)
    if (code == status) return text;
  return "Unknown";
}

bool bodyless(int status) { return status < 200 || status == 204 || status == 304; }

void append_head(std::string& out, const Response& r, const HeadOptions& options) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", r.status, reason_phrase(r.status));
  bool dated = false;
  for (auto& [name, value] : r.headers) {
    if (is_framing(name)) continue;
    if (name.size() == 4 && iequals(name, "date")) dated = true;
    append_field(out, name, value);
  }
  if (!dated) append_field(out, "Date", options.date);
  if (!options.keep_alive) out.append("Connection: close\r\n");
  auto said = options.head_only ? r.headers.get("Content-Length") : std::nullopt;
  if (said) {
    append_field(out, "Content-Length", *said);
  } else if (!bodyless(r.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", r.body.size());
  }
  out.append("\r\n");
}

}  // namespace relight::http
