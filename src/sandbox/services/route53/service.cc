#include "sandbox/services/route53/service.h"

namespace relight::sandbox {

Route53Service::Route53Service(World& w) : Route53Service(w, std::make_unique<Poller>(w.clock, 8)) {}

Route53Service::Route53Service(World& w, std::unique_ptr<Repeater> checkers) : Route53Service(w, *checkers) {
  own_ = std::move(checkers);
}

Route53Service::Route53Service(World& w, Repeater& checkers, Prober prober)
    : Service(w, aws::route53::model()),
      checkers_(checkers),
      prober_(std::move(prober)),
      find_([&w](std::string_view n) { return w.find_name(n); }),
      zones_(w, "route53/zones"),
      records_(w, "route53/records"),
      checks_(w, "route53/health_checks"),
      changes_(w, "route53/changes"),
      dice_(w.rng.next()) {
  auto empty = std::make_shared<route53::Snapshot>();
  empty->zones = std::make_shared<std::map<std::string, route53::Zone>>();
  snapshot_ = empty;
  zone_operations();
  record_operations();
  check_operations();
  tag_operations();
}

Route53Service::~Route53Service() {
  if (own_) own_->stop();
}

void Route53Service::start() {
  for (auto& [id, z] : zones_.in(route53::kGlobal)) name_servers(z);
  for (auto& [id, c] : checks_.in(route53::kGlobal)) watch(c);
  publish_zones();
  started_ = true;
  poll_targets();
}

void Route53Service::stop() {
  stopped_ = true;
  for (auto& [id, c] : checks_.in(route53::kGlobal)) checkers_.drop("route53/" + id);
}

dns::Answer Route53Service::answer(const dns::Question& q) {
  auto s = snapshot();
  // splitmix64 over a counter: a fresh number for each question without a lock
  uint64_t d = dice_.fetch_add(0x9e3779b97f4a7c15u);
  d = (d ^ (d >> 30)) * 0xbf58476d1ce4e5b9u;
  d = (d ^ (d >> 27)) * 0x94d049bb133111ebu;
  return route53::Resolver(*s, find_, d ^ (d >> 31)).answer(q);
}

}  // namespace relight::sandbox
