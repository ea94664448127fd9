// Functions that do not run: for tests of the control plane. Every request waits until the test answers it.
#pragma once
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "sandbox/planes/function/function_plane.h"

namespace relight::sandbox::function {

class SimulatedFunctionPlane final : public FunctionPlane {
 public:
  std::string kind() const override { return "simulated"; }
  std::string refuses(const std::string& runtime) const override;
  Result<> unpack(const std::string& zip_path, const std::string& dir) override;
  void invoke(Spec spec, Request request, Done done) override;
  void retire(const std::string& key_prefix) override;
  void lose(const std::string& region) override;
  void restore(const std::string& region) override;
  void shut() override;
  std::string publish(const std::string& path) override { return "http://simulated" + path; }

  // ---- what a test arranges and looks at ----
  struct Seen {
    Spec spec;
    Request request;
  };
  // Answers from now on at once with this; null: requests wait.
  void answer_with(std::function<Outcome(const Spec&, const Request&)> f);
  bool finish(Outcome outcome);  // the oldest that waits; false: none does
  std::vector<Seen> seen() const;
  std::vector<std::string> retired() const;
  void refuse_runtime(const std::string& runtime);
  void fail_unpacking(std::string why);

 private:
  struct Waiting {
    Spec spec;
    Done done;
  };
  mutable std::mutex m_;
  std::function<Outcome(const Spec&, const Request&)> answer_;
  std::deque<Waiting> waiting_;
  std::vector<Seen> seen_;
  std::vector<std::string> retired_;
  std::set<std::string> refused_, lost_;
  std::string failure_;
};

}  // namespace relight::sandbox::function
