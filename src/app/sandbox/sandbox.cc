#include "app/sandbox/sandbox.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/disk.h"
#include "sandbox/planes/balancer/plane.h"
#include "sandbox/planes/container/runc_plane.h"
#include "sandbox/planes/function/process_plane.h"
#include "sandbox/planes/sql/mariadb_plane.h"
#include "sandbox/services/acm/service.h"
#include "sandbox/services/applicationautoscaling/service.h"
#include "sandbox/services/cloudformation/service.h"
#include "sandbox/services/cloudwatch/service.h"
#include "sandbox/services/ec2/service.h"
#include "sandbox/services/ecr/service.h"
#include "sandbox/services/ecs/service.h"
#include "sandbox/services/elbv2/service.h"
#include "sandbox/services/events/service.h"
#include "sandbox/services/iam/service.h"
#include "sandbox/services/lambda/service.h"
#include "sandbox/services/kms/service.h"
#include "sandbox/services/logs/service.h"
#include "sandbox/services/rds/service.h"
#include "sandbox/services/route53/service.h"
#include "sandbox/services/s3/service.h"
#include "sandbox/services/s3control/service.h"
#include "sandbox/services/secretsmanager/service.h"
#include "sandbox/services/sns/service.h"
#include "sandbox/services/sqs/service.h"
#include "sandbox/services/servicequotas/service.h"
#include "sandbox/services/ssm/service.h"
#include "sandbox/services/sts/service.h"
#include "sandbox/services/wafv2/service.h"

