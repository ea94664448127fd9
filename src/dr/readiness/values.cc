// Checks 34 and 36: do the secrets and parameters there say what holds there. No value stands in a finding.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dr/readiness/families.h"
#include "dr/readiness/names.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

void judge_parameter(const Picture& p, const Pair& pair, const PrimaryNames& names, Report& r) {
  auto &a = *pair.primary.properties, &b = *pair.recovery.properties;
  auto type = text_at(a, "/Type"), other = text_at(b, "/Type");
  auto put = fmt::format("aws --region {} ssm put-parameter --overwrite --name {} --type {} --value VALUE",
                         p.config.recovery.region, pair.recovery.id(), type);
  if (type != other) {
    r.fail(pair.recovery, "it is of another type than the primary's", type + " -> " + other, put);
    return;
  }
  if (type == "SecureString") {
    r.unknown(pair.recovery, "whether it holds what the primary's does is not known",
              "it is a SecureString, whose value relight does not read", put);
    return;
  }
  auto &ours = p.live.primary_parameters, &theirs = p.live.recovery_parameters;
  if (!r.seen(ours, pair.primary, "its value") || !r.seen(theirs, pair.recovery, "its value")) return;
  auto x = ours->find(pair.primary.id()), y = theirs->find(pair.recovery.id());
  if (x == ours->end() || y == theirs->end()) {
    r.unknown(pair.recovery, "its value could not be seen", "Parameter Store answered without it");
    return;
  }
  bool translated = names.found_in(x->second);
  if (names.found_in(y->second))
    r.fail(pair.recovery, "it names the primary region or what stands there", "the value is not shown", put);
  else if (!translated && x->second != y->second)
    r.fail(pair.recovery, "it does not hold what the primary's does", "the values are not shown", put);
  else
    r.pass(pair.recovery, "it holds what the primary's does" + std::string(translated ? ", translated" : ""),
           "the values are not shown");
}

// A replica holds what its primary holds, and cannot be written before it is cut from it. The failover's step
// `configuration` does both, and knows the primary's database by its host; another host it leaves alone.
void judge_other_host(const Item& s, bool primarys, const std::string& mend, Report& r) {
  auto from = text_at(*s.properties, "/PrimaryRegion");
  if (from.empty() || from == s.region())
    r.fail(s, "its host field does not name the recovery region's database", "the field is not shown", mend);
  else if (primarys)
    r.pass(s, "its host field names the primary's database, as a replica's must until a failover",
           "the failover's step 'configuration' cuts it from " + from + " and writes the host; the field is not shown");
  else
    r.warn(s, "its host field names another database until a failover writes it",
           "it is a replica of " + from + "'s; the field is not shown",
           "after the failover has cut it from " + from + ": " + mend);
}

}  // namespace

void check_parameter_values(const Picture& p, Report& r) {
  if (!r.seen(p.primary)) return;
  if (p.primary.all("ssm/parameter").empty()) {
    r.pass({"", p.config.primary.region}, "the application names no parameter");
    return;
  }
  if (!r.seen(p.recovery)) return;
  PrimaryNames names(p);
  for (auto& pair : parameter_pairs(p)) {
    if (!pair.recovery)
      r.fail(pair.primary, "no parameter stands for it in " + p.config.recovery.region,
             "none of that name was found", "relight synth && relight deploy");
    else if (r.seen(pair.primary, "") && r.seen(pair.recovery, ""))
      judge_parameter(p, pair, names, r);
  }
}

void check_secret_host(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  auto& secrets = p.recovery.all("secretsmanager/secret");
  if (secrets.empty()) {
    r.pass({"", p.config.recovery.region}, "nothing there names a secret");
    return;
  }
  for (auto& s : secrets) {
    if (!r.seen(p.live.secret_hosts, s, "its host field")) continue;
    auto it = p.live.secret_hosts->find(s.id());
    if (it == p.live.secret_hosts->end()) {
      r.unknown(s, "its host field could not be seen", "it was not read");
      continue;
    }
    auto mend = fmt::format(
        "aws --region {} secretsmanager put-secret-value --secret-id {} --secret-string "
        "file://SECRET.json   # its host: {}",
        s.region(), s.id(), p.topology.recovery.database_host);
    switch (it->second.field) {
      case SecretHost::Field::kRecovery:
        r.pass(s, "its host field names the recovery region's database", "the field is not shown");
        break;
      case SecretHost::Field::kNone:
        r.pass(s, "it has no host field", "it is no JSON with a text of that name");
        break;
      case SecretHost::Field::kPrimary:
      case SecretHost::Field::kOther:
        judge_other_host(s, it->second.field == SecretHost::Field::kPrimary, mend, r);
        break;
      case SecretHost::Field::kUnread:
        r.unknown(s, "its host field could not be seen", it->second.why);
    }
  }
}

}  // namespace relight::dr
