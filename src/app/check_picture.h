// What `relight check` looks at, gathered: both regions' inventories and the facts of the moment.
#pragma once
#include <map>
#include <string>

#include "app/workshop.h"
#include "aws/gen/models.h"
#include "dr/capture/ask.h"
#include "dr/readiness/picture.h"

namespace relight::app {

// The pilot as it stands, from what its stack and relight.yaml name. What is missing there is left out.
Result<dr::Inventory> look_at_recovery(Workshop& w, const dr::Topology& t);
// Everything is asked side by side, and what cannot be had is unknown with why. Blocks.
// `read_secrets`: also the host field of secrets there, of which nothing but the comparison is kept.
dr::Picture take_picture(Workshop& w, dr::Topology topology, bool read_secrets);

// check_live.cc: what only the moment knows.
void look_live(Workshop& w, const dr::Site& site, dr::Live& live);
// check_template.cc: what the deployed stack does with its resources when they are taken out of it.
dr::Known<std::map<std::string, dr::StackPolicy>> stack_policies(const dr::Walk& region,
                                                                 const std::string& stack);
// check_template.cc: what the last drift detection found.
dr::Known<dr::StackDriftNow> stack_drift(Workshop& w, const dr::Walk& region, const std::string& stack);
// check_objects.cc: what of the primary's bucket is not in the other.
dr::Known<dr::ObjectsBefore> objects_before(Workshop& w, const dr::Site& site, const dr::Walk& primary);
// check_newest.cc: whether what was written last has arrived.
dr::Known<dr::NewestObjects> newest_objects(Workshop& w, const dr::Site& site);
// check_left_over.cc: what a drill has made and not taken away.
dr::Known<std::vector<dr::LeftOver>> left_over(const dr::Walk& region);
// check_busiest.cc: what the primary's load balancers carried at most.
dr::Known<dr::BusiestNow> busiest(Workshop& w, const dr::Site& site, const dr::Estate& primary);
// check_values.cc: what is asked about what both regions were found to have.
void look_again(Workshop& w, const dr::Site& site, bool read_secrets, dr::Picture& p);
// check_sql.cc: what the two databases themselves say.
void look_sql(const dr::Site& site, dr::Live& live);

}  // namespace relight::app
