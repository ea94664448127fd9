// Work that is done side by side in lanes: so many pieces of a lane at once, and so many in all, so that a lane that waits (for
// an API's rate, mostly) does not hold up the others.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace relight::dr {

// `work` is called on the crew's threads; give and take by one thread, who owns it. Threads are started as there is work for
// them. The destructor waits for pieces under way and drops the others.
template <class Piece, class Done>
class Crew {
 public:
  using Pieces = std::vector<Piece>;
  // `work` brings as many as it is given; `together`: how many of a lane at once it may be given.
  Crew(size_t of_a_lane, size_t in_all, std::function<std::vector<Done>(const Pieces&)> work,
       std::function<size_t(const std::string&)> together)
      : of_a_lane_(of_a_lane), in_all_(in_all), work_(std::move(work)), together_(std::move(together)) {}
  ~Crew() {
    {
      std::lock_guard g(mutex_);
      over_ = true;
    }
    more_.notify_all();
  }

  void give(const std::string& name, Piece piece) {
    std::lock_guard g(mutex_);
    auto [lane, fresh] = lanes_.try_emplace(name);
    if (fresh) lane->second.together = together_(name);
    lane->second.waiting.push_back(std::move(piece));
    ++open_;
    if (threads_.size() < in_all_) threads_.emplace_back([this] { run(); });
    more_.notify_one();
  }

  // The next piece that is done, in the order in which they are; none if nothing was given that was not taken. Blocks.
  std::optional<Done> take() {
    std::unique_lock lock(mutex_);
    if (open_ == 0) return std::nullopt;
    done_.wait(lock, [&] { return !finished_.empty(); });
    std::optional<Done> d(std::move(finished_.front()));
    finished_.pop_front();
    --open_;
    return d;
  }

 private:
  struct Lane {
    std::deque<Piece> waiting;
    size_t busy = 0, together = 1;
  };

  Lane* ready() {
    for (auto& [name, lane] : lanes_)
      if (!lane.waiting.empty() && lane.busy < of_a_lane_) return &lane;
    return nullptr;
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      Lane* lane = nullptr;
      more_.wait(lock, [&] { return over_ || (lane = ready()); });
      if (over_) return;
      Pieces pieces;
      while (!lane->waiting.empty() && pieces.size() < lane->together) {
        pieces.push_back(std::move(lane->waiting.front()));
        lane->waiting.pop_front();
      }
      ++lane->busy;
      lock.unlock();
      auto done = work_(pieces);
      lock.lock();
      --lane->busy;
      for (auto& d : done) finished_.push_back(std::move(d));
      done_.notify_one();
      if (!lane->waiting.empty()) more_.notify_one();
    }
  }

  const size_t of_a_lane_, in_all_;
  const std::function<std::vector<Done>(const Pieces&)> work_;
  const std::function<size_t(const std::string&)> together_;
  std::mutex mutex_;
  std::condition_variable more_, done_;
  std::map<std::string, Lane> lanes_;
  std::deque<Done> finished_;
  size_t open_ = 0;  // pieces given and not taken
  bool over_ = false;
  std::vector<std::jthread> threads_;  // the last member: joined before the others go
};

}  // namespace relight::dr
