#include "aws/codec/cbor.h"

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "aws/codec/json_value.h"
#include "aws/http/message.h"
#include "base/bytes.h"

namespace relight::aws::codec {
namespace {

using Json = nlohmann::json;

enum Major : uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

void cbor_argument(std::string& out, uint64_t v, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(v >> shift & 0xff);
}

void head(std::string& out, Major major, uint64_t n) {
  auto first = static_cast<char>(major << 5);
  if (n < 24) {
    out += static_cast<char>(first | static_cast<char>(n));
  } else if (n <= 0xff) {
    out += static_cast<char>(first | 24), cbor_argument(out, n, 1);
  } else if (n <= 0xffff) {
    out += static_cast<char>(first | 25), cbor_argument(out, n, 2);
  } else if (n <= 0xffffffff) {
    out += static_cast<char>(first | 26), cbor_argument(out, n, 4);
  } else {
    out += static_cast<char>(first | 27), cbor_argument(out, n, 8);
  }
}

void integer(std::string& out, int64_t v) {
  if (v >= 0) return head(out, kUnsigned, static_cast<uint64_t>(v));
  head(out, kNegative, static_cast<uint64_t>(-(v + 1)));
}
void cbor_floating(std::string& out, double v) {
  out += static_cast<char>(0xfb);
  cbor_argument(out, std::bit_cast<uint64_t>(v), 8);
}
void text(std::string& out, std::string_view s) {
  head(out, kText, s.size());
  out += s;
}
void bytes(std::string& out, std::string_view s) {
  head(out, kBytes, s.size());
  out += s;
}
void cbor_time(std::string& out, Instant t) {
  int64_t ms = t.time_since_epoch().count();
  head(out, kTag, 1);
  if (ms % 1000 == 0) return integer(out, ms / 1000);
  cbor_floating(out, static_cast<double>(ms) / 1000);
}

void structure(std::string& out, const Shape& s, const void* v) {
  size_t n = 0;
  for (auto& m : s.members) n += m.get(v) != nullptr;
  head(out, kMap, n);
  for (auto& m : s.members) {
    const void* p = m.get(v);
    if (!p) continue;
    text(out, m.wire);
    write_cbor(out, *m.shape(), p);
  }
}
void list(std::string& out, const Shape& s, const void* v) {
  size_t n = s.list->size(v);
  head(out, kArray, n);
  for (size_t i = 0; i < n; ++i) write_cbor(out, *s.element->shape(), s.list->at(v, i));
}
void map(std::string& out, const Shape& s, const void* v) {
  head(out, kMap, s.map->size(v));
  std::pair<std::string*, const Shape*> both{&out, &s};
  s.map->each(v, &both, [](void* arg, const std::string& key, const void* value) {
    auto& [to, shape] = *static_cast<std::pair<std::string*, const Shape*>*>(arg);
    text(*to, key);
    write_cbor(*to, *shape->element->shape(), value);
  });
}

double half(uint16_t h) {  // RFC 8949, appendix D
  int exponent = h >> 10 & 0x1f;
  double fraction = h & 0x3ff;
  double v = exponent == 0    ? std::ldexp(fraction, -24)
             : exponent != 31 ? std::ldexp(fraction + 1024, exponent - 25)
             : fraction == 0  ? HUGE_VAL
                              : std::nan("");
  return h & 0x8000 ? -v : v;
}

class Parser {
 public:
  explicit Parser(std::string_view s) : s_(s) {}
  bool ok = true;
  bool at_end() const { return at_ == s_.size(); }

  Json value(int depth) {
    if (depth > kMaxJsonDepth || at_end()) return fail();
    auto first = static_cast<uint8_t>(s_[at_++]);
    auto major = static_cast<Major>(first >> 5);
    uint8_t info = first & 0x1f;
    if (major == kSimple) return simple(info);
    bool indefinite = info == 31;
    uint64_t n = indefinite ? 0 : argument(info);
    if (!ok || (indefinite && (major < kBytes || major == kTag))) return fail();
    switch (major) {
      case kUnsigned:
        return n;
      case kNegative:
        return n > INT64_MAX ? fail() : Json(-1 - static_cast<int64_t>(n));
      case kBytes:
        return base64(string(major, n, indefinite));
      case kText:
        return string(major, n, indefinite);
      case kArray:
        return array(n, indefinite, depth);
      case kMap:
        return map(n, indefinite, depth);
      default:
        return value(depth + 1);  // tags say how to read a number; the shape knows
    }
  }

