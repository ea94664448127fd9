// The Store in one SQLite file on this machine (WAL, synchronous=FULL).
#pragma once
#include <memory>

#include "dr/engine/store.h"

namespace relight::dr {

// Makes the file and its directories. `holder_alive` decides whether a holder of this boot still runs.
// `page_limit` > 0 bounds the file, which rehearses a full disk.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, bool (*holder_alive)(const Holder&),
                                                 int page_limit = 0);

}  // namespace relight::dr
