#include "dr/engine/crew.h"

namespace relight::dr {

ThreadCrew::ThreadCrew(size_t threads) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

ThreadCrew::~ThreadCrew() {
  {
    std::lock_guard g(m_);
    closing_ = true;
    queue_.clear();
  }
  work_cv_.notify_all();
  threads_.clear();
}

void ThreadCrew::serve() {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock l(m_);
      work_cv_.wait(l, [&] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

void ThreadCrew::start(std::function<void()> work) {
  {
    std::lock_guard g(m_);
    queue_.push_back(std::move(work));
  }
  work_cv_.notify_one();
}

void ThreadCrew::wake() {
  {
    std::lock_guard g(m_);
    awake_ = true;
  }
  wake_cv_.notify_all();
}

void ThreadCrew::wait(Millis at_most) {
  std::unique_lock l(m_);
  wake_cv_.wait_for(l, at_most, [&] { return awake_; });
  awake_ = false;
}

}  // namespace relight::dr
