// What the permissions of a policy are narrowed to: ARNs and patterns of one application's resources.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dr/model/config.h"
#include "dr/model/inventory.h"
#include "dr/model/topology.h"
#include "dr/planning/iam_table.h"
#include "dr/planning/pilot.h"

namespace relight::dr {

// What is known of the application; what is null or empty is not known, and is then narrowed by region alone.
struct IamPicture {
  Config config;  // regions may be empty
  Topology topology;
  const Inventory* captured = nullptr;
  const Pilot* pilot = nullptr;
  std::string account = "";  // empty: as what was captured says
};

class IamNames {
 public:
  explicit IamNames(const IamPicture& p);
  // Sorted; empty: the application has no such thing, so that there is nothing to permit. {"*"} for kAny.
  std::vector<std::string> of(IamScope scope, IamSide side) const;
  std::string region(bool recovery) const;  // "*" when it is not known
  const std::string& account() const { return account_; }

 private:
  struct Row;
  static std::span<const Row> rows();
  std::vector<std::string> row(const Row& r, bool recovery) const;
  std::vector<std::string> names(const Row& r, bool recovery) const;
  std::vector<std::string> pilot_names(std::string_view type, std::string_view property, bool lower) const;
  std::vector<std::string> one_side(IamScope scope, bool recovery) const;
  std::vector<std::string> buckets(IamScope scope, bool recovery) const;
  std::vector<std::string> pilot_buckets(bool captured) const;
  std::vector<std::string> stacks(bool nested, bool recovery) const;
  std::vector<std::string> balancing(bool recovery) const;
  std::vector<std::string> zones() const;
  std::vector<std::string> parameters(bool recovery) const;
  std::vector<std::string> unless_none(std::string_view kind, std::string whole) const;
  std::vector<std::string> captured_roles() const;
  std::vector<std::string> replication_roles() const;
  bool encrypted_database() const;
  std::string arn(std::string_view service, const std::string& rest, bool recovery) const;
  std::string moved(const std::string& arn, bool recovery) const;
  const Resources& known(bool recovery) const;

  const IamPicture& p_;
  std::string account_ = "*", partition_ = "aws";
};

// A short word of a Sid: "Cluster"; and the resource types of the Service Authorization Reference that a
// scope stands for, between spaces: "db snapshot". Empty: Resource "*".
struct IamScopeWords {
  std::string_view label, types;
};
IamScopeWords words_of(IamScope scope);

// Whether every text that `inner` matches is one that `outer` matches; '*' and '?' as in IAM's policies. Both
// may be patterns.
bool pattern_covers(std::string_view outer, std::string_view inner);

}  // namespace relight::dr
