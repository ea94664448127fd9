// What was captured of an application in one region; docs/inventory.md is its page.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dr/model/withhold.h"

namespace relight::dr {

// Something that could not be seen. Never to be read as "there is none".
struct Unseen {
  std::string part, why;
  bool operator==(const Unseen&) const = default;
  auto operator<=>(const Unseen&) const = default;
};

struct ResourceKey {
  std::string kind, id;  // "ecs/service", an ARN or an identifier
  bool operator==(const ResourceKey&) const = default;
  auto operator<=>(const ResourceKey&) const = default;
};

struct Resource {
  ResourceKey key;
  std::string region;
  std::string properties = "null";  // canonical JSON text
  std::vector<ResourceKey> uses;    // sorted
  std::vector<Unseen> unknown;      // sorted
  bool operator==(const Resource&) const = default;
};

struct LeftOut {
  ResourceKey key;
  std::string why;
  bool operator==(const LeftOut&) const = default;
  auto operator<=>(const LeftOut&) const = default;
};

struct Inventory {
  std::string application, region;
  std::vector<Resource> resources;    // sorted by key
  std::vector<LeftOut> left_out;      // sorted
  std::vector<std::string> withheld;  // "kind id: NAME" of environment variables whose value was not kept
  bool operator==(const Inventory&) const = default;
};

// The same value for the same resource whenever it is asked: members sorted (nlohmann::json does), lists
// without an order of their own sorted, values that look like secrets withheld (their names are appended to
// *withheld).
nlohmann::json canonical(nlohmann::json properties, std::vector<std::string>* withheld = nullptr);
nlohmann::json canonical(nlohmann::json properties, Secrets& secrets);

// "ecs/service.lamp-web.json": unique in an Inventory as long as ids are.
std::string file_name(const ResourceKey& key);

// One file's text, with a newline at the end; and back. Error "Inventory.Malformed" with resource = `file`.
std::string to_json(const Resource& r);
Result<Resource> resource_from_json(std::string_view text, const std::string& file);
// inventory.json: everything but the resources themselves, which it lists by file.
std::string index_json(const Inventory& i);
struct InventoryIndex {
  Inventory inventory;             // without its resources
  std::vector<std::string> files;  // where they are
};
// Error "Inventory.Malformed" with resource = `file`.
Result<InventoryIndex> index_from_json(std::string_view text, const std::string& file);

}  // namespace relight::dr
