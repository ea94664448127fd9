// What the Lambda service needs from whatever runs functions. Implementations are thread-safe; only unpack
// blocks.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace relight::sandbox::function {

// One version of a function in one state of its configuration.
struct Spec {
  std::string key;  // "REGION/NAME/…": environments of one key are interchangeable
  std::string region, name, version, arn;
  std::string runtime, handler, role_arn;
  std::string code_dir;                     // what /var/task shows, read-only
  std::map<std::string, std::string> env;   // the function's variables, credentials, endpoints
  std::string dns;                          // nameserver for resolv.conf, port 53; empty: none
  int memory_mib = 128, scratch_mib = 512;  // of /tmp
  Millis timeout{3000};
};

struct Request {
  std::string id, payload, trace;
  std::string client_context{};  // JSON, as the function gets it
};

struct Outcome {
  std::string payload;  // the function's answer, or the JSON of its error
  std::string error;    // "": it answered; "Unhandled": it failed, timed out or died
  std::string log;      // START … REPORT, at most the newest 256 KiB
  std::string stream;   // the environment's log stream: "2026/11/29/[$LATEST]0123…"
  bool lost = false;    // the region, or the sandbox, went before it had ended; nothing else is set
};

class FunctionPlane {
 public:
  // From a thread of the plane's own, or from the caller's before invoke returns; once. Must not block.
  using Done = std::function<void(Outcome)>;

  virtual ~FunctionPlane() = default;
  virtual std::string kind() const = 0;  // "processes", "simulated", "none (…)"
  // "": environments of this runtime can be had here; otherwise why not, as a sentence.
  virtual std::string refuses(const std::string& runtime) const = 0;
  // Unpacks a deployment package into a directory that does not exist yet; blocks. Error "Function.BadZip":
  // nothing is left of it.
  virtual Result<> unpack(const std::string& zip_path, const std::string& dir) = 0;
  virtual void invoke(Spec spec, Request request, Done done) = 0;
  // Environments whose key starts so take no further request and end when they are free.
  virtual void retire(const std::string& key_prefix) = 0;
  virtual void lose(const std::string& region) = 0;  // SIGKILL, at once; later requests are lost too
  virtual void restore(const std::string& region) = 0;
  // Ends everything for good; what was under way is lost. Returns when nothing runs any more.
  virtual void shut() = 0;
  // A URL from which the file can be fetched for ten minutes.
  virtual std::string publish(const std::string& path) = 0;
};

}  // namespace relight::sandbox::function
