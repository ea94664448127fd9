#include "aws/codec/xml_error.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aws/codec/xml_value.h"
#include "aws/http/message.h"

namespace relight::aws::codec {
namespace {

using nlohmann::json;

bool is_xml_message(const Member& m) {
  return http::iequals(m.wire, "message") || http::iequals(m.wire, "code");
}

// Numbers and booleans as JSON's own; everything else by its text.
json scalar(const Shape& s, const std::string& text) {
  bool plain = s.type == Type::kInteger || s.type == Type::kLong || s.type == Type::kDouble ||
               s.type == Type::kFloat || s.type == Type::kBoolean;
  if (plain)
    if (auto j = nlohmann::json::parse(text, nullptr, false); j.is_primitive()) return j;
  return text;
}

json read(const pugi::xml_node& n, const Shape& s, int depth) {
  if (depth > 16) return nullptr;
  if (s.type == Type::kList) {
    json out = json::array();
    for (auto c : n.children())
      if (c.type() == pugi::node_element) out.push_back(read(c, *s.element->shape(), depth + 1));
    return out;
  }
  if (s.type != Type::kStructure) return scalar(s, xml_text(n));
  nlohmann::json out = nlohmann::json::object();
  for (auto& m : s.members)
    if (auto c = xml_child(n, m.wire)) out[std::string(m.name)] = read(c, *m.shape(), depth + 1);
  return out;
}

void write(std::string& out, std::string_view tag, const Shape& s, const json& j) {
  if (j.is_primitive()) return xml_text_element(out, tag, j.is_string() ? j.get<std::string>() : j.dump());
  out += fmt::format("<{}>", tag);
  if (j.is_array() && s.type == Type::kList)
    for (auto& e : j) write(out, s.element->wire, *s.element->shape(), e);
  if (j.is_object() && s.type == Type::kStructure)
    for (auto& m : s.members)
      if (auto it = j.find(std::string(m.name)); it != j.end()) write(out, m.wire, *m.shape(), *it);
  out += fmt::format("</{}>", tag);
}

}  // namespace

std::string xml_error_members(const pugi::xml_node& n, const Shape& error) {
  nlohmann::json out = nlohmann::json::object();
  for (auto& m : error.members)
    if (auto c = is_xml_message(m) ? pugi::xml_node{} : xml_child(n, m.wire))
      out[std::string(m.name)] = read(c, *m.shape(), 0);
  return out.empty() ? "" : out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void xml_write_error_members(std::string& out, const Shape& error, const std::string& text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object()) return;
  for (auto& m : error.members)
    if (auto it = j.find(std::string(m.name)); it != j.end() && !is_xml_message(m))
      write(out, m.wire, *m.shape(), *it);
}

}  // namespace relight::aws::codec
