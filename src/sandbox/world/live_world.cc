#include "sandbox/world/live_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"
#include "base/disk.h"
#include "sandbox/world/store.h"

namespace relight::sandbox {
namespace {

constexpr uint64_t kEventLogLimit = 64u << 20;  // bytes; then the log is begun anew, the old one kept once
constexpr size_t kPrincipalLimit = 10000;

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (out.ends_with('.')) out.pop_back();
  return out;
}

std::string pair_key(std::string_view a, std::string_view b) {
  return a < b ? fmt::format("{}|{}", a, b) : fmt::format("{}|{}", b, a);
}

}  // namespace

Result<std::unique_ptr<LiveWorld>> LiveWorld::open(Settings s, Clock& clock, Rng& rng) {
  TRY(system_disk().make_dir(s.dir));
  TRY_ASSIGN(auto store, open_store(s.dir + "/state.sqlite"));
  return std::unique_ptr<LiveWorld>(new LiveWorld(std::move(s), clock, rng, std::move(store)));
}

LiveWorld::LiveWorld(Settings s, Clock& c, Rng& r, std::unique_ptr<Store> store)
    : World(std::move(s), c, r), store_(std::move(store)), workers_(std::make_unique<Workers>(16)) {
  load();
  schedule_ = std::make_unique<Schedule>(clock, lock_, [this] { static_cast<void>(keep()); });
}

LiveWorld::~LiveWorld() { stop(); }

void LiveWorld::stop() {
  schedule_->stop();
  workers_->stop();
  std::lock_guard g(lock_);
  static_cast<void>(keep());
}

Result<> LiveWorld::keep() {
  auto kept = store_->flush();
  trouble("store", kept ? "" : kept.error().text());
  return kept;
}

void LiveWorld::trouble(const std::string& kind, const std::string& what) {
  {
    std::lock_guard g(trouble_lock_);
    auto it = troubles_.find(kind);
    if (what.empty() ? it == troubles_.end() : it != troubles_.end()) {
      if (!what.empty()) it->second = what;
      return;
    }
    if (what.empty())
      troubles_.erase(it);
    else
      troubles_[kind] = what;
  }
  fmt::print(stderr, "relight-sandbox: {}: {}\n", kind, what.empty() ? "works again" : what);
  std::fflush(stderr);
  if (kind != "event log") event("", "sandbox", kind, what.empty() ? "works again" : what);
}

std::map<std::string, std::string> LiveWorld::troubles() const {
  std::lock_guard g(trouble_lock_);
  return troubles_;
}

void LiveWorld::load() {
  store_->each("world/lost", [&](auto& k, auto&) { lost_.insert(k); });
  store_->each("world/partitions", [&](auto& k, auto&) { partitions_.insert(k); });
  store_->each("world/addresses", [&](auto& k, auto& v) {
    // Kept from a run in another block of addresses: the same place in this one.
    std::string a = v;
    int i = region_index(k.substr(0, k.find('|')));
    if (size_t host = a.find('.', 4); i >= 0 && host != std::string::npos)
      a = fmt::format("127.{}{}", 8 * settings.slot + 1 + i, a.substr(host));
    addresses_[k] = a;
    taken_.insert(a);
  });
  store_->each("world/principals", [&](auto& k, auto& v) {
    auto j = nlohmann::json::parse(v, nullptr, false);
    if (j.is_discarded()) return;
    Principal p{k, j.value("secret", ""), j.value("token", ""), j.value("arn", ""),
                Instant{Millis{j.value("expires", int64_t{0})}}};
    if (p.expires.time_since_epoch().count() != 0 && p.expires < clock.now()) return;
    principals_[k] = std::move(p);
  });
}

Service* LiveWorld::service(std::string_view id) const {
  auto it = services_.find(id);
  return it == services_.end() ? nullptr : it->second;
}

int LiveWorld::region_index(std::string_view region) const {
  auto it = std::find(settings.regions.begin(), settings.regions.end(), region);
  return it == settings.regions.end() ? -1 : static_cast<int>(it - settings.regions.begin());
}

Result<int> LiveWorld::known(const std::string& region) const {
  if (int i = region_index(region); i >= 0) return i;
  Error e;
  e.code = "Region.Unknown";
  e.message = fmt::format("there is no region '{}' in this sandbox; it has {}", region,
                          fmt::join(settings.regions, ", "));
  return fail(std::move(e));
}

