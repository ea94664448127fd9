// In which order structures must be declared.
#pragma once
#include <string>
#include <vector>

#include "aws/modelgen/model.h"

namespace relight::modelgen {

// Whether `outer` is, or has through structure members only, `inner`.
bool contains_by_value(const Model& m, const std::string& outer, const std::string& inner);

// All structures: each after those that it holds by value and, unless they hold one another, after those that
// it holds in lists and maps (for which a forward declaration does).
std::vector<const ShapeDef*> declaration_order(const Model& m);

}  // namespace relight::modelgen
