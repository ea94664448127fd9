#include "dr/model/prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

namespace relight::dr {
namespace {
using Json = nlohmann::json;

std::string price_text(const Json& j, const char* key) {
  auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

std::optional<double> price_number(const std::string& text) {
  char* end = nullptr;
  double v = std::strtod(text.c_str(), &end);
  return text.empty() || *end != 0 || !(v >= 0) ? std::nullopt : std::optional(v);
}

struct PriceTier {
  double begin, usd;
  std::string unit, description;
};

std::vector<PriceTier> tiers_of(const Json& product) {
  std::vector<PriceTier> out;
  auto terms = product.value("/terms/OnDemand"_json_pointer, Json::object());
  for (auto& term : terms) {
    if (!term.is_object()) continue;
    auto dimensions = term.value("priceDimensions", Json::object());
    for (auto& d : dimensions) {
      if (!d.is_object()) continue;
      auto usd = price_number(price_text(d.value("pricePerUnit", Json::object()), "USD"));
      if (!usd) continue;
      auto begin = price_number(price_text(d, "beginRange"));
      out.push_back({begin.value_or(0), *usd, price_text(d, "unit"), price_text(d, "description")});
    }
  }
  std::ranges::sort(out, {}, &PriceTier::begin);
  return out;
}

std::optional<Price> price_of(const Json& entry) {
  auto tiers = tiers_of(entry);
  if (tiers.empty()) return {};
  auto paid = std::ranges::find_if(tiers, [](auto& t) { return t.usd > 0; });
  auto& tier = paid == tiers.end() ? tiers.front() : *paid;
  auto ours = entry.value("relight", Json::object());
  Price p{.family = price_text(entry.value("product", Json::object()), "productFamily"),
          .unit = tier.unit,
          .description = tier.description,
          .usd = tier.usd,
          .published = price_text(entry, "publicationDate"),
          .source = price_text(ours, "source"),
          .verified = ours.value("verified", true)};
  auto attributes = entry.value("/product/attributes"_json_pointer, Json::object());
  for (auto& [name, value] : attributes.items())
    if (value.is_string()) p.attributes[name] = value.get<std::string>();
  if (auto service = price_text(entry, "serviceCode"); !service.empty())
    p.attributes.try_emplace("servicecode", service);
  return p;
}

std::unexpected<Error> malformed(const std::string& file, const std::string& why) {
  return fail(Error{.code = "Prices.Malformed",
                    .message = why,
                    .tried = "read the price table",
                    .resource = file,
                    .next = "remove the file to go back to Relight's own table, or run 'relight prices'"});
}

bool region_code(std::string_view w) {  // USE1, EUW2, and the oldest of Europe
  if (w == "EU") return true;
  return w.size() >= 3 && w.size() <= 5 && w.back() >= '0' && w.back() <= '9' &&
         std::ranges::all_of(w.substr(0, w.size() - 1), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "USW2-LCUUsage" is LCUUsage of a region, "USW2-TS-LoadBalancerUsage" is no LoadBalancerUsage. Transfer has
// a pair of codes, KMS the region's name.
bool region_prefix(std::string_view prefix, const std::string& region) {
  if (prefix.empty() || prefix == region + "-") return true;
  if (!prefix.ends_with('-')) return false;
  for (size_t at = 0; at < prefix.size();) {
    auto dash = prefix.find('-', at);
    if (!region_code(prefix.substr(at, dash - at))) return false;
    at = dash + 1;
  }
  return true;
}

}  // namespace

bool fits(const Price& p, const PriceQuery& q) {
  auto has = [&](const char* name, const std::string& value) {
    auto it = p.attributes.find(name);
    return it != p.attributes.end() && it->second == value;
  };
  if (p.family != q.family || !has("servicecode", q.service)) return false;
  if (!q.region.empty() && !has("regionCode", q.region)) return false;
  auto usage = p.attributes.find("usagetype");
  if (usage == p.attributes.end() || !usage->second.ends_with(q.usage)) return false;
  auto prefix = std::string_view(usage->second).substr(0, usage->second.size() - q.usage.size());
  if (!region_prefix(prefix, q.region)) return false;
  return std::ranges::all_of(q.attributes, [&](auto& a) { return has(a.first.c_str(), a.second); });
}

Result<PriceTable> prices_from_json(std::string_view text, const std::string& file) {
  auto doc = Json::parse(text, nullptr, false);
  if (!doc.is_object()) return malformed(file, "it is no JSON object");
  PriceTable t{.date = price_text(doc, "date"), .source = price_text(doc, "source")};
  if (t.date.size() != 10) return malformed(file, "it does not say its date (YYYY-MM-DD)");
  if (!doc.contains("PriceList") || !doc["PriceList"].is_array())
    return malformed(file, "it has no PriceList");
  for (auto& e : doc["PriceList"]) {
    auto entry = e.is_string() ? Json::parse(e.get<std::string>(), nullptr, false) : e;
    if (!entry.is_object()) return malformed(file, "an entry of its PriceList is no product");
    if (auto p = price_of(entry)) t.prices.push_back(std::move(*p));
  }
  return t;
}

FoundPrice find_price(const PriceTable& table, const PriceQuery& query) {
  const Price* found = nullptr;
  for (auto& p : table.prices)
    if (!fits(p, query))
      continue;
    else if (!found)
      found = &p;
    else if (found->usd != p.usd)
      return {nullptr, "the table has several prices for " + words(query)};
  if (!found) return {nullptr, "the table has none for " + words(query)};
  return {found, ""};
}

std::string words(const PriceQuery& q) {
  auto out = q.service + " " + q.usage + (q.region.empty() ? "" : " in " + q.region);
  auto engine = q.attributes.find("databaseEngine");
  return engine == q.attributes.end() ? out : out + " (" + engine->second + ")";
}

}  // namespace relight::dr