Result<> LiveWorld::lose(const std::string& region) {
  TRY(known(region));
  if (!up(region)) return fail("Region.State", region + " is lost already");
  {
    std::unique_lock g(shared_);
    lost_.insert(region);
  }
  event(region, "region", region, "lost");
  store_->put("world/lost", region, "1");
  for (auto& f : links_changed_) f();
  for (auto& [id, s] : services_) s->region_lost(region);
  return keep();
}

Result<> LiveWorld::restore(const std::string& region) {
  TRY(known(region));
  if (up(region)) return fail("Region.State", region + " is not lost");
  {
    std::unique_lock g(shared_);
    lost_.erase(region);
  }
  event(region, "region", region, "restored");
  store_->erase("world/lost", region);
  for (auto& f : links_changed_) f();
  for (auto& [id, s] : services_) s->region_restored(region);
  return keep();
}

Result<> LiveWorld::partition(const std::string& a, const std::string& b) {
  TRY(known(a));
  TRY(known(b));
  if (a == b) return fail("Region.State", "a region cannot be parted from itself");
  {
    std::unique_lock g(shared_);
    partitions_.insert(pair_key(a, b));
  }
  store_->put("world/partitions", pair_key(a, b), "1");
  event(a, "region", b, "partitioned");
  for (auto& f : links_changed_) f();
  return keep();
}

Result<> LiveWorld::heal(const std::string& a, const std::string& b) {
  TRY(known(a));
  TRY(known(b));
  {
    std::unique_lock g(shared_);
    if (!partitions_.erase(pair_key(a, b))) return fail("Region.State", a + " and " + b + " are not parted");
  }
  store_->erase("world/partitions", pair_key(a, b));
  event(a, "region", b, "healed");
  for (auto& f : links_changed_) f();
  return keep();
}

bool LiveWorld::up(std::string_view region) const {
  std::shared_lock g(shared_);
  return !lost_.contains(region);
}

bool LiveWorld::connected(std::string_view a, std::string_view b) const {
  std::shared_lock g(shared_);
  return !lost_.contains(a) && !lost_.contains(b) && !partitions_.contains(pair_key(a, b));
}

std::string LiveWorld::dir(std::string_view region, std::string_view plane) {
  std::string d = fmt::format("{}/{}/{}", settings.dir, region, plane);
  static_cast<void>(system_disk().make_dir(d));
  return d;
}

void LiveWorld::work(std::function<void()> blocking, std::function<void()> done) {
  workers_->run([this, blocking = std::move(blocking), done = std::move(done)] {
    blocking();
    std::lock_guard g(lock_);
    done();
    static_cast<void>(keep());
  });
}

Millis LiveWorld::pace(Millis aws) const {
  switch (settings.latency) {
    case Latency::kInstant: return Millis{0};
    case Latency::kScaled: return aws / 60;
    case Latency::kAws: return aws;
  }
  return aws;
}

Millis LiveWorld::poll_interval(Millis aws) const {
  switch (settings.latency) {
    case Latency::kInstant: return std::max(aws / 200, Millis{50});
    case Latency::kScaled: return std::max(aws / 20, Millis{50});
    case Latency::kAws: return aws;
  }
  return aws;
}

std::string LiveWorld::region_address(std::string_view region) const {
  return fmt::format("127.{}.0.80", 8 * settings.slot + 1 + region_index(region));
}

Result<std::string> LiveWorld::take_address(std::string_view region, std::string_view owner) {
  int i = region_index(region);
  if (auto k = known(std::string(region)); !k) return std::unexpected(k.error());
  std::string key = fmt::format("{}|{}", region, owner);
  std::unique_lock g(shared_);
  if (auto it = addresses_.find(key); it != addresses_.end()) return it->second;
  for (int n = 0; n < 250 * 250; ++n) {
    std::string a = fmt::format("127.{}.{}.{}", 8 * settings.slot + 1 + i, 1 + n / 250, 1 + n % 250);
    if (!taken_.insert(a).second) continue;
    addresses_[key] = a;
    store_->put("world/addresses", key, a);
    return a;
  }
  return fail("World.Full", fmt::format("all 62,500 addresses of {} are in use", region));
}

void LiveWorld::release_address(std::string_view region, std::string_view owner) {
  std::string key = fmt::format("{}|{}", region, owner);
  std::unique_lock g(shared_);
  auto it = addresses_.find(key);
  if (it == addresses_.end()) return;
  taken_.erase(it->second);
  addresses_.erase(it);
  store_->erase("world/addresses", key);
}

void LiveWorld::set_name(std::string_view dns_name, std::string_view ipv4) {
  std::unique_lock g(shared_);
  names_[lower(dns_name)] = ipv4;
}

