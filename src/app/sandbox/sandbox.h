// Everything a running sandbox is made of, in the order in which it is built. Destroyed in reverse.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/http/server.h"
#include "sandbox/faults/throttle.h"
#include "sandbox/gateway/gateway.h"
#include "sandbox/planes/balancer/plane.h"
#include "sandbox/planes/container/container_plane.h"
#include "sandbox/planes/dns/plane.h"
#include "sandbox/planes/function/function_plane.h"
#include "sandbox/planes/sql/sql_plane.h"
#include "sandbox/planes/tls/front.h"
#include "sandbox/planes/wan/wan.h"
#include "sandbox/services/ecr/registry.h"
#include "sandbox/services/iam/authority.h"
#include "sandbox/world/live_world.h"
#include "sandbox/world/schedule.h"

namespace relight::sandbox {
class ServiceQuotasService;
}

namespace relight::app {

class Sandbox {
 public:
  // iam: "enforce", "off", or "" for what it was.
  static Result<std::unique_ptr<Sandbox>> open(const sandbox::Settings& s, const std::string& iam = "");
  ~Sandbox();

  // One verb of the control socket: JSON in, JSON out.
  std::string answer(const std::string& line);
  std::string greeting() const;  // what `up` prints

 private:
  explicit Sandbox(const sandbox::Settings& s);
  Result<> build(const std::string& iam);
  Result<> build_services();
  Result<> keys();
  Result<> listen();
  void serve(http::Request&& r, http::Reply reply);
  void follow_links();
  void watch_listeners();
  std::string status() const;
  std::string coverage() const;
  std::string throttled() const;
  std::string used(const std::string& role) const;
  std::map<std::string, std::string> environment() const;
  // HTTPS for AWS's own host names, from now on; what a shell in front of it needs.
  Result<std::string> open_front();
  Result<> set_iam(const std::string& mode);
  Result<> disaster(const std::string& verb, const std::string& a, const std::string& b);

  sandbox::Settings settings_;
  std::string access_key_, secret_key_;
  std::unique_ptr<sandbox::LiveWorld> world_;
  sandbox::Throttle throttle_;
  std::unique_ptr<sandbox::IamAuthority> authority_;
  std::unique_ptr<sandbox::EcrRegistry> registry_;
  std::unique_ptr<sandbox::Gateway> gateway_;
  std::unique_ptr<http::Server> server_;
  std::map<std::string, uint64_t> s3_listeners_;  // region -> listener
  sandbox::TlsFront front_;
  std::unique_ptr<sandbox::Wan> wan_;
  std::unique_ptr<sandbox::SqlPlane> sql_;
  std::unique_ptr<sandbox::container::ContainerPlane> containers_;
  std::unique_ptr<sandbox::BalancerPlane> balancers_;
  std::unique_ptr<sandbox::dns::DnsPlane> dns_;
  std::unique_ptr<sandbox::function::FunctionPlane> functions_;
  std::vector<std::unique_ptr<sandbox::Service>> services_;
  sandbox::Workers waiters_{200};  // requests that wait for a function, which may itself have requests to us
  sandbox::ServiceQuotasService* quotas_ = nullptr;  // one of them
};

}  // namespace relight::app
