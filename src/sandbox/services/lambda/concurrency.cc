// Reserved concurrency, and the account's bounds ("Lambda quotas").
#include <fmt/format.h>

#include "sandbox/services/lambda/limits.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;
namespace op = aws::lambda::op;

void LambdaService::add_concurrency() {
  held<op::PutFunctionConcurrency>(
      [this](const Call& c, const api::PutFunctionConcurrencyRequest& in) -> Result<api::Concurrency> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, {n.name, ""}));
        int32_t others = 0;
        for (auto& [name, r] : reserved_.in(c.region))
          if (name != n.name) others += r.ReservedConcurrentExecutions.value_or(0);
        if (kAccountConcurrency - others - *in.ReservedConcurrentExecutions < kUnreservedLeast)
          return aws_error(
              "InvalidParameterValueException",
              fmt::format("Specified ReservedConcurrentExecutions for function decreases account's "
                          "UnreservedConcurrentExecution below its minimum value of [{}].",
                          kUnreservedLeast),
              400);
        reserved_.put(c.region, n.name,
                      api::Concurrency{.ReservedConcurrentExecutions = in.ReservedConcurrentExecutions});
        world_.event(c.region, "lambda", n.name,
                     fmt::format("reserved concurrency {}", *in.ReservedConcurrentExecutions));
        return api::Concurrency{.ReservedConcurrentExecutions = in.ReservedConcurrentExecutions};
      });
  held<op::GetFunctionConcurrency>(
      [this](const Call& c,
             const op::GetFunctionConcurrency::Input& in) -> Result<api::GetFunctionConcurrencyResponse> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, {n.name, ""}));
        api::GetFunctionConcurrencyResponse out;
        if (auto* r = reserved_.find(c.region, n.name))
          out.ReservedConcurrentExecutions = r->ReservedConcurrentExecutions;
        return out;
      });
  held<op::DeleteFunctionConcurrency>([this](const Call& c, const op::DeleteFunctionConcurrency::Input& in)
                                          -> Result<op::DeleteFunctionConcurrency::Output> {
    TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
    TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, {n.name, ""}));
    reserved_.erase(c.region, n.name);
    world_.event(c.region, "lambda", n.name, "reserved concurrency removed");
    return op::DeleteFunctionConcurrency::Output{};
  });
  add_account();
}

void LambdaService::add_account() {
  // None can be made here: PutProvisionedConcurrencyConfig is not built.
  held<op::ListProvisionedConcurrencyConfigs>(
      [this](const Call& c, const op::ListProvisionedConcurrencyConfigs::Input& in)
          -> Result<op::ListProvisionedConcurrencyConfigs::Output> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, {n.name, ""}));
        op::ListProvisionedConcurrencyConfigs::Output out;
        out.ProvisionedConcurrencyConfigs.emplace();
        return out;
      });
  held<op::GetAccountSettings>(
      [this](const Call& c, const op::GetAccountSettings::Input&) -> Result<api::GetAccountSettingsResponse> {
        int64_t size = 0, count = 0;
        int32_t reserved = 0;
        for (auto& [key, f] : functions_.in(c.region)) {
          size += f.CodeSize.value_or(0);
          count += f.Version == kLatest;
        }
        for (auto& [name, r] : reserved_.in(c.region)) reserved += r.ReservedConcurrentExecutions.value_or(0);
        api::GetAccountSettingsResponse out;
        out.AccountLimit =
            api::AccountLimit{.TotalCodeSize = 80'530'636'800,
                              .CodeSizeUnzipped = 262'144'000,
                              .CodeSizeZipped = 52'428'800,
                              .ConcurrentExecutions = kAccountConcurrency,
                              .UnreservedConcurrentExecutions = kAccountConcurrency - reserved};
        out.AccountUsage = api::AccountUsage{.TotalCodeSize = size, .FunctionCount = count};
        return out;
      });
}

}  // namespace relight::sandbox
