// Health checkers. "How Amazon Route 53 determines whether a health check is healthy" (Developer Guide). One
// real observation stands for all of AWS's checkers: they agree by construction (more than 18 % of one is
// one).
#include <fmt/format.h>

#include "aws/gen/cloudwatch.h"
#include "aws/gen/elbv2.h"
#include "sandbox/services/route53/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::route53;

constexpr Millis kTargetPoll{10'000};
constexpr int kCalculatedDepth = 8;  // calculated checks of calculated checks

bool endpoint(const std::string& type) { return type.starts_with("HTTP") || type == "TCP"; }

ProbeTarget target_of(const m::HealthCheckConfig& c) {
  ProbeTarget t;
  std::string type = c.Type.value_or("");
  t.kind = type == "TCP"               ? ProbeTarget::Kind::kTcp
           : type.starts_with("HTTPS") ? ProbeTarget::Kind::kHttps
                                       : ProbeTarget::Kind::kHttp;
  t.port = c.Port.value_or(t.kind == ProbeTarget::Kind::kHttps ? 443 : 80);
  t.path = c.ResourcePath.value_or("/");
  if (!t.path.starts_with('/')) t.path = "/" + t.path;
  t.host = c.FullyQualifiedDomainName.value_or("");
  if (t.host.ends_with('.')) t.host.pop_back();
  t.user_agent = "Amazon-Route53-Health-Check-Service (ref relight-sandbox; report http://amzn.to/1vsZADi)";
  return t;
}

struct Judgement {
  bool good;
  std::string text;
};

Judgement judge(const m::HealthCheckConfig& c, const Observation& o, const std::string& address) {
  if (c.Type == "TCP")
    return {o.connected, o.connected ? "Success: TCP connection established. Resolved IP: " + address
                                     : "Failure: " + o.error};
  if (o.status == 0)
    return {false, fmt::format("Failure: {}", o.timed_out ? "the endpoint timed out" : o.error)};
  if (o.status < 200 || o.status > 399)
    return {false, fmt::format("Failure: HTTP Status Code {}. Resolved IP: {}", o.status, address)};
  if (c.Type->ends_with("STR_MATCH") && o.body.find(c.SearchString.value_or("")) == std::string::npos)
    return {false, fmt::format("Failure: HTTP Status Code {}, but the response body does not contain the "
                               "search string. Resolved IP: {}",
                               o.status, address)};
  return {true, fmt::format("Success: HTTP Status Code {}, OK. Resolved IP: {}", o.status, address)};
}

}  // namespace

void Route53Service::watch(const route53::CheckRow& row) {
  std::string id = *row.value.Id;
  auto& c = *row.value.HealthCheckConfig;
  checkers_.drop("route53/" + id);
  if (!endpoint(*c.Type) || c.Disabled.value_or(false)) return;
  Millis every = world_.poll_interval(Millis{1000 * c.RequestInterval.value_or(30)});
  checkers_.every("route53/" + id, every, [this, id, c] { observe(id, c); });
}

// On a checker's thread.
void Route53Service::observe(const std::string& id, const m::HealthCheckConfig& c) {
  ProbeTarget t = target_of(c);
  t.address = c.IPAddress.value_or("");
  if (t.address.empty()) {
    dns::Question q{dns::canonical_name(t.host).value_or(""), "", dns::kA, 1};
    for (auto& r : answer(q).answers)
      if (r.type == dns::kA && r.rdata.size() == 4 && t.address.empty())
        t.address = fmt::format(
            "{}.{}.{}.{}", static_cast<unsigned char>(r.rdata[0]), static_cast<unsigned char>(r.rdata[1]),
            static_cast<unsigned char>(r.rdata[2]), static_cast<unsigned char>(r.rdata[3]));
  }
  Judgement j{false, "Failure: DNS resolution failed for " + t.host};
  // AWS waits 4 s for the connection and 2 s for the answer.
  if (!t.address.empty())
    j = judge(c, prober_(t, world_.settings.latency == Latency::kAws ? Millis{6000} : Millis{1500}),
              t.address);
  std::lock_guard g(seen_lock_);
  Seen& s = seen_[id];
  s.text = j.text;
  s.address = t.address;
  s.at = world_.clock.now();
  s.streak = j.good == s.healthy ? 0 : s.streak + 1;
  if (s.streak < c.FailureThreshold.value_or(3)) return;
  s.healthy = j.good;
  s.streak = 0;
  world_.after(Millis{0}, [this] {
    if (!stopped_) publish_health();
  });
}

