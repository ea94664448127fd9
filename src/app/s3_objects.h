// A bucket of the recovery region as the engine's object store wants it.
#pragma once
#include <memory>
#include <string>

#include "aws/client/client_base.h"
#include "dr/engine/object_store.h"

namespace relight::app {

std::shared_ptr<dr::Objects> make_s3_objects(aws::Caller& aws, std::string region, std::string bucket);

}  // namespace relight::app
