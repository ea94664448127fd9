// From rows to what the plane carries.
#include <fmt/format.h>

#include "aws/gen/cloudwatch.h"
#include "sandbox/services/elbv2/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::elbv2;

constexpr Millis kPlaneRetry{500};

std::vector<std::pair<std::string, int>> forwards(const m::Action& a) {
  std::vector<std::pair<std::string, int>> out;
  if (a.Type != "forward") return out;
  if (a.ForwardConfig && a.ForwardConfig->TargetGroups)
    for (auto& t : *a.ForwardConfig->TargetGroups)
      out.emplace_back(t.TargetGroupArn.value_or(""), t.Weight.value_or(1));
  else if (a.TargetGroupArn)
    out.emplace_back(*a.TargetGroupArn, 1);
  return out;
}

// "arn:…:targetgroup/web/0123" -> "web-0123"
std::string pool_id(const std::string& arn) {
  std::string id = arn.substr(arn.find(":targetgroup/") + 13);
  for (char& c : id)
    if (c == '/') c = '-';
  return id;
}

BalancerAction action_of(const std::vector<m::Action>& actions) {
  BalancerAction out;
  const m::Action& a = actions.back();  // the routing action comes last; authentication is not built
  if (a.Type == "fixed-response" && a.FixedResponseConfig) {
    out.kind = BalancerAction::Kind::kFixed;
    out.status = std::atoi(a.FixedResponseConfig->StatusCode.value_or("503").c_str());
    out.body = a.FixedResponseConfig->MessageBody.value_or("");
    out.content_type = a.FixedResponseConfig->ContentType.value_or("");
  } else if (a.Type == "redirect" && a.RedirectConfig) {
    auto& r = *a.RedirectConfig;
    out.kind = BalancerAction::Kind::kRedirect;
    out.status = r.StatusCode == "HTTP_301" ? 301 : 302;
    out.protocol = r.Protocol.value_or("#{protocol}");
    out.host = r.Host.value_or("#{host}");
    out.port = r.Port.value_or("#{port}");
    out.path = r.Path.value_or("/#{path}");
    out.query = r.Query.value_or("#{query}");
  } else {
    for (auto& [arn, weight] : forwards(a)) out.forward.emplace_back(pool_id(arn), weight);
  }
  return out;
}

BalancerCondition condition_of(const m::RuleCondition& c) {
  using F = BalancerCondition::Field;
  BalancerCondition out;
  auto values = [&](F field, const auto& config) {
    out.field = field;
    out.values = config && config->Values ? *config->Values : c.Values.value_or(std::vector<std::string>{});
  };
  if (c.Field == "path-pattern")
    values(F::kPath, c.PathPatternConfig);
  else if (c.Field == "host-header")
    values(F::kHost, c.HostHeaderConfig);
  else if (c.Field == "http-request-method")
    values(F::kMethod, c.HttpRequestMethodConfig);
  else if (c.Field == "source-ip")
    values(F::kSourceIp, c.SourceIpConfig);
  else if (c.Field == "http-header") {
    values(F::kHeader, c.HttpHeaderConfig);
    out.header = c.HttpHeaderConfig->HttpHeaderName.value_or("");
  } else {
    out.field = F::kQuery;
    if (c.QueryStringConfig && c.QueryStringConfig->Values)
      for (auto& kv : *c.QueryStringConfig->Values)
        out.pairs.emplace_back(kv.Key.value_or(""), kv.Value.value_or(""));
  }
  return out;
}

}  // namespace

std::set<std::string> Elbv2Service::groups_of(const std::string& region, const std::string& lb_arn) {
  std::set<std::string> out;
  for (auto& [arn, l] : listeners_.in(region)) {
    if (l.value.LoadBalancerArn != lb_arn) continue;
    for (auto* r : rules_of(region, arn))
      for (auto& a : *r->value.Actions)
        for (auto& [group_arn, weight] : forwards(a)) out.insert(group_arn);
  }
  return out;
}

std::vector<std::string> Elbv2Service::balancers_of(const std::string& region, const std::string& group_arn) {
  std::vector<std::string> out;
  for (auto& [arn, lb] : lbs_.in(region))
    if (groups_of(region, arn).contains(group_arn)) out.push_back(arn);
  return out;
}

