// Who does the blocking work of the steps, and how the executor waits for them.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace relight::dr {

class Crew {
 public:
  virtual ~Crew() = default;
  virtual void start(std::function<void()> work) = 0;  // soon, on some thread
  virtual void wake() = 0;                             // ends a wait(); thread-safe
  virtual void wait(Millis at_most) = 0;               // until wake() or the time has passed
};

// Up to `threads` at once; the rest queue. The destructor waits for what runs.
class ThreadCrew final : public Crew {
 public:
  explicit ThreadCrew(size_t threads);
  ~ThreadCrew() override;
  void start(std::function<void()> work) override;
  void wake() override;
  void wait(Millis at_most) override;

 private:
  void serve();
  std::mutex m_;
  std::condition_variable work_cv_, wake_cv_;
  std::deque<std::function<void()>> queue_;
  bool awake_ = false, closing_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace relight::dr
