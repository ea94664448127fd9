// The parameters of RDS for MariaDB that this sandbox knows.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relight::sandbox::rds {

inline constexpr std::string_view kFamily = "mariadb10.11";

struct ParameterSpec {
  const char* name;
  const char* default_value;  // of the family's default group; "" where RDS shows none (the engine's own)
  bool dynamic;
  bool modifiable;
  const char* type;     // "integer", "string", "boolean", "list"
  const char* allowed;  // "0-100", "a,b,c", "" anything
  const char* description;
};

const std::vector<ParameterSpec>& parameter_catalogue();
const ParameterSpec* find_parameter(std::string_view name);
// Error InvalidParameterValue as RDS says it.
Result<> check_parameter(const ParameterSpec& spec, std::string_view value);

}  // namespace relight::sandbox::rds
