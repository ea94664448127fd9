#include "app/synth.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/in_step.h"
#include "app/repository.h"
#include "app/workshop.h"
#include "base/disk.h"
#include "dr/view/iac.h"

namespace relight::app {
namespace fs = std::filesystem;

Result<dr::PilotPolicy> pilot_policy(const dr::Config& c, bool accept_unknown) {
  if (c.recovery.stack.empty())
    return fail(Error{.code = "Config.Missing",
                      .message = "stacks.pilot is not named: the recovery region's stack must have a name",
                      .tried = "plan the pilot",
                      .resource = c.file,
                      .next = "add 'stacks: {pilot: " + c.application + "-pilot}'"});
  auto& r = c.primary.resources;
  dr::PilotPolicy p{.region = c.recovery.region,
                    .primary_stack = c.primary.stack,
                    .stack = c.recovery.stack,
                    .domain = c.dns.domain,
                    .hosted_zone = c.pilot.hosted_zone,
                    .flag_bucket = c.dns.flag_bucket,
                    .flag_key = c.dns.flag_key,
                    .service = r.service,
                    .database = r.database,
                    .uploads = r.bucket,
                    .replica_class = c.pilot.replica_class,
                    .cidr = c.pilot.cidr,
                    .notify = c.pilot.notify,
                    .accept_unknown = accept_unknown};
  if (c.pilot.nat == "always") p.nat = dr::PilotPolicy::Nat::kAlways;
  return p;
}

Result<dr::Pilot> planned_pilot(const dr::Config& c, const std::string& folder, bool accept_unknown) {
  TRY_ASSIGN(auto policy, pilot_policy(c, accept_unknown));
  TRY_ASSIGN(auto inventory, read_inventory(fs::path(c.dir) / folder / "captured"));
  if (inventory.region != c.primary.region)
    return fail(Error{.code = "Synth.OtherRegion",
                      .message = "the capture is of " + inventory.region + ", relight.yaml's primary is " +
                                 c.primary.region,
                      .tried = "plan the pilot",
                      .resource = c.file,
                      .next = "run 'relight capture' again"});
  return dr::plan_pilot(inventory, policy);
}

namespace {

constexpr const char* kTemplate = "pilot/pilot.yaml";

Files files_of(const dr::Pilot& p) {
  return {{kTemplate, dr::view::cloudformation(p)},
          {"terraform/main.tf.json", dr::view::terraform(p)},
          {"README.md", dr::view::readme(p)}};
}

std::vector<std::string> ours(const fs::path& dir) {
  std::vector<std::string> names;
  for (auto [folder, ending] : {std::pair{"pilot", ".yaml"}, {"terraform", ".tf.json"}})
    for (auto& name : names_below(dir / folder, ending)) names.push_back(std::string(folder) + "/" + name);
  return names;
}

void print(const dr::Pilot& p, const Change& c, const fs::path& dir) {
  fmt::print("{}: {} resources for {} in {}\n", p.application, p.resources.size(), p.region,
             (dir / kTemplate).string());
  for (auto& n : c.added) fmt::print("  + {}\n", n);
  for (auto& n : c.changed) fmt::print("  ~ {}\n", n);
  for (auto& n : c.gone) fmt::print("  - {}\n", n);
  for (auto& u : p.untranslated)
    fmt::print("  not translated: {}{}{}: {}\n",
               u.from.kind.empty() ? "" : u.from.kind + " " + u.from.id + ", ", u.what, "", u.why);
  for (auto& q : p.parameters)
    if (!q.has_fallback)
      fmt::print("  to be told: {} as {}{}\n", q.name, dr::environment_name(q.name),
                 q.secret ? " (a secret)" : "");
}

// What somebody wrote into synth's files and did not commit would be lost without a trace.
Result<> nothing_of_the_users(const fs::path& dir, const Files& files) {
  for (auto& [name, text] : files) {
    auto now = system_disk().read((dir / name).string());
    if (!now || *now == text) continue;
    TRY_ASSIGN(bool edited, edited_since_commit(dir, name));
    if (edited)
      return fail(
          Error{.code = "Synth.Uncommitted",
                .message = "it has changes that are not committed, and synth would write over them",
                .tried = "write the pilot",
                .resource = (dir / name).string(),
                .next = "commit them (git keeps them then), or take them back: git checkout -- " + name});
  }
  return {};
}

Result<int> synth(const Global& g, const SynthOptions& o) {
  TRY_ASSIGN(auto config, load_config(g.config));
  TRY_ASSIGN(auto pilot, planned_pilot(config, o.out, o.accept_unknown));
  TRY(write_pilot(config, pilot, o));
  return int(kDone);
}

}  // namespace

Result<> write_pilot(const dr::Config& config, const dr::Pilot& pilot, const SynthOptions& o) {
  auto dir = fs::path(config.dir) / o.out;
  auto files = files_of(pilot);
  auto paths = ours(dir);
  for (auto& [name, text] : files) paths.push_back(name);
  if (!o.no_commit) TRY(nothing_of_the_users(dir, files));
  TRY_ASSIGN(auto change, write_files(dir, files, ours(dir)));
  if (!o.quiet || !change.none()) print(pilot, change, dir);
  if (change.none() && !o.quiet) fmt::print("nothing changed since the last synth\n");
  if (o.no_commit) return {};
  auto message =
      change.none() ? "Synthesised: files of an earlier synth\n" : message_of("Synthesised", change);
  TRY_ASSIGN(auto said, commit_files(dir, std::move(paths), message));
  if (!said.empty() && (!o.quiet || !change.none())) fmt::print("{}\n", said);
  return {};
}

int synth_verb(const Global& g, const SynthOptions& o) {
  auto r = synth(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
