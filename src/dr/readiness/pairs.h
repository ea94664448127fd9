// What of the recovery region stands for what of the primary.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "dr/readiness/picture.h"

namespace relight::dr {

struct Pair {
  Item primary, recovery;  // recovery is false when nothing stands for it
};

// Databases that are sources themselves; by who replicates from whom, then as relight.yaml or the stacks name
// them, then by name.
std::vector<Pair> database_pairs(const Picture& p);
std::vector<Pair> service_pairs(const Picture& p);
std::vector<Pair> target_group_pairs(const Picture& p);
std::vector<Pair> balancer_pairs(const Picture& p);
// Buckets of the primary region; by where their replication rules lead, then as named.
std::vector<Pair> bucket_pairs(const Picture& p);
std::vector<Pair> function_pairs(const Picture& p);
std::vector<Pair> parameter_pairs(const Picture& p);
// The task definition that a service runs; false if it was not captured.
Item task_definition_of(const Estate& e, const Item& service);

// "arn:…:db:lamp" -> "lamp"; "arn:aws:s3:::b" -> "b".
std::string last_word(std::string_view id);
// Without stack, region, account and the letters that CloudFormation appends, in lower case.
std::string bare_name(const Config& c, std::string_view id);

}  // namespace relight::dr
