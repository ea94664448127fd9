// What each verb of relight-sandbox does. Exit codes: 0 done, 1 failed (the reason is on stderr), 2 usage.
#pragma once
#include <string>
#include <vector>

namespace relight::app {

struct SandboxVerbs {
  std::string dir = "var/sandbox";
  std::vector<std::string> regions{"us-east-1", "us-west-2"};
  std::string listen = "127.0.0.1:4566";
  std::string latency = "instant";
  std::string iam;  // "enforce", "off"; empty: as it was
  int slot = -1;
  int wan_ms = 35;
  bool detach = false, json = false;
  std::string a, b, c;
  double rate = -1;  // not said
  std::vector<std::string> command;  // of `shell`; empty: the user's own shell

  int run(const std::string& verb);

 private:
  int up();
  int down();
  int env();
  int events();
  int shell();  // shell.cc
  int ask(const std::string& verb);
};

}  // namespace relight::app
