// Starting and ending child processes. A child never outlives its parent: PR_SET_PDEATHSIG is SIGKILL.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace relight {

struct Spawn {
  std::vector<std::string> argv;             // argv[0] is an absolute path
  std::map<std::string, std::string> env;    // the whole environment; nothing is inherited
  std::string cwd = "/";
  std::string output;                        // file that takes stdout and stderr (appended); empty: /dev/null
  int uid = -1, gid = -1;                    // -1: stay who we are; otherwise groups are cleared too
};

struct Exit {
  int code = -1;    // exit code, or 128 + signal
  std::string output;  // what run() captured, stdout and stderr together, at most 1 MiB
};

// A running child. Movable; the destructor SIGKILLs and reaps a child that still runs.
// PDEATHSIG follows the *thread* that forked, so start() hands the fork to one thread that lives as long as
// the program does.
class Process {
 public:
  static Result<Process> start(const Spawn& how);
  // Runs to completion, capturing output. SIGKILL at the deadline (Error "Process.Deadline") and soon after a
  // request to stop (Error "Process.Abandoned"), to what it started as well.
  static Result<Exit> run(const Spawn& how, std::chrono::milliseconds deadline, std::stop_token stop = {});

  Process() = default;
  Process(Process&& o) noexcept;
  Process& operator=(Process&& o) noexcept;
  ~Process();
  pid_t pid() const { return pid_; }
  bool running();                            // reaps if it has ended
  std::optional<int> exit_code();            // set once it has ended
  void signal(int sig);
  // Waits up to the deadline; true if it has ended.
  bool wait(std::chrono::milliseconds deadline);
  // SIGTERM, then SIGKILL at the deadline; reaps.
  void stop(std::chrono::milliseconds grace);
  void kill();                               // SIGKILL, reaps

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_;
};

}  // namespace relight
