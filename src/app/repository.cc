#include "app/repository.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "base/disk.h"
#include "base/process.h"

namespace relight::app {
namespace {
namespace fs = std::filesystem;

Result<relight::Exit> git(const fs::path& dir, const std::vector<std::string>& args) {
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

std::string trimmed(std::string s) {
  while (s.ends_with('\n')) s.pop_back();
  return s;
}

// Those that git can name: on the disk, or gone from it but in the last commit.
Result<std::vector<std::string>> nameable(const fs::path& dir, std::vector<std::string> paths) {
  constexpr size_t kAtOnce = 500;
  std::vector<std::string> out, gone;
  for (auto& p : paths) (fs::exists(dir / p) ? out : gone).push_back(std::move(p));
  for (size_t i = 0; i < gone.size(); i += kAtOnce) {
    std::vector<std::string> ask{"ls-tree", "-r", "--name-only", "HEAD", "--"};
    ask.insert(ask.end(), gone.begin() + long(i), gone.begin() + long(std::min(i + kAtOnce, gone.size())));
    TRY_ASSIGN(auto known, git(dir, ask));
    if (known.code != 0) continue;  // no commit yet
    std::istringstream lines(known.output);
    for (std::string line; std::getline(lines, line);) out.push_back(line);
  }
  return out;
}

// `paths`: the option that names the file with all of them, for there may be more than a command line holds.
Result<std::string> commit_listed(const fs::path& dir, const std::string& paths, const std::string& message) {
  TRY_ASSIGN(auto done, git(dir, {"add", "-A", paths}));
  if (done.code == 0) {
    TRY_ASSIGN(auto anything, git(dir, {"commit", "--dry-run", "-q", paths}));
    if (anything.code == 1) return "";
    TRY_ASSIGN(done, git(dir, {"commit", "-q", "-m", message, paths}));
  }
  if (done.code == 0) return "committed: " + message.substr(0, message.find('\n'));
  return fail(Error{.code = "Repository.Git",
                    .message = "git said: " + done.output,
                    .tried = "commit what was written",
                    .resource = dir.string(),
                    .next = "the files are written; commit them yourself, or mend what git says and run "
                            "the same command again"});
}

Error torn(const fs::path& captured, std::string message) {
  return {.code = "Inventory.Torn",
          .message = std::move(message),
          .tried = "read what was captured",
          .resource = captured.string(),
          .next = "run 'relight capture' again"};
}

Result<dr::InventoryIndex> read_index(const fs::path& captured) {
  auto file = (captured / "inventory.json").string();
  auto text = system_disk().read(file);
  if (!text)
    return fail(Error{.code = "Inventory.Missing",
                      .message = text.error().message,
                      .tried = "read what was captured",
                      .resource = file,
                      .next = "run 'relight capture' first"});
  return dr::index_from_json(*text, file);
}

}  // namespace

std::vector<std::string> names_below(const fs::path& dir, std::string_view ending) {
  std::vector<std::string> names;
  for (auto& e : everything_below(dir))
    if (!e.directory && e.path.ends_with(ending)) names.push_back(fs::path(e.path).lexically_relative(dir).string());
  std::ranges::sort(names);
  return names;
}

Result<Change> write_files(const fs::path& dir, const Files& files, const std::vector<std::string>& ours,
                           const std::string& last) {
  Change change;
  for (auto& [name, text] : files) {
    auto path = (dir / name).string();
    auto old = system_disk().read(path);
    if (old && *old == text) continue;
    (old ? change.changed : change.added).push_back(name);
    if (name != last) TRY(system_disk().write(path, text));
  }
  for (auto& name : ours)
    if (!files.contains(name)) {
      change.gone.push_back(name);
      TRY(system_disk().remove((dir / name).string()));
    }
  if (!last.empty() && !change.none()) TRY(system_disk().write((dir / last).string(), files.at(last)));
  return change;
}

std::string message_of(std::string_view what, const Change& c, const std::string& silent) {
  std::string subject, body;
  auto part = [&](const std::vector<std::string>& names, const char* word) {
    size_t n = 0;
    for (auto& name : names)
      if (name != silent) {
        auto bare = name.ends_with(".json") ? name.substr(0, name.size() - 5) : name;
        ++n, body += fmt::format("{} {}\n", word, bare);
      }
    if (n) subject += fmt::format("{}{} {}", subject.empty() ? "" : ", ", n, word);
  };
  part(c.added, "added");
  part(c.changed, "changed");
  part(c.gone, "gone");
  return fmt::format("{}: {}\n\n{}", what, subject.empty() ? "what could be seen changed" : subject, body);
}

Result<std::string> commit_files(const fs::path& dir, std::vector<std::string> paths,
                                 const std::string& message) {
  TRY_ASSIGN(auto inside, git(dir, {"rev-parse", "--absolute-git-dir"}));
  if (inside.code != 0) return "not committed: this is not a git repository ('git init' makes it one)";
  TRY_ASSIGN(paths, nameable(dir, std::move(paths)));
  auto list = fmt::format("{}/relight-paths.{}", trimmed(inside.output), ::getpid());
  std::string text;
  for (auto& p : paths) text += p + "\n";
  TRY(system_disk().write(list, text));
  auto done = commit_listed(dir, "--pathspec-from-file=" + list, message);
  TRY(system_disk().remove(list));
  return done;
}

std::vector<std::string> captured_files(const fs::path& captured) {
  std::vector<std::string> ours;
  for (auto& name : names_below(captured, ".json")) {
    auto text = system_disk().read((captured / name).string());
    auto resource = text ? dr::resource_from_json(*text, name) : std::unexpected(text.error());
    if (name == "inventory.json" || (resource && dr::file_name(resource->key) == name)) ours.push_back(name);
  }
  return ours;
}

Result<bool> edited_since_commit(const fs::path& dir, const std::string& name) {
  std::error_code ec;
  if (!fs::exists(dir, ec)) return false;
  TRY_ASSIGN(auto r, git(dir, {"status", "--porcelain", "--untracked-files=no", "--", name}));
  return r.code == 0 && !trimmed(r.output).empty();
}

Result<dr::Inventory> read_inventory(const fs::path& captured) {
  TRY_ASSIGN(auto index, read_index(captured));
  auto present = captured_files(captured);
  std::set<std::string> unlisted(present.begin(), present.end());
  unlisted.erase("inventory.json");
  for (auto& name : index.files) {
    auto file = (captured / name).string();
    auto text = system_disk().read(file);
    if (!text) return fail(torn(captured, name + " is listed in inventory.json, but it is not there"));
    TRY_ASSIGN(auto resource, dr::resource_from_json(*text, file));
    if (dr::file_name(resource.key) != name)
      return fail(torn(captured, name + " holds another resource than its name says"));
    index.inventory.resources.push_back(std::move(resource));
    unlisted.erase(name);
  }
  if (!unlisted.empty())
    return fail(
        torn(captured, *unlisted.begin() + " is not listed in inventory.json: a capture was cut off"));
  std::ranges::sort(index.inventory.resources, {}, &dr::Resource::key);
  return std::move(index.inventory);
}

}  // namespace relight::app
