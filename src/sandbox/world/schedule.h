// The event queue and the workers of a live world.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace relight::sandbox {

// Functions that wait for their time. One thread; each runs under `world_lock`.
class Schedule {
 public:
  // idle: called under the lock after each function (the store is flushed there).
  Schedule(Clock& clock, std::recursive_mutex& world_lock, std::function<void()> idle);
  ~Schedule();
  void after(Millis delay, std::function<void()> f);
  void stop();  // no function starts any more; joins

 private:
  void loop();
  Clock& clock_;
  std::recursive_mutex& world_lock_;
  std::function<void()> idle_;
  std::mutex m_;
  std::condition_variable cv_;
  std::multimap<std::chrono::nanoseconds, std::function<void()>> due_;
  bool stopping_ = false;
  std::thread thread_;
};

// At most `limit` threads, started when needed; what finds none free queues in order.
class Workers {
 public:
  explicit Workers(size_t limit) : limit_(limit) {}
  ~Workers();
  void run(std::function<void()> f);
  void stop();  // what has begun ends, what queues is dropped; joins

 private:
  void loop();
  size_t limit_, idle_ = 0;
  std::mutex m_;
  std::condition_variable cv_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
};

}  // namespace relight::sandbox
