#include "aws/codec/xml_value.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/codec/text_value.h"

namespace relight::aws::codec {
namespace {

constexpr TimeFormat kXmlTime = TimeFormat::kIso8601;

// Names of a flattened list's elements: the list's own, unless its element has a name (botocore reads and
// writes so).
std::string_view flat_name(const Member& m, const Shape& s) {
  bool own = s.type == Type::kList && s.element->wire != kDefaultElement;
  return own ? s.element->wire : m.wire;
}
bool is_flat_xml(const Member& m, const Shape& s) {
  return (s.type == Type::kList || s.type == Type::kMap) && (m.flattened || s.flattened);
}

void namespace_attribute(std::string& out, std::string_view prefix, std::string_view uri) {
  if (uri.empty()) return;
  out += " xmlns";
  if (!prefix.empty()) out.append(":").append(prefix);
  out += "=\"";
  xml_escape(out, uri);
  out += '"';
}

// xmlns and the members that are attributes. A structure whose attribute has a prefix ("xsi:type") declares
// it.
void attributes(std::string& out, const Shape& s, const void* value) {
  std::string_view prefix;
  for (auto& m : s.members)
    if (m.xml_attribute && m.wire.find(':') != std::string_view::npos)
      prefix = m.wire.substr(0, m.wire.find(':'));
  namespace_attribute(out, prefix, s.xml_namespace);
  for (auto& m : s.members) {
    const void* v = m.xml_attribute ? m.get(value) : nullptr;
    if (!v) continue;
    out += fmt::format(" {}=\"", m.wire);
    xml_escape(out, simple_text(*m.shape(), v, m.time, kXmlTime));
    out += '"';
  }
}

void element(std::string& out, std::string_view tag, const Member& m, const Shape& s, const void* v);

void map_entries(std::string& out, std::string_view entry, const Shape& s, const void* v) {
  struct Arg {
    std::string& out;
    std::string_view entry;
    const Shape& s;
  } arg{out, entry, s};
  s.map->each(v, &arg, [](void* a, const std::string& key, const void* value) {
    auto& x = *static_cast<Arg*>(a);
    x.out += fmt::format("<{}>", x.entry);
    xml_text_element(x.out, x.s.key ? x.s.key->wire : "key", key);
    element(x.out, x.s.element->wire, *x.s.element, *x.s.element->shape(), value);
    x.out += fmt::format("</{}>", x.entry);
  });
}

void contents(std::string& out, const Member& m, const Shape& s, const void* v) {
  switch (s.type) {
    case Type::kStructure:
      return xml_members(out, s, v);
    case Type::kMap:
      return map_entries(out, "entry", s, v);
    case Type::kList:
      for (size_t i = 0; i < s.list->size(v); ++i)
        element(out, s.element->wire, *s.element, *s.element->shape(), s.list->at(v, i));
      return;
    default:
      return xml_escape(out, simple_text(s, v, m.time, kXmlTime));
  }
}

void element(std::string& out, std::string_view tag, const Member& m, const Shape& s, const void* v) {
  out += '<';
  out += tag;
  namespace_attribute(out, m.xml_prefix, m.xml_namespace);
  if (s.type == Type::kStructure) attributes(out, s, v);
  size_t mark = out.size();
  out += '>';
  contents(out, m, s, v);
  if (out.size() == mark + 1 && s.type != Type::kString) {
    out.back() = '/';
    out += '>';
    return;
  }
  out.append("</").append(tag) += '>';
}

void flat_elements(std::string& out, const Member& m, const Shape& s, const void* v) {
  if (s.type == Type::kMap) return map_entries(out, m.wire, s, v);
  for (size_t i = 0; i < s.list->size(v); ++i)
    element(out, flat_name(m, s), *s.element, *s.element->shape(), s.list->at(v, i));
}

// ---- reading ----
std::unexpected<Error> malformed(std::string_view path, std::string_view why) {
  Error e;
  e.code = "MalformedXML";
  e.message = path.empty() ? std::string(why) : fmt::format("{}: {}", path, why);
  e.http_status = 400;
  return fail(std::move(e));
}

class XmlReader {
 public:
  explicit XmlReader(bool strict) : strict_(strict) {}

