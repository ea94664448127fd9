#include "sandbox/services/elbv2/service.h"

namespace relight::sandbox {

Elbv2Service::Elbv2Service(World& w, BalancerPlane& plane)
    : Elbv2Service(w, plane, std::make_unique<Poller>(w.clock, 8)) {}

Elbv2Service::Elbv2Service(World& w, BalancerPlane& plane, std::unique_ptr<Repeater> checks)
    : Elbv2Service(w, plane, *checks) {
  own_ = std::move(checks);
}

Elbv2Service::Elbv2Service(World& w, BalancerPlane& plane, Repeater& checks, Prober prober)
    : Service(w, aws::elbv2::model()),
      plane_(plane),
      checks_(checks),
      prober_(std::move(prober)),
      lbs_(w, "elbv2/load_balancers"),
      groups_(w, "elbv2/target_groups"),
      listeners_(w, "elbv2/listeners"),
      rules_(w, "elbv2/rules"),
      targets_(w, "elbv2/targets") {
  load_balancer_operations();
  attribute_operations();
  tag_operations();
  target_group_operations();
  target_operations();
  listener_operations();
  rule_operations();
}

Elbv2Service::~Elbv2Service() {
  if (own_) own_->stop();
}

void Elbv2Service::start() {
  for (auto& region : world_.settings.regions) {
    // A lost region's names go on resolving, as they do on AWS.
    for (auto& [arn, lb] : lbs_.in(region)) world_.set_name(*lb.value.DNSName, lb.extra["address"]);
    bring_up(region);
  }
  publish_metrics();
}

void Elbv2Service::stop() {
  stopped_ = true;
  for (auto& region : world_.settings.regions) {
    for (auto& [key, t] : targets_.in(region)) unwatch(region, key);
    for (auto& [arn, lb] : lbs_.in(region)) plane_.remove(lb.extra["id"]);
  }
}

void Elbv2Service::region_lost(const std::string& region) {
  for (auto& [key, t] : targets_.in(region)) {
    unwatch(region, key);
    if (t.draining_until_ms) continue;
    t.serving = false;
    t.state = "initial";
    t.reason = "Elb.RegistrationInProgress";
    t.description = "Target registration is in progress";
  }
  for (auto& [arn, lb] : lbs_.in(region)) plane_.remove(lb.extra["id"]);
}

void Elbv2Service::region_restored(const std::string& region) { bring_up(region); }

}  // namespace relight::sandbox
