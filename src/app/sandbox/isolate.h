// The sandbox lives in a PID and a mount namespace of its own. Whatever ends it, kill -9 included, the kernel then
// ends every process in it and drops every mount: nothing can be left over but control groups, which the next `up`
// sweeps (planes/container).
//
//   outer (what the shell sees)  ->  init, PID 1 in the namespace (reaps)  ->  server
#pragma once
#include <functional>
#include <string>

#include "base/result.h"

namespace relight::app {

// Runs `server` inside; returns its exit code, in the outer process. SIGINT, SIGTERM and SIGHUP are passed on to the
// server. ready_fd (>= 0) stays open in the server only: its closing tells a waiting parent how start-up went.
Result<int> run_isolated(const std::function<int()>& server);

// An exclusive lock file that carries our pid: taken by one process, freed by the kernel when it ends.
// Error "Sandbox.Running" names the holder.
Result<int> take_lock(const std::string& path);

// The first free block of loopback addresses (0..30), held by a lock under /run/lock; -1 in `wanted` means any.
Result<int> take_slot(int wanted, int& slot);

}  // namespace relight::app
