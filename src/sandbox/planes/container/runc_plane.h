// Real containers: runc, or bubblewrap where runc is missing or cgroups cannot be written (no limits then).
// Belongs inside a mount namespace of the sandbox's own; needs root.
#pragma once
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/process.h"
#include "sandbox/planes/container/bundle.h"
#include "sandbox/planes/container/container_plane.h"
#include "sandbox/planes/container/image_store.h"

namespace relight::sandbox::container {

class RuncPlane final : public ContainerPlane {
 public:
  enum class Runtime { kRunc, kBubblewrap, kNone };

  // Images in <sandbox_dir>/images, everything else under <sandbox_dir>/containers. Sweeps first.
  // When neither runtime is installed, start() answers "Container.NoRuntime".
  static Result<std::unique_ptr<RuncPlane>> open(const std::string& sandbox_dir, Clock& clock);
  RuncPlane(std::string sandbox_dir, Runtime runtime, Clock& clock);
  ~RuncPlane() override;  // kills and removes every container
  RuncPlane(const RuncPlane&) = delete;
  RuncPlane& operator=(const RuncPlane&) = delete;

  std::string kind() const override {
    if (runtime_ == Runtime::kNone) return "none (neither runc nor bubblewrap is here; tasks cannot run)";
    return runtime_ == Runtime::kRunc ? "runc" : "bubblewrap";
  }
  void on_exit(OnExit f) override;
  Result<std::string> pull(const std::string& image) override;
  Result<> start(const Spec& spec) override;
  void stop(const std::string& id, std::chrono::milliseconds grace) override;
  void kill(const std::string& id) override;
  Result<int> exec(const std::string& id, const std::vector<std::string>& argv,
                   std::chrono::milliseconds deadline) override;
  void remove(const std::string& id) override;

  // What an earlier sandbox of this directory left behind when it was killed: processes, cgroups, mounts,
  // state.
  void sweep();

 private:
  struct Running {
    Running() = default;
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running();
    Process process;      // runc or bwrap, which ends with the container's exit code
    int process_fd = -1;  // pidfd of it
    int init_fd = -1;     // pidfd of the container's first process
    pid_t init_pid = -1;
    std::string log_path;
    Launch launch;
    bool ended = false, leaving = false;  // leaving: somebody removes it
  };
  using Shared = std::shared_ptr<Running>;  // the watcher may hold one while it is removed

  std::string bundle(const std::string& id) const { return dir_ + "/containers/" + id; }
  Result<> prepare(const Spec& spec, const Image& image, const Launch& launch);
  Result<Shared> launch(const Spec& spec, const Launch& launch);
  Spawn command(const Spec& spec, const Launch& launch) const;
  Result<pid_t> first_process(Running& r, const std::string& id);
  void take_down(const std::string& id);
  void signal(const std::string& id, int sig);
  bool wait_ended(const std::string& id, std::chrono::milliseconds limit);
  void watch();
  void bound_logs();
  void wake();

  const std::string dir_, group_;
  const Runtime runtime_;
  Clock& clock_;
  ImageStore images_;
  std::mutex m_;
  std::condition_variable ended_;
  std::map<std::string, Shared> running_;
  std::set<std::string> starting_;  // not yet among the running
  OnExit on_exit_;
  bool stopping_ = false;
  int wake_fd_ = -1;
  std::thread watcher_;
};

}  // namespace relight::sandbox::container
