#include <fmt/format.h>

#include <filesystem>

#include "app/models.h"
#include "app/repository.h"
#include "app/workshop.h"
#include "dr/capture/topology_capture.h"
#include "dr/capture/walk.h"

namespace relight::app {
namespace {
namespace fs = std::filesystem;

// Where the walk begins: what relight.yaml and the primary's stack name.
std::vector<dr::ResourceKey> roots_of(const dr::Resources& r) {
  std::vector<dr::ResourceKey> roots;
  if (!r.cluster.empty() && !r.service.empty())
    roots.push_back({"ecs/service", r.service.starts_with("arn:") ? r.service : r.cluster + "/" + r.service});
  if (!r.database.empty()) roots.push_back({"rds/db-instance", r.database});
  if (!r.target_group.empty()) roots.push_back({"elbv2/target-group", r.target_group});
  if (!r.bucket.empty()) roots.push_back({"s3/bucket", r.bucket});
  return roots;
}

Files texts_of(const dr::Inventory& i) {
  Files files{{"inventory.json", dr::index_json(i)}};
  for (auto& r : i.resources) files[dr::file_name(r.key)] = dr::to_json(r);
  return files;
}

void print(const dr::Inventory& i, const Change& c, const fs::path& dir) {
  fmt::print("{}: {} resources in {}\n", i.application, i.resources.size(), dir.string());
  for (auto& n : c.added) fmt::print("  + {}\n", n);
  for (auto& n : c.changed) fmt::print("  ~ {}\n", n);
  for (auto& n : c.gone) fmt::print("  - {}\n", n);
  for (auto& l : i.left_out) fmt::print("  left out: {} {}: {}\n", l.key.kind, l.key.id, l.why);
  for (auto& r : i.resources)
    for (auto& u : r.unknown) fmt::print("  unknown: {} {}, {}: {}\n", r.key.kind, r.key.id, u.part, u.why);
  for (auto& w : i.withheld) fmt::print("  withheld: {} (a secret belongs into Secrets Manager)\n", w);
}

Result<int> capture(const Global& g, const CaptureOptions& o) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  // Asked now, not remembered: what is captured must be there.
  auto seen = dr::capture_topology(w->aws->caller(), w->config);
  for (auto& e : seen.unseen)
    if (e.resource == w->config.primary.stack) return fail(e);
  auto roots = roots_of(seen.topology.primary);
  if (roots.empty())
    return fail(Error{
        .code = "Capture.NoRoots",
        .message = "neither relight.yaml nor the stack's outputs name a service, a database or a bucket",
        .tried = "find what belongs to the application",
        .resource = w->config.file,
        .region = w->config.primary.region,
        .next = "name the primary's stack, or its resources (docs/config.md)"});
  auto all = models();
  TRY_ASSIGN(auto inventory, dr::walk({w->aws->caller(), all, w->config.primary.region}, std::move(roots)));
  inventory.application = w->config.application;
  auto dir = fs::path(w->config.dir) / o.out / "captured";
  TRY_ASSIGN(auto change, write_files(dir, texts_of(inventory), names_below(dir, ".json"), "inventory.json"));
  print(inventory, change, dir);
  if (change.none()) {
    fmt::print("nothing changed since the last capture\n");
  } else if (!o.no_commit) {
    TRY_ASSIGN(auto said, commit_files(dir, {"."}, message_of("Captured", change, "inventory.json")));
    fmt::print("{}\n", said);
  }
  return int(kDone);
}

}  // namespace

int capture_verb(const Global& g, const CaptureOptions& o) {
  auto r = capture(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
