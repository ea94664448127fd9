#include "sandbox/services/lambda/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::functions {

bool Named::version() const {
  return !qualifier.empty() &&
         std::all_of(qualifier.begin(), qualifier.end(), [](unsigned char c) { return std::isdigit(c); });
}

Result<Named> parse_name(const std::string& region, const std::string& account, const std::string& function,
                         const std::optional<std::string>& qualifier) {
  auto parts = split(function, ':');
  std::string in_region = region, in_account = account;
  size_t at = 0;
  if (parts[0] == "arn" && parts.size() >= 7) {
    in_region = parts[3];
    in_account = parts[4];
    at = 6;
  } else if (parts.size() >= 3 && parts[1] == "function") {
    in_account = parts[0];
    at = 2;
  } else if (parts.size() >= 2 && parts[0] == "function") {
    at = 1;
  }
  if (in_region != region)
    return aws_error(
        "ResourceNotFoundException",
        fmt::format("Functions from '{}' are not reachable in this region ('{}')", in_region, region), 404);
  if (in_account != account)
    return aws_error("ResourceNotFoundException", "Function not found: " + function, 404);
  Named n{parts[at], parts.size() > at + 1 ? parts[at + 1] : ""};
  if (!qualifier || qualifier->empty()) return n;
  if (!n.qualifier.empty() && n.qualifier != *qualifier)
    return aws_error("InvalidParameterValueException",
                     "The derived qualifier from the function name does not match the specified qualifier.",
                     400);
  n.qualifier = *qualifier;
  return n;
}

}  // namespace relight::sandbox::functions
