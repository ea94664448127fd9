#include "sandbox/planes/function/process_plane.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/bytes.h"
#include "sandbox/planes/container/cgroups.h"
#include "sandbox/planes/function/archive.h"

namespace relight::sandbox::function {
namespace {

http::ServerSettings runtime_server() {
  http::ServerSettings s;
  s.threads = 1;
  s.grace = std::chrono::seconds(0);
  s.limits.body_bytes = 8 << 20;  // an answer may have 6 MiB; what is longer is refused in words up to here
  s.limits.spool_above_bytes = 16 << 20;
  return s;
}

std::string missing(const char* program, const char* package) {
  return ::access(program, X_OK) == 0
             ? ""
             : std::string(program) + " is not on this machine; install Debian's " + package;
}

}  // namespace

ProcessPlane::ProcessPlane(std::string sandbox_dir, Clock& clock, Rng& rng, PlaneLimits limits)
    : dir_(std::filesystem::weakly_canonical(sandbox_dir).string() + "/functions"),
      group_(container::cgroup_name(sandbox_dir) + "-functions"),
      clock_(clock),
      rng_(rng),
      limits_(limits),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      server_(runtime_server(), clock) {
  swept_ = sweep();
  tender_ = std::thread([this] { tend(); });
}

ProcessPlane::~ProcessPlane() {
  shut();
  ::close(wake_fd_);
}

std::string ProcessPlane::kind() const {
  std::string why = missing(kBwrap, "bubblewrap");
  return why.empty() ? "processes" : "none (" + why + "; functions cannot run)";
}

std::string ProcessPlane::refuses(const std::string& runtime) const {
  std::string family = family_of(runtime);
  if (family.empty())
    return "this sandbox runs python3.x, nodejs*.x and provided* functions; '" + runtime + "' it does not";
  std::string why = missing(kBwrap, "bubblewrap");
  if (why.empty() && family == "python") why = missing(kPython, "python3");
  if (why.empty() && family == "node") why = missing(kNode, "nodejs");
  return why;
}

Result<> ProcessPlane::unpack(const std::string& zip_path, const std::string& dir) {
  return unpack_zip(zip_path, dir);
}

void ProcessPlane::invoke(Spec spec, Request request, Done done) {
  {
    std::lock_guard g(m_);
    if (!stopping_ && !lost_.contains(spec.region)) {
      waiting_.push_back({std::move(spec), std::move(request), std::move(done)});
      return wake();
    }
  }
  Outcome gone;
  gone.lost = true;
  done(std::move(gone));
}

void ProcessPlane::retire(const std::string& key_prefix) {
  std::lock_guard g(m_);
  for (auto& [id, e] : environments_)
    if (e.spec.key.starts_with(key_prefix)) e.retired = true;
  wake();
}

void ProcessPlane::lose(const std::string& region) {
  {
    std::lock_guard g(m_);
    lost_.insert(region);
    for (auto it = environments_.begin(); it != environments_.end();) {
      if (it->second.spec.region != region) {
        ++it;
        continue;
      }
      if (it->second.job) {
        ended_.push_back({std::move(it->second.job->done), {}});
        ended_.back().outcome.lost = true;
      }
      it = end_environment(it);
    }
    std::deque<Job> others;
    for (auto& j : waiting_) {
      if (j.spec.region != region) {
        others.push_back(std::move(j));
        continue;
      }
      ended_.push_back({std::move(j.done), {}});
      ended_.back().outcome.lost = true;
    }
    waiting_ = std::move(others);
  }
  wake();
}

void ProcessPlane::restore(const std::string& region) {
  std::lock_guard g(m_);
  lost_.erase(region);
}

void ProcessPlane::shut() {
  std::set<std::string> regions;
  {
    std::lock_guard g(m_);
    if (std::exchange(stopping_, true)) return;
    for (auto& [id, e] : environments_) regions.insert(e.spec.region);
    for (auto& j : waiting_) regions.insert(j.spec.region);
  }
  for (auto& r : regions) lose(r);
  wake();
  tender_.join();
  server_.stop();
  container::clear_cgroups(group_);
}

size_t ProcessPlane::environments() const {
  std::lock_guard g(m_);
  return environments_.size();
}

void ProcessPlane::wake() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t n = ::write(wake_fd_, &one, sizeof one);
}

