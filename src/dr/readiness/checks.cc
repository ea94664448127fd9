// The table. The risks are estimates, stated in docs/readiness.md: what it takes to mend the thing by hand on
// the day, and what writes are lost meanwhile.
#include <array>

#include "dr/readiness/families.h"

namespace relight::dr {
namespace {

constexpr Risk kNothingToPromote{std::nullopt, std::nullopt};
constexpr Risk rto(int64_t s) { return {s, 0}; }
constexpr Risk rpo(int64_t s) { return {0, s}; }
constexpr Risk kUnbounded{0, std::nullopt};
constexpr std::string_view kNotCaptured = "this build does not capture it yet";

const std::array kChecks{
    Check{1, "replica", "database",
          "every database has a replica in the recovery region, of the right source, replicating",
          kNothingToPromote, check_replica},
    Check{2, "replica-lag", "database", "CloudWatch's ReplicaLag is there and within the objective",
          kUnbounded, check_lag},
    Check{3, "heartbeat", "database",
          "the heartbeat row that the replica holds is younger than the objective", kUnbounded,
          check_heartbeat},
    Check{4, "replica-threads", "database", "both replication threads run without an error", kUnbounded,
          check_threads},
    Check{5, "errant-transactions", "database", "the replica wrote nothing that the primary never did",
          rto(3600), check_errant},
};

}  // namespace

std::span<const Check> checks() { return kChecks; }

}  // namespace relight::dr
