// What `relight check` looks at, gathered: both regions' inventories and the facts of the moment.
#pragma once
#include <map>
#include <string>

#include "app/workshop.h"
#include "dr/capture/ask.h"
#include "dr/readiness/picture.h"

namespace relight::app {

// The pilot as it stands, from what its stack and relight.yaml name. What is missing there is left out.
Result<dr::Inventory> look_at_recovery(Workshop& w, const dr::Topology& t);
// Everything is asked side by side, and what cannot be had is unknown with why. Blocks.
dr::Picture take_picture(Workshop& w, dr::Topology topology);

// check_live.cc: what only the moment knows.
void look_live(Workshop& w, const dr::Site& site, dr::Live& live);
// check_template.cc: what the deployed stack does with its resources when they are taken out of it.
dr::Known<std::map<std::string, dr::StackPolicy>> stack_policies(const dr::Walk& region, const std::string& stack);
// check_sql.cc: what the two databases themselves say.
void look_sql(const dr::Site& site, dr::Live& live);

}  // namespace relight::app
