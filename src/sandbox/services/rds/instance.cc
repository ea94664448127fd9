#include "sandbox/services/rds/instance.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::rds {

using nlohmann::json;

std::string Instance::save() const {
  json j{{"d", aws::codec::to_json(*shape_of(&d), &d)},
         {"region", region},
         {"number", number},
         {"phase", phase},
         {"argument", argument},
         {"source_region", source_region},
         {"source_key", source_key},
         {"running_parameters", running_parameters},
         {"audit", audit},
         {"keeps_backups", keeps_backups}};
  return j.dump();
}

Result<Instance> Instance::load(const std::string& text) {
  json j = json::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Store.Damaged", "a DB instance's row is not JSON");
  Instance i;
  TRY(aws::codec::from_json(*shape_of(&i.d), j.value("d", "{}"), &i.d));
  i.region = j.value("region", "");
  i.number = j.value("number", 0u);
  i.phase = j.value("phase", "");
  i.argument = j.value("argument", "");
  i.source_region = j.value("source_region", "");
  i.source_key = j.value("source_key", "");
  i.running_parameters = j.value("running_parameters", std::map<std::string, std::string>{});
  i.audit = j.value("audit", std::map<std::string, std::string>{});
  i.keeps_backups = j.value("keeps_backups", false);
  return i;
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string arn(const World& w, std::string_view region, std::string_view kind, std::string_view name) {
  return fmt::format("arn:aws:rds:{}:{}:{}:{}", region, w.account(), kind, name);
}

Result<Arn> parse_arn(std::string_view text) {
  // arn:aws:rds:region:account:kind:name, where a name may hold colons ("rds:…" snapshots).
  std::string_view parts[6];
  for (auto& p : parts) {
    size_t cut = text.find(':');
    if (cut == text.npos) return aws_error("InvalidParameterValue", "Invalid resource name");
    p = text.substr(0, cut);
    text.remove_prefix(cut + 1);
  }
  if (parts[0] != "arn" || parts[2] != "rds" || text.empty()) {
    return aws_error("InvalidParameterValue", "Invalid resource name");
  }
  return Arn{std::string(parts[3]), std::string(parts[5]), std::string(text)};
}

std::string snapshot_directory(World& w, const std::string& region, const std::string& name) {
  return w.dir(region, "sql") + "/snapshots/" + name;
}

Result<std::string> identifier(std::string_view what, std::string_view text, size_t limit) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  bool ok = !text.empty() && text.size() <= limit && letter(text[0]) && text.back() != '-' &&
            text.find("--") == text.npos;
  for (char c : text) ok = ok && (letter(c) || (c >= '0' && c <= '9') || c == '-');
  if (ok) return lower(text);
  return aws_error(
      "InvalidParameterValue",
      fmt::format("The parameter {} is not a valid identifier. Identifiers must begin with a letter; must "
                  "contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or "
                  "contain two consecutive hyphens.",
                  what));
}

std::string endpoint_name(const World& w, std::string_view region, std::string_view id) {
  std::string hash = hex(sha256(fmt::format("{}/{}", w.account(), region))).substr(0, 11);
  return fmt::format("{}.c{}.{}.rds.amazonaws.com", id, hash, region);
}

// "Amazon RDS endpoints and quotas" names them; regions not in this list get a made-up one.
std::string hosted_zone_id(std::string_view region) {
  static const std::map<std::string_view, const char*> kZones{
      {"us-east-1", "Z2R2ITUGPM61AM"}, {"us-east-2", "Z2XHWR1WZ565X2"}, {"us-west-1", "Z10WI91S59XXQN"},
      {"us-west-2", "Z1PVIF0B656C1W"}, {"eu-west-1", "Z29XKXDKYMONMX"}, {"eu-central-1", "Z1RLNUO7B9Q6NB"}};
  auto it = kZones.find(region);
  return it == kZones.end() ? "Z2SANDBOXRDS00" : it->second;
}

Database database(World& w, const Instance& i, const std::map<std::string, std::string>& parameters) {
  return {.key = i.key(),
          .region = i.region,
          .address = w.take_address(i.region, "rds/" + i.key()).value_or(""),
          .port = static_cast<uint16_t>(i.d.DbInstancePort.value_or(3306)),
          .number = i.number,
          .dir = fmt::format("{}/{}", w.dir(i.region, "sql"), i.number),
          .parameters = parameters,
          .audit = i.audit};
}

ReplicaLink replica_link(World& w, const Instance& replica, const Instance& source) {
  auto port = static_cast<uint16_t>(source.d.DbInstancePort.value_or(3306));
  if (replica.region == source.region) {
    return {w.take_address(source.region, "rds/" + source.key()).value_or(""), port};
  }
  return {w.take_address(replica.region, "rds-line/" + replica.key()).value_or(""), port};
}

}  // namespace relight::sandbox::rds
