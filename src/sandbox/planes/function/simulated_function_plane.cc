#include "sandbox/planes/function/simulated_function_plane.h"

#include <filesystem>

namespace relight::sandbox::function {

std::string SimulatedFunctionPlane::refuses(const std::string& runtime) const {
  std::lock_guard g(m_);
  return refused_.contains(runtime) ? runtime + " is not on this machine" : "";
}

Result<> SimulatedFunctionPlane::unpack(const std::string&, const std::string& dir) {
  std::lock_guard g(m_);
  if (!failure_.empty()) return fail("Function.BadZip", failure_);
  std::error_code ec;
  std::filesystem::create_directories(dir, ec);
  return {};
}

void SimulatedFunctionPlane::invoke(Spec spec, Request request, Done done) {
  Outcome out;
  {
    std::lock_guard g(m_);
    seen_.push_back({spec, request});
    out.lost = lost_.contains(spec.region);
    if (!out.lost && !answer_) {
      waiting_.push_back({std::move(spec), std::move(done)});
      return;
    }
    if (!out.lost) out = answer_(spec, request);
  }
  done(std::move(out));
}

void SimulatedFunctionPlane::retire(const std::string& key_prefix) {
  std::lock_guard g(m_);
  retired_.push_back(key_prefix);
}

void SimulatedFunctionPlane::lose(const std::string& region) {
  std::deque<Waiting> gone, kept;
  {
    std::lock_guard g(m_);
    lost_.insert(region);
    for (auto& w : waiting_) (w.spec.region == region ? gone : kept).push_back(std::move(w));
    waiting_ = std::move(kept);
  }
  for (auto& w : gone) {
    Outcome out;
    out.lost = true;
    w.done(std::move(out));
  }
}

void SimulatedFunctionPlane::restore(const std::string& region) {
  std::lock_guard g(m_);
  lost_.erase(region);
}

void SimulatedFunctionPlane::shut() {
  std::set<std::string> regions;
  {
    std::lock_guard g(m_);
    for (auto& w : waiting_) regions.insert(w.spec.region);
  }
  for (auto& r : regions) lose(r);
}

void SimulatedFunctionPlane::answer_with(std::function<Outcome(const Spec&, const Request&)> f) {
  std::lock_guard g(m_);
  answer_ = std::move(f);
}

bool SimulatedFunctionPlane::finish(Outcome outcome) {
  Done done;
  {
    std::lock_guard g(m_);
    if (waiting_.empty()) return false;
    done = std::move(waiting_.front().done);
    waiting_.pop_front();
  }
  done(std::move(outcome));
  return true;
}

std::vector<SimulatedFunctionPlane::Seen> SimulatedFunctionPlane::seen() const {
  std::lock_guard g(m_);
  return seen_;
}

std::vector<std::string> SimulatedFunctionPlane::retired() const {
  std::lock_guard g(m_);
  return retired_;
}

void SimulatedFunctionPlane::refuse_runtime(const std::string& runtime) {
  std::lock_guard g(m_);
  refused_.insert(runtime);
}

void SimulatedFunctionPlane::fail_unpacking(std::string why) {
  std::lock_guard g(m_);
  failure_ = std::move(why);
}

}  // namespace relight::sandbox::function
