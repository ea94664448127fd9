#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "aws/codec/json_value.h"
#include "aws/http/message.h"
#include "base/bytes.h"
#include "base/clock.h"

namespace relight::aws::codec {
namespace {

using Json = nlohmann::json;

std::unexpected<Error> bad(std::string message) {
  Error e;
  e.code = "SerializationException";
  e.message = std::move(message);
  e.http_status = 400;
  return fail(std::move(e));
}

// Bombs die before anything is built of them.
bool too_deep(std::string_view s) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < s.size(); ++i) {
    char c = s[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxJsonDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

const char* kind(const Json& j) {
  switch (j.type()) {
    case Json::value_t::string:
      return "STRING_VALUE";
    case Json::value_t::boolean:
      return j.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE";
    case Json::value_t::array:
      return "START_ARRAY";
    case Json::value_t::object:
      return "START_OBJECT";
    case Json::value_t::null:
      return "NULL_VALUE";
    default:
      return "NUMBER_VALUE";
  }
}

struct Reader {
  const JsonForm& form;
  std::string path;

  std::unexpected<Error> mismatch(const Json& j, const char* wanted) const {
    std::string where = path.empty() ? "" : " at " + path;
    return bad(std::string(kind(j)) + " cannot be converted to " + wanted + where);
  }

  Result<> value(const Json& j, const Shape& s, void* v, TimeFormat member_time) {
    switch (s.type) {
      case Type::kStructure:
        return structure(j, s, v, Members::kAll);
      case Type::kList:
        return list(j, s, v);
      case Type::kMap:
        return map(j, s, v);
      case Type::kString:
        return string(j, *static_cast<std::string*>(v));
      case Type::kBoolean:
        if (!j.is_boolean()) return mismatch(j, "Boolean");
        *static_cast<bool*>(v) = j.get<bool>();
        return {};
      case Type::kInteger:
        return integer(j, *static_cast<int32_t*>(v), "Integer");
      case Type::kLong:
        return integer(j, *static_cast<int64_t*>(v), "Long");
      case Type::kFloat:
        return floating(j, *static_cast<float*>(v), "Float");
      case Type::kDouble:
        return floating(j, *static_cast<double*>(v), "Double");
      case Type::kTimestamp:
        return time(j, *static_cast<Instant*>(v), s, member_time);
      case Type::kBlob:
        return bytes(j, static_cast<Blob*>(v)->bytes);
      case Type::kBody: {
        std::string raw;
        TRY(bytes(j, raw));
        *static_cast<http::Body*>(v) = http::Body(std::move(raw));
        return {};
      }
      case Type::kDocument:
        static_cast<Document*>(v)->json = j.dump();
        return {};
    }
    return {};
  }

  Result<> string(const Json& j, std::string& v) {
    if (!j.is_string()) return mismatch(j, "String");
    v = j.get_ref<const std::string&>();
    return {};
  }

  template <class N>
  Result<> integer(const Json& j, N& v, const char* name) {
    if (j.is_number_unsigned() && j.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<N>::max())) {
      v = static_cast<N>(j.get<uint64_t>());
    } else if (j.is_number_integer() && !j.is_number_unsigned() &&
               j.get<int64_t>() >= std::numeric_limits<N>::min()) {
      v = static_cast<N>(j.get<int64_t>());
    } else {
      return mismatch(j, name);
    }
    return {};
  }

  template <class F>
  Result<> floating(const Json& j, F& v, const char* name) {
    if (j.is_number()) return v = static_cast<F>(j.get<double>()), Result<>{};
    if (j == "NaN") return v = std::numeric_limits<F>::quiet_NaN(), Result<>{};
    if (j == "Infinity") return v = std::numeric_limits<F>::infinity(), Result<>{};
    if (j == "-Infinity") return v = -std::numeric_limits<F>::infinity(), Result<>{};
    return mismatch(j, name);
  }

  Result<> time(const Json& j, Instant& v, const Shape& s, TimeFormat member_time) {
    TimeFormat f = form.time;
    if (form.own_times && member_time != TimeFormat::kDefault) {
      f = member_time;
    } else if (form.own_times && s.time != TimeFormat::kDefault) {
      f = s.time;
    }
    if (f == TimeFormat::kUnix) return epoch(j, v);
    if (!j.is_string()) return mismatch(j, "Timestamp");
    auto& text = j.get_ref<const std::string&>();
    auto t = f == TimeFormat::kRfc822 ? parse_http_date(text) : parse_iso8601(text);
    if (!t) return mismatch(j, "Timestamp");
    v = *t;
    return {};
  }

  Result<> epoch(const Json& j, Instant& v) {
    constexpr double kLimit = 9.0e12;  // seconds; beyond that milliseconds overflow
    if (!j.is_number() || !(std::abs(j.get<double>()) < kLimit)) return mismatch(j, "Timestamp");
    v = Instant(j.is_number_integer() ? Millis(j.get<int64_t>() * 1000)
                                      : Millis(std::llround(j.get<double>() * 1000)));
    return {};
  }

  Result<> bytes(const Json& j, std::string& v) {
    if (!j.is_string()) return mismatch(j, "Blob");
    auto raw = unbase64(j.get_ref<const std::string&>());
    if (!raw) return mismatch(j, "Blob: it is not base64");
    v = std::move(*raw);
    return {};
  }

  // Runs f with `step` added to the path.
  template <class F>
  Result<> below(std::string step, F f) {
    size_t n = path.size();
    path += step;
    auto r = f();
    if (r) path.resize(n);
    return r;
  }

  Result<> structure(const Json& j, const Shape& s, void* v, Members members) {
    if (!j.is_object()) return mismatch(j, "structure");
    size_t used = 0, set = 0;
    for (auto& m : s.members) {
      if (members == Members::kPayload && m.location != Location::kPayload) continue;
      auto it = j.find(form.wire_names ? m.wire : m.name);
      if (it == j.end()) continue;
      ++used;
      if (it->is_null()) continue;
      ++set;
      TRY(below(step(m.name), [&] { return value(*it, *m.shape(), m.emplace(v), m.time); }));
    }
    if (form.strict && used < j.size()) return unknown(j, s);
    if (s.is_union && set > 1) return bad("union " + std::string(s.name) + " has more than one member set");
    return {};
  }
  std::string step(std::string_view name) const { return (path.empty() ? "" : ".") + std::string(name); }

  Result<> unknown(const Json& j, const Shape& s) const {
    for (auto& [key, value] : j.items()) {
      bool known = false;
      for (auto& m : s.members) known = known || m.name == key;
      if (known) continue;
      Error e;
      e.code = "Json.UnknownMember";
      e.message = (path.empty() ? "" : path + ": ") + std::string(s.name) + " has no member '" + key + "'";
      return fail(std::move(e));
    }
    return {};
  }

  Result<> list(const Json& j, const Shape& s, void* v) {
    if (!j.is_array()) return mismatch(j, "list");
    size_t i = 0;
    for (auto& e : j) {
      std::string at = "[" + std::to_string(i++) + "]";
      if (e.is_null()) continue;
      TRY(below(at, [&] { return value(e, *s.element->shape(), s.list->push(v), s.element->time); }));
    }
    return {};
  }

  Result<> map(const Json& j, const Shape& s, void* v) {
    if (!j.is_object()) return mismatch(j, "map");
    for (auto& [key, e] : j.items()) {
      if (e.is_null()) continue;
      TRY(below(step(key),
                [&] { return value(e, *s.element->shape(), s.map->insert(v, key), s.element->time); }));
    }
    return {};
  }
};

}  // namespace

Result<Json> parse_json(std::string_view text) {
  if (text.size() > kMaxJsonBytes)
    return bad("The JSON text is longer than " + std::to_string(kMaxJsonBytes) + " bytes");
  if (too_deep(text)) return bad("The JSON text is nested deeper than " + std::to_string(kMaxJsonDepth));
  Json j = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (j.is_discarded()) return bad("The text is not valid JSON");
  return j;
}

Result<> read_json(const Json& json, const Shape& shape, void* value, const JsonForm& form, Members members) {
  Reader r{form, {}};
  if (shape.type == Type::kStructure) return r.structure(json, shape, value, members);
  return r.value(json, shape, value, TimeFormat::kDefault);
}

Result<> read_json_text(std::string_view text, const Shape& shape, void* value, const JsonForm& form,
                        Members members) {
  if (text.empty()) return {};
  TRY_ASSIGN(Json j, parse_json(text));
  return read_json(j, shape, value, form, members);
}

}  // namespace relight::aws::codec
