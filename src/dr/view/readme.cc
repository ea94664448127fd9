#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "dr/view/iac.h"

namespace relight::dr::view {
namespace {

std::string stands(const Pilot& p) {
  std::map<std::string, int> types;
  for (auto& r : p.resources) ++types[r.type];
  std::string out = "| type | number |\n|---|---|\n";
  for (auto& [type, n] : types) out += fmt::format("| {} | {} |\n", type, n);
  return out;
}

std::string parameters(const Pilot& p) {
  std::string out = "| parameter | told as | default | |\n|---|---|---|---|\n";
  for (auto& x : p.parameters)
    out += fmt::format("| `{}` | `{}` | {} | {}{} |\n", x.name, environment_name(x.name),
                       !x.has_fallback      ? "none"
                       : x.fallback.empty() ? "empty"
                                            : "`" + x.fallback + "`",
                       x.description, x.secret ? " **A secret.**" : "");
  return p.parameters.empty() ? "It has no parameters.\n" : out;
}

// For the stock client, which takes them as arguments.
std::string overrides(const Pilot& p) {
  std::string out;
  for (auto& x : p.parameters)
    if (!x.has_fallback) out += fmt::format(" {}=\"${}\"", x.name, environment_name(x.name));
  return out.empty() ? "" : " \\\n  --parameter-overrides" + out;
}

std::string primary(const Pilot& p) {
  std::string out;
  for (auto& a : p.actions) out += fmt::format("- {} (`{}`): {}.\n", a.title, a.call, a.why);
  return out.empty() ? "- nothing\n" : out;
}

// What the failover switches on beside the tasks, by type.
std::string lit(const Pilot& p) {
  std::map<std::string, int> n;
  for (auto& r : p.resources) ++n[r.type];
  std::string out;
  for (auto& [type, words] :
       {std::pair{"AWS::ApplicationAutoScaling::ScalableTarget", "autoscaling's bounds"},
        {"AWS::Lambda::Function", "functions"},
        {"AWS::Lambda::EventSourceMapping", "event source mappings"},
        {"AWS::Events::Rule", "rules and schedules"}})
    if (n.contains(type)) out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", words, n[type]);
  return out.empty() ? ""
                     : "What is off until then, and the failover switches on in this order: " + out +
                           ". The stack's outputs `Dormant1`, … hold how each was in " + p.primary + ".\n\n";
}

bool runs_functions(const Pilot& p) {
  return std::ranges::any_of(p.resources, [](auto& r) { return r.type == "AWS::Lambda::Function"; });
}

std::string missing(const Pilot& p) {
  std::string out;
  for (auto& u : p.untranslated)
    out += fmt::format("- {}{}: {}\n", u.from.kind.empty() ? "" : "`" + u.from.kind + " " + u.from.id + "`, ",
                       u.what, u.why);
  return out.empty() ? "Everything that was captured has its counterpart.\n" : out;
}

std::string back(const Pilot& p) {
  bool functions = runs_functions(p);
  return fmt::format(
      R"(## Failback

When {from} answers again, `relight failback --plan` shows the way back and `relight failback` goes it; it asks for the application's name.

1. Nothing of {from} starts by itself: what it ran ({off}) is stopped first.
2. Its old database is kept under another name, with a snapshot; a replica of the one in {to} takes its place, and the objects are copied back.
   {to} serves meanwhile.
3. The switchover: {to} is fenced, the replica is seen to have everything and is promoted; what was on in {from} is on again, and DNS goes back.
   It stops before the promotion when anything would be lost.
4. {to} is a pilot again: {asleep}its database a replica under its own name; the one that served is kept beside it.

Then `relight capture`, `relight synth`, `relight deploy --touch-primary`, `relight check`. The kept databases are yours to delete.
)",
      fmt::arg("from", p.primary), fmt::arg("to", p.region),
      fmt::arg("off", functions ? "tasks, functions and triggers" : "tasks"),
      fmt::arg("asleep", functions ? "functions and triggers off, " : ""));
}

std::string forth(const Pilot& p) {
  return fmt::format(
      R"(# The pilot light of {app}: {from} to {to}

Written by `relight synth` from what `relight capture` saw; the next one writes it anew. `captured/` is what stands in {from},
`pilot/pilot.yaml` (CloudFormation) and `terraform/main.tf.json` (Terraform, provider hashicorp/aws) are what shall stand in
{to}: deploy **one** of the two. `relight status` and `relight failover` find their names through the CloudFormation stack's
outputs; with Terraform, name the resources in relight.yaml (`resources.recovery`).

## What stands in {to}

{stands}
Nothing runs but the replica of the database. Databases and buckets are retained: deleting the stack does not delete them.

## What it has not, or has differently

{missing}
## Deployment

{parameters}
```
relight deploy --plan            # what would change
relight deploy                   # a change set, shown, asked about, executed
relight deploy --touch-primary   # and what replication needs in {from}
```
or, with the stock client:
```
aws cloudformation deploy --region {to} --stack-name {stack} --template-file pilot/pilot.yaml \
  --capabilities CAPABILITY_IAM{overrides}
```
What replication needs in {from}, done only by `--touch-primary` or by hand:

{primary}
## On the day of the disaster

1. `relight status`: what is seen of both regions, and what a failover would cost now.
2. `relight failover --plan`: the steps, their calls and their expected times. Nothing is changed.
3. `relight failover`: it asks for the application's name. If {from} cannot be reached, its fence is unproven and the
   failover goes on only with `--accept-unproven-fence`; a loss beyond the objective only with `--accept-loss`.
4. If it stops on the way: `relight resume`, from any machine.
5. `relight evidence`: what it took and what was lost.

{lit}After the promotion the stack must keep the replica's `SourceDBInstanceIdentifier`: removing it would put an empty database in
its place. Do not run `relight deploy` while {to} is lit: the template says zero tasks, and the stack would put them out.

)",
      fmt::arg("app", p.application), fmt::arg("from", p.primary), fmt::arg("to", p.region),
      fmt::arg("stack", p.stack), fmt::arg("stands", stands(p)), fmt::arg("missing", missing(p)),
      fmt::arg("parameters", parameters(p)), fmt::arg("overrides", overrides(p)), fmt::arg("lit", lit(p)),
      fmt::arg("primary", primary(p)));
}

}  // namespace

std::string readme(const Pilot& p) { return forth(p) + back(p); }

}  // namespace relight::dr::view