BalancerSpec Elbv2Service::spec(const std::string& region, elbv2::LoadBalancerRow& lb) {
  std::string arn = *lb.value.LoadBalancerArn;
  BalancerSpec s{.id = lb.extra["id"],
                 .address = lb.extra["address"],
                 .dir = world_.dir(region, "elbv2/" + lb.extra["id"]),
                 .listeners = {},
                 .pools = {}};
  if (auto& idle = lb.attributes["idle_timeout.timeout_seconds"]; !idle.empty())
    s.idle_seconds = std::atoi(idle.c_str());
  for (auto& [listener_arn, l] : listeners_.in(region)) {
    if (l.value.LoadBalancerArn != arn) continue;
    BalancerListener out{.port = *l.value.Port,
                         .tls = l.value.Protocol == "HTTPS",
                         .rules = {},
                         .fallback = action_of(*l.value.DefaultActions)};
    for (auto* r : rules_of(region, listener_arn)) {
      if (r->value.IsDefault.value_or(false)) continue;
      BalancerRule rule{{}, action_of(*r->value.Actions)};
      for (auto& c : *r->value.Conditions) rule.conditions.push_back(condition_of(c));
      out.rules.push_back(std::move(rule));
    }
    s.listeners.push_back(std::move(out));
  }
  for (auto& group_arn : groups_of(region, arn)) {
    auto* g = groups_.find(region, group_arn);
    if (!g) continue;
    BalancerPool pool{
        .id = pool_id(group_arn),
        .targets = {},
        .tls = g->value.Protocol == "HTTPS",
        .least_outstanding = g->attributes["load_balancing.algorithm.type"] == "least_outstanding_requests"};
    if (g->attributes["stickiness.enabled"] == "true")
      pool.stickiness_seconds = std::atoi(g->attributes["stickiness.lb_cookie.duration_seconds"].c_str());
    std::vector<BalancerTarget> unhealthy, draining;
    for (auto& [key, t] : targets_.in(region)) {
      if (t.group != group_arn) continue;
      if (t.draining_until_ms)
        draining.push_back({t.id, t.port, true});
      else if (t.serving)
        pool.targets.push_back({t.id, t.port, false});
      else if (t.state == "unhealthy")
        unhealthy.push_back({t.id, t.port, false});
    }
    // "If a target group contains only unhealthy registered targets, the load balancer routes requests to all
    // those targets, regardless of their health status" (ALB guide, target group health checks).
    if (pool.targets.empty()) pool.targets = unhealthy;
    pool.targets.insert(pool.targets.end(), draining.begin(), draining.end());
    s.pools.push_back(std::move(pool));
  }
  return s;
}

void Elbv2Service::refresh(const std::string& region, const std::string& arn, std::function<void()> then) {
  auto* row = lbs_.find(region, arn);
  if (!row || stopped_ || !world_.links().up(region)) {
    if (then) then();
    return;
  }
  Applying& a = applying_[arn];
  if (then) a.then.push_back(std::move(then));
  if (a.running) {
    a.again = true;
    return;
  }
  a.running = true;
  a.again = false;
  auto waiting = std::make_shared<std::vector<std::function<void()>>>(std::move(a.then));
  a.then.clear();
  auto s = std::make_shared<BalancerSpec>(spec(region, *row));
  auto result = std::make_shared<Result<>>();
  world_.work([this, s, result] { *result = plane_.apply(*s); },
              [this, region, arn, result, waiting, id = s->id] {
                Applying& now = applying_[arn];
                now.running = false;
                if (!world_.links().up(region) || !lbs_.find(region, arn) || stopped_)
                  return plane_.remove(id);
                judge_plane(region, arn, *result);
                if (!*result) {
                  // Nobody is told of a state that the traffic does not show: it is tried until it holds.
                  now.then.insert(now.then.begin(), waiting->begin(), waiting->end());
                  return world_.after(kPlaneRetry, [this, region, arn] { refresh(region, arn); });
                }
                for (auto& f : *waiting) f();
                if (now.again) refresh(region, arn);
              });
}

