#include "dr/capture/pointer.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// Takes the first part off: "/a/b" gives "a" and leaves "/b".
std::string_view first(std::string_view& pointer) {
  pointer.remove_prefix(1);
  auto slash = std::min(pointer.find('/'), pointer.size());
  auto part = pointer.substr(0, slash);
  pointer.remove_prefix(slash);
  return part;
}

Json* step(Json& j, std::string_view part) {
  if (j.is_object()) {
    auto it = j.find(std::string(part));
    return it == j.end() ? nullptr : &*it;
  }
  size_t i = 0;
  if (!j.is_array() || std::from_chars(part.data(), part.data() + part.size(), i).ec != std::errc())
    return nullptr;
  return i < j.size() ? &j[i] : nullptr;
}

}  // namespace

Json* at(Json& j, std::string_view pointer) {
  Json* here = &j;
  while (here && !pointer.empty()) here = step(*here, first(pointer));
  return here;
}

void each_at(Json& j, std::string_view pointer, const std::function<void(Json&)>& f) {
  if (pointer.empty()) return f(j);
  auto part = first(pointer);
  if (part == "*") {
    if (j.is_structured())
      for (auto& element : j) each_at(element, pointer, f);
  } else if (auto* next = step(j, part)) {
    each_at(*next, pointer, f);
  }
}

void remove_at(Json& j, std::string_view pointer) {
  auto slash = pointer.rfind('/');
  each_at(j, pointer.substr(0, slash), [&](Json& parent) {
    if (parent.is_object()) parent.erase(std::string(pointer.substr(slash + 1)));
  });
}

std::string member_text(const Json& j, const char* member) {
  auto it = j.find(member);
  return it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

const Json& member_list(const Json& j, const char* member) {
  static const Json none = Json::array();
  auto it = j.find(member);
  return it != j.end() && it->is_array() ? *it : none;
}

void merge_page(Json& all, Json page) {
  if (all.is_null()) {
    all = std::move(page);
    return;
  }
  for (auto& [name, value] : page.items()) {
    auto& here = all[name];
    if (here.is_array() && value.is_array())
      here.insert(here.end(), value.begin(), value.end());
    else
      here = value;
  }
}

}  // namespace relight::dr
