#include "dr/steps/failover.h"

#include "dr/model/duration.h"

namespace relight::dr {

std::map<std::string, std::unique_ptr<Step>> failover_steps(Site& site) {
  std::map<std::string, std::unique_ptr<Step>> out;
  out["detect"] = make_detect(site);
  out["evidence"] = make_evidence(site);
  out["network"] = make_network(site);
  out["autoscaling"] = make_autoscaling(site);
  out["compute"] = make_compute(site);
  out["fence"] = make_fence(site);
  out["drain"] = make_drain(site);
  out["promote"] = make_promote(site);
  out["open"] = make_open(site);
  out["configuration"] = make_configuration(site);
  out["capacity"] = make_capacity(site);
  out["functions"] = make_functions(site);
  out["triggers"] = make_triggers(site);
  out["validate"] = make_validate(site);
  out["dns"] = make_dns(site);
  out["commit"] = make_commit(site);
  for (auto& s : site.config.steps) out[s.name] = make_custom(site, s);
  return out;
}

namespace {

Error not_allowed(const Site& s, const char* code) {
  Error e;
  e.code = code;
  e.tried = "judge the expected loss";
  e.resource = s.topology.recovery.database;
  e.region = s.config.recovery.region;
  return e;
}

bool within(const Config& c, const Consent& consent, const LossBound& b) {
  if (*b.time <= c.rpo || consent.loss_unknown) return true;
  if (consent.loss_time && *b.time <= *consent.loss_time) return true;
  return consent.loss_bytes && b.bytes && *b.bytes <= *consent.loss_bytes;
}

}  // namespace

Result<> loss_allowed(const Site& s, const LossBound& b) {
  auto& c = s.config;
  auto& consent = s.consent;
  if (c.rpo.count() == 0) return {};
  if (!b.time) {
    if (consent.loss_unknown || (consent.loss_bytes && b.bytes && *b.bytes <= *consent.loss_bytes)) return {};
    auto e = not_allowed(s, "Failover.LossUnknown");
    e.message = "nobody can tell how much would be lost: " + b.missing + "; the objective (rpo) allows " +
                duration_text(c.rpo);
    e.next = "restore that certainty, or accept a loss of unknown size: --accept-loss unknown";
    return fail(std::move(e));
  }
  if (within(c, consent, b)) return {};
  auto e = not_allowed(s, "Failover.LagOverObjective");
  e.message = "up to the last " + duration_text(*b.time) + " of writes may be lost" +
              (b.bytes ? " (" + std::to_string(*b.bytes) + " bytes of binary log)" : "") +
              "; the objective (rpo) allows " + duration_text(c.rpo);
  if (consent.loss_time) e.message += ", --accept-loss " + duration_text(*consent.loss_time);
  if (consent.loss_bytes && !b.bytes)
    e.message += "; bytes can be counted only while the old primary answers, so a time is needed";
  if (consent.loss_bytes && b.bytes)
    e.message += ", --accept-loss " + std::to_string(*consent.loss_bytes) + " bytes";
  e.next =
      "wait for the replica to catch up if the primary lives, or accept the loss: relight failover "
      "--accept-loss TIME";
  return fail(std::move(e));
}

}  // namespace relight::dr
