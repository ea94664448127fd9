#include "dr/view/diagram.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "app/repository.h"
#include "app/synth.h"
#include "app/workshop.h"
#include "base/disk.h"
#include "base/process.h"

namespace relight::app {
namespace {
namespace fs = std::filesystem;

constexpr const char* kGraphviz = "/usr/bin/dot";
constexpr std::chrono::seconds kDrawingTime{120};

Result<std::string> rendered(const std::string& dot, const std::string& format, const fs::path& beside) {
  if (!system_disk().exists(kGraphviz))
    return fail(Error{.code = "Diagram.NoGraphviz",
                      .message = std::string(kGraphviz) + " is not there",
                      .tried = "draw the diagram as " + format,
                      .next = "install Debian's package graphviz, or take --format mermaid or dot"});
  // Its name is this process's alone: two diagrams may be drawn at once.
  std::string source = fmt::format("{}.{}.dot", beside.string(), getpid()), drawn = source + "." + format;
  TRY(system_disk().write(source, dot));
  auto done =
      Process::run({.argv = {kGraphviz, "-T" + format, "-Gdpi=144", "-o", drawn, source}}, kDrawingTime);
  auto picture = done && done->code == 0 ? system_disk().read(drawn) : Result<std::string>(std::string());
  TRY(system_disk().remove(source));
  TRY(system_disk().remove(drawn));
  if (!done) return std::unexpected(done.error());
  if (done->code != 0)
    return fail(Error{.code = "Diagram.Graphviz",
                      .message = "graphviz said: " + done->output,
                      .tried = "draw the diagram as " + format,
                      .next = "take --format mermaid or dot"});
  return picture;
}

Result<int> diagram(const Global& g, const DiagramOptions& o) {
  TRY_ASSIGN(auto config, load_config(g.config));
  TRY_ASSIGN(auto pilot, planned_pilot(config, o.from, true));
  auto dir = fs::path(config.dir) / o.from;
  TRY_ASSIGN(auto inventory, read_inventory(dir / "captured"));
  auto picture = dr::view::draw(inventory, pilot, config.dns.domain);
  std::string text = o.format == "mermaid" ? dr::view::mermaid(picture) : dr::view::dot(picture);
  if (o.out == "-" && (o.format == "mermaid" || o.format == "dot")) {
    fmt::print("{}", text);
    return int(kDone);
  }
  fs::path file =
      o.out.empty() ? dir / ("diagram." + (o.format == "mermaid" ? "mmd" : o.format)) : fs::path(o.out);
  if (o.format == "svg" || o.format == "png") {
    TRY_ASSIGN(text, rendered(text, o.format, file));
  }
  if (o.out == "-") {
    fmt::print("{}", text);
    return int(kDone);
  }
  TRY(system_disk().write(file.string(), text));
  fmt::print("{}: {} boxes, {} arrows in {}\n", picture.title, picture.nodes.size(), picture.edges.size(),
             file.string());
  for (auto& n : picture.notes) fmt::print("  {}\n", n);
  return int(kDone);
}

}  // namespace

int diagram_verb(const Global& g, const DiagramOptions& o) {
  auto r = diagram(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
