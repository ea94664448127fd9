// The verbs that arrive over the control socket.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/sandbox/image.h"
#include "app/sandbox/sandbox.h"
#include "base/disk.h"
#include "sandbox/services/servicequotas/service.h"

namespace relight::app {

using Json = nlohmann::ordered_json;

std::string Sandbox::answer(const std::string& line) {
  auto q = Json::parse(line, nullptr, false);
  std::string verb = q.is_object() ? q.value("verb", "") : "", a = q.is_object() ? q.value("a", "") : "", b = q.is_object() ? q.value("b", "") : "";
  if (verb == "down") {
    ::kill(::getpid(), SIGTERM);
    return Json{{"text", "stopping\n"}}.dump();
  }
  if (verb == "env") return Json{{"env", environment()}}.dump();
  if (verb == "status") return status();
  if (verb == "shell") {
    auto opened = open_front();
    return opened ? *opened : Json{{"error", opened.error().text()}}.dump();
  }
  if (verb == "coverage") return Json{{"text", coverage()}}.dump();
  Result<> done = fail("Sandbox.Verb", fmt::format("unknown verb '{}'", verb));
  if (verb == "iam" && a == "used") return Json{{"text", used(b)}}.dump();
  if (verb == "throttle" && a.empty()) return Json{{"text", throttled()}}.dump();
  if (verb == "throttle" && a == "aws") {
    throttle_.as_aws(q.value("rate", -1.0) != 0);
    done = Result<>{};
  } else if (verb == "throttle") {
    done = world_->service(a) ? Result<>{} : fail("Sandbox.Service", fmt::format("there is no service '{}'; 'relight-sandbox coverage' names them", a));
    if (done && q.value("rate", -1.0) < 0) done = fail("Sandbox.Rate", "say how many calls a second; 0 lifts the limit");
    if (done) throttle_.set(a, q.value("rate", 0.0));
  } else if (verb == "quota") {
    std::lock_guard g(world_->lock());
    done = quotas_->set(a, b, q.value("c", ""), q.value("rate", -1.0));
    if (done) done = world_->store().flush();
  } else if (verb == "iam") {
    done = set_iam(a);
  } else if (verb == "image") {
    done = import_image(settings_.dir, a, b);
  } else if (verb != "") {
    done = disaster(verb, a, b);
  }
  if (!done) return Json{{"error", done.error().text()}}.dump();
  return Json{{"text", ""}}.dump();
}

std::string Sandbox::throttled() const {
  std::string text;
  for (auto& c : throttle_.counts())
    text += fmt::format("{:<12} {:<16} {:>8} admitted {:>8} throttled  {}\n", c.region, c.service, c.admitted, c.refused, c.bucket);
  return text;
}

std::string Sandbox::used(const std::string& role) const {
  std::string text;
  for (auto& u : authority_->used())
    if (role.empty() || u.role == role)
      text += fmt::format("{:<16} {:<16} {:>8} permitted {:>8} denied  {}\n", u.role, u.region, u.permitted, u.denied, u.action);
  return text;
}

Result<std::string> Sandbox::open_front() {
  std::string dir = settings_.dir + "/tls";
  if (!front_.running()) {
    sandbox::TlsFrontSpec spec{.dir = dir, .names = {"*.amazonaws.com", "*.s3.amazonaws.com"}, .domains = {"amazonaws.com"}, .routes = {}};
    spec.routes.push_back({world_->front_address(), settings_.listen});
    for (auto& r : settings_.regions) {
      spec.names.push_back("*." + r + ".amazonaws.com");
      for (auto below : {"*.s3.", "*.s3-control.", "*.ecr.", "*.dkr.ecr."}) spec.names.push_back(below + r + ".amazonaws.com");
      std::string own = world_->region_address(r);
      spec.routes.push_back({own, own + ":80"});
    }
    TRY(front_.start(spec));
  }
  auto env = environment();
  env.erase("AWS_ENDPOINT_URL");
  return Json{{"env", env}, {"dns", world_->dns_address()}, {"authority", sandbox::TlsFront::authority_file(dir)}}.dump();
}

Result<> Sandbox::set_iam(const std::string& mode) {
  if (mode != "enforce" && mode != "off") return fail("Sandbox.Iam", fmt::format("'{}' is neither 'enforce' nor 'off'", mode));
  std::lock_guard g(world_->lock());
  authority_->enforce(mode == "enforce");
  world_->store().put("world/iam", "mode", mode);
  return world_->store().flush();
}

Result<> Sandbox::disaster(const std::string& verb, const std::string& a, const std::string& b) {
  std::lock_guard g(world_->lock());
  if (verb == "lose") return world_->lose(a);
  if (verb == "restore") return world_->restore(a);
  if (verb == "partition") return world_->partition(a, b);
  if (verb == "heal") return world_->heal(a, b);
  return fail("Sandbox.Verb", fmt::format("unknown verb '{}'", verb));
}

std::string Sandbox::status() const {
  Json j{{"dir", settings_.dir}, {"endpoint", world_->api_endpoint()}, {"dns", world_->dns_address()}, {"slot", settings_.slot},
         {"containers", containers_->kind()}, {"functions", functions_->kind()}, {"iam", authority_->enforced() ? "enforce" : "off"}, {"regions", Json::array()}};
  std::string text = fmt::format("sandbox  {}\nendpoint {}\ndns      {}\n", settings_.dir, world_->api_endpoint(), world_->dns_address());
  if (authority_->enforced()) text += "iam      enforced\n";
  for (auto& r : settings_.regions) {
    bool up = world_->links().up(r);
    j["regions"].push_back({{"name", r}, {"state", up ? "up" : "lost"}});
    text += fmt::format("{:<16} {}\n", r, up ? "up" : "LOST");
  }
  j["connections"] = {{"open", server_->connections()}, {"limit", server_->capacity()}};
  j["troubles"] = world_->troubles();
  for (auto& [kind, what] : world_->troubles()) text += fmt::format("NOT RIGHT: {}: {}\n", kind, what);
  j["text"] = text;
  return j.dump();
}

}  // namespace relight::app
