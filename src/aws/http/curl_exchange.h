// The Exchange that speaks to real machines: libcurl, HTTP/1.1, connections kept and reused.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/http/exchange.h"

namespace relight::http {

struct CurlSettings {
  size_t max_handles = 64;                          // requests at once; others wait within their deadline
  std::chrono::milliseconds connect_timeout{5000};  // per address; part of the deadline
  uint64_t response_memory_bytes = 8 << 20;         // a longer answer goes to a nameless file
  std::string spool_dir = "/tmp";
  std::string ca_file;  // empty: libcurl's own
  std::string user_agent = "relight";
  // Addresses of a host name, best first; tried in turn until one takes the connection. Unset: the system
  // resolves.
  std::function<Result<std::vector<std::string>>(const std::string& host)> resolve;
};

// Thread-safe. Follows no redirects; takes no proxy for loopback addresses. A timeout before the request was
// sent is "Http.Refused": the other side has seen nothing.
class CurlExchange final : public Exchange {
 public:
  explicit CurlExchange(CurlSettings settings = {});
  ~CurlExchange() override;
  Result<Response> send(const Request& request, std::chrono::milliseconds deadline) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> p_;
};

}  // namespace relight::http
