// Names to addresses, asking given DNS servers (c-ares) or the system's.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace relight::dr {

class Resolver {
 public:
  virtual ~Resolver() = default;
  // IPv4 addresses, sorted; an address literal answers itself. No caching. Thread-safe. Error "Dns.NotFound"
  // when the servers say that there is none, "Dns.Unreachable" (retryable) when they do not answer.
  virtual Result<std::vector<std::string>> addresses(const std::string& name) = 0;
  // Addresses of the name servers of the zone that holds `name`; empty when they cannot be found.
  virtual std::vector<std::string> authorities(const std::string&) { return {}; }
  // Names of the name servers that DNS answers for that zone; empty when there is none, or no answer.
  virtual std::vector<std::string> name_servers(const std::string&) { return {}; }
  // The same resolver, asking that server alone; nullptr if it cannot.
  virtual std::unique_ptr<Resolver> through(const std::string&) { return nullptr; }
};

// `servers`: addresses, optionally with :port; empty: what /etc/resolv.conf says.
std::unique_ptr<Resolver> make_resolver(std::vector<std::string> servers, Millis deadline = Millis(2000));

}  // namespace relight::dr
