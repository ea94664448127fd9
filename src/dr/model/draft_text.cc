#include "dr/model/draft_text.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace relight::dr {
namespace {

// As it stands where YAML takes it so, else quoted: JSON's texts are YAML's.
std::string quoted(const std::string& s) {
  bool plain = !s.empty() && std::isalpha(static_cast<unsigned char>(s[0])) && s.back() != ':';
  for (unsigned char c : s)
    plain = plain && (std::isalnum(c) || std::string_view("-_./:+").contains(char(c)));
  for (auto* word : {"true", "false", "yes", "no", "on", "off", "null"}) plain = plain && s != word;
  return plain ? s : nlohmann::json(s).dump();
}

using Field = std::string Resources::*;
constexpr std::array<std::pair<const char*, Field>, 7> kDraftFields{
    {{"cluster", &Resources::cluster},
     {"service", &Resources::service},
     {"load_balancer", &Resources::load_balancer},
     {"target_group", &Resources::target_group},
     {"database", &Resources::database},
     {"database_host", &Resources::database_host},
     {"bucket", &Resources::bucket}}};

class Text {
 public:
  Text(const DraftOrder& o, const DraftValues& v, std::vector<std::string>& missing)
      : o_(o), v_(v), missing_(missing) {}
  std::string all() {
    head();
    resources();
    objectives();
    database();
    dns();
    return std::move(out_);
  }

 private:
  void line(const std::string& s) { out_ += s + "\n"; }
  void missing(const std::string& key, const std::string& why) {
    missing_.push_back(key + ": " + why);
    line("# MISSING " + key + ": " + why);
  }
  void head();
  void resources();
  void objectives();
  void database();
  void dns();

  const DraftOrder& o_;
  const DraftValues& v_;
  std::vector<std::string>& missing_;
  std::string out_;
};

void Text::head() {
  line("# Written by 'relight init' from what stood in " + o_.primary +
       ". docs/config.md describes every key.");
  line("application: " + quoted(o_.application) + "  # a person types it to confirm a failover");
  line(fmt::format("regions: {{primary: {}, recovery: {}}}", quoted(o_.primary), quoted(o_.recovery)));
  line("stacks:");
  if (!o_.stack.empty())
    line("  primary: " + quoted(o_.stack) + "  # its outputs and resources are asked for");
  line("  pilot: " + quoted(o_.application + "-pilot") + "  # " + o_.pilot_state);
}

void Text::resources() {
  std::string values;
  for (auto& [name, field] : kDraftFields) {
    auto& value = v_.resources.*field;
    if (value.empty())
      missing(std::string("resources.primary.") + name, "nothing that was seen names one");
    else if (value != o_.known.*field)
      values += fmt::format("    {}: {}\n", name, quoted(value));
  }
  if (!values.empty()) out_ += "resources:\n  primary:\n" + values;
}

void Text::objectives() {
  line(
      "# How long it may be away and how much it may lose is yours to say. Without rpo no loss is too "
      "great.");
  line("# objectives: {rto: 15m, rpo: 1m}");
  if (v_.tasks > 0)
    line(fmt::format("capacity: {{tasks: {}}}  # what the primary's service wants", v_.tasks));
  else
    missing("capacity.tasks", "the service wants no task now; 1 if not said");
}

void Text::database() {
  if (v_.resources.database.empty())
    return missing("database", "nothing that was seen names a database; a failover needs one");
  if (v_.engine != "mariadb" && v_.engine != "mysql")
    line("# The engine is " + v_.engine + ": relight promotes MariaDB and MySQL only.");
  bool whole = !v_.user.empty() && !v_.schema.empty();
  std::string mark = whole ? "" : "# ";
  if (v_.user.empty()) missing("database.user", "the instance tells no master user");
  if (v_.schema.empty()) missing("database.name", "the instance was made without a first schema");
  line(mark + "database:");
  if (!v_.user.empty())
    line(mark + "  user: " + quoted(v_.user) +
         "  # the master user; one that may write and see replication is enough");
  if (!v_.schema.empty()) line(mark + "  name: " + quoted(v_.schema));
  line(mark +
       "  password: {env: RELIGHT_DB_PASSWORD}  # where it is read from at each use; never written here");
  if (v_.port != 0 && v_.port != 3306) line(fmt::format("{}  port: {}", mark, v_.port));
}

void Text::dns() {
  if (v_.domain.empty()) {
    missing("dns.domain", "no record of a hosted zone that could be seen answers with the load balancer");
    line("# dns: {domain: www.example.com}");
    return;
  }
  line("dns:");
  line("  domain: " + quoted(v_.domain) + "  # its record answers with the load balancer");
}

}  // namespace

std::string draft_text(const DraftOrder& order, const DraftValues& v, std::vector<std::string>& missing) {
  return Text(order, v, missing).all();
}

}  // namespace relight::dr
