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
  // Calls in flight: of one kind of resource, and in all. Kinds are asked side by side, for AWS limits most of them apart.
  int at_once = 8, most = 64;
};

// Where a walk begins.
struct Roots {
  std::vector<ResourceKey> must;  // an Error ("Capture.NoSuchResource") if one does not exist
  std::vector<ResourceKey> may;   // left out if it does not exist
  std::vector<LeftOut> left_out;  // seen already, and not to be captured
};

// Captures the roots and what they lead to, and then what points at these (DNS records, alarms). A call that
// is denied or fails makes a part *unknown*, never absent. Blocks.
Result<Inventory> walk(const Walk& w, const Roots& roots);

}  // namespace relight::dr
