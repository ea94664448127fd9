// A world for unit tests of services: a manual clock, rows in memory, everything on the calling thread in a
// fixed order. `world.add(service)` makes it reachable by call<>; time passes only through advance().
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <deque>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "aws/codec/codec.h"
#include "sandbox/gateway/service.h"
#include "sandbox/world/world.h"

namespace relight::sandbox {

class ManualClock final : public Clock {
 public:
  Instant at{Millis{1'790'000'000'000}};  // 2026-09-21
  Instant now() const override { return at; }
  std::chrono::nanoseconds monotonic() const override { return at.time_since_epoch(); }
  void sleep(Millis d) override { at += d; }
};

class MemoryStore final : public Store {
 public:
  std::map<std::string, std::map<std::string, std::string>> tables;
  void put(std::string_view t, std::string_view k, std::string_view v) override {
    tables[std::string(t)][std::string(k)] = v;
  }
  void erase(std::string_view t, std::string_view k) override {
    tables[std::string(t)].erase(std::string(k));
  }
  void each(std::string_view t,
            const std::function<void(const std::string&, const std::string&)>& f) override {
    for (auto& [k, v] : tables[std::string(t)]) f(k, v);
  }
  Result<> flush() override { return {}; }
};

// What the world stands on; outlives it, so that a test can "restart" by building a second world over the
// same one.
struct Ground {
  ManualClock clock;
  SeededRng rng{7};
  MemoryStore store;
};

class TestWorld : public World, private Links {
 public:
  struct Event {
    std::string region, service, resource, what;
  };

  explicit TestWorld(Settings s = {}) : TestWorld(std::move(s), *new Ground, true) {}
  // Over another world's ground: the same store and clock, nothing else survives (a restarted sandbox).
  TestWorld(Settings s, Ground& g) : TestWorld(std::move(s), g, false) {}
  ~TestWorld() override {
    std::error_code ignored;
    if (!scratch_.empty()) std::filesystem::remove_all(scratch_, ignored);
  }
  Ground& ground() { return *ground_; }

