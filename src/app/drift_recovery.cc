#include "app/drift_recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "app/check_picture.h"
#include "app/in_step.h"
#include "app/synth.h"
#include "aws/gen/cloudformation.h"
#include "dr/capture/kind.h"
#include "dr/capture/roots.h"
#include "dr/capture/topology_capture.h"
#include "dr/view/iac.h"
#include "dr/view/template.h"

namespace relight::app {
namespace {
namespace cfn = aws::cloudformation;

aws::CallOptions at_recovery(const Workshop& w) { return {w.config.recovery.region, Millis(30000)}; }

using Physical = std::map<std::string, cfn::StackResourceSummary>;  // by logical id

Result<Physical> stack_resources(Workshop& w) {
  Physical out;
  cfn::ListStackResourcesInput in{.StackName = w.config.recovery.stack};
  do {
    TRY_ASSIGN(auto page, cfn::Client(w.aws->patient()).ListStackResources(in, at_recovery(w)));
    for (auto& r : page.StackResourceSummaries.value_or(std::vector<cfn::StackResourceSummary>{}))
      out[r.LogicalResourceId.value_or("")] = r;
    in.NextToken = page.NextToken;
  } while (in.NextToken);
  return out;
}

const dr::Resource* seen_as(const dr::Inventory& seen, const dr::ResourceKey& key) {
  auto it = std::ranges::find(seen.resources, key, &dr::Resource::key);
  return it == seen.resources.end() ? nullptr : &*it;
}

// A resource that the walk did not bring is gone if AWS said so, else it could not be seen.
void not_seen(const dr::Inventory& seen, const dr::ResourceKey& key, const std::string& logical,
              dr::Drift& to) {
  auto it = std::ranges::find(seen.left_out, key, &dr::LeftOut::key);
  if (it != seen.left_out.end() && it->why.find("does not exist") != std::string::npos)
    to.differences.push_back({dr::Difference::Kind::kGone, key, "", "\"" + logical + "\"", ""});
  else
    to.unknown.push_back(
        {key, "everything", it == seen.left_out.end() ? "it was not found from the stack" : it->why});
}

void beside_stack(const dr::Resource& expected, const Physical& physical, const dr::Inventory& seen,
                  dr::Drift& to) {
  auto it = physical.find(expected.key.id);
  if (it == physical.end()) return;  // its condition is not met
  auto id = it->second.PhysicalResourceId.value_or("");
  auto kind = dr::kind_of_type(expected.key.kind);
  auto* k = dr::find_kind(kind);
  if (!k || id.empty()) return;  // captured as a part of another, or not at all
  dr::ResourceKey key{std::string(kind), dr::id_of(*k, id)};
  if (auto* r = seen_as(seen, key))
    dr::view::add_property_drift(expected, *r, to);
  else
    not_seen(seen, key, expected.key.id, to);
}

}  // namespace

Result<RecoveryDrift> look_for_recovery_drift(Workshop& w, const std::string& folder) {
  RecoveryDrift out;
  if (w.config.recovery.stack.empty()) {
    out.nothing = "relight.yaml names no stack of the recovery region (stacks.pilot)";
    return out;
  }
  auto file = std::filesystem::path(w.config.dir) / folder / "pilot" / "pilot.yaml";
  if (std::error_code ec; !std::filesystem::exists(file, ec)) {
    out.nothing = file.string() + " does not exist: relight synth writes it";
    return out;
  }
  TRY_ASSIGN(auto text, deployed_template(w));
  if (!text) {
    out.nothing = "there is no stack " + w.config.recovery.stack + " yet: relight deploy makes it";
    return out;
  }
  TRY_ASSIGN(auto deployed, dr::view::template_inventory(*text));
  TRY_ASSIGN(auto pilot, planned_pilot(w.config, folder, true));
  TRY_ASSIGN(auto wanted, dr::view::template_inventory(dr::view::cloudformation(pilot)));
  out.of_template = dr::drift_between(deployed, wanted);
  TRY_ASSIGN(auto physical, stack_resources(w));
  auto topology = dr::capture_topology(w.aws->patient(), w.config).topology;
  TRY_ASSIGN(auto seen, look_at_recovery(w, topology));
  for (auto& r : deployed.resources) beside_stack(r, physical, seen, out.of_stack);
  std::ranges::sort(out.of_stack.unknown);
  return out;
}

}  // namespace relight::app
