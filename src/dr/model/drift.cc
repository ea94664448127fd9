#include "dr/model/drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Kind = Difference::Kind;

constexpr size_t kShownMax = 160;  // bytes of a value in text()

std::string dump(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string step(const std::string& pointer, const std::string& name) {
  std::string escaped;
  for (char c : name) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return pointer + "/" + escaped;
}

// What an element is called, where all elements of both lists have a name of their own.
std::optional<std::map<std::string, size_t>> called(const Json& list, const char* member) {
  std::map<std::string, size_t> out;
  for (size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_object()) return {};
    auto it = list[i].find(member);
    if (it == list[i].end() || !it->is_string() || !out.emplace(it->get<std::string>(), i).second) return {};
  }
  return out;
}

class Comparing {
 public:
  Comparing(const ResourceKey& key, std::vector<Difference>& out) : key_(key), out_(out) {}
  void values(const std::string& pointer, const Json& a, const Json& b) {
    if (a == b) return;
    if (a.is_object() && b.is_object())
      objects(pointer, a, b);
    else if (a.is_array() && b.is_array())
      lists(pointer, a, b);
    else
      say(Kind::kChanged, pointer, dump(a), dump(b));
  }

 private:
  void say(Kind kind, const std::string& pointer, std::string before, std::string after) {
    out_.push_back({kind, key_, pointer, std::move(before), std::move(after)});
  }
  void gone(const std::string& pointer, const Json& a) { say(Kind::kGone, pointer, dump(a), ""); }
  void appeared(const std::string& pointer, const Json& b) { say(Kind::kAppeared, pointer, "", dump(b)); }

  void objects(const std::string& pointer, const Json& a, const Json& b) {
    for (auto& [name, value] : a.items())
      if (auto it = b.find(name); it == b.end())
        gone(step(pointer, name), value);
      else
        values(step(pointer, name), value, *it);
    for (auto& [name, value] : b.items())
      if (!a.contains(name)) appeared(step(pointer, name), value);
  }

  void lists(const std::string& pointer, const Json& a, const Json& b) {
    for (auto* member : {"name", "Name", "key", "Key", "Id", "ID", "SubnetId", "GroupId", "ZoneName",
                         "ParameterName", "Sid", "containerName"}) {
      auto was = called(a, member), is = called(b, member);
      if (was && is && !(was->empty() && is->empty())) return by_name(pointer, a, b, *was, *is);
    }
    by_content(pointer, a, b);
  }

  void by_name(const std::string& pointer, const Json& a, const Json& b,
               const std::map<std::string, size_t>& was, const std::map<std::string, size_t>& is) {
    for (auto& [name, i] : was)
      if (auto it = is.find(name); it == is.end())
        gone(step(pointer, std::to_string(i)), a[i]);
      else
        values(step(pointer, std::to_string(i)), a[i], b[it->second]);
    for (auto& [name, i] : is)
      if (!was.contains(name)) appeared(step(pointer, std::to_string(i)), b[i]);
  }

  // Equal elements are the same; of the others the first was made of the first.
  void by_content(const std::string& pointer, const Json& a, const Json& b) {
    std::vector<bool> taken(b.size());
    std::vector<size_t> was, is;
    for (size_t i = 0; i < a.size(); ++i) {
      size_t j = 0;
      while (j < b.size() && (taken[j] || a[i] != b[j])) ++j;
      if (j < b.size())
        taken[j] = true;
      else
        was.push_back(i);
    }
    for (size_t j = 0; j < b.size(); ++j)
      if (!taken[j]) is.push_back(j);
    if (was.empty() && is.empty()) return say(Kind::kChanged, pointer, dump(a), dump(b));  // another order
    for (size_t k = 0; k < std::max(was.size(), is.size()); ++k)
      if (k >= is.size())
        gone(step(pointer, std::to_string(was[k])), a[was[k]]);
      else if (k >= was.size())
        appeared(step(pointer, std::to_string(is[k])), b[is[k]]);
      else
        values(step(pointer, std::to_string(was[k])), a[was[k]], b[is[k]]);
  }

  const ResourceKey& key_;
  std::vector<Difference>& out_;
};

const Unseen* everything(const Resource& r) {
  auto it = std::ranges::find(r.unknown, "everything", &Unseen::part);
  return it == r.unknown.end() ? nullptr : &*it;
}

