// A policy document too long for IAM, cut between its statements. Pure.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace relight::dr {

// "IAM and AWS STS quotas", https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: of a
// managed policy, without white space.
inline constexpr size_t kManagedPolicyMax = 6144;

// Documents of at most `limit` characters each (as dump() writes them) whose statements together permit what
// the whole does: every statement is in exactly one, in the whole's order. A statement that is too long by
// itself becomes several, by its resources, else by its actions; one that cannot be cut stays whole, in a
// document of its own.
std::vector<nlohmann::ordered_json> split_policy(const nlohmann::ordered_json& whole, size_t limit);

}  // namespace relight::dr
