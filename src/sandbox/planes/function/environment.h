// How one execution environment is started: bubblewrap, a user of its own, a memory group, the environment
// variables that AWS defines ("Defined runtime environment variables", AWS Lambda Developer Guide).
#pragma once
#include <cstdint>
#include <string>

#include "base/process.h"
#include "sandbox/planes/function/function_plane.h"

namespace relight::sandbox::function {

inline constexpr const char* kBwrap = "/usr/bin/bwrap";
inline constexpr const char* kPython = "/usr/bin/python3";
inline constexpr const char* kNode = "/usr/bin/node";
inline constexpr int kFunctionUser = 5993;  // nobody's uid: what a function may read and end is its own

struct Place {
  std::string dir;           // of this environment: resolv.conf, hosts, nsswitch.conf, output
  std::string runtime_dir;   // where the bootstraps lie
  std::string api;           // "127.0.0.1:49152"
  std::string stream;        // log stream
  std::string memory_procs;  // cgroup.procs of its memory group; empty: no limit
};

// "python", "node", "provided" or "": the families that can be run.
std::string family_of(const std::string& runtime);
// Writes what the environment's mounts need.
Result<> prepare_place(const Spec& spec, const Place& place);
Spawn command_of(const Spec& spec, const Place& place);

// A memory group below <controller>/<group>/<id>, v1 or v2; the path of its cgroup.procs, "" when there can
// be none.
std::string make_memory_group(const std::string& group, const std::string& id, int64_t bytes);
int64_t memory_used_max(const std::string& memory_procs);  // bytes; -1 when the kernel does not say

}  // namespace relight::sandbox::function
