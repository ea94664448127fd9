#include "dr/model/validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace relight::dr {
namespace {

// A PNG of one pixel; what follows its end is ignored, and makes each one different.
constexpr const char* kOnePixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

}  // namespace

Words words_of(const std::string& id) {
  auto picture = unbase64(kOnePixel).value_or("") + id;
  return {{"id", id}, {"picture", base64(picture)}, {"picture-hash", hex(sha256(picture)).substr(0, 16)}};
}

void add_answer(Words& words, std::string_view json) {
  auto j = nlohmann::json::parse(json, nullptr, false);
  if (!j.is_object()) return;
  for (auto& [name, value] : j.items())
    if (value.is_string() || value.is_number())
      words["answer." + name] = value.is_string() ? value.get<std::string>() : value.dump();
}

Result<std::string> filled(std::string_view text, const Words& words) {
  std::string out;
  while (!text.empty()) {
    auto open = text.find('{');
    out += text.substr(0, open);
    if (open == text.npos) break;
    text.remove_prefix(open);
    auto close = text.find('}');
    auto name = close == text.npos ? std::string_view() : text.substr(1, close - 1);
    if (auto it = words.find(name); it != words.end()) {
      out += it->second;
      text.remove_prefix(close + 1);
    } else if (name.starts_with("answer.")) {
      return fail("Validation.NoWord", fmt::format("the write's answer has no '{}'", name.substr(7)));
    } else {
      out += '{';
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string mismatch(const Question& q, const std::string& contains, int status, std::string_view body) {
  if (q.status == 0 ? status < 200 || status > 299 : status != q.status)
    return q.status == 0 ? fmt::format("HTTP {}", status)
                         : fmt::format("HTTP {}, expected {}", status, q.status);
  if (body.find(contains) != body.npos) return "";
  return fmt::format("HTTP {}, but its body has no '{}'", status, contains.substr(0, 80));
}

std::pair<std::string, std::string> split_query(const std::string& path) {
  auto at = path.find('?');
  return {path.substr(0, at), at == path.npos ? "" : path.substr(at + 1)};
}

}  // namespace relight::dr
