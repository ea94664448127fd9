#include "app/sandbox/verbs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/sandbox/isolate.h"
#include "app/sandbox/port.h"
#include "app/sandbox/server.h"
#include "base/clock.h"
#include "base/disk.h"
#include "sandbox/gateway/control.h"

namespace relight::app {
namespace {

int complain(const Error& e) {
  fmt::print(stderr, "relight-sandbox: {}\n", e.text());
  return 1;
}

// The regions of the partition "aws" (AWS General Reference, "AWS regions and endpoints").
constexpr std::string_view kRegions[] = {
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ca-central-1", "ca-west-1",
    "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1",
    "me-central-1", "me-south-1", "sa-east-1"};

// What is wrong with --regions; empty if nothing.
std::string bad_regions(const std::vector<std::string>& regions) {
  if (regions.empty() || regions.size() > 7) return fmt::format("it takes one to seven names, got {}", regions.size());
  for (size_t i = 0; i < regions.size(); ++i) {
    if (std::find(std::begin(kRegions), std::end(kRegions), regions[i]) == std::end(kRegions))
      return fmt::format("AWS has no region '{}'. Do: choose from {}", regions[i], fmt::join(kRegions, ", "));
    if (std::find(regions.begin(), regions.begin() + static_cast<long>(i), regions[i]) != regions.begin() + static_cast<long>(i))
      return fmt::format("'{}' is named twice", regions[i]);
  }
  return {};
}

// Made if absent; a directory that cannot be written is said before anything starts.
Result<> usable_dir(const std::string& dir) {
  auto made = system_disk().make_dir(dir);
  if (made && ::access(dir.c_str(), R_OK | W_OK | X_OK) == 0) return {};
  Error e = made ? fail("Sandbox.Dir", std::strerror(errno)).error() : made.error();
  e.tried = "use the sandbox's directory";
  e.resource = dir;
  e.next = "give a directory that can be made and written, with --dir";
  return fail(std::move(e));
}

// The slot that this directory had last, so that its addresses stay; if another has it now, the first free one.
Result<int> take_slot_again(const std::string& dir, int& slot) {
  std::string path = dir + "/slot", last = system_disk().read(path).value_or("");
  Result<int> held = fail("Sandbox.Slot", "none yet");
  if (!last.empty() && last.size() <= 2 && last.find_first_not_of("0123456789") == std::string::npos)
    held = take_slot(std::atoi(last.c_str()), slot);
  if (!held) held = take_slot(-1, slot);
  if (held) TRY(system_disk().write(path, std::to_string(slot)));
  return held;
}

// Detaches from the terminal; the parent waits for the word on `ready` and ends with it.
void detach_and_wait(int (&ready)[2], const std::string& log) {
  pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    ::close(ready[0]);
    int null = ::open("/dev/null", O_RDONLY), out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(null, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    return;
  }
  ::close(ready[1]);
  std::string said;
  char buf[4096];
  // Until the word's end: other processes hold the pipe open as long as they live.
  for (ssize_t n; !said.ends_with('\0') && (n = ::read(ready[0], buf, sizeof buf)) > 0;) said.append(buf, static_cast<size_t>(n));
  if (said.ends_with('\0')) said.pop_back();
  if (said.starts_with("ready ")) {
    fmt::print("{}", said.substr(6));
    ::exit(0);
  }
  fmt::print(stderr, "{}", said.empty() ? fmt::format("relight-sandbox: it ended before it was ready; see {}\n", log) : said);
  ::exit(1);
}

}  // namespace

int SandboxVerbs::run(const std::string& verb) {
  dir = std::filesystem::absolute(dir).lexically_normal();
  if (dir.ends_with('/')) dir.pop_back();
  if (verb == "up") return up();
  if (verb == "env") return env();
  if (verb == "events") return events();
  if (verb == "down") return down();
  if (verb == "shell") return shell();
  return ask(verb);
}

int SandboxVerbs::up() {
  if (::geteuid() != 0) {
    fmt::print(stderr, "relight-sandbox: it needs root: it starts containers, binds ports 53, 80 and 3306 of 127.x addresses, and keeps "
                       "its processes in namespaces of its own. Do: run it with sudo\n");
    return 1;
  }
  if (!loopback_address(listen)) {
    fmt::print(stderr, "relight-sandbox: --listen {}: it listens on loopback only. Do: give 127.x.y.z:PORT\n", listen);
    return 2;
  }
  if (auto wrong = bad_regions(regions); !wrong.empty()) {
    fmt::print(stderr, "relight-sandbox: --regions: {}\n", wrong);
    return 2;
  }
  if (auto r = usable_dir(dir); !r) return complain(r.error());
  int ready[2];
  if (::pipe2(ready, O_CLOEXEC) != 0) return complain(fail("Sandbox.Pipe", "no file descriptors left").error());
  if (detach) detach_and_wait(ready, dir + "/sandbox.log");
  auto say_failed = [&](const Error& e) {
    std::string text = fmt::format("relight-sandbox: {}\n", e.text());
    [[maybe_unused]] ssize_t n = detach ? ::write(ready[1], text.c_str(), text.size() + 1) : 0;
    return complain(e);
  };
  auto lock = take_lock(dir + "/lock");
  if (!lock) {
    Error e = lock.error();
    e.message = "a sandbox runs in this directory already: " + e.message;
    e.next = "end it with: relight-sandbox down --dir " + dir;
    return say_failed(e);
  }
  if (auto r = port_free(listen); !r) return say_failed(r.error());
  auto held = slot < 0 ? take_slot_again(dir, slot) : take_slot(slot, slot);
  if (!held) return say_failed(held.error());

  sandbox::Settings s;
  s.dir = dir;
  s.regions = regions;
  s.listen = listen;
  s.slot = slot;
  s.wan_one_way_ms = wan_ms;
  s.latency = latency == "aws" ? sandbox::Latency::kAws : latency == "scaled" ? sandbox::Latency::kScaled : sandbox::Latency::kInstant;
  auto code = run_isolated([&] {
    return serve_sandbox(s, iam, [&](const Result<std::string>& started) {
      if (!started) return static_cast<void>(say_failed(started.error()));
      if (!detach) {
        fmt::print("{}", *started);
        std::fflush(stdout);
      }
      std::string word = "ready " + *started;
      [[maybe_unused]] ssize_t n = ::write(ready[1], word.c_str(), word.size() + 1);
      ::close(ready[1]);
      ready[1] = -1;
    });
  });
  if (!code) return say_failed(code.error());
  return *code;
}

int SandboxVerbs::down() {
  auto said = sandbox::ask_control(dir + "/control.sock", R"({"verb":"down"})");
  if (!said) return complain(said.error());
  // The lock is free when the last process is gone.
  for (int i = 0; i < 600; ++i) {
    if (auto fd = take_lock(dir + "/lock")) {
      ::close(*fd);
      return 0;
    }
    system_clock().sleep(Millis{50});
  }
  return complain(fail("Sandbox.Stuck", "it has not ended within 30 s; see " + dir + "/sandbox.log").error());
}

int SandboxVerbs::env() {
  auto said = sandbox::ask_control(dir + "/control.sock", R"({"verb":"env"})");
  if (!said) return complain(said.error());
  auto j = nlohmann::json::parse(*said, nullptr, false);
  for (auto& [k, v] : j["env"].items()) fmt::print("export {}={}\n", k, v.get<std::string>());
  return 0;
}

int SandboxVerbs::events() {
  for (const char* name : {"/events.jsonl.1", "/events.jsonl"})
    if (auto text = system_disk().read(dir + name)) fmt::print("{}", *text);
  return 0;
}

int SandboxVerbs::ask(const std::string& verb) {
  nlohmann::json q{{"verb", verb}, {"a", a}, {"b", b}, {"c", c}, {"rate", rate}};
  if (verb == "image") q["a"] = std::filesystem::absolute(a).string();
  auto said = sandbox::ask_control(dir + "/control.sock", q.dump());
  if (!said) return complain(said.error());
  auto j = nlohmann::json::parse(*said, nullptr, false);
  if (j.is_discarded()) return complain(fail("Sandbox.Control", "the sandbox answered something that is not JSON").error());
  if (j.contains("error")) {
    fmt::print(stderr, "relight-sandbox: {}\n", j["error"].get<std::string>());
    return 1;
  }
  if (json) fmt::print("{}\n", j.dump(2));
  else fmt::print("{}", j.value("text", ""));
  return 0;
}

}  // namespace relight::app
