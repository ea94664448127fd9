#include <charconv>
#include <cmath>

#include "aws/codec/json_value.h"
#include "aws/http/message.h"
#include "base/bytes.h"
#include "base/clock.h"

namespace relight::aws::codec {
namespace {

// Length of the well-formed UTF-8 sequence at s[i], 0 if there is none (RFC 3629).
size_t utf8_length(std::string_view s, size_t i) {
  auto at = [&](size_t k) { return k < s.size() ? static_cast<unsigned char>(s[k]) : 0u; };
  unsigned a = at(i), b = at(i + 1);
  auto tail = [&](size_t k) { return (at(k) & 0xC0) == 0x80; };
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF) return tail(i + 1) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    if ((a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F)) return 0;
    return tail(i + 1) && tail(i + 2) ? 3 : 0;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    if ((a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F)) return 0;
    return tail(i + 1) && tail(i + 2) && tail(i + 3) ? 4 : 0;
  }
  return 0;
}

void escape(std::string& out, unsigned char c) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      out += "\\u00", out += digits[c >> 4], out += digits[c & 15];
  }
}

template <class N>
void number(std::string& out, N v) {
  char text[64];
  auto end = std::to_chars(text, text + sizeof text, v).ptr;
  out.append(text, end);
}

template <class F>
void floating(std::string& out, F v) {
  if (std::isnan(v)) {
    out += "\"NaN\"";
  } else if (std::isinf(v)) {
    out += v > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    number(out, v);
  }
}

void epoch(std::string& out, Instant t) {
  int64_t ms = t.time_since_epoch().count();
  if (ms < 0) out += '-', ms = -ms;
  number(out, ms / 1000);
  if (ms % 1000 == 0) return;
  std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
  while (fraction.back() == '0') fraction.pop_back();
  out += "." + fraction;
}

void time(std::string& out, Instant t, TimeFormat format) {
  if (format == TimeFormat::kUnix) return epoch(out, t);
  std::string text = format == TimeFormat::kRfc822 ? http_date(t) : iso8601(t);
  if (text.ends_with(".000Z")) text.replace(text.size() - 5, 5, "Z");
  write_json_string(out, text);
}

struct JsonWriter {
  std::string& out;
  const JsonForm& form;

  void value(const Shape& s, const void* v, TimeFormat member_time) {
    switch (s.type) {
      case Type::kStructure:
        return structure(s, v, Members::kAll);
      case Type::kList:
        return list(s, v);
      case Type::kMap:
        return map(s, v);
      case Type::kString:
        return write_json_string(out, *static_cast<const std::string*>(v));
      case Type::kBoolean:
        out += *static_cast<const bool*>(v) ? "true" : "false";
        return;
      case Type::kInteger:
        return number(out, *static_cast<const int32_t*>(v));
      case Type::kLong:
        return number(out, *static_cast<const int64_t*>(v));
      case Type::kFloat:
        return floating(out, *static_cast<const float*>(v));
      case Type::kDouble:
        return floating(out, *static_cast<const double*>(v));
      case Type::kTimestamp:
        return time(out, *static_cast<const Instant*>(v), time_format(s, member_time));
      case Type::kBlob:
        out += '"' + base64(static_cast<const Blob*>(v)->bytes) + '"';
        return;
      case Type::kBody:
        out += '"' + base64(static_cast<const http::Body*>(v)->read().value_or("")) + '"';
        return;
      case Type::kDocument: {
        auto& json = static_cast<const Document*>(v)->json;
        out += json.empty() ? "null" : json;
        return;
      }
    }
  }

  TimeFormat time_format(const Shape& s, TimeFormat member_time) const {
    if (!form.own_times) return form.time;
    if (member_time != TimeFormat::kDefault) return member_time;
    return s.time != TimeFormat::kDefault ? s.time : form.time;
  }

  void structure(const Shape& s, const void* v, Members members) {
    out += '{';
    bool first = true;
    for (auto& m : s.members) {
      if (members == Members::kPayload && m.location != Location::kPayload) continue;
      const void* p = m.get(v);
      if (!p) continue;
      if (!first) out += ',';
      first = false;
      out += '"';
      out += form.wire_names ? m.wire : m.name;  // names of the model need no escaping
      out += "\":";
      value(*m.shape(), p, m.time);
    }
    out += '}';
  }

  void list(const Shape& s, const void* v) {
    out += '[';
    const Shape& e = *s.element->shape();
    for (size_t i = 0, n = s.list->size(v); i < n; ++i) {
      if (i) out += ',';
      value(e, s.list->at(v, i), s.element->time);
    }
    out += ']';
  }

  void map(const Shape& s, const void* v) {
    struct Each {
      JsonWriter* w;
      const Shape* s;
      bool first = true;
    } each{this, &s};
    out += '{';
    s.map->each(v, &each, [](void* arg, const std::string& key, const void* value) {
      auto& e = *static_cast<Each*>(arg);
      if (!e.first) e.w->out += ',';
      e.first = false;
      write_json_string(e.w->out, key);
      e.w->out += ':';
      e.w->value(*e.s->element->shape(), value, e.s->element->time);
    });
    out += '}';
  }
};

}  // namespace

void write_json_string(std::string& out, std::string_view s) {
  out += '"';
  for (size_t i = 0; i < s.size();) {
    auto c = static_cast<unsigned char>(s[i]);
    if (c < 0x20 || c == '"' || c == '\\') {
      escape(out, c), ++i;
    } else if (size_t n = utf8_length(s, i)) {
      out.append(s, i, n), i += n;
    } else {
      out += "\xEF\xBF\xBD", ++i;
    }
  }
  out += '"';
}

void write_json(std::string& out, const Shape& shape, const void* value, const JsonForm& form,
                Members members) {
  JsonWriter w{out, form};
  if (shape.type == Type::kStructure) return w.structure(shape, value, members);
  w.value(shape, value, TimeFormat::kDefault);
}

}  // namespace relight::aws::codec
