#include "dr/readiness/estate.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace relight::dr {
using Json = nlohmann::json;

Estate::Estate() = default;
Estate::~Estate() = default;
Estate::Estate(Estate&&) noexcept = default;
Estate& Estate::operator=(Estate&&) noexcept = default;

Estate::Estate(Inventory inventory) : inventory_(std::move(inventory)) {
  for (auto& r : inventory_.resources) {
    auto j = std::make_unique<Json>(Json::parse(r.properties, nullptr, false));
    if (j->is_discarded()) *j = nullptr;
    by_kind_[r.key.kind].push_back({&r, j.get()});
    parsed_.push_back(std::move(j));
  }
  for (auto& [kind, items] : by_kind_) std::ranges::sort(items, {}, &Item::id);
}

Estate Estate::unseen(std::string region, std::string why) {
  Estate e;
  e.inventory_.region = std::move(region);
  e.why_ = why.empty() ? "it was not looked at" : std::move(why);
  return e;
}

Item Estate::find(std::string_view kind, std::string_view id) const {
  auto& items = all(kind);
  auto it = std::ranges::lower_bound(items, id, {}, &Item::id);
  return it != items.end() && it->id() == id ? *it : Item{};
}

const std::vector<Item>& Estate::all(std::string_view kind) const {
  static const std::vector<Item> kNone;
  auto it = by_kind_.find(kind);
  return it == by_kind_.end() ? kNone : it->second;
}

std::vector<Item> Estate::users_of(const ResourceKey& key) const {
  std::vector<Item> out;
  for (auto& [kind, items] : by_kind_)
    for (auto& i : items)
      if (std::ranges::find(i.resource->uses, key) != i.resource->uses.end()) out.push_back(i);
  return out;
}

std::string why_unseen(const Item& i, std::string_view part) {
  for (auto& u : i.resource->unknown)
    if (u.part == "everything" || u.part == part) return u.why;
  return "";
}

const Json& at_or_null(const Json& j, std::string_view pointer) {
  static const Json kNull;
  const Json* here = &j;
  while (!pointer.empty()) {
    auto end = pointer.find('/', 1);
    auto word = pointer.substr(1, end == pointer.npos ? end : end - 1);
    if (here->is_array()) {
      size_t n = 0;
      for (char c : word) n = n * 10 + size_t(c - '0');
      if (n >= here->size()) return kNull;
      here = &(*here)[n];
    } else {
      auto it = here->is_object() ? here->find(word) : here->end();
      if (!here->is_object() || it == here->end()) return kNull;
      here = &*it;
    }
    pointer = end == pointer.npos ? "" : pointer.substr(end);
  }
  return *here;
}

std::string text_at(const Json& j, std::string_view pointer) {
  auto& v = at_or_null(j, pointer);
  if (v.is_string()) return v.get<std::string>();
  return v.is_null() || v.is_structured() ? "" : v.dump();
}

int64_t number_at(const Json& j, std::string_view pointer, int64_t otherwise) {
  auto& v = at_or_null(j, pointer);
  if (v.is_number()) return v.get<int64_t>();
  if (!v.is_string() || v.get_ref<const std::string&>().empty()) return otherwise;
  char* end = nullptr;
  auto n = std::strtoll(v.get_ref<const std::string&>().c_str(), &end, 10);
  return *end ? otherwise : n;
}

bool flag_at(const Json& j, std::string_view pointer, bool otherwise) {
  auto& v = at_or_null(j, pointer);
  return v.is_boolean() ? v.get<bool>() : v.is_string() ? v.get<std::string>() == "true" : otherwise;
}

const Json& list_at(const Json& j, std::string_view pointer) {
  static const Json kEmpty = Json::array();
  auto& v = at_or_null(j, pointer);
  return v.is_array() ? v : kEmpty;
}

std::string keyed(const Json& list, std::string_view key) {
  for (auto& e : list)
    if (text_at(e, "/Key") == key) return text_at(e, "/Value");
  return "";
}

}  // namespace relight::dr
