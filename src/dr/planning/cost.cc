#include "dr/planning/cost.h"

#include <algorithm>
#include <set>

#include "dr/planning/cost_sheet.h"

namespace relight::dr {

std::string_view basis_word(Amount::Basis basis) {
  switch (basis) {
    case Amount::Basis::kCaptured:
      return "captured";
    case Amount::Basis::kMetered:
      return "metered";
    case Amount::Basis::kStated:
      return "relight.yaml";
    case Amount::Basis::kAssumed:
      return "assumed";
    case Amount::Basis::kUnknown:
      break;
  }
  return "unknown";
}

double CostSum::usd() const {
  double sum = 0;
  for (auto& l : lines) sum += l.usd().value_or(0);
  return sum;
}

int CostSum::without_price() const {
  return int(std::ranges::count_if(lines, [](auto& l) { return !l.price; }));
}

int CostSum::unknown() const {
  return int(std::ranges::count_if(lines, [](auto& l) { return !l.amount.known(); }));
}

int CostSum::assumed() const {
  return int(std::ranges::count_if(lines, [](auto& l) {
    return l.amount.basis == Amount::Basis::kAssumed || l.amount.basis == Amount::Basis::kStated;
  }));
}

int CostSum::unverified() const {
  return int(std::ranges::count_if(lines, [](auto& l) { return l.price && !l.verified; }));
}

Result<CostReport> price_pilot(const Inventory& inventory, const Pilot& pilot, const CostUse& use,
                               const PriceTable& prices) {
  CostPicture picture(inventory, pilot, use, prices);
  TRY(picture.read());
  CostReport r{.application = pilot.application, .primary = pilot.primary, .region = pilot.region};
  r.prices_date = prices.date;
  r.prices_source = prices.source;
  price_pilot_light(picture, r.pilot);
  r.others = price_other_ways(picture);
  r.lit_hour = price_lit_hour(picture);
  r.drill = price_drill(picture);
  r.savings = price_savings(picture);
  std::ranges::stable_sort(
      r.savings, [](auto& a, auto& b) { return a.usd_month.value_or(-1) > b.usd_month.value_or(-1); });
  return r;
}

std::vector<PriceQuery> queries_of(const CostReport& r) {
  std::set<PriceQuery> all;
  auto take_lines = [&](const CostSum& s) {
    for (auto& l : s.lines)
      if (!l.query.service.empty()) all.insert(l.query);
  };
  take_lines(r.pilot);
  for (auto& s : r.others) take_lines(s);
  take_lines(r.lit_hour);
  take_lines(r.drill);
  return {all.begin(), all.end()};
}

}  // namespace relight::dr
