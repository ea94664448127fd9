#include "dr/steps/translate.h"

#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

namespace relight::dr {
namespace {
using OrderedJson = nlohmann::ordered_json;  // a secret keeps the order of its members

bool within_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_'; }

void replace_word(std::string& text, const std::string& from, const std::string& to) {
  if (from.empty() || to.empty() || from == to) return;
  for (size_t at = 0; (at = text.find(from, at)) != text.npos;) {
    size_t end = at + from.size();
    bool whole = (at == 0 || (!within_name(text[at - 1]) && text[at - 1] != '.')) &&
                 (end == text.size() || !within_name(text[end]));
    if (whole) text.replace(at, from.size(), to);
    at += whole ? to.size() : 1;
  }
}

// What a secret of RDS's form calls the instance ("JSON structure of AWS Secrets Manager database secrets").
constexpr const char* kInstanceMember = "dbInstanceIdentifier";

void translate_members(OrderedJson& j, const Config& c, const Topology& t) {
  if (j.is_string()) j = translated(j.get<std::string>(), c, t);
  if (j.is_object())
    if (auto it = j.find(kInstanceMember);
        it != j.end() && *it == t.primary.database && !t.recovery.database.empty())
      *it = t.recovery.database;
  if (j.is_structured())
    for (auto& member : j) translate_members(member, c, t);
}

}  // namespace

std::string translated(const std::string& text, const Config& c, const Topology& t) {
  auto &p = t.primary, &d = t.recovery;
  const std::array<std::pair<std::string, std::string>, 2> whole{
      {{c.primary.region, c.recovery.region}, {p.bucket, d.bucket}}};
  for (auto& [from, to] : whole)
    if (!from.empty() && !to.empty() && text == from) return to;
  auto out = text;
  replace_word(out, p.database_host, d.database_host);
  replace_word(out, p.load_balancer, d.load_balancer);
  if (!p.bucket.empty() && !d.bucket.empty())  // its name may be a common word
    for (auto [before, after] : {std::pair{"arn:aws:s3:::", ""}, {"s3://", ""}, {"", ".s3"}})
      replace_word(out, before + p.bucket + after, before + d.bucket + after);
  return out;
}

std::string translated_secret(const std::string& value, const Config& c, const Topology& t) {
  auto j = OrderedJson::parse(value, nullptr, false);
  if (!j.is_object()) return translated(value, c, t);
  auto before = j;
  translate_members(j, c, t);
  return j == before ? value : j.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace relight::dr
