// What the pilot costs, line by line, beside other ways of being ready, an hour lit and a drill. Pure: from
// the Inventory, the Pilot, what was metered or assumed, and a table of prices. docs/cost.md is its page.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dr/model/prices.h"
#include "dr/planning/pilot.h"

namespace relight::dr {

inline constexpr double kHoursOfMonth = 730;  // as AWS counts
inline constexpr double kDaysOfMonth = 30.4;

// How much of something, and how that is known. No value is never zero.
struct Amount {
  enum class Basis { kCaptured, kMetered, kStated, kAssumed, kUnknown } basis = Basis::kUnknown;
  double value = 0;  // meaningless when unknown
  std::string why;   // "CloudWatch, the last 14 days", "relight.yaml", or what is missing
  bool known() const { return basis != Basis::kUnknown; }
  bool operator==(const Amount&) const = default;
};
std::string_view basis_word(Amount::Basis basis);  // "captured", "metered", …

struct BucketUse {
  Amount stored_gb, new_gb, new_objects;  // the latter two a month
};

// What a capture does not hold.
struct CostUse {
  Amount database_changes_gb;                // a month, to the replica; of all databases together
  std::map<std::string, BucketUse> buckets;  // by the captured bucket's name
  Amount images_gb;                          // the application's images in the registry
  Amount capacity_units;                     // LCUs of the load balancers at work
  Amount visitors_gb_hour;                   // to the internet
  double drill_hours = 2;
  int tasks = 1;  // of each service after a failover
};

struct CostLine {
  std::string what;  // "lamp-db: db.t4g.micro, one zone"
  ResourceKey from;
  PriceQuery query;
  Amount amount;
  std::string unit;  // "hours", "GB"
  std::optional<double> price;
  bool verified = false;
  std::string no_price;  // why there is none
  std::optional<double> usd() const {
    return price && amount.known() ? std::optional(*price * amount.value) : std::nullopt;
  }
  bool operator==(const CostLine&) const = default;
};

struct CostSum {
  std::string name;
  std::string rto, rpo;  // of this way of being ready; may be empty
  std::string note;
  std::vector<CostLine> lines;
  double usd() const;  // of the lines that have one
  // Lines without a price, with an unknown amount, with an assumed amount, with a price that nobody verified.
  int without_price() const, unknown() const, assumed() const, unverified() const;
  bool whole() const { return without_price() == 0 && unknown() == 0; }
  bool operator==(const CostSum&) const = default;
};

struct Saving {
  std::string what;
  std::optional<double> usd_month;  // nothing: a price or an amount is missing
  bool taken = false;               // the pilot is so already
  std::string rto, rpo;             // what it costs there; "none" when nothing
  bool operator==(const Saving&) const = default;
};

struct CostReport {
  std::string application, primary, region;
  std::string prices_date, prices_source;
  CostSum pilot;                // a month
  std::vector<CostSum> others;  // a month: backup and restore, warm standby, active-active
  CostSum lit_hour, drill;
  std::vector<Saving> savings;  // largest first
  bool operator==(const CostReport&) const = default;
};

// Types of the pilot that this build does not know are lines without a price.
// Error "Cost.Malformed" when a resource of the pilot is no JSON.
Result<CostReport> price_pilot(const Inventory& inventory, const Pilot& pilot, const CostUse& use,
                               const PriceTable& prices);
// Everything that the report asks the table for, each once: what `relight prices` fetches.
std::vector<PriceQuery> queries_of(const CostReport& report);

}  // namespace relight::dr
