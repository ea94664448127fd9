#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using FirewallJson = nlohmann::json;

// What is looked for in any header but these may be a shared secret ("X-Origin-Verify"), whatever it is called.
bool tells_nothing(std::string header) {
  static constexpr std::array<std::string_view, 14> kOpen{
      "accept",       "accept-encoding", "accept-language",  "content-encoding", "content-length",
      "content-type", "host",            "origin",           "range",            "referer",
      "user-agent",   "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"};
  std::ranges::transform(header, header.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(kOpen, header) != kOpen.end();
}

void hold_back(FirewallJson& value, const std::string& name, const std::string& plain, Secrets& secrets) {
  secrets.names.push_back(name);
  secrets.values.insert(plain);
  value = kWithheld;
}

// A ByteMatchStatement or RegexMatchStatement of one header.
void keep_header_match(FirewallJson& match, Secrets& secrets) {
  auto field = match.find("FieldToMatch");
  if (field == match.end() || !field->is_object() || !field->contains("SingleHeader")) return;
  auto header = (*field)["SingleHeader"].value("Name", "");
  if (tells_nothing(header)) return;
  if (auto it = match.find("SearchString"); it != match.end() && it->is_string()) {
    auto plain = unbase64(it->get<std::string>());
    hold_back(*it, header, plain ? *plain : it->get<std::string>(), secrets);
  }
  if (auto it = match.find("RegexString"); it != match.end() && it->is_string())
    hold_back(*it, header, it->get<std::string>(), secrets);
}

// Headers that a rule adds to requests or answers.
void keep_added_headers(FirewallJson& headers, Secrets& secrets) {
  for (auto& h : headers)
    if (auto name = h.value("Name", ""); h.contains("Value") && h["Value"].is_string() && looks_secret(name))
      hold_back(h["Value"], name, h["Value"].get<std::string>(), secrets);
}

void keep_secrets(FirewallJson& j, Secrets& secrets) {
  if (j.is_object())
    for (auto& [name, value] : j.items()) {
      if (value.is_object() && name.ends_with("MatchStatement")) keep_header_match(value, secrets);
      if (value.is_array() && (name == "InsertHeaders" || name == "ResponseHeaders"))
        keep_added_headers(value, secrets);
    }
  if (j.is_structured())
    for (auto& inner : j) keep_secrets(inner, secrets);
}

// ---- WAF: web ACLs of the region. IP sets, pattern sets and rule groups that their rules name are not captured.
constexpr std::array kWebAclDetails{Detail{
    "wafv2", "GetWebACL", R"({"Name":"{acl}","Scope":"REGIONAL","Id":"{name}"})", "/WebACL", "", ""}};
// What AWS counts of managed groups may change with them.
constexpr std::array<std::string_view, 1> kWebAclVolatile{"/Capacity"};

constexpr std::array kFirewallKinds{
    Kind{.name = "wafv2/web-acl", .details = kWebAclDetails, .volatile_ = kWebAclVolatile, .shape = keep_secrets},
};

}  // namespace

std::span<const Kind> firewall_kinds() { return kFirewallKinds; }

}  // namespace relight::dr
