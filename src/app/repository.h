// The files that Relight writes into the user's repository: each whole, nothing written that is the same, and
// a commit of these alone.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dr/model/inventory.h"

namespace relight::app {

// Names are relative to the folder that was written.
struct Change {
  std::vector<std::string> added, changed, gone;
  bool none() const { return added.empty() && changed.empty() && gone.empty(); }
};

using Files = std::map<std::string, std::string>;  // name relative to the folder -> text

// Files below `dir` whose names end like this: "captured/a.json" for ".json".
std::vector<std::string> names_below(const std::filesystem::path& dir, std::string_view ending);

// Brings `dir` to hold `files`: each whole or not at all, `last` at the end (empty: none is special), and
// removes those of `ours` that are no longer among them. What is cut off is put right by the next one.
Result<Change> write_files(const std::filesystem::path& dir, const Files& files,
                           const std::vector<std::string>& ours, const std::string& last = "");

// "Captured: 2 added, 1 changed" with a line a file below it. `silent`: a name that counts for nothing.
std::string message_of(std::string_view what, const Change& c, const std::string& silent = "");

// A commit of `paths` (relative to `dir`; gone ones too) alone; whatever else is changed in the repository
// stays as it is. What to tell: "committed: …", that there is no repository, or nothing when they are
// committed as they are. Error "Repository.Git".
Result<std::string> commit_files(const std::filesystem::path& dir, std::vector<std::string> paths,
                                 const std::string& message);

// Names of what a capture wrote below `captured`: the index, and files that hold the resource which their
// name says. Others are the user's.
std::vector<std::string> captured_files(const std::filesystem::path& captured);
// Whether a file that git knows differs from what was committed last. Without a repository: false.
Result<bool> edited_since_commit(const std::filesystem::path& dir, const std::string& name);

// What `relight capture` wrote into `captured` (docs/inventory.md). Errors "Inventory.Missing",
// "Inventory.Malformed", and "Inventory.Torn" when files and index do not fit each other.
Result<dr::Inventory> read_inventory(const std::filesystem::path& captured);

}  // namespace relight::app
