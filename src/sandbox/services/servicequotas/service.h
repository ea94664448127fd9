// Service Quotas: defaults, applied values, and requests to raise them. See README.md.
#pragma once
#include <string>
#include <vector>

#include "aws/gen/servicequotas.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/servicequotas/quotas.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace quotas {
namespace api = aws::servicequotas;
using Applied = Row<api::ServiceQuota>;
using Change = Row<api::RequestedServiceQuotaChange>;
}  // namespace quotas

class ServiceQuotasService final : public Service {
 public:
  explicit ServiceQuotasService(World& w);
  void start() override;
  // Sets the applied value, up or down, as AWS's support would (for rehearsals). Errors: an unknown region,
  // service or code, a negative value.
  Result<> set(const std::string& region, const std::string& service, const std::string& code, double value);

 private:
  using Region = const std::string&;
  void add_reads();
  void add_lists();
  void add_increases();
  void add_history();

  // "NoSuchResourceException"; of a global quota also outside of us-east-1.
  Result<const quotas::Quota*> known(Region r, const std::string& service, const std::string& code) const;
  Result<> known_service(const std::string& service) const;
  quotas::api::ServiceQuota shown(Region r, const quotas::Quota& q, bool applied);
  std::vector<quotas::api::ServiceQuota> of_service(Region r, const std::string& service, bool applied);
  Result<quotas::api::RequestServiceQuotaIncreaseResponse> increase(
      const Call& c, const quotas::api::RequestServiceQuotaIncreaseRequest& in);
  void grant_later(Region r, const std::string& id);
  void grant(Region r, const std::string& id);

  Table<quotas::Applied> applied_;  // "SERVICE|CODE": only what differs from the default
  Table<quotas::Change> changes_;   // by request id
};

}  // namespace relight::sandbox
