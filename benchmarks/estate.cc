// An application of 1,000 ECS services and some 10,000 resources, captured from an AWS that answers out of
// the air and throttles as AWS publishes it, then planned, rendered and checked: what that takes in time, CPU
// and memory. `./bench estate` records it. In one process and without sockets (the calls' own cost is
// `api`'s), but on the machine's own clock and through all of the client: encoded, signed, refused, asked
// again, decoded.
#include <fmt/format.h>
#include <sys/resource.h>

#include <ctime>
#include <map>
#include <mutex>

#include "aws/client/aws_caller.h"
#include "aws/client/credentials.h"
#include "aws/client/published_rates.h"
#include "aws/gen/models.h"
#include "aws/sign/sigv4.h"
#include "dr/capture/walk.h"
#include "dr/planning/pilot.h"
#include "dr/readiness/check.h"
#include "dr/view/iac.h"
#include "imagined_aws.h"

namespace relight {
namespace {

double cpu_s() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return double(t.tv_sec) + double(t.tv_nsec) / 1e9;
}

double peak_mib() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return double(u.ru_maxrss) / 1024;
}

void told(const char* name, double value, const char* unit) {
  fmt::print("{}\t{:.2f}\t{}\n", name, value, unit);
}

// Which calls were answered and how many refused, as the client saw it.
class CallCount {
 public:
  void add(const aws::CallRecord& c) {
    std::lock_guard g(mutex_);
    auto* rate = aws::published_rate(c.service, c.operation);
    calls_ += c.attempts - c.throttled;
    refused_ += c.throttled;
    if (!rate) return;
    auto& b = buckets_[c.service + " " + aws::bucket_of(rate, c.operation)];
    b.first = rate;
    b.second += c.attempts - c.throttled;
  }
  int calls() const { return calls_; }
  int refused() const { return refused_; }
  // The least time in which AWS's rates let these calls through, in seconds, and whose bucket sets it.
  std::pair<double, std::string> bound() const {
    std::pair<double, std::string> most{0, ""};
    for (auto& [name, b] : buckets_)
      most = std::max(most, {(b.second - b.first->burst) / b.first->per_second, name});
    return most;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::pair<const aws::PublishedRate*, double>> buckets_;
  int calls_ = 0, refused_ = 0;
};

dr::Inventory captured(Imagined& aws, const std::string& region, CallCount& count) {
  auto all = aws::models();
  dr::Roots roots;
  for (int n = 0; n < kServices; ++n) roots.must.push_back({"ecs/service", aws.service(n)});
  aws::FixedCredentials keys(sign::Credentials{"AKIAEXAMPLE", "not a secret", ""});
  aws::CallerSettings settings;
  settings.region = region;
  settings.endpoints.all = "http://127.0.0.1:1";  // where nobody is: paths name the buckets then
  settings.adaptive = true;
  settings.observer = [&](const aws::CallRecord& c) { count.add(c); };
  aws::AwsCaller caller(settings, aws, keys, system_clock(), system_rng());
  auto seen = dr::walk({caller, all, region}, roots);
  if (!seen) {
    fmt::print(stderr, "{}\n", seen.error().text());
    std::exit(1);
  }
  std::map<std::string, size_t> unknown;  // the imagined AWS does not answer what it was asked for
  for (auto& r : seen->resources)
    for (auto& u : r.unknown) ++unknown[fmt::format("{} {}: {}", r.key.kind, u.part, u.why.substr(0, 120))];
  for (auto& [what, times] : unknown) fmt::print(stderr, "unknown {} times: {}\n", times, what);
  if (!unknown.empty()) std::exit(1);
  seen->application = "large";
  return std::move(*seen);
}

// The primary's capture, with AWS's rates in its way or, to look at all else, without.
dr::Inventory capture(bool throttled) {
  Imagined aws("us-east-1", "p", throttled);
  CallCount count;
  auto cpu = cpu_s();
  auto begin = system_clock().monotonic();
  auto primary = captured(aws, "us-east-1", count);
  double took = std::chrono::duration<double>(system_clock().monotonic() - begin).count();
  auto [bound, bucket] = count.bound();
  told("resources", double(primary.resources.size()), "");
  told("calls", count.calls(), "");
  told("throttled answers", count.refused(), "");
  told("capture", took, "s");
  told(fmt::format("bound by {}", bucket).c_str(), bound, "s");
  told("capture, of its bound", took / bound, "x");
  told("capture, CPU (the imagined AWS's too)", cpu_s() - cpu, "s");
  told("capture, peak memory (the imagined AWS's too)", peak_mib(), "MiB");
  return primary;
}

// As the verb does after it has read the files: plan, then render all that it writes.
bool synthesised(const dr::Inventory& primary) {
  auto begin = cpu_s();
  auto pilot =
      dr::plan_pilot(primary, {.region = "us-west-2", .stack = "large-pilot", .accept_unknown = true});
  if (!pilot) {
    fmt::print(stderr, "synth: {}\n", pilot.error().text());
    return false;
  }
  told("synth's planning, CPU", cpu_s() - begin, "s");
  size_t bytes = dr::view::cloudformation(*pilot).size() + dr::view::terraform(*pilot).size() +
                 dr::view::readme(*pilot).size();
  told("synth, CPU", cpu_s() - begin, "s");
  told("synth, rendered", double(bytes) / 1e6, "MB");
  return true;
}

dr::Picture picture_of(dr::Inventory primary, dr::Inventory recovery) {
  dr::Picture p;
  p.config.application = "large";
  p.config.primary = {"us-east-1", "", {}};
  p.config.recovery = {"us-west-2", "", {}};
  p.config.tasks = 2;
  p.config.dns.domain = "www.lamp.example";
  p.primary = dr::Estate(std::move(primary));
  p.recovery = dr::Estate(std::move(recovery));
  return p;
}

// Each check's own CPU, of those that take any to speak of.
void check_all(const dr::Picture& p) {
  auto selected = *dr::select_checks("");
  auto begin = cpu_s();
  auto findings = dr::run_checks(p, selected);
  told("check, CPU", cpu_s() - begin, "s");
  told("findings", double(findings.size()), "");
  for (auto* c : selected) {
    auto from = cpu_s();
    dr::run_checks(p, std::span(&c, 1));
    if (auto took = cpu_s() - from; took > 0.1)
      told(fmt::format("check {} {}, CPU", c->number, c->name).c_str(), took, "s");
  }
}

}  // namespace
}  // namespace relight

// bench_estate [unthrottled]
int main(int argc, char**) {
  using namespace relight;
  auto primary = capture(argc == 1);
  bool rendered = synthesised(primary);
  Imagined d("us-west-2", "d", false);
  CallCount count;
  auto recovery = captured(d, "us-west-2", count);
  auto begin = cpu_s();
  auto picture = picture_of(std::move(primary), std::move(recovery));
  told("both regions parsed, CPU", cpu_s() - begin, "s");
  check_all(picture);
  told("all of it, peak memory", peak_mib(), "MiB");
  return rendered ? 0 : 1;
}
