// A CloudFormation template as an Inventory, so that two of them, or a template and what stands, can be
// compared.
#pragma once
#include <string>

#include "dr/model/drift.h"

namespace relight::dr::view {

// A resource a parameter, condition, resource and output: its kind is the resource's type, or "parameter",
// "condition", "output"; its id the logical one; its properties all that stands below it, short forms as long
// ones and every scalar a text. YAML or JSON. Error "Drift.Template".
Result<Inventory> template_inventory(const std::string& text);

// What a resource's plain values (no references) in a template are, where the service's own answer has a
// member of the same name, beside that. `expected` is of template_inventory; the differences name `seen`.
void add_property_drift(const Resource& expected, const Resource& seen, Drift& to);

}  // namespace relight::dr::view
