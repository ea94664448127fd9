#include "dr/model/withhold.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Texts = std::string_view;

constexpr size_t kScrubbedMin = 8;  // shorter texts are words that stand elsewhere by chance

bool one_of(std::span<const Texts> list, Texts s) { return std::ranges::find(list, s) != list.end(); }

// Members below which people write what they like.
bool free_text(Texts member) {
  static constexpr std::array<Texts, 15> kFree{
      "environment", "Variables",        "command", "entryPoint",    "dockerLabels",
      "labels",      "options",          "tags",    "Tags",          "TagList",
      "TagSet",      "HttpHeaderConfig", "Input",   "InputTemplate", "HttpParameters"};
  return one_of(kFree, member);
}

std::string upper(Texts s) {
  std::string out(s);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return char(std::toupper(c)); });
  return out;
}

void keep_back(Json& value, const std::string& name, Secrets& secrets) {
  if (!value.is_string() || value == kWithheld || value == "") return;
  secrets.values.insert(value.get<std::string>());
  secrets.names.push_back(name);
  value = kWithheld;
}

// Replaces text[from, to); the end of what stands there now.
size_t blank(std::string& text, size_t from, size_t to, Secrets& secrets) {
  auto what = text.substr(from, to - from);
  if (what.empty() || what == kWithheld) return to;
  secrets.values.insert(what);
  text.replace(from, what.size(), kWithheld);
  return from + kWithheld.size();
}

// scheme://user:password@host. A password may hold a '/', which ends the authority by the letter (RFC 3986)
// only.
bool url_passwords(std::string& text, Secrets& secrets) {
  auto before = secrets.values.size();
  for (size_t at = 0; (at = text.find("://", at)) != text.npos;) {
    at += 3;
    auto end = std::min(text.find_first_of(" \t\n\"'", at), text.size());
    auto colon = text.find_first_of(":/?#@", at), host = text.rfind('@', end);
    if (colon == text.npos || text[colon] != ':' || host == text.npos || host < colon) continue;
    auto port = text.find_first_not_of("0123456789", colon + 1);
    if (port != text.npos && port > colon + 1 && text[port] == '/') continue;
    at = blank(text, colon + 1, host, secrets);
  }
  return secrets.values.size() != before;
}

bool in_name(unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; }

// name=value, as in DSNs, query strings and command lines
bool assignments(std::string& text, Secrets& secrets) {
  auto before = secrets.values.size();
  for (size_t at = 0; (at = text.find('=', at)) != text.npos;) {
    size_t start = at;
    while (start > 0 && in_name(static_cast<unsigned char>(text[start - 1]))) --start;
    auto name = Texts(text).substr(start, at - start);
    ++at;
    if (name.empty() || !looks_secret(name)) continue;
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
    at = blank(text, at, std::min(text.find_first_of("&;,\"' \t\n", at), text.size()), secrets);
  }
  return secrets.values.size() != before;
}

bool members(Json& j, Secrets& secrets) {
  bool any = false;
  if (j.is_object())
    for (auto& [name, value] : j.items())
      if (value.is_string() && looks_secret(name)) {
        auto had = secrets.values.size();
        keep_back(value, name, secrets);
        any |= secrets.values.size() != had || value == kWithheld;
      } else {
        any |= members(value, secrets);
      }
  else if (j.is_array())
    for (auto& element : j) any |= members(element, secrets);
  return any;
}

void within(Json& leaf, const std::string& name, Secrets& secrets) {
  auto text = leaf.get<std::string>();
  if (text.find("PRIVATE KEY-----") != text.npos) return keep_back(leaf, name, secrets);
  bool any = false;
  if (text.starts_with('{') || text.starts_with('[')) {
    auto inside = Json::parse(text, nullptr, false);
    Secrets found;
    if (!inside.is_discarded() && members(inside, found)) {
      text = inside.dump(-1, ' ', false, Json::error_handler_t::replace);
      secrets.values.merge(found.values);
      any = true;
    }
  }
  any |= url_passwords(text, secrets);
  any |= assignments(text, secrets);
  if (any) secrets.names.push_back(name);
  leaf = text;
}

