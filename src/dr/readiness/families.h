// The checks by family; docs/readiness.md says what each asks. All are pure.
#pragma once
#include "dr/readiness/check.h"

namespace relight::dr {

// replication.cc
void check_replica(const Picture& p, Report& r);
void check_lag(const Picture& p, Report& r);
void check_heartbeat(const Picture& p, Report& r);
void check_threads(const Picture& p, Report& r);
void check_errant(const Picture& p, Report& r);

}  // namespace relight::dr
