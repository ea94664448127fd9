#include "aws/modelgen/names.h"

#include <cstdio>
#include <set>

#include "aws/modelgen/order.h"

namespace relight::modelgen {

std::string identifier(std::string_view name) {
  static const std::set<std::string_view> keywords{
      "alignas",  "alignof",  "and",     "asm",     "auto",      "bool",   "break",     "case",
      "catch",    "char",     "class",   "compl",   "concept",   "const",  "constexpr", "continue",
      "decltype", "default",  "delete",  "do",      "double",    "else",   "enum",      "explicit",
      "export",   "extern",   "false",   "float",   "for",       "friend", "goto",      "if",
      "inline",   "int",      "long",    "mutable", "namespace", "new",    "noexcept",  "not",
      "nullptr",  "operator", "or",      "private", "protected", "public", "register",  "requires",
      "return",   "short",    "signed",  "sizeof",  "static",    "struct", "switch",    "template",
      "this",     "throw",    "true",    "try",     "typedef",   "typeid", "typename",  "union",
      "unsigned", "using",    "virtual", "void",    "volatile",  "while",  "xor",       "errno",
      "major",    "minor",    "unix",    "linux"};
  std::string out(name);
  for (char& c : out)
    if (!isalnum(static_cast<unsigned char>(c))) c = '_';
  if (keywords.contains(name)) out += '_';
  if (!out.empty() && isdigit(static_cast<unsigned char>(out[0]))) out.insert(0, "_");
  return out;
}

std::string structure_name(std::string_view shape) {
  static const std::set<std::string_view> ours{"Client", "model", "op", "shape_of", "detail"};
  std::string out = identifier(shape);
  return ours.contains(shape) ? out + "_" : out;
}

std::string literal(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\', out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char octal[5];
      std::snprintf(octal, sizeof octal, "\\%03o", static_cast<unsigned char>(c));
      out += octal;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string Types::of(const std::string& name) const {
  const ShapeDef& s = shape(name);
  if (s.type == "structure") return qualified(name);
  if (s.type == "list" && shape(s.element->shape).type == "boolean")
    return "std::vector<::relight::aws::Boolean>";
  if (s.type == "list") return "std::vector<" + of(s.element->shape) + ">";
  if (s.type == "map") return "std::map<std::string, " + of(s.element->shape) + ">";
  if (s.type == "boolean") return "bool";
  if (s.type == "integer") return "int32_t";
  if (s.type == "long") return "int64_t";
  if (s.type == "float" || s.type == "double") return s.type;
  if (s.type == "timestamp") return "::relight::Instant";
  if (s.type == "blob") return "::relight::aws::Blob";
  if (s.type == "body") return "::relight::http::Body";
  if (s.type == "document") return "::relight::aws::Document";
  return "std::string";
}

bool Types::boxed(const ShapeDef& owner, const MemberDef& d) const {
  return shape(d.shape).type == "structure" && contains_by_value(m_, d.shape, owner.name);
}

std::string Types::of_member(const ShapeDef& owner, const MemberDef& d) const {
  return boxed(owner, d) ? "::relight::aws::Box<" + of(d.shape) + ">" : of(d.shape);
}

}  // namespace relight::modelgen