void LiveWorld::drop_name(std::string_view dns_name) {
  std::unique_lock g(shared_);
  names_.erase(lower(dns_name));
}

std::optional<std::string> LiveWorld::find_name(std::string_view dns_name) const {
  std::string n = lower(dns_name);
  {
    std::shared_lock g(shared_);
    if (auto it = names_.find(n); it != names_.end()) return it->second;
  }
  // S3's own hosts: s3.REGION.amazonaws.com, any bucket below it, and the legacy global host (us-east-1's).
  for (auto& r : settings.regions) {
    std::string host = fmt::format("s3.{}.amazonaws.com", r);
    if (n == host || n.ends_with("." + host)) return region_address(r);
  }
  if (n == "s3.amazonaws.com" || n.ends_with(".s3.amazonaws.com")) return region_address(settings.regions.front());
  for (auto& r : settings.regions)  // a region's registries
    if (n.ends_with(fmt::format(".dkr.ecr.{}.amazonaws.com", r))) return region_address(r);
  if (is_endpoint(n)) return front_address();
  return std::nullopt;
}

// "rds.us-east-1.amazonaws.com", and the global services' own. Whether there is such a service the gateway says, with
// better words than a name that does not exist.
bool LiveWorld::is_endpoint(std::string_view n) const {
  for (auto& r : settings.regions) {
    std::string tail = "." + r + ".amazonaws.com";
    if (n == "api.ecr" + tail || n.ends_with(".s3-control" + tail)) return true;  // the latter: ACCOUNT.s3-control
    if (n.ends_with(tail)) return n.find('.') == n.size() - tail.size() && n.size() > tail.size();
  }
  return n == "iam.amazonaws.com" || n == "sts.amazonaws.com" || n == "route53.amazonaws.com";
}

std::string LiveWorld::front_address() const { return fmt::format("127.{}.53.44", 8 * settings.slot); }

std::string LiveWorld::dns_address() const { return fmt::format("127.{}.53.53", 8 * settings.slot); }

void LiveWorld::add_principal(const Principal& p) {
  std::unique_lock g(shared_);
  if (principals_.size() >= kPrincipalLimit)
    std::erase_if(principals_, [&](auto& e) {
      return e.second.expires.time_since_epoch().count() != 0 && e.second.expires < clock.now();
    });
  principals_[p.access_key] = p;
  nlohmann::json j{{"secret", p.secret_key}, {"token", p.session_token}, {"arn", p.arn},
                   {"expires", p.expires.time_since_epoch().count()}};
  store_->put("world/principals", p.access_key, j.dump());
}

void LiveWorld::drop_principal(std::string_view access_key) {
  std::unique_lock g(shared_);
  if (auto it = principals_.find(access_key); it != principals_.end()) principals_.erase(it);
  store_->erase("world/principals", access_key);
}

std::optional<Principal> LiveWorld::principal(std::string_view access_key) const {
  std::shared_lock g(shared_);
  auto it = principals_.find(access_key);
  if (it == principals_.end()) return std::nullopt;
  return it->second;
}

void LiveWorld::event(std::string_view region, std::string_view service, std::string_view resource,
                      std::string_view what) {
  nlohmann::ordered_json j{{"time", iso8601(clock.now())}, {"region", region}, {"service", service},
                           {"resource", resource}, {"what", what}};
  std::string line = j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  std::string path = settings.dir + "/events.jsonl";
  Result<> written;
  {
    std::lock_guard g(event_lock_);
    event_bytes_ += line.size();
    if (event_bytes_ > kEventLogLimit) {
      std::error_code ec;
      std::filesystem::rename(path, path + ".1", ec);
      event_bytes_ = line.size();
    }
    written = system_disk().append(path, line, false);
  }
  trouble("event log", written ? "" : written.error().text());
}

Result<> LiveWorld::invoke(std::string_view region, const aws::ServiceModel& s, const aws::Operation& op,
                           const void* input, void* output) {
  if (!up(region)) return fail("Region.Lost", fmt::format("{} is lost", region));
  Service* service_ = service(s.id);
  const Service::Erased* h = service_ ? service_->handler(op.name) : nullptr;
  if (!h) return aws_error("NotImplemented", fmt::format("{}:{} is not built in this sandbox", s.id, op.name), 501);
  TRY(aws::codec::validate(s, *op.input, input));
  Call call{std::string(region), "internal", fmt::format("arn:aws:iam::{}:root", account()), nullptr};
  return (*h)(call, input, output);
}

}  // namespace relight::sandbox
