// The same pair of regions seen from the other end: what served is the primary, what shall serve again is the
// recovery. The way back is made of the failover's own steps over these.
#pragma once
#include "dr/model/config.h"
#include "dr/model/topology.h"

namespace relight::dr {

// Without the steps of one's own: they are a failover's. Deadlines, objectives and the validation stay.
Config turned(const Config& c);
// What is asleep becomes what shall run again in the old primary (scaling, functions, mappings, rules), each
// with its counterpart here as the one to be stopped. A bucket's notifications have no counterpart: the old
// primary's were never taken away, so they are only to be stopped (name empty, primary the bucket here).
// Secrets, parameters and networks are left out: the old primary's own are as they were.
Topology turned(const Topology& t);

}  // namespace relight::dr
