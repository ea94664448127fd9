// What the pilot needs of the primary region's registry: rules that replicate, and the images that were pushed
// before them.
#pragma once
#include <string>

#include "app/workshop.h"
#include "dr/planning/pilot.h"

namespace relight::app {

// Of a kRegistryReplication: a rule of the registry takes the repository to the recovery region.
Result<bool> registry_replicates(Workshop& w, const std::string& repository);
// Adds one to the rules that are there (PutReplicationConfiguration replaces them all), for this repository
// alone, as far as ECR can say that: its filter is a prefix ("PREFIX_MATCH"). Safe to repeat.
Result<> replicate_registry(Workshop& w, const std::string& repository, const std::string& account);

// Of a kImageCopy; resource "REPOSITORY@DIGEST".
Result<bool> image_is_there(Workshop& w, const dr::PrimaryAction& a, const std::string& account);
Result<> bring_image(Workshop& w, const dr::PrimaryAction& a, const std::string& account);

}  // namespace relight::app