 private:
  std::string_view s_;
  size_t at_ = 0;

  Json fail() { return ok = false, Json(); }

  uint64_t fixed(size_t bytes) {
    if (s_.size() - at_ < bytes) return ok = false, 0;
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; ++i) v = v << 8 | static_cast<uint8_t>(s_[at_++]);
    return v;
  }
  uint64_t argument(uint8_t info) {
    if (info < 24) return info;
    if (info > 27) return ok = false, 0;
    return fixed(size_t{1} << (info - 24));
  }
  bool take_break() {
    if (at_end() || static_cast<uint8_t>(s_[at_]) != 0xff) return false;
    return ++at_, true;
  }

  Json simple(uint8_t info) {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return Json();
      case 25:
        return half(static_cast<uint16_t>(fixed(2)));
      case 26:
        return std::bit_cast<float>(static_cast<uint32_t>(fixed(4)));
      case 27:
        return std::bit_cast<double>(fixed(8));
      default:
        return fail();
    }
  }

  std::string string(Major major, uint64_t n, bool indefinite) {
    if (!indefinite) return chunk(n);
    std::string out;
    while (ok && !take_break()) {
      uint8_t first = at_end() ? 0 : static_cast<uint8_t>(s_[at_++]);
      if (first >> 5 != major || (first & 0x1f) == 31) return ok = false, out;
      out += chunk(argument(first & 0x1f));
    }
    return out;
  }
  std::string chunk(uint64_t n) {
    if (!ok || n > s_.size() - at_) return ok = false, std::string{};
    at_ += n;
    return std::string(s_.substr(at_ - n, n));
  }

  Json array(uint64_t n, bool indefinite, int depth) {
    Json out = Json::array();
    for (uint64_t i = 0; ok && (indefinite ? !take_break() : i < n); ++i) out.push_back(value(depth + 1));
    return out;
  }
  Json map(uint64_t n, bool indefinite, int depth) {
    Json out = Json::object();
    for (uint64_t i = 0; ok && (indefinite ? !take_break() : i < n); ++i) {
      Json key = value(depth + 1);
      if (!ok || !key.is_string()) return fail();
      out[key.get<std::string>()] = value(depth + 1);
    }
    return out;
  }
};

}  // namespace

void write_cbor(std::string& out, const Shape& s, const void* v) {
  switch (s.type) {
    case Type::kStructure:
      return structure(out, s, v);
    case Type::kList:
      return list(out, s, v);
    case Type::kMap:
      return map(out, s, v);
    case Type::kString:
      return text(out, *static_cast<const std::string*>(v));
    case Type::kBoolean:
      out += static_cast<char>(*static_cast<const bool*>(v) ? 0xf5 : 0xf4);
      return;
    case Type::kInteger:
      return integer(out, *static_cast<const int32_t*>(v));
    case Type::kLong:
      return integer(out, *static_cast<const int64_t*>(v));
    case Type::kFloat:
      return cbor_floating(out, *static_cast<const float*>(v));
    case Type::kDouble:
      return cbor_floating(out, *static_cast<const double*>(v));
    case Type::kTimestamp:
      return cbor_time(out, *static_cast<const Instant*>(v));
    case Type::kBlob:
      return bytes(out, static_cast<const Blob*>(v)->bytes);
    case Type::kBody:
      return bytes(out, static_cast<const http::Body*>(v)->read().value_or(""));
    case Type::kDocument:
      return text(out, static_cast<const Document*>(v)->json);
  }
}

Result<Json> parse_cbor(std::string_view bytes) {
  Parser p(bytes);
  Json j = p.value(0);
  if (p.ok && p.at_end()) return j;
  Error e;
  e.code = "SerializationException";
  e.message = "The body is not valid CBOR";
  e.http_status = 400;
  return fail(std::move(e));
}

}  // namespace relight::aws::codec
