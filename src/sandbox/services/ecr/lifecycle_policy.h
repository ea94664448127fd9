// Lifecycle policies ("Lifecycle policy evaluation rules" and "Lifecycle policy properties", Amazon ECR User
// Guide). Pure.
#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace relight::sandbox::ecr {

struct LifecycleRule {
  int priority = 0;
  enum class Status { kTagged, kUntagged, kAny } status = Status::kAny;
  std::vector<std::string> prefixes, patterns;  // all of them must be met
  bool by_count = true;                         // imageCountMoreThan; else sinceImagePushed
  int number = 0;                               // images, or days
};

struct LifecycleImage {
  std::string digest;
  std::vector<std::string> tags;
  Instant pushed{};
  bool referenced = false;  // by a manifest list that is there: never expired
};

struct Expiring {
  std::string digest;
  int priority;  // of the rule that does it
};

// In order of priority. Error "InvalidParameterException" in ECR's words.
Result<std::vector<LifecycleRule>> lifecycle_rules(const std::string& text);
// Oldest first.
std::vector<Expiring> expiring(const std::vector<LifecycleRule>& rules, std::vector<LifecycleImage> images,
                               Instant now);

}  // namespace relight::sandbox::ecr
