// Steps of one's own (relight.yaml, `steps`): a command, a person's approval, an address that must answer. A
// function is in invoke.cc.
#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "base/disk.h"
#include "base/process.h"
#include "dr/model/duration.h"
#include "dr/steps/failover.h"

extern char** environ;

namespace relight::dr {
namespace {
namespace fs = std::filesystem;

Error not_in_time(const CustomStep& s, const std::string& what) {
  return {.code = "Step.Deadline",
          .message = fmt::format("{} within {}", what, duration_text(s.deadline)),
          .tried = s.name,
          .next = "mend it, or give it a longer deadline in relight.yaml, then relight resume"};
}

// The operator's own environment, for it is the operator's own command, and what it needs to know of the run.
std::map<std::string, std::string> environment(const Config& c, const Context& run) {
  std::map<std::string, std::string> env;
  for (char** e = environ; *e; ++e) {
    std::string_view one(*e);
    if (auto eq = one.find('='); eq != one.npos)
      env.emplace(std::string(one.substr(0, eq)), std::string(one.substr(eq + 1)));
  }
  env["RELIGHT_APPLICATION"] = c.application;
  env["RELIGHT_PRIMARY"] = c.primary.region;
  env["RELIGHT_RECOVERY"] = c.recovery.region;
  env["RELIGHT_RUN"] = run.run();
  env["RELIGHT_EPOCH"] = std::to_string(run.epoch());
  return env;
}

// What it prints may hold secrets: it goes into a file that only its owner reads, never into the journal.
class Command final : public Step {
 public:
  Command(Site& site, CustomStep s) : s_(site), spec_(std::move(s)) {}

  Outcome advance(Context& c) override {
    if (!child_) {
      if (auto begun = begin(c); !begun) return Failed{begun.error(), {"relight resume"}};
      return Waiting{"the command to end"};
    }
    if (child_->running()) {
      if (s_.clock.monotonic() - since_ < spec_.deadline) return Waiting{"the command to end"};
      child_->stop(Millis(2000));
      return failed(c, not_in_time(spec_, "the command did not end"), "stopped at its deadline");
    }
    int code = child_->exit_code().value_or(-1);
    if (code == 0) {
      if (auto r = c.effect("command", spec_.name, "ok"); !r) return Failed{r.error(), {"relight resume"}};
      return Done{{{"exit_code", "0"}, {"output", output_}}};
    }
    return failed(
        c,
        {.code = "Step.Command",
         .message = fmt::format("the command ended with exit code {}; what it said is in {}", code, output_),
         .tried = spec_.name,
         .next = "mend it, then relight resume: it is run again"},
        fmt::format("exit code {}", code));
  }

 private:
  Result<> begin(Context& c) {
    auto dir = fs::path(s_.config.dir) / "var/relight/steps";
    TRY(system_disk().make_dir(dir));
    output_ = (dir / fmt::format("{}-{}.log", c.run(), spec_.name)).string();
    TRY(system_disk().write(output_, "", 0600));
    auto argv = spec_.command;
    TRY_ASSIGN(argv[0], found(argv[0]));
    TRY(c.intend("command", spec_.name));
    TRY_ASSIGN(auto started,
               Process::start({.argv = std::move(argv),
                               .env = environment(s_.config, c),
                               .cwd = fs::absolute(s_.config.dir.empty() ? "." : s_.config.dir).string(),
                               .output = fs::absolute(output_).string(),
                               .uid = -1,
                               .gid = -1}));
    child_ = std::move(started);
    since_ = s_.clock.monotonic();
    return {};
  }