// Why a side may hold a resource of this kind without our seeing it; empty if it saw all there is.
std::string blind_to(const Inventory& side, const std::string& kind) {
  for (auto& r : side.resources)
    for (auto& u : r.unknown)
      if (u.part == "everything" || u.part.starts_with(kind) || u.part == "what the environment names")
        return fmt::format("{} of {} {}: {}", u.part, r.key.kind, r.key.id, u.why);
  return "";
}

void one_sided(const Inventory& blind, const Resource& r, Kind kind, const char* said, Drift& out) {
  if (auto why = blind_to(blind, r.key.kind); !why.empty())
    out.unknown.push_back({r.key, "everything", said + why});
  else
    out.differences.push_back(
        {kind, r.key, "", kind == Kind::kGone ? r.properties : "", kind == Kind::kGone ? "" : r.properties});
}

void both(const Resource& was, const Resource& is, Drift& out) {
  auto a = Json::parse(was.properties), b = Json::parse(is.properties);
  auto blind = [&](const Resource& r, const char* said) {
    for (auto& u : r.unknown) {
      out.unknown.push_back({r.key, u.part, said + u.why});
      for (auto* j : {&a, &b})
        if (j->is_object()) j->erase(u.part);
    }
  };
  blind(was, "the capture could not see it: ");
  blind(is, "");
  if (!everything(was) && !everything(is)) Comparing(is.key, out.differences).values("", a, b);
}

std::string shown(const std::string& json) {
  if (json.size() <= kShownMax) return json;
  auto cut = kShownMax;
  while (cut > 0 && (json[cut] & 0xC0) == 0x80) --cut;  // not within a character
  return json.substr(0, cut) + "…";
}

std::string line(const Difference& d) {
  auto what = d.key.kind + " " + d.key.id + (d.pointer.empty() ? "" : " " + d.pointer);
  if (d.kind == Kind::kChanged) return fmt::format("~ {}: {} -> {}\n", what, shown(d.before), shown(d.after));
  if (d.kind == Kind::kAppeared)
    return fmt::format("+ {}{}\n", what, d.pointer.empty() ? "" : ": " + shown(d.after));
  return fmt::format("- {}{}\n", what, d.pointer.empty() ? "" : ": " + shown(d.before));
}

}  // namespace

Drift drift_between(const Inventory& captured, const Inventory& now) {
  Drift out;
  std::map<ResourceKey, std::pair<const Resource*, const Resource*>> all;
  for (auto& r : captured.resources) all[r.key].first = &r;
  for (auto& r : now.resources) all[r.key].second = &r;
  for (auto& [key, sides] : all)
    if (!sides.second)
      one_sided(now, *sides.first, Kind::kGone, "it was not found, and not all could be seen: ", out);
    else if (!sides.first)
      one_sided(captured, *sides.second, Kind::kAppeared,
                "it may be new, the capture could not see all: ", out);
    else
      both(*sides.first, *sides.second, out);
  std::ranges::sort(out.unknown);
  return out;
}

std::string text(const Drift& d) {
  std::string out;
  for (auto& x : d.differences) out += line(x);
  for (auto& u : d.unknown) out += fmt::format("? {} {}, {}: {}\n", u.key.kind, u.key.id, u.part, u.why);
  return out;
}

std::string to_json(const Drift& d) {
  Json differences = Json::array(), unknown = Json::array();
  auto value = [](const std::string& s) { return s.empty() ? Json() : Json::parse(s); };
  for (auto& x : d.differences)
    differences.push_back({{"kind", x.key.kind},
                           {"id", x.key.id},
                           {"what", x.kind == Kind::kChanged ? "changed"
                                    : x.kind == Kind::kGone  ? "gone"
                                                             : "appeared"},
                           {"pointer", x.pointer},
                           {"before", value(x.before)},
                           {"after", value(x.after)}});
  for (auto& u : d.unknown)
    unknown.push_back({{"kind", u.key.kind}, {"id", u.key.id}, {"part", u.part}, {"why", u.why}});
  return Json{{"differences", differences}, {"unknown", unknown}}.dump(2, ' ', false,
                                                                       Json::error_handler_t::replace);
}

}  // namespace relight::dr