bool Route53Service::effective(const std::string& id, int depth) {
  auto* row = checks_.find(route53::kGlobal, id);
  if (!row || depth > kCalculatedDepth) return true;
  auto& c = *row->value.HealthCheckConfig;
  bool raw = true;
  if (c.Disabled.value_or(false)) {
    raw = true;  // "Route 53 considers the status of the health check to always be healthy"
  } else if (c.Type == "CALCULATED") {
    int healthy = 0;
    for (auto& child : c.ChildHealthChecks.value_or(std::vector<std::string>{}))
      healthy += effective(child, depth + 1);
    raw = healthy >= c.HealthThreshold.value_or(0);
  } else if (c.Type == "CLOUDWATCH_METRIC") {
    raw = row->extra["alarm"] != "unhealthy";
  } else {
    std::lock_guard g(seen_lock_);
    raw = seen_[id].healthy;
  }
  return c.Inverted.value_or(false) ? !raw : raw;
}

// nullopt: nothing to say (LastKnownStatus without data).
std::optional<bool> Route53Service::alarm(route53::CheckRow& row) {
  auto& c = *row.value.HealthCheckConfig;
  if (!c.AlarmIdentifier) return std::nullopt;
  auto r = world_.call<aws::cloudwatch::op::DescribeAlarms>(*c.AlarmIdentifier->Region,
                                                            {.AlarmNames = {{*c.AlarmIdentifier->Name}}});
  std::string state = "INSUFFICIENT_DATA";
  if (r && r->MetricAlarms && !r->MetricAlarms->empty())
    state = r->MetricAlarms->front().StateValue.value_or(state);
  if (state == "OK") return true;
  if (state == "ALARM") return false;
  std::string otherwise = c.InsufficientDataHealthStatus.value_or("LastKnownStatus");
  if (otherwise == "LastKnownStatus")
    return std::nullopt;  // a silent, dead region stays healthy: the guide warns
  return otherwise == "Healthy";
}

// "Values specific for simple alias records", Evaluate target health: every group that contains targets needs
// a healthy one; a group without registered targets is unhealthy; so is a balancer that nobody can ask any
// more.
bool Route53Service::balancer_healthy(const std::string& dns_name) {
  namespace e = aws::elbv2;
  auto labels = dns::labels(dns_name);
  if (labels.size() < 5) return false;
  std::string region(labels[labels.size() - 4]);
  if (!world_.links().up(region)) return false;
  auto lbs = world_.call<e::op::DescribeLoadBalancers>(region, {});
  if (!lbs || !lbs->LoadBalancers) return false;
  for (auto& lb : *lbs->LoadBalancers) {
    if (dns::canonical_name(lb.DNSName.value_or("")) != dns_name) continue;
    auto groups = world_.call<e::op::DescribeTargetGroups>(region, {.LoadBalancerArn = lb.LoadBalancerArn});
    if (!groups || !groups->TargetGroups || lb.State->Code == "provisioning") return false;
    for (auto& g : *groups->TargetGroups) {
      auto health = world_.call<e::op::DescribeTargetHealth>(region, {.TargetGroupArn = g.TargetGroupArn});
      bool one = false;
      if (health && health->TargetHealthDescriptions)
        for (auto& t : *health->TargetHealthDescriptions) one = one || t.TargetHealth->State == "healthy";
      if (!one) return false;
    }
    return true;
  }
  return false;
}

void Route53Service::refresh_targets() {
  if (stopped_) return;
  for (auto& [id, row] : checks_.in(route53::kGlobal)) {
    if (row.value.HealthCheckConfig->Type != "CLOUDWATCH_METRIC") continue;
    auto state = alarm(row);
    std::string text = state ? (*state ? "healthy" : "unhealthy") : row.extra["alarm"];
    if (text == row.extra["alarm"]) continue;
    row.extra["alarm"] = text;
    checks_.save(route53::kGlobal, id, row);
  }
  for (auto& [name, healthy] : balancers_) healthy = balancer_healthy(name);
  publish_health();
}

void Route53Service::poll_targets() {
  if (stopped_) return;
  refresh_targets();
  world_.after(world_.poll_interval(kTargetPoll), [this] { poll_targets(); });
}

}  // namespace relight::sandbox
