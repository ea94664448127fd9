#include "dr/model/dormant.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace relight::dr {
namespace {
using DormantJson = nlohmann::json;

constexpr std::array<std::string_view, 8> kDormantWords{"scaling", "parameter", "secret",        "function",
                                                        "mapping", "rule",      "notifications", "network"};
constexpr std::array<std::pair<const char*, std::string Dormant::*>, 4> kDormantTexts{
    {{"name", &Dormant::name},
     {"primary", &Dormant::primary},
     {"scope", &Dormant::scope},
     {"value", &Dormant::value}}};
constexpr std::array<std::pair<const char*, std::optional<int> Dormant::*>, 2> kDormantNumbers{
    {{"low", &Dormant::low}, {"high", &Dormant::high}}};

std::unexpected<Error> malformed_dormant(const char* what) {
  return fail(Error{.code = "Topology.Malformed",
                    .message = what,
                    .tried = "read what the pilot's stack says is to be lit",
                    .next = "'relight synth' and 'relight deploy' write it anew"});
}

Result<Dormant> dormant_of(const DormantJson& j) {
  if (!j.is_object()) return malformed_dormant("an object was expected for each thing");
  Dormant d;
  auto word = j.value("kind", DormantJson());
  auto* at =
      word.is_string() ? std::ranges::find(kDormantWords, word.get<std::string>()) : kDormantWords.end();
  if (at == kDormantWords.end()) return malformed_dormant("a thing of a kind that this build does not know");
  d.kind = Dormant::Kind(at - kDormantWords.begin());
  for (auto& [name, field] : kDormantTexts)
    if (auto it = j.find(name); it != j.end()) {
      if (!it->is_string()) return malformed_dormant("a text was expected");
      d.*field = it->get<std::string>();
    }
  for (auto& [name, field] : kDormantNumbers)
    if (auto it = j.find(name); it != j.end()) {
      if (!it->is_number_integer()) return malformed_dormant("a whole number was expected");
      d.*field = it->get<int>();
    }
  if (d.name.empty()) return malformed_dormant("a thing has no name");
  return d;
}

}  // namespace

std::string_view dormant_word(Dormant::Kind k) { return kDormantWords[size_t(k)]; }

std::string to_json(const std::vector<Dormant>& all) {
  DormantJson out = DormantJson::array();
  for (auto& d : all) {
    DormantJson j{{"kind", dormant_word(d.kind)}};
    for (auto& [name, field] : kDormantTexts)
      if (!(d.*field).empty()) j[name] = d.*field;
    for (auto& [name, field] : kDormantNumbers)
      if (d.*field) j[name] = *(d.*field);
    out.push_back(std::move(j));
  }
  return out.dump(-1, ' ', false, DormantJson::error_handler_t::replace);
}

Result<std::vector<Dormant>> dormant_from_json(std::string_view text) {
  auto j = DormantJson::parse(text, nullptr, false);
  if (!j.is_array()) return malformed_dormant("a JSON array was expected");
  std::vector<Dormant> out;
  for (auto& one : j) {
    TRY_ASSIGN(auto d, dormant_of(one));
    out.push_back(std::move(d));
  }
  return out;
}

}  // namespace relight::dr
