// What the sums of a cost report are made with: cost.cc, cost_pilot.cc, cost_others.cc.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dr/planning/cost.h"

namespace relight::dr {

Amount captured(double value, std::string why = "");
Amount unknown_amount(std::string why);
Amount times(Amount a, double by);

struct CostDatabase {
  ResourceKey from;
  std::string engine;  // "MariaDB" as the price list writes it; empty: this build does not know it
  std::string primary_class, replica_class, storage_type;
  bool primary_two_zones = false, replica_two_zones = false;
  Amount storage_gb;
};

struct CostTask {
  ResourceKey from;  // the service
  std::string name;
  int tasks = 0;  // that run in the primary region
  Amount vcpu, gb;
  bool fargate = true, arm = false;
};

// The application in the words of a bill.
class CostPicture {
 public:
  CostPicture(const Inventory& inventory, const Pilot& pilot, const CostUse& use, const PriceTable& prices)
      : inventory(inventory), pilot(pilot), use(use), prices(prices) {}
  Result<> read();

  const Inventory& inventory;
  const Pilot& pilot;
  const CostUse& use;
  const PriceTable& prices;
  struct Planned {
    const PilotResource* resource;
    nlohmann::json properties;
  };
  std::vector<Planned> planned;  // as in the pilot
  std::vector<CostDatabase> databases;
  std::vector<CostTask> tasks;
  std::vector<const Planned*> of(std::string_view type) const;
  bool lit_only(const PilotResource& r) const { return r.condition == "IsLit"; }
  const nlohmann::json* captured_of(const ResourceKey& key) const;

 private:
  void read_database(const Planned& p);
  void read_service(const Planned& p);
  std::map<ResourceKey, nlohmann::json> captured_;
};

class CostSheet {
 public:
  CostSheet(const CostPicture& picture, CostSum& sum) : picture_(picture), sum_(sum) {}
  void add(std::string what, const ResourceKey& from, PriceQuery query, Amount amount, std::string unit);
  void no_price(std::string what, const ResourceKey& from, std::string why);

  // `hours`: of the instance and its storage; 730 is a month.
  void database(const CostDatabase& d, const std::string& type, bool two_zones, double hours);
  void snapshot(const CostDatabase& d, double hours);
  void nat(double hours, bool lit_ones, bool standing_ones);
  void tasks(const CostTask& t, int count, double hours);
  void balancers(double hours);
  void bucket(const CostPicture::Planned& p);
  void replication_of_databases();
  void images();
  void secrets();
  void names();
  void alarms();
  void endpoints(double hours);
  void functions_and_keys();
  void firewall();
  void others();  // types that no line speaks of

 private:
  const CostPicture& picture_;
  CostSum& sum_;
};

void price_pilot_light(const CostPicture& p, CostSum& sum);
std::vector<CostSum> price_other_ways(const CostPicture& p);
CostSum price_lit_hour(const CostPicture& p);
CostSum price_drill(const CostPicture& p);
std::vector<Saving> price_savings(const CostPicture& p);

}  // namespace relight::dr
