#include "dr/planning/pilot_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <set>

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// The kinds that get counterparts, with the word that their logical ids begin with and the member that names
// one.
struct Word {
  std::string_view kind, word, name;
  bool unique;  // the name is, within the region
};
constexpr std::array kWords{Word{"ec2/vpc", "Vpc", "", false},
                            Word{"ec2/subnet", "Subnet", "", false},
                            Word{"ec2/internet-gateway", "Gateway", "", false},
                            Word{"ec2/nat-gateway", "Nat", "", false},
                            Word{"ec2/route-table", "Routes", "", false},
                            Word{"ec2/network-acl", "Acl", "", false},
                            Word{"ec2/vpc-endpoint", "Endpoint", "", false},
                            Word{"ec2/security-group", "Group", "GroupName", true},
                            Word{"iam/role", "Role", "RoleName", true},
                            Word{"s3/bucket", "Bucket", "", true},
                            Word{"rds/subnet-group", "DatabaseSubnets", "DBSubnetGroupName", true},
                            Word{"rds/parameter-group", "DatabaseParameters", "DBParameterGroupName", true},
                            Word{"rds/option-group", "DatabaseOptions", "OptionGroupName", true},
                            Word{"rds/db-instance", "Database", "DBInstanceIdentifier", true},
                            Word{"elbv2/load-balancer", "Balancer", "LoadBalancerName", true},
                            Word{"elbv2/target-group", "Targets", "TargetGroupName", true},
                            Word{"elbv2/listener", "Listener", "", false},
                            Word{"elbv2/rule", "Rule", "", false},
                            Word{"wafv2/web-acl", "Firewall", "Name", true},
                            Word{"ecs/cluster", "Cluster", "clusterName", true},
                            Word{"ecs/task-definition", "Task", "family", true},
                            Word{"ecs/service", "Service", "serviceName", true},
                            Word{"lambda/function", "Function", "FunctionName", true},
                            Word{"lambda/event-source-mapping", "Mapping", "", false},
                            Word{"events/rule", "Rule", "", false},
                            Word{"sqs/queue", "Queue", "", true},
                            Word{"sns/topic", "Topic", "", false},
                            Word{"sns/subscription", "Subscription", "", false},
                            Word{"kms/key", "Key", "", false},
                            Word{"ssm/parameter", "Parameter", "", true}};

const Word* word_of(std::string_view kind) {
  for (auto& w : kWords)
    if (w.kind == kind) return &w;
  return nullptr;
}

std::string name_tag(const Json& properties) {
  auto tags = properties.find("Tags");
  if (tags == properties.end() || !tags->is_array()) return "";
  for (auto& t : *tags)
    if (text_of(t, "Key") == "Name") return text_of(t, "Value");
  return "";
}

std::string first_id(const PilotDraft& d, const Word& w, const ResourceKey& key, const Json& properties) {
  bool by_id = w.unique && w.name.empty();
  auto given = by_id ? key.id : text_of(properties, std::string(w.name).c_str());
  if (w.unique && !given.empty()) {
    auto word = logical_word(d.places(), d.account(), given);
    return std::string(w.word) + (word.empty() ? "" : word);
  }
  return std::string(w.word) + logical_word(d.places(), d.account(), name_tag(properties)) + digest(key.id);
}

// "arn:aws:rds:us-east-1:123456789012:db:x" -> "123456789012"
std::string account_in(const std::string& arn) {
  if (!arn.starts_with("arn:")) return "";
  size_t at = 0;
  for (int i = 0; i < 4 && at != arn.npos; ++i) at = arn.find(':', at) + 1;
  auto account = arn.substr(at, arn.find(':', at) - at);
  return account.size() == 12 && account.find_first_not_of("0123456789") == account.npos ? account : "";
}

bool word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_'; }

