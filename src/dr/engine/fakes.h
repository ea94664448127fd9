// For tests of the engine: virtual time, a crew of one that works inline, a bucket in memory, steps by
// script.
#pragma once
#include <functional>
#include <map>
#include <mutex>

#include "dr/engine/crew.h"
#include "dr/engine/object_store.h"
#include "dr/engine/step.h"

namespace relight::dr {

class VirtualClock final : public Clock {
 public:
  Instant now() const override {
    return Instant(Millis(1'800'000'000'000)) + std::chrono::duration_cast<Millis>(t_);
  }
  std::chrono::nanoseconds monotonic() const override { return t_; }
  void sleep(Millis d) override { t_ += d; }

 private:
  std::chrono::nanoseconds t_{0};
};

// start() works at once; wait() moves the clock.
class InlineCrew final : public Crew {
 public:
  explicit InlineCrew(Clock& c) : clock_(c) {}
  void start(std::function<void()> work) override { work(); }
  void wake() override {}
  void wait(Millis at_most) override { clock_.sleep(std::max(at_most, Millis(1))); }

 private:
  Clock& clock_;
};

class MemoryObjects final : public Objects {
 public:
  Result<ObjectText> get(const std::string& key) override {
    std::lock_guard g(m_);
    auto it = o_.find(key);
    if (it == o_.end()) return fail("NoSuchKey", "no such key");
    return it->second;
  }
  Result<std::string> create(const std::string& key, const std::string& text) override {
    std::lock_guard g(m_);
    if (o_.contains(key)) return fail("PreconditionFailed", "it exists");
    return write(key, text);
  }
  Result<std::string> replace(const std::string& key, const std::string& text,
                              const std::string& etag) override {
    std::lock_guard g(m_);
    if (!o_.contains(key) || o_[key].etag != etag) return fail("PreconditionFailed", "it changed");
    return write(key, text);
  }
  Result<> put(const std::string& key, const std::string& text) override {
    std::lock_guard g(m_);
    (void)write(key, text);
    return {};
  }
  Result<std::vector<std::string>> list(const std::string& prefix) override {
    std::lock_guard g(m_);
    std::vector<std::string> out;
    for (auto& [k, v] : o_)
      if (k.starts_with(prefix)) out.push_back(k);
    return out;
  }
  bool lose_answers = false;  // acts, then reports that no answer came
  std::map<std::string, ObjectText> o_;

 private:
  Result<std::string> write(const std::string& key, const std::string& text) {
    o_[key] = {text, std::to_string(++etag_)};
    if (lose_answers) return fail("Http.Reset", "the connection was lost");
    return o_[key].etag;
  }
  std::mutex m_;
  int etag_ = 0;
};

class ScriptedStep final : public Step {
 public:
  explicit ScriptedStep(std::function<Outcome(Context&)> f) : f_(std::move(f)) {}
  Outcome advance(Context& c) override { return f_(c); }

 private:
  std::function<Outcome(Context&)> f_;
};

}  // namespace relight::dr
