// One health probe over the network, and a poller that repeats probes on its own threads: what Route 53's
// checkers and a load balancer's nodes do. Nothing here knows the world's lock.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace relight::sandbox {

struct ProbeTarget {
  enum class Kind { kTcp, kHttp, kHttps };
  Kind kind = Kind::kHttp;
  std::string address;  // IPv4 or IPv6; the name is already resolved
  int port = 80;
  std::string path = "/";  // with its query
  std::string host;        // Host header and SNI; empty: the address
  std::string user_agent;
};

struct Observation {
  bool connected = false, timed_out = false;
  int status = 0;     // HTTP's; 0: none came
  std::string body;   // at most its first 5,120 bytes
  std::string error;  // why not, in words; empty if the exchange went well
};

using Prober = std::function<Observation(const ProbeTarget&, Millis timeout)>;

// A new connection each time, no redirects followed, certificates not verified (neither Route 53 nor an ALB
// does). Blocks at most `timeout`. Thread-safe.
Observation probe(const ProbeTarget& t, Millis timeout);

// Runs named jobs again and again, each `interval` after it began last. A job never runs beside itself.
class Repeater {
 public:
  virtual ~Repeater() = default;
  // Replaces the job of that name. The first run is due at once. At most 4,096 jobs: false when full.
  virtual bool every(const std::string& id, Millis interval, std::function<void()> job) = 0;
  virtual void drop(const std::string& id) = 0;  // a run that has begun goes on
  virtual void stop() = 0;                       // waits for what runs; no job runs after it. Terminal
};

// On at most `threads` threads of its own.
class Poller final : public Repeater {
 public:
  Poller(Clock& clock, size_t threads) : clock_(clock), limit_(threads) {}
  ~Poller() override { stop(); }
  bool every(const std::string& id, Millis interval, std::function<void()> job) override;
  void drop(const std::string& id) override;
  void stop() override;

 private:
  struct Job {
    Millis interval{};
    std::shared_ptr<std::function<void()>> run;  // shared with the thread that runs it while it is replaced
    std::chrono::nanoseconds due{};
    bool running = false;
  };
  void loop();
  Job* earliest(std::string& id);  // of those not running; null if none

  Clock& clock_;
  size_t limit_;
  std::mutex m_;
  std::condition_variable cv_;
  std::map<std::string, Job> jobs_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
};

}  // namespace relight::sandbox