void ProcessPlane::tend() {
  for (bool stopping = false; !stopping;) {
    std::vector<Ended> ended;
    std::vector<pollfd> fds{{wake_fd_, POLLIN, 0}};
    int wait_ms = -1;
    {
      std::lock_guard g(m_);
      check_exits();
      check_deadlines();
      dispatch();
      ended.swap(ended_);
      stopping = stopping_ && environments_.empty();
      for (auto& [id, e] : environments_) fds.push_back({e.fd, POLLIN, 0});
      if (!environments_.empty()) {
        auto left = next_deadline() - clock_.monotonic();
        wait_ms = static_cast<int>(std::clamp<int64_t>(left / std::chrono::milliseconds(1) + 1, 1, 60'000));
      }
    }
    for (auto& e : ended) e.done(std::move(e.outcome));
    if (stopping || !ended.empty()) continue;  // what was told may have brought more work
    ::poll(fds.data(), fds.size(), wait_ms);
    for (uint64_t n; ::read(wake_fd_, &n, sizeof n) > 0;) {
    }
  }
}

ProcessPlane::Nanos ProcessPlane::next_deadline() const {
  Nanos first = Nanos::max();
  for (auto& [id, e] : environments_) first = std::min(first, e.deadline);
  return first;
}

void ProcessPlane::check_exits() {
  for (auto it = environments_.begin(); it != environments_.end();) {
    if (it->second.process.running()) {
      ++it;
      continue;
    }
    died(it->second);
    it = end_environment(it);
  }
}

void ProcessPlane::check_deadlines() {
  auto now = clock_.monotonic();
  for (auto it = environments_.begin(); it != environments_.end();) {
    Environment& e = it->second;
    bool over = now >= e.deadline || (e.retired && e.state == State::kIdle);
    if (!over) {
      ++it;
      continue;
    }
    auto seconds = [](Millis m) {
      return std::to_string(m.count() / 1000) + "." + std::to_string(m.count() % 1000 / 10 + 100).substr(1);
    };
    if (e.state == State::kBusy) {
      std::string why = "RequestId: " + e.job->request.id + " Error: Task timed out after " +
                        seconds(e.spec.timeout) + " seconds";
      finish(e, error_payload("Sandbox.Timedout", why), "Unhandled", "Status: timeout");
    } else if (e.state == State::kStarting) {
      fail_waiting(e, error_payload("Sandbox.Timedout", "Error: the runtime was not ready after " +
                                                            seconds(limits_.init) + " seconds"));
    }
    it = end_environment(it);
  }
}

// Each waiting request gets an idle environment of its key; one that will be ready in a moment, or is about
// to ask for more, is waited for; otherwise one is started.
void ProcessPlane::dispatch() {
  std::map<std::string, int> starting;
  for (auto& [id, e] : environments_)
    if ((e.state == State::kStarting || e.state == State::kAnswered) && !e.retired) ++starting[e.spec.key];
  for (size_t i = 0; i < waiting_.size();) {
    if (hand_to_idle(waiting_[i])) {
      waiting_.erase(waiting_.begin() + static_cast<long>(i));
      continue;
    }
    const Job& job = waiting_[i++];
    if (starting[job.spec.key]-- > 0) continue;  // one is on its way
    if (environments_.size() < limits_.environments || make_room()) {
      size_t before = waiting_.size();
      start_for(job);
      if (waiting_.size() < before) --i;  // it could not be started: the request has ended
    }
  }
}

bool ProcessPlane::hand_to_idle(Job& job) {
  auto now = clock_.monotonic();
  for (auto& [id, e] : environments_) {
    if (e.state != State::kIdle || e.retired || e.spec.key != job.spec.key) continue;
    if (now - e.born > limits_.age) {
      e.retired = true;
      wake();
      continue;
    }
    e.spec.timeout = job.spec.timeout;
    e.state = State::kBusy;
    e.since = now;
    e.deadline = now + job.spec.timeout;
    std::error_code ec;
    auto size = std::filesystem::file_size(e.place.dir + "/output", ec);
    if (e.init_ms < 0)
      e.log_from = ec ? 0 : static_cast<int64_t>(size);  // init's words belong to the first request
    e.next->send(next_invocation(job.request, job.spec.arn, clock_.now() + job.spec.timeout));
    e.next.reset();
    e.job.emplace(std::move(job));
    return true;
  }
  return false;
}

// Ends the environment that has been idle for longest.
bool ProcessPlane::make_room() {
  auto oldest = environments_.end();
  for (auto it = environments_.begin(); it != environments_.end(); ++it)
    if (it->second.state == State::kIdle &&
        (oldest == environments_.end() || it->second.since < oldest->second.since))
      oldest = it;
  if (oldest == environments_.end()) return false;
  end_environment(oldest);
  return true;
}

}  // namespace relight::sandbox::function
