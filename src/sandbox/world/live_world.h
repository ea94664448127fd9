// The world of a running sandbox: real time, a SQLite store, threads.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>

#include "sandbox/gateway/service.h"
#include "sandbox/world/schedule.h"
#include "sandbox/world/world.h"

namespace relight::sandbox {

class LiveWorld final : public World, private Links {
 public:
  // Opens or makes the state under settings.dir.
  static Result<std::unique_ptr<LiveWorld>> open(Settings s, Clock& clock, Rng& rng);
  ~LiveWorld() override;

  void add_service(Service& s) { services_[std::string(s.model().id)] = &s; }
  Service* service(std::string_view id) const;
  const std::map<std::string, Service*, std::less<>>& services() const { return services_; }

  // Disasters; under the lock. Error if the region is not one of ours or the state is already so.
  Result<> lose(const std::string& region);
  Result<> restore(const std::string& region);
  Result<> partition(const std::string& a, const std::string& b);
  Result<> heal(const std::string& a, const std::string& b);
  // Called after each change of links, for planes that are not services (the WAN).
  void on_links(std::function<void()> f) { links_changed_.push_back(std::move(f)); }

  // Flushes the store, under the lock; a failure is a trouble until a flush succeeds.
  Result<> keep();

  // What does not work although the sandbox goes on: said once on stderr and in the event log when it begins and when it is
  // over (`what` empty), and listed by `status` meanwhile. `kind` is a short stable name. Thread-safe.
  void trouble(const std::string& kind, const std::string& what);
  std::map<std::string, std::string> troubles() const;

  void stop();  // the schedule and the workers end; call before services are destroyed

  std::recursive_mutex& lock() override { return lock_; }
  Store& store() override { return *store_; }
  Links& links() override { return *this; }
  std::string dir(std::string_view region, std::string_view plane) override;
  void after(Millis delay, std::function<void()> f) override { schedule_->after(delay, std::move(f)); }
  void work(std::function<void()> blocking, std::function<void()> done) override;
  Millis pace(Millis aws) const override;
  Millis poll_interval(Millis aws) const override;
  Result<std::string> take_address(std::string_view region, std::string_view owner) override;
  void release_address(std::string_view region, std::string_view owner) override;
  void set_name(std::string_view dns_name, std::string_view ipv4) override;
  void drop_name(std::string_view dns_name) override;
  std::optional<std::string> find_name(std::string_view dns_name) const override;
  std::string dns_address() const override;
  std::string api_endpoint() const override { return "http://" + settings.listen; }
  void add_principal(const Principal& p) override;
  void drop_principal(std::string_view access_key) override;
  std::optional<Principal> principal(std::string_view access_key) const override;
  void event(std::string_view region, std::string_view service, std::string_view resource,
             std::string_view what) override;
  Result<> invoke(std::string_view region, const aws::ServiceModel& s, const aws::Operation& op, const void* input,
                  void* output) override;

  // The address of a region's own endpoints (S3 over plain HTTP for health checkers): 127.x.0.80.
  std::string region_address(std::string_view region) const;
  // The address of HTTPS for all endpoints but S3's own: 127.x.53.44. Their names are answered with it, whether or not
  // anybody listens (relight-sandbox shell).
  std::string front_address() const;
  std::string partition_of(std::string_view a, std::string_view b) const;

 private:
  LiveWorld(Settings s, Clock& c, Rng& r, std::unique_ptr<Store> store);
  bool up(std::string_view region) const override;
  bool connected(std::string_view a, std::string_view b) const override;
  bool is_endpoint(std::string_view dns_name) const;
  int region_index(std::string_view region) const;  // -1 if unknown
  Result<int> known(const std::string& region) const;
  void load();

  std::recursive_mutex lock_;
  std::unique_ptr<Store> store_;
  std::map<std::string, Service*, std::less<>> services_;
  std::vector<std::function<void()>> links_changed_;
  mutable std::shared_mutex shared_;  // guards the five below, which other threads read without the lock
  std::set<std::string, std::less<>> lost_;
  std::set<std::string, std::less<>> partitions_;  // "a|b", a < b
  std::map<std::string, std::string, std::less<>> names_;
  std::map<std::string, Principal, std::less<>> principals_;
  std::map<std::string, std::string, std::less<>> addresses_;  // "region|owner" -> address
  std::set<std::string, std::less<>> taken_;
  mutable std::mutex trouble_lock_;
  std::map<std::string, std::string> troubles_;
  std::mutex event_lock_;
  uint64_t event_bytes_ = 0;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Schedule> schedule_;
};

}  // namespace relight::sandbox
