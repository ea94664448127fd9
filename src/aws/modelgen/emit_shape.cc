#include <cmath>
#include <cstdio>

#include "aws/modelgen/emit.h"

namespace relight::modelgen {
namespace {

void field(std::string& out, const char* name, const std::string& text) {
  if (!text.empty()) out += std::string(", .") + name + " = " + literal(text);
}
void field(std::string& out, const char* name, bool on) {
  if (on) out += std::string(", .") + name + " = true";
}

std::string type_name(const std::string& type) {
  if (type == "boolean" || type == "list" || type == "map" || type == "string" || type == "integer" ||
      type == "long" || type == "float" || type == "double" || type == "timestamp" || type == "blob" ||
      type == "body" || type == "document" || type == "structure")
    return std::string("Type::k") + static_cast<char>(type[0] - 'a' + 'A') + type.substr(1);
  return "Type::kString";
}

std::string location(const std::string& l) {
  if (l == "header") return "Location::kHeader";
  if (l == "headers") return "Location::kHeaders";
  if (l == "uri") return "Location::kUri";
  if (l == "querystring") return "Location::kQuery";
  if (l == "statusCode") return "Location::kStatusCode";
  return "";
}

void time_format(std::string& out, const std::string& t) {
  if (t == "iso8601") out += ", .time = TimeFormat::kIso8601";
  if (t == "unixTimestamp") out += ", .time = TimeFormat::kUnix";
  if (t == "rfc822") out += ", .time = TimeFormat::kRfc822";
}

std::string number(double v) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", v);
  return text;
}

// owner: the structure that has it; nullptr for a list's or map's parts
std::string member(const Emission& e, const ShapeDef* owner, const MemberDef& d) {
  std::string out = "{.name = " + literal(d.name) + ", .wire = " + literal(d.wire.empty() ? d.name : d.wire);
  field(out, "query_name", d.query_name);
  out += ", .shape = &ref<d_" + identifier(d.shape) + ">";
  if (owner)
    out += ", .offset = offsetof(" + e.types.qualified(owner->name) + ", " + identifier(d.name) +
           "), .slot = &slot_ops<" + e.types.of_member(*owner, d) + ">";
  if (auto l = location(d.location); !l.empty()) out += ", .location = " + l;
  field(out, "required", d.required);
  field(out, "idempotency_token", d.idempotency_token);
  field(out, "xml_attribute", d.xml_attribute);
  field(out, "flattened", d.flattened);
  field(out, "json_value", d.json_value);
  field(out, "host_label", d.host_label);
  field(out, "streaming", d.streaming);
  time_format(out, d.time);
  field(out, "xml_namespace", d.xml_namespace);
  field(out, "xml_prefix", d.xml_prefix);
  field(out, "event_payload", d.event_payload);
  field(out, "event_header", d.event_header);
  return out + "}";
}

// What stands before the Shape: its members, list parts, enums. Names end in the shape's.
std::string parts(const Emission& e, const ShapeDef& s, const std::string& id) {
  std::string out;
  if (!s.members.empty()) {
    out += "constexpr Member m_" + id + "[] = {\n";
    for (auto& d : s.members) out += "  " + member(e, &s, d) + ",\n";
    out += "};\n";
  }
  if (s.element) out += "constexpr Member e_" + id + member(e, nullptr, *s.element) + ";\n";
  if (s.key) out += "constexpr Member k_" + id + member(e, nullptr, *s.key) + ";\n";
  if (!s.enums.empty()) {
    out += "constexpr std::string_view v_" + id + "[] = {";
    for (auto& v : s.enums) out += literal(v) + ", ";
    out += "};\n";
  }
  return out;
}

std::string element_type(const Emission& e, const ShapeDef& s) {
  bool boolean_list = s.type == "list" && e.types.shape(s.element->shape).type == "boolean";
  return boolean_list ? "::relight::aws::Boolean" : e.types.of(s.element->shape);
}

}  // namespace

std::string emit_shape(const Emission& e, const ShapeDef& s) {
  std::string id = identifier(s.name);
  std::string out = parts(e, s, id) + "constinit const Shape d_" + id + "{.type = " + type_name(s.type) +
                    ", .name = " + literal(s.name);
  if (!s.members.empty()) out += ", .members = m_" + id;
  if (s.element) out += ", .element = &e_" + id;
  if (s.key) out += ", .key = &k_" + id;
  if (s.type == "list") out += ", .list = &list_ops<" + element_type(e, s) + ">";
  if (s.type == "map") out += ", .map = &map_ops<" + element_type(e, s) + ">";
  if (!s.enums.empty()) out += ", .enums = v_" + id;
  field(out, "has_min", s.min.has_value());
  field(out, "has_max", s.max.has_value());
  if (s.min) out += ", .min = " + number(*s.min);
  if (s.max) out += ", .max = " + number(*s.max);
  field(out, "pattern", s.pattern);
  time_format(out, s.time);
  field(out, "flattened", s.flattened);
  field(out, "payload", s.payload);
  field(out, "xml_namespace", s.xml_namespace);
  field(out, "location_name", s.location_name);
  field(out, "is_union", s.is_union);
  field(out, "is_exception", s.exception);
  field(out, "sensitive", s.sensitive);
  field(out, "event_stream", s.event_stream);
  field(out, "error_code", s.error_code);
  if (s.error_status) out += ", .error_status = " + std::to_string(s.error_status);
  if (!s.sender_fault) out += ", .error_sender_fault = false";
  field(out, "xml_prefix", s.xml_prefix);
  if (s.exception && s.type == "structure")
    out += ", .make = make<" + e.types.qualified(s.name) + ">";
  return out + "};\n\n";
}

}  // namespace relight::modelgen
