#include "aws/codec/query_params.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "aws/codec/text_value.h"
#include "base/bytes.h"

namespace relight::aws::codec {
namespace {

constexpr TimeFormat kParamTime = TimeFormat::kIso8601;
constexpr size_t kBytesLimit = 8u << 20, kParamsLimit = 20000, kNameLimit = 1000;

std::string name_of(ParamStyle style, const Member& m) {
  if (style == ParamStyle::kQuery) return std::string(m.wire);
  if (!m.query_name.empty()) return std::string(m.query_name);
  std::string s(m.wire);
  if (!s.empty() && s[0] >= 'a' && s[0] <= 'z') s[0] = static_cast<char>(s[0] - 32);
  return s;
}

std::string join(std::string_view prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name);
}

bool is_flat_param(const Member& m, const Shape& s) { return m.flattened || s.flattened; }

// Where a list's items are numbered from: "Names.member", "Names" when flattened; a flattened list whose
// element has a name of its own takes it in place of the list's ("Ids" -> "Id"), as botocore does.
std::string list_prefix(ParamStyle style, const std::string& prefix, const Member& m, const Shape& s) {
  if (style == ParamStyle::kEc2) return prefix;
  if (!is_flat_param(m, s)) return join(prefix, s.element->wire);
  if (s.element->wire == kDefaultElement) return prefix;
  size_t dot = prefix.rfind('.');
  return join(dot == std::string::npos ? "" : prefix.substr(0, dot), s.element->wire);
}

class ParamWriter {
 public:
  ParamWriter(ParamStyle style, std::string& out, Rng& rng) : style_(style), out_(out), rng_(rng) {}

  void pair(std::string_view name, std::string_view value) {
    if (!out_.empty()) out_ += '&';
    out_ += percent_encode(name);
    out_ += '=';
    out_ += percent_encode(value);
  }

  void structure(const std::string& prefix, const Shape& s, const void* value) {
    for (auto& m : s.members) {
      std::string name = join(prefix, name_of(style_, m));
      if (const void* v = m.get(value))
        item(name, m, *m.shape(), v);
      else if (m.idempotency_token && prefix.empty())
        pair(name, rng_.uuid());
    }
  }

 private:
  void item(const std::string& prefix, const Member& m, const Shape& s, const void* v) {
    if (s.type == Type::kStructure) return structure(prefix, s, v);
    if (s.type == Type::kList) return list(prefix, m, s, v);
    if (s.type == Type::kMap) return map(prefix, m, s, v);
    pair(prefix, simple_text(s, v, m.time, kParamTime));
  }

  void list(const std::string& prefix, const Member& m, const Shape& s, const void* v) {
    size_t n = s.list->size(v);
    if (n == 0 && style_ == ParamStyle::kQuery) return pair(prefix, "");
    std::string base = list_prefix(style_, prefix, m, s);
    for (size_t i = 0; i < n; ++i)
      item(fmt::format("{}.{}", base, i + 1), *s.element, *s.element->shape(), s.list->at(v, i));
  }

  void map(const std::string& prefix, const Member& m, const Shape& s, const void* v) {
    struct Arg {
      ParamWriter& w;
      std::string base;
      const Shape& s;
      int n = 0;
    } arg{*this, is_flat_param(m, s) ? prefix : prefix + ".entry", s};
    s.map->each(v, &arg, [](void* a, const std::string& key, const void* value) {
      auto& x = *static_cast<Arg*>(a);
      std::string at = fmt::format("{}.{}", x.base, ++x.n);
      x.w.pair(join(at, x.s.key ? x.s.key->wire : "key"), key);
      x.w.item(join(at, x.s.element->wire), *x.s.element, *x.s.element->shape(), value);
    });
  }

  ParamStyle style_;
  std::string& out_;
  Rng& rng_;
};

class ParamReader {
 public:
  ParamReader(ParamStyle style, const Params& p) : style_(style), params_(p) {}

  Result<> structure(const std::string& prefix, const Shape& s, void* out) {
    for (auto& m : s.members) {
      std::string name = join(prefix, name_of(style_, m));
      const Shape& ms = *m.shape();
      if (ms.type == Type::kList)
        TRY(list_member(name, m, ms, out));
      else if (present(name))
        TRY(item(name, m, ms, m.emplace(out)));
    }
    return {};
  }

 private:
  bool present(const std::string& name) const { return params_.contains(name) || below(name); }
  bool below(const std::string& name) const {
    std::string start = name + ".";
    auto it = params_.lower_bound(start);
    return it != params_.end() && it->first.starts_with(start);
  }

  Result<> item(const std::string& name, const Member& m, const Shape& s, void* out) {
    if (s.type == Type::kStructure) return structure(name, s, out);
    if (s.type == Type::kMap) return map(name, m, s, out);
    if (s.type == Type::kList) {  // a list of lists
      return items(list_prefix(style_, name, m, s), s, out);
    }
    auto it = params_.find(name);
    if (it == params_.end()) return bad(name, "it must be a plain value");
    auto r = parse_simple(s, it->second, m.time, kParamTime, out);
    return r ? Result<>{} : Result<>(bad(name, r.error().message));
  }

