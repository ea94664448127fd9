// The data plane: answers from an immutable snapshot of all zones and of what is healthy. Pure and
// thread-safe.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sandbox/planes/dns/plane.h"

namespace relight::sandbox::route53 {

// One ResourceRecordSet.
struct Variant {
  enum class Policy { kSimple, kWeighted, kFailover, kLatency, kGeolocation, kMultivalue };
  Policy policy = Policy::kSimple;
  std::string set_identifier;
  int weight = 0;
  bool primary = false;  // failover
  std::string place;     // latency: region. geolocation: "*" is the default
  uint32_t ttl = 0;
  std::vector<std::string> rdata;
  std::string alias;  // canonical; empty: not an alias
  bool evaluate_target = false;
  std::string health_check;
  std::string text;  // what it leads to, in words: addresses or the alias's name
};

struct Zone {
  std::string name;
  bool is_private = false;
  std::map<std::string, std::map<uint16_t, std::vector<Variant>>> records;
  std::set<std::string> nodes;  // every name that exists, those between names included
};

struct Snapshot {
  std::shared_ptr<const std::map<std::string, Zone>>
      zones;                              // by name; shared by snapshots that differ in health only
  std::map<std::string, bool> checks;     // health check -> healthy
  std::map<std::string, bool> balancers;  // load balancer's name -> healthy
};

class Resolver {
 public:
  using FindName = std::function<std::optional<std::string>(std::string_view)>;
  // dice: any number; decides between weighted records and where a multivalue answer begins.
  Resolver(const Snapshot& s, const FindName& find, uint64_t dice) : s_(s), find_(find), dice_(dice) {}

  dns::Answer answer(const dns::Question& q) const;
  // The records that a name's sets may be answered with now: for tests, and to see that an answer has
  // changed.
  std::vector<const Variant*> chosen(const std::vector<Variant>& all) const;

 private:
  void resolve(const std::string& name, uint16_t type, dns::Answer& a, int depth) const;
  void from_zone(const Zone& z, const std::string& name, uint16_t type, dns::Answer& a, int depth) const;
  void from_aws(const std::string& name, uint16_t type, dns::Answer& a) const;
  void emit(const std::vector<Variant>& all, const std::string& owner, uint16_t type, dns::Answer& a,
            int depth) const;
  bool healthy(const Variant& v, int depth = 0) const;
  bool target_healthy(const std::string& alias, int depth) const;
  const Zone* zone_of(const std::string& name) const;
  void deny(const Zone& z, dns::Answer& a) const;  // SOA into the authority section

  const Snapshot& s_;
  const FindName& find_;
  uint64_t dice_;
};

}  // namespace relight::sandbox::route53
