// `relight sync`: what a schedule runs. The primary region as it stands now is captured, the pilot is planned
// of it, and what differs in the recovery region is closed. Nothing is lit: the plan has no tasks, its
// functions are off, and a region that serves is left alone.
#include <fmt/format.h>

#include <filesystem>

#include "app/application.h"
#include "app/in_step.h"
#include "app/lit.h"
#include "app/primary_actions.h"
#include "app/run_verbs.h"
#include "app/snapshots.h"
#include "app/synth.h"
#include "dr/view/iac.h"

namespace relight::app {
namespace {
namespace fs = std::filesystem;
using ActionKind = dr::PrimaryAction::Kind;

Error not_synced(const Workshop& w, const char* code, std::string why, std::string next) {
  return {.code = code,
          .message = std::move(why),
          .tried = "bring the pilot into step",
          .resource = w.config.recovery.stack,
          .region = w.config.recovery.region,
          .next = std::move(next)};
}

// What a schedule must not come between.
Result<> pilot_sleeps(Workshop& w) {
  TRY_ASSIGN(auto open, unfinished(*w.store));
  if (open)
    return fail(not_synced(w, "Sync.Run",
                           "the run " + open->run + " began and did not end: nothing was changed",
                           "relight resume " + open->run));
  return not_lit(w);
}

// Unknown is not absent: what could not be seen would be taken away in the recovery region.
Result<> all_seen(const Workshop& w, const dr::Inventory& i) {
  std::string all;
  size_t n = 0;
  constexpr size_t kTold = 5;
  for (auto& r : i.resources)
    for (auto& u : r.unknown)
      if (++n <= kTold) all += fmt::format("\n  {} {}, {}: {}", r.key.kind, r.key.id, u.part, u.why);
  if (n == 0) return {};
  if (n > kTold) all += fmt::format("\n  and {} more", n - kTold);
  return fail(not_synced(
      w, "Sync.Unknown",
      fmt::format(
          "{} parts of the primary region could not be seen, and what is unknown is not taken for absent: "
          "nothing was changed{}",
          n, all),
      "let the role see them ('relight iam-policy sync' prints what it needs), or run it again when AWS "
      "answers"));
}

// What of the pilot's list changes the recovery region alone.
bool is_a_copy(ActionKind k) {
  return k == ActionKind::kParameterCopy || k == ActionKind::kImageCopy || k == ActionKind::kEarlierObjects;
}

// What no template carries: images before the stack that names them, values and objects after it. How many
// were, or would be, brought over.
Result<size_t> copies(Workshop& w, const dr::Pilot& pilot, StackChange& stack, bool before, bool plan) {
  size_t n = 0;
  std::optional<Error> failed;  // one that fails does not keep the others
  for (auto& a : pilot.actions) {
    if (a.before_the_stack() != before) continue;
    TRY_ASSIGN(auto done, is_done(w, a, stack, pilot.account));
    if (done.value_or(!is_a_copy(a.kind))) continue;
    if (!is_a_copy(a.kind)) {
      fmt::print("  to do in {}: {} (relight deploy --touch-primary)\n", pilot.primary, a.title);
      continue;
    }
    ++n;
    fmt::print("  {} {}\n", plan ? "would:" : "*", a.title);
    if (plan) continue;
    if (auto r = do_action(w, a, stack, pilot.account); !r) {
      fmt::print("    not done: {}\n", r.error().text());
      if (!failed) failed = r.error();
    }
  }
  if (failed) return fail(*failed);
  return n;
}

// The files in git are the code of what stands, so they go first; a plan leaves them alone.
Result<> write_both(const Workshop& w, const dr::Inventory& i, const dr::Pilot& p, const SyncOptions& o) {
  TRY(write_captured(w.config, i, {.out = o.out, .no_commit = o.no_commit, .quiet = true}));
  return write_pilot(w.config, p, {.out = o.out, .no_commit = o.no_commit, .quiet = true});
}

Result<int> sync(const Global& g, const SyncOptions& o) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  TRY(pilot_sleeps(*w));
  // An update that an earlier sync began ends first, one way or the other.
  StackChange stack(w->aws->caller(), system_clock(), w->config.recovery.region, w->config.recovery.stack);
  TRY(stack.settle());
  TRY_ASSIGN(auto standing, deployed_template(*w));
  if (!standing)
    return fail(not_synced(*w, "Sync.NoPilot", "there is no pilot yet: sync keeps one in step, it makes none",
                           "relight capture && relight synth && relight deploy --touch-primary"));
  TRY_ASSIGN(auto inventory, look_at_primary(*w));
  TRY(all_seen(*w, inventory));
  TRY_ASSIGN(auto policy, pilot_policy(w->config, false));
  TRY_ASSIGN(auto pilot, dr::plan_pilot(inventory, policy));
  auto text = dr::view::cloudformation(pilot);
  if (!o.plan) TRY(write_both(*w, inventory, pilot, o));
  size_t resources = 0;
  TRY_ASSIGN(size_t brought, copies(*w, pilot, stack, true, o.plan));
  auto file = (fs::path(w->config.dir) / o.out / "pilot" / "pilot.yaml").string();
  if (*standing != text)
    TRY(change_stack(*w, pilot, stack, text, file, {.from = o.out, .plan = o.plan, .yes = true}, &resources));
  TRY_ASSIGN(size_t after, copies(*w, pilot, stack, false, o.plan));
  brought += after;
  TRY_ASSIGN(size_t snapshots, copy_snapshots(*w, o.plan));
  if (resources + brought + snapshots == 0)
    fmt::print("{}: {} is in step with {}, nothing to do\n", pilot.application, pilot.region, pilot.primary);
  else
    fmt::print("{}: {} {} {}: {} resources, {} copies, {} snapshots\n", pilot.application, pilot.region,
               o.plan ? "would be brought into step with" : "was brought into step with", pilot.primary,
               resources, brought, snapshots);
  return int(kDone);
}

}  // namespace

int sync_verb(const Global& g, const SyncOptions& o) {
  auto r = sync(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
