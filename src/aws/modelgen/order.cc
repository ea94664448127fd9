#include "aws/modelgen/order.h"

#include <functional>
#include <set>

namespace relight::modelgen {
namespace {

enum class Edge { kByValue, kAny };

bool reaches(const Model& m, const std::string& from, const std::string& to, Edge edge,
             std::set<std::string>& seen) {
  if (from == to) return true;
  if (!seen.insert(from).second) return false;
  const ShapeDef& s = m.shapes.at(from);
  if (s.element && edge == Edge::kAny && reaches(m, s.element->shape, to, edge, seen)) return true;
  for (auto& d : s.members) {
    bool by_value = m.shapes.at(d.shape).type == "structure";
    if ((by_value || edge == Edge::kAny) && reaches(m, d.shape, to, edge, seen)) return true;
  }
  return false;
}

// The structure at the bottom of lists of maps of …; nullptr if there is none.
const ShapeDef* bottom(const Model& m, const std::string& shape) {
  const ShapeDef* s = &m.shapes.at(shape);
  for (int i = 0; s->element && i < 64; ++i) s = &m.shapes.at(s->element->shape);
  return s->type == "structure" ? s : nullptr;
}

class Order {
 public:
  explicit Order(const Model& m) : m_(m) {}
  void visit(const ShapeDef& s) {
    if (!seen_.insert(s.name).second) return;
    for (auto& d : s.members) {
      const ShapeDef* t = bottom(m_, d.shape);
      if (!t) continue;
      std::set<std::string> seen;
      bool by_value = t->name == d.shape;
      if (!reaches(m_, t->name, s.name, by_value ? Edge::kByValue : Edge::kAny, seen)) visit(*t);
    }
    out.push_back(&s);
  }
  std::vector<const ShapeDef*> out;

 private:
  const Model& m_;
  std::set<std::string> seen_;
};

}  // namespace

bool contains_by_value(const Model& m, const std::string& outer, const std::string& inner) {
  std::set<std::string> seen;
  return reaches(m, outer, inner, Edge::kByValue, seen);
}

std::vector<const ShapeDef*> declaration_order(const Model& m) {
  Order order(m);
  for (auto& [name, s] : m.shapes)
    if (s.type == "structure") order.visit(s);
  return order.out;
}

}  // namespace relight::modelgen
