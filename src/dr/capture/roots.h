// Where an application begins: from a stack's resources, from a tag, from what relight.yaml names.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "dr/capture/walk.h"
#include "dr/model/config.h"

namespace relight::dr {

// What a CloudFormation type whose physical id names a resource is captured as: "rds/db-instance"; empty: it
// is a part of another resource, or not captured.
std::string_view kind_of_type(std::string_view type);

// The stack's and its nested stacks' resources (cloudformation:ListStackResources). Types that are captured
// as a part of another resource say nothing; types that are not captured are left out. Error of the service
// with what to do, when there is no such stack.
Result<Roots> roots_of_stack(const Walk& w, const std::string& stack);

// ECS services, RDS instances, load balancers and buckets that carry the tag, by the tags that each service's
// own calls tell: what carries the tag but is of another kind is found only by being named. Tags that could
// not be read are left out with why. Error "Init.NothingTagged".
Result<Roots> roots_of_tag(const Walk& w, const std::string& key, const std::string& value);

// What relight.yaml says, and what the stack's outputs say.
std::vector<ResourceKey> roots_of(const Resources& r);

}  // namespace relight::dr
