#include "sandbox/world/schedule.h"

namespace relight::sandbox {

Schedule::Schedule(Clock& clock, std::recursive_mutex& world_lock, std::function<void()> idle)
    : clock_(clock), world_lock_(world_lock), idle_(std::move(idle)), thread_([this] { loop(); }) {}

Schedule::~Schedule() { stop(); }

void Schedule::after(Millis delay, std::function<void()> f) {
  {
    std::lock_guard g(m_);
    if (stopping_) return;
    due_.emplace(clock_.monotonic() + delay, std::move(f));
  }
  cv_.notify_one();
}

void Schedule::stop() {
  {
    std::lock_guard g(m_);
    stopping_ = true;
  }
  cv_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Schedule::loop() {
  std::unique_lock g(m_);
  while (!stopping_) {
    if (due_.empty()) {
      cv_.wait(g);
      continue;
    }
    auto left = due_.begin()->first - clock_.monotonic();
    if (left.count() > 0) {
      cv_.wait_for(g, left);
      continue;
    }
    auto f = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    g.unlock();
    {
      std::lock_guard w(world_lock_);
      f();
      idle_();
    }
    g.lock();
  }
}

Workers::~Workers() { stop(); }

void Workers::run(std::function<void()> f) {
  std::lock_guard g(m_);
  if (stopping_) return;
  queue_.push_back(std::move(f));
  if (idle_ < queue_.size() && threads_.size() < limit_) threads_.emplace_back([this] { loop(); });
  cv_.notify_one();
}

void Workers::stop() {
  {
    std::lock_guard g(m_);
    stopping_ = true;
    queue_.clear();
  }
  cv_.notify_all();
  for (auto& t : threads_)
    if (t.joinable()) t.join();
}

void Workers::loop() {
  std::unique_lock g(m_);
  while (!stopping_) {
    if (queue_.empty()) {
      ++idle_;
      cv_.wait(g);
      --idle_;
      continue;
    }
    auto f = std::move(queue_.front());
    queue_.pop_front();
    g.unlock();
    f();
    g.lock();
  }
}

}  // namespace relight::sandbox
