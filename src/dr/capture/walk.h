// From some resources of an application to all of them, by following what each names.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "aws/client/client_base.h"
#include "dr/model/inventory.h"

namespace relight::dr {

inline constexpr size_t kCapturedMax =
    20'000;  // resources of one application; more is refused: "Capture.TooMany"

struct Walk {
  aws::Caller& aws;
  std::span<const aws::ServiceModel* const> services;  // those whose models were built in
  std::string region;
  int at_once = 8;  // calls in flight
};

// Captures the roots and what they lead to. A call that is denied or fails makes a part *unknown*, never
// absent; only a root that does not exist is an Error ("Capture.NoSuchResource"). Blocks.
Result<Inventory> walk(const Walk& w, std::vector<ResourceKey> roots);

}  // namespace relight::dr
