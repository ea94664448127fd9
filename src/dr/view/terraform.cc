#include <nlohmann/json.hpp>
#include <sstream>

#include "dr/view/iac.h"
#include "dr/view/terraform_blocks.h"

namespace relight::dr::view {
using Json = nlohmann::json;

Json renamed(const Json& object, std::string_view table) {
  Json out = Json::object();
  if (!object.is_object()) return out;
  std::istringstream words{std::string(table)};
  for (std::string w; words >> w;) {
    auto equals = w.find('=');
    if (auto it = object.find(w.substr(0, equals)); it != object.end()) out[w.substr(equals + 1)] = *it;
  }
  return out;
}

namespace {

// Every resource takes tags but these, which have none or whose tags are another type's business.
Json tags_of_terraform(const Json& tags) {
  Json out = Json::object();
  for (auto& t : tags) out[t.value("Key", "")] = t["Value"];
  return out;
}

void resource(const Pilot& p, const PilotResource& r, const TerraformValues& values, Json& all) {
  auto* type = terraform_type(r.type);
  if (!type) {
    all["//"] =
        all.value("//", std::string()) + r.id + " (" + r.type + ") is in the CloudFormation template alone. ";
    return;
  }
  auto properties = Json::parse(r.properties);
  auto arguments = renamed(values.value(properties), type->rename);
  auto add = [&](const std::string& of, const std::string& name, Json a) {
    if (!r.condition.empty()) a["count"] = "${" + values.condition(r.condition) + " ? 1 : 0}";
    all["resource"][of][name] = std::move(a);
  };
  auto look_up = [&](const std::string& of, const std::string& name, Json a) {
    all["data"][of][name] = std::move(a);
  };
  TerraformBlock b{r, properties, values, p, arguments, add, look_up};
  terraform_network(b);
  terraform_storage(b);
  terraform_balancing(b);
  terraform_compute(b);
  terraform_events(b);
  terraform_firewall(b);
  if (properties.contains("Tags")) arguments["tags"] = tags_of_terraform(values.value(properties["Tags"]));
  if (r.retain && !arguments.contains("lifecycle"))
    arguments["lifecycle"] = Json::array({{{"prevent_destroy", true}}});
  for (auto& d : r.depends) arguments["depends_on"].push_back(values.address(d));
  arguments["//"] = r.from.kind.empty() ? "by policy" : "captured/" + file_name(r.from);
  add(std::string(type->type), r.id, arguments);
}

Json variable(const PilotParameter& p) {
  Json v{{"type", "string"}, {"description", p.description}};
  if (p.has_fallback) v["default"] = p.fallback;
  if (p.secret) v["sensitive"] = true;
  return v;
}

}  // namespace

std::string terraform(const Pilot& p) {
  TerraformValues values(p);
  Json all{{"terraform",
            {{"required_providers", {{"aws", {{"source", "hashicorp/aws"}, {"version", "~> 6.0"}}}}}}},
           {"provider", {{"aws", Json::array({{{"region", p.region}}})}}},
           {"data", {{"aws_availability_zones", {{"here", {{"state", "available"}}}}}}}};
  for (auto& v : p.parameters) all["variable"][v.name] = variable(v);
  for (auto& r : p.resources) resource(p, r, values, all);
  for (auto& o : p.outputs) all["output"][o.name] = {{"value", values.value(Json::parse(o.value))}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace relight::dr::view
