// Aliases: names for versions, with a second version for a part of the requests.
#include <algorithm>
#include <functional>

#include "sandbox/services/lambda/page.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;
namespace op = aws::lambda::op;

namespace {

std::unexpected<Error> no_alias(const std::string& arn) {
  return aws_error("ResourceNotFoundException", "Cannot find alias arn: " + arn, 404);
}

// One further version at most, of a weight between 0 and 1, and none beside $LATEST ("Lambda function alias
// routing").
Result<> check_routing(const Alias& a, const std::function<bool(const std::string&)>& there) {
  auto bad = [](const char* why) { return aws_error("InvalidParameterValueException", why, 400); };
  if (!a.RoutingConfig || !a.RoutingConfig->AdditionalVersionWeights) return {};
  auto& weights = *a.RoutingConfig->AdditionalVersionWeights;
  if (weights.size() > 1) return bad("Number of items in AdditionalVersionWeights cannot be greater than 1");
  for (auto& [version, weight] : weights) {
    if (a.FunctionVersion == kLatest || version == kLatest)
      return bad("$LATEST is not supported for an alias pointing to more than 1 version");
    if (weight < 0 || weight > 1) return bad("Alias weights must be between 0.0 and 1.0");
    if (version == a.FunctionVersion)
      return bad(
          "Invalid function version. Function version in AdditionalVersionWeights is the same as "
          "FunctionVersion");
    if (!there(version))
      return aws_error("ResourceNotFoundException", "Function not found: version " + version, 404);
  }
  return {};
}

}  // namespace

Result<> LambdaService::check_alias(Region r, const std::string& name, const Alias& a) {
  TRY_ASSIGN([[maybe_unused]] auto* f, find(r, {name, *a.FunctionVersion}));
  return check_routing(
      a, [&](const std::string& version) { return functions_.find(r, name + ":" + version) != nullptr; });
}

void LambdaService::add_aliases() {
  held<op::CreateAlias>(
      [this](const Call& c, const api::CreateAliasRequest& in) -> Result<api::AliasConfiguration> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, {n.name, ""}));
        std::string key = n.name + ":" + *in.Name;
        if (aliases_.find(c.region, key))
          return aws_error("ResourceConflictException",
                           "Alias already exists: " + arn(c.region, n.name, *in.Name), 409);
        Alias a;
        a.AliasArn = arn(c.region, n.name, *in.Name);
        a.Name = in.Name;
        a.FunctionVersion = in.FunctionVersion;
        a.Description = in.Description.value_or("");
        if (in.RoutingConfig &&
            !in.RoutingConfig->AdditionalVersionWeights.value_or(std::map<std::string, double>{}).empty())
          a.RoutingConfig = in.RoutingConfig;
        a.RevisionId = world_.rng.uuid();
        TRY(check_alias(c.region, n.name, a));
        return aliases_.put(c.region, key, a);
      });
  held<op::UpdateAlias>(
      [this](const Call& c, const api::UpdateAliasRequest& in) -> Result<api::AliasConfiguration> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        std::string key = n.name + ":" + *in.Name;
        auto* a = aliases_.find(c.region, key);
        if (!a) return no_alias(arn(c.region, n.name, *in.Name));
        if (in.RevisionId && in.RevisionId != a->RevisionId)
          return aws_error("PreconditionFailedException",
                           "The Revision Id provided does not match the latest Revision Id. Call the "
                           "GetFunction/GetAlias API to retrieve the latest Revision Id",
                           412);
        Alias next = *a;
        if (in.FunctionVersion) next.FunctionVersion = in.FunctionVersion;
        if (in.Description) next.Description = in.Description;
        if (in.RoutingConfig) next.RoutingConfig = in.RoutingConfig;
        if (next.RoutingConfig &&
            next.RoutingConfig->AdditionalVersionWeights.value_or(std::map<std::string, double>{}).empty())
          next.RoutingConfig.reset();
        TRY(check_alias(c.region, n.name, next));
        next.RevisionId = world_.rng.uuid();
        return aliases_.put(c.region, key, next);
      });
}

void LambdaService::add_alias_reads() {
  held<op::GetAlias>(
      [this](const Call& c, const api::GetAliasRequest& in) -> Result<api::AliasConfiguration> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        auto* a = aliases_.find(c.region, n.name + ":" + *in.Name);
        if (!a) return no_alias(arn(c.region, n.name, *in.Name));
        return *a;
      });
  held<op::ListAliases>([this](const Call& c,
                               const api::ListAliasesRequest& in) -> Result<api::ListAliasesResponse> {
    TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
    TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, {n.name, ""}));
    std::vector<std::string> keys;
    for (auto& [key, a] : aliases_.in(c.region))
      if (key.starts_with(n.name + ":") && (!in.FunctionVersion || a.FunctionVersion == in.FunctionVersion))
        keys.push_back(key);
    api::ListAliasesResponse out;
    TRY_ASSIGN(auto page, page_of(std::move(keys), in.Marker, std::min(in.MaxItems.value_or(50), 50)));
    out.Aliases.emplace();
    for (auto& key : page.items) out.Aliases->push_back(*aliases_.find(c.region, key));
    out.NextMarker = page.next;
    return out;
  });
  // An alias that is not there is deleted as well (observed; unverified).
  held<op::DeleteAlias>(
      [this](const Call& c, const api::DeleteAliasRequest& in) -> Result<op::DeleteAlias::Output> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, {n.name, ""}));
        aliases_.erase(c.region, n.name + ":" + *in.Name);
        return op::DeleteAlias::Output{};
      });
}

}  // namespace relight::sandbox