  // As a shell finds it; one with a '/' is relative to relight.yaml.
  Result<std::string> found(const std::string& program) {
    if (program.contains('/')) {
      auto at = fs::absolute(fs::path(s_.config.dir.empty() ? "." : s_.config.dir) / program);
      if (fs::exists(at)) return at.string();
    } else {
      std::string path = std::getenv("PATH") ? std::getenv("PATH") : "/usr/bin:/bin";
      for (size_t from = 0; from <= path.size();) {
        size_t to = std::min(path.find(':', from), path.size());
        auto at = fs::path(path.substr(from, to - from)) / program;
        if (fs::exists(at)) return fs::absolute(at).string();
        from = to + 1;
      }
    }
    return fail(Error{
        .code = "Step.NoProgram",
        .message = "there is no program '" + program + "'",
        .tried = spec_.name,
        .next = "name one that exists (relative to relight.yaml, or on the PATH), then relight resume"});
  }

  Outcome failed(Context& c, Error e, const std::string& outcome) {
    static_cast<void>(c.effect("command", spec_.name, outcome));
    return Failed{std::move(e), {"relight resume"}};
  }

  Site& s_;
  CustomStep spec_;
  std::optional<Process> child_;
  std::chrono::nanoseconds since_{};
  std::string output_;
};

class Approval final : public Step {
 public:
  Approval(Site& site, CustomStep s) : s_(site), spec_(std::move(s)) {}

  Outcome advance(Context& c) override {
    auto word = s_.store.kept(approval_name(c.run(), spec_.name));
    if (!word) return Waiting{"the journal to answer: " + word.error().code};
    if (*word) return Done{{{"approved_by", **word}}};
    if (c.elapsed() >= spec_.deadline)
      return Failed{not_in_time(spec_, "nobody approved"), {"relight resume"}};
    return Waiting{fmt::format("\"{}\": relight approve {} {}", spec_.approval, c.run(), spec_.name)};
  }

 private:
  Site& s_;
  CustomStep spec_;
};

class Answering final : public Step {
 public:
  Answering(Site& site, CustomStep s) : s_(site), spec_(std::move(s)) {}

  Outcome advance(Context& c) override {
    auto answer = ask();
    auto seen = answer ? std::to_string(answer->status) : answer.error().code;
    if (answer && answer->status == spec_.status) return Done{{{"status", seen}}};
    if (c.elapsed() >= spec_.deadline)
      return Failed{
          not_in_time(spec_, fmt::format("{} did not answer {} (last: {})", spec_.url, spec_.status, seen)),
          {"relight resume"}};
    return Waiting{fmt::format("{} to answer {} ({})", spec_.url, spec_.status, seen)};
  }

 private:
  // Through the run's own resolver: on the day the system's may still know the old addresses.
  Result<http::Response> ask() {
    http::Request r;
    r.scheme = spec_.url.substr(0, spec_.url.find(':'));
    std::string rest = spec_.url.substr(r.scheme.size() + 3);
    std::string authority = rest.substr(0, rest.find_first_of("/?"));
    std::string target = rest.substr(authority.size());
    auto query = target.find('?');
    r.path = target.empty() || target.front() == '?' ? "/" : target.substr(0, query);
    if (query != target.npos) r.query = target.substr(query + 1);
    auto colon = authority.find(':');
    TRY_ASSIGN(auto addresses, s_.resolver.addresses(authority.substr(0, colon)));
    auto port = colon == authority.npos ? std::string() : authority.substr(colon);
    r.host = r.scheme == "https" ? authority : addresses.front() + port;  // TLS needs the name
    r.headers.set("Host", authority);
    return s_.http.send(r, Millis(5000));
  }

  Site& s_;
  CustomStep spec_;
};

}  // namespace

std::string approval_name(const std::string& run, const std::string& step) {
  return "approval." + run + "." + step;
}

std::unique_ptr<Step> make_custom(Site& site, const CustomStep& step) {
  if (!step.command.empty()) return std::make_unique<Command>(site, step);
  if (!step.approval.empty()) return std::make_unique<Approval>(site, step);
  if (!step.function.empty()) return make_invocation(site, step);
  return std::make_unique<Answering>(site, step);
}

}  // namespace relight::dr
