// Finds the resources' names: what relight.yaml says, else what the stacks' outputs and resources say.
#pragma once
#include <vector>

#include "aws/client/client_base.h"
#include "dr/model/topology.h"
#include "dr/steps/site.h"

namespace relight::dr {

struct Captured {
  Topology topology;
  std::vector<Error> unseen;  // a region that did not answer leaves gaps
};
// The outputs BalancerName, TargetGroupArn, ClusterName, ServiceName, DatabaseIdentifier, DatabaseEndpoint,
// UploadsBucket, FlagBucket, FlagKey, PrimaryDatabaseEndpoint and Dormant1, Dormant2, …; resources of the
// fitting types fill in where a stack names no output. Both stacks are asked at once; the primary's with a
// deadline of its own, short unless there is no haste, because it may be lost.
Captured capture_topology(aws::Caller& aws, const Config& c, Millis primary = Site::kProbe);

}  // namespace relight::dr
