// DNS messages (RFC 1035, 3596, 6891, 8659): parse and compose, bounds-checked. Pure functions over bytes.
//
// A name here is its canonical text: lower case, no trailing dot, the root is "". A byte that is not a
// printable ASCII character, a dot or a backslash inside a label is written \DDD (decimal), so splitting at
// '.' is always right.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relight::sandbox::dns {

enum Type : uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kSoa = 6,
  kPtr = 12,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kSrv = 33,
  kNaptr = 35,
  kOpt = 41,
  kDs = 43,
  kSpf = 99,
  kIxfr = 251,
  kAxfr = 252,
  kAny = 255,
  kCaa = 257
};
enum class Rcode : uint8_t {
  kNoError = 0,
  kFormErr = 1,
  kServFail = 2,
  kNxDomain = 3,
  kNotImp = 4,
  kRefused = 5,
  kBadVers = 16
};

struct Question {
  std::string name;  // canonical
  std::string sent;  // as the asker wrote it: echoed, so that 0x20-encoding resolvers are content
  uint16_t type = kA;
  uint16_t cls = 1;
};

struct Record {
  std::string name;  // canonical owner
  uint16_t type = kA;
  uint32_t ttl = 0;   // seconds
  std::string rdata;  // wire format, names uncompressed
  bool operator==(const Record&) const = default;
};

struct Edns {
  uint16_t udp_size = 512;
  uint8_t version = 0;
  bool dnssec_ok = false;
};

struct Message {
  uint16_t id = 0;
  bool response = false, authoritative = false, truncated = false, recursion_desired = false;
  uint8_t opcode = 0;
  Rcode rcode = Rcode::kNoError;
  std::vector<Question> questions;
  std::vector<Record> answers, authority, additional;
  std::optional<Edns> edns;
};

// Error "Dns.Malformed": truncated, a compression pointer that does not point back, a name above 255 bytes,
// or bytes after the end.
Result<Message> parse(std::string_view bytes);
// Owner names are compressed.
std::string compose(const Message& m);

// "WWW.Example.com." -> "www.example.com"; escapes (\052, octal as Route 53 writes them) are decoded first.
// nullopt: an empty label, a label above 63 bytes, a name above 255.
std::optional<std::string> canonical_name(std::string_view text);
std::vector<std::string_view> labels(std::string_view canonical);
std::string_view parent(std::string_view canonical);        // "" of a single label
bool inside(std::string_view name, std::string_view zone);  // the zone's apex counts

std::optional<uint16_t> type_of(std::string_view text);  // "AAAA" -> 28
std::string type_name(uint16_t type);                    // "TYPE999" if unknown

// A record's value as Route 53 and zone files write it ("10 mail.example.com.", "\"v=spf1\"") to wire format.
// Error "Dns.Value" says what is wrong with it.
Result<std::string> rdata_of(uint16_t type, std::string_view text);
std::string name_rdata(std::string_view canonical);
// The name that a CNAME's, NS's or PTR's rdata holds; "" if it is not one.
std::string rdata_name(std::string_view rdata);
std::string a_rdata(std::string_view ipv4);  // empty if not an address

}  // namespace relight::sandbox::dns
