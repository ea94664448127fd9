#include "dr/model/config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "aws/partition.h"
#include "dr/model/config_reader.h"

namespace relight::dr {
namespace {

using Reader = ConfigReader;

void read_regions(Reader& r, const YAML::Node& n, Config& c) {
  r.keys(n, "regions", {"primary", "recovery"}, {"primary", "recovery"});
  if (r.error()) return;
  r.text(n, "primary", c.primary.region);
  r.text(n, "recovery", c.recovery.region);
  if (c.primary.region == c.recovery.region)
    r.complain(n, "Config.Malformed", "regions: two different regions were expected");
  auto ours = aws::partition_of(c.primary.region), theirs = aws::partition_of(c.recovery.region);
  if (ours != theirs)
    r.complain(n, "Config.Malformed",
               fmt::format("regions: {} is of the partition {}, {} of {}; nothing is copied from one to the other",
                           c.primary.region, ours, c.recovery.region, theirs));
}

void read_stacks(Reader& r, const YAML::Node& n, Config& c) {
  r.keys(n, "stacks", {"primary", "pilot"});
  if (r.error()) return;
  r.text(n, "primary", c.primary.stack);
  r.text(n, "pilot", c.recovery.stack);
}

void read_resources(Reader& r, const YAML::Node& n, const std::string& where, Resources& out) {
  if (!n) return;
  r.keys(n, where,
         {"cluster", "service", "database", "database_host", "load_balancer", "target_group", "bucket"});
  if (r.error()) return;
  r.text(n, "cluster", out.cluster);
  r.text(n, "service", out.service);
  r.text(n, "database", out.database);
  r.text(n, "database_host", out.database_host);
  r.text(n, "load_balancer", out.load_balancer);
  r.text(n, "target_group", out.target_group);
  r.text(n, "bucket", out.bucket);
}

void read_database(Reader& r, const YAML::Node& n, Config& c) {
  r.keys(n, "database", {"user", "name", "password", "port", "ca_file"}, {"user", "name", "password"});
  if (r.error()) return;
  r.text(n, "user", c.database.user);
  r.text(n, "name", c.database.name);
  r.text(n, "ca_file", c.database.ca_file);
  r.number(n, "port", 1, 65535, c.database.port);
  auto p = n["password"];
  if (!p.IsMap())
    return r.complain(
        p, "Config.Malformed",
        "password: where it comes from was expected ({env: NAME} or {file: PATH}), never itself");
  r.keys(p, "database.password", {"env", "file"});
  if (r.error()) return;
  r.text(p, "env", c.database.password_env);
  r.text(p, "file", c.database.password_file);
  if (c.database.password_env.empty() == c.database.password_file.empty())
    r.complain(p, "Config.Malformed", "database.password: exactly one of env and file was expected");
}

void read_dns(Reader& r, const YAML::Node& n, Config& c) {
  r.keys(n, "dns", {"domain", "flag", "servers"}, {"domain"});
  if (r.error()) return;
  r.text(n, "domain", c.dns.domain);
  r.texts(n, "servers", c.dns.servers);
  if (auto f = n["flag"]; f) {
    r.keys(f, "dns.flag", {"bucket", "key"});
    if (r.error()) return;
    r.text(f, "bucket", c.dns.flag_bucket);
    r.text(f, "key", c.dns.flag_key);
  }
}

void read_coordination(Reader& r, const YAML::Node& n, Config& c) {
  r.keys(n, "coordination", {"sqlite", "s3", "lease"});
  if (r.error()) return;
  r.text(n, "sqlite", c.coordination.sqlite);
  r.duration(n, "lease", c.coordination.lease);
  if (auto s3 = n["s3"]; s3) {
    r.keys(s3, "coordination.s3", {"bucket", "prefix"}, {"bucket"});
    if (r.error()) return;
    r.text(s3, "bucket", c.coordination.bucket);
    r.text(s3, "prefix", c.coordination.prefix);
    if (n["sqlite"]) r.complain(s3, "Config.Malformed", "coordination: sqlite or s3 was expected, not both");
  }
}

void read_sync(Reader& r, const YAML::Node& n, Config& c) {
  constexpr int kMostSnapshots = 50;  // of a region's quota of 100 manual ones
  r.keys(n, "sync", {"keep_snapshots"});
  if (r.error()) return;
  r.number(n, "keep_snapshots", 0, kMostSnapshots, c.sync.keep_snapshots);
}

void read_pilot(Reader& r, const YAML::Node& n, Config& c) {
  r.keys(n, "pilot", {"replica_class", "nat", "hosted_zone", "cidr", "notify"});
  if (r.error()) return;
  r.text(n, "replica_class", c.pilot.replica_class);
  r.text(n, "nat", c.pilot.nat);
  r.text(n, "hosted_zone", c.pilot.hosted_zone);
  r.text(n, "cidr", c.pilot.cidr);
  r.text(n, "notify", c.pilot.notify);
  auto& topic = c.pilot.notify;
  if (!topic.empty() && topic.find(":sns:" + c.recovery.region + ":") == topic.npos)
    r.complain(n["notify"], "Config.Malformed",
               "pilot.notify: the ARN of an SNS topic in " + c.recovery.region + " was expected");
  if (c.pilot.nat != "when-lit" && c.pilot.nat != "always")
    r.complain(n["nat"], "Config.Malformed", "pilot.nat: 'when-lit' or 'always' was expected");
}

void read_cost(Reader& r, const YAML::Node& n, Config& c) {
  r.keys(n, "cost",
         {"database_changes_gb", "uploads_gb", "new_uploads_gb", "new_uploads", "images_gb", "capacity_units",
          "visitors_gb_hour", "drill_hours"});
  if (r.error()) return;
  auto& o = c.cost;
  r.amount(n, "database_changes_gb", o.database_changes_gb);
  r.amount(n, "uploads_gb", o.uploads_gb);
  r.amount(n, "new_uploads_gb", o.new_uploads_gb);
  r.amount(n, "new_uploads", o.new_uploads);
  r.amount(n, "images_gb", o.images_gb);
  r.amount(n, "capacity_units", o.capacity_units);
  r.amount(n, "visitors_gb_hour", o.visitors_gb_hour);
  r.amount(n, "drill_hours", o.drill_hours);
}

void read_canary(Reader& r, const YAML::Node& n, Config& c) {
  if (!n.IsMap())
    return r.complain(n, "Config.Malformed", "capacity.canary: variables and their values were expected");
  for (auto v : n) {
    if (!v.first.IsScalar() || !v.second.IsScalar())
      return r.complain(n, "Config.Malformed", "capacity.canary: each variable wants a text");
    c.canary[v.first.Scalar()] = v.second.Scalar();
  }
}

void read_rest(Reader& r, const YAML::Node& n, Config& c) {
  if (auto o = n["objectives"]) {
    r.keys(o, "objectives", {"rto", "rpo"});
    if (r.error()) return;
    r.duration(o, "rto", c.rto);
    r.duration(o, "rpo", c.rpo);
  }
  if (auto cap = n["capacity"]) {
    r.keys(cap, "capacity", {"tasks", "canary"});
    if (r.error()) return;
    r.number(cap, "tasks", 1, 10000, c.tasks);
    if (cap["canary"]) read_canary(r, cap["canary"], c);
  }
  if (auto d = n["deadlines"]) {
    r.keys(d, "deadlines", {"fence", "drain", "antiflap"});
    if (r.error()) return;
    r.duration(d, "fence", c.fence_deadline);
    r.duration(d, "drain", c.drain_deadline);
    r.duration(d, "antiflap", c.antiflap);
  }
  if (auto res = n["resources"]) {
    r.keys(res, "resources", {"primary", "recovery"});
    if (r.error()) return;
    read_resources(r, res["primary"], "resources.primary", c.primary.resources);
    read_resources(r, res["recovery"], "resources.recovery", c.recovery.resources);
  }
}

void read_all(Reader& r, const YAML::Node& n, Config& c) {
  r.keys(n, "relight.yaml",
         {"application", "regions", "stacks", "resources", "objectives", "database", "dns", "capacity",
          "deadlines", "coordination", "url", "pilot", "sync", "cost", "steps", "validation"},
         {"application", "regions"});
  if (r.error()) return;
  r.text(n, "application", c.application);
  r.text(n, "url", c.url);
  read_regions(r, n["regions"], c);
  if (n["stacks"]) read_stacks(r, n["stacks"], c);
  if (!r.error() && n["database"]) read_database(r, n["database"], c);
  if (!r.error() && n["dns"]) read_dns(r, n["dns"], c);
  if (!r.error() && n["coordination"]) read_coordination(r, n["coordination"], c);
  if (!r.error() && n["pilot"]) read_pilot(r, n["pilot"], c);
  if (!r.error() && n["sync"]) read_sync(r, n["sync"], c);
  if (!r.error() && n["cost"]) read_cost(r, n["cost"], c);
  if (!r.error() && n["steps"]) read_steps(r, n["steps"], c.steps);
  if (!r.error() && n["validation"]) read_validation(r, n["validation"], c.validation);
  if (!r.error()) read_rest(r, n, c);
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& file, const std::string& dir) {
  ConfigReader reader(file);
  Config c;
  c.file = file;
  c.dir = dir;
  try {
    auto root = YAML::Load(std::string(text));
    if (!root.IsMap()) {
      reader.complain(root, "Config.Malformed", "a mapping (key: value) was expected");
    } else {
      read_all(reader, root, c);
    }
  } catch (const YAML::Exception& e) {
    Error bad;
    bad.code = "Config.Malformed";
    bad.tried = "read the configuration";
    bad.message = "it is not well-formed YAML: " + e.msg;
    bad.resource = fmt::format("{}:{}:{}", file, e.mark.line + 1, e.mark.column + 1);
    return fail(std::move(bad));
  }
  if (reader.error()) return fail(*reader.error());
  if (c.coordination.bucket.empty() && c.coordination.sqlite.empty())
    c.coordination.sqlite = "var/relight/journal.sqlite";
  if (c.coordination.prefix.empty()) c.coordination.prefix = "relight/" + c.application + "/";
  if (!c.coordination.prefix.ends_with('/')) c.coordination.prefix += '/';
  if (c.url.empty() && !c.dns.domain.empty()) c.url = "http://" + c.dns.domain + "/";
  return c;
}

Result<> enough_to_fail_over(const Config& c) {
  const char* missing = c.database.user.empty() ? "database" : c.dns.domain.empty() ? "dns" : nullptr;
  if (!missing) return {};
  return fail(Error{.code = "Config.Missing",
                    .message = fmt::format("the key '{}' is missing, and a recovery needs it", missing),
                    .tried = "read the configuration",
                    .resource = c.file,
                    .next = "docs/config.md describes every key"});
}

}  // namespace relight::dr
