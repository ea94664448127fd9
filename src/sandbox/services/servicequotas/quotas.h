// The quotas that this sandbox knows, as data.
#pragma once
#include <span>
#include <string_view>

namespace relight::sandbox::quotas {

struct Quota {
  std::string_view service, code, name;
  double value = 0;  // AWS's published default, the same in every region here
  bool adjustable = true;
  bool global = false;  // told in us-east-1 only
};

std::span<const Quota> all();                                        // by service
const Quota* find(std::string_view service, std::string_view code);  // null: none
std::string_view service_name(std::string_view service);             // "" for a service of none

}  // namespace relight::sandbox::quotas
