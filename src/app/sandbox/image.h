// `relight-sandbox image`: an OCI layout into the image store.
#pragma once
#include <string>

#include "base/result.h"

namespace relight::app {

// Copies the layout to <dir>/images/<repository>:<tag>, replacing what stood there in one step. Errors:
// "Image.NotALayout" (no index.json), "Container.BadImageName".
Result<> import_image(const std::string& sandbox_dir, const std::string& layout, const std::string& reference);

}  // namespace relight::app
