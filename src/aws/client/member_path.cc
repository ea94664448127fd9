#include "aws/client/member_path.h"

#include <charconv>

namespace relight::aws {
namespace {

struct Node {
  const Shape* shape = nullptr;
  const void* value = nullptr;
};

std::string_view trim_spaces(std::string_view s) {
  while (s.starts_with(' ')) s.remove_prefix(1);
  while (s.ends_with(' ')) s.remove_suffix(1);
  return s;
}

// One part of a path: "Contents[-1]", "Marker".
Node step(Node n, std::string_view part) {
  size_t bracket = part.find('[');
  std::string_view name = part.substr(0, bracket);
  if (!n.shape || n.shape->type != Type::kStructure) return {};
  Node found;
  for (auto& m : n.shape->members)
    if (m.name == name) found = {m.shape(), m.get(n.value)};
  if (!found.value || bracket == part.npos) return found.value ? found : Node{};
  if (found.shape->type != Type::kList) return {};
  size_t size = found.shape->list->size(found.value);
  long index = 0;
  std::string_view digits = part.substr(bracket + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (index < 0) index += static_cast<long>(size);
  if (index < 0 || index >= static_cast<long>(size)) return {};
  return {found.shape->element->shape(), found.shape->list->at(found.value, static_cast<size_t>(index))};
}

Node walk(const Shape& shape, const void* value, std::string_view path) {
  Node n{&shape, value};
  while (!path.empty() && n.value) {
    size_t dot = path.find('.');
    n = step(n, path.substr(0, dot));
    path = dot == path.npos ? std::string_view{} : path.substr(dot + 1);
  }
  return n;
}

std::optional<std::string> text_of(Node n) {
  if (!n.value) return std::nullopt;
  switch (n.shape->type) {
    case Type::kString: {
      auto& s = *static_cast<const std::string*>(n.value);
      return s.empty() ? std::nullopt : std::optional(s);
    }
    case Type::kBoolean:
      return *static_cast<const bool*>(n.value) ? "true" : "false";
    case Type::kInteger:
      return std::to_string(*static_cast<const int32_t*>(n.value));
    case Type::kLong:
      return std::to_string(*static_cast<const int64_t*>(n.value));
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> text_at(const Shape& shape, const void* value, std::string_view path) {
  while (true) {
    size_t bar = path.find("||");
    auto text = text_of(walk(shape, value, trim_spaces(path.substr(0, bar))));
    if (text || bar == path.npos) return text;
    path.remove_prefix(bar + 2);
  }
}

size_t length_at(const Shape& shape, const void* value, std::string_view path) {
  Node n = walk(shape, value, path);
  return n.value && n.shape->type == Type::kList ? n.shape->list->size(n.value) : 0;
}

bool set_member(const Shape& shape, void* value, std::string_view name, std::string_view text) {
  for (auto& m : shape.members) {
    if (m.name != name) continue;
    void* slot = static_cast<char*>(value) + m.offset;
    if (text.empty()) return m.slot->reset(slot), true;
    const Shape* s = m.shape();
    if (s->type == Type::kString) return *static_cast<std::string*>(m.slot->emplace(slot)) = text, true;
    int64_t n = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), n).ec != std::errc()) return false;
    if (s->type == Type::kInteger)
      return *static_cast<int32_t*>(m.slot->emplace(slot)) = static_cast<int32_t>(n), true;
    if (s->type == Type::kLong) return *static_cast<int64_t*>(m.slot->emplace(slot)) = n, true;
    return false;
  }
  return false;
}

}  // namespace relight::aws
