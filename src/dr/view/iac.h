// A Pilot as code, in the languages that deploy it, and as the page that says how.
#pragma once
#include <string>

#include "dr/planning/pilot.h"

namespace relight::dr::view {

// A CloudFormation template in YAML. Comments name the captured file that each resource came from.
std::string cloudformation(const Pilot& p);
// Terraform's JSON syntax: provider hashicorp/aws, one file.
std::string terraform(const Pilot& p);
// iac/README.md: what stands, how it is deployed, what to do on the day of the disaster and after it.
std::string readme(const Pilot& p);

}  // namespace relight::dr::view
