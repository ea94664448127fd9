// Values as XML elements, as the query, ec2 and rest-xml protocols share them
// (https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings). Pure.
#pragma once
#include <cstddef>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "aws/shape.h"
#include "base/result.h"

namespace relight::aws::codec {

inline constexpr std::string_view kXmlHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

// ---- writing ----
// Escapes markup, and what a parser would fold or refuse (CR, LF, control characters) as character
// references.
void xml_escape(std::string& out, std::string_view text);
// <tag xmlns="…">text</tag>; no namespace if empty.
void xml_text_element(std::string& out, std::string_view tag, std::string_view text);
// Every body member of a structure that is set, without an element around them.
void xml_members(std::string& out, const Shape& structure, const void* value);
// <tag xmlns="ns" attributes…>members</tag>
void xml_structure(std::string& out, std::string_view tag, std::string_view xml_namespace,
                   const Shape& structure, const void* value);

// ---- reading ----
struct XmlLimits {
  size_t bytes = 64u << 20;
  int depth = 64;
};
// Text that is no well-formed XML, holds a DOCTYPE (entities: "billion laughs"), or exceeds the limits is an
// Error with the code "MalformedXML".
Result<> xml_parse(std::string_view bytes, const XmlLimits& limits, pugi::xml_document& doc);
std::string_view xml_local_name(const pugi::xml_node& n);                        // without the prefix
pugi::xml_node xml_child(const pugi::xml_node& n, std::string_view local_name);  // first; null node if none
std::string xml_text(const pugi::xml_node& n);  // all text and CDATA directly inside

// Fills a structure's body members from the element's children. `strict`: an unknown child is an Error, as
// services that check against their published schema do. Errors have the code "MalformedXML" and name the
// path of elements.
Result<> xml_read(const pugi::xml_node& n, const Shape& structure, void* value, bool strict = false);

}  // namespace relight::aws::codec
