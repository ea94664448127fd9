// The one owner of everything in the sandbox's S3.
#pragma once
#include "aws/gen/s3.h"
#include "sandbox/world/world.h"

namespace relight::sandbox::s3 {

aws::s3::Owner owner(const World& w);

}  // namespace relight::sandbox::s3
