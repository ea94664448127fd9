#include "sandbox/services/ecs/metadata.h"

#include <nlohmann/json.hpp>

#include "aws/http/server.h"
#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;
using nlohmann::json;

namespace {

constexpr auto kLifetime = std::chrono::hours(6);
constexpr auto kRenewBefore = std::chrono::hours(1);

class LoopbackServer final : public MetadataServer {
 public:
  explicit LoopbackServer(Handler h)
      : handler_(std::move(h)),
        server_({.threads = 1, .max_connections = 500, .grace = std::chrono::seconds(0)}, system_clock()) {}
  Result<> listen() {
    auto l = server_.add_listener("127.0.0.1", 0, [this](http::Request&& r, http::Reply reply) {
      auto waiting = std::make_shared<http::Reply>(std::move(reply));
      handler_({r.path, std::string(r.headers.value("Authorization"))}, [waiting](const MetadataAnswer& a) {
        http::Response out;
        out.status = a.status;
        out.body = a.json;
        out.headers.set("Content-Type", "application/json");
        waiting->send(std::move(out));
      });
    });
    if (!l) return std::unexpected(l.error());
    url_ = "http://127.0.0.1:" + std::to_string(l->port);
    return {};
  }
  std::string url() const override { return url_; }

 private:
  Handler handler_;
  std::string url_;
  http::Server server_;  // last: its threads end before what they use
};

std::string upper(std::string s) {
  for (auto& c : s) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return s;
}

// The container as the metadata endpoint describes it.
json container_json(const api::Task& t, const api::Container& c, const std::string& address) {
  std::string family = t.taskDefinitionArn->substr(t.taskDefinitionArn->rfind('/') + 1);
  json j{{"DockerId", c.runtimeId.value_or("")},
         {"Name", c.name.value_or("")},
         {"DockerName", c.name.value_or("")},
         {"Image", c.image.value_or("")},
         {"ImageID", c.imageDigest.value_or("")},
         {"DesiredStatus", t.desiredStatus.value_or("")},
         {"KnownStatus", c.lastStatus.value_or("")},
         {"ContainerARN", c.containerArn.value_or("")},
         {"Type", "NORMAL"},
         {"Labels",
          {{"com.amazonaws.ecs.cluster", t.clusterArn.value_or("")},
           {"com.amazonaws.ecs.container-name", c.name.value_or("")},
           {"com.amazonaws.ecs.task-arn", t.taskArn.value_or("")},
           {"com.amazonaws.ecs.task-definition-family", family.substr(0, family.find(':'))},
           {"com.amazonaws.ecs.task-definition-version", family.substr(family.find(':') + 1)}}}};
  j["Networks"] = json::array({{{"NetworkMode", "awsvpc"}, {"IPv4Addresses", json::array({address})}}});
  return j;
}

}  // namespace

Result<std::unique_ptr<MetadataServer>> MetadataServer::start(Handler handler) {
  auto s = std::make_unique<LoopbackServer>(std::move(handler));
  TRY(s->listen());
  return s;
}

MetadataAnswer EcsService::metadata(const MetadataQuery& q) {
  bool wants_credentials = q.path.starts_with("/v2/credentials/");
  std::string rest = wants_credentials            ? q.path.substr(16)
                     : q.path.starts_with("/v4/") ? q.path.substr(4)
                                                  : "";
  auto path = secret_paths_.find(rest.substr(0, 32));
  if (path == secret_paths_.end() || !world_.links().up(path->second.first))
    return {404, R"({"code":"NotFound"})"};
  auto& [region, key] = path->second;
  auto* t = tasks_.find(region, key);
  auto def = definition(region, t ? *t->v.taskDefinitionArn : "", false);
  if (!t || !def) return {404, R"({"code":"NotFound"})"};
  auto& d = *(*def)->v.taskDefinition;
  if (wants_credentials) {
    if (q.authorization != path->first || !d.taskRoleArn) return {403, R"({"code":"AccessDenied"})"};
    Principal& p = credentials_[key];
    if (p.access_key.empty() || p.expires - world_.clock.now() < kRenewBefore) {
      // The old keys stay good until they expire: a request signed with them may be on its way.
      std::string role = d.taskRoleArn->substr(d.taskRoleArn->rfind('/') + 1);
      p = {.access_key = "ASIA" + upper(world_.rng.hex(16)),
           .secret_key = world_.rng.hex(40),
           .session_token = world_.rng.hex(128),
           .arn = "arn:aws:sts::" + world_.account() + ":assumed-role/" + role + "/" +
                  key.substr(key.find('/') + 1),
           .expires = world_.clock.now() + kLifetime};
      world_.add_principal(p);
    }
    return {200, json{{"RoleArn", *d.taskRoleArn},
                      {"AccessKeyId", p.access_key},
                      {"SecretAccessKey", p.secret_key},
                      {"Token", p.session_token},
                      {"Expiration", iso8601(p.expires)}}
                     .dump()};
  }
  std::string tail = rest.size() > 33 ? rest.substr(33) : "";  // "<index>" or "<index>/task"
  size_t index = static_cast<size_t>(std::atoi(tail.c_str()));
  if (index >= t->v.containers->size()) return {404, R"({"code":"NotFound"})"};
  std::string address = address_of(*t);
  if (!tail.ends_with("/task")) return {200, container_json(t->v, (*t->v.containers)[index], address).dump()};
  json all = json::array();
  for (auto& c : *t->v.containers) all.push_back(container_json(t->v, c, address));
  return {200, json{{"Cluster", *t->v.clusterArn},
                    {"TaskARN", *t->v.taskArn},
                    {"Family", *d.family},
                    {"Revision", std::to_string(*d.revision)},
                    {"DesiredStatus", *t->v.desiredStatus},
                    {"KnownStatus", *t->v.lastStatus},
                    {"LaunchType", *t->v.launchType},
                    {"AvailabilityZone", *t->v.availabilityZone},
                    {"Containers", all}}
                   .dump()};
}

}  // namespace relight::sandbox
