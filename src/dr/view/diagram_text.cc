// The picture in the languages of those who draw it.
#include <fmt/format.h>

#include <algorithm>

#include "dr/view/diagram.h"

namespace relight::dr::view {
namespace {
using Shape = Diagram::Node::Shape;
using EdgeKind = Diagram::Edge::Kind;

std::string replaced(std::string s, std::string_view from, std::string_view by) {
  for (size_t at = 0; (at = s.find(from, at)) != s.npos; at += by.size()) s.replace(at, from.size(), by);
  return s;
}

std::string quoted(const std::string& s) {
  return "\"" + replaced(replaced(s, "\\", "\\\\"), "\"", "\\\"") + "\"";
}

// Text inside of graphviz's labels in HTML.
std::string html(std::string s) {
  for (auto [from, by] : {std::pair{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}})
    s = replaced(s, from, by);
  return s;
}

// A long name over several lines, broken where it has a joint: a narrow box is a legible picture.
std::string broken(const std::string& name) {
  constexpr size_t kWide = 20, kRest = 6;
  std::string out, line;
  for (size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    line += c;
    if (line.size() < kWide || name.size() - i <= kRest ||
        (c != '-' && c != '_' && c != '.' && c != '/' && line.size() < 2 * kWide))
      continue;
    out += html(line) + "<br/>";
    line.clear();
  }
  return out + html(line);
}

struct Look {
  const char *shape, *fill;
};

Look look_of(Shape s) {
  switch (s) {
    case Shape::kPerson:
      return {"ellipse", "#ffffff"};
    case Shape::kName:
      return {"ellipse", "#e8e0f5"};
    case Shape::kBalancer:
      return {"box", "#e8e0f5"};
    case Shape::kService:
      return {"box", "#ffe8cc"};
    case Shape::kDatabase:
      return {"cylinder", "#d6e6fa"};
    case Shape::kBucket:
      return {"folder", "#dcf0dc"};
    case Shape::kFunction:
      return {"component", "#ffe8cc"};
    case Shape::kNetwork:
      return {"note", "#f7f7f7"};
  }
  return {"box", "#ffffff"};
}

std::string dot_node(const Diagram::Node& n) {
  Look look = look_of(n.shape);
  std::string label = "<b>" + broken(n.title) + "</b>";
  for (auto& l : n.lines)
    if (!l.empty()) label += "<br/><font point-size=\"10\">" + html(l) + "</font>";
  // Unlit is told apart on paper without colour too: dashed, and no fill.
  return fmt::format(
      "{} [label=<{}>, shape={}, style=\"filled{}\", fillcolor=\"{}\", color=\"{}\", fontcolor=\"{}\"];\n",
      n.id, label, look.shape, n.lit ? "" : ",dashed", n.lit ? look.fill : "#ffffff",
      n.lit ? "#444444" : "#999999", n.lit ? "#111111" : "#777777");
}

std::string dot_group(const Diagram& d, const Diagram::Group& g, const std::string& indent) {
  std::string out = fmt::format(
      "{0}subgraph cluster_{1} {{\n{0}  label={2}; style=\"rounded\"; margin=14; color=\"#888888\"; "
      "fontsize=13;\n",
      indent, g.id, quoted(g.title));
  for (auto& inner : d.groups)
    if (inner.parent == g.id) out += dot_group(d, inner, indent + "  ");
  for (auto& n : d.nodes)
    if (n.group == g.id) out += indent + "  " + dot_node(n);
  return out + indent + "}\n";
}

std::string dot_edge(const Diagram::Edge& e) {
  std::string look = e.kind == EdgeKind::kReplication
                         ? "color=\"#1f5fbf\", penwidth=2.2, fontcolor=\"#1f5fbf\", constraint=false"
                     : e.kind == EdgeKind::kFailover
                         ? "style=dashed, color=\"#c0392b\", fontcolor=\"#c0392b\""
                         : "color=\"#444444\"";
  return fmt::format("  {} -> {} [{}label={}];\n", e.from, e.to, look + ", ", quoted(e.label));
}

}  // namespace

std::string dot(const Diagram& d) {
  std::string head = "<b>" + html(d.title) + "</b>", small;
  auto line = [&](const std::string& text) {
    small += "<br/><font point-size=\"10\">" + html(text) + "</font>";
  };
  line("solid: lit · dashed grey: unlit until a failover · blue: replicates · red dashed: after a failover");
  for (auto& n : d.notes) line(n);
  std::string out = fmt::format(
      "digraph relight {{\n  graph [rankdir=TB, charset=\"UTF-8\", fontname=\"Helvetica\", fontsize=16, "
      "labelloc=t, label=<{}{}>, "
      "nodesep=0.5, ranksep=0.6, size=\"11,7.6\", margin=0.2];\n"
      "  node [fontname=\"Helvetica\", fontsize=12, margin=\"0.14,0.08\"];\n"
      "  edge [fontname=\"Helvetica\", fontsize=10];\n",
      head, small);
  for (auto& g : d.groups)
    if (g.parent.empty()) out += dot_group(d, g, "  ");
  for (auto& n : d.nodes)
    if (n.group.empty()) out += "  " + dot_node(n);
  for (auto& e : d.edges) out += dot_edge(e);
  return out + "}\n";
}

std::string mermaid(const Diagram& d) {
  auto text = [](std::string s) { return "\"" + replaced(html(std::move(s)), "#", "&num;") + "\""; };
  std::string out = "flowchart TB\n";
  auto node = [&](const Diagram::Node& n, const std::string& indent) {
    std::string label = n.title;
    for (auto& l : n.lines)
      if (!l.empty()) label += "\n" + l;
    label = replaced(text(label), "\n", "<br/>");
    bool round = n.shape == Shape::kPerson || n.shape == Shape::kName, data = n.shape == Shape::kDatabase;
    out += fmt::format("{}{}{}{}{}{}\n", indent, n.id,
                       round  ? "(["
                       : data ? "[("
                              : "[",
                       label,
                       round  ? "])"
                       : data ? ")]"
                              : "]",
                       n.lit ? "" : ":::unlit");
  };
  auto group = [&](auto& self, const Diagram::Group& g, const std::string& indent) -> void {
    out += fmt::format("{}subgraph {}[{}]\n", indent, g.id, text(g.title));
    for (auto& inner : d.groups)
      if (inner.parent == g.id) self(self, inner, indent + "  ");
    for (auto& n : d.nodes)
      if (n.group == g.id) node(n, indent + "  ");
    out += indent + "end\n";
  };
  for (auto& g : d.groups)
    if (g.parent.empty()) group(group, g, "  ");
  for (auto& n : d.nodes)
    if (n.group.empty()) node(n, "  ");
  for (auto& e : d.edges) {
    const char* arrow = e.kind == EdgeKind::kReplication ? "==>"
                        : e.kind == EdgeKind::kFailover  ? "-.->"
                                                         : "-->";
    out +=
        fmt::format("  {} {}{} {}\n", e.from, arrow, e.label.empty() ? "" : "|" + text(e.label) + "|", e.to);
  }
  out += "  classDef unlit stroke-dasharray: 5 5,fill:#ffffff,stroke:#999999,color:#777777\n";
  for (auto& n : d.notes) out += "  %% " + n + "\n";
  return out;
}

}  // namespace relight::dr::view
