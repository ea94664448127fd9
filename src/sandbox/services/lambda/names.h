// How a function is named: NAME, NAME:QUALIFIER, ACCOUNT:function:NAME, and whole ARNs. Pure.
#pragma once
#include <optional>
#include <string>

#include "base/result.h"

namespace relight::sandbox::functions {

inline constexpr const char* kLatest = "$LATEST";

struct Named {
  std::string name;
  std::string qualifier;  // "", "$LATEST", a version, an alias
  bool latest() const { return qualifier.empty() || qualifier == kLatest; }
  bool version() const;  // a number
  std::string key() const { return latest() ? name : name + ":" + qualifier; }
};

// Errors: "ResourceNotFoundException" for another region's or account's ARN, "InvalidParameterValueException"
// for two different qualifiers.
Result<Named> parse_name(const std::string& region, const std::string& account, const std::string& function,
                         const std::optional<std::string>& qualifier);

}  // namespace relight::sandbox::functions
