// Asynchronous invocation: accepted, run, tried again ("How Lambda handles errors and retries with
// asynchronous invocation"): two more times after one and two minutes when the function fails, for up to six
// hours when it is throttled, not at all when its reserved concurrency is 0. Events live in memory only;
// destinations and dead-letter queues are not built: what is dropped is an event of the sandbox.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/lambda/on_behalf.h"
#include "sandbox/services/lambda/permission.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;

namespace {

constexpr int kTries = 3;
constexpr auto kOldest = std::chrono::hours(6);

}  // namespace

Result<> LambdaService::may_invoke(Region r, const Named& n, const std::string& caller) {
  if (!caller.starts_with(kOnBehalf)) return {};
  std::string rest = caller.substr(kOnBehalf.size());
  size_t space = rest.find(' ');
  std::string service = rest.substr(0, space),
              source = space == std::string::npos ? "" : rest.substr(space + 1);
  auto* policy = policies_.find(r, n.key());
  if (policy && allows(policy->Policy.value_or(""), service, source, world_.account())) return {};
  return aws_error("AccessDeniedException",
                   fmt::format("{} is not authorized to perform: lambda:InvokeFunction on resource: {}",
                               service, arn(r, n.name, n.qualifier)),
                   403);
}

void LambdaService::deliver(Event e) {
  auto t = target(e.region, e.to);
  if (!t) return drop(e, t.error().message);
  auto* reserved = reserved_.find(e.region, e.to.name);
  if (reserved && reserved->ReservedConcurrentExecutions == 0)
    return drop(e, "the function's reserved concurrency is 0");
  auto started = begin(e.region, *t, e.request, [this, e](function::Outcome out) {
    world_.after(Millis{0}, [this, e, out] { delivered(e, out); });
  });
  if (started) return;
  Event next = e;
  // From one second to five minutes.
  auto wait = std::min<Millis>(std::chrono::minutes(5), Millis{1000} * (1 << std::min(next.throttles++, 9)));
  again(next, world_.poll_interval(wait));  // never at once: it would only be throttled again
}

void LambdaService::delivered(Event e, const function::Outcome& out) {
  if (out.lost || out.error.empty()) return;
  if (++e.failures >= kTries) return drop(e, fmt::format("the function failed {} times", kTries));
  again(e, world_.pace(std::chrono::minutes(e.failures)));
}

void LambdaService::again(Event e, Millis after) {
  if (world_.clock.now() - e.accepted > kOldest) return drop(e, "it is older than six hours");
  world_.after(after, [this, e] {
    if (world_.links().up(e.region)) deliver(e);
  });
}

void LambdaService::drop(const Event& e, const std::string& why) {
  world_.event(e.region, "lambda", e.to.name, "event dropped: " + why);
}

}  // namespace relight::sandbox
