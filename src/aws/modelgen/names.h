// The model's names as C++: identifiers, types, literals.
#pragma once
#include <string>
#include <string_view>

#include "aws/modelgen/model.h"

namespace relight::modelgen {

std::string identifier(std::string_view name);  // keywords get a trailing '_', '-' and '.' become '_'
std::string structure_name(
    std::string_view shape);                 // as identifier; also clear of what modelgen itself declares
std::string literal(std::string_view text);  // a C++ string literal, quotes included

// C++ types of a shape: "std::vector<::relight::aws::rds::Tag>". ns: the service's namespace.
class Types {
 public:
  Types(const Model& m, std::string ns) : m_(m), ns_(std::move(ns)) {}
  std::string of(const std::string& shape) const;
  // Of a structure's member: as of(), but Box<> when the member's structure contains `owner` by value.
  std::string of_member(const ShapeDef& owner, const MemberDef& d) const;
  bool boxed(const ShapeDef& owner, const MemberDef& d) const;
  const ShapeDef& shape(const std::string& name) const { return m_.shapes.at(name); }
  std::string qualified(const std::string& structure) const {
    return "::relight::aws::" + ns_ + "::" + shape(structure).cpp_name;
  }

 private:
  const Model& m_;
  std::string ns_;
};

}  // namespace relight::modelgen
