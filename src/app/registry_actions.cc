#include "app/registry_actions.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/image_copy.h"
#include "aws/gen/ecr.h"

namespace relight::app {
namespace {
namespace ecr = aws::ecr;
using Rules = std::vector<ecr::ReplicationRule>;
using Filters = std::vector<ecr::RepositoryFilter>;
using Destinations = std::vector<ecr::ReplicationDestination>;

aws::CallOptions in_registry(const Workshop& w) { return {w.config.primary.region, Millis(20000)}; }

Result<Rules> rules_of(Workshop& w) {
  TRY_ASSIGN(auto r, ecr::Client(w.aws->caller()).DescribeRegistry({}, in_registry(w)));
  if (!r.replicationConfiguration) return Rules{};
  return r.replicationConfiguration->rules.value_or(Rules{});
}

// A rule without filters takes every repository ("ReplicationRule", ECR API Reference).
bool takes(const ecr::ReplicationRule& rule, const std::string& repository, const std::string& region) {
  auto to = rule.destinations.value_or(Destinations{});
  auto filters = rule.repositoryFilters.value_or(Filters{});
  return std::ranges::any_of(to, [&](auto& d) { return d.region == region; }) &&
         (filters.empty() || std::ranges::any_of(filters, [&](auto& f) {
            return repository.starts_with(f.filter.value_or(""));
          }));
}

// A rule that leads to the recovery region alone and takes chosen repositories gets one more of them: a
// registry has at most ten rules, a rule at most a hundred filters.
ecr::ReplicationRule* rule_of_ours(Rules& rules, const std::string& region, const std::string& account) {
  constexpr size_t kFilters = 100;
  for (auto& r : rules) {
    auto to = r.destinations.value_or(Destinations{});
    bool alone = to.size() == 1 && to[0].region == region && to[0].registryId == account;
    if (alone && r.repositoryFilters && !r.repositoryFilters->empty() && r.repositoryFilters->size() < kFilters)
      return &r;
  }
  return nullptr;
}

ImageCopy copy_of(const Workshop& w, const dr::PrimaryAction& a, const std::string& account) {
  auto at = a.resource.find('@');
  return {.account = account,
          .from = w.config.primary.region,
          .to = w.config.recovery.region,
          .repository = a.resource.substr(0, at),
          .digest = a.resource.substr(at + 1),
          .tag = a.with};
}

}  // namespace

Result<bool> registry_replicates(Workshop& w, const std::string& repository) {
  TRY_ASSIGN(auto rules, rules_of(w));
  return std::ranges::any_of(rules,
                             [&](auto& r) { return takes(r, repository, w.config.recovery.region); });
}

Result<> replicate_registry(Workshop& w, const std::string& repository, const std::string& account) {
  TRY_ASSIGN(auto rules, rules_of(w));
  auto& region = w.config.recovery.region;
  if (std::ranges::any_of(rules, [&](auto& r) { return takes(r, repository, region); })) return {};
  ecr::RepositoryFilter filter{.filter = repository, .filterType = "PREFIX_MATCH"};
  if (auto* ours = rule_of_ours(rules, region, account))
    ours->repositoryFilters->push_back(filter);
  else
    rules.push_back({.destinations = Destinations{{.region = region, .registryId = account}},
                     .repositoryFilters = Filters{filter}});
  ecr::ReplicationConfiguration c{.rules = std::move(rules)};
  TRY(ecr::Client(w.aws->caller()).PutReplicationConfiguration({.replicationConfiguration = c}, in_registry(w)));
  return {};
}

Result<bool> image_is_there(Workshop& w, const dr::PrimaryAction& a, const std::string& account) {
  auto i = copy_of(w, a, account);
  return has_image(w.aws->patient(), i.to, i.account, i.repository, i.digest);
}

Result<> bring_image(Workshop& w, const dr::PrimaryAction& a, const std::string& account) {
  return copy_image({w.aws->patient(), *w.http, [](auto& line) { fmt::print("    {}\n", line); }},
                    copy_of(w, a, account));
}

}  // namespace relight::app
