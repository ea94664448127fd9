#include "dr/planning/iam_policy.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/repository.h"
#include "app/synth.h"
#include "app/workshop.h"
#include "base/disk.h"

namespace relight::app {
namespace {

// Without a relight.yaml there may only be what writes one.
bool begins_an_application(const std::vector<std::string>& verbs) {
  return verbs == std::vector<std::string>{"init"};
}

// What relight.yaml names, and what an earlier verb has found and kept. AWS is not asked, but for a journal
// in S3.
dr::Topology remembered(Workshop& w) {
  auto& c = w.config;
  dr::Topology t{c.primary.resources, c.recovery.resources, c.dns.flag_bucket, ""};
  if (!c.dns.flag_bucket.empty()) t.flag_key = c.dns.flag_key;
  auto kept = w.store->kept("topology");
  if (!kept) fmt::print(stderr, "relight: not seen: {}\n", kept.error().text());
  if (!kept || !*kept) return t;
  if (auto known = dr::topology_from_json(**kept)) dr::fill_gaps(t, *known);
  return t;
}

Result<dr::IamPolicy> policy_of(const Global& g, const IamPolicyOptions& o) {
  dr::IamPicture picture;
  auto w = Workshop::open(g);
  if (!w && (w.error().code != "Config.NotFound" || !begins_an_application(o.verbs)))
    return std::unexpected(w.error());
  if (!w) return dr::iam_policy(o.verbs, picture);
  picture.config = (*w)->config;
  picture.topology = remembered(**w);
  auto captured = read_inventory(std::filesystem::path(picture.config.dir) / o.from / "captured");
  if (!captured && captured.error().code != "Inventory.Missing") return std::unexpected(captured.error());
  if (captured) picture.captured = &*captured;
  auto pilot = captured ? planned_pilot(picture.config, o.from, true)
                        : Result<dr::Pilot>(std::unexpected(captured.error()));
  if (pilot) picture.pilot = &*pilot;
  if (captured && !pilot) fmt::print(stderr, "relight: no pilot: {}\n", pilot.error().text());
  return dr::iam_policy(o.verbs, picture);
}

// deploy-1.json, deploy-2.json; deploy.json alone.
Result<> write_pieces(const dr::IamPolicy& policy, const IamPolicyOptions& o) {
  TRY(system_disk().make_dir(o.out));
  for (size_t i = 0; i < policy.pieces.size(); ++i) {
    auto number = policy.pieces.size() == 1 ? "" : fmt::format("-{}", i + 1);
    auto file = std::filesystem::path(o.out) / fmt::format("{}{}.json", fmt::join(o.verbs, "-"), number);
    TRY(system_disk().write(file.string(), policy.pieces[i].document));
    fmt::print("{}: {} characters\n", file.string(), policy.pieces[i].compact.size() - 1);
  }
  return {};
}

}  // namespace

int iam_policy_verb(const Global& g, const IamPolicyOptions& o) {
  auto policy = policy_of(g, o);
  if (!policy) return report(policy.error());
  for (auto& n : policy->notes) fmt::print(stderr, "note: {}\n", n);
  if (o.out.empty()) {
    for (auto& p : policy->pieces) fmt::print("{}", g.json ? p.compact : p.document);
    return kDone;
  }
  auto written = write_pieces(*policy, o);
  return written ? int(kDone) : report(written.error());
}

}  // namespace relight::app