  // ---- for the test ----
  std::vector<Event> events;
  void add(Service& s) { services_[std::string(s.model().id)] = &s; }
  // Runs what is due now and all the work it starts. Fails the test after 100,000 functions (a loop with no
  // pause).
  void run_until_idle() {
    for (int n = 0; n < 100'000; ++n)
      if (!step(clock.now())) return;
    ADD_FAILURE() << "the world never comes to rest: something reschedules itself without delay";
  }
  // Time passes; what falls due on the way runs at its own time, in order.
  void advance(Millis d) {
    Instant end = clock.now() + d;
    for (int n = 0; n < 1'000'000 && step(end); ++n) {
    }
    ground_->clock.at = end;
    run_until_idle();
  }
  // Advances in steps of `each` until `wanted`, for at most `limit` of the world's time.
  bool advance_until(const std::function<bool()>& wanted, Millis each = Millis{100},
                     Millis limit = Millis{600'000}) {
    run_until_idle();
    for (Millis t{0}; t < limit && !wanted(); t += each) advance(each);
    return wanted();
  }
  void lose(const std::string& region) {
    lost_.insert(region);
    for (auto& [id, s] : services_) s->region_lost(region);
  }
  void restore(const std::string& region) {
    lost_.erase(region);
    for (auto& [id, s] : services_) s->region_restored(region);
  }
  void partition(std::string a, std::string b) { parted_.insert(std::minmax(a, b)); }
  void heal(std::string a, std::string b) { parted_.erase(std::minmax(a, b)); }
  // As a remote caller would: a request that came over the wire (Call::raw is not null), validated.
  template <class Op>
  Result<typename Op::Output> remote(std::string_view region, const typename Op::Input& in) {
    typename Op::Output out;
    static const http::Request kRequest;
    if (auto r = serve(region, Op::service(), Op::desc(), &in, &out, &kRequest); !r)
      return std::unexpected(r.error());
    return out;
  }
  // As a remote caller who can wait (on_later): `done` is called once, now or as the world goes on.
  template <class Op>
  void remote_later(std::string_view region, const typename Op::Input& in,
                    std::function<void(Result<typename Op::Output>)> done) {
    auto* waiting = services_.at(std::string(Op::service().id))->waiting_handler(Op::desc().name);
    ASSERT_TRUE(waiting) << Op::desc().name << " never waits";
    auto out = std::make_shared<typename Op::Output>();
    if (auto r = aws::codec::validate(Op::service(), *Op::desc().input, &in); !r)
      return done(std::unexpected(r.error()));
    static const http::Request kRequest;
    (*waiting)(Call{std::string(region), "test", "arn:aws:iam::000000000000:root", &kRequest}, &in, out.get(),
               [out, done](Result<> r) {
                 if (!r) return done(std::unexpected(r.error()));
                 done(std::move(*out));
               });
  }

  // ---- World ----
  std::recursive_mutex& lock() override { return lock_; }
  Store& store() override { return ground_->store; }
  Links& links() override { return *this; }
  std::string dir(std::string_view region, std::string_view plane) override {
    if (scratch_.empty()) {
      std::string t = (std::filesystem::temp_directory_path() / "relight-test-XXXXXX").string();
      scratch_ = ::mkdtemp(t.data()) ? t : "";
    }
    std::string d = scratch_ + "/" + std::string(region) + "/" + std::string(plane);
    std::filesystem::create_directories(d);
    return d;
  }
  void after(Millis delay, std::function<void()> f) override {
    due_.emplace(clock.now() + std::max(delay, Millis{0}), std::move(f));
  }
  void work(std::function<void()> blocking, std::function<void()> done) override {
    work_.emplace_back(std::move(blocking), std::move(done));
  }
  Millis pace(Millis aws) const override {
    return settings.latency == Latency::kInstant  ? Millis{0}
           : settings.latency == Latency::kScaled ? aws / 60
                                                  : aws;
  }
  Millis poll_interval(Millis aws) const override {
    if (settings.latency == Latency::kAws) return aws;
    return std::max(aws / (settings.latency == Latency::kInstant ? 200 : 20), Millis{50});
  }
  Result<std::string> take_address(std::string_view region, std::string_view owner) override {
    auto [it, fresh] = addresses_.try_emplace(std::string(region) + "|" + std::string(owner));
    if (fresh)
      it->second = "127.1." + std::to_string(1 + next_ / 250) + "." + std::to_string(1 + next_ % 250),
      ++next_;
    return it->second;
  }
  void release_address(std::string_view region, std::string_view owner) override {
    addresses_.erase(std::string(region) + "|" + std::string(owner));
  }
  void set_name(std::string_view n, std::string_view ip) override { names_[std::string(n)] = ip; }
  void drop_name(std::string_view n) override { names_.erase(std::string(n)); }
  std::optional<std::string> find_name(std::string_view n) const override {
    auto it = names_.find(std::string(n));
    return it == names_.end() ? std::nullopt : std::optional(it->second);
  }
  std::string dns_address() const override { return "127.0.53.53"; }
  std::string api_endpoint() const override { return "http://" + settings.listen; }
  void add_principal(const Principal& p) override { principals_[p.access_key] = p; }
  void drop_principal(std::string_view key) override { principals_.erase(std::string(key)); }
  std::optional<Principal> principal(std::string_view key) const override {
    auto it = principals_.find(std::string(key));
    return it == principals_.end() ? std::nullopt : std::optional(it->second);
  }
  void event(std::string_view region, std::string_view service, std::string_view resource,
             std::string_view what) override {
    events.push_back({std::string(region), std::string(service), std::string(resource), std::string(what)});
  }
  Result<> invoke(std::string_view region, const aws::ServiceModel& s, const aws::Operation& op,
                  const void* in, void* out) override {
    return serve(region, s, op, in, out, nullptr);
  }

 private:
  TestWorld(Settings s, Ground& g, bool own)
      : World(std::move(s), g.clock, g.rng), own_(own ? &g : nullptr), ground_(&g) {}
  bool up(std::string_view region) const override { return !lost_.contains(std::string(region)); }
  bool connected(std::string_view a, std::string_view b) const override {
    return up(a) && up(b) && !parted_.contains(std::minmax(std::string(a), std::string(b)));
  }
  Result<> serve(std::string_view region, const aws::ServiceModel& s, const aws::Operation& op,
                 const void* in, void* out, const http::Request* raw) {
    if (!up(region)) return fail("Region.Lost", std::string(region) + " is lost");
    auto it = services_.find(s.id);
    auto* h = it == services_.end() ? nullptr : it->second->handler(op.name);
    if (!h) return aws_error("NotImplemented", std::string(op.name) + " is not built", 501);
    TRY(aws::codec::validate(s, *op.input, in));
    return (*h)(Call{std::string(region), "test", "arn:aws:iam::000000000000:root", raw}, in, out);
  }
  // One function: finished work first, then what is due no later than `end`.
  bool step(Instant end) {
    if (!work_.empty()) {
      auto [blocking, done] = std::move(work_.front());
      work_.pop_front();
      blocking();
      if (done) done();
      return true;
    }
    if (due_.empty() || due_.begin()->first > end) return false;
    auto node = due_.extract(due_.begin());
    if (node.key() > clock.now()) ground_->clock.at = node.key();
    node.mapped()();
    return true;
  }

  std::unique_ptr<Ground> own_;
  Ground* ground_;
  std::recursive_mutex lock_;
  std::multimap<Instant, std::function<void()>> due_;
  std::deque<std::pair<std::function<void()>, std::function<void()>>> work_;
  std::map<std::string, Service*, std::less<>> services_;
  std::set<std::string> lost_;
  std::set<std::pair<std::string, std::string>> parted_;
  std::map<std::string, std::string> addresses_, names_;
  std::map<std::string, Principal> principals_;
  std::string scratch_;
  int next_ = 0;
};

}  // namespace relight::sandbox
