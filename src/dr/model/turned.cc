#include "dr/model/turned.h"

#include <algorithm>
#include <utility>

namespace relight::dr {
namespace {

std::optional<Dormant> turned_one(Dormant d) {
  using Kind = Dormant::Kind;
  switch (d.kind) {
    case Kind::kScaling:
    case Kind::kFunction:
    case Kind::kMapping:
    case Kind::kRule:
      if (d.primary.empty()) return std::nullopt;
      std::swap(d.name, d.primary);
      return d;
    case Kind::kNotifications:
      d.primary = std::exchange(d.name, "");
      return d;
    default:
      return std::nullopt;
  }
}

}  // namespace

Config turned(const Config& c) {
  auto out = c;
  std::swap(out.primary, out.recovery);
  out.steps.clear();
  return out;
}

Topology turned(const Topology& t) {
  auto out = t;
  std::swap(out.primary, out.recovery);
  if (!t.dormant) return out;
  out.dormant.emplace();
  for (auto& d : *t.dormant)
    if (auto one = turned_one(d)) out.dormant->push_back(std::move(*one));
  std::ranges::sort(*out.dormant);
  return out;
}

}  // namespace relight::dr
