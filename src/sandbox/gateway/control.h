// The socket behind the verbs of relight-sandbox: one JSON object a line in, one out. Reachable only through the
// sandbox's own directory (a Unix socket, mode 0600).
#pragma once
#include <functional>
#include <string>
#include <thread>

#include "base/result.h"

namespace relight::sandbox {

class Control {
 public:
  // answer: takes the request line, returns the reply line. Called on the control thread, one at a time.
  static Result<std::unique_ptr<Control>> open(const std::string& path, std::function<std::string(const std::string&)> answer);
  ~Control();

 private:
  Control(int fd, std::string path, std::function<std::string(const std::string&)> answer);
  void loop();
  int fd_;
  int wake_[2];
  std::string path_;
  std::function<std::string(const std::string&)> answer_;
  std::thread thread_;
};

// The client's side. Error "Sandbox.NotRunning" if nobody listens there.
Result<std::string> ask_control(const std::string& path, const std::string& line);

}  // namespace relight::sandbox
