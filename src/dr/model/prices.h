// List prices in the format of the AWS Pricing API (GetProducts), as a table that says its date.
// docs/cost.md is its page.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relight::dr {

// Which product a line of a bill asks for. The same words are GetProducts' filters.
struct PriceQuery {
  std::string service, family;  // "AmazonRDS", "Database Instance"
  std::string region;           // empty: the service has one price for all regions
  std::string usage;            // its usage type without the region's prefix: "InstanceUsage:db.t4g.micro"
  std::map<std::string, std::string> attributes;  // further ones that must be equal
  bool operator==(const PriceQuery&) const = default;
  auto operator<=>(const PriceQuery&) const = default;
};

struct Price {
  std::string family;
  std::map<std::string, std::string> attributes;
  std::string unit, description;
  double usd =
      0;  // of the first tier that is not free: free allowances are an account's, not an application's
  std::string published, source;
  bool verified = true;
  bool operator==(const Price&) const = default;
};

struct PriceTable {
  std::string date;    // "2026-10-01"
  std::string source;  // a sentence
  std::vector<Price> prices;
  bool operator==(const PriceTable&) const = default;
};

// {"date", "source", "PriceList": [what GetProducts answers, as objects or as the texts that it sends]}.
// Products without an on-demand price in USD are skipped. Error "Prices.Malformed" with resource = `file`.
Result<PriceTable> prices_from_json(std::string_view text, const std::string& file);

bool fits(const Price& price, const PriceQuery& query);

struct FoundPrice {
  const Price* price = nullptr;  // of the table
  std::string why;               // there is none
};
// Several products that fit and differ in price are none: which one it is would be a guess.
FoundPrice find_price(const PriceTable& table, const PriceQuery& query);

// "AmazonRDS InstanceUsage:db.t4g.micro in us-east-1 (MariaDB)"
std::string words(const PriceQuery& query);

}  // namespace relight::dr
