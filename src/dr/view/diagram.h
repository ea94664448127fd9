// The application in both regions as a picture: networks, what runs where, how data flows, what replicates,
// and the way that visitors take after a failover. Drawn from the Inventory and the Pilot of this application
// alone.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "dr/planning/pilot.h"

namespace relight::dr::view {

// More boxes of one kind than this in a region are drawn as one that says how many.
inline constexpr size_t kDrawnOfAKind = 12;

struct Diagram {
  struct Group {
    std::string id, parent, title;  // parent empty: the picture itself
    bool lit = true;
    bool operator==(const Group&) const = default;
  };
  struct Node {
    std::string id, group, title;
    std::vector<std::string> lines;  // below the title
    enum class Shape { kPerson, kName, kBalancer, kService, kDatabase, kBucket, kFunction, kNetwork } shape;
    bool lit = true;  // it runs, or stands and costs; false: only when relit
    bool operator==(const Node&) const = default;
  };
  struct Edge {
    std::string from, to, label;
    enum class Kind { kFlow, kFailover, kReplication } kind = Kind::kFlow;
    bool operator==(const Edge&) const = default;
  };
  std::string title;
  std::vector<Group> groups;
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  std::vector<std::string> notes;  // what is not drawn, and why
  bool operator==(const Diagram&) const = default;
};

// `domain`: what visitors use; may be empty.
Diagram draw(const Inventory& primary, const Pilot& pilot, std::string_view domain);

std::string dot(const Diagram& d);      // for graphviz
std::string mermaid(const Diagram& d);  // for Markdown

}  // namespace relight::dr::view
