// Does what stands still agree with what a stack says of it? "Detecting unmanaged configuration changes to
// stacks and resources with drift detection" (AWS CloudFormation User Guide): only properties that the
// template gives are looked at. Here also only those that can be read back under a name of their own; a
// resource of which none can is NOT_CHECKED.
#pragma once
#include <string>
#include <vector>

#include "sandbox/services/cloudformation/types.h"

namespace relight::sandbox::cfn {

struct PropertyDrift {
  std::string path;  // "/SuspendedState/DynamicScalingInSuspended"
  Json expected, actual;
  std::string kind;  // ADD, REMOVE, NOT_EQUAL
  bool operator==(const PropertyDrift&) const = default;
};

// Differences of `actual` from `expected`, both {property: value}. What cannot be held against each other
// (another form of the same thing) makes no difference, and is not in *compared (may be null: property
// names).
std::vector<PropertyDrift> drift_of(const Json& expected, const Json& actual,
                                    std::vector<std::string>* compared = nullptr);

// What the resource's description says of its properties, under the properties' names.
Json properties_in(const ResourceType& t, const Json& props, const Json& described);

// Properties that `describe` does not bring: which operation does, and how its output becomes the property's
// value.
struct Reading {
  std::string_view type, property;
  Action ask;
  std::string_view pointer;                                          // into its output; "" for all of it
  Json (*form)(const Json& output, const Json& expected) = nullptr;  // instead of the pointer
  std::string_view none = "";  // the error that says that there is no such setting: null
};
std::span<const Reading> readings();

}  // namespace relight::sandbox::cfn