// {"name": "DB_PASSWORD", "value": "…"} of containers, {"Key": …, "Value": …} of tags, and header conditions.
bool pair(Json& j, Secrets& secrets) {
  static constexpr std::array<std::pair<const char*, const char*>, 4> kPairs{
      {{"name", "value"}, {"Name", "Value"}, {"key", "value"}, {"Key", "Value"}}};
  for (auto [n, v] : kPairs) {
    auto name = j.find(n), value = j.find(v);
    if (name == j.end() || value == j.end() || !name->is_string() || !value->is_string()) continue;
    auto called = name->get<std::string>();
    if (looks_secret(called))
      keep_back(*value, called, secrets);
    else
      within(*value, called, secrets);
    return true;
  }
  auto header = j.find("HttpHeaderName"), values = j.find("Values");
  if (header == j.end() || values == j.end() || !looks_secret(header->get<std::string>())) return false;
  for (auto& value : *values) keep_back(value, header->get<std::string>(), secrets);
  return true;
}

// ["--password", "hunter2"]
bool flag(const Json& before, const Json& now) {
  return before.is_string() && now.is_string() && before.get<std::string>().starts_with('-') &&
         before.get<std::string>().find('=') == std::string::npos &&
         looks_secret(before.get<std::string>()) && !now.get<std::string>().starts_with('-');
}

void in_free_text(Json& j, const std::string& member, Secrets& secrets) {
  if (j.is_object()) {
    if (pair(j, secrets)) return;
    for (auto& [name, value] : j.items())
      if (value.is_string() && looks_secret(name))
        keep_back(value, name, secrets);
      else
        in_free_text(value, name, secrets);
  } else if (j.is_array()) {
    for (size_t i = 0; i < j.size(); ++i)
      if (i > 0 && flag(j[i - 1], j[i]))
        keep_back(j[i], j[i - 1].get<std::string>(), secrets);
      else
        in_free_text(j[i], member, secrets);
  } else if (j.is_string()) {
    within(j, member, secrets);
  }
}

void scrub_free_text(Json& j, const std::set<std::string>& values) {
  if (j.is_structured()) {
    for (auto& element : j) scrub_free_text(element, values);
  } else if (j.is_string()) {
    auto text = j.get<std::string>();
    bool any = false;
    for (auto& v : values)
      for (size_t at = 0; v.size() >= kScrubbedMin && (at = text.find(v, at)) != text.npos; any = true)
        text.replace(at, v.size(), kWithheld), at += kWithheld.size();
    if (any) j = text;
  }
}

template <class F>
void each_free_text(Json& j, const std::string& member, const F& f) {
  if (free_text(member)) return f(j, member);
  if (j.is_object())
    for (auto& [name, value] : j.items()) each_free_text(value, name, f);
  else if (j.is_array())
    for (auto& element : j) each_free_text(element, member, f);
}

}  // namespace

bool looks_secret(std::string_view name) {
  if (name.starts_with("aws:")) return false;  // AWS's own tags
  auto whole = upper(name);
  for (Texts ending : {"ARN", "NAME", "ID", "FILE", "PATH", "BUCKET"})
    for (char mark : {'_', '-', '.'})
      if (whole.ends_with(mark + std::string(ending))) return false;
  // "apiKey", "api-key" and "API_KEY" are one word; "PASS" and "PWD" are secrets as words of their own only.
  std::string joined, words = " ";
  for (char c : whole)
    if (std::isalnum(static_cast<unsigned char>(c)))
      joined += c, words += c;
    else
      words += ' ';
  words += ' ';
  for (Texts word : {" PASS ", " PWD "})
    if (words.find(word) != words.npos) return true;
  static constexpr std::array<Texts, 10> kMarks{"PASSWORD",  "PASSWD", "PASSPHRASE", "PASSCODE",
                                                "SECRET",    "TOKEN",  "CREDENTIAL", "PRIVATEKEY",
                                                "ACCESSKEY", "APIKEY"};
  return std::ranges::any_of(kMarks, [&](auto m) { return joined.find(m) != joined.npos; });
}

void withhold(Json& properties, Secrets& secrets) {
  each_free_text(properties, "",
                 [&](Json& j, const std::string& member) { in_free_text(j, member, secrets); });
}

void scrub(Json& properties, const std::set<std::string>& values) {
  if (values.empty()) return;
  each_free_text(properties, "", [&](Json& j, const std::string&) { scrub_free_text(j, values); });
}

}  // namespace relight::dr
