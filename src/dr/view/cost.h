// A cost report for people and programs. Each names the date of its prices.
#pragma once
#include <string>

#include "dr/planning/cost.h"

namespace relight::dr::view {

std::string cost_text(const CostReport& r);
std::string cost_markdown(const CostReport& r);
std::string cost_json(const CostReport& r);  // docs/cost.md has its members

}  // namespace relight::dr::view
