// Whether the recovery region has been lit.
#pragma once
#include "app/workshop.h"

namespace relight::app {

// Error "Deploy.Lit" when the database was promoted or tasks are wanted in the recovery region: whatever is
// written for the unlit pilot would put the application out. What cannot be seen is an Error too.
Result<> not_lit(Workshop& w);

}  // namespace relight::app
