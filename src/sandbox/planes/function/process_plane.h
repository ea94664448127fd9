// Functions as processes: one bubblewrapped process an execution environment, each with a Runtime API of its
// own on 127.0.0.1. Belongs inside a mount namespace of the sandbox's own; needs root.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "aws/http/server.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/rng.h"
#include "sandbox/planes/function/environment.h"
#include "sandbox/planes/function/function_plane.h"
#include "sandbox/planes/function/runtime_api.h"

namespace relight::sandbox::function {

struct PlaneLimits {
  size_t environments = 32;      // alive at once; what finds none free waits
  Millis idle{300'000};          // an environment that nobody asked for so long ends
  Millis age{6 * 3'600'000};     // its credentials are as old as it is
  Millis init{10'000};           // "Lambda execution environment lifecycle", Init phase
  uint64_t log_bytes = 1 << 20;  // of a function's log file; cut to its newer half above
};

class ProcessPlane final : public FunctionPlane {
 public:
  // Everything under <sandbox_dir>/functions. Sweeps what a killed sandbox left behind.
  ProcessPlane(std::string sandbox_dir, Clock& clock, Rng& rng, PlaneLimits limits = {});
  ~ProcessPlane() override;  // shut()
  ProcessPlane(const ProcessPlane&) = delete;
  ProcessPlane& operator=(const ProcessPlane&) = delete;

  std::string kind() const override;
  std::string refuses(const std::string& runtime) const override;
  Result<> unpack(const std::string& zip_path, const std::string& dir) override;
  void invoke(Spec spec, Request request, Done done) override;
  void retire(const std::string& key_prefix) override;
  void lose(const std::string& region) override;
  void restore(const std::string& region) override;
  void shut() override;
  std::string publish(const std::string& path) override;

  size_t environments() const;  // alive now
  std::string log_path(const std::string& region, const std::string& name) const;

 private:
  using Nanos = std::chrono::nanoseconds;
  struct Job {
    Spec spec;
    Request request;
    Done done;
  };
  enum class State { kStarting, kIdle, kBusy, kAnswered };
  struct Environment {
    std::string id, stream;
    Spec spec;
    Place place;
    Process process;
    int fd = -1;  // pidfd
    uint64_t listener = 0;
    State state = State::kStarting;
    bool retired = false;
    std::optional<Job> job{};
    std::optional<http::Reply> next{};  // the runtime waits for work
    std::optional<std::string> init_error{};
    Nanos born{}, since{}, deadline{};
    double init_ms = -1;  // until it was reported
    int64_t log_from = 0;
  };
  struct Ended {
    Done done;
    Outcome outcome;
  };
  using Environments = std::map<std::string, Environment>;

  // ---- process_plane.cc: the tender's rounds; all with m_ held unless said ----
  void tend();  // takes m_ itself
  void dispatch();
  bool hand_to_idle(Job& job);
  bool make_room();
  void check_exits();
  void check_deadlines();
  Nanos next_deadline() const;
  void wake();
  // ---- process_start.cc ----
  void start_for(const Job& job);
  Result<> launch(Environment& e);
  Result<> sweep();
  // ---- process_runtime.cc: what runtimes say ----
  void serve(const std::string& id, http::Request&& r, http::Reply reply);  // takes m_
  void serve_code(const http::Request& r, http::Reply reply);               // takes m_
  void answered(Environment& e, std::string payload, bool failed);
  void finish(Environment& e, std::string payload, const std::string& error, const std::string& note);
  void fail_waiting(const Environment& e, const std::string& payload, const std::string& written = "");
  std::string take_output(Environment& e);
  void keep_log(const Spec& spec, const std::string& text);
  Environments::iterator end_environment(Environments::iterator it);  // SIGKILL, reaped, nothing left
  void died(Environment& e);

  const std::string dir_, group_;
  Clock& clock_;
  Rng& rng_;
  const PlaneLimits limits_;
  Result<> swept_;  // what kept the directories from being made keeps every function from starting
  mutable std::mutex m_;
  Environments environments_;
  std::deque<Job> waiting_;
  std::vector<Ended> ended_;  // told by the tender, without m_
  std::set<std::string> lost_;
  struct Published {
    std::string path;
    Nanos until;
  };
  std::map<std::string, Published> published_;
  uint64_t code_listener_ = 0;
  std::string code_url_;
  bool stopping_ = false;
  int wake_fd_ = -1;
  std::thread tender_;
  http::Server server_;
};

}  // namespace relight::sandbox::function
