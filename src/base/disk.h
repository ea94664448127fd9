// Files, behind an interface so that a full disk or a crash can be rehearsed.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relight {

class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::string> read(const std::string& path) = 0;              // "Disk.NotFound" if absent
  // Whole or not at all: temporary file, fsync, rename. Parent directories are made.
  virtual Result<> write(const std::string& path, std::string_view bytes, int mode = 0644) = 0;
  virtual Result<> append(const std::string& path, std::string_view bytes, bool sync) = 0;
  virtual Result<> remove(const std::string& path) = 0;                       // absent is success; a directory goes whole
  virtual Result<> make_dir(const std::string& path) = 0;                     // parents too; present is success
  virtual bool exists(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> list(const std::string& dir) = 0;  // names, sorted
};

Disk& system_disk();

struct Below {
  std::string path;  // begins with the directory
  bool directory;    // a link is not one
};
// Everything below a directory of this machine, parents before children, links not followed. What vanishes while it is looked at
// is left out: std::filesystem's iterators throw then, which would end a server that walks what another program writes.
std::vector<Below> everything_below(const std::string& dir);

}  // namespace relight
