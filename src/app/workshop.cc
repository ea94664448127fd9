#include "app/workshop.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "app/s3_objects.h"
#include "base/disk.h"
#include "dr/capture/topology_capture.h"
#include "dr/engine/object_store.h"
#include "dr/engine/sqlite_store.h"

namespace relight::app {
namespace {

Result<std::string> read_password(const dr::Config& c) {
  auto& d = c.database;
  if (!d.password_file.empty()) {
    TRY_ASSIGN(auto text, system_disk().read((std::filesystem::path(c.dir) / d.password_file).string()));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
  }
  if (const char* v = std::getenv(d.password_env.c_str())) return std::string(v);
  return fail(Error{.code = "Config.NoPassword",
                    .message = "the environment variable " + d.password_env + " is not set",
                    .tried = "find the database's password",
                    .next = "export " + d.password_env});
}

Result<std::unique_ptr<dr::Store>> open_store(const dr::Config& c, aws::Caller& aws) {
  if (c.coordination.bucket.empty())
    return dr::open_sqlite_store((std::filesystem::path(c.dir) / c.coordination.sqlite).string(),
                                 dr::process_alive);
  return dr::make_object_store(make_s3_objects(aws, c.recovery.region, c.coordination.bucket),
                               c.coordination.prefix, dr::process_alive);
}

bool complete(const dr::Resources& r) {
  return !r.cluster.empty() && !r.service.empty() && !r.database.empty() && !r.database_host.empty() &&
         !r.load_balancer.empty();
}

http::CurlSettings curl_settings(dr::Resolver* dns) {
  http::CurlSettings s;
  s.user_agent = "relight/0.1";
  if (const char* ca = std::getenv("AWS_CA_BUNDLE")) s.ca_file = ca;
  if (dns) s.resolve = [dns](const std::string& host) { return dns->addresses(host); };
  return s;
}

// RELIGHT_CALL_LOG=FILE: a line a call, "service:Operation region outcome", for holding a policy against what
// a verb really does (docs/iam.md). A call is not held up by a log that cannot be written.
aws::CallObserver call_log(const aws::Environment& env, CallLedger& ledger, CallHook called) {
  auto file = env("RELIGHT_CALL_LOG").value_or("");
  return [file, &ledger, called](const aws::CallRecord& c) {
    ledger.add(c);
    if (file.empty() && !called) return;
    auto call = fmt::format("{}:{} {}", c.service, c.operation, c.region);
    auto outcome = c.error_code.empty() ? "ok" : c.error_code;
    if (!file.empty()) (void)system_disk().append(file, fmt::format("{} {}\n", call, outcome), false);
    if (called) called(call);
  };
}

}  // namespace

AwsWorkshop::~AwsWorkshop() {
  for (auto* caller : {usual_.get(), hasty_.get()}) {
    auto skew = caller ? caller->skew() : Millis(0);
    if (skew == Millis(0)) continue;
    fmt::print(stderr,
               "relight: this machine's clock is {} s {} AWS's. Calls were signed by AWS's; ages and times that Relight tells and writes are by this one's. "
               "Do: set this machine's clock\n",
               std::chrono::round<std::chrono::seconds>(std::chrono::abs(skew)).count(), skew < Millis(0) ? "ahead of" : "behind");
    break;
  }
  auto denied = ledger_.denied();
  if (denied.empty()) return;
  fmt::print(stderr,
             "relight: not permitted ({} in all):\n  {}\nDo: add them to the policy of the caller's role; 'relight iam-policy VERB' prints all "
             "that a verb needs\n",
             denied.size(), fmt::join(denied, "\n  "));
}

Result<std::unique_ptr<AwsWorkshop>> AwsWorkshop::open(dr::Resolver* dns, const std::string& hasty_region,
                                                       const std::string& sts_region, CallHook called) {
  auto w = std::make_unique<AwsWorkshop>();
  auto env = aws::process_environment();
  TRY_ASSIGN(auto profile, aws::read_profile(env, system_disk()));
  w->exchange_ = std::make_unique<http::CurlExchange>(curl_settings(dns));
  w->credentials_ = std::make_unique<aws::DefaultCredentials>(
      env, system_disk(), *w->exchange_, system_clock(), system_rng(),
      aws::CredentialSettings{.profile = "", .sts_region = sts_region, .observer = call_log(env, w->ledger_, called)});
  w->region_ = aws::default_region(env, profile);
  aws::CallerSettings s;
  s.region = w->region_;
  s.endpoints = aws::endpoints_from(env, profile);
  s.observer = call_log(env, w->ledger_, called);
  s.adaptive = true;
  w->usual_ =
      std::make_unique<aws::AwsCaller>(s, *w->exchange_, *w->credentials_, system_clock(), system_rng());
  s.max_attempts = 1;
  s.adaptive = false;
  w->hasty_ =
      std::make_unique<aws::AwsCaller>(s, *w->exchange_, *w->credentials_, system_clock(), system_rng());
  w->router_ = std::make_unique<RegionCaller>(*w->usual_, *w->hasty_, hasty_region);
  return w;
}

std::vector<std::string> dns_servers(const Global& g, const dr::Config* c) {
  if (!g.dns.empty()) return g.dns;
  return c ? c->dns.servers : std::vector<std::string>{};
}

Result<dr::Config> load_config(const std::string& path) {
  auto text = system_disk().read(path);
  if (!text)
    return fail(Error{.code = "Config.NotFound",
                      .message = text.error().message,
                      .tried = "read the configuration",
                      .resource = path,
                      .next = "write one (docs/config.md) or name it with --config"});
  std::error_code ec;
  auto whole = std::filesystem::absolute(path, ec);
  return dr::parse_config(*text, path, whole.parent_path().string());
}

Result<std::unique_ptr<Workshop>> Workshop::open(const Global& g) {
  auto w = std::make_unique<Workshop>();
  TRY_ASSIGN(w->config, load_config(g.config));
  auto servers = dns_servers(g, &w->config);
  w->resolver = dr::make_resolver(servers);
  w->http = std::make_unique<http::CurlExchange>(curl_settings(nullptr));
  TRY_ASSIGN(w->aws,
             AwsWorkshop::open(servers.empty() ? nullptr : w->resolver.get(), w->config.primary.region,
                               w->config.recovery.region, g.called));
  TRY_ASSIGN(w->store, open_store(w->config, w->aws->caller()));
  return w;
}

Result<dr::Topology> Workshop::topology(bool everything) {
  dr::Topology known;
  TRY_ASSIGN(auto kept, store->kept("topology"));
  if (kept)
    if (auto t = dr::topology_from_json(*kept)) known = *t;
  auto c = config;
  if (!everything && complete(known.primary)) c.primary.stack.clear();
  auto seen = dr::capture_topology(aws->caller(), c);
  dr::fill_gaps(seen.topology, known);
  if (seen.topology != known) TRY(store->keep("topology", dr::to_json(seen.topology)));
  for (auto& e : seen.unseen) fmt::print(stderr, "relight: not seen: {}\n", e.text());
  return seen.topology;
}

dr::Site Workshop::site(dr::Topology t, dr::Consent consent) {
  return {config,         std::move(t), consent,
          aws->caller(),  *http,        *resolver,
          system_clock(), *store,       [this] { return read_password(config); }};
}

int report(const Error& e) {
  fmt::print(stderr, "relight: {}\n", e.text());
  if (e.code == "Lease.Held") return kHeld;
  if (e.code.starts_with("Config.") || e.code.starts_with("Usage.")) return kUsage;
  if (e.code.starts_with("Failover.") || e.code.starts_with("Failback.")) return kRefused;
  if (e.code == "Run.Interrupted" || e.code == "Lease.Lost" || e.code.starts_with("Journal."))
    return kStopped;
  return kFailed;
}

}  // namespace relight::app
