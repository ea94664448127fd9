#include "app/application.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/models.h"
#include "dr/capture/kind.h"
#include "dr/capture/roots.h"
#include "dr/capture/topology_capture.h"
#include "dr/capture/walk.h"

namespace relight::app {

namespace {

// What can be asked for by the id that it is captured under: a task definition's is without its revision, and
// record sets and scalable targets are found by looking through all.
void add(const dr::Inventory& captured, dr::Roots& roots) {
  std::ranges::move(roots.must, std::back_inserter(roots.may));
  roots.must.clear();
  for (auto& r : captured.resources)
    if (auto* k = dr::find_kind(r.key.kind); k && !k->details.empty() && r.key.kind != "ecs/task-definition")
      roots.may.push_back(r.key);
}

}  // namespace

Result<dr::Inventory> look_at_primary(Workshop& w, const dr::Inventory* captured) {
  auto& c = w.config;
  auto all = aws::models();
  dr::Walk walk{w.aws->patient(), all, c.primary.region};
  dr::Roots roots;
  if (!c.primary.stack.empty()) {
    TRY_ASSIGN(roots, dr::roots_of_stack(walk, c.primary.stack));
  }
  // Asked now, not remembered: what is captured must be there.
  constexpr Millis kInNoHaste{20000};
  auto seen = dr::capture_topology(w.aws->patient(), c, kInNoHaste);
  for (auto& e : seen.unseen)
    if (e.resource == c.primary.stack) return fail(e);
  roots.must = dr::roots_of(seen.topology.primary);
  if (roots.must.empty() && roots.may.empty())
    return fail(
        Error{.code = "Capture.NoRoots",
              .message = "neither relight.yaml nor the stack names a service, a database or a bucket",
              .tried = "find what belongs to the application",
              .resource = c.file,
              .region = c.primary.region,
              .next = "name the primary's stack, or its resources (docs/config.md), or run 'relight init'"});
  if (captured) add(*captured, roots);
  TRY_ASSIGN(auto inventory, dr::walk(walk, roots));
  inventory.application = c.application;
  return inventory;
}

void print_gaps(const dr::Inventory& i) {
  for (auto& l : i.left_out) fmt::print("  left out: {} {}: {}\n", l.key.kind, l.key.id, l.why);
  for (auto& r : i.resources)
    for (auto& u : r.unknown) fmt::print("  unknown: {} {}, {}: {}\n", r.key.kind, r.key.id, u.part, u.why);
  for (auto& w : i.withheld) fmt::print("  withheld: {} (a secret belongs into Secrets Manager)\n", w);
}

}  // namespace relight::app
