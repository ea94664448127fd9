// What CloudFormation's last drift detection of the pilot's stack found.
#pragma once
#include <string>
#include <vector>

#include "app/workshop.h"

namespace relight::app {

// "MODIFIED AWS::RDS::DBInstance Database: /DBInstanceClass" for each resource that differs. Paths alone: a
// value may be a secret.
Result<std::vector<std::string>> stack_differences(Workshop& w);

}  // namespace relight::app
