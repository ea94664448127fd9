// What the ECS service needs from whatever runs containers. Implementations are thread-safe; start, stop,
// kill, exec and remove block (call them through World::work).
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace relight::sandbox::container {

struct Spec {
  std::string id;     // unique in the sandbox; [A-Za-z0-9_-], at most 64
  std::string image;  // "registry.example/lamp:tag"; the registry's host is ignored
  std::vector<std::string> entrypoint,
      command;  // empty: the image's (an entrypoint given drops the image's command)
  std::map<std::string, std::string> env;  // over the image's
  std::string cwd, user;     // empty: the image's. user is "uid[:gid]" or a name of its /etc/passwd
  std::string hostname;      // what /etc/hosts maps to `address`
  std::string address;       // loopback address of the task
  std::string dns;           // nameserver for resolv.conf; port 53
  int64_t memory_bytes = 0;  // 0: no limit
  int cpu_units = 0;         // 1024 is one CPU; a share and a hard limit; 0: neither
  int pids_max = 512;
  bool read_only_root = false;
  std::string log_path;  // stdout and stderr; cut to its newest half when above 4 MiB
};

class ContainerPlane {
 public:
  // From a thread of the plane's own: the container ended by itself, or by stop or kill. 128 + signal when
  // killed.
  using OnExit = std::function<void(const std::string& id, int exit_code)>;

  virtual ~ContainerPlane() = default;
  virtual std::string kind() const = 0;  // "runc", "bubblewrap", "simulated"
  virtual void on_exit(OnExit f) = 0;
  // The digest of an image of the store, "sha256:…"; unpacks it. Error "Container.ImageNotFound" and others.
  virtual Result<std::string> pull(const std::string& image) = 0;
  // Returns when the container's process has been started. Error: nothing of it is left.
  virtual Result<> start(const Spec& spec) = 0;
  virtual void stop(const std::string& id, std::chrono::milliseconds grace) = 0;  // SIGTERM, then SIGKILL
  virtual void kill(const std::string& id) = 0;  // SIGKILL; does not wait: the exit is told of as ever
  // Runs argv inside; its exit code. Error "Process.Deadline" when it took longer.
  virtual Result<int> exec(const std::string& id, const std::vector<std::string>& argv,
                           std::chrono::milliseconds deadline) = 0;
  virtual void remove(
      const std::string& id) = 0;  // what an ended container left: mounts, cgroups, files but its log
};

}  // namespace relight::sandbox::container
