// Amazon Route 53. Its control plane lives in us-east-1 and goes down with it; what answers questions and
// what checks health does not. Behaviour follows the "Amazon Route 53 API Reference 2013-04-01" and Developer
// Guide; what neither says is marked unverified where it is decided. Traffic policies, CIDR collections,
// query logs and DNSSEC are not built.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aws/gen/route53.h"
#include "sandbox/gateway/service.h"
#include "sandbox/planes/dns/plane.h"
#include "sandbox/planes/probe/probe.h"
#include "sandbox/services/route53/resolver.h"
#include "sandbox/services/route53/rows.h"
#include "sandbox/world/table.h"

namespace relight::sandbox {

class Route53Service final : public Service, public dns::Answerer {
 public:
  // Health checkers run on eight threads of the service's own. Whoever wires serves this Answerer on a
  // DnsPlane.
  explicit Route53Service(World& w);
  // The repeater outlives the service.
  Route53Service(World& w, Repeater& checkers, Prober prober = probe);
  ~Route53Service() override;

  void start() override;
  void stop() override;
  void region_lost(const std::string&) override { refresh_targets(); }
  void region_restored(const std::string&) override { refresh_targets(); }

  // Thread-safe, without the world's lock.
  dns::Answer answer(const dns::Question& q) override;

 private:
  template <class T>
  using R = Result<T>;
  Route53Service(World& w, std::unique_ptr<Repeater> checkers);

  // zones.cc
  void zone_operations();
  R<aws::route53::CreateHostedZoneResponse> create(const Call&, const aws::route53::CreateHostedZoneRequest&);
  R<aws::route53::DeleteHostedZoneResponse> remove(const Call&, const aws::route53::DeleteHostedZoneRequest&);
  R<aws::route53::ListHostedZonesByNameResponse> by_name(const aws::route53::ListHostedZonesByNameRequest&);
  R<route53::ZoneRow*> zone(const std::string& id);
  aws::route53::HostedZone shown(const route53::ZoneRow& z);
  aws::route53::DelegationSet delegation(const route53::ZoneRow& z) const;
  void name_servers(const route53::ZoneRow& z);  // their own names, for resolvers that ask
  aws::route53::ChangeInfo submit(const std::optional<std::string>& comment);

  // records.cc, changes.cc
  void record_operations();
  R<aws::route53::ChangeResourceRecordSetsResponse> change(
      const Call&, const aws::route53::ChangeResourceRecordSetsRequest&);
  R<aws::route53::ListResourceRecordSetsResponse> list(const aws::route53::ListResourceRecordSetsRequest&);
  std::vector<const aws::route53::ResourceRecordSet*> records_of(const std::string& zone_id);
  R<aws::route53::TestDNSAnswerResponse> test(const aws::route53::TestDNSAnswerRequest&);

  // checks.cc: the resource
  void check_operations();
  void tag_operations();
  R<aws::route53::CreateHealthCheckResponse> create(const aws::route53::CreateHealthCheckRequest&);
  R<aws::route53::UpdateHealthCheckResponse> update(const aws::route53::UpdateHealthCheckRequest&);
  R<route53::CheckRow*> check(const std::string& id);
  Result<> valid(const aws::route53::HealthCheckConfig& c);
  R<std::vector<aws::route53::HealthCheckObservation>> observations(const std::string& id);

  // health.cc: what really checks
  struct Seen {
    bool healthy = true;  // "until there's enough data" a new check is healthy
    int streak = 0;       // of observations that contradict `healthy`
    std::string text = "Success: the health check is new and counts as healthy";
    std::string address;
    Instant at{};
  };
  void watch(const route53::CheckRow& c);
  void observe(const std::string& id, const aws::route53::HealthCheckConfig& c);
  bool effective(const std::string& id, int depth = 0);  // inversion, disabling and calculation applied
  std::optional<bool> alarm(route53::CheckRow& c);
  bool balancer_healthy(const std::string& dns_name);
  void refresh_targets();  // alarms and load balancers, asked anew
  void poll_targets();     // refresh_targets, again and again

  // publish.cc: snapshots
  void publish_zones();   // after a change of records
  void publish_health();  // after a change of health
  void swap(std::shared_ptr<const route53::Snapshot> next);
  void tell_changes(const route53::Snapshot& before, const route53::Snapshot& after);
  std::shared_ptr<const route53::Snapshot> snapshot() const;

  std::unique_ptr<Repeater> own_;  // null if checkers_ is somebody else's
  Repeater& checkers_;
  Prober prober_;
  route53::Resolver::FindName find_;
  Table<route53::ZoneRow> zones_;
  Table<route53::RecordRow> records_;
  Table<route53::CheckRow> checks_;
  Table<route53::ChangeRow> changes_;
  mutable std::mutex seen_lock_;
  std::map<std::string, Seen> seen_;  // by health check; written by the checkers' threads
  std::map<std::string, bool> balancers_;
  std::atomic<uint64_t> dice_;
  mutable std::mutex snapshot_lock_;
  std::shared_ptr<const route53::Snapshot> snapshot_;  // shared with the askers that read it
  bool started_ = false, stopped_ = false;
};

}  // namespace relight::sandbox
