#include "dr/model/inventory.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// Lists whose order means something: sorting them would change the application.
bool ordered(std::string_view member) {
  static constexpr std::array<std::string_view, 6> kOrdered{"command",        "entryPoint", "Rules",
                                                            "DefaultActions", "Actions",    "Layers"};
  return std::ranges::find(kOrdered, member) != kOrdered.end();
}

// What tells the elements of a list apart: the first of these that all of them have.
std::string sort_key(const Json& element) {
  if (!element.is_object()) return element.dump();
  static constexpr std::array<const char*, 8> kNames{"name",     "Name",     "key",           "Key",
                                                     "SubnetId", "ZoneName", "ParameterName", "Sid"};
  for (auto* n : kNames)
    if (auto it = element.find(n); it != element.end() && it->is_string())
      return it->get<std::string>() + '\0' + element.dump();
  return element.dump();
}

void tidy(Json& j, std::string_view member) {
  if (j.is_object()) {
    for (auto& [name, value] : j.items()) tidy(value, name);
  } else if (j.is_array()) {
    for (auto& element : j) tidy(element, member);
    if (!ordered(member))
      std::stable_sort(j.begin(), j.end(), [](auto& a, auto& b) { return sort_key(a) < sort_key(b); });
  }
}

Json key_json(const ResourceKey& k) { return k.kind + " " + k.id; }

Result<ResourceKey> key_of(const Json& j) {
  auto text = j.is_string() ? j.get<std::string>() : "";
  auto space = text.find(' ');
  if (space == std::string::npos) return fail("Inventory.Malformed", "'" + j.dump() + "' is not \"kind id\"");
  return ResourceKey{text.substr(0, space), text.substr(space + 1)};
}

std::string text_of(const Json& j, const char* name) {
  auto it = j.find(name);
  return it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

Result<Resource> read(const Json& j) {
  if (!j.is_object()) return fail("Inventory.Malformed", "a captured resource is a JSON object");
  Resource r{.key = {text_of(j, "kind"), text_of(j, "id")}, .region = text_of(j, "region")};
  if (r.key.kind.empty() || r.key.id.empty())
    return fail("Inventory.Malformed", "'kind' and 'id' must be there, as texts");
  r.properties = j.value("properties", Json()).dump();
  for (auto& u : j.value("uses", Json::array())) {
    TRY_ASSIGN(auto key, key_of(u));
    r.uses.push_back(std::move(key));
  }
  for (auto& u : j.value("unknown", Json::array())) {
    if (!u.is_object()) return fail("Inventory.Malformed", "'unknown' holds objects of 'part' and 'why'");
    r.unknown.push_back({text_of(u, "part"), text_of(u, "why")});
  }
  return r;
}

}  // namespace

Json canonical(Json properties, std::vector<std::string>* withheld) {
  Secrets secrets;
  properties = canonical(std::move(properties), secrets);
  if (withheld) std::ranges::move(secrets.names, std::back_inserter(*withheld));
  return properties;
}

Json canonical(Json properties, Secrets& secrets) {
  withhold(properties, secrets);
  tidy(properties, "");
  return properties;
}

std::string file_name(const ResourceKey& key) {
  auto slash = key.kind.find('/');
  std::string service = key.kind.substr(0, slash),
              type = slash == std::string::npos ? "" : key.kind.substr(slash + 1);
  // An ARN's first five parts say what the folder and the type say already.
  std::string_view id = key.id;
  if (id.starts_with("arn:"))
    for (int i = 0; i < 5 && id.find(':') != id.npos; ++i) id.remove_prefix(id.find(':') + 1);
  std::string name;
  for (unsigned char c : id) name += std::isalnum(c) || c == '-' || c == '_' || c == '.' ? char(c) : '-';
  while (name.starts_with('.') || name.starts_with('-')) name.erase(0, 1);
  return service + "/" + type + "." + name + ".json";
}

std::string to_json(const Resource& r) {
  Json uses = Json::array(), unknown = Json::array();
  for (auto& u : r.uses) uses.push_back(key_json(u));
  for (auto& u : r.unknown) unknown.push_back({{"part", u.part}, {"why", u.why}});
  return Json{{"kind", r.key.kind}, {"id", r.key.id},
              {"region", r.region}, {"properties", Json::parse(r.properties)},
              {"uses", uses},       {"unknown", unknown}}
             .dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

Result<Resource> resource_from_json(std::string_view text, const std::string& file) {
  auto j = Json::parse(text, nullptr, false);
  if (j.is_discarded())
    return fail(Error{.code = "Inventory.Malformed",
                      .message = "this is not JSON",
                      .resource = file,
                      .next = "run 'relight capture' again, or restore the file from git"});
  auto r = read(j);
  if (!r) return fail(Error(r.error()).on(file));
  return r;
}

std::string index_json(const Inventory& i) {
  Json files = Json::array(), left = Json::array(), unknown = Json::array();
  for (auto& r : i.resources) {
    files.push_back(file_name(r.key));
    for (auto& u : r.unknown)
      unknown.push_back({{"resource", key_json(r.key)}, {"part", u.part}, {"why", u.why}});
  }
  for (auto& l : i.left_out) left.push_back({{"resource", key_json(l.key)}, {"why", l.why}});
  return Json{{"format", 1},           {"application", i.application},
              {"region", i.region},    {"resources", files},
              {"left_out", left},      {"unknown", unknown},
              {"withheld", i.withheld}}
             .dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

Result<InventoryIndex> index_from_json(std::string_view text, const std::string& file) {
  auto bad = [&](const std::string& why) {
    return fail(Error{.code = "Inventory.Malformed",
                      .message = why,
                      .resource = file,
                      .next = "run 'relight capture' again, or restore the file from git"});
  };
  auto j = Json::parse(text, nullptr, false);
  if (!j.is_object()) return bad("this is not a JSON object");
  if (j.value("format", Json()) != 1)
    return bad("its format is " + j.value("format", Json()).dump() + ", this build reads 1");
  InventoryIndex i;
  i.inventory.application = text_of(j, "application");
  i.inventory.region = text_of(j, "region");
  for (auto& f : j.value("resources", Json::array()))
    if (f.is_string()) i.files.push_back(f.get<std::string>());
  for (auto& w : j.value("withheld", Json::array()))
    if (w.is_string()) i.inventory.withheld.push_back(w.get<std::string>());
  for (auto& l : j.value("left_out", Json::array())) {
    auto key = l.is_object() ? key_of(l.value("resource", Json())) : Result<ResourceKey>(bad("'left_out'"));
    if (!key) return bad("'left_out' holds objects of 'resource' and 'why'");
    i.inventory.left_out.push_back({*key, text_of(l, "why")});
  }
  return i;
}

}  // namespace relight::dr
