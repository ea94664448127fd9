#include "sandbox/planes/container/cgroups.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/disk.h"

namespace relight::sandbox::container {
namespace {

namespace fs = std::filesystem;

// Every hierarchy's directory of that name: v1 controllers one level down, v2 at the top or under unified.
std::vector<fs::path> places(const std::string& name) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (auto& root : system_disk().list("/sys/fs/cgroup").value_or(std::vector<std::string>{}))
    if (auto place = fs::path("/sys/fs/cgroup") / root / name; fs::is_directory(place, ec)) out.push_back(place);
  if (fs::is_directory(fs::path("/sys/fs/cgroup") / name, ec))
    out.push_back(fs::path("/sys/fs/cgroup") / name);
  return out;
}

// Deepest first, so that each can be removed.
std::vector<fs::path> tree(const fs::path& top) {
  std::vector<fs::path> out{top};
  for (auto& e : everything_below(top))
    if (e.directory) out.push_back(e.path);
  std::sort(out.begin(), out.end(), [](auto& a, auto& b) { return a.native().size() > b.native().size(); });
  return out;
}

}  // namespace

std::string cgroup_name(const std::string& sandbox_dir) {
  return "relight-" + hex(sha256(fs::weakly_canonical(sandbox_dir).string())).substr(0, 12);
}

bool cgroups_writable(const std::string& name) {
  std::error_code ec;
  for (const char* root : {"/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"}) {
    if (!fs::exists(fs::path(root) / "cgroup.procs", ec)) continue;
    fs::path probe = fs::path(root) / (name + "-probe");
    fs::create_directory(probe, ec);
    bool ok = !ec;
    ::rmdir(probe.c_str());
    return ok;
  }
  return false;
}

int clear_cgroups(const std::string& name, const std::string& child) {
  std::set<pid_t> killed;
  for (int round = 0; round < 40; ++round) {
    bool left = false;
    for (auto& top : places(child.empty() ? name : name + "/" + child)) {
      for (auto& dir : tree(top)) {
        std::ifstream procs(dir / "cgroup.procs");
        for (pid_t pid; procs >> pid;)
          if (pid > 1 && pid != ::getpid() && ::kill(pid, SIGKILL) == 0) killed.insert(pid);
        if (::rmdir(dir.c_str()) != 0) left = true;
      }
    }
    if (!left) break;
    system_clock().sleep(Millis(5));  // the kernel lets go of a dying process a moment later
  }
  return static_cast<int>(killed.size());
}

}  // namespace relight::sandbox::container
