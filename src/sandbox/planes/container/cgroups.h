// The control groups of this sandbox's containers: /sys/fs/cgroup/<controller>/<name>/<container>. Nothing
// but the name ties them to us once a sandbox has died, so the name carries a hash of its directory.
#pragma once
#include <string>

namespace relight::sandbox::container {

// "relight-1a2b3c4d" for a sandbox directory.
std::string cgroup_name(const std::string& sandbox_dir);

// Whether cgroups can be made here at all (memory controller, v1 or unified).
bool cgroups_writable(const std::string& name);

// SIGKILLs every process below <name>[/<child>] in every controller and removes the directories. Returns how
// many processes it killed. Nothing outside that name is touched.
int clear_cgroups(const std::string& name, const std::string& child = "");

}  // namespace relight::sandbox::container
