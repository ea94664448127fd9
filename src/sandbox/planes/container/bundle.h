// A container as an OCI runtime bundle (github.com/opencontainers/runtime-spec), pure but for reading the
// image's passwd file.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/planes/container/container_plane.h"
#include "sandbox/planes/container/image_store.h"

namespace relight::sandbox::container {

struct Launch {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
  std::string cwd = "/";
  unsigned uid = 0, gid = 0;
};

// What runs, as Docker decides it: the spec over the image.
Result<Launch> launch_of(const Spec& spec, const Image& image);

// config.json. `bundle` holds rootfs/, hosts, resolv.conf, hostname; `cgroups_path` is
// "/relight-<hash>/<id>".
std::string runtime_config(const Spec& spec, const Launch& launch, const std::string& bundle,
                           const std::string& cgroups_path);

std::string hosts_file(const Spec& spec);
std::string resolv_conf(const Spec& spec);

}  // namespace relight::sandbox::container
