#include <fmt/format.h>

#include <filesystem>
#include <regex>

#include "app/application.h"
#include "aws/gen/models.h"
#include "base/disk.h"
#include "dr/capture/roots.h"
#include "dr/capture/topology_capture.h"
#include "dr/model/draft.h"

namespace relight::app {
namespace {

Error usage(const std::string& code, const std::string& message, const std::string& next) {
  return {.code = "Usage." + code, .message = message, .tried = "relight init", .next = next};
}

Result<> check(const InitOptions& o) {
  int ways = !o.stack.empty() + !o.tag.empty() + !o.cluster.empty();
  if (ways != 1)
    return fail(usage("Where", fmt::format("{} of --stack, --tag and --cluster were given", ways),
                      "say by exactly one of them what the application is"));
  auto bad = [](const std::string& s, char mark) {
    auto at = s.find(mark);
    return !s.empty() && (at == 0 || at == s.npos || at + 1 == s.size());
  };
  if (bad(o.tag, '='))
    return fail(usage("Tag", "'" + o.tag + "' is not KEY=VALUE", "--tag application=lamp"));
  if (bad(o.cluster, '/'))
    return fail(usage("Cluster", "'" + o.cluster + "' is not CLUSTER/SERVICE", "--cluster lamp/web"));
  static const std::regex kRegion("[a-z]{2}(-[a-z]+)+-[0-9]+");
  for (auto& r : {o.primary, o.recovery})
    if (!std::regex_match(r, kRegion))
      return fail(usage("Region", "'" + r + "' is not the name of a region", "--primary us-east-1"));
  if (o.primary == o.recovery)
    return fail(usage("Region", "primary and recovery are the same region", "name two"));
  return {};
}

Result<> not_there(const InitOptions& o) {
  if (o.force || !system_disk().exists(o.out)) return {};
  return fail(Error{.code = "Usage.Exists",
                    .message = "the file is there already, and it is yours",
                    .tried = "write a configuration",
                    .resource = o.out,
                    .next = "--out another name, or --force to replace it"});
}

std::string application_of(const InitOptions& o) {
  if (!o.application.empty()) return o.application;
  if (!o.stack.empty()) {
    auto name = o.stack.starts_with("arn:") ? o.stack.substr(0, o.stack.rfind('/')) : o.stack;
    name = name.substr(name.rfind('/') + 1);
    return name.ends_with("-primary") ? name.substr(0, name.size() - 8) : name;
  }
  return o.tag.empty() ? o.cluster.substr(o.cluster.find('/') + 1) : o.tag.substr(o.tag.find('=') + 1);
}

Result<dr::Roots> roots(const dr::Walk& w, const InitOptions& o) {
  if (!o.cluster.empty()) return dr::Roots{{{"ecs/service", o.cluster}}, {}, {}};
  if (!o.tag.empty()) {
    auto equals = o.tag.find('=');
    return dr::roots_of_tag(w, o.tag.substr(0, equals), o.tag.substr(equals + 1));
  }
  auto found = dr::roots_of_stack(w, o.stack);
  if (found) return found;
  // The commonest mistake is the regions' order.
  auto e = found.error();
  auto there = dr::roots_of_stack({w.aws, w.services, o.recovery}, o.stack);
  if (there)
    e.next = fmt::format("a stack of this name is in {}: exchange --primary and --recovery?", o.recovery);
  return fail(e);
}

dr::DraftOrder order_of(const dr::Walk& w, const InitOptions& o) {
  dr::DraftOrder order{application_of(o), o.primary, o.recovery, o.stack, {}, {}};
  dr::Config c;
  c.primary = {o.primary, o.stack, {}};
  c.recovery = {o.recovery, "", {}};
  if (!o.stack.empty()) order.known = dr::capture_topology(w.aws, c).topology.primary;
  auto pilot = dr::roots_of_stack({w.aws, w.services, o.recovery}, order.application + "-pilot");
  order.pilot_state = pilot ? "in " + o.recovery
                      : pilot.error().message.find("does not exist") != std::string::npos
                          ? "not in " + o.recovery + " yet"
                          : "could not be looked for in " + o.recovery + " (" + pilot.error().code + ")";
  return order;
}

void tell(const InitOptions& o, const dr::Inventory& i, const dr::Draft& d) {
  fmt::print("{}: {} resources of {} seen in {}\n", o.out, i.resources.size(), i.application, o.primary);
  for (auto& f : d.found) fmt::print("  {}\n", f);
  for (auto& l : d.left_out) fmt::print("  left out: {} {}: {}\n", l.key.kind, l.key.id, l.why);
  print_gaps(i);
  for (auto& m : d.missing) fmt::print("  missing: {}\n", m);
  fmt::print("Next: read {}, then relight --config {} capture\n", o.out, o.out);
}

Result<int> init(const Global& g, const InitOptions& o) {
  TRY(check(o));
  TRY(not_there(o));
  auto resolver = dr::make_resolver(g.dns);
  TRY_ASSIGN(auto aws, AwsWorkshop::open(g.dns.empty() ? nullptr : resolver.get(), "", o.primary));
  auto all = aws::models();
  dr::Walk w{aws->patient(), all, o.primary};
  TRY_ASSIGN(auto begin, roots(w, o));
  TRY_ASSIGN(auto seen, dr::walk(w, begin));
  auto order = order_of(w, o);
  seen.application = order.application;
  auto draft = dr::draft_config(seen, order);
  // What is written must be readable: a name that YAML or the configuration cannot hold is found here.
  TRY(dr::parse_config(draft.yaml, o.out, "."));
  TRY(not_there(o));
  TRY(system_disk().write(o.out, draft.yaml));
  tell(o, seen, draft);
  return int(kDone);
}

}  // namespace

int init_verb(const Global& g, const InitOptions& o) {
  auto r = init(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
