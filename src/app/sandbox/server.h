// A running sandbox: the world, its planes and services, the HTTP endpoint, the DNS server and the control socket.
// This is where they are wired together; nothing here decides anything.
#pragma once
#include <functional>

#include "base/result.h"
#include "sandbox/world/world.h"

namespace relight::app {

// Runs until SIGINT, SIGTERM or the verb `down`; returns the exit code. A second signal ends the process at once.
// `started` is called once, with the lines to print when it serves, or with why it cannot. iam: see Sandbox::open.
int serve_sandbox(const sandbox::Settings& settings, const std::string& iam, const std::function<void(const Result<std::string>&)>& started);

}  // namespace relight::app
