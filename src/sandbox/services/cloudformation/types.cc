#include "sandbox/services/cloudformation/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::cfn {
namespace {

std::vector<std::string> words(std::string_view s) {
  std::istringstream in{std::string(s)};
  std::vector<std::string> out;
  for (std::string w; in >> w;) out.push_back(w);
  return out;
}

void put(Json& input, const std::string& path, Json value) {
  Json* at = &input;
  size_t from = 0;
  for (size_t dot; (dot = path.find('.', from)) != std::string::npos; from = dot + 1) at = &(*at)[path.substr(from, dot - from)];
  (*at)[path.substr(from)] = std::move(value);
}

std::string fill(std::string t, const Subject& s) {
  for (auto& [key, value] : {std::pair<std::string, std::string>{"$id", s.physical}, {"$logical", s.logical}, {"$stack", s.stack}, {"$token", s.token}})
    for (size_t i; (i = t.find(key)) != std::string::npos;) t.replace(i, key.size(), value);
  return t;
}

// Every word of a take-list's left side: the names of properties.
bool takes(std::string_view take, const std::string& property) {
  for (auto& w : words(take))
    if (w.substr(0, w.find('=')) == property) return true;
  return false;
}

bool input_has(const Action& a, const std::string& property) {
  const aws::ServiceModel* m = model_of(a.service);
  const aws::Operation* op = m ? m->find(a.operation) : nullptr;
  return op && member_of(*op->input, property);
}

bool knows(const ResourceType& t, const std::string& property) {
  if (listed(t.replace, property) || listed(t.skip, property) || t.named == property) return true;
  for (auto* actions : {&t.create, &t.settings, &t.update})
    for (auto& a : *actions) {
      std::string when(a.when.starts_with("!") ? a.when.substr(1) : a.when);
      if (takes(a.take, property) || listed(when, property) || a.each == property) return true;
    }
  return std::any_of(t.create.begin(), t.create.end(), [&](auto& a) { return listed(a.take, "*") && input_has(a, property); });
}

}  // namespace

bool listed(std::string_view list, const std::string& w) {
  for (auto& x : words(list))
    if (x == w) return true;
  return false;
}

bool applies(const Action& a, const Json& props, const Json& previous) {
  if (a.when.empty()) return previous.is_null();
  if (a.when.starts_with("!")) return !props.contains(std::string(a.when.substr(1)));
  if (a.when == "*") return true;
  for (auto& w : words(a.when)) {
    if (previous.is_null() ? props.contains(w) : props.value(w, Json()) != previous.value(w, Json())) return true;
  }
  return false;
}

bool present(const Action& a, const Json& props) {
  if (a.when == "*" || a.when.empty()) return true;
  for (auto& w : words(a.when))
    if (props.contains(w)) return true;
  return false;
}

std::vector<std::string> differing(const Json& a, const Json& b) {
  std::vector<std::string> out;
  Json both = a;
  both.update(b);
  for (auto& [k, v] : both.items())
    if (a.value(k, Json()) != b.value(k, Json())) out.push_back(k);
  return out;
}

bool replaces(const ResourceType& t, const std::string& property) { return t.replace == "*" || listed(t.replace, property); }

bool changes(const ResourceType& t, const std::string& property) {
  for (auto* actions : {&t.update, &t.settings})
    for (auto& a : *actions)
      if (a.when == "*" || listed(a.when, property)) return true;
  return false;
}

// The wording is that of the resource schema's validation (aws-cloudformation/cloudformation-resource-schema);
// for read-only properties: unverified.
Result<> check_properties(const ResourceType& t, const std::string& logical, const Json& props) {
  for (auto& [property, value] : props.items()) {
    if (knows(t, property)) continue;
    bool read_only = std::any_of(t.attributes.begin(), t.attributes.end(), [&](auto& a) { return a.first == property; });
    return aws_error("ValidationError",
                     fmt::format("Properties validation failed for resource {} with message:\n[#: {} [{}] {}]", logical,
                                 read_only ? "read-only property" : "extraneous key", property,
                                 read_only ? "cannot be specified" : "is not permitted"), 400);
  }
  return {};
}

Json entries(const Action& a, const Subject& s) {
  const std::string list(a.each);
  Json now = s.props.value(list, Json::array()), before = s.previous.is_null() ? Json::array() : s.previous.value(list, Json::array());
  if (a.entries == Entries::kAll) return now;
  const Json& from = a.entries == Entries::kAdded ? now : before;
  const Json& other = a.entries == Entries::kAdded ? before : now;
  Json out = Json::array();
  for (auto& e : from)
    if (std::find(other.begin(), other.end(), e) == other.end()) out.push_back(e);
  return out;
}

Json build_input(const ResourceType& t, const Action& a, const Subject& s) {
  Json in = Json::object();
  for (auto& w : words(a.take)) {
    size_t eq = w.find('=');
    std::string from = w.substr(0, eq), to = eq == std::string::npos ? from : w.substr(eq + 1);
    if (from == "*") {
      for (auto& [k, v] : s.props.items())
        if (!listed(t.skip, k)) in[k] = v;
    } else if (s.props.contains(from)) {
      in.erase(from);
      put(in, to, s.props[from]);
    }
  }
  for (auto& w : words(a.with)) {
    size_t eq = w.find('=');
    std::string v = w.substr(eq + 1);
    if (v.starts_with("[")) put(in, w.substr(0, eq), Json::array({fill(v.substr(1, v.size() - 2), s)}));
    else if (v == "true" || v == "false") put(in, w.substr(0, eq), v == "true");
    else if (v == "0") put(in, w.substr(0, eq), 0);
    else put(in, w.substr(0, eq), fill(v, s));
  }
  if (a.adapt) a.adapt(in, s);
  return in;
}

const ResourceType* find_type(std::string_view name) {
  for (auto& t : all_types())
    if (t.name == name) return &t;
  return nullptr;
}

std::span<const ResourceType> all_types() {
  static const Types kTypes = [] {
    Types all;
    for (auto* family : {network_types, gateway_types, group_types, balancer_types, container_types, role_types, database_types, bucket_types,
                         name_types, alarm_types, secret_types, function_types, scaling_types, log_types, key_types, certificate_types,
                         registry_types, firewall_types, queue_types, topic_types, rule_types})
      for (auto& t : family()) all.push_back(std::move(t));
    return all;
  }();
  return kTypes;
}

}  // namespace relight::sandbox::cfn
