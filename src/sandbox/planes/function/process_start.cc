// An environment's beginning and end.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "base/bytes.h"
#include "base/disk.h"
#include "sandbox/planes/container/cgroups.h"
#include "sandbox/planes/function/bootstraps.h"
#include "sandbox/planes/function/process_plane.h"

namespace relight::sandbox::function {

namespace fs = std::filesystem;

// Processes of a killed sandbox have died with it (PR_SET_PDEATHSIG); their groups and directories have not.
Result<> ProcessPlane::sweep() {
  container::clear_cgroups(group_);
  std::error_code ignored;
  fs::remove_all(dir_ + "/environments", ignored);
  auto& disk = system_disk();
  TRY(disk.make_dir(dir_ + "/environments"));
  TRY(disk.make_dir(dir_ + "/logs"));
  TRY(disk.write(dir_ + "/runtime/bootstrap.py", kPythonBootstrap, 0644));
  TRY(disk.write(dir_ + "/runtime/bootstrap.mjs", kNodeBootstrap, 0644));
  ::chmod((dir_ + "/runtime").c_str(), 0755);
  for (const char* f : {"/runtime/bootstrap.py", "/runtime/bootstrap.mjs"}) ::chmod((dir_ + f).c_str(), 0644);
  return {};
}

void ProcessPlane::start_for(const Job& job) {
  Environment e;
  e.id = rng_.hex(16);
  e.spec = job.spec;
  std::string day = iso8601(clock_.now()).substr(0, 10);
  for (char& c : day)
    if (c == '-') c = '/';
  e.stream = day + "/[" + job.spec.version + "]" + rng_.hex(32);
  e.place = {.dir = dir_ + "/environments/" + e.id,
             .runtime_dir = dir_ + "/runtime",
             .api = "",
             .stream = e.stream,
             .memory_procs = make_memory_group(group_, e.id, int64_t{job.spec.memory_mib} << 20)};
  e.born = e.since = clock_.monotonic();
  e.deadline = e.born + limits_.init;
  auto it = environments_.emplace(e.id, std::move(e)).first;
  if (auto ok = launch(it->second); !ok) {
    fail_waiting(it->second, error_payload("Runtime.StartError", ok.error().text()));
    end_environment(it);
  }
}

Result<> ProcessPlane::launch(Environment& e) {
  TRY(swept_);
  if (auto why = refuses(e.spec.runtime); !why.empty()) return fail("Function.NoRuntime", why);
  std::error_code ec;
  if (family_of(e.spec.runtime) == "provided" && !fs::exists(e.spec.code_dir + "/bootstrap", ec)) {
    Error missing;  // "Custom runtimes", AWS Lambda Developer Guide
    missing.code = "Runtime.InvalidEntrypoint";
    missing.message = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
    return fail(std::move(missing));
  }
  TRY(prepare_place(e.spec, e.place));
  TRY_ASSIGN(auto listener,
             server_.add_listener("127.0.0.1", 0, [this, id = e.id](http::Request&& r, http::Reply reply) {
               serve(id, std::move(r), std::move(reply));
             }));
  e.listener = listener.id;
  e.place.api = "127.0.0.1:" + std::to_string(listener.port);
  TRY_ASSIGN(e.process, Process::start(command_of(e.spec, e.place)));
  e.fd = static_cast<int>(::syscall(SYS_pidfd_open, e.process.pid(), 0));
  return {};
}

ProcessPlane::Environments::iterator ProcessPlane::end_environment(Environments::iterator it) {
  Environment& e = it->second;
  if (e.listener) server_.close_listener(e.listener);
  if (e.process.pid() > 0) e.process.kill();  // bwrap's child dies with it, and its PID namespace with that
  if (e.fd >= 0) ::close(e.fd);
  if (!e.place.memory_procs.empty()) container::clear_cgroups(group_, e.id);
  std::error_code ignored;
  fs::remove_all(e.place.dir, ignored);
  return environments_.erase(it);
}

std::string ProcessPlane::publish(const std::string& path) {
  std::lock_guard g(m_);
  auto now = clock_.monotonic();
  std::erase_if(published_, [&](auto& p) { return p.second.until < now; });
  if (code_url_.empty()) {
    auto l = server_.add_listener(
        "127.0.0.1", 0, [this](http::Request&& r, http::Reply reply) { serve_code(r, std::move(reply)); });
    if (!l) return "";
    code_url_ = "http://127.0.0.1:" + std::to_string(l->port) + "/";
  }
  std::string token = rng_.hex(32);
  published_[token] = {path, now + std::chrono::minutes(10)};
  return code_url_ + token;
}

}  // namespace relight::sandbox::function
