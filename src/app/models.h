// The service models that this build can call by name.
#pragma once
#include <vector>

#include "aws/shape.h"

namespace relight::app {

std::vector<const aws::ServiceModel*> models();

}  // namespace relight::app