  Result<> structure(const pugi::xml_node& n, const Shape& s, void* out, const std::string& path) {
    for (auto& m : s.members) {
      if (m.location != Location::kPayload) continue;
      const Shape& ms = *m.shape();
      if (m.xml_attribute) {
        TRY(attribute(n, m, out, path));
      } else if (is_flat_xml(m, ms)) {
        TRY(flat(n, m, ms, out, path));
      } else if (auto child = xml_child(n, local(m.wire))) {
        if (empty_scalar(ms, child)) continue;
        TRY(value(child, m, ms, m.emplace(out), path));
      }
    }
    return strict_ ? known_children(n, s, path) : Result<>{};
  }

 private:
  static std::string_view local(std::string_view wire) { return wire.substr(wire.rfind(':') + 1); }
  // <MaxItems/> says nothing; an empty string is a value.
  static bool empty_scalar(const Shape& s, const pugi::xml_node& n) {
    return is_simple(s) && s.type != Type::kString && s.type != Type::kBlob && !n.first_child();
  }

  Result<> attribute(const pugi::xml_node& n, const Member& m, void* out, const std::string& path) {
    for (auto a : n.attributes()) {
      std::string_view name = a.name();
      if (name.starts_with("xmlns") || local(name) != local(m.wire)) continue;
      auto r = parse_simple(*m.shape(), a.value(), m.time, kXmlTime, m.emplace(out));
      if (!r) return malformed(path + "/@" + a.name(), r.error().message);
    }
    return {};
  }

  Result<> value(const pugi::xml_node& n, const Member& m, const Shape& s, void* out,
                 const std::string& path) {
    std::string here = path + "/" + n.name();
    switch (s.type) {
      case Type::kStructure:
        return structure(n, s, out, here);
      case Type::kList:
        for (auto c : n.children()) {
          if (c.type() != pugi::node_element) continue;
          if (xml_local_name(c) != local(s.element->wire)) {
            if (strict_) return malformed(here, fmt::format("unexpected element <{}>", c.name()));
            continue;
          }
          TRY(value(c, *s.element, *s.element->shape(), s.list->push(out), here));
        }
        return {};
      case Type::kMap:
        for (auto c : n.children())
          if (xml_local_name(c) == "entry") TRY(entry(c, s, out, here));
        return {};
      default:
        if (strict_ && has_elements(n)) return malformed(here, "holds elements where text is expected");
        if (auto r = parse_simple(s, xml_text(n), m.time, kXmlTime, out); !r)
          return malformed(here, r.error().message);
        return {};
    }
  }

  Result<> entry(const pugi::xml_node& n, const Shape& s, void* map, const std::string& path) {
    auto k = xml_child(n, s.key ? s.key->wire : "key");
    auto v = xml_child(n, s.element->wire);
    if (!k) return malformed(path, "a map's entry has no key");
    void* slot = s.map->insert(map, xml_text(k));
    return v ? value(v, *s.element, *s.element->shape(), slot, path) : Result<>{};
  }

  Result<> flat(const pugi::xml_node& n, const Member& m, const Shape& s, void* out,
                const std::string& path) {
    void* container = nullptr;
    for (auto c : n.children()) {
      if (c.type() != pugi::node_element || xml_local_name(c) != local(flat_name(m, s))) continue;
      if (!container) container = m.emplace(out);
      if (s.type == Type::kMap)
        TRY(entry(c, s, container, path));
      else
        TRY(value(c, *s.element, *s.element->shape(), s.list->push(container), path));
    }
    return {};
  }

  static bool has_elements(const pugi::xml_node& n) {
    for (auto c : n.children())
      if (c.type() == pugi::node_element) return true;
    return false;
  }

  Result<> known_children(const pugi::xml_node& n, const Shape& s, const std::string& path) {
    for (auto c : n.children()) {
      if (c.type() != pugi::node_element) continue;
      std::string_view name = xml_local_name(c);
      bool known = name.starts_with("Checksum");  // newer clients send digests that older models do not name
      for (auto& m : s.members)
        known = known || local(m.wire) == name ||
                (is_flat_xml(m, *m.shape()) && flat_name(m, *m.shape()) == name);
      if (!known) return malformed(path, fmt::format("unexpected element <{}>", name));
    }
    return {};
  }