  Result<> list_member(const std::string& name, const Member& m, const Shape& s, void* out) {
    std::string base = list_prefix(style_, name, m, s);
    if (below(base)) return items(base, s, m.emplace(out));
    // Services took lists of either form before their element was named; ".member." is understood everywhere.
    if (style_ == ParamStyle::kQuery && !is_flat_param(m, s) && below(name + ".member"))
      return items(name + ".member", s, m.emplace(out));
    if (params_.contains(name)) m.emplace(out);
    return {};
  }

  // The numbers directly below a prefix, in order; AWS tolerates gaps.
  std::vector<int> numbers(const std::string& base) const {
    std::vector<int> out;
    std::string start = base + ".";
    for (auto it = params_.lower_bound(start); it != params_.end() && it->first.starts_with(start); ++it) {
      int n = 0;
      const char* from = it->first.data() + start.size();
      auto [end, ec] = std::from_chars(from, it->first.data() + it->first.size(), n);
      if (ec == std::errc{} && (end == it->first.data() + it->first.size() || *end == '.')) out.push_back(n);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  Result<> items(const std::string& base, const Shape& s, void* list) {
    for (int n : numbers(base))
      TRY(item(fmt::format("{}.{}", base, n), *s.element, *s.element->shape(), s.list->push(list)));
    return {};
  }

  Result<> map(const std::string& name, const Member& m, const Shape& s, void* out) {
    std::string base = is_flat_param(m, s) ? name : name + ".entry";
    for (int n : numbers(base)) {
      std::string at = fmt::format("{}.{}", base, n);
      auto key = params_.find(join(at, s.key ? s.key->wire : "key"));
      if (key == params_.end()) return bad(at, "a map's entry has no key");
      std::string value = join(at, s.element->wire);
      void* slot = s.map->insert(out, key->second);
      if (present(value)) TRY(item(value, *s.element, *s.element->shape(), slot));
    }
    return {};
  }

  static std::unexpected<Error> bad(const std::string& name, std::string_view why) {
    Error e;
    e.code = "SerializationException";
    e.message = why;
    e.resource = name;
    e.http_status = 400;
    return fail(std::move(e));
  }

  ParamStyle style_;
  const Params& params_;
};

std::unexpected<Error> refused(std::string_view code, std::string message) {
  Error e;
  e.code = code;
  e.message = std::move(message);
  e.http_status = 400;
  return fail(std::move(e));
}

}  // namespace

std::string encode_params(ParamStyle style, std::string_view action, std::string_view version,
                          const Shape& input, const void* value, Rng& rng) {
  std::string out;
  ParamWriter w(style, out, rng);
  w.pair("Action", action);
  w.pair("Version", version);
  w.structure("", input, value);
  return out;
}

namespace {

Result<std::string> form_text(const http::Request& r) {
  if (r.body.size() > kBytesLimit || r.query.size() > kBytesLimit)
    return refused("MalformedQueryString", fmt::format("the request has more than {} bytes", kBytesLimit));
  std::string text = r.query;
  if (r.method == "POST" && !r.body.empty()) {
    TRY_ASSIGN(std::string body, r.body.read());
    if (text.empty()) return body;
    text.append("&").append(body);
  }
  return text;
}

// The first value of one parameter, without the others' being taken apart.
std::optional<std::string> value_of(std::string_view text, std::string_view wanted) {
  while (!text.empty()) {
    size_t amp = text.find('&');
    std::string_view part = text.substr(0, amp);
    text = amp == text.npos ? std::string_view{} : text.substr(amp + 1);
    size_t eq = part.find('=');
    if (part.substr(0, eq) != wanted && percent_decode(part.substr(0, eq), true) != wanted) continue;
    return eq == part.npos ? "" : percent_decode(part.substr(eq + 1), true);
  }
  return std::nullopt;
}

}  // namespace

Result<Params> request_params(const http::Request& r) {
  TRY_ASSIGN(std::string text, form_text(r));
  if (static_cast<size_t>(std::count(text.begin(), text.end(), '&')) >= kParamsLimit)
    return refused("MalformedQueryString",
                   fmt::format("the request has more than {} parameters", kParamsLimit));
  Params out;
  for (auto& [name, value] : http::parse_query(text)) {
    if (name.size() > kNameLimit) return refused("MalformedQueryString", "a parameter's name is too long");
    if (!out.emplace(name, std::move(value)).second)
      return refused("MalformedQueryString", fmt::format("the parameter {} is given twice", name));
  }
  return out;
}

Result<> decode_params(ParamStyle style, const Params& params, const Shape& input, void* value) {
  return ParamReader(style, params).structure("", input, value);
}

Result<const Operation*> route_params(const ServiceModel& s, const http::Request& r) {
  if (r.method != "POST" && r.method != "GET")
    return refused("InvalidAction", fmt::format("the query API takes GET and POST, not {}", r.method));
  TRY_ASSIGN(std::string text, form_text(r));
  auto action = value_of(text, "Action"), version = value_of(text, "Version");
  if (!action) return refused("MissingAction", "The request is missing an Action parameter.");
  const Operation* op = s.find(*action);
  if (!op || version != s.api_version)
    return refused("InvalidAction", fmt::format("Could not find operation {} for version {}", *action,
                                                version.value_or("NO_VERSION_SPECIFIED")));
  return op;
}

}  // namespace relight::aws::codec
