#include "dr/readiness/names.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>

#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

// As a word of its own: not within "us-east-10" or "assets-us-east-1a".
bool has_word(const std::string& text, const std::string& word) {
  auto edge = [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); };
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    auto end = at + word.size();
    if ((at == 0 || edge(text[at - 1])) && (end == text.size() || edge(text[end]))) return true;
  }
  return false;
}

constexpr size_t kNameMin = 4;  // shorter ones stand in other words by chance

uint32_t four_letters(const char* s) {
  uint32_t out = 0;
  std::memcpy(&out, s, kNameMin);
  return out;
}

}  // namespace

PrimaryNames::PrimaryNames(const Picture& p) : region_(p.config.primary.region) {
  auto learn = [&](const std::string& name) {
    if (name.size() >= kNameMin) names_.push_back(name);
  };
  learn(p.topology.primary.database_host);
  learn(p.topology.primary.load_balancer);
  learn(p.topology.primary.bucket);
  for (auto& i : p.primary.all("rds/db-instance")) learn(text_at(*i.properties, "/Endpoint/Address"));
  for (auto& i : p.primary.all("elbv2/load-balancer")) learn(text_at(*i.properties, "/DNSName"));
  // What both sides use stands in the recovery region already, or is a bucket for both.
  for (auto& i : p.primary.all("s3/bucket"))
    if (text_at(*i.properties, "/LocationConstraint") != p.config.recovery.region) learn(i.id());
  // AWS's names its region, other endpoints' need not.
  for (auto& i : p.primary.all("sqs/queue"))
    if (auto url = text_at(*i.properties, "/QueueUrl"); !p.recovery.find("sqs/queue", i.id())) learn(url);
  for (auto& r : p.primary.inventory().resources)
    if (std::ranges::any_of(r.unknown, [](auto& u) { return u.part == "everything"; }) &&
        last_word(r.key.id).size() >= kNameMin)
      unseen_.push_back(r.key);
  std::ranges::sort(names_);
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  for (size_t i = 0; i < names_.size(); ++i) beginning_[four_letters(names_[i].data())].push_back(i);
}

std::string PrimaryNames::which(const std::string& text) const {
  for (size_t at = 0; at + kNameMin <= text.size(); ++at) {
    auto it = beginning_.find(four_letters(text.data() + at));
    if (it == beginning_.end()) continue;
    for (auto i : it->second)
      if (text.compare(at, names_[i].size(), names_[i]) == 0) return names_[i];
  }
  return has_word(text, region_) ? region_ : "";
}

std::string PrimaryNames::unseen_in(const std::string& text) const {
  for (auto& key : unseen_)
    if (has_word(text, last_word(key.id))) return key.kind + " " + key.id;
  return "";
}

bool PrimaryNames::found_in(const std::string& text) const { return !which(text).empty(); }

std::string PrimaryNames::places_in(const nlohmann::json& properties) const {
  std::string out;
  int found = 0;
  std::function<void(const nlohmann::json&, const std::string&)> look = [&](const nlohmann::json& j,
                                                                            const std::string& at) {
    if (j.is_string()) {
      auto name = which(j.get<std::string>());
      if (!name.empty() && ++found <= 5) out += (out.empty() ? "" : "; ") + at + ": " + name;
    } else if (j.is_object()) {
      for (auto& [key, value] : j.items()) look(value, at + "/" + key);
    } else if (j.is_array()) {
      for (size_t i = 0; i < j.size(); ++i) look(j[i], at + "/" + std::to_string(i));
    }
  };
  look(properties, "");
  if (found > 5) out += "; and " + std::to_string(found - 5) + " more";
  return out;
}

std::string image_of(const std::string& reference) {
  auto slash = reference.find('/');
  bool registry = slash != reference.npos && reference.substr(0, slash).find_first_of(".:") != reference.npos;
  return registry ? reference.substr(slash + 1) : reference;
}

}  // namespace relight::dr