  bool strict_;
};

bool too_deep(const pugi::xml_node& root, int limit) {
  int depth = 0;
  for (pugi::xml_node n = root; n;) {
    if (n.first_child()) {
      n = n.first_child();
      if (++depth > limit) return true;
      continue;
    }
    while (n && n != root && !n.next_sibling()) {
      n = n.parent();
      --depth;
    }
    if (!n || n == root) return false;
    n = n.next_sibling();
  }
  return false;
}

}  // namespace

void xml_escape(std::string& out, std::string_view text) {
  auto plain = [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 || c == '\t') && c != '&' && c != '<' && c != '>' &&
           c != '"';
  };
  while (!text.empty()) {
    size_t run = static_cast<size_t>(std::find_if_not(text.begin(), text.end(), plain) - text.begin());
    out.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) return;
    switch (char c = text[0]; c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += fmt::format("&#x{:X};", static_cast<int>(c));
    }
    text.remove_prefix(1);
  }
}

void xml_text_element(std::string& out, std::string_view tag, std::string_view text) {
  out.append("<").append(tag) += '>';
  xml_escape(out, text);
  out.append("</").append(tag) += '>';
}

void xml_members(std::string& out, const Shape& structure, const void* value) {
  for (auto& m : structure.members) {
    if (m.location != Location::kPayload || m.xml_attribute) continue;
    const void* v = m.get(value);
    if (!v) continue;
    const Shape& s = *m.shape();
    if (is_flat_xml(m, s))
      flat_elements(out, m, s, v);
    else
      element(out, m.wire, m, s, v);
  }
}

void xml_structure(std::string& out, std::string_view tag, std::string_view xml_namespace,
                   const Shape& structure, const void* value) {
  out += '<';
  out += tag;
  namespace_attribute(out, "", xml_namespace);
  if (xml_namespace.empty() || structure.xml_namespace != xml_namespace) attributes(out, structure, value);
  size_t mark = out.size();
  out += '>';
  xml_members(out, structure, value);
  if (out.size() == mark + 1) {
    out.back() = '/';
    out += '>';
    return;
  }
  out += fmt::format("</{}>", tag);
}

Result<> xml_parse(std::string_view bytes, const XmlLimits& limits, pugi::xml_document& doc) {
  if (bytes.size() > limits.bytes)
    return malformed("",
                     fmt::format("the document has {} bytes; the limit is {}", bytes.size(), limits.bytes));
  unsigned flags = pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single;
  auto r = doc.load_buffer(bytes.data(), bytes.size(), flags, pugi::encoding_utf8);
  if (!r) return malformed("", fmt::format("not well-formed at byte {}: {}", r.offset, r.description()));
  for (auto n : doc.children())
    if (n.type() == pugi::node_doctype) return malformed("", "a document type declaration is not allowed");
  if (!doc.document_element()) return malformed("", "there is no root element");
  if (doc.document_element().next_sibling()) {
    for (auto n = doc.document_element().next_sibling(); n; n = n.next_sibling())
      if (n.type() == pugi::node_element) return malformed("", "there is more than one root element");
  }
  if (too_deep(doc, limits.depth))
    return malformed("", fmt::format("elements nest deeper than {}", limits.depth));
  return {};
}

std::string_view xml_local_name(const pugi::xml_node& n) {
  std::string_view name = n.name();
  return name.substr(name.rfind(':') + 1);
}

pugi::xml_node xml_child(const pugi::xml_node& n, std::string_view local_name) {
  for (auto c : n.children())
    if (c.type() == pugi::node_element && xml_local_name(c) == local_name) return c;
  return {};
}

std::string xml_text(const pugi::xml_node& n) {
  std::string out;
  for (auto c : n.children())
    if (c.type() == pugi::node_pcdata || c.type() == pugi::node_cdata) out += c.value();
  return out;
}

Result<> xml_read(const pugi::xml_node& n, const Shape& structure, void* value, bool strict) {
  return XmlReader(strict).structure(n, structure, value, std::string("/") + n.name());
}

}  // namespace relight::aws::codec
