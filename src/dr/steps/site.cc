#include "dr/steps/site.h"

#include <thread>
#include <tuple>
#include <vector>

#include "aws/client/retry.h"

namespace relight::dr {

Result<sql::Connection> Site::connect(const std::string& host, Millis deadline) const {
  if (host.empty()) return fail("Sql.NoHost", "the database's endpoint is not known");
  TRY_ASSIGN(auto addresses, resolver.addresses(host));
  TRY_ASSIGN(auto secret, password());
  sql::Target t;
  // A certificate names a host, and the client library compares it with the host it was told.
  t.host = config.database.ca_file.empty() ? addresses.front() : host;
  t.port = config.database.port;
  t.user = config.database.user;
  t.password = secret;
  t.database = config.database.name;
  t.connect_deadline = deadline;
  t.read_deadline = Millis(5000);
  t.ca_file = config.database.ca_file;
  return sql::Connection::open(t);
}

Result<http::Response> Site::send(http::Request r, const std::string& host, const std::string& port,
                                  Millis deadline) const {
  if (host.empty()) return fail("Http.NoHost", "the load balancer's name is not known");
  TRY_ASSIGN(auto addresses, resolver.addresses(host));
  Result<http::Response> out;
  for (auto& address : addresses) {  // a balancer has several, and one that refuses has seen nothing
    r.host = address + port;
    out = http.send(r, deadline);
    if (out || out.error().code != "Http.Refused") break;
  }
  return out;
}

Result<http::Response> Site::look(const std::string& host, const std::string& authority,
                                  const std::string& path, Millis deadline) const {
  auto& v = config.validation;
  auto port = v.port > 0 ? ":" + std::to_string(v.port) : "";
  http::Request r;
  r.scheme = v.scheme;
  std::tie(r.path, r.query) = split_query(!path.empty() ? path : v.read.path.empty() ? "/" : v.read.path);
  r.headers.set("Host", authority + port);
  r.headers.set("Accept", "application/json, */*");
  return send(std::move(r), host, port, deadline);
}

bool may_pass(const Error& e) { return e.retryable || aws::is_unknown_outcome(e); }

void side_by_side(std::initializer_list<std::function<void()>> calls) {
  std::vector<std::jthread> threads;
  for (auto& call : calls) threads.emplace_back(call);
}

}  // namespace relight::dr