void references(const Json& v, std::set<std::string>& to) {
  if (v.is_object() && v.size() == 1) {
    auto& key = v.begin().key();
    auto& arg = v.begin().value();
    if (key == "Ref" && arg.is_string()) to.insert(arg.get<std::string>());
    if (key == "Fn::GetAtt" && arg.is_array()) to.insert(arg.at(0).get<std::string>());
    if (key == "Fn::Sub" && arg.is_string()) {
      auto s = arg.get<std::string>();
      for (size_t at = 0; (at = s.find("${", at)) != s.npos; at += 2) {
        auto name = s.substr(at + 2, s.find_first_of(".}", at + 2) - at - 2);
        if (!name.starts_with('!')) to.insert(name);
      }
    }
  }
  if (v.is_structured())
    for (auto& e : v) references(e, to);
}

// Inside of Fn::Sub a plain text's "${" means nothing.
Json in_sub(const Json& v) {
  if (v.is_string()) {
    auto s = v.get<std::string>();
    for (size_t at = 0; (at = s.find("${", at)) != s.npos; at += 3) s.insert(at + 2, "!");
    return s;
  }
  if (v.is_object() && v.size() == 1) {
    auto& key = v.begin().key();
    if (key == "Ref") return "${" + v.begin()->get<std::string>() + "}";
    if (key == "Fn::GetAtt")
      return "${" + v.begin()->at(0).get<std::string>() + "." + v.begin()->at(1).get<std::string>() + "}";
    if (key == "Fn::Sub") return *v.begin();
  }
  if (!v.is_structured()) return v;
  auto out = v;
  for (auto& e : out) e = in_sub(e);
  return out;
}

}  // namespace

