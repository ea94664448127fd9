#include "sandbox/planes/dns/message.h"

#include <algorithm>
#include <map>

namespace relight::sandbox::dns {
namespace {

constexpr size_t kNameLimit = 255;    // RFC 1035 2.3.4, bytes on the wire
constexpr size_t kRecordLimit = 512;  // records of one message that are read: more is hostile

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

void put_text(std::string& out, unsigned char c, bool fold) {
  if (c > 0x20 && c < 0x7f && c != '.' && c != '\\') {
    out += fold ? lower(static_cast<char>(c)) : static_cast<char>(c);
    return;
  }
  out += '\\';
  out += static_cast<char>('0' + c / 100);
  out += static_cast<char>('0' + c / 10 % 10);
  out += static_cast<char>('0' + c % 10);
}

struct Reader {
  std::string_view b;
  size_t at = 0;
  bool ok = true;

  uint8_t u8() {
    if (at + 1 > b.size()) return ok = false, uint8_t{0};
    return static_cast<uint8_t>(b[at++]);
  }
  uint16_t u16() {
    auto hi = u8();
    return static_cast<uint16_t>(hi << 8 | u8());
  }
  uint32_t u32() {
    auto hi = u16();
    return static_cast<uint32_t>(hi) << 16 | u16();
  }
  // Appends the name at `at` to both texts; each pointer must point before the place it stands at, so it
  // ends.
  void name(std::string& folded, std::string& sent) {
    size_t p = at, bound = at, length = 1;
    bool jumped = false;
    while (ok) {
      if (p >= b.size()) {
        ok = false;
        return;
      }
      auto n = static_cast<uint8_t>(b[p]);
      if ((n & 0xc0) == 0xc0) {
        if (p + 2 > b.size()) {
          ok = false;
          return;
        }
        size_t to = static_cast<size_t>(n & 0x3f) << 8 | static_cast<uint8_t>(b[p + 1]);
        if (!jumped) at = p + 2;
        jumped = true;
        if (to >= bound) {
          ok = false;
          return;
        }
        p = bound = to;
        continue;
      }
      if (n & 0xc0) {
        ok = false;
        return;
      }
      if (n == 0) {
        if (!jumped) at = p + 1;
        return;
      }
      length += n + 1u;
      if (p + 1 + n > b.size() || length > kNameLimit) {
        ok = false;
        return;
      }
      if (!folded.empty()) folded += '.', sent += '.';
      for (size_t i = 0; i < n; ++i) {
        put_text(folded, static_cast<unsigned char>(b[p + 1 + i]), true);
        put_text(sent, static_cast<unsigned char>(b[p + 1 + i]), false);
      }
      p += 1u + n;
    }
  }
};

void put16(std::string& out, uint16_t v) {
  out += static_cast<char>(v >> 8);
  out += static_cast<char>(v & 0xff);
}
void put32(std::string& out, uint32_t v) {
  put16(out, static_cast<uint16_t>(v >> 16));
  put16(out, static_cast<uint16_t>(v & 0xffff));
}

std::string label_bytes(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>((text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

using Offsets = std::map<std::string, size_t, std::less<>>;

// `known` null: no compression.
void put_name(std::string& out, std::string_view name, Offsets* known) {
  while (!name.empty()) {
    if (known) {
      if (auto it = known->find(name); it != known->end()) {
        put16(out, static_cast<uint16_t>(0xc000 | it->second));
        return;
      }
      if (out.size() < 0x4000) known->emplace(std::string(name), out.size());
    }
    std::string bytes = label_bytes(name.substr(0, name.find('.')));
    out += static_cast<char>(bytes.size());
    out += bytes;
    name = parent(name);
  }
  out += '\0';
}

void put_record(std::string& out, const Record& r, Offsets& known) {
  put_name(out, r.name, &known);
  put16(out, r.type);
  put16(out, 1);
  put32(out, r.ttl);
  put16(out, static_cast<uint16_t>(r.rdata.size()));
  out += r.rdata;
}

void read_records(Reader& in, int count, std::vector<Record>& to, Message& m) {
  for (int i = 0; i < count && in.ok; ++i) {
    Record r;
    std::string sent;
    in.name(r.name, sent);
    r.type = in.u16();
    uint16_t cls = in.u16();
    r.ttl = in.u32();
    uint16_t size = in.u16();
    if (!in.ok || in.at + size > in.b.size()) {
      in.ok = false;
      return;
    }
    r.rdata = in.b.substr(in.at, size);
    in.at += size;
    if (r.type != kOpt) {
      to.push_back(std::move(r));
      continue;
    }
    if (m.edns || !r.name.empty()) in.ok = false;  // RFC 6891 6.1.1: one OPT, owned by the root
    m.edns = Edns{cls, static_cast<uint8_t>(r.ttl >> 16 & 0xff), (r.ttl & 0x8000) != 0};
  }
}

std::unexpected<Error> malformed(std::string_view why) { return fail("Dns.Malformed", why); }

}  // namespace

Result<Message> parse(std::string_view bytes) {
  Reader in{bytes};
  Message m;
  m.id = in.u16();
  uint16_t flags = in.u16();
  int counts[4];
  for (int& c : counts) c = in.u16();
  if (!in.ok) return malformed("a DNS message has a header of 12 bytes");
  m.response = flags >> 15;
  m.opcode = flags >> 11 & 15;
  m.authoritative = flags >> 10 & 1;
  m.truncated = flags >> 9 & 1;
  m.recursion_desired = flags >> 8 & 1;
  m.rcode = static_cast<Rcode>(flags & 15);
  if (static_cast<size_t>(counts[0] + counts[1] + counts[2] + counts[3]) > kRecordLimit)
    return malformed("more records than a sane message holds");
  for (int i = 0; i < counts[0] && in.ok; ++i) {
    Question q;
    in.name(q.name, q.sent);
    q.type = in.u16();
    q.cls = in.u16();
    m.questions.push_back(std::move(q));
  }
  read_records(in, counts[1], m.answers, m);
  read_records(in, counts[2], m.authority, m);
  read_records(in, counts[3], m.additional, m);
  if (!in.ok) return malformed("the message ends early or holds a name that is not one");
  if (in.at != bytes.size()) return malformed("bytes follow the last record");
  return m;
}

std::string compose(const Message& m) {
  std::string out;
  put16(out, m.id);
  auto code = static_cast<uint8_t>(m.rcode);
  put16(out, static_cast<uint16_t>(m.response << 15 | m.opcode << 11 | m.authoritative << 10 |
                                   m.truncated << 9 | m.recursion_desired << 8 | (code & 15)));
  put16(out, static_cast<uint16_t>(m.questions.size()));
  put16(out, static_cast<uint16_t>(m.answers.size()));
  put16(out, static_cast<uint16_t>(m.authority.size()));
  put16(out, static_cast<uint16_t>(m.additional.size() + (m.edns ? 1 : 0)));
  Offsets known;
  for (auto& q : m.questions) {
    size_t at = out.size();
    put_name(out, q.sent.empty() ? q.name : q.sent, nullptr);
    // Later owners may point into the question, whatever its case.
    for (std::string_view n = q.name; !n.empty(); n = parent(n)) {
      known.emplace(std::string(n), at);
      at += static_cast<uint8_t>(out[at]) + 1u;
    }
    put16(out, q.type);
    put16(out, q.cls);
  }
  for (auto* section : {&m.answers, &m.authority, &m.additional})
    for (auto& r : *section) put_record(out, r, known);
  if (m.edns) {
    out += '\0';
    put16(out, kOpt);
    put16(out, m.edns->udp_size);
    put32(out, static_cast<uint32_t>(code >> 4) << 24 | static_cast<uint32_t>(m.edns->version) << 16 |
                   (m.edns->dnssec_ok ? 0x8000u : 0u));
    put16(out, 0);
  }
  return out;
}

std::optional<std::string> canonical_name(std::string_view text) {
  if (text.ends_with('.') && !text.ends_with("\\.")) text.remove_suffix(1);
  std::string out;
  if (text.empty()) return out;
  size_t label = 0, total = 1;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '.') {
      if (label == 0 || label > 63) return std::nullopt;
      total += label + 1;
      label = 0;
      if (i < text.size()) out += '.';
      continue;
    }
    unsigned char c = static_cast<unsigned char>(text[i]);
    auto octal = [&](size_t k) { return k < text.size() && text[k] >= '0' && text[k] <= '7'; };
    if (c == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      int v = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
      if (v > 255) return std::nullopt;
      c = static_cast<unsigned char>(v);
      i += 3;
    } else if (c == '\\') {
      if (++i >= text.size()) return std::nullopt;
      c = static_cast<unsigned char>(text[i]);
    }
    put_text(out, c, true);
    ++label;
  }
  return total > kNameLimit ? std::nullopt : std::optional(out);
}

std::vector<std::string_view> labels(std::string_view name) {
  std::vector<std::string_view> out;
  for (; !name.empty(); name = parent(name)) out.push_back(name.substr(0, name.find('.')));
  return out;
}

std::string_view parent(std::string_view name) {
  size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

bool inside(std::string_view name, std::string_view zone) {
  if (zone.empty() || name == zone) return true;
  return name.size() > zone.size() && name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.';
}

std::string name_rdata(std::string_view canonical) {
  std::string out;
  put_name(out, canonical, nullptr);
  return out;
}

std::string rdata_name(std::string_view rdata) {
  Reader in{rdata};
  std::string folded, sent;
  in.name(folded, sent);
  return in.ok ? folded : "";
}

}  // namespace relight::sandbox::dns
