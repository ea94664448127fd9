// A first relight.yaml of an application that was seen.
#pragma once
#include <string>
#include <vector>

#include "dr/model/config.h"
#include "dr/model/inventory.h"

namespace relight::dr {

struct DraftOrder {
  std::string application, primary, recovery;  // name; regions
  std::string stack;                           // the primary's; empty: none
  Resources known;                             // what the stack's outputs tell, and need not be written
  std::string pilot_state;                     // of the stack <application>-pilot, as a comment says it
};

struct Draft {
  std::string yaml;                  // parse_config takes it as it stands
  std::vector<std::string> found;    // "service lamp/web", for the reader
  std::vector<std::string> missing;  // keys that nothing told, with why; comments in `yaml`
  std::vector<LeftOut> left_out;     // seen, but relight.yaml has no place for it
};

// Chooses the service behind a load balancer, the database and the bucket that its tasks name, and the record
// that answers with its load balancer. Nothing is invented: what the Inventory does not tell becomes a
// comment.
Draft draft_config(const Inventory& seen, const DraftOrder& order);

}  // namespace relight::dr
