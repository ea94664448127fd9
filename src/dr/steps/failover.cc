#include "dr/steps/failover.h"

#include "dr/model/duration.h"

namespace relight::dr {

std::map<std::string, std::unique_ptr<Step>> failover_steps(Site& site) {
  std::map<std::string, std::unique_ptr<Step>> out;
  out["detect"] = make_detect(site);
  out["evidence"] = make_evidence(site);
  out["compute"] = make_compute(site);
  out["fence"] = make_fence(site);
  out["drain"] = make_drain(site);
  out["promote"] = make_promote(site);
  out["open"] = make_open(site);
  out["capacity"] = make_capacity(site);
  out["validate"] = make_validate(site);
  out["dns"] = make_dns(site);
  out["commit"] = make_commit(site);
  return out;
}

Result<> loss_allowed(const Config& c, const Consent& consent, std::optional<Millis> lag) {
  Error e;
  e.code = "Failover.LagOverObjective";
  e.tried = "judge the expected loss";
  e.next = "wait for the replica to catch up, or accept the loss: relight failover --accept-loss TIME";
  if (!lag || c.rpo.count() == 0 || *lag <= c.rpo) return {};
  if (consent.loss_time && *lag <= *consent.loss_time) return {};
  e.message = "up to " + duration_text(*lag) + " of writes may be lost; the objective (rpo) allows " +
              duration_text(c.rpo);
  if (consent.loss_time) e.message += ", --accept-loss " + duration_text(*consent.loss_time);
  if (consent.loss_bytes)
    e.message += "; bytes cannot be counted before the two databases are compared, so a time is needed";
  return fail(std::move(e));
}

}  // namespace relight::dr
