#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/process.h"
#include "sandbox/planes/balancer/certificate.h"
#include "sandbox/planes/balancer/haproxy_config.h"
#include "sandbox/planes/balancer/plane.h"

namespace relight::sandbox {
namespace {

constexpr const char* kProgram = "/usr/sbin/haproxy";
// A runtime socket by way of its process's working directory: a Unix socket's path may have 107 bytes only
// (haproxy takes ten of them for itself while it binds), and the sandbox's directory can lie anywhere.
std::string through(pid_t pid, const std::string& socket) {
  return fmt::format("/proc/{}/cwd/{}", pid, socket);
}

constexpr int kAnswerMs = 5000;  // of the runtime socket
constexpr int kLeaveMs = 200;    // that a change waits for connections of the process it replaces
constexpr Millis kWatchEvery{500};

struct Closer {
  int fd;
  ~Closer() { close(fd); }
};

// One command over haproxy's runtime socket.
Result<std::string> ask(const std::string& path, const std::string& command) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail("Balancer.Control", "no socket for haproxy's runtime API");
  Closer closer{fd};
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  if (path.size() >= sizeof a.sun_path)
    return fail("Balancer.Control", "the path of the runtime socket is too long");
  path.copy(a.sun_path, path.size());
  if (connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) != 0)
    return fail("Balancer.Control", "haproxy's runtime socket does not answer");
  std::string line = command + "\n";
  if (send(fd, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    return fail("Balancer.Control", "haproxy's runtime socket broke off");
  std::string out;
  char buffer[16384];
  while (out.size() < (4u << 20)) {
    pollfd p{fd, POLLIN, 0};
    if (poll(&p, 1, kAnswerMs) <= 0) return fail("Balancer.Control", "haproxy's runtime socket is silent");
    ssize_t n = read(fd, buffer, sizeof buffer);
    if (n <= 0) break;
    out.append(buffer, static_cast<size_t>(n));
  }
  return out;
}

// "backend/server" of each target that should stand -> how.
using Servers = std::map<std::string, std::pair<std::string, bool>>;  // line for `add server`, draining

Servers servers_of(const BalancerSpec& s) {
  Servers out;
  for (auto& p : s.pools)
    for (auto& t : p.targets) out[p.id + "/" + haproxy_server(t)] = {haproxy_server_line(p, t), t.draining};
  return out;
}

class Instance {
 public:
  Result<> apply(const BalancerSpec& s) {
    std::lock_guard g(m_);
    last_ = s;
    return serve(s);
  }
  // Begins anew what has died unasked. Nothing when all is well; otherwise whether it serves again.
  std::optional<Result<>> revive() {
    std::lock_guard g(m_);
    if (!last_ || last_->listeners.empty() || running_.running()) return std::nullopt;
    standing_.clear();
    return serve(*last_);
  }
  void kill() {
    std::lock_guard g(m_);
    last_.reset();
    running_.kill();
    for (auto& p : old_) p.kill();
    old_.clear();
    if (last_dir_.empty()) return;
    static_cast<void>(system_disk().remove(last_dir_ + "/" + socket_));
  }
  BalancerCounters counters() {
    std::lock_guard g(m_);
    BalancerCounters c = past_;
    if (running_.running()) add(c, read_traffic().counters);
    return c;
  }

 private:
  Result<> serve(const BalancerSpec& s) {
    std::string wanted = haproxy_config(s, "", false).text;
    auto files = haproxy_config(s, "", false).files;
    if (!running_.running() || wanted != config_ || files != files_) TRY(restart(s, wanted, files));
    sticky_.clear();
    for (auto& p : s.pools)
      if (p.stickiness_seconds > 0) sticky_.insert(p.id);
    ports_.clear();
    for (auto& l : s.listeners) ports_.push_back(l.port);
    return reconcile(servers_of(s));
  }

  static void add(BalancerCounters& a, const BalancerCounters& b) {
    a.requests += b.requests;
    a.http_2xx += b.http_2xx;
    a.http_3xx += b.http_3xx;
    a.http_4xx += b.http_4xx;
    a.http_5xx += b.http_5xx;
  }

  Result<> restart(const BalancerSpec& s, const std::string& wanted,
                   const std::map<std::string, std::string>& files) {
    bool replaces = running_.running();
    if (s.listeners.empty()) return replaces ? stop_all() : Result<>{};
    std::string socket = fmt::format("c{}", ++generation_);
    // What serves now goes on to serve through the change, so its servers stand in the file from the start.
    HaproxyConfig c = haproxy_config(s, "unix@" + socket, replaces);
    TRY(system_disk().make_dir(s.dir));
    for (auto& [name, bytes] : c.files) TRY(write(s.dir + "/" + name, bytes));
    bool tls = std::any_of(s.listeners.begin(), s.listeners.end(), [](auto& l) { return l.tls; });
    if (tls && !system_disk().exists(s.dir + "/tls.pem")) {
      TRY_ASSIGN(std::string pem, self_signed_pem(s.id));
      TRY(system_disk().write(s.dir + "/tls.pem", pem, 0600));
    }
    std::string path = fmt::format("{}/haproxy.{}.cfg", s.dir, generation_ % 2);
    TRY(write(path, c.text));
    static_cast<void>(system_disk().remove(s.dir + "/" + socket));
    Spawn how;
    how.argv = {kProgram, "-db", "-f", path};
    if (replaces) how.argv.insert(how.argv.end(), {"-x", control()});  // its listening sockets
    how.cwd = s.dir;
    how.output = s.dir + "/haproxy.log";
    TRY_ASSIGN(Process next, Process::start(how));
    TRY(await(next, socket, how.output));
    if (replaces) leave(s);
    std::erase_if(old_, [](Process& p) { return !p.running(); });
    if (!socket_.empty()) static_cast<void>(system_disk().remove(s.dir + "/" + socket_));
    running_ = std::move(next);
    socket_ = socket;
    last_dir_ = s.dir;
    config_ = wanted;
    files_ = files;
    standing_.clear();
    if (replaces)
      for (auto& [name, how_] : servers_of(s))
        if (!how_.second) standing_[name] = how_;
    return {};
  }

  // Ends the process that serves now; the next one holds the same listening sockets already. It stops
  // accepting before anyone is told that the change is done, or a connection would still meet the old rules.
  // A frontend without room does that; one that is shut down would also close what it accepted and has not
  // read a request from.
  void leave(const BalancerSpec& next) {
    for (int port : ports_) {
      bool stays =
          std::any_of(next.listeners.begin(), next.listeners.end(), [&](auto& l) { return l.port == port; });
      static_cast<void>(ask(control(), fmt::format("{} frontend l{}{}", stays ? "set maxconn" : "shutdown",
                                                   port, stays ? " 0" : "")));
    }
    Traffic t = read_traffic();
    for (int waited = 0; t.connections > 0 && waited < kLeaveMs; waited += 2) {
      system_clock().sleep(Millis{2});
      t = read_traffic();
    }
    add(past_, t.counters);
    running_.signal(SIGUSR1);  // finishes the requests it has and closes what idles
    old_.push_back(std::move(running_));
  }

  static Result<> write(const std::string& path, const std::string& bytes) {
    static_cast<void>(system_disk().remove(path));
    return system_disk().append(path, bytes, false);  // no fsync: rebuilt at each start
  }

  Result<> stop_all() {
    running_.kill();
    standing_.clear();
    config_.clear();
    return {};
  }

  Result<> await(Process& p, const std::string& socket, const std::string& log) {
    for (int i = 0; i < 5000; ++i) {
      if (!p.running()) {
        auto text = system_disk().read(log).value_or("");
        if (text.size() > 600) text = text.substr(text.size() - 600);
        return fail("Balancer.Start", "haproxy ended at once: " + text);
      }
      if (auto r = ask(through(p.pid(), socket), "show info"); r && r->find("Uptime") != std::string::npos)
        return {};
      system_clock().sleep(Millis{2});
    }
    return fail("Balancer.Start", "haproxy did not answer within 10 s");
  }

  Result<> reconcile(const Servers& wanted) {
    if (!running_.running()) return {};
    Servers now = standing_;
    for (auto& [name, how] : now)
      if (auto it = wanted.find(name); it == wanted.end() || it->second.first != how.first) TRY(drop(name));
    for (auto& [name, how] : wanted) TRY(stand(name, how));
    return {};
  }

  Result<> stand(const std::string& name, const std::pair<std::string, bool>& how) {
    auto it = standing_.find(name);
    if (it != standing_.end() && it->second.second == how.second) return {};
    if (it == standing_.end()) {
      if (how.second) return {};  // drains, and nothing of it is left to finish
      std::string backend = name.substr(0, name.find('/'));
      TRY(tell(fmt::format("add server {}/{}", backend, how.first), "registered"));
      TRY(tell("enable server " + name, ""));
      // A server that comes at run time gets its cookie only now.
      if (sticky_.contains(backend)) TRY(tell("enable dynamic-cookie backend " + backend, ""));
    } else {
      TRY(tell(fmt::format("set server {} state {}", name, how.second ? "drain" : "ready"), ""));
    }
    standing_[name] = how;
    return {};
  }

  // A server with open connections cannot be deleted: they are closed, as an ALB does when the delay is over.
  Result<> drop(const std::string& name) {
    TRY(tell(fmt::format("set server {} state maint", name), ""));
    TRY(tell("shutdown sessions server " + name, ""));
    Result<> last;
    for (int i = 0; i < 200; ++i) {
      last = tell("del server " + name, "deleted");
      if (last) break;
      system_clock().sleep(Millis{5});
    }
    standing_.erase(name);
    if (!last) config_.clear();  // the next apply starts afresh
    return {};
  }

  Result<> tell(const std::string& command, std::string_view expected) {
    TRY_ASSIGN(std::string out, ask(control(), command));
    while (out.ends_with('\n')) out.pop_back();
    if (expected.empty() ? out.empty() : out.find(expected) != std::string::npos) return {};
    return fail("Balancer.Control", fmt::format("haproxy answered \"{}\" to \"{}\"", out, command));
  }

  struct Traffic {
    BalancerCounters counters;
    uint64_t connections = 0;  // open now
  };
  Traffic read_traffic() {
    Traffic all;
    auto out = ask(control(), "show stat -1 1 -1");  // frontends
    if (!out) return all;
    std::vector<std::string> columns;
    size_t at = 0;
    while (at < out->size()) {
      size_t end = std::min(out->find('\n', at), out->size());
      auto cells = split(out->substr(at, end - at), ',');
      at = end + 1;
      if (columns.empty()) {
        columns = cells;
        continue;
      }
      auto number = [&](std::string_view name) -> uint64_t {
        auto it = std::find(columns.begin(), columns.end(), name);
        size_t i = static_cast<size_t>(it - columns.begin());
        return i < cells.size() && !cells[i].empty() ? strtoull(cells[i].c_str(), nullptr, 10) : 0;
      };
      all.connections += number("scur");
      add(all.counters, {number("req_tot"), number("hrsp_2xx"), number("hrsp_3xx"), number("hrsp_4xx"),
                         number("hrsp_5xx")});
    }
    return all;
  }

  std::string control() const { return through(running_.pid(), socket_); }

  std::mutex m_;
  Process running_;
  std::vector<Process> old_;          // finishing their connections, 30 s at most
  std::optional<BalancerSpec> last_;  // what should stand; none before the first apply and after the end
  std::vector<int> ports_;            // that the running process listens on
  std::string socket_, last_dir_, config_;  // the runtime socket of the running process, in its directory
  std::map<std::string, std::string> files_;
  Servers standing_;
  std::set<std::string> sticky_;  // pools with cookies
  BalancerCounters past_;
  int generation_ = 0;
};

class HaproxyPlane final : public BalancerPlane {
 public:
  explicit HaproxyPlane(BalancerWatch watch) : watch_(std::move(watch)), watcher_([this] { watch_over(); }) {}
  ~HaproxyPlane() override {
    {
      std::lock_guard g(m_);
      stopping_ = true;
    }
    wake_.notify_one();
    watcher_.join();
  }
  Result<> apply(const BalancerSpec& s) override { return find(s.id)->apply(s); }
  void remove(const std::string& id) override {
    std::shared_ptr<Instance> i;
    {
      std::lock_guard g(m_);
      auto it = instances_.find(id);
      if (it == instances_.end()) return;
      i = std::move(it->second);
      instances_.erase(it);
    }
    i->kill();
  }
  BalancerCounters counters(const std::string& id) override {
    std::shared_ptr<Instance> i;
    {
      std::lock_guard g(m_);
      auto it = instances_.find(id);
      if (it == instances_.end()) return {};
      i = it->second;
    }
    return i->counters();
  }

 private:
  std::shared_ptr<Instance> find(const std::string& id) {
    std::lock_guard g(m_);
    auto& slot = instances_[id];
    if (!slot) slot = std::make_shared<Instance>();
    return slot;
  }
  void watch_over() {
    std::unique_lock g(m_);
    while (!stopping_) {
      wake_.wait_for(g, kWatchEvery);
      auto all = instances_;
      g.unlock();
      for (auto& [id, i] : all)
        if (auto again = i->revive(); again && watch_)
          watch_(id, *again ? "restarted" : "died; it does not start again yet: " + again->error().text());
      g.lock();
    }
  }

  BalancerWatch watch_;
  std::mutex m_;
  std::condition_variable wake_;
  bool stopping_ = false;
  // Shared with the calls under way: a removal does not wait for them with the map locked.
  std::map<std::string, std::shared_ptr<Instance>> instances_;
  std::thread watcher_;  // last: it uses all the others
};

}  // namespace

std::unique_ptr<BalancerPlane> make_haproxy_plane(BalancerWatch watch) {
  return std::make_unique<HaproxyPlane>(std::move(watch));
}

}  // namespace relight::sandbox
