#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

#include "app/change_set.h"
#include "app/function_code.h"
#include "app/in_step.h"
#include "app/lit.h"
#include "app/primary_actions.h"
#include "app/stack_detection.h"
#include "app/synth.h"
#include "app/workshop.h"
#include "base/disk.h"
#include "dr/view/iac.h"

namespace relight::app {
namespace {
namespace fs = std::filesystem;
namespace cf = aws::cloudformation;
using Kind = dr::PrimaryAction::Kind;

Result<std::string> read_template(const fs::path& file) {
  auto text = system_disk().read(file.string());
  if (text) return text;
  return fail(Error{.code = "Deploy.NoTemplate",
                    .message = text.error().message,
                    .tried = "read the template",
                    .resource = file.string(),
                    .next = "run 'relight synth' first"});
}

// What a parameter is told when the environment is silent: what the stack was told before, where the template
// leaves it open; else the template's default, and a change of it is said.
std::optional<cf::Parameter> untold(const TemplateParameter& p, const StackChange& stack) {
  auto before = stack.told().find(p.name);
  bool known = before != stack.told().end();
  if (known && (p.secret || !p.has_default || p.fallback.empty()))
    return cf::Parameter{.ParameterKey = p.name, .UsePreviousValue = true};
  if (known && before->second != p.fallback)
    fmt::print("note: {} goes from '{}' to the template's '{}' ({} tells another)\n", p.name, before->second,
               p.fallback, dr::environment_name(p.name));
  if (!p.has_default) return std::nullopt;
  return cf::Parameter{.ParameterKey = p.name, .ParameterValue = p.fallback};
}

// Never from the command line, where others could read them.
Result<StackChange::Parameters> told_parameters(const std::vector<TemplateParameter>& wanted,
                                                const StackChange& stack, const std::string& file) {
  StackChange::Parameters out;
  std::string missing;
  for (auto& p : wanted) {
    auto variable = dr::environment_name(p.name);
    if (const char* value = std::getenv(variable.c_str()))
      out.push_back({.ParameterKey = p.name, .ParameterValue = value});
    else if (auto parameter = untold(p, stack))
      out.push_back(std::move(*parameter));
    else
      missing += fmt::format("{}{}", missing.empty() ? "" : ", ", variable);
  }
  if (missing.empty()) return out;
  return fail(Error{.code = "Config.NoParameter",
                    .message = "the template has parameters without a default, and nothing says their values",
                    .tried = "deploy the pilot",
                    .resource = file,
                    .next = "export " + missing});
}

std::string of_change(const cf::ResourceChange& c) {
  std::string out;
  for (auto& d : c.Details.value_or(std::vector<cf::ResourceChangeDetail>{})) {
    auto name = d.Target ? d.Target->Name.value_or(d.Target->Attribute.value_or("")) : "";
    if (!name.empty() && out.find(name) == out.npos) out += (out.empty() ? "" : ", ") + name;
  }
  auto replaced = c.Replacement.value_or("");
  if (replaced == "True") out += out.empty() ? "REPLACED" : "; REPLACED by a new one";
  if (replaced == "Conditional") out += out.empty() ? "perhaps replaced" : "; perhaps replaced by a new one";
  return out.empty() ? "" : " (" + out + ")";
}

void show(const std::vector<cf::ResourceChange>& changes, const std::string& stack,
          const std::string& region) {
  fmt::print("{} in {}: {} resources change\n", stack, region, changes.size());
  for (auto& c : changes) {
    auto action = c.Action.value_or("");
    fmt::print("  {} {} {}{}\n",
               action == "Add"      ? "+"
               : action == "Remove" ? "-"
                                    : "~",
               c.ResourceType.value_or(""), c.LogicalResourceId.value_or(""), of_change(c));
  }
}

// Replacing what data lives in would put something empty in its place.
Result<> nothing_precious_lost(const std::vector<cf::ResourceChange>& changes, const std::string& stack) {
  for (auto& c : changes) {
    auto type = c.ResourceType.value_or("");
    bool data = type == "AWS::RDS::DBInstance" || type == "AWS::S3::Bucket";
    if (data && c.Replacement.value_or("") == "True")
      return fail(Error{.code = "Deploy.Replaces",
                        .message = fmt::format("{} {} would be replaced by an empty one", type,
                                               c.LogicalResourceId.value_or("")),
                        .tried = "deploy the pilot",
                        .resource = stack,
                        .next = "nothing was changed. If that is meant, take it out of the stack by hand "
                                "first (it is retained)"});
  }
  return {};
}

// What is still to do in the primary region, before or after the stack.
Result<std::vector<dr::PrimaryAction>> open_actions(Workshop& w, const dr::Pilot& p, StackChange& stack,
                                                    bool before) {
  std::vector<dr::PrimaryAction> out;
  for (auto& a : p.actions) {
    if (a.before_the_stack() != before) continue;
    TRY_ASSIGN(auto done, is_done(w, a, stack, p.account));
    if (!done.value_or(false)) out.push_back(a);
  }
  return out;
}

Result<> primary(Workshop& w, const dr::Pilot& p, StackChange& stack, bool before, const DeployOptions& o) {
  bool plan = o.plan, touch = o.touch_primary && !plan;
  TRY_ASSIGN(auto actions, open_actions(w, p, stack, before));
  std::optional<Error> failed;  // one that fails does not keep the others from being done
  if (!actions.empty()) fmt::print("in {}{}:\n", p.primary, touch ? "" : ", only with --touch-primary");
  for (auto& a : actions) {
    fmt::print("  {} {} ({}): {}\n", touch ? "*" : "to do:", a.title, a.call, a.why);
    if (!touch) continue;
    auto done = do_action(w, a, stack, p.account);
    if (done) continue;
    fmt::print("    not done: {}\n", done.error().text());
    if (!failed) failed = done.error();
  }
  if (failed) return fail(*failed);
  auto backups = std::ranges::find(actions, Kind::kBackupRetention, &dr::PrimaryAction::kind);
  if (!touch && !plan && backups != actions.end())
    return fail(Error{
        .code = "Deploy.NoBackups",
        .message = "the primary's database has no automated backups, and RDS makes no replica of such a one",
        .tried = "deploy the pilot",
        .resource = backups->resource,
        .region = p.primary,
        .next = "relight deploy --touch-primary switches them on"});
  return {};
}

bool agreed(const dr::Config& c) {
  fmt::print("Type the application's name ({}) to change {}: ", c.application, c.recovery.region);
  std::fflush(stdout);
  std::string typed;
  return std::getline(std::cin, typed) && typed == c.application;
}

// What the template's parameter will be: told now, or before.
std::string code_bucket(const StackChange::Parameters& parameters, const StackChange& stack) {
  for (auto& p : parameters)
    if (p.ParameterKey == "FunctionCodeBucket") {
      if (p.ParameterValue) return *p.ParameterValue;
      auto before = stack.told().find("FunctionCodeBucket");
      if (before != stack.told().end()) return before->second;
    }
  return "";
}

}  // namespace

Result<int> change_stack(Workshop& w, const dr::Pilot& pilot, StackChange& stack, const std::string& text,
                         const std::string& file, const DeployOptions& o, size_t* changed) {
  TRY_ASSIGN(auto wanted, parameters_of(text, file));
  TRY_ASSIGN(auto parameters, told_parameters(wanted, stack, file));
  auto packages = code_bucket(parameters, stack);
  TRY_ASSIGN(bool any, stack.prepare(text, std::move(parameters)));
  if (!any) {
    fmt::print("no changes: {} in {} is what the template says\n", pilot.stack, pilot.region);
    return int(kDone);
  }
  show(stack.changes(), pilot.stack, pilot.region);
  if (changed) *changed = stack.changes().size();
  auto safe = nothing_precious_lost(stack.changes(), pilot.stack);
  if (o.plan || !safe || (!o.yes && !agreed(w.config))) {
    TRY(stack.discard());
    if (!safe) return std::unexpected(safe.error());
    fmt::print("nothing was changed\n");
    return o.plan ? int(kDone) : int(kRefused);
  }
  if (!packages.empty())
    TRY(bring_packages(w, pilot, packages));  // after the word was given: it makes a bucket
  TRY(stack.execute());
  fmt::print("{} in {} stands\n", pilot.stack, pilot.region);
  detect_stack_drift(w);  // what check 60 reads begins here
  return int(kDone);
}

namespace {

Result<int> deploy(const Global& g, const DeployOptions& o) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  auto& c = w->config;
  // What synth would leave unknown was accepted when it wrote the template.
  TRY_ASSIGN(auto pilot, planned_pilot(c, o.from, true));
  auto file = fs::path(c.dir) / o.from / "pilot" / "pilot.yaml";
  TRY_ASSIGN(auto text, read_template(file));
  if (text != dr::view::cloudformation(pilot))
    fmt::print("note: {} is not what 'relight synth' would write now; it is deployed as it is\n",
               file.string());
  StackChange stack(w->aws->caller(), system_clock(), pilot.region, pilot.stack);
  TRY_ASSIGN(bool stands, stack.settle());
  if (stands && !o.plan) TRY(not_lit(*w));
  TRY(primary(*w, pilot, stack, true, o));
  TRY_ASSIGN(int code, change_stack(*w, pilot, stack, text, file.string(), o));
  if (code == kDone) TRY(primary(*w, pilot, stack, false, o));
  return code;
}

}  // namespace

int deploy_verb(const Global& g, const DeployOptions& o) {
  auto r = deploy(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
