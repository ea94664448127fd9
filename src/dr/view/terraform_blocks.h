// What Terraform writes otherwise than by another name: nested blocks, and resources of their own.
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "dr/view/terraform_value.h"

namespace relight::dr::view {

struct TerraformBlock {
  const PilotResource& resource;
  const nlohmann::json& properties;  // as the Pilot has them
  const TerraformValues& values;
  const Pilot& pilot;
  nlohmann::json& arguments;  // of the resource itself
  // Another resource: type, name, arguments.
  std::function<void(const std::string&, const std::string&, nlohmann::json)> more;
  std::function<void(const std::string&, const std::string&, nlohmann::json)>
      data;  // the same, a data source
  std::string self(std::string_view attribute) const {
    return "${" + values.reference(resource.id, attribute) + "}";
  }
  // A property's value as Terraform has it; null if it is not there.
  nlohmann::json value(const char* property) const {
    auto it = properties.find(property);
    return it == properties.end() ? nlohmann::json() : values.value(*it);
  }
};

// Completes `arguments`. Types that need nothing more are left as they are. One function a family.
void terraform_network(TerraformBlock& b);
void terraform_storage(TerraformBlock& b);
void terraform_balancing(TerraformBlock& b);
void terraform_compute(TerraformBlock& b);
void terraform_events(TerraformBlock& b);
void terraform_firewall(TerraformBlock& b);
// {"from": "to"} renamed members of an object that are there.
nlohmann::json renamed(const nlohmann::json& object, std::string_view table);

}  // namespace relight::dr::view
