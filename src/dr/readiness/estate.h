// One region's Inventory, parsed once and found by key: what the checks read.
#pragma once
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "dr/model/inventory.h"

namespace relight::dr {

struct Item {
  const Resource* resource = nullptr;
  const nlohmann::json* properties = nullptr;
  const std::string& id() const { return resource->key.id; }
  const std::string& region() const { return resource->region; }
  explicit operator bool() const { return resource != nullptr; }
  bool operator==(const Item& o) const { return resource == o.resource; }
};

class Estate {
 public:
  explicit Estate(Inventory inventory);
  // The region could not be looked at. `region` is still named by findings.
  static Estate unseen(std::string region, std::string why);
  Estate(Estate&&) noexcept;
  Estate& operator=(Estate&&) noexcept;
  ~Estate();

  bool seen() const { return why_.empty(); }
  const std::string& why() const { return why_; }
  const std::string& region() const { return inventory_.region; }
  const Inventory& inventory() const { return inventory_; }

  Item find(std::string_view kind, std::string_view id) const;  // false if it was not captured
  const std::vector<Item>& all(std::string_view kind) const;    // by id
  std::vector<Item> users_of(const ResourceKey& key) const;     // what names it

 private:
  Estate();
  Inventory inventory_;
  std::string why_;
  std::vector<std::unique_ptr<nlohmann::json>> parsed_;
  std::map<std::string, std::vector<Item>, std::less<>> by_kind_;
};

// Why `part` of it (a property, or a kind of children) could not be seen; "" if it could. A resource that was
// not seen at all has no part that was.
std::string why_unseen(const Item& i, std::string_view part);

// Reading properties. A pointer leads nowhere: "" / `otherwise` / an empty list.
std::string text_at(const nlohmann::json& j, std::string_view pointer);
int64_t number_at(const nlohmann::json& j, std::string_view pointer, int64_t otherwise = 0);
bool flag_at(const nlohmann::json& j, std::string_view pointer, bool otherwise = false);
const nlohmann::json& list_at(const nlohmann::json& j, std::string_view pointer);
// Also for members that AWS leaves out: null.
const nlohmann::json& at_or_null(const nlohmann::json& j, std::string_view pointer);
// The value of {"Key": key, "Value": …} in a list, as load balancers' attributes and tags are.
std::string keyed(const nlohmann::json& list, std::string_view key);

}  // namespace relight::dr
