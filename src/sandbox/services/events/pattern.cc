#include "sandbox/services/events/pattern.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/wildcard.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox {
namespace {

using PatternJson = nlohmann::json;

std::unexpected<Error> bad_pattern(std::string_view why) {
  return aws_error("InvalidEventPatternException", fmt::format("Event pattern is not valid. Reason: {}", why),
                   400);
}

std::string pattern_folded(std::string s) {
  for (char& c : s)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return s;
}

// ---- addresses ----

struct Block {
  std::array<unsigned char, 16> bytes{};
  int family = 0, prefix = 0;
};

std::optional<Block> parse_block(const std::string& text) {
  Block b;
  auto slash = text.find('/');
  std::string address = text.substr(0, slash);
  b.family = address.find(':') == address.npos ? AF_INET : AF_INET6;
  int all = b.family == AF_INET ? 32 : 128;
  if (::inet_pton(b.family, address.c_str(), b.bytes.data()) != 1) return std::nullopt;
  b.prefix = all;
  if (slash == text.npos) return b;
  auto* from = text.data() + slash + 1;
  auto [end, ec] = std::from_chars(from, text.data() + text.size(), b.prefix);
  if (ec != std::errc{} || end != text.data() + text.size() || b.prefix < 0 || b.prefix > all)
    return std::nullopt;
  return b;
}

bool in_block(const Block& block, const Block& address) {
  if (block.family != address.family) return false;
  int whole = block.prefix / 8, rest = block.prefix % 8;
  if (std::memcmp(block.bytes.data(), address.bytes.data(), static_cast<size_t>(whole)) != 0) return false;
  if (rest == 0) return true;
  int mask = 0xff << (8 - rest);
  auto at = static_cast<size_t>(whole);
  return (block.bytes[at] & mask) == (address.bytes[at] & mask);
}

// ---- checking ----

bool is_texts(const PatternJson& j) {
  return j.is_string() || (j.is_array() && !j.empty() &&
                           std::all_of(j.begin(), j.end(), [](auto& one) { return one.is_string(); }));
}

bool is_comparison(const PatternJson& j) {
  return j.is_string() && (j == "=" || j == "<" || j == "<=" || j == ">" || j == ">=");
}

// ["=", 5], [">", 0], [">", 0, "<=", 5]
Result<> check_numeric(const PatternJson& j) {
  bool good = j.is_array() && (j.size() == 2 || j.size() == 4);
  for (size_t i = 0; good && i < j.size(); ++i) good = i % 2 == 0 ? is_comparison(j[i]) : j[i].is_number();
  if (good && j.size() == 4) {
    auto first = j[0].get<std::string>(), second = j[2].get<std::string>();
    good = first.front() == '>' && second.front() == '<' && j[1].get<double>() < j[3].get<double>();
  }
  return good ? Result<>{} : bad_pattern("Value of numeric must be an array of comparisons and numbers");
}

Result<> check_text_operator(const std::string& op, const PatternJson& j) {
  bool fold = j.is_object() && j.size() == 1 && j.contains("equals-ignore-case") &&
              is_texts(j["equals-ignore-case"]) && op != "wildcard";
  if (j.is_string() || fold) return {};
  return bad_pattern(fmt::format("{} match pattern must be a string", op));
}

Result<> check_anything_but(const PatternJson& j) {
  auto scalar = [](auto& one) { return one.is_string() || one.is_number(); };
  if (scalar(j)) return {};
  if (j.is_array() && !j.empty() && std::all_of(j.begin(), j.end(), scalar)) return {};
  if (j.is_object() && j.size() == 1) {
    auto item = j.begin();
    const std::string& op = item.key();
    bool known = op == "prefix" || op == "suffix" || op == "equals-ignore-case" || op == "wildcard";
    if (known && is_texts(*item)) return {};
  }
  return bad_pattern("Inside anything-but list, start|null|boolean is not supported");
}

Result<> check_operator(const std::string& op, const PatternJson& j) {
  if (op == "prefix" || op == "suffix" || op == "wildcard") return check_text_operator(op, j);
  if (op == "equals-ignore-case")
    return j.is_string() ? Result<>{} : bad_pattern("equals-ignore-case match pattern must be a string");
  if (op == "exists")
    return j.is_boolean() ? Result<>{} : bad_pattern("exists match pattern must be either true or false.");
  if (op == "numeric") return check_numeric(j);
  if (op == "anything-but") return check_anything_but(j);
  if (op == "cidr")
    return j.is_string() && j.get<std::string>().find('/') != std::string::npos &&
                   parse_block(j.get<std::string>())
               ? Result<>{}
               : bad_pattern("Malformed CIDR, one '/' required");
  return bad_pattern(fmt::format("Unrecognized match type {}", op));
}

Result<> check_list(const std::string& key, const PatternJson& list) {
  if (list.empty()) return bad_pattern("Empty arrays are not allowed");
  for (auto& one : list) {
    if (one.is_array())
      return bad_pattern(fmt::format("\"{}\": arrays inside of arrays are not allowed", key));
    if (!one.is_object()) continue;
    if (one.size() != 1) return bad_pattern("Only one key allowed in match expression");
    auto item = one.begin();
    TRY(check_operator(item.key(), item.value()));
  }
  return {};
}

Result<> check_object(const PatternJson& pattern) {
  if (pattern.empty()) return bad_pattern("Empty objects are not allowed");
  for (auto& [key, value] : pattern.items()) {
    if (key == "$or") {
      if (!value.is_array() || value.size() < 2)
        return bad_pattern("$or must be an array of two patterns or more");
      for (auto& one : value) {
        if (!one.is_object()) return bad_pattern("$or must be an array of objects");
        TRY(check_object(one));
      }
    } else if (value.is_object()) {
      TRY(check_object(value));
    } else if (value.is_array()) {
      TRY(check_list(key, value));
    } else {
      return bad_pattern(fmt::format("\"{}\" must be an object or an array", key));
    }
  }
  return {};
}

// ---- matching ----

std::vector<std::string> pattern_texts(const PatternJson& j) {
  if (j.is_string()) return {j.get<std::string>()};
  return j.get<std::vector<std::string>>();
}

bool text_matches(const std::string& op, const PatternJson& wanted, const std::string& text) {
  if (wanted.is_object())
    return text_matches(op, pattern_folded(wanted["equals-ignore-case"].get<std::string>()),
                        pattern_folded(text));
  for (auto& w : pattern_texts(wanted)) {
    bool yes = op == "prefix"               ? text.starts_with(w)
               : op == "suffix"             ? text.ends_with(w)
               : op == "equals-ignore-case" ? pattern_folded(text) == pattern_folded(w)
                                            : wildcard_match(w, text);
    if (yes) return true;
  }
  return false;
}

bool compares(const std::string& op, double a, double b) {
  if (op == "=") return a == b;
  if (op == "<") return a < b;
  if (op == "<=") return a <= b;
  return op == ">" ? a > b : a >= b;
}

bool numeric_matches(const PatternJson& j, double n) {
  for (size_t i = 0; i + 1 < j.size(); i += 2)
    if (!compares(j[i].get<std::string>(), n, j[i + 1].get<double>())) return false;
  return true;
}

bool same_value(const PatternJson& a, const PatternJson& b) {
  if (a.is_number() && b.is_number()) return a.get<double>() == b.get<double>();
  return a == b;
}

bool but_matches(const PatternJson& j, const PatternJson& value) {
  if (j.is_object()) {
    auto item = j.begin();
    return !value.is_string() || !text_matches(item.key(), item.value(), value.get<std::string>());
  }
  if (!j.is_array()) return !same_value(j, value);
  return std::none_of(j.begin(), j.end(), [&](auto& one) { return same_value(one, value); });
}

// One member of a pattern's list against one value, which is no object and no array.
bool one_matches_value(const PatternJson& wanted, const PatternJson& value) {
  if (!wanted.is_object()) return same_value(wanted, value);
  auto item = wanted.begin();
  auto& op = item.key();
  auto& j = item.value();
  if (op == "exists") return j.get<bool>();
  if (op == "numeric") return value.is_number() && numeric_matches(j, value.get<double>());
  if (op == "anything-but") return but_matches(j, value);
  if (!value.is_string()) return false;
  auto text = value.get<std::string>();
  if (op == "cidr") {
    auto address = text.find('/') == text.npos ? parse_block(text) : std::nullopt;
    return address && in_block(*parse_block(j.get<std::string>()), *address);
  }
  return text_matches(op, j, text);
}

bool wants_absence(const PatternJson& list) {
  return std::any_of(list.begin(), list.end(), [](auto& one) {
    return one.is_object() && one.contains("exists") && one["exists"] == false;
  });
}

// "exists" speaks of leaves only: an object is none.
bool list_matches(const PatternJson& list, const PatternJson* value) {
  if (!value || value->is_object()) return wants_absence(list);
  auto any = [&](const PatternJson& v) {
    return std::any_of(list.begin(), list.end(), [&](auto& one) { return one_matches_value(one, v); });
  };
  if (!value->is_array()) return any(*value);
  // "Arrays in event patterns": one of them is enough.
  if (value->empty()) return wants_absence(list);
  return std::any_of(value->begin(), value->end(), [&](auto& v) { return !v.is_structured() && any(v); });
}

bool object_matches(const PatternJson& pattern, const PatternJson* event) {
  if (event && event->is_array())  // of objects: one of them has to match whole
    return std::any_of(event->begin(), event->end(),
                       [&](auto& one) { return one.is_object() && object_matches(pattern, &one); });
  for (auto& [key, wanted] : pattern.items()) {
    if (key == "$or") {
      if (std::none_of(wanted.begin(), wanted.end(), [&](auto& one) { return object_matches(one, event); }))
        return false;
      continue;
    }
    const PatternJson* value = event && event->is_object() && event->contains(key) ? &(*event)[key] : nullptr;
    if (wanted.is_object() ? !object_matches(wanted, value) : !list_matches(wanted, value)) return false;
  }
  return true;
}

}  // namespace

Result<EventPattern> EventPattern::parse(const std::string& text) {
  auto j = PatternJson::parse(text, nullptr, false);
  if (j.is_discarded()) return bad_pattern("not valid JSON");
  if (!j.is_object()) return bad_pattern("Filter is not an object");
  TRY(check_object(j));
  EventPattern p;
  p.pattern_ = std::make_shared<const PatternJson>(std::move(j));
  return p;
}

bool EventPattern::matches(const nlohmann::json& event) const { return object_matches(*pattern_, &event); }

}  // namespace relight::sandbox
