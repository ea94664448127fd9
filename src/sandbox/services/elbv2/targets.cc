#include <arpa/inet.h>
#include <fmt/format.h>

#include "sandbox/services/elbv2/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::elbv2;

constexpr size_t kTargetLimit = 1000;  // "Targets per target group per Region" (quotas page)

bool ipv4(const std::string& s) {
  in_addr a;
  return inet_pton(AF_INET, s.c_str(), &a) == 1;
}

std::string target_key(const elbv2::GroupRow& g, const m::TargetDescription& t) {
  return fmt::format("{}|{}:{}", *g.value.TargetGroupArn, *t.Id, t.Port.value_or(*g.value.Port));
}

}  // namespace

Result<m::RegisterTargetsOutput> Elbv2Service::register_targets(const Call& c,
                                                                const m::RegisterTargetsInput& in) {
  TRY_ASSIGN(auto* g, group(c.region, *in.TargetGroupArn));
  size_t present = 0;
  for (auto& [key, t] : targets_.in(c.region)) present += t.group == *in.TargetGroupArn;
  if (present + in.Targets->size() > kTargetLimit)
    return aws_error("TooManyTargets", "The maximum number of targets per target group has been reached");
  for (auto& t : *in.Targets) {
    if (*g->value.TargetType == "instance")
      return aws_error("InvalidTarget",
                       fmt::format("The following targets are not in a running state: '{}'", *t.Id));
    if (!ipv4(*t.Id))
      return aws_error("ValidationError",
                       fmt::format("The IP address '{}' is not a valid IPv4 address", *t.Id));
  }
  for (auto& t : *in.Targets) {
    std::string key = target_key(*g, t);
    auto* old = targets_.find(c.region, key);
    if (old && old->draining_until_ms == 0) continue;
    elbv2::TargetRow row{.group = *in.TargetGroupArn,
                         .id = *t.Id,
                         .port = t.Port.value_or(*g->value.Port),
                         .zone = t.AvailabilityZone.value_or("")};
    watch(c.region, targets_.put(c.region, key, row));
  }
  return m::RegisterTargetsOutput{};
}

Result<m::DeregisterTargetsOutput> Elbv2Service::deregister(const Call& c,
                                                            const m::DeregisterTargetsInput& in) {
  TRY_ASSIGN(auto* g, group(c.region, *in.TargetGroupArn));
  Millis delay{1000 *
               std::strtoll(g->attributes["deregistration_delay.timeout_seconds"].c_str(), nullptr, 10)};
  std::vector<std::string> keys;
  for (auto& t : *in.Targets)
    for (auto& [key, row] : targets_.in(c.region))
      if (row.group == *in.TargetGroupArn && row.id == *t.Id && (!t.Port || row.port == *t.Port) &&
          !row.draining_until_ms)
        keys.push_back(key);
  bool used = !balancers_of(c.region, *in.TargetGroupArn).empty();
  for (auto& key : keys) {
    if (!used)
      forget_target(c.region, key);
    else
      drain(c.region, *targets_.find(c.region, key), delay);
  }
  if (used && !keys.empty()) refresh_group(c.region, *in.TargetGroupArn);
  return m::DeregisterTargetsOutput{};
}

void Elbv2Service::drain(const std::string& region, elbv2::TargetRow& t, Millis delay) {
  std::string key = t.key();
  unwatch(region, key);
  Millis wait = world_.pace(delay);
  int64_t until = std::max<int64_t>((world_.clock.now() + wait).time_since_epoch().count(), 1);
  t.draining_until_ms = until;
  t.state = "draining";
  t.reason = "Target.DeregistrationInProgress";
  t.description = "Target deregistration is in progress";
  targets_.save(region, key, t);
  world_.after(wait, [this, region, key, until] {
    auto* row = targets_.find(region, key);
    if (!row || row->draining_until_ms != until || !world_.links().up(region)) return;
    std::string group_arn = row->group;
    forget_target(region, key);
    refresh_group(region, group_arn);
  });
}

void Elbv2Service::forget_target(const std::string& region, const std::string& key) {
  unwatch(region, key);
  targets_.erase(region, key);
}

Result<m::DescribeTargetHealthOutput> Elbv2Service::health(const Call& c,
                                                           const m::DescribeTargetHealthInput& in) {
  TRY_ASSIGN(auto* g, group(c.region, *in.TargetGroupArn));
  bool used = !balancers_of(c.region, *in.TargetGroupArn).empty();
  m::DescribeTargetHealthOutput out;
  auto& list = out.TargetHealthDescriptions.emplace();
  auto add = [&](const elbv2::TargetRow& t) {
    m::TargetHealth h{.State = t.state, .Reason = t.reason, .Description = t.description};
    if (!used)
      h = {.State = "unused",
           .Reason = "Target.NotInUse",
           .Description = "Target group is not configured to receive traffic from the load balancer"};
    if (h.State == "healthy") h.Reason.reset(), h.Description.reset();
    m::TargetDescription d{.Id = t.id, .Port = t.port};
    if (!t.zone.empty()) d.AvailabilityZone = t.zone;
    std::string port =
        *g->value.HealthCheckPort == "traffic-port" ? std::to_string(t.port) : *g->value.HealthCheckPort;
    list.push_back({.Target = d, .HealthCheckPort = port, .TargetHealth = h});
  };
  if (!in.Targets) {
    for (auto& [key, t] : targets_.in(c.region))
      if (t.group == *in.TargetGroupArn) add(t);
    return out;
  }
  for (auto& t : *in.Targets) {
    if (auto* row = targets_.find(c.region, target_key(*g, t))) {
      add(*row);
      continue;
    }
    list.push_back(
        {.Target = t,
         .TargetHealth = m::TargetHealth{.State = "unused",
                                         .Reason = "Target.NotRegistered",
                                         .Description = "Target is not registered to the target group"}});
  }
  return out;
}

void Elbv2Service::target_operations() {
  on<m::op::RegisterTargets>([this](auto& c, auto& in) { return register_targets(c, in); });
  on<m::op::DeregisterTargets>([this](auto& c, auto& in) { return deregister(c, in); });
  on<m::op::DescribeTargetHealth>([this](auto& c, auto& in) { return health(c, in); });
}

}  // namespace relight::sandbox
