// relight-crashing N …: relight, killed by SIGKILL right after its N-th journal event; with pauseN stopped by
// SIGSTOP instead, so that a test can look at a living holder. For tests only; not installed.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "app/cli.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: relight-crashing [pause]N VERB...\n", stderr);
    return 2;
  }
  bool pause = std::string_view(argv[1]).starts_with("pause");
  long left = std::strtol(argv[1] + (pause ? 5 : 0), nullptr, 10);
  argv[1] = argv[0];
  relight::app::Hooks hooks;
  hooks.event = [&left, pause](const relight::dr::Event&) {
    if (--left == 0) std::raise(pause ? SIGSTOP : SIGKILL);
  };
  return relight::app::run_cli(argc - 1, argv + 1, hooks);
}
