// A balancer's spec as haproxy's configuration. Pure.
#pragma once
#include <map>
#include <string>

#include "sandbox/planes/balancer/plane.h"

namespace relight::sandbox {

struct HaproxyConfig {
  std::string text;  // haproxy.cfg
  std::map<std::string, std::string>
      files;  // beside it, by name: patterns and bodies, so nothing needs quoting
};

// control: path of the runtime socket. Servers are not part of it: they come through the runtime socket, or
// from `servers`, the pools as they stand, when a running balancer is replaced.
HaproxyConfig haproxy_config(const BalancerSpec& s, const std::string& control, bool with_servers);

std::string haproxy_server(const BalancerTarget& t);                              // "s-127-1-0-5-80"
std::string haproxy_server_line(const BalancerPool& p, const BalancerTarget& t);  // "s-… 127.1.0.5:80 …"

// ELBv2's wildcards ('*' any run, '?' any one) as an anchored regular expression.
std::string wildcard_regex(std::string_view pattern);

}  // namespace relight::sandbox
