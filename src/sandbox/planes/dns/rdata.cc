// Record values between the text that Route 53 stores and the wire.
#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "sandbox/planes/dns/message.h"

namespace relight::sandbox::dns {
namespace {

constexpr std::array<std::pair<std::string_view, uint16_t>, 15> kTypes{{{"A", kA},
                                                                        {"NS", kNs},
                                                                        {"CNAME", kCname},
                                                                        {"SOA", kSoa},
                                                                        {"PTR", kPtr},
                                                                        {"MX", kMx},
                                                                        {"TXT", kTxt},
                                                                        {"AAAA", kAaaa},
                                                                        {"SRV", kSrv},
                                                                        {"NAPTR", kNaptr},
                                                                        {"DS", kDs},
                                                                        {"SPF", kSpf},
                                                                        {"CAA", kCaa},
                                                                        {"ANY", kAny},
                                                                        {"OPT", kOpt}}};

std::unexpected<Error> bad(std::string_view why) { return fail("Dns.Value", why); }

bool space(char c) { return c == ' ' || c == '\t'; }

// A value as a sequence of words; a word in quotation marks is one character string.
struct Words {
  std::string_view s;
  Error error;

  void skip() {
    while (!s.empty() && space(s.front())) s.remove_prefix(1);
  }
  bool more() { return skip(), !s.empty(); }
  std::string_view word() {
    skip();
    size_t n = 0;
    while (n < s.size() && !space(s[n])) ++n;
    auto w = s.substr(0, n);
    s.remove_prefix(n);
    return w;
  }
  bool number(std::string& out, int bytes) {
    auto w = word();
    uint64_t v = 0;
    auto [p, ec] = std::from_chars(w.data(), w.data() + w.size(), v);
    if (w.empty() || ec != std::errc{} || p != w.data() + w.size() || (bytes < 8 && v >> (8 * bytes) != 0))
      return false;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(v >> (8 * i) & 0xff);
    return true;
  }
  bool name(std::string& out) {
    auto w = word();
    auto n = canonical_name(w);
    if (w.empty() || !n) return false;
    out += name_rdata(*n);
    return true;
  }
  // "\"" text "\"" with \" \\ and \ooo (octal: Route 53 Developer Guide, "TXT record type").
  std::optional<std::string> quoted() {
    skip();
    if (s.empty() || s.front() != '"') return std::nullopt;
    s.remove_prefix(1);
    std::string out;
    while (!s.empty() && s.front() != '"') {
      char c = s.front();
      s.remove_prefix(1);
      if (c == '\\' && s.size() >= 3 && s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
          s[2] >= '0' && s[2] <= '7') {
        c = static_cast<char>((s[0] - '0') * 64 + (s[1] - '0') * 8 + (s[2] - '0'));
        s.remove_prefix(3);
      } else if (c == '\\') {
        if (s.empty()) return std::nullopt;
        c = s.front();
        s.remove_prefix(1);
      }
      out += c;
    }
    if (s.empty()) return std::nullopt;
    s.remove_prefix(1);
    return out;
  }
  bool text(std::string& out) {
    auto q = quoted();
    if (!q || q->size() > 255) return false;
    out += static_cast<char>(q->size());
    out += *q;
    return true;
  }
};

Result<std::string> address(int family, std::string_view text, size_t size) {
  char raw[16];
  if (inet_pton(family, std::string(text).c_str(), raw) != 1)
    return bad(family == AF_INET ? "Value is not a valid IPv4 address" : "Value is not a valid IPv6 address");
  return std::string(raw, size);
}

Result<std::string> txt(Words w) {
  std::string out;
  if (!w.more()) return bad("Value should be enclosed in quotation marks");
  while (w.more()) {
    if (w.s.front() != '"')
      return bad("InvalidCharacterString (Value should be enclosed in quotation marks)");
    if (!w.text(out)) return bad("CharacterStringTooLong (Value is too long)");
  }
  return out;
}

bool caa(Words& w, std::string& out) {
  if (!w.number(out, 1)) return false;
  auto tag = w.word();
  auto value = w.quoted();
  if (tag.empty() || tag.size() > 15 || !value) return false;
  out += static_cast<char>(tag.size());
  out += tag;
  out += *value;
  return true;
}

bool soa(Words& w, std::string& out) {
  if (!w.name(out) || !w.name(out)) return false;
  for (int i = 0; i < 5; ++i)
    if (!w.number(out, 4)) return false;
  return true;
}

bool structured(uint16_t type, Words& w, std::string& out) {
  switch (type) {
    case kNs:
    case kCname:
    case kPtr:
      return w.name(out);
    case kMx:
      return w.number(out, 2) && w.name(out);
    case kSrv:
      return w.number(out, 2) && w.number(out, 2) && w.number(out, 2) && w.name(out);
    case kSoa:
      return soa(w, out);
    case kCaa:
      return caa(w, out);
    case kNaptr:
      return w.number(out, 2) && w.number(out, 2) && w.text(out) && w.text(out) && w.text(out) && w.name(out);
    case kDs: {
      if (!w.number(out, 2) || !w.number(out, 1) || !w.number(out, 1)) return false;
      auto digest = unhex(w.word());
      if (!digest || digest->empty()) return false;
      out += *digest;
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

std::optional<uint16_t> type_of(std::string_view text) {
  for (auto& [name, value] : kTypes)
    if (name == text) return value;
  return std::nullopt;
}

std::string type_name(uint16_t type) {
  for (auto& [name, value] : kTypes)
    if (value == type) return std::string(name);
  return "TYPE" + std::to_string(type);
}

Result<std::string> rdata_of(uint16_t type, std::string_view text) {
  if (type == kA) return address(AF_INET, text, 4);
  if (type == kAaaa) return address(AF_INET6, text, 16);
  Words w{text, {}};
  if (type == kTxt || type == kSpf) return txt(w);
  std::string out;
  if (!structured(type, w, out) || w.more())
    return bad("Value is not what a record of type " + type_name(type) + " holds");
  return out;
}

std::string a_rdata(std::string_view ipv4) {
  auto r = address(AF_INET, ipv4, 4);
  return r ? *r : "";
}

}  // namespace relight::sandbox::dns