namespace relight::app {

using Json = nlohmann::ordered_json;

namespace {

sandbox::Gateway::Answer sandbox_answer(http::Reply reply) {
  return [reply = std::move(reply)](std::optional<http::Response> out) mutable {
    out ? reply.send(std::move(*out)) : reply.drop();
  };
}

}  // namespace

Sandbox::Sandbox(const sandbox::Settings& s) : settings_(s), throttle_(system_clock()) {}

Result<std::unique_ptr<Sandbox>> Sandbox::open(const sandbox::Settings& s, const std::string& iam) {
  std::unique_ptr<Sandbox> box(new Sandbox(s));
  TRY(box->build(iam));
  return box;
}

Sandbox::~Sandbox() {
  if (gateway_) gateway_->hang_up();
  if (functions_) functions_->shut();  // who waits for one hears that it is over
  if (server_) server_->stop();
  waiters_.stop();
  if (dns_) dns_->stop();
  if (world_) {
    {
      std::lock_guard g(world_->lock());
      for (auto& s : services_) s->stop();
    }
    world_->stop();
  }
}

Result<> Sandbox::build(const std::string& iam) {
  TRY_ASSIGN(world_, sandbox::LiveWorld::open(settings_, system_clock(), system_rng()));
  TRY(keys());
  wan_ = std::make_unique<sandbox::Wan>(sandbox::WanOptions{.one_way = Millis{settings_.wan_one_way_ms}}, system_clock());
  auto mariadb = std::make_unique<sandbox::MariaDbPlane>(settings_.dir + "/mariadb", *wan_, system_clock(), system_rng());
  sql_ = std::move(mariadb);
  TRY_ASSIGN(containers_, sandbox::container::RuncPlane::open(settings_.dir, system_clock()));
  functions_ = std::make_unique<sandbox::function::ProcessPlane>(settings_.dir, system_clock(), system_rng());
  balancers_ = sandbox::make_haproxy_plane([this](const std::string& id, const std::string& what) {
    world_->event("", "elbv2", id, what);
    world_->trouble("load balancer " + id, what == "restarted" ? "" : what);
  });
  dns_ = sandbox::dns::make_embedded_dns_plane();
  TRY(build_services());
  if (!iam.empty()) TRY(set_iam(iam));  // before the first request
  gateway_ = std::make_unique<sandbox::Gateway>(*world_, throttle_);
  gateway_->use(*authority_);
  gateway_->use(*registry_);
  TRY(listen());
  std::lock_guard g(world_->lock());
  world_->on_links([this] { follow_links(); });
  follow_links();
  watch_listeners();
  for (auto& s : services_) s->start();
  return world_->store().flush();
}

Result<> Sandbox::build_services() {
  using namespace sandbox;
  auto add = [&](std::unique_ptr<Service> s) {
    world_->add_service(*s);
    services_.push_back(std::move(s));
  };
  add(std::make_unique<StsService>(*world_));
  auto iam = std::make_unique<IamService>(*world_);
  authority_ = std::make_unique<IamAuthority>(*world_, *iam);
  world_->store().each("world/iam", [&](auto&, auto& mode) { authority_->enforce(mode == "enforce"); });
  add(std::move(iam));
  add(std::make_unique<Ec2Service>(*world_));
  add(std::make_unique<CloudWatchService>(*world_));
  auto s3 = std::make_unique<S3Service>(*world_);
  s3->use(*authority_);
  auto control = std::make_unique<S3ControlService>(*world_, *s3);
  add(std::move(s3));
  add(std::move(control));
  add(std::make_unique<SecretsManagerService>(*world_));
  add(std::make_unique<SsmService>(*world_));
  add(std::make_unique<SqsService>(*world_));
  add(std::make_unique<SnsService>(*world_));
  add(std::make_unique<EventsService>(*world_));
  add(std::make_unique<LambdaService>(*world_, *functions_));
  add(std::make_unique<LogsService>(*world_));
  add(std::make_unique<KmsService>(*world_));
  add(std::make_unique<AcmService>(*world_));
  auto quotas = std::make_unique<ServiceQuotasService>(*world_);
  quotas_ = quotas.get();
  add(std::move(quotas));
  auto rds = std::make_unique<RdsService>(*world_, *sql_);
  rds->use(*authority_);
  add(std::move(rds));
  add(std::make_unique<Elbv2Service>(*world_, *balancers_));
  add(std::make_unique<WafService>(*world_));
  auto ecr = std::make_unique<EcrService>(*world_);
  registry_ = std::make_unique<EcrRegistry>(*world_, *ecr, *authority_);
  add(std::move(ecr));
  auto ecs = std::make_unique<EcsService>(*world_, *containers_);
  ecs->use(*authority_);
  add(std::move(ecs));
  add(std::make_unique<ApplicationAutoScalingService>(*world_));
  auto route53 = std::make_unique<Route53Service>(*world_);
  TRY(dns_->serve(world_->dns_address(), 53, *route53));
  add(std::move(route53));
  auto cloudformation = std::make_unique<CloudFormationService>(*world_);
  cloudformation->use(*authority_);
  add(std::move(cloudformation));
  return {};
}

// The key of the account's root user: made once, kept for this directory's owner alone.
Result<> Sandbox::keys() {
  std::string path = settings_.dir + "/credentials.json";
  if (auto text = system_disk().read(path)) {
    auto j = Json::parse(*text, nullptr, false);
    if (!j.is_discarded()) {
      access_key_ = j.value("access_key", "");
      secret_key_ = j.value("secret_key", "");
    }
  }
  if (access_key_.empty()) {
    static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    access_key_ = "AKIA";
    for (int i = 0; i < 16; ++i) access_key_ += kAlphabet[system_rng().below(kAlphabet.size())];
    secret_key_ = system_rng().hex(40);
    TRY(system_disk().write(path, Json{{"access_key", access_key_}, {"secret_key", secret_key_}}.dump(2) + "\n", 0600));
  }
  world_->add_principal({access_key_, secret_key_, "", fmt::format("arn:aws:iam::{}:root", world_->account()), Instant{}});
  return {};
}

Result<> Sandbox::listen() {
  http::ServerSettings s;
  s.threads = 2;
  s.limits.spool_dir = settings_.dir + "/spool";
  TRY(system_disk().make_dir(s.limits.spool_dir));
  server_ = std::make_unique<http::Server>(s, system_clock());
  size_t colon = settings_.listen.rfind(':');
  auto on = server_->add_listener(settings_.listen.substr(0, colon), static_cast<uint16_t>(std::stoi(settings_.listen.substr(colon + 1))),
                                  [this](http::Request&& r, http::Reply reply) { serve(std::move(r), std::move(reply)); });
  if (!on) {
    Error e = on.error();
    e.next = "end what listens on " + settings_.listen + ", or choose another with --listen";
    return fail(std::move(e));
  }
  world_->trouble("connections", server_->notice());
  return {};
}

// Lambda's requests may take as long as a function does: they must not hold up a thread of the server.
void Sandbox::serve(http::Request&& r, http::Reply reply) {
  if (!r.path.starts_with("/2015-03-31/functions")) return gateway_->serve(std::move(r), sandbox_answer(std::move(reply)));
  auto waiting = std::make_shared<std::pair<http::Request, http::Reply>>(std::move(r), std::move(reply));
  waiters_.run([this, waiting] { gateway_->serve(std::move(waiting->first), sandbox_answer(std::move(waiting->second))); });
}

// A regional address that could not be bound, because another program had it, is tried again until it is ours.
void Sandbox::watch_listeners() {
  world_->after(Millis{2000}, [this] {
    bool missing = false;
    for (auto& r : settings_.regions) missing = missing || (world_->links().up(r) && !s3_listeners_.contains(r));
    if (missing) follow_links();
    watch_listeners();
  });
}

// After each loss, restoration, partition or healing: the line between the regions and the regions' own S3 addresses.
void Sandbox::follow_links() {
  auto& links = world_->links();
  for (auto& r : settings_.regions) {
    bool up = links.up(r);
    up ? wan_->restore(r) : wan_->lose(r);
    if (!up && s3_listeners_.contains(r)) {
      server_->close_listener(s3_listeners_[r]);
      s3_listeners_.erase(r);
    }
    if (up && !s3_listeners_.contains(r)) {
      auto l = server_->add_listener(world_->region_address(r), 80, [this, r](http::Request&& q, http::Reply reply) {
        gateway_->serve(std::move(q), sandbox_answer(std::move(reply)), r);
      });
      if (l) s3_listeners_[r] = l->id;
      world_->trouble("S3 address of " + r, l ? "" : l.error().text());
    }
    for (auto& other : settings_.regions)
      if (r < other && up && links.up(other)) links.connected(r, other) ? wan_->heal(r, other) : wan_->cut(r, other);
  }
}

std::map<std::string, std::string> Sandbox::environment() const {
  return {{"AWS_ENDPOINT_URL", world_->api_endpoint()}, {"AWS_ACCESS_KEY_ID", access_key_}, {"AWS_SECRET_ACCESS_KEY", secret_key_},
          {"AWS_DEFAULT_REGION", settings_.regions.front()}, {"AWS_REGION", settings_.regions.front()},
          {"RELIGHT_DNS", world_->dns_address() + ":53"}};
}

std::string Sandbox::greeting() const {
  std::string text = fmt::format(
      "The sandbox serves {} at {} (DNS at {}). Containers: {}. Functions: {}. Point clients at it with:\n  eval \"$(relight-sandbox env --dir {})\"\n",
      fmt::join(settings_.regions, ", "), world_->api_endpoint(), world_->dns_address(), containers_->kind(), functions_->kind(), settings_.dir);
  for (auto& [kind, what] : world_->troubles()) text += fmt::format("NOT RIGHT: {}: {}\n", kind, what);
  return text;
}

std::string Sandbox::coverage() const {
  std::string out =
      "s3 (addresses): http on port 80 of each region's address; https (443) is not served: BUCKET.s3.REGION.amazonaws.com answers plain "
      "HTTP only\n";
  for (auto& [id, s] : world_->services()) {
    std::string built, missing;
    size_t n = 0;
    for (auto* op : s->model().operations) {
      bool have = s->builds(op->name);
      n += have;
      (have ? built : missing) += " " + std::string(op->name);
    }
    out += fmt::format("{}: {} of {} operations\n  built:{}\n  not built:{}\n", id, n, s->model().operations.size(), built, missing);
  }
  return out;
}

}  // namespace relight::app
