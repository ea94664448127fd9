// What can be asked only when both regions have been looked at: values of parameters, the zone's delegation,
// and, when told, the host field of secrets. Nothing of these values is printed or kept.
#include <nlohmann/json.hpp>

#include "app/canary.h"
#include "app/check_picture.h"
#include "aws/gen/secretsmanager.h"
#include "dr/readiness/families.h"

namespace relight::app {
namespace {
using dr::Known;
using Json = nlohmann::json;

constexpr size_t kParametersAtOnce = 10;  // GetParameters takes ten names

Known<dr::Facts> parameter_values_of(const dr::Walk& w, const dr::Estate& e) {
  using Out = Known<dr::Facts>;
  if (!e.seen()) return Out::not_seen(e.why());
  Json names = Json::array();
  for (auto& i : e.all("ssm/parameter"))
    if (dr::text_at(*i.properties, "/Type") != "SecureString") names.push_back(i.id());
  dr::Facts out;
  for (size_t at = 0; at < names.size(); at += kParametersAtOnce) {
    Json ten = Json::array();
    for (size_t i = at; i < std::min(names.size(), at + kParametersAtOnce); ++i) ten.push_back(names[i]);
    auto got = dr::ask(w, "ssm", "GetParameters", Json{{"Names", ten}}.dump());
    if (!got) return Out::not_seen(got.error().text());
    for (auto& p : got->value("Parameters", Json::array())) out[p.value("Name", "")] = p.value("Value", "");
  }
  return Out::of(std::move(out));
}

dr::SecretHost host_of(Workshop& w, const std::string& arn, const dr::Site& site) {
  using Field = dr::SecretHost::Field;
  if (site.topology.recovery.database_host.empty())
    return {Field::kUnread, "the recovery region's database has no known host"};
  auto got =
      aws::secretsmanager::Client(w.aws->patient()).GetSecretValue({.SecretId = arn}, site.in_recovery());
  if (!got) return {Field::kUnread, got.error().text()};
  auto secret = Json::parse(got->SecretString.value_or(""), nullptr, false);
  auto host = secret.is_object() ? secret.find("host") : secret.end();
  if (!secret.is_object() || host == secret.end() || !host->is_string()) return {Field::kNone, ""};
  if (*host == site.topology.recovery.database_host) return {Field::kRecovery, ""};
  return {*host == site.topology.primary.database_host ? Field::kPrimary : Field::kOther, ""};
}

Known<std::vector<std::string>> servers_of(const dr::Picture& p, const dr::Site& site) {
  using Out = Known<std::vector<std::string>>;
  auto zone = dr::zone_of_domain(p);
  if (!zone) return Out::not_seen("the zone that holds the domain was not captured");
  auto name = dr::text_at(*zone.properties, "/Name");
  auto servers = site.resolver.name_servers(name);
  if (servers.empty()) return Out::not_seen("DNS answers no name servers for " + name);
  return Out::of(std::move(servers));
}

}  // namespace

void look_again(Workshop& w, const dr::Site& site, bool read_secrets, dr::Picture& p) {
  auto all = aws::models();
  dr::Walk primary{w.aws->patient(), all, site.config.primary.region},
      recovery{w.aws->patient(), all, site.config.recovery.region};
  p.live.primary_parameters = parameter_values_of(primary, p.primary);
  p.live.recovery_parameters = parameter_values_of(recovery, p.recovery);
  p.live.name_servers = servers_of(p, site);
  p.live.canary = last_canary(w);
  p.live.busiest = busiest(w, site, p.primary);
  if (!read_secrets) return;
  std::map<std::string, dr::SecretHost> hosts;
  for (auto& s : p.recovery.all("secretsmanager/secret")) hosts[s.id()] = host_of(w, s.id(), site);
  p.live.secret_hosts = Known<std::map<std::string, dr::SecretHost>>::of(std::move(hosts));
}

}  // namespace relight::app