std::string sub_text(const Json& value) {
  return in_sub(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::set<std::string> references_of(const std::string& properties) {
  std::set<std::string> names;
  references(Json::parse(properties, nullptr, false), names);
  return names;
}

PilotDraft::PilotDraft(const Inventory& inventory, const PilotPolicy& policy)
    : inventory_(inventory), policy_(policy) {
  places_ = {inventory.region, policy.region, policy.primary_stack, policy.stack};
  pilot_.application = inventory.application;
  pilot_.primary = inventory.region;
  pilot_.region = policy.region;
  pilot_.stack = policy.stack;
}

Result<> PilotDraft::open() {
  for (auto& r : inventory_.resources) {
    auto j = Json::parse(r.properties, nullptr, false);
    if (j.is_discarded() || (!j.is_object() && !j.is_null()))
      return fail(Error{.code = "Synth.Malformed",
                        .message = "its properties are no JSON object",
                        .resource = r.key.kind + " " + r.key.id,
                        .next = "run 'relight capture' again"});
    for (auto& u : r.unknown)
      if (u.part == "everything")
        unknown_.push_back(fmt::format("{} {}: everything ({})", r.key.kind, r.key.id, u.why));
    for (auto id : {r.key.id, text_of(j, "DBInstanceArn")})
      if (pilot_.account.empty()) pilot_.account = account_in(id);
    if (r.key.kind == "ecs/task-definition") named_.insert(r.uses.begin(), r.uses.end());
    parsed_[r.key] = std::move(j);
  }
  std::map<std::string, std::vector<const Resource*>> by_id;
  for (auto& r : inventory_.resources)
    if (auto* w = word_of(r.key.kind)) by_id[first_id(*this, *w, r.key, parsed_[r.key])].push_back(&r);
  for (auto& [id, resources] : by_id)
    for (auto* r : resources) logical_[r->key] = resources.size() == 1 ? id : id + digest(r->key.id);
  return {};
}

std::vector<PilotDraft::Captured> PilotDraft::all(std::string_view kind) const {
  std::vector<Captured> out;
  auto from = std::ranges::lower_bound(
      inventory_.resources, kind, {}, [](auto& r) -> auto& { return r.key.kind; });
  for (; from != inventory_.resources.end() && from->key.kind == kind; ++from)
    if (auto& j = parsed_.at(from->key); j.is_object()) out.push_back({&*from, &j});
  return out;
}

const Json* PilotDraft::find(std::string_view kind, const std::string& id) const {
  auto it = parsed_.find({std::string(kind), id});
  return it == parsed_.end() || !it->second.is_object() ? nullptr : &it->second;
}

bool PilotDraft::names(std::string_view kind, const std::string& id) const {
  return named_.contains({std::string(kind), id});
}

std::string PilotDraft::logical(std::string_view kind, const std::string& id) const {
  auto it = logical_.find({std::string(kind), id});
  return it == logical_.end() ? "" : it->second;
}

void PilotDraft::adopt(const ResourceKey& key) {
  auto* w = word_of(key.kind);
  auto* p = find(key.kind, key.id);
  if (w && p) logical_[key] = first_id(*this, *w, key, *p);
}

void PilotDraft::abandon(const ResourceKey& key) { logical_.erase(key); }

Json PilotDraft::ref(std::string_view kind, const std::string& id, const ResourceKey& from) {
  if (auto l = logical(kind, id); !l.empty()) return ref_to(l);
  say(from, fmt::format("{} {}", kind, id), "it was not captured, so the pilot still names the primary's");
  return id;
}

Json PilotDraft::refs(std::string_view kind, const Json* list, const ResourceKey& from, const char* member) {
  Json out = Json::array();
  if (list && list->is_array())
    for (auto& e : *list) {
      auto id = member ? text_of(e, member) : e.is_string() ? e.get<std::string>() : "";
      if (!id.empty()) out.push_back(ref(kind, id, from));
    }
  return out;
}

void PilotDraft::means(const std::string& needle, const std::string& substitute) {
  if (!needle.empty()) meanings_[needle] = substitute;
}

void PilotDraft::means_whole(const std::string& value, const std::string& substitute) {
  if (!value.empty()) whole_[value] = substitute;
}

// The longest known name at each place where a word begins; everything else is kept, with "${" escaped.
std::string PilotDraft::substituted(const std::string& value) const {
  if (auto it = whole_.find(value); it != whole_.end()) return it->second;
  auto regions = region_words(value, places_.primary);
  std::string out;
  for (size_t at = 0; at < value.size();) {
    bool start = at == 0 || !word_character(value[at - 1]);
    size_t taken = 0;
    for (size_t end = value.size(); start && end > at && !taken; --end) {
      if (end < value.size() && word_character(value[end])) continue;
      if (end - at > 300) continue;  // no name is longer
      if (auto it = meanings_.find(value.substr(at, end - at)); it != meanings_.end()) {
        out += it->second;
        taken = end - at;
      }
    }
    if (!taken && std::ranges::binary_search(regions, at)) {
      out += "${AWS::Region}";
      taken = places_.primary.size();
    }
    if (!taken) {
      if (value.compare(at, 2, "${") == 0)
        out += "${!", taken = 2;
      else
        out += value[at], taken = 1;
    }
    at += taken;
  }
  return out;
}

Json PilotDraft::text(const std::string& value, const ResourceKey& from) {
  auto s = substituted(value);
  if (auto foreign = not_carried_over(value, places_.primary); !foreign.empty())
    say(from, "'" + foreign + "'",
        "Relight does not carry over what this names: it must stand in " + policy_.region +
            " before a failover, and the name be right there");
  bool plain = s == value || s.find("${") == s.npos;
  if (s.find(places_.primary) != s.npos)
    say(from, "'" + value + "'",
        "it still names " + places_.primary + ", and Relight does not know what it means there");
  if (plain) return s;
  bool only_escapes = true;
  for (size_t at = 0; (at = s.find("${", at)) != s.npos; at += 2)
    only_escapes = only_escapes && s[at + 2] == '!';
  if (only_escapes) return value;
  auto whole = s.starts_with("${") && s.find('}') == s.size() - 1 && !s.starts_with("${!");
  if (!whole) return Json{{"Fn::Sub", s}};
  auto inner = s.substr(2, s.size() - 3);
  auto dot = inner.find('.');
  return dot == inner.npos ? ref_to(inner) : attribute_of(inner.substr(0, dot), inner.substr(dot + 1));
}

Json PilotDraft::deep(const Json& value, const ResourceKey& from) {
  if (value.is_string()) return text(value.get<std::string>(), from);
  if (value.is_array()) {
    Json out = Json::array();
    for (auto& e : value) out.push_back(deep(e, from));
    return out;
  }
  if (!value.is_object()) return value;
  Json out = Json::object();
  for (auto& [k, v] : value.items()) out[k] = deep(v, from);
  return out;
}

void PilotDraft::add(PilotResource r, Json properties) {
  // A name tag that begins with the primary's stack would mislead whoever reads the console at night.
  if (auto tags = properties.find("Tags"); tags != properties.end() && tags->is_array())
    for (auto& t : *tags)
      if (text_of(t, "Key") == "Name") t["Value"] = name(text_of(t, "Value"));
  for (auto it = properties.begin(); it != properties.end();)
    it = it->is_null() ? properties.erase(it) : std::next(it);
  if (move_) move_addresses(properties, r);
  r.properties = properties.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::ranges::sort(r.depends);
  pilot_.resources.push_back(std::move(r));
}

void PilotDraft::say(const ResourceKey& from, std::string what, std::string why) {
  pilot_.untranslated.push_back({from, std::move(what), std::move(why)});
}

void PilotDraft::parameter(PilotParameter p) {
  for (auto& have : pilot_.parameters)
    if (have.name == p.name) return;
  pilot_.parameters.push_back(std::move(p));
}

void PilotDraft::condition(std::string name, const Json& test) {
  for (auto& have : pilot_.conditions)
    if (have.name == name) return;
  pilot_.conditions.push_back({std::move(name), test.dump()});
}

void PilotDraft::output(std::string name, const Json& value) {
  pilot_.outputs.push_back({std::move(name), value.dump()});
}

void PilotDraft::unknown_parts(const Resource& r) {
  for (auto& u : r.unknown)
    if (u.part != "everything")
      unknown_.push_back(fmt::format("{} {}: {} ({})", r.key.kind, r.key.id, u.part, u.why));
}

void PilotDraft::wrong(Error e) {
  if (!error_) error_ = std::move(e);
}

// Of the logical ids; and of the names that a region, or the world, has once. What CloudFormation names itself
// is not here. Buckets are held against each other where they are named.
Result<> PilotDraft::check_names() const {
  static const std::map<std::string_view, const char*> kUnique{
      {"AWS::Lambda::Function", "FunctionName"}, {"AWS::SQS::Queue", "QueueName"},
      {"AWS::SNS::Topic", "TopicName"},          {"AWS::Logs::LogGroup", "LogGroupName"},
      {"AWS::SSM::Parameter", "Name"},           {"AWS::KMS::Alias", "AliasName"},
      {"AWS::Events::Rule", "Name"},
  };
  std::map<std::string, const PilotResource*> taken;
  auto claim = [&](const PilotResource& r, const std::string& scope, const std::string& name) -> Result<> {
    auto [it, fresh] = taken.emplace(scope + " " + name, &r);
    if (fresh) return {};
    return fail(Error{.code = "Synth.Collision",
                      .message = fmt::format("{} {} and {} {} would both be called {}", it->second->from.kind,
                                             it->second->from.id, r.from.kind, r.from.id, name),
                      .tried = "name the pilot's resources",
                      .resource = r.from.id,
                      .region = policy_.region,
                      .next = "rename one of them in the primary region and capture again"});
  };
  for (auto& r : pilot_.resources) {
    TRY(claim(r, "", r.id));
    auto unique = kUnique.find(r.type);
    if (unique == kUnique.end()) continue;
    auto properties = Json::parse(r.properties);
    auto name = properties.find(unique->second);
    if (name == properties.end()) continue;
    auto bus = properties.value("EventBusName", Json());  // a rule's name is its bus's own
    TRY(claim(r, r.type + bus.dump(), name->is_string() ? name->get<std::string>() : name->dump()));
  }
  return {};
}

Result<> PilotDraft::check_references() const {
  std::map<std::string, std::set<std::string>> needs;
  std::map<std::string, const PilotResource*> resources;
  for (auto& r : pilot_.resources) {
    resources.emplace(r.id, &r);
    needs[r.id] = references_of(r.properties);
    needs[r.id].insert(r.depends.begin(), r.depends.end());
  }
  std::map<std::string, int> state;
  std::function<std::string(const std::string&)> visit = [&](const std::string& id) -> std::string {
    state[id] = 1;
    for (auto& to : needs[id]) {
      if (!resources.contains(to)) continue;
      if (state[to] == 1) return id + " -> " + to;
      if (state[to] == 0)
        if (auto circle = visit(to); !circle.empty()) return id + " -> " + circle;
    }
    state[id] = 2;
    return "";
  };
  for (auto& r : pilot_.resources)
    if (state[r.id] == 0)
      if (auto circle = visit(r.id); !circle.empty())
        return fail(Error{.code = "Synth.Circular",
                          .message = "the pilot's resources name each other in a circle: " + circle,
                          .tried = "order the pilot's resources",
                          .resource = r.from.kind + " " + r.from.id,
                          .next = "break the circle in the primary region and capture again"});
  return {};
}

void PilotDraft::dormant_network(const std::string& parameter) {
  Json entry{{"kind", "network"}, {"name", ref_to("AWS::StackName")}, {"scope", parameter}};
  if (std::ranges::find(dormant_, entry) == dormant_.end()) dormant_.push_back(std::move(entry));
}

// In outputs of about a thousand characters: CloudFormation resolves the names, and whoever fails over reads
// them where the stack is.
void PilotDraft::write_dormant() {
  constexpr size_t kLength = 1000;
  std::ranges::sort(dormant_);
  std::vector<std::string> texts;
  for (auto& d : dormant_) {
    auto one = sub_text(d);
    if (texts.empty() || texts.back().size() + one.size() > kLength)
      texts.push_back(one);
    else
      texts.back() += "," + one;
  }
  for (size_t i = 0; i < texts.size(); ++i)
    output("Dormant" + std::to_string(i + 1), Json{{"Fn::Sub", "[" + texts[i] + "]"}});
}

Result<Pilot> PilotDraft::close() {
  write_dormant();
  std::ranges::sort(unknown_);
  if (!unknown_.empty() && !policy_.accept_unknown) {
    std::string all;
    for (auto& u : unknown_) all += "\n  " + u;
    return fail(Error{.code = "Synth.Unknown",
                      .message = "the capture could not see what the pilot must have:" + all,
                      .tried = "plan the pilot",
                      .next =
                          "give 'relight capture' the permission and capture again, or go on without with "
                          "--accept-unknown"});
  }
  for (auto& u : unknown_)
    say({}, u, "unknown: the capture could not see it, and the pilot is made as if it were not there");
  if (error_) return fail(*error_);
  TRY(check_names());
  TRY(check_references());
  std::ranges::sort(pilot_.parameters, {}, &PilotParameter::name);
  std::ranges::sort(pilot_.conditions, {}, &PilotCondition::name);
  std::ranges::sort(pilot_.outputs, {}, &PilotOutput::name);
  std::ranges::sort(pilot_.untranslated);
  auto same = std::ranges::unique(pilot_.untranslated);
  pilot_.untranslated.erase(same.begin(), same.end());
  return std::move(pilot_);
}

}  // namespace relight::dr
