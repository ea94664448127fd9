// Target health checks ("Health checks for Application Load Balancer target groups"): a new target needs one
// success to be healthy; from then on the thresholds count.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/elbv2/service.h"

namespace relight::sandbox {
namespace {

struct Check {
  ProbeTarget target;
  std::string matcher;
  int rise = 5, fall = 2;
  Millis timeout{5000};
};

// What the checks of one target have seen so far; only its own job touches it.
struct Streak {
  std::string state = "initial", reason;
  int good = 0, bad = 0;
};

bool matches(const std::string& codes, int status) {
  size_t at = 0;
  while (at <= codes.size()) {
    size_t end = std::min(codes.find(',', at), codes.size());
    std::string one = codes.substr(at, end - at);
    size_t dash = one.find('-');
    int low = atoi(one.c_str()), high = dash == std::string::npos ? low : atoi(one.c_str() + dash + 1);
    if (status >= low && status <= high) return true;
    at = end + 1;
  }
  return false;
}

std::pair<std::string, std::string> failure(const Observation& o) {
  if (o.timed_out) return {"Target.Timeout", "Request timed out"};
  if (o.status != 0)
    return {"Target.ResponseCodeMismatch",
            fmt::format("Health checks failed with these codes: [{}]", o.status)};
  return {"Target.FailedHealthChecks", "Health checks failed"};
}

}  // namespace

void Elbv2Service::watch(const std::string& region, const elbv2::TargetRow& t) {
  auto* g = groups_.find(region, t.group);
  if (!g || t.draining_until_ms || !world_.links().up(region) || balancers_of(region, t.group).empty())
    return;
  auto& v = g->value;
  Check c;
  c.target.kind = *v.HealthCheckProtocol == "HTTPS" ? ProbeTarget::Kind::kHttps : ProbeTarget::Kind::kHttp;
  c.target.address = t.id;
  c.target.port = *v.HealthCheckPort == "traffic-port" ? t.port : std::stoi(*v.HealthCheckPort);
  c.target.path = *v.HealthCheckPath;
  c.target.host = fmt::format("{}:{}", t.id, c.target.port);
  c.target.user_agent = "ELB-HealthChecker/2.0";
  c.matcher = v.Matcher->HttpCode.value_or("200");
  c.rise = *v.HealthyThresholdCount;
  c.fall = *v.UnhealthyThresholdCount;
  Millis timeout{1000 * *v.HealthCheckTimeoutSeconds};
  bool real = world_.settings.latency == Latency::kAws;
  c.timeout = real ? timeout : std::max(timeout / 5, Millis{1000});
  Millis every = world_.poll_interval(Millis{1000 * *v.HealthCheckIntervalSeconds});
  if (world_.settings.latency == Latency::kInstant) every = std::min(every, Millis{50});
  std::string key = t.key();
  auto streak = std::make_shared<Streak>();  // shared: the job is a copyable function
  if (t.state == "healthy" || t.state == "unhealthy") streak->state = t.state, streak->reason = t.reason;
  checks_.every(region + "|" + key, every, [this, region, key, c, streak] {
    if (!world_.links().up(region)) return;
    Observation o = prober_(c.target, c.timeout);
    bool good = o.error.empty() && matches(c.matcher, o.status);
    streak->good = good ? streak->good + 1 : 0;
    streak->bad = good ? 0 : streak->bad + 1;
    Verdict next{streak->state, streak->reason, ""};
    if (good && streak->state != "healthy" && (streak->state == "initial" || streak->good >= c.rise))
      next = {"healthy", "", ""};
    if (!good && streak->state != "unhealthy" && streak->bad >= c.fall) next.state = "unhealthy";
    if (!good && next.state == "unhealthy") std::tie(next.reason, next.description) = failure(o);
    if (next.state == "initial")
      next.reason = "Elb.InitialHealthChecking", next.description = "Initial health checks in progress";
    if (next.state == streak->state && next.reason == streak->reason) return;
    streak->state = next.state;
    streak->reason = next.reason;
    world_.after(Millis{0}, [this, region, key, next] { judged(region, key, next); });
  });
}

void Elbv2Service::unwatch(const std::string& region, const std::string& key) {
  checks_.drop(region + "|" + key);
}

void Elbv2Service::judged(const std::string& region, const std::string& key, const Verdict& v) {
  auto* t = targets_.find(region, key);
  if (stopped_ || !t || t->draining_until_ms || !world_.links().up(region)) return;
  bool was = t->serving;
  t->serving = v.state == "healthy";
  // What a caller reads as healthy already gets traffic: that state waits for the plane.
  if (!t->serving) {
    t->state = v.state;
    t->reason = v.reason;
    t->description = v.description;
  }
  std::string who =
      fmt::format("{} {}:{}", *groups_.find(region, t->group)->value.TargetGroupName, t->id, t->port);
  refresh_group(region, t->group, [this, region, key, who, was, v] {
    auto* row = targets_.find(region, key);
    if (row && row->serving && v.state == "healthy") row->state = "healthy", row->reason.clear();
    if (was != (v.state == "healthy")) world_.event(region, "elbv2", who, "target " + v.state);
  });
}

void Elbv2Service::recheck(const std::string& region, const std::string& group_arn) {
  bool used = !balancers_of(region, group_arn).empty();
  for (auto& [key, t] : targets_.in(region)) {
    if (t.group != group_arn || t.draining_until_ms) continue;
    unwatch(region, key);
    if (!used) {
      t.serving = false;
      t.state = "initial";
      t.reason = "Elb.RegistrationInProgress";
      t.description = "Target registration is in progress";
    }
    watch(region, t);
  }
}

}  // namespace relight::sandbox
