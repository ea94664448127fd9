// The layers of an image, from one region's registry to another's. For image_copy.cc alone.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "app/image_copy.h"

namespace relight::app {

struct LayerOfImage {
  std::string digest;
  int64_t size = 0;  // bytes
};

// Those that the repository there has not already.
Result<> copy_layers(const Registries& r, const ImageCopy& image, const std::vector<LayerOfImage>& layers);

}  // namespace relight::app
