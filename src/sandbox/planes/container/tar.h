// Unpacks one layer of an image: ustar, GNU long names, pax headers; with the OCI image layer rules ("Image
// Layer Filesystem Changeset", github.com/opencontainers/image-spec/blob/main/layer.md): whiteouts and opaque
// directories.
#pragma once
#include <string>

#include "base/result.h"

namespace relight::sandbox::container {

// Layers come from strangers: no entry can create, follow or remove anything outside `root` (openat2
// RESOLVE_IN_ROOT), names with ".." are refused, devices are skipped. At most 2 million entries and 16 GiB.
// Error "Container.BadLayer" names the entry.
Result<> unpack_tar(const std::string& tar_path, const std::string& root);

}  // namespace relight::sandbox::container
