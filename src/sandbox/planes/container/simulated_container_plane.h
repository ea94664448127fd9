// Containers that do not run: for tests of the control plane, and machines that cannot run any.
#pragma once
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "sandbox/planes/container/container_plane.h"

namespace relight::sandbox::container {

class SimulatedContainerPlane final : public ContainerPlane {
 public:
  std::string kind() const override { return "simulated"; }
  void on_exit(OnExit f) override;
  Result<std::string> pull(const std::string& image) override;
  Result<> start(const Spec& spec) override;
  void stop(const std::string& id, std::chrono::milliseconds grace) override;
  void kill(const std::string& id) override;
  Result<int> exec(const std::string& id, const std::vector<std::string>& argv,
                   std::chrono::milliseconds deadline) override;
  void remove(const std::string& id) override;

  // ---- what a test arranges and looks at ----
  void exit(const std::string& id, int code);  // the container ends by itself
  void fail_starts(std::string why);           // every start fails from now on; empty: they work again
  void set_exec_code(int code);
  std::vector<Spec> running() const;

 private:
  void end(const std::string& id, int code);
  mutable std::mutex m_;
  OnExit on_exit_;
  std::map<std::string, Spec> running_;
  std::string failure_;
  int exec_code_ = 0;
};

}  // namespace relight::sandbox::container
