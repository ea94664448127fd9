#include "aws/codec/text_value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "aws/http/message.h"
#include "base/bytes.h"

namespace relight::aws::codec {
namespace {

template <class T>
const T& as(const void* p) {
  return *static_cast<const T*>(p);
}

// The shortest text that reads back as the same number; never in a form that a client would take for an
// integer.
template <class F>
std::string float_text(F f) {
  if (std::isnan(f)) return "NaN";
  if (std::isinf(f)) return f > 0 ? "Infinity" : "-Infinity";
  std::string s = fmt::format("{}", f);
  if (s.find_first_not_of("-0123456789") == std::string::npos) s += ".0";
  return s;
}

std::string unix_text(Instant t) {
  int64_t ms = t.time_since_epoch().count();
  if (ms % 1000 == 0) return std::to_string(ms / 1000);
  return fmt::format("{:.3f}", static_cast<double>(ms) / 1000.0);
}

std::string time_text(Instant t, TimeFormat f) {
  if (f == TimeFormat::kUnix) return unix_text(t);
  if (f == TimeFormat::kRfc822) return http_date(t);
  std::string s = iso8601(t);
  if (s.ends_with(".000Z")) s.replace(s.size() - 5, 5, "Z");
  return s;
}

std::unexpected<Error> bad(std::string_view text, std::string_view wanted) {
  Error e;
  e.code = "SerializationException";
  e.message = text.size() > 100 ? fmt::format("a value is not {}", wanted)
                                : fmt::format("'{}' is not {}", text, wanted);
  e.http_status = 400;
  return fail(std::move(e));
}

template <class I>
Result<> parse_integer(std::string_view text, std::string_view wanted, void* out) {
  std::string_view t = text.starts_with('+') ? text.substr(1) : text;
  I v{};
  auto [end, ec] = std::from_chars(t.data(), t.data() + t.size(), v);
  if (ec != std::errc{} || end != t.data() + t.size()) return bad(text, wanted);
  *static_cast<I*>(out) = v;
  return {};
}

template <class F>
Result<> parse_float(std::string_view text, void* out) {
  F v{};
  if (text == "NaN") {
    v = std::numeric_limits<F>::quiet_NaN();
  } else if (text == "Infinity" || text == "-Infinity") {
    v = text[0] == '-' ? -std::numeric_limits<F>::infinity() : std::numeric_limits<F>::infinity();
  } else {
    std::string_view t = text.starts_with('+') ? text.substr(1) : text;
    bool digits = t.find_first_not_of("+-.0123456789eE") == std::string_view::npos;  // no "inf", no "nan(..)"
    auto [end, ec] = std::from_chars(t.data(), t.data() + t.size(), v);
    if (!digits || ec != std::errc{} || end != t.data() + t.size()) return bad(text, "a number");
  }
  *static_cast<F*>(out) = v;
  return {};
}

Result<> parse_boolean(std::string_view text, void* out) {
  bool yes = http::iequals(text, "true") || text == "1";
  if (!yes && !http::iequals(text, "false") && text != "0") return bad(text, "a boolean");
  *static_cast<bool*>(out) = yes;
  return {};
}

Result<> parse_time(std::string_view text, TimeFormat f, void* out) {
  auto& t = *static_cast<Instant*>(out);
  // Clients may send seconds since the epoch wherever ISO 8601 is the default, as AWS's own services accept
  // it.
  bool number = !text.empty() && text.find_first_not_of("0123456789.-eE+") == std::string_view::npos &&
                text.find('-', 1) == std::string_view::npos;
  if (f == TimeFormat::kUnix || (number && text.find('T') == std::string_view::npos)) {
    double seconds = 0;
    if (!parse_float<double>(text, &seconds) || !(std::abs(seconds) < 1e12)) return bad(text, "a timestamp");
    t = Instant{Millis{std::llround(seconds * 1000.0)}};
    return {};
  }
  auto r = f == TimeFormat::kRfc822 ? parse_http_date(text) : parse_iso8601(text);
  if (!r) r = f == TimeFormat::kRfc822 ? parse_iso8601(text) : parse_http_date(text);
  if (!r) return bad(text, "a timestamp");
  t = *r;
  return {};
}

TimeFormat effective(const Shape& shape, TimeFormat member, TimeFormat fallback) {
  if (member != TimeFormat::kDefault) return member;
  return shape.time != TimeFormat::kDefault ? shape.time : fallback;
}

}  // namespace

bool is_simple(const Shape& shape) {
  return shape.type != Type::kStructure && shape.type != Type::kList && shape.type != Type::kMap;
}

std::string simple_text(const Shape& shape, const void* value, TimeFormat time, TimeFormat fallback) {
  switch (shape.type) {
    case Type::kString:
      return as<std::string>(value);
    case Type::kBoolean:
      return as<bool>(value) ? "true" : "false";
    case Type::kInteger:
      return std::to_string(as<int32_t>(value));
    case Type::kLong:
      return std::to_string(as<int64_t>(value));
    case Type::kFloat:
      return float_text(as<float>(value));
    case Type::kDouble:
      return float_text(as<double>(value));
    case Type::kTimestamp:
      return time_text(as<Instant>(value), effective(shape, time, fallback));
    case Type::kBlob:
      return base64(as<Blob>(value).bytes);
    case Type::kDocument:
      return as<Document>(value).json;
    default:
      return {};
  }
}

Result<> parse_simple(const Shape& shape, std::string_view text, TimeFormat time, TimeFormat fallback,
                      void* value) {
  switch (shape.type) {
    case Type::kString:
      *static_cast<std::string*>(value) = text;
      return {};
    case Type::kBoolean:
      return parse_boolean(text, value);
    case Type::kInteger:
      return parse_integer<int32_t>(text, "an integer", value);
    case Type::kLong:
      return parse_integer<int64_t>(text, "a long integer", value);
    case Type::kFloat:
      return parse_float<float>(text, value);
    case Type::kDouble:
      return parse_float<double>(text, value);
    case Type::kTimestamp:
      return parse_time(text, effective(shape, time, fallback), value);
    case Type::kBlob: {
      auto b = unbase64(text);
      if (!b) return bad(text, "base64");
      static_cast<Blob*>(value)->bytes = std::move(*b);
      return {};
    }
    case Type::kDocument:
      static_cast<Document*>(value)->json = text;
      return {};
    default:
      return bad("", "a simple value");
  }
}

}  // namespace relight::aws::codec
