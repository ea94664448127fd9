// Checks 25, 42 and 54: do the account's quotas in the recovery region hold what a failover makes of it. What
// else runs in that account and region is not counted: no call tells it for all of them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

struct QuotaSeen {
  Item item;
  std::optional<double> value;
  std::string why;
};

QuotaSeen quota_of(const Estate& e, const char* id) {
  QuotaSeen out{e.find("servicequotas/quota", id), std::nullopt, ""};
  if (!out.item) {
    out.why = "it was not asked for";
    return out;
  }
  for (auto* part : {"Value", "Default"}) {
    // Where nothing was granted, the default holds; where that could not be seen, neither is known.
    if (out.why = why_unseen(out.item, part); !out.why.empty()) return out;
    auto& v = at_or_null(*out.item.properties, std::string("/") + part);
    if (v.is_number()) {
      out.value = v.get<double>();
      return out;
    }
  }
  out.why = "Service Quotas knows no value";
  return out;
}

struct QuotaNeed {
  const char *quota, *name;
  double count;
  std::string counted;  // how the number came about
};

void judge_quota(const Picture& p, const QuotaNeed& n, Report& r) {
  std::string id = n.quota;
  Report::About on{id, p.config.recovery.region};
  auto there = quota_of(p.recovery, n.quota);
  if (!there.value) {
    r.unknown(on, std::string("the quota of ") + n.name + " could not be seen", there.why);
    return;
  }
  auto seen = fmt::format("{:g} of {:g} ({}); what else runs in the account there is not counted", n.count,
                          *there.value, n.counted);
  auto mend = [&](double wanted) {
    return fmt::format(
        "aws --region {} service-quotas request-service-quota-increase --service-code {} --quota-code {} "
        "--desired-value {:g}",
        p.config.recovery.region, id.substr(0, id.find('/')), id.substr(id.find('/') + 1), std::ceil(wanted));
  };
  auto here = quota_of(p.primary, n.quota);
  if (n.count > *there.value)
    r.fail(on, std::string("the quota of ") + n.name + " is too small", seen,
           mend(std::max(n.count, here.value.value_or(0))));
  else if (here.value && *here.value > *there.value)
    r.warn(on, std::string("the quota of ") + n.name + " is smaller than the primary region's",
           fmt::format("{}; {:g} in {}", seen, *here.value, p.config.primary.region), mend(*here.value));
  else
    r.pass(on, std::string("the quota of ") + n.name + " holds what a failover needs", seen);
}

double quota_count(const Estate& e, const char* kind) { return double(e.all(kind).size()); }

// What autoscaling may grow a service to; 0: it does not.
int64_t grown(const Estate& e, const Item& service) {
  auto name = service.id().substr(service.id().rfind(':') + 1);
  auto target = e.find("applicationautoscaling/scalable-target", name);
  return target ? number_at(*target.properties, "/MaxCapacity") : 0;
}

}  // namespace

void check_vcpus(const Picture& p, Report& r) {
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return;
  double vcpus = 0;
  std::string counted;
  for (auto& pair : service_pairs(p)) {
    auto& service = pair.recovery ? pair.recovery : pair.primary;
    auto& estate = pair.recovery ? p.recovery : p.primary;
    if (!r.seen(service, "")) return;
    if (text_at(*service.properties, "/launchType") == "EC2") continue;
    auto task = task_definition_of(estate, service);
    if (!task || !why_unseen(task, "").empty()) {
      r.unknown(service, "how many vCPUs its tasks take is not known",
                "its task definition was not captured");
      return;
    }
    if (!r.seen(pair.primary, "applicationautoscaling/scalable-target")) return;
    auto tasks = std::max<int64_t>({p.config.tasks, grown(p.primary, pair.primary),
                                    number_at(*pair.primary.properties, "/desiredCount")});
    auto units = double(number_at(*task.properties, "/cpu"));
    vcpus += double(tasks) * units / 1024;
    if (counted.size() < 200)
      counted += fmt::format("{}{} x {:g} of {}", counted.empty() ? "" : ", ", tasks, units / 1024,
                             last_word(service.id()));
  }
  if (counted.empty())
    r.pass({"", p.config.recovery.region}, "no task runs on Fargate");
  else
    judge_quota(p, {"fargate/L-3032A538", "Fargate vCPUs", vcpus, counted}, r);
}

void check_quotas(const Picture& p, Report& r) {
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return;
  // One more: what a drill or the way back restores beside it.
  if (!p.recovery.all("rds/db-instance").empty())
    judge_quota(p,
                {"rds/L-7B6409FD", "DB instances", quota_count(p.recovery, "rds/db-instance") + 1,
                 "those there, and one beside them"},
                r);
  if (!p.recovery.all("elbv2/load-balancer").empty())
    judge_quota(p,
                {"elasticloadbalancing/L-53DA6B97", "Application Load Balancers",
                 quota_count(p.recovery, "elbv2/load-balancer"), "those there"},
                r);
  if (!p.recovery.all("ec2/vpc").empty())
    judge_quota(p, {"vpc/L-F678F1CE", "VPCs", quota_count(p.recovery, "ec2/vpc"), "those there"}, r);
}

// "Understanding Lambda function scaling", Lambda Developer Guide: 100 of the account's stay unreserved.
void check_concurrency(const Picture& p, Report& r) {
  if (!r.seen(p.primary)) return;
  double reserved = 0;
  for (auto& f : p.primary.all("lambda/function")) {
    if (!r.seen(f, "")) return;
    reserved += double(number_at(*f.properties, "/ReservedConcurrentExecutions"));
  }
  if (p.primary.all("lambda/function").empty()) {
    r.pass({"", p.config.primary.region}, "the application has no function");
    return;
  }
  if (!r.seen(p.recovery)) return;
  judge_quota(p,
              {"lambda/L-B99A9384", "concurrent executions", reserved + 100,
               fmt::format("{:g} reserved in the primary, and the 100 that stay unreserved", reserved)},
              r);
}

}  // namespace relight::dr
