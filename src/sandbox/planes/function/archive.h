// Unpacks a deployment package (.zip, by libzip).
#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"

namespace relight::sandbox::function {

struct ArchiveLimits {
  uint64_t bytes = 250ull << 20;  // unzipped; "Lambda quotas": 250 MB
  uint64_t entries = 100'000;
};

// Packages come from strangers: names that are absolute or hold ".." are refused, symbolic links that lead
// out of the package too, nothing follows a link on its way. `dir` must not exist. Files keep the mode the
// package gives them (a package made without read permission for others cannot be read by its function, as on
// AWS), and belong to us. Error "Function.BadZip" or "Function.TooLarge": nothing is left.
Result<> unpack_zip(const std::string& zip_path, const std::string& dir, ArchiveLimits limits = {});

// A package of one file, readable by everybody; the same bytes for the same text. "" when libzip cannot.
std::string pack_one(const std::string& name, const std::string& text);

}  // namespace relight::sandbox::function
