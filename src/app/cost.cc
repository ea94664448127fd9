// `relight cost`, and `relight prices`, which fetches what it asks the price list for.
#include "dr/view/cost.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/cost_use.h"
#include "app/price_list.h"
#include "app/repository.h"
#include "app/synth.h"
#include "app/workshop.h"
#include "aws/gen/pricing.h"
#include "base/disk.h"

namespace relight::app {
namespace {
namespace fs = std::filesystem;
using Json = nlohmann::json;

// The Pricing API answers in few regions; this one's has all prices (AWS Billing User Guide, "Price List
// Query API").
constexpr const char* kPricingRegion = "us-east-1";

struct Priced {
  dr::Config config;
  dr::CostReport report;
};

Result<Priced> priced(const Global& g, const std::string& from, const dr::PriceTable& prices, bool meter) {
  TRY_ASSIGN(auto config, load_config(g.config));
  TRY_ASSIGN(auto pilot, planned_pilot(config, from, true));
  TRY_ASSIGN(auto inventory, read_inventory(fs::path(config.dir) / from / "captured"));
  auto servers = dns_servers(g, &config);
  auto resolver = dr::make_resolver(servers);
  std::string why = "CloudWatch was not asked (--no-metering)";
  std::unique_ptr<AwsWorkshop> aws;
  if (meter) {
    auto opened = AwsWorkshop::open(servers.empty() ? nullptr : resolver.get(), config.primary.region,
                                    config.recovery.region);
    if (opened)
      aws = std::move(*opened);
    else
      why = "CloudWatch was not asked: " + opened.error().message;
  }
  auto use = cost_use(config, inventory, pilot, aws ? &aws->caller() : nullptr, system_clock(), why);
  TRY_ASSIGN(auto report, dr::price_pilot(inventory, pilot, use, prices));
  return Priced{std::move(config), std::move(report)};
}

Result<fs::path> folder_of(const Global& g, const std::string& from) {
  TRY_ASSIGN(auto config, load_config(g.config));
  return fs::path(config.dir) / from;
}

Result<int> cost(const Global& g, const CostOptions& o) {
  TRY_ASSIGN(auto folder, folder_of(g, o.from));
  TRY_ASSIGN(auto prices, price_table(folder));
  TRY_ASSIGN(auto p, priced(g, o.from, prices, !o.no_metering));
  auto text = g.json       ? dr::view::cost_json(p.report)
              : o.markdown ? dr::view::cost_markdown(p.report)
                           : dr::view::cost_text(p.report);
  if (o.out.empty()) {
    fmt::print("{}", text);
    return int(kDone);
  }
  TRY(system_disk().write(o.out, text));
  fmt::print("{}: prices of {}\n", o.out, p.report.prices_date);
  return int(kDone);
}

// Whatever of the answer is what the query asks for: filters of the API know no region's prefixes.
Result<> fetch(aws::Caller& aws, const dr::PriceQuery& q, Json& list) {
  namespace api = aws::pricing;
  auto filter = [](const std::string& field, const std::string& value) {
    return api::Filter{.Type = "TERM_MATCH", .Field = field, .Value = value};
  };
  std::vector<api::Filter> filters{filter("productFamily", q.family)};
  if (!q.region.empty()) filters.push_back(filter("regionCode", q.region));
  for (auto& [name, value] : q.attributes) filters.push_back(filter(name, value));
  std::optional<std::string> next;
  do {
    TRY_ASSIGN(auto r, api::Client(aws).GetProducts({.ServiceCode = q.service,
                                                     .Filters = filters,
                                                     .FormatVersion = "aws_v1",
                                                     .NextToken = next,
                                                     .MaxResults = 100},
                                                    {kPricingRegion}));
    for (auto& product : r.PriceList.value_or(std::vector<std::string>{})) {
      Json one{{"date", "0000-00-00"}, {"PriceList", Json::array({product})}};
      TRY_ASSIGN(auto table, dr::prices_from_json(one.dump(), "the answer of pricing:GetProducts"));
      if (!table.prices.empty() && dr::fits(table.prices.front(), q)) list.push_back(Json::parse(product));
    }
    next = r.NextToken;
  } while (next && !next->empty());
  return {};
}

Result<int> prices(const Global& g, const PricesOptions& o) {
  TRY_ASSIGN(auto folder, folder_of(g, o.from));
  TRY_ASSIGN(auto known, dr::prices_from_json(built_in_prices(), "Relight's own table"));
  TRY_ASSIGN(auto p, priced(g, o.from, known, false));
  auto servers = dns_servers(g, &p.config);
  auto resolver = dr::make_resolver(servers);
  TRY_ASSIGN(auto aws,
             AwsWorkshop::open(servers.empty() ? nullptr : resolver.get(), "", p.config.recovery.region));
  Json list = Json::array();
  int missing = 0;
  auto queries = dr::queries_of(p.report);
  for (auto& q : queries) {
    auto before = list.size();
    TRY(fetch(aws->patient(), q, list));
    if (list.size() > before) continue;
    ++missing;
    fmt::print("  none for {}\n", dr::words(q));
  }
  auto today = iso8601(system_clock().now()).substr(0, 10);
  Json doc{{"date", today},
           {"source", "AWS Pricing API, fetched by relight prices on that day."},
           {"PriceList", std::move(list)}};
  auto file = (folder / kOwnPrices).string();
  TRY(system_disk().write(file, doc.dump(1) + "\n"));
  fmt::print("{}: {} of {} prices, of {}\n", file, queries.size() - size_t(missing), queries.size(), today);
  return int(kDone);
}

}  // namespace

Result<dr::PriceTable> price_table(const fs::path& folder) {
  auto file = (folder / kOwnPrices).string();
  if (!system_disk().exists(file)) return dr::prices_from_json(built_in_prices(), "Relight's own table");
  TRY_ASSIGN(auto text, system_disk().read(file));
  return dr::prices_from_json(text, file);
}

int cost_verb(const Global& g, const CostOptions& o) {
  auto r = cost(g, o);
  return r ? *r : report(r.error());
}

int prices_verb(const Global& g, const PricesOptions& o) {
  auto r = prices(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
