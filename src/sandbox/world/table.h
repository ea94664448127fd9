// A region's resources of one kind: a map in memory, written through to the Store.
// T is a plain struct with   std::string save() const;   static Result<T> load(const std::string& json);
#pragma once
#include <map>
#include <string>

#include "sandbox/world/world.h"

namespace relight::sandbox {

template <class T>
class Table {
 public:
  // name: "rds/instances". Loads what the store holds. One Table serves all regions: keys are (region, id).
  Table(World& w, std::string name) : world_(w), name_(std::move(name)) {
    world_.store().each(name_, [&](const std::string& key, const std::string& value) {
      size_t cut = key.find('|');
      if (auto t = T::load(value)) rows_[key.substr(0, cut)].emplace(key.substr(cut + 1), std::move(*t));
    });
  }
  T* find(std::string_view region, std::string_view id) {
    auto& r = rows_[std::string(region)];
    auto it = r.find(std::string(id));
    return it == r.end() ? nullptr : &it->second;
  }
  // Inserts or replaces, durably. References stay valid until the row is erased.
  T& put(std::string_view region, std::string_view id, T value) {
    T& slot = rows_[std::string(region)][std::string(id)] = std::move(value);
    save(region, id, slot);
    return slot;
  }
  // After changing a row in place.
  void save(std::string_view region, std::string_view id, const T& value) {
    world_.store().put(name_, std::string(region) + "|" + std::string(id), value.save());
  }
  void erase(std::string_view region, std::string_view id) {
    rows_[std::string(region)].erase(std::string(id));
    world_.store().erase(name_, std::string(region) + "|" + std::string(id));
  }
  std::map<std::string, T>& in(std::string_view region) { return rows_[std::string(region)]; }

 private:
  World& world_;
  std::string name_;
  std::map<std::string, std::map<std::string, T>> rows_;
};

}  // namespace relight::sandbox
