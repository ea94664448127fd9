#include "aws/client/wait.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aws/client/jmespath.h"
#include "aws/codec/codec.h"

namespace relight::aws {
namespace {

using nlohmann::json;

bool status_fits(const json& expected, const Result<>& answer) {
  if (!expected.is_number()) return false;
  int want = expected.get<int>();
  return answer ? want >= 200 && want < 300 : want == answer.error().http_status;
}

bool error_fits(const json& expected, const Result<>& answer) {
  if (expected.is_boolean()) return expected.get<bool>() == !answer.has_value();
  return !answer && expected.is_string() && answer.error().code == expected.get<std::string>();
}

bool path_fits(const Acceptor& a, const json& expected, const json& output) {
  auto found = jmespath(a.argument, output);
  if (!found) return false;
  if (a.matcher == "path") return *found == expected;
  if (!found->is_array() || found->empty()) return false;
  for (auto& e : *found)
    if ((e == expected) == (a.matcher == "pathAny")) return a.matcher == "pathAny";
  return a.matcher == "pathAll";
}

}  // namespace

std::string_view judge(const Waiter& w, const Result<>& answer, std::string_view output_json) {
  json output = answer ? json::parse(output_json, nullptr, false) : json();
  for (auto& a : w.acceptors) {
    json expected = json::parse(a.expected, nullptr, false);
    bool fits = a.matcher == "status"  ? status_fits(expected, answer)
                : a.matcher == "error" ? error_fits(expected, answer)
                                       : answer && path_fits(a, expected, output);
    if (fits) return a.state;
  }
  return {};
}

Result<> wait(Caller& caller, Clock& clock, const ServiceModel& s, std::string_view name, const void* in,
              const WaitOptions& o) {
  const Waiter* w = nullptr;
  for (auto& each : s.waiters)
    if (each.name == name) w = &each;
  const Operation* op = w ? s.find(w->operation) : nullptr;
  if (!op) return fail("Wait.Unknown", fmt::format("{} has no waiter '{}'", s.id, name));
  std::chrono::milliseconds delay = o.delay.value_or(std::chrono::seconds(w->delay_s));
  auto until = clock.monotonic() + o.longest.value_or(std::chrono::seconds(w->delay_s) * w->max_attempts);
  for (int asked = 1;; ++asked) {
    auto out = op->make_output();
    auto answer = caller.invoke(s, *op, in, out.get(), o.call);
    if (o.progress) o.progress(asked);
    std::string text = answer ? codec::to_json(*op->output, out.get()) : std::string();
    std::string_view verdict = judge(*w, answer, text);
    if (verdict == "success") return {};
    if (verdict.empty() && !answer) return answer;
    Error e;
    e.tried = fmt::format("{}: wait for {}", s.id, name);
    if (verdict == "failure") {
      if (!answer) e = answer.error();
      e.code = "Wait.Failed";
      e.message =
          fmt::format("{} cannot come true any more: {}", name, answer ? text.substr(0, 500) : e.message);
      return fail(std::move(e));
    }
    if (clock.monotonic() + delay > until) {
      e.code = "Wait.Deadline";
      e.message = fmt::format("{} did not come true in time, asked {} times", name, asked);
      e.retryable = true;
      return fail(std::move(e));
    }
    clock.sleep(delay);
  }
}

}  // namespace relight::aws
