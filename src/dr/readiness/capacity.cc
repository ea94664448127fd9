// Checks 32 and 39: would there be room for what runs there on the day.
#include <fmt/format.h>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

constexpr auto kCanaryAge = std::chrono::days(7);
constexpr const char* kCanary = "relight check --canary";

}  // namespace

void check_canary(const Picture& p, Report& r) {
  Report::About on{p.topology.recovery.service, p.config.recovery.region};
  auto& c = p.live.canary;
  if (!c) {
    r.unknown(on, "whether a task can be started there was not tried", c.why, kCanary);
    return;
  }
  if (!r.seen(c, on, "the last canary task")) return;
  auto age = c.at ? p.observed_at - *c.at : Millis(0);
  auto seen = fmt::format("task definition {}; {} hours ago", last_word(c->task_definition),
                          std::chrono::duration_cast<std::chrono::hours>(age).count());
  if (!c->ran)
    r.fail(on, "a task could not be started there", c->why + "; " + seen, kCanary);
  else if (age > kCanaryAge)
    r.warn(on, "a task could be started there, but that was tried long ago", seen, kCanary);
  else
    r.pass(on, fmt::format("a task was running there after {} seconds", c->seconds), seen);
}

// AWS publishes no capacity of a load balancer that nobody has used yet. It grows by itself in minutes, and
// sells a floor to whoever expects more ("Capacity reservations for your Application Load Balancer", Elastic
// Load Balancing User Guide); 100 units is the least that its examples reserve (`unverified`: whether less is
// sold).
void check_warm_up(const Picture& p, Report& r) {
  constexpr double kCold = 100;
  auto& busiest = p.live.busiest;
  Report::About on{p.topology.recovery.load_balancer, p.config.recovery.region};
  if (!r.seen(busiest, on, "how much the primary's load balancer had to carry")) return;
  auto seen = fmt::format("{}; at most {:.3g} capacity units", busiest->evidence, busiest->units);
  if (busiest->units <= kCold)
    r.pass(on, "the primary's peak is far below where reservations of capacity begin",
           seen + fmt::format(" of {:.0f}; what an unused load balancer carries at once AWS does not tell", kCold));
  else
    r.warn(on, "the primary's peak may come faster than the load balancer there grows", seen,
           fmt::format("aws --region {} elbv2 modify-capacity-reservation --load-balancer-arn ARN "
                       "--minimum-load-balancer-capacity CapacityUnits={:.0f}   # costs by the hour",
                       p.config.recovery.region, busiest->units));
}

}  // namespace relight::dr
