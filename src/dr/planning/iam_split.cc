#include "dr/planning/iam_split.h"

#include <nlohmann/json.hpp>
#include <string>

namespace relight::dr {
namespace iam_split {
using Doc = nlohmann::ordered_json;
constexpr size_t kSidGrows = 12;  // "Piece", a number and a comma

Doc empty_document(const Doc& whole) {
  return {{"Version", whole.at("Version")}, {"Statement", Doc::array()}};
}

// The statement in halves by that member's list; nothing if there is nothing to halve.
std::vector<Doc> halves(const Doc& s, const char* member) {
  auto it = s.find(member);
  if (it == s.end() || !it->is_array() || it->size() < 2) return {};
  auto middle = it->begin() + std::ptrdiff_t(it->size() / 2);
  Doc first = s, second = s;
  first[member] = second[member] = Doc::array();
  for (auto v = it->begin(); v != it->end(); ++v) (v < middle ? first : second)[member].push_back(*v);
  return {first, second};
}

void cut(const Doc& s, size_t room, std::vector<Doc>& out) {
  auto two = s.dump().size() <= room ? std::vector<Doc>{} : halves(s, "Resource");
  if (two.empty() && s.dump().size() > room) two = halves(s, "Action");
  if (two.empty()) return out.push_back(s);
  for (auto& half : two) cut(half, room, out);
}

}  // namespace iam_split

std::vector<nlohmann::ordered_json> split_policy(const nlohmann::ordered_json& whole, size_t limit) {
  auto frame = iam_split::empty_document(whole).dump().size();
  std::vector<nlohmann::ordered_json> out;
  size_t used = limit + 1;
  for (auto& s : whole.at("Statement")) {
    std::vector<nlohmann::ordered_json> pieces;
    iam_split::cut(s, limit > frame + iam_split::kSidGrows ? limit - frame - iam_split::kSidGrows : 0,
                   pieces);
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (pieces.size() > 1) pieces[i]["Sid"] = s.value("Sid", "") + "Piece" + std::to_string(i + 1);
      auto size = pieces[i].dump().size() + 1;  // and a comma
      if (used + size > limit) {
        out.push_back(iam_split::empty_document(whole));
        used = frame;
      }
      out.back()["Statement"].push_back(pieces[i]);
      used += size;
    }
  }
  if (out.empty()) out.push_back(whole);
  return out;
}

}  // namespace relight::dr
