// As much of JMESPath (https://jmespath.org/specification.html) as the models' waiters use: names and
// sub-names, index, flatten [], filter [?…], length(), literals `1` and 'text', == != < <= > >=, &&, ||, !,
// parentheses.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"

namespace relight::aws {

// Null where nothing is found. Error "JmesPath.Syntax" for what is not in the subset.
Result<nlohmann::json> jmespath(std::string_view expression, const nlohmann::json& value);

}  // namespace relight::aws
