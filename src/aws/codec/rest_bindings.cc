#include "aws/codec/rest_bindings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"

namespace relight::aws::codec {
namespace {

// Times are RFC 822 in headers and ISO 8601 in labels and query strings unless the model says otherwise.
std::string header_text(const Member& m, const void* v) {
  std::string t = simple_text(*m.shape(), v, m.time, TimeFormat::kRfc822);
  return m.json_value ? base64(t) : t;
}
std::string uri_text(const Member& m, const void* v) {
  return simple_text(*m.shape(), v, m.time, TimeFormat::kIso8601);
}

std::unexpected<Error> at(const Member& m, Error e) {
  e.message = fmt::format("{}: {}", m.wire, e.message);
  return fail(std::move(e));
}

// ---- lists in headers: "a, b, \"c,d\"" ----
std::string header_list(const Member& m, const void* list) {
  const Shape& s = *m.shape();
  bool dates = s.element->shape()->type == Type::kTimestamp;
  std::string out;
  for (size_t i = 0; i < s.list->size(list); ++i) {
    std::string item =
        simple_text(*s.element->shape(), s.list->at(list, i), s.element->time, TimeFormat::kRfc822);
    if (!dates && item.find_first_of(",\"") != std::string::npos) {
      std::string quoted = "\"";
      for (char c : item) (c == '"' || c == '\\') ? quoted += '\\', quoted += c : quoted += c;
      item = quoted + "\"";
    }
    if (i) out += ", ";
    out += item;
  }
  return out;
}

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// An RFC 822 date holds one comma itself.
std::vector<std::string> split_header_list(std::string_view text, bool dates) {
  std::vector<std::string> out;
  std::string item;
  bool quoted = false, was_quoted = false;
  int commas = 0;
  auto end = [&] {
    out.push_back(was_quoted ? item : std::string(trim(item)));
    item.clear();
    was_quoted = false;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted) {
      if (c == '\\' && i + 1 < text.size())
        item += text[++i];
      else if (c == '"')
        quoted = false;
      else
        item += c;
    } else if (c == '"' && trim(item).empty()) {
      item.clear();
      quoted = was_quoted = true;
    } else if (c == ',' && (!dates || ++commas % 2 == 0)) {
      end();
    } else if (!was_quoted || c != ' ') {
      item += c;
    }
  }
  if (!text.empty()) end();
  return out;
}

Result<> parse_header(const Member& m, std::string_view text, void* slot_value) {
  const Shape& s = *m.shape();
  if (s.type == Type::kList) {
    const Shape& e = *s.element->shape();
    for (auto& item : split_header_list(text, e.type == Type::kTimestamp))
      if (auto r = parse_simple(e, item, s.element->time, TimeFormat::kRfc822, s.list->push(slot_value)); !r)
        return at(m, r.error());
    return {};
  }
  std::string plain(text);
  if (m.json_value) {
    auto d = unbase64(text);
    if (!d) return at(m, d.error());
    plain = std::move(*d);
  }
  auto r = parse_simple(s, plain, m.time, TimeFormat::kRfc822, slot_value);
  return r ? Result<>{} : Result<>(at(m, r.error()));
}

void put_header(const Member& m, const void* v, http::Headers& h) {
  if (m.location == Location::kHeader) {
    const Shape& s = *m.shape();
    if (s.type == Type::kList) {
      if (s.list->size(v)) h.set(m.wire, header_list(m, v));
    } else {
      h.set(m.wire, header_text(m, v));
    }
    return;
  }
  struct Arg {
    http::Headers& h;
    std::string_view prefix;
  } arg{h, m.wire};
  m.shape()->map->each(v, &arg, [](void* a, const std::string& key, const void* value) {
    auto& x = *static_cast<Arg*>(a);
    x.h.set(fmt::format("{}{}", x.prefix, key), *static_cast<const std::string*>(value));
  });
}

Result<> take_header(const Member& m, const http::Headers& headers, void* structure) {
  if (m.location == Location::kHeader) {
    auto text = headers.get(m.wire);
    if (!text) return {};
    bool text_like = m.shape()->type == Type::kString;
    if (text->empty() && !text_like) return {};
    // A list may come as several fields of one name.
    std::string joined;
    if (m.shape()->type == Type::kList) {
      for (auto& [k, v] : headers)
        if (http::iequals(k, m.wire)) joined += (joined.empty() ? "" : ", ") + v;
      text = joined;
    }
    return parse_header(m, *text, m.emplace(structure));
  }
  void* map = nullptr;
  for (auto& [k, v] : headers) {
    if (k.size() < m.wire.size() || !http::iequals(std::string_view(k).substr(0, m.wire.size()), m.wire))
      continue;
    if (!map) map = m.emplace(structure);
    // Field names have no case; AWS answers and SDKs give user metadata's in lower case.
    std::string key = k.substr(m.wire.size());
    if (!m.wire.empty())
      std::transform(key.begin(), key.end(), key.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    *static_cast<std::string*>(m.shape()->map->insert(map, key)) = v;
  }
  return {};
}

// ---- query strings ----
void add_pair(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query += percent_encode(name) + "=" + percent_encode(value);
}

void put_query_map(const Shape& map, const void* v, std::string& query) {
  struct Arg {
    const Shape& value;
    std::string& query;
  } arg{*map.element->shape(), query};
  map.map->each(v, &arg, [](void* a, const std::string& key, const void* value) {
    auto& x = *static_cast<Arg*>(a);
    if (x.value.type != Type::kList) return add_pair(x.query, key, *static_cast<const std::string*>(value));
    for (size_t i = 0; i < x.value.list->size(value); ++i)
      add_pair(x.query, key, *static_cast<const std::string*>(x.value.list->at(value, i)));
  });
}

void put_query(const Member& m, const void* v, std::string& query) {
  const Shape& s = *m.shape();
  if (s.type == Type::kMap) return put_query_map(s, v, query);
  if (s.type != Type::kList) return add_pair(query, m.wire, uri_text(m, v));
  for (size_t i = 0; i < s.list->size(v); ++i)
    add_pair(query, m.wire, uri_text(*s.element, s.list->at(v, i)));
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Result<> take_query(const Operation& op, const Member& m, const Pairs& pairs, void* structure) {
  const Shape& s = *m.shape();
  if (s.type == Type::kMap) {
    void* map = nullptr;
    for (auto& [k, v] : pairs) {
      bool bound = std::any_of(op.input->members.begin(), op.input->members.end(), [&](const Member& o) {
        return o.location == Location::kQuery && o.shape()->type != Type::kMap && o.wire == k;
      });
      if (bound) continue;
      if (!map) map = m.emplace(structure);
      void* value = s.map->insert(map, k);
      if (s.element->shape()->type == Type::kList) value = s.element->shape()->list->push(value);
      *static_cast<std::string*>(value) = v;
    }
    return {};
  }
  void* list = nullptr;
  for (auto& [k, v] : pairs) {
    if (k != m.wire) continue;
    if (s.type == Type::kList) {
      if (!list) list = m.emplace(structure);
      auto r =
          parse_simple(*s.element->shape(), v, s.element->time, TimeFormat::kIso8601, s.list->push(list));
      if (!r) return at(m, r.error());
      continue;
    }
    if (v.empty() && s.type != Type::kString) return {};
    auto r = parse_simple(s, v, m.time, TimeFormat::kIso8601, m.emplace(structure));
    return r ? Result<>{} : Result<>(at(m, r.error()));
  }
  return {};
}

// ---- labels ----
struct Label {
  std::string_view name;
  bool greedy = false;
};
std::optional<Label> label_of(std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return std::nullopt;
  segment = segment.substr(1, segment.size() - 2);
  bool greedy = segment.ends_with('+');
  return Label{segment.substr(0, segment.size() - greedy), greedy};
}

const Member* by_label(const Shape& input, std::string_view label) {
  for (auto& m : input.members)
    if (m.location == Location::kUri && m.wire == label) return &m;
  return nullptr;
}

std::string_view path_of(std::string_view uri) { return uri.substr(0, uri.find('?')); }
std::string_view query_of(std::string_view uri) {
  size_t cut = uri.find('?');
  return cut == std::string_view::npos ? std::string_view{} : uri.substr(cut + 1);
}

// Takes the first segment off a path without its leading slash.
std::string_view next_segment(std::string_view& rest) {
  size_t cut = rest.find('/');
  std::string_view s = rest.substr(0, cut);
  rest = cut == std::string_view::npos ? std::string_view{} : rest.substr(cut + 1);
  return s;
}

std::string_view without_slashes(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// Literal segments that match, or -1. Calls found(label, raw text) for each label.
template <class F>
int match_path(std::string_view tmpl, std::string_view path, F found) {
  bool greedy_end = tmpl.ends_with("+}");
  tmpl = without_slashes(tmpl);
  if (path.starts_with('/')) path.remove_prefix(1);
  // "/bucket/" is "/bucket"; a key may end in a slash.
  if (!greedy_end && path.ends_with('/')) path.remove_suffix(1);
  int literals = 0;
  while (!tmpl.empty()) {
    if (path.empty()) return -1;
    auto label = label_of(tmpl.substr(0, tmpl.find('/')));
    std::string_view want = next_segment(tmpl);
    if (label && label->greedy) {
      // Only the last label is greedy in AWS's models but for a literal tail.
      std::string_view tail = tmpl;
      std::string_view value = path;
      if (!tail.empty()) {
        if (!path.ends_with(tail) || path.size() <= tail.size() + 1) return -1;
        value = path.substr(0, path.size() - tail.size() - 1);
        ++literals;
      }
      found(label->name, value);
      return literals;
    }
    std::string_view have = next_segment(path);
    if (label) {
      if (have.empty()) return -1;
      found(label->name, have);
    } else {
      if (have != want) return -1;
      ++literals;
    }
  }
  return path.empty() ? literals : -1;
}

// Route 53's identifiers come back as "/hostedzone/Z1" and may be given so (botocore's handlers do the same).
std::string bare_id(const ServiceModel& s, const Member& m, std::string text) {
  if (s.id != "route53" && s.service_id != "Route 53") return text;
  std::string_view n = m.shape()->name;
  if (n != "ResourceId" && n != "DelegationSetId" && n != "ChangeId") return text;
  return text.substr(text.rfind('/') + 1);
}

Result<std::string> expand_path(const ServiceModel& s, const Operation& op, const void* input) {
  std::string_view tmpl = path_of(op.uri);
  std::string out;
  for (size_t i = 0; i < tmpl.size();) {
    if (tmpl[i] != '{') {
      out += tmpl[i++];
      continue;
    }
    size_t end = tmpl.find('}', i);
    auto label = label_of(tmpl.substr(i, end - i + 1));
    i = end + 1;
    const Member* m = label ? by_label(*op.input, label->name) : nullptr;
    const void* v = m ? m->get(input) : nullptr;
    std::string text = v ? bare_id(s, *m, uri_text(*m, v)) : "";
    if (text.empty()) {
      Error e;
      e.code = "ParamValidation";
      e.message =
          fmt::format("{} is part of the request's path and must not be empty", label ? label->name : tmpl);
      e.tried = fmt::format("{}:{}", s.id, op.name);
      return fail(std::move(e));
    }
    out += percent_encode(text, label->greedy);
  }
  return out;
}

}  // namespace

Result<> bind_request(const ServiceModel& s, const Operation& op, const void* input, http::Request& r) {
  r.method = op.method;
  TRY_ASSIGN(r.path, expand_path(s, op, input));
  r.query = query_of(op.uri);
  for (auto& m : op.input->members) {
    const void* v = m.get(input);
    if (!v) continue;
    if (m.location == Location::kQuery) put_query(m, v, r.query);
    if (m.location == Location::kHeader || m.location == Location::kHeaders) put_header(m, v, r.headers);
  }
  return {};
}

Result<> unbind_request(const Operation& op, const http::Request& r, void* input) {
  Result<> ok;
  match_path(path_of(op.uri), r.path, [&](std::string_view label, std::string_view raw) {
    const Member* m = by_label(*op.input, label);
    if (!m) return;
    std::string text = percent_decode(raw);
    if (auto p = parse_simple(*m->shape(), text, m->time, TimeFormat::kIso8601, m->emplace(input)); !p)
      ok = at(*m, p.error());
  });
  TRY(ok);
  Pairs pairs = http::parse_query(r.query);
  for (auto& m : op.input->members) {
    if (m.location == Location::kQuery) TRY(take_query(op, m, pairs, input));
    if (m.location == Location::kHeader || m.location == Location::kHeaders)
      TRY(take_header(m, r.headers, input));
  }
  return {};
}

void bind_response(const Shape& output, const void* value, http::Response& r) {
  for (auto& m : output.members) {
    const void* v = m.get(value);
    if (!v) continue;
    if (m.location == Location::kHeader || m.location == Location::kHeaders) put_header(m, v, r.headers);
    if (m.location == Location::kStatusCode) r.status = *static_cast<const int32_t*>(v);
  }
}

Result<> unbind_response(const Shape& output, const http::Response& r, void* value) {
  for (auto& m : output.members) {
    if (m.location == Location::kHeader || m.location == Location::kHeaders)
      TRY(take_header(m, r.headers, value));
    if (m.location == Location::kStatusCode) *static_cast<int32_t*>(m.emplace(value)) = r.status;
  }
  return {};
}

const Member* payload_member(const Shape& structure) {
  if (structure.payload.empty()) return nullptr;
  for (auto& m : structure.members)
    if (m.name == structure.payload) return &m;
  return nullptr;
}

bool is_raw_payload(const Member& m) {
  Type t = m.shape()->type;
  return t == Type::kString || t == Type::kBlob || t == Type::kBody;
}

void put_raw_payload(const Member& m, const void* structure, http::Body& body, http::Headers& headers) {
  const void* v = m.get(structure);
  if (!v) return;
  Type t = m.shape()->type;
  if (t == Type::kString) body = *static_cast<const std::string*>(v);
  if (t == Type::kBlob) body = static_cast<const Blob*>(v)->bytes;
  if (t == Type::kBody) body = *static_cast<const http::Body*>(v);
  if (!headers.has("Content-Type"))
    headers.set("Content-Type", t == Type::kString ? "text/plain" : "application/octet-stream");
}

Result<> take_raw_payload(const Member& m, const http::Body& body, void* structure) {
  Type t = m.shape()->type;
  if (t == Type::kBody) {
    *static_cast<http::Body*>(m.emplace(structure)) = body;
    return {};
  }
  if (body.empty()) return {};
  TRY_ASSIGN(std::string bytes, body.read());
  if (t == Type::kBlob)
    static_cast<Blob*>(m.emplace(structure))->bytes = std::move(bytes);
  else
    *static_cast<std::string*>(m.emplace(structure)) = std::move(bytes);
  return {};
}

bool has_body_members(const Shape& structure) {
  return std::any_of(structure.members.begin(), structure.members.end(),
                     [](const Member& m) { return m.location == Location::kPayload; });
}

namespace {

// How well an operation fits; compared member by member, more is better.
struct Fit {
  int path_literals = 0, query_literals = 0;
  bool complete = true;  // no required query or header member is missing
  int required = 0;      // how many there are
  size_t name = 0;       // GetBucketLifecycleConfiguration over its deprecated forerunner
  auto operator<=>(const Fit&) const = default;
};

std::optional<Fit> fit_of(const Operation& op, const http::Request& r, const Pairs& pairs) {
  if (op.method != r.method) return std::nullopt;
  Fit f;
  f.path_literals = match_path(path_of(op.uri), r.path, [](auto, auto) {});
  if (f.path_literals < 0) return std::nullopt;
  for (auto& [name, value] : http::parse_query(query_of(op.uri))) {
    bool present = std::any_of(pairs.begin(), pairs.end(), [&](auto& p) {
      return p.first == name && (value.empty() || p.second == value);
    });
    if (!present) return std::nullopt;
    ++f.query_literals;
  }
  for (auto& m : op.input->members) {
    if (!m.required || (m.location != Location::kQuery && m.location != Location::kHeader)) continue;
    bool present = m.location == Location::kHeader
                       ? r.headers.has(m.wire)
                       : std::any_of(pairs.begin(), pairs.end(), [&](auto& p) { return p.first == m.wire; });
    ++f.required;
    f.complete = f.complete && present;
  }
  f.name = op.name.size();
  return f;
}

}  // namespace

const Operation* route_rest(const ServiceModel& s, const http::Request& r) {
  Pairs pairs = http::parse_query(r.query);
  const Operation* best = nullptr;
  Fit best_fit;
  for (const Operation* op : s.operations) {
    auto f = fit_of(*op, r, pairs);
    if (!f || (best && *f <= best_fit)) continue;
    best = op;
    best_fit = *f;
  }
  return best;
}

}  // namespace relight::aws::codec
