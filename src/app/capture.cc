#include <fmt/format.h>

#include <filesystem>

#include "app/application.h"
#include "app/in_step.h"
#include "app/repository.h"
#include "app/workshop.h"

namespace relight::app {
namespace {
namespace fs = std::filesystem;

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
  print_gaps(i);
}

Result<int> capture(const Global& g, const CaptureOptions& o) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  TRY_ASSIGN(auto inventory, look_at_primary(*w));
  TRY(write_captured(w->config, inventory, o));
  return int(kDone);
}

}  // namespace

Result<> write_captured(const dr::Config& config, const dr::Inventory& inventory, const CaptureOptions& o) {
  auto dir = fs::path(config.dir) / o.out / "captured";
  auto files = texts_of(inventory);
  auto ours = captured_files(dir);
  TRY_ASSIGN(auto change, write_files(dir, files, ours, "inventory.json"));
  if (!o.quiet || !change.none()) print(inventory, change, dir);
  if (change.none() && !o.quiet) fmt::print("nothing changed since the last capture\n");
  if (o.no_commit) return {};
  // Without a change too: an earlier capture may have been cut off before its commit.
  std::vector<std::string> paths = std::move(ours);
  for (auto& [name, text] : files) paths.push_back(name);
  auto message = change.none() ? "Captured: files of an earlier capture\n"
                               : message_of("Captured", change, "inventory.json");
  TRY_ASSIGN(auto said, commit_files(dir, std::move(paths), message));
  if (!said.empty() && (!o.quiet || !change.none())) fmt::print("{}\n", said);
  return {};
}

int capture_verb(const Global& g, const CaptureOptions& o) {
  auto r = capture(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
