#include "sandbox/services/servicequotas/service.h"

#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/servicequotas/page.h"

namespace relight::sandbox {
using namespace quotas;
namespace op = aws::servicequotas::op;

ServiceQuotasService::ServiceQuotasService(World& w)
    : Service(w, api::model()), applied_(w, "servicequotas/applied"), changes_(w, "servicequotas/changes") {
  add_reads();
  add_lists();
  add_increases();
  add_history();
}

void ServiceQuotasService::start() {
  for (auto& r : world_.settings.regions)
    for (auto& [id, c] : changes_.in(r))
      if (c.Status == "PENDING") grant_later(r, id);
}

Result<const Quota*> ServiceQuotasService::known(Region r, const std::string& service,
                                                 const std::string& code) const {
  auto* q = quotas::find(service, code);
  if (q && (!q->global || r == "us-east-1")) return q;
  return aws_error("NoSuchResourceException",
                   "The request failed because the specified quota does not exist.");
}

Result<> ServiceQuotasService::known_service(const std::string& service) const {
  auto all = quotas::all();
  if (std::any_of(all.begin(), all.end(), [&](auto& q) { return q.service == service; })) return {};
  return aws_error("NoSuchResourceException",
                   "The request failed because the specified service does not exist.");
}

api::ServiceQuota ServiceQuotasService::shown(Region r, const Quota& q, bool applied) {
  api::ServiceQuota s;
  std::string service(q.service), code(q.code);
  s.ServiceCode = service;
  s.ServiceName = std::string(service_name(q.service));
  s.QuotaArn =
      fmt::format("arn:aws:servicequotas:{}:{}:{}/{}", r, applied ? world_.account() : "", service, code);
  s.QuotaCode = code;
  s.QuotaName = std::string(q.name);
  auto* ours = applied ? applied_.find(r, service + "|" + code) : nullptr;
  s.Value = ours ? *ours->Value : q.value;
  s.Unit = "None";
  s.Adjustable = q.adjustable;
  s.GlobalQuota = q.global;
  return s;
}

std::vector<api::ServiceQuota> ServiceQuotasService::of_service(Region r, const std::string& service,
                                                                bool applied) {
  std::vector<api::ServiceQuota> out;
  for (auto& q : quotas::all())
    if (q.service == service && (!q.global || r == "us-east-1")) out.push_back(shown(r, q, applied));
  return out;
}

Result<> ServiceQuotasService::set(Region r, const std::string& service, const std::string& code,
                                   double value) {
  auto& regions = world_.settings.regions;
  if (std::find(regions.begin(), regions.end(), r) == regions.end())
    return fail("Sandbox.Region", fmt::format("this sandbox has no region '{}'", r));
  auto q = known(r, service, code);
  if (!q)
    return fail("Sandbox.Quota",
                fmt::format("there is no quota {} of '{}' in {}; 'aws service-quotas list-service-quotas "
                            "--service-code {}' names them",
                            code, service, r, service));
  if (!(value >= 0 && value <= 1e10))
    return fail("Sandbox.Quota", "a quota is a number from 0 to 10000000000");
  Applied a = shown(r, **q, true);
  a.Value = value;
  applied_.put(r, service + "|" + code, std::move(a));
  world_.event(r, "servicequotas", service + "/" + code, fmt::format("applied value is {:g}", value));
  return {};
}

void ServiceQuotasService::add_reads() {
  on<op::GetServiceQuota>(
      [this](const Call& c, const api::GetServiceQuotaRequest& in) -> Result<api::GetServiceQuotaResponse> {
        TRY(known_service(*in.ServiceCode));
        TRY_ASSIGN(auto* q, known(c.region, *in.ServiceCode, *in.QuotaCode));
        return api::GetServiceQuotaResponse{.Quota = shown(c.region, *q, true)};
      });
  on<op::GetAWSDefaultServiceQuota>([this](const Call& c, const api::GetAWSDefaultServiceQuotaRequest& in)
                                        -> Result<api::GetAWSDefaultServiceQuotaResponse> {
    TRY(known_service(*in.ServiceCode));
    TRY_ASSIGN(auto* q, known(c.region, *in.ServiceCode, *in.QuotaCode));
    return api::GetAWSDefaultServiceQuotaResponse{.Quota = shown(c.region, *q, false)};
  });
}

void ServiceQuotasService::add_lists() {
  on<op::ListServiceQuotas>([this](const Call& c, const api::ListServiceQuotasRequest& in)
                                -> Result<api::ListServiceQuotasResponse> {
    TRY(known_service(*in.ServiceCode));
    api::ListServiceQuotasResponse out;
    TRY_ASSIGN(out.Quotas,
               page(of_service(c.region, *in.ServiceCode, true), in.MaxResults, in.NextToken, out.NextToken));
    return out;
  });
  on<op::ListAWSDefaultServiceQuotas>([this](const Call& c, const api::ListAWSDefaultServiceQuotasRequest& in)
                                          -> Result<api::ListAWSDefaultServiceQuotasResponse> {
    TRY(known_service(*in.ServiceCode));
    api::ListAWSDefaultServiceQuotasResponse out;
    TRY_ASSIGN(out.Quotas, page(of_service(c.region, *in.ServiceCode, false), in.MaxResults, in.NextToken,
                                out.NextToken));
    return out;
  });
  on<op::ListServices>(
      [](const Call&, const api::ListServicesRequest& in) -> Result<api::ListServicesResponse> {
        std::vector<api::ServiceInfo> all;
        for (auto& q : quotas::all())
          if (all.empty() || all.back().ServiceCode != std::string(q.service))
            all.push_back(
                {.ServiceCode = std::string(q.service), .ServiceName = std::string(service_name(q.service))});
        api::ListServicesResponse out;
        TRY_ASSIGN(out.Services, page(std::move(all), in.MaxResults, in.NextToken, out.NextToken));
        return out;
      });
}

}  // namespace relight::sandbox
