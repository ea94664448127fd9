// A container's image that names a registry of ECR ("ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG") is
// looked up there. Images without such a name are the sandbox's own and stay as they are.
#pragma once
#include <string>
#include <vector>

#include "sandbox/planes/container/container_plane.h"
#include "sandbox/world/world.h"

namespace relight::sandbox::ecs {

// Each spec's image becomes the name under which the image store keeps what the registry has under that tag
// or digest now. The error's message is ECS's own, "CannotPullContainerError: …".
Result<> find_images(World& w, const std::string& region, std::vector<container::Spec>& specs);

}  // namespace relight::sandbox::ecs
