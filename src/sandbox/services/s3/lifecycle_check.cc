// What PutBucketLifecycleConfiguration refuses. The messages are those that users report of AWS.
#include <set>

#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/lifecycle.h"

namespace relight::sandbox::s3 {
namespace {

std::unexpected<Error> bad_lifecycle() {
  return refuse("MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema");
}

bool rule_has_tags(const model::LifecycleRule& r) {
  return r.Filter && (r.Filter->Tag || (r.Filter->And && r.Filter->And->Tags));
}
bool rule_has_sizes(const model::LifecycleRule& r) {
  if (!r.Filter) return false;
  auto has = [](auto& f) { return f.ObjectSizeGreaterThan || f.ObjectSizeLessThan; };
  return has(*r.Filter) || (r.Filter->And && has(*r.Filter->And));
}

// One condition stands alone, more need And.
bool filter_is_one(const model::LifecycleRuleFilter& f) {
  int members = (f.Prefix ? 1 : 0) + (f.Tag ? 1 : 0) + (f.ObjectSizeGreaterThan ? 1 : 0) +
                (f.ObjectSizeLessThan ? 1 : 0) + (f.And ? 1 : 0);
  return members <= 1;
}

Result<> check_days(const std::optional<int32_t>& days, int least, std::string_view action) {
  if (!days || *days >= least) return {};
  return refuse("InvalidArgument", "'Days' for " + std::string(action) + " action must be a " +
                                       (least == 0 ? "nonnegative" : "positive") + " integer");
}

Result<> check_date(const std::optional<Instant>& date) {
  if (!date || date->time_since_epoch() % std::chrono::days{1} == Millis{0}) return {};
  return refuse("InvalidArgument", "'Date' must be at midnight GMT");
}

Result<> check_expiration(const model::LifecycleRule& r) {
  if (!r.Expiration) return {};
  auto& e = *r.Expiration;
  int members = (e.Days ? 1 : 0) + (e.Date ? 1 : 0) + (e.ExpiredObjectDeleteMarker ? 1 : 0);
  if (members != 1) return bad_lifecycle();
  if (e.ExpiredObjectDeleteMarker && rule_has_tags(r))
    return refuse("InvalidRequest", "ExpiredObjectDeleteMarker cannot be specified with Tags.");
  TRY(check_date(e.Date));
  return check_days(e.Days, 1, "Expiration");
}

Result<> check_moves(const model::LifecycleRule& r) {
  for (auto& t : r.Transitions.value_or(std::vector<model::Transition>{})) {
    if (!t.StorageClass || t.Days.has_value() == t.Date.has_value()) return bad_lifecycle();
    TRY(check_storage_class(*t.StorageClass));
    TRY(check_date(t.Date));
    TRY(check_days(t.Days, 0, "Transition"));
    bool infrequent = *t.StorageClass == "STANDARD_IA" || *t.StorageClass == "ONEZONE_IA";
    if (infrequent && t.Days && *t.Days < 30)
      return refuse("InvalidArgument",
                    "'Days' in Transition action must be greater than or equal to 30 for storageClass '" +
                        *t.StorageClass + "'");
  }
  for (auto& t : r.NoncurrentVersionTransitions.value_or(std::vector<model::NoncurrentVersionTransition>{})) {
    if (!t.StorageClass || !t.NoncurrentDays) return bad_lifecycle();
    TRY(check_storage_class(*t.StorageClass));
    TRY(check_days(t.NoncurrentDays, 0, "NoncurrentVersionTransition"));
  }
  return {};
}

Result<> check_lifecycle_rule(const model::LifecycleRule& r) {
  bool acts = r.Expiration || r.Transitions || r.NoncurrentVersionExpiration ||
              r.NoncurrentVersionTransitions || r.AbortIncompleteMultipartUpload;
  if (!acts) return refuse("InvalidRequest", "At least one action needs to be specified in a rule");
  if (r.Status != "Enabled" && r.Status != "Disabled") return bad_lifecycle();
  if (r.Prefix.has_value() == r.Filter.has_value()) return bad_lifecycle();
  if (r.Filter && !filter_is_one(*r.Filter)) return bad_lifecycle();
  if (r.ID && r.ID->size() > 255)
    return refuse("InvalidArgument", "ID length should not exceed allowed limit of 255");
  TRY(check_expiration(r));
  TRY(check_moves(r));
  if (auto& n = r.NoncurrentVersionExpiration) {
    if (!n->NoncurrentDays) return bad_lifecycle();
    TRY(check_days(n->NoncurrentDays, 1, "NoncurrentVersionExpiration"));
  }
  if (auto& a = r.AbortIncompleteMultipartUpload) {
    if (rule_has_tags(r))
      return refuse("InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags.");
    if (rule_has_sizes(r))
      return refuse("InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Object Size.");
    if (!a->DaysAfterInitiation) return bad_lifecycle();
    TRY(check_days(a->DaysAfterInitiation, 1, "AbortIncompleteMultipartUpload"));
  }
  return {};
}

}  // namespace

Result<> check_lifecycle(LifecycleRules& rules, Rng& rng) {
  if (rules.empty() || rules.size() > 1000) return bad_lifecycle();
  std::set<std::string> ids;
  for (auto& r : rules) {
    TRY(check_lifecycle_rule(r));
    if (!r.ID || r.ID->empty()) r.ID = rng.uuid();
    if (!ids.insert(*r.ID).second)
      return refuse("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule");
  }
  return {};
}

}  // namespace relight::sandbox::s3
