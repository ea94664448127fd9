// The primary database's snapshots, kept in the recovery region too: what stands when replica and primary are
// both spoiled.
#pragma once
#include "app/workshop.h"

namespace relight::app {

// Begins the copy of the newest snapshot that the recovery region has not, and takes away copies of ours
// beyond relight.yaml's sync.keep_snapshots, oldest first; those that somebody else made are left alone.
// Waits for nothing: the next one looks again. Printed; `plan`: only that. How many were begun and removed.
Result<size_t> copy_snapshots(Workshop& w, bool plan);

}  // namespace relight::app
