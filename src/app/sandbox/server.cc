#include "app/sandbox/server.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>

#include "app/sandbox/sandbox.h"
#include "sandbox/gateway/control.h"

namespace relight::app {

int serve_sandbox(const sandbox::Settings& settings, const std::string& iam, const std::function<void(const Result<std::string>&)>& started) {
  // Before any thread starts, so that all inherit it: the main thread alone takes these, with sigwait.
  sigset_t ends;
  sigemptyset(&ends);
  for (int s : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, s);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }

  auto box = Sandbox::open(settings, iam);
  if (!box) {
    started(std::unexpected(box.error()));
    return 1;
  }
  auto control = sandbox::Control::open(settings.dir + "/control.sock", [&](const std::string& line) { return (*box)->answer(line); });
  if (!control) {
    started(std::unexpected(control.error()));
    return 1;
  }
  started((*box)->greeting());
  int sig = 0;
  sigwait(&ends, &sig);
  // The ordinary end takes a moment, for databases end orderly. Who asks a second time wants no such moment: it ends this
  // process at once, and its namespace with it. What was answered is kept by then (see Gateway::keep).
  for (int s : {SIGINT, SIGTERM, SIGHUP}) ::signal(s, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);
  control->reset();
  box->reset();
  return 0;
}

}  // namespace relight::app
