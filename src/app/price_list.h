// Where prices come from: the user's own table beside relight.yaml, else the one that Relight was built with.
#pragma once
#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "dr/model/config.h"
#include "dr/planning/cost.h"

namespace relight::app {

inline constexpr const char* kOwnPrices = "prices.json";

std::string_view built_in_prices();  // data/prices/list.json
// `folder`: the one that holds captured/. Errors of prices_from_json.
Result<dr::PriceTable> price_table(const std::filesystem::path& folder);

}  // namespace relight::app
