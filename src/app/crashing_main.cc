// relight-crashing N …: relight, killed by SIGKILL right after its N-th journal event. For tests only; not
// installed.
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "app/cli.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: relight-crashing N VERB...\n", stderr);
    return 2;
  }
  long left = std::strtol(argv[1], nullptr, 10);
  argv[1] = argv[0];
  relight::app::Hooks hooks;
  hooks.event = [&left](const relight::dr::Event&) {
    if (--left == 0) std::raise(SIGKILL);
  };
  return relight::app::run_cli(argc - 1, argv + 1, hooks);
}
