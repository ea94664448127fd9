#include "dr/steps/site.h"

#include <thread>
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

Result<http::Response> Site::ask(const std::string& method, const std::string& host,
                                 const std::string& authority, const std::string& path,
                                 const std::string& json_body, Millis deadline) const {
  if (host.empty()) return fail("Http.NoHost", "the load balancer's name is not known");
  TRY_ASSIGN(auto addresses, resolver.addresses(host));
  http::Request r;
  r.method = method;
  r.scheme = "http";
  auto query = path.find('?');
  r.path = path.substr(0, query);
  if (query != std::string::npos) r.query = path.substr(query + 1);
  r.headers.set("Host", authority);
  r.headers.set("Accept", "application/json");
  if (!json_body.empty()) {
    r.headers.set("Content-Type", "application/json");
    r.body = json_body;
  }
  Result<http::Response> out;
  for (auto& address : addresses) {  // a balancer has several, and one that refuses has seen nothing
    r.host = address;
    out = http.send(r, deadline);
    if (out || out.error().code != "Http.Refused") break;
  }
  return out;
}

bool may_pass(const Error& e) { return e.retryable || aws::is_unknown_outcome(e); }

void side_by_side(std::initializer_list<std::function<void()>> calls) {
  std::vector<std::jthread> threads;
  for (auto& call : calls) threads.emplace_back(call);
}

}  // namespace relight::dr
