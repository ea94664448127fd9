#include "sandbox/planes/probe/probe.h"

#include <curl/curl.h>
#include <fmt/format.h>

namespace relight::sandbox {
namespace {

constexpr size_t kBodyLimit =
    5120;  // Route 53 searches the first 5,120 bytes (CreateHealthCheck, SearchString)

size_t take(char* data, size_t, size_t n, void* to) {
  auto& body = *static_cast<std::string*>(to);
  body.append(data, std::min(n, kBodyLimit - body.size()));
  return body.size() >= kBodyLimit ? 0 : n;  // 0 ends the transfer: enough is read
}

// HTTPS by name where there is one, so that SNI names it; the connection goes to the address all the same.
bool by_name(const ProbeTarget& t) {
  return t.kind == ProbeTarget::Kind::kHttps && !t.host.empty() &&
         t.host.find_first_of(":/@?# ") == std::string::npos;
}

std::string literal(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::string url_of(const ProbeTarget& t) {
  std::string path = t.path.starts_with('/') ? t.path : "/" + t.path;
  return fmt::format("{}://{}:{}{}", t.kind == ProbeTarget::Kind::kHttps ? "https" : "http",
                     by_name(t) ? t.host : literal(t.address), t.port, path);
}

void set_up(CURL* c, const ProbeTarget& t, Millis timeout, Observation& o) {
  curl_easy_setopt(c, CURLOPT_URL, url_of(t).c_str());
  curl_easy_setopt(c, CURLOPT_PROXY, "");
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(c, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(c, CURLOPT_USERAGENT, t.user_agent.c_str());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &o.body);
  if (t.kind == ProbeTarget::Kind::kTcp) curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
}

}  // namespace

Observation probe(const ProbeTarget& t, Millis timeout) {
  Observation o;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> c(curl_easy_init(), curl_easy_cleanup);
  if (!c) return o.error = "no memory for a probe", o;
  set_up(c.get(), t, timeout, o);
  curl_slist* list = curl_slist_append(nullptr, "Connection: close");
  if (!t.host.empty()) list = curl_slist_append(list, ("Host: " + t.host).c_str());
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list, curl_slist_free_all);
  curl_easy_setopt(c.get(), CURLOPT_HTTPHEADER, headers.get());
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> route(
      by_name(t) ? curl_slist_append(nullptr, fmt::format("::{}:{}", literal(t.address), t.port).c_str())
                 : nullptr,
      curl_slist_free_all);
  if (route) curl_easy_setopt(c.get(), CURLOPT_CONNECT_TO, route.get());
  CURLcode rc = curl_easy_perform(c.get());
  long status = 0;
  double connect = 0;
  curl_easy_getinfo(c.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(c.get(), CURLINFO_CONNECT_TIME, &connect);
  o.status = static_cast<int>(status);
  o.connected = rc == CURLE_OK || connect > 0;
  o.timed_out = rc == CURLE_OPERATION_TIMEDOUT;
  bool enough = rc == CURLE_WRITE_ERROR && o.body.size() >= kBodyLimit;
  if (rc != CURLE_OK && !enough) o.error = curl_easy_strerror(rc);
  return o;
}

bool Poller::every(const std::string& id, Millis interval, std::function<void()> job) {
  std::lock_guard g(m_);
  if (stopping_ || (jobs_.size() >= 4096 && !jobs_.contains(id))) return false;
  Job& j = jobs_[id];
  j.interval = interval;
  j.run = std::make_shared<std::function<void()>>(std::move(job));
  j.due = clock_.monotonic();
  if (threads_.size() < std::min(limit_, jobs_.size())) threads_.emplace_back([this] { loop(); });
  cv_.notify_one();
  return true;
}

void Poller::drop(const std::string& id) {
  std::lock_guard g(m_);
  jobs_.erase(id);
}

void Poller::stop() {
  {
    std::lock_guard g(m_);
    stopping_ = true;
    jobs_.clear();
  }
  cv_.notify_all();
  for (auto& t : threads_) t.join();
  threads_.clear();
}

Poller::Job* Poller::earliest(std::string& id) {
  Job* best = nullptr;
  for (auto& [name, j] : jobs_)
    if (!j.running && (!best || j.due < best->due)) best = &j, id = name;
  return best;
}

void Poller::loop() {
  std::unique_lock g(m_);
  while (!stopping_) {
    std::string id;
    Job* j = earliest(id);
    if (!j) {
      cv_.wait(g);
      continue;
    }
    auto now = clock_.monotonic();
    if (j->due > now) {
      cv_.wait_for(g, j->due - now);
      continue;
    }
    j->running = true;
    j->due = now + j->interval;
    auto run = j->run;
    g.unlock();
    (*run)();
    g.lock();
    if (auto it = jobs_.find(id); it != jobs_.end()) it->second.running = false;
    cv_.notify_one();
  }
}

}  // namespace relight::sandbox
