// A Repeater on the world's own event queue: deterministic, for tests and simulation.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "sandbox/planes/probe/probe.h"
#include "sandbox/world/world.h"

namespace relight::sandbox {

class ScheduledRepeater final : public Repeater {
 public:
  explicit ScheduledRepeater(World& w) : world_(w) {}
  bool every(const std::string& id, Millis interval, std::function<void()> job) override {
    auto j = std::make_shared<Job>(Job{interval, std::move(job)});
    jobs_[id] = j;
    world_.after(Millis{0}, [this, j] { run(j); });
    return true;
  }
  void drop(const std::string& id) override { jobs_.erase(id); }
  void stop() override { jobs_.clear(); }

 private:
  struct Job {
    Millis interval{};
    std::function<void()> run;
  };
  // `weak`: a job that was dropped or replaced is not run any more.
  void run(std::weak_ptr<Job> weak) {
    auto j = weak.lock();
    if (!j) return;
    world_.work([j] { j->run(); }, [] {});
    world_.after(j->interval, [this, weak] { run(weak); });
  }
  World& world_;
  std::map<std::string, std::shared_ptr<Job>>
      jobs_;  // shared with the queue, which may outlive the job's wish
};

}  // namespace relight::sandbox
