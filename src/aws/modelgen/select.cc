// Which part of a model is wanted, and the shapes as C++ will see them.
#include <algorithm>
#include <set>

#include "aws/modelgen/model.h"
#include "aws/modelgen/names.h"

namespace relight::modelgen {
namespace {

Result<> keep_operations(Model& m, const std::vector<std::string>& names) {
  if (names.size() == 1 && names[0] == "*") return {};
  std::set<std::string> wanted(names.begin(), names.end());
  std::erase_if(m.operations, [&](const OperationDef& o) { return !wanted.contains(o.name); });
  for (auto& o : m.operations) wanted.erase(o.name);
  if (!wanted.empty()) return fail("Modelgen.Operation", "the model has no operation " + *wanted.begin());
  return {};
}

std::string empty_structure(Model& m, const std::string& name) {
  ShapeDef s;
  s.name = name;
  s.type = "structure";
  m.shapes.emplace(name, s);
  return name;
}

// A variant of a shape under another type ("body", "document"), made once.
std::string variant(Model& m, const std::string& shape, const char* type) {
  std::string name = shape + "_" + type;
  ShapeDef s = m.shapes[shape];
  s.name = name;
  s.type = type;
  m.shapes.emplace(name, std::move(s));
  return name;
}

void retype_members(Model& m) {
  std::vector<std::string> names;
  for (auto& [name, s] : m.shapes) names.push_back(name);
  for (auto& name : names) {
    for (size_t i = 0; i < m.shapes[name].members.size(); ++i) {
      MemberDef d = m.shapes[name].members[i];
      auto it = m.shapes.find(d.shape);
      if (it == m.shapes.end()) continue;
      if (it->second.type == "body") d.streaming = true;
      if (d.streaming && it->second.type == "blob") d.shape = variant(m, d.shape, "body");
      if (d.json_value) d.shape = variant(m, d.shape, "document");
      m.shapes[name].members[i] = d;
    }
  }
}

Result<> reach(const Model& m, const std::string& name, std::set<std::string>& seen) {
  if (!seen.insert(name).second) return {};
  auto it = m.shapes.find(name);
  if (it == m.shapes.end())
    return fail("Modelgen.Shape", "the model refers to a shape it does not have: " + name);
  for (auto& d : it->second.members) TRY(reach(m, d.shape, seen));
  if (it->second.element) TRY(reach(m, it->second.element->shape, seen));
  if (it->second.key) TRY(reach(m, it->second.key->shape, seen));
  return {};
}

}  // namespace

Result<> select(Model& m, const std::vector<std::string>& operations) {
  TRY(keep_operations(m, operations));
  for (auto& o : m.operations) {
    if (o.input.empty()) o.input = empty_structure(m, o.name + "Input_");
    if (o.output.empty()) o.output = empty_structure(m, o.name + "Output_");
  }
  retype_members(m);
  std::set<std::string> seen;
  for (auto& o : m.operations) {
    TRY(reach(m, o.input, seen));
    TRY(reach(m, o.output, seen));
    for (auto& e : o.errors) {
      TRY(reach(m, e, seen));
      m.shapes[e].exception = true;
    }
  }
  std::erase_if(m.shapes, [&](auto& s) { return !seen.contains(s.first); });
  for (auto& [name, s] : m.shapes)
    if (s.type == "structure") s.cpp_name = structure_name(name);
  auto gone = [&](auto& p) {
    return std::none_of(m.operations.begin(), m.operations.end(),
                        [&](auto& o) { return o.name == p.operation; });
  };
  std::erase_if(m.paginators, gone);
  std::erase_if(m.waiters, gone);
  return {};
}

}  // namespace relight::modelgen
