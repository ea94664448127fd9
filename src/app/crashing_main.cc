// relight-crashing WHEN …: relight, killed by SIGKILL
//   N          right after its N-th journal event;
//   pauseN     stopped by SIGSTOP instead, so that a test can look at a living holder;
//   calls=FILE right after the first call that changes something at AWS and whose name is not in FILE; it is then.
// For tests only; not installed.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>

#include "app/cli.h"

namespace {

bool only_looks(std::string_view call) {
  auto operation = call.substr(call.find(':') + 1);
  for (auto* verb : {"Describe", "Get", "List", "Head", "Batch", "AssumeRole", "Validate", "Detect"})
    if (operation.starts_with(verb)) return true;
  return false;
}

bool first_time(const std::string& file, const std::string& call) {
  static std::mutex guard;
  std::lock_guard g(guard);
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line == call) return false;
  std::ofstream(file, std::ios::app) << call << std::endl;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: relight-crashing [pause]N|calls=FILE VERB...\n", stderr);
    return 2;
  }
  std::string when = argv[1];
  argv[1] = argv[0];
  relight::app::Hooks hooks;
  bool pause = when.starts_with("pause");
  long left = std::strtol(when.c_str() + (pause ? 5 : 0), nullptr, 10);
  if (when.starts_with("calls=")) {
    hooks.call = [file = when.substr(6)](const std::string& call) {
      if (!only_looks(call) && first_time(file, call)) std::raise(SIGKILL);
    };
  } else {
    hooks.event = [&left, pause](const relight::dr::Event&) {
      if (--left == 0) std::raise(pause ? SIGSTOP : SIGKILL);
    };
  }
  return relight::app::run_cli(argc - 1, argv + 1, hooks);
}