void Elbv2Service::judge_plane(const std::string& region, const std::string& arn, const Result<>& result) {
  std::string now = result ? "" : result.error().message, &was = trouble_[arn];
  if (now != was)
    world_.event(region, "elbv2", *lbs_.find(region, arn)->value.LoadBalancerName,
                 now.empty() ? "load balancer serves again" : "load balancer does not serve: " + now);
  was = now;
  if (now.empty()) trouble_.erase(arn);
}

void Elbv2Service::refresh_group(const std::string& region, const std::string& group_arn,
                                 std::function<void()> then) {
  auto lbs = balancers_of(region, group_arn);
  if (lbs.empty() && then) then();
  for (size_t i = 0; i < lbs.size(); ++i)
    refresh(region, lbs[i], i == 0 ? std::move(then) : std::function<void()>{});
}

void Elbv2Service::bring_up(const std::string& region) {
  if (!world_.links().up(region)) return;
  for (auto& [arn, lb] : lbs_.in(region)) {
    world_.set_name(*lb.value.DNSName, lb.extra["address"]);
    if (lb.value.State->Code == "provisioning") activate(region, arn);
    refresh(region, arn);
  }
  int64_t now = world_.clock.now().time_since_epoch().count();
  std::vector<std::string> over;
  for (auto& [key, t] : targets_.in(region)) {
    if (t.draining_until_ms && t.draining_until_ms <= now)
      over.push_back(key);
    else if (t.draining_until_ms)
      drain(region, t, Millis{t.draining_until_ms - now});
    else
      watch(region, t);
  }
  for (auto& key : over) forget_target(region, key);
}

// "CloudWatch metrics for your Application Load Balancer". Told once a minute on AWS.
void Elbv2Service::publish_metrics() {
  if (stopped_) return;
  namespace cw = aws::cloudwatch;
  for (auto& region : world_.settings.regions) {
    if (!world_.links().up(region)) continue;
    for (auto& [arn, lb] : lbs_.in(region)) {
      auto counters = std::make_shared<BalancerCounters>();
      std::string name = arn.substr(arn.find(":loadbalancer/") + 14);
      world_.work(
          [this, id = lb.extra["id"], counters] { *counters = plane_.counters(id); },
          [this, region, arn, name, counters] {
            if (stopped_ || !lbs_.find(region, arn) || !world_.links().up(region)) return;
            std::vector<cw::MetricDatum> data;
            std::vector<cw::Dimension> dims{{"LoadBalancer", name}};
            auto put = [&](const char* metric, double v, const std::vector<cw::Dimension>& d) {
              data.push_back({.MetricName = metric,
                              .Dimensions = d,
                              .Timestamp = world_.clock.now(),
                              .Value = v,
                              .Unit = "Count"});
            };
            BalancerCounters& old = published_[arn];
            if (counters->requests > old.requests)
              put("RequestCount", static_cast<double>(counters->requests - old.requests), dims);
            if (counters->http_2xx > old.http_2xx)
              put("HTTPCode_Target_2XX_Count", static_cast<double>(counters->http_2xx - old.http_2xx), dims);
            if (counters->http_4xx > old.http_4xx)
              put("HTTPCode_Target_4XX_Count", static_cast<double>(counters->http_4xx - old.http_4xx), dims);
            if (counters->http_5xx > old.http_5xx)
              put("HTTPCode_ELB_5XX_Count", static_cast<double>(counters->http_5xx - old.http_5xx), dims);
            old = *counters;
            for (auto& group_arn : groups_of(region, arn)) {
              double healthy = 0, unhealthy = 0;
              for (auto& [key, t] : targets_.in(region))
                if (t.group == group_arn && !t.draining_until_ms)
                  (t.state == "healthy" ? healthy : unhealthy) += 1;
              auto both = dims;
              both.push_back({"TargetGroup", group_arn.substr(group_arn.find(":targetgroup/") + 1)});
              put("HealthyHostCount", healthy, both);
              put("UnHealthyHostCount", unhealthy, both);
            }
            if (!data.empty())  // no CloudWatch, no metrics: traffic does not care
              static_cast<void>(world_.call<cw::op::PutMetricData>(
                  region, {.Namespace = "AWS/ApplicationELB", .MetricData = data}));
          });
    }
  }
  world_.after(std::max(world_.poll_interval(Millis{60'000}), Millis{1000}), [this] { publish_metrics(); });
}

}  // namespace relight::sandbox
