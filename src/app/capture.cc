#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>

#include "app/models.h"
#include "app/workshop.h"
#include "base/disk.h"
#include "base/process.h"
#include "dr/capture/topology_capture.h"
#include "dr/capture/walk.h"

namespace relight::app {
namespace {
namespace fs = std::filesystem;

// Where the walk begins: what relight.yaml and the primary's stack name.
std::vector<dr::ResourceKey> roots_of(const dr::Resources& r) {
  std::vector<dr::ResourceKey> roots;
  if (!r.cluster.empty() && !r.service.empty())
    roots.push_back({"ecs/service", r.service.starts_with("arn:") ? r.service : r.cluster + "/" + r.service});
  if (!r.database.empty()) roots.push_back({"rds/db-instance", r.database});
  if (!r.target_group.empty()) roots.push_back({"elbv2/target-group", r.target_group});
  if (!r.bucket.empty()) roots.push_back({"s3/bucket", r.bucket});
  return roots;
}

// What is below iac/captured and what will be: names relative to it.
struct Change {
  std::vector<std::string> added, changed, gone;
  bool none() const { return added.empty() && changed.empty() && gone.empty(); }
};

std::map<std::string, std::string> texts_of(const dr::Inventory& i) {
  std::map<std::string, std::string> files{{"inventory.json", dr::index_json(i)}};
  for (auto& r : i.resources) files[dr::file_name(r.key)] = dr::to_json(r);
  return files;
}

std::set<std::string> present(const fs::path& dir) {
  std::set<std::string> names;
  std::error_code ec;
  for (fs::recursive_directory_iterator it(dir, ec), end; !ec && it != end; it.increment(ec))
    if (it->is_regular_file() && it->path().extension() == ".json")
      names.insert(fs::relative(it->path(), dir).string());
  return names;
}

// Each file whole or not at all, the index last: a capture that is cut off leaves files that the next one
// puts right.
Result<Change> write(const fs::path& dir, const std::map<std::string, std::string>& files) {
  Change change;
  auto before = present(dir);
  for (auto& [name, text] : files) {
    auto path = (dir / name).string();
    auto old = system_disk().read(path);
    if (old && *old == text) continue;
    (old ? change.changed : change.added).push_back(name);
    if (name != "inventory.json") TRY(system_disk().write(path, text));
  }
  for (auto& name : before)
    if (!files.contains(name)) {
      change.gone.push_back(name);
      TRY(system_disk().remove((dir / name).string()));
    }
  if (!change.none()) TRY(system_disk().write((dir / "inventory.json").string(), files.at("inventory.json")));
  return change;
}

std::string message_of(const Change& c) {
  std::string subject, body;
  auto part = [&](const std::vector<std::string>& names, const char* word) {
    size_t n = 0;
    for (auto& name : names)
      if (name != "inventory.json")
        ++n, body += fmt::format("{} {}\n", word, name.substr(0, name.size() - 5));
    if (n) subject += fmt::format("{}{} {}", subject.empty() ? "" : ", ", n, word);
  };
  part(c.added, "added");
  part(c.changed, "changed");
  part(c.gone, "gone");
  return "Captured: " + (subject.empty() ? "what could be seen changed" : subject) + "\n\n" + body;
}

Result<relight::Exit> git(const fs::path& dir, std::vector<std::string> args) {
  std::vector<std::string> argv{"/usr/bin/git", "-C", dir.string()};
  argv.insert(argv.end(), args.begin(), args.end());
  std::map<std::string, std::string> env;
  for (const char* name :
       {"HOME", "PATH", "LANG", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL", "GIT_CONFIG_GLOBAL", "GIT_CEILING_DIRECTORIES"})
    if (const char* v = std::getenv(name)) env[name] = v;
  return Process::run({.argv = argv, .env = env, .cwd = "/", .output = "", .uid = -1, .gid = -1},
                      std::chrono::seconds(60));
}

// The user's repository gets a commit of these files alone; whatever else is changed in it stays as it is.
Result<std::string> commit(const fs::path& dir, const Change& c) {
  TRY_ASSIGN(auto inside, git(dir, {"rev-parse", "--is-inside-work-tree"}));
  if (inside.code != 0) return "not committed: this is not a git repository ('git init' makes it one)";
  TRY_ASSIGN(auto added, git(dir, {"add", "-A", "--", "."}));
  auto say = message_of(c);
  auto done =
      added.code == 0 ? git(dir, {"commit", "-q", "-m", say, "--", "."}) : Result<relight::Exit>(added);
  if (!done) return std::unexpected(done.error());
  if (done->code != 0)
    return fail(Error{
        .code = "Capture.Git",
        .message = "git said: " + done->output,
        .tried = "commit what was captured",
        .resource = dir.string(),
        .next = "the files are written; commit them yourself, or mend what git says and capture again"});
  return "committed: " + say.substr(0, say.find('\n'));
}

void print(const dr::Inventory& i, const Change& c, const fs::path& dir) {
  fmt::print("{}: {} resources in {}\n", i.application, i.resources.size(), dir.string());
  for (auto& n : c.added) fmt::print("  + {}\n", n);
  for (auto& n : c.changed) fmt::print("  ~ {}\n", n);
  for (auto& n : c.gone) fmt::print("  - {}\n", n);
  for (auto& l : i.left_out) fmt::print("  left out: {} {}: {}\n", l.key.kind, l.key.id, l.why);
  for (auto& r : i.resources)
    for (auto& u : r.unknown) fmt::print("  unknown: {} {}, {}: {}\n", r.key.kind, r.key.id, u.part, u.why);
  for (auto& w : i.withheld) fmt::print("  withheld: {} (a secret belongs into Secrets Manager)\n", w);
}

Result<int> capture(const Global& g, const CaptureOptions& o) {
  TRY_ASSIGN(auto w, Workshop::open(g));
  // Asked now, not remembered: what is captured must be there.
  auto seen = dr::capture_topology(w->aws->caller(), w->config);
  for (auto& e : seen.unseen)
    if (e.resource == w->config.primary.stack) return fail(e);
  auto roots = roots_of(seen.topology.primary);
  if (roots.empty())
    return fail(Error{
        .code = "Capture.NoRoots",
        .message = "neither relight.yaml nor the stack's outputs name a service, a database or a bucket",
        .tried = "find what belongs to the application",
        .resource = w->config.file,
        .region = w->config.primary.region,
        .next = "name the primary's stack, or its resources (docs/config.md)"});
  auto all = models();
  TRY_ASSIGN(auto inventory, dr::walk({w->aws->caller(), all, w->config.primary.region}, std::move(roots)));
  inventory.application = w->config.application;
  auto dir = fs::path(w->config.dir) / o.out / "captured";
  TRY_ASSIGN(auto change, write(dir, texts_of(inventory)));
  print(inventory, change, dir);
  if (change.none()) {
    fmt::print("nothing changed since the last capture\n");
  } else if (!o.no_commit) {
    TRY_ASSIGN(auto said, commit(dir, change));
    fmt::print("{}\n", said);
  }
  return int(kDone);
}

}  // namespace

int capture_verb(const Global& g, const CaptureOptions& o) {
  auto r = capture(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app
