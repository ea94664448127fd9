// Writes the C++ of a selected model.
#pragma once
#include <string>
#include <vector>

#include "aws/modelgen/model.h"
#include "aws/modelgen/names.h"

namespace relight::modelgen {

struct Emission {
  const Model& model;
  std::string ns;  // "rds"
  bool global = false;
  Types types;
  std::vector<const ShapeDef*> order;  // structures, in declaration order
};

std::string emit_header(const Emission& e);  // <ns>.h: structs, op tags, Client
std::string emit_internal(
    const Emission& e);  // <ns>_shapes.h: declarations of the descriptors, for the .cc only
// <ns>_<part>.cc: this part's share of the shapes' descriptors, operations and Client; part 0 has model()
// too.
std::string emit_part(const Emission& e, size_t part, size_t parts);

std::string emit_shape(const Emission& e, const ShapeDef& s);
std::string emit_operation(const Emission& e, const OperationDef& o);
std::string emit_service(const Emission& e);

}  // namespace relight::modelgen
