#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "sandbox/world/world.h"

namespace relight::sandbox {

// One SQLite file in WAL mode. Writes since the last flush form one transaction: a process that dies between
// two flushes restarts from the last whole request. Not thread-safe: the world's lock guards it.
Result<std::unique_ptr<Store>> open_store(const std::string& path);

}  // namespace relight::sandbox
