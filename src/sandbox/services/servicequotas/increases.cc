// Requests to raise a quota: granted after a while, as AWS grants small ones by itself ("Requesting a quota
// increase").
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/servicequotas/page.h"
#include "sandbox/services/servicequotas/service.h"

namespace relight::sandbox {
using namespace quotas;
namespace op = aws::servicequotas::op;

namespace {

constexpr auto kGrantTime = std::chrono::minutes(30);  // AWS promises none (unverified)

}  // namespace

Result<api::RequestServiceQuotaIncreaseResponse> ServiceQuotasService::increase(
    const Call& c, const api::RequestServiceQuotaIncreaseRequest& in) {
  TRY(known_service(*in.ServiceCode));
  TRY_ASSIGN(auto* q, known(c.region, *in.ServiceCode, *in.QuotaCode));
  auto now = shown(c.region, *q, true);
  if (!q->adjustable)
    return aws_error("IllegalArgumentException", "The quota is not adjustable.");  // wording unverified
  if (*in.DesiredValue <= *now.Value)
    return aws_error("IllegalArgumentException",
                     "You must provide a quota value that is greater than the current quota value.");
  for (auto& [id, open] : changes_.in(c.region))
    if (open.Status == "PENDING" && open.ServiceCode == in.ServiceCode && open.QuotaCode == in.QuotaCode)
      return aws_error("ResourceAlreadyExistsException",
                       "Only one open service quota increase request is allowed per quota.");
  Change x;
  x.Id = world_.rng.hex(32);
  x.ServiceCode = now.ServiceCode;
  x.ServiceName = now.ServiceName;
  x.QuotaCode = now.QuotaCode;
  x.QuotaName = now.QuotaName;
  x.DesiredValue = in.DesiredValue;
  x.Status = "PENDING";
  x.Created = x.LastUpdated = world_.clock.now();
  x.Requester = fmt::format("{{\"accountId\":\"{}\",\"callerArn\":\"{}\"}}", world_.account(), c.principal);
  x.QuotaArn = now.QuotaArn;
  x.GlobalQuota = now.GlobalQuota;
  x.Unit = now.Unit;
  std::string id = *x.Id;
  auto& kept = changes_.put(c.region, id, std::move(x));
  grant_later(c.region, id);
  return api::RequestServiceQuotaIncreaseResponse{.RequestedQuota = kept};
}

void ServiceQuotasService::grant_later(Region r, const std::string& id) {
  world_.after(world_.pace(kGrantTime), [this, region = std::string(r), id] { grant(region, id); });
}

void ServiceQuotasService::grant(Region r, const std::string& id) {
  auto* x = changes_.find(r, id);
  if (!x || x->Status != "PENDING") return;
  x->Status = "APPROVED";
  x->LastUpdated = world_.clock.now();
  changes_.save(r, id, *x);
  // A rehearsal may have set more meanwhile.
  auto* q = quotas::find(*x->ServiceCode, *x->QuotaCode);
  if (q && *shown(r, *q, true).Value < *x->DesiredValue)
    set(r, *x->ServiceCode, *x->QuotaCode, *x->DesiredValue);
}

void ServiceQuotasService::add_increases() {
  on<op::RequestServiceQuotaIncrease>([this](const Call& c, const auto& in) { return increase(c, in); });
  on<op::GetRequestedServiceQuotaChange>(
      [this](const Call& c, const api::GetRequestedServiceQuotaChangeRequest& in)
          -> Result<api::GetRequestedServiceQuotaChangeResponse> {
        if (auto* x = changes_.find(c.region, *in.RequestId))
          return api::GetRequestedServiceQuotaChangeResponse{.RequestedQuota = *x};
        return aws_error("NoSuchResourceException",
                         "The request failed because the specified request does not exist.");
      });
}

void ServiceQuotasService::add_history() {
  auto history = [this](Region r, const std::optional<std::string>& service,
                        const std::optional<std::string>& code, const std::optional<std::string>& status) {
    std::vector<api::RequestedServiceQuotaChange> all;
    for (auto& [id, x] : changes_.in(r))
      if ((!service || x.ServiceCode == service) && (!code || x.QuotaCode == code) &&
          (!status || x.Status == status))
        all.push_back(x);
    std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.Created > b.Created; });
    return all;
  };
  on<op::ListRequestedServiceQuotaChangeHistory>(
      [history](const Call& c, const api::ListRequestedServiceQuotaChangeHistoryRequest& in)
          -> Result<api::ListRequestedServiceQuotaChangeHistoryResponse> {
        api::ListRequestedServiceQuotaChangeHistoryResponse out;
        TRY_ASSIGN(out.RequestedQuotas, page(history(c.region, in.ServiceCode, {}, in.Status), in.MaxResults,
                                             in.NextToken, out.NextToken));
        return out;
      });
  on<op::ListRequestedServiceQuotaChangeHistoryByQuota>(
      [this, history](const Call& c, const api::ListRequestedServiceQuotaChangeHistoryByQuotaRequest& in)
          -> Result<api::ListRequestedServiceQuotaChangeHistoryByQuotaResponse> {
        TRY(known(c.region, *in.ServiceCode, *in.QuotaCode));
        api::ListRequestedServiceQuotaChangeHistoryByQuotaResponse out;
        TRY_ASSIGN(out.RequestedQuotas, page(history(c.region, in.ServiceCode, in.QuotaCode, in.Status),
                                             in.MaxResults, in.NextToken, out.NextToken));
        return out;
      });
}

}  // namespace relight::sandbox
