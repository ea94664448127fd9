#include "sandbox/services/s3/notification.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/wildcard.h"
#include "sandbox/services/delivery/delivery.h"
#include "sandbox/services/s3/attributes.h"

namespace relight::sandbox::s3 {
namespace {

using NoticeJson = nlohmann::ordered_json;

// "Supported event types for SQS, SNS, and Lambda". All of them are taken; those that this sandbox lets
// happen are ObjectCreated, ObjectRemoved, LifecycleExpiration and LifecycleTransition.
constexpr auto kNoticeEvents =
    std::to_array<std::string_view>({"s3:TestEvent",
                                     "s3:ObjectCreated:*",
                                     "s3:ObjectCreated:Put",
                                     "s3:ObjectCreated:Post",
                                     "s3:ObjectCreated:Copy",
                                     "s3:ObjectCreated:CompleteMultipartUpload",
                                     "s3:ObjectRemoved:*",
                                     "s3:ObjectRemoved:Delete",
                                     "s3:ObjectRemoved:DeleteMarkerCreated",
                                     "s3:ObjectRestore:*",
                                     "s3:ObjectRestore:Post",
                                     "s3:ObjectRestore:Completed",
                                     "s3:ObjectRestore:Delete",
                                     "s3:ReducedRedundancyLostObject",
                                     "s3:Replication:*",
                                     "s3:Replication:OperationFailedReplication",
                                     "s3:Replication:OperationMissedThreshold",
                                     "s3:Replication:OperationReplicatedAfterThreshold",
                                     "s3:Replication:OperationNotTracked",
                                     "s3:LifecycleExpiration:*",
                                     "s3:LifecycleExpiration:Delete",
                                     "s3:LifecycleExpiration:DeleteMarkerCreated",
                                     "s3:LifecycleTransition",
                                     "s3:IntelligentTiering",
                                     "s3:ObjectTagging:*",
                                     "s3:ObjectTagging:Put",
                                     "s3:ObjectTagging:Delete",
                                     "s3:ObjectAcl:Put"});

Notify notice_of(const std::optional<std::string>& id, const std::optional<std::string>& arn,
                 const std::optional<std::vector<std::string>>& events,
                 const std::optional<model::NotificationConfigurationFilter>& filter) {
  Notify n{id.value_or(""), arn.value_or(""), events.value_or(std::vector<std::string>{}), "", ""};
  if (!filter || !filter->Key || !filter->Key->FilterRules) return n;
  for (auto& r : *filter->Key->FilterRules) {
    std::string name = r.Name.value_or("");
    for (char& ch : name) ch = static_cast<char>(std::tolower(static_cast<unsigned char>(ch)));
    (name == "prefix" ? n.prefix : n.suffix) = r.Value.value_or("");
  }
  return n;
}

std::unexpected<Error> bad_notice(std::string_view why) {
  return refuse("InvalidArgument", std::string(why));
}

Result<> check_filter_rules(const std::optional<model::NotificationConfigurationFilter>& filter) {
  if (!filter || !filter->Key || !filter->Key->FilterRules) return {};
  std::string seen;
  for (auto& r : *filter->Key->FilterRules) {
    std::string name = r.Name.value_or("");
    for (char& ch : name) ch = static_cast<char>(std::tolower(static_cast<unsigned char>(ch)));
    if (name != "prefix" && name != "suffix")
      return bad_notice("filter rule name must be either prefix or suffix");
    if (name == seen)
      return bad_notice(fmt::format("Cannot specify more than one {} rule in a filter.", name));
    seen = name;
  }
  return {};
}

bool share_event(const Notify& a, const Notify& b) {
  for (auto& x : a.events)
    for (auto& y : b.events)
      if (wildcard_match(x, y) || wildcard_match(y, x)) return true;
  return false;
}

// "Configuring event notifications using object key name filtering": for one kind of event, filters may not
// overlap.
bool overlap(const Notify& a, const Notify& b) {
  bool start = a.prefix.starts_with(b.prefix) || b.prefix.starts_with(a.prefix);
  bool end = a.suffix.ends_with(b.suffix) || b.suffix.ends_with(a.suffix);
  return share_event(a, b) && start && end;
}

template <class Configurations>
Result<> check_notices(Configurations& all, const std::string& wanted, const std::string& region, Rng& rng) {
  if (!all) return {};
  for (auto& one : *all) {
    Notify n = [&] {
      if constexpr (requires { one.QueueArn; })
        return notice_of(one.Id, one.QueueArn, one.Events, one.Filter);
      else if constexpr (requires { one.TopicArn; })
        return notice_of(one.Id, one.TopicArn, one.Events, one.Filter);
      else
        return notice_of(one.Id, one.LambdaFunctionArn, one.Events, one.Filter);
    }();
    if (n.events.empty())
      return refuse(
          "MalformedXML",
          "The XML you provided was not well-formed or did not validate against our published schema");
    for (auto& e : n.events)
      if (std::find(kNoticeEvents.begin(), kNoticeEvents.end(), e) == kNoticeEvents.end())
        return bad_notice("The event is not supported for notifications");
    TRY(check_filter_rules(one.Filter));
    if (arn_service(n.target) != wanted) return bad_notice("The ARN could not be parsed");
    if (arn_region(n.target) != region)
      return bad_notice(
          "The notification destination service region is not valid for the bucket location constraint");
    if (n.target.ends_with(".fifo"))
      return bad_notice("FIFO SQS queues and SNS topics are not supported.");  // wording unverified
    if (!one.Id || one.Id->empty()) one.Id = rng.uuid();
  }
  return {};
}

// As a form encodes it: a space is '+', a '/' stays.
std::string notice_key(const std::string& key) {
  std::string out = percent_encode(key, true);
  for (size_t at; (at = out.find("%20")) != out.npos;) out.replace(at, 3, "+");
  return out;
}

std::string sequencer(const Happening& h) { return fmt::format("{:016X}", h.version.seq); }

bool by_lifecycle(const Happening& h) { return h.event.starts_with("Lifecycle"); }
bool takes_away(const Happening& h) {
  return h.event.starts_with("ObjectRemoved") || h.event.starts_with("LifecycleExpiration");
}
bool for_good(const Happening& h) { return takes_away(h) && h.event.ends_with(":Delete"); }

bool has_versions(const Bucket& b) { return !b.versioning.empty(); }

}  // namespace

std::vector<Notify> notifies(const model::NotificationConfiguration& c) {
  std::vector<Notify> out;
  if (c.QueueConfigurations)
    for (auto& q : *c.QueueConfigurations) out.push_back(notice_of(q.Id, q.QueueArn, q.Events, q.Filter));
  if (c.TopicConfigurations)
    for (auto& t : *c.TopicConfigurations) out.push_back(notice_of(t.Id, t.TopicArn, t.Events, t.Filter));
  if (c.LambdaFunctionConfigurations)
    for (auto& f : *c.LambdaFunctionConfigurations)
      out.push_back(notice_of(f.Id, f.LambdaFunctionArn, f.Events, f.Filter));
  return out;
}

bool concerns(const Notify& n, const Happening& h) {
  if (!h.version.key.starts_with(n.prefix) || !h.version.key.ends_with(n.suffix)) return false;
  return std::any_of(n.events.begin(), n.events.end(),
                     [&](auto& e) { return wildcard_match(e, "s3:" + h.event); });
}

Result<> check_notification(model::NotificationConfiguration& c, const std::string& region, Rng& rng) {
  TRY(check_notices(c.QueueConfigurations, "sqs", region, rng));
  TRY(check_notices(c.TopicConfigurations, "sns", region, rng));
  TRY(check_notices(c.LambdaFunctionConfigurations, "lambda", region, rng));
  auto all = notifies(c);
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t k = i + 1; k < all.size(); ++k) {
      if (all[i].id == all[k].id)
        return bad_notice("Same ID used for multiple configurations. IDs must be unique");
      if (overlap(all[i], all[k]))
        return bad_notice(
            "Configurations overlap. Configurations on the same bucket cannot share a common event type.");
    }
  return {};
}

std::string notification_record(const Bucket& b, const Notify& n, const Happening& h) {
  NoticeJson object{{"key", notice_key(h.version.key)}};
  if (!takes_away(h)) object["size"] = h.version.size;
  if (!h.version.etag.empty() && !for_good(h)) object["eTag"] = h.version.etag;
  if (has_versions(b)) object["versionId"] = h.version.id;
  object["sequencer"] = sequencer(h);
  NoticeJson record{
      {"eventVersion", by_lifecycle(h) ? "2.3" : "2.1"},
      {"eventSource", "aws:s3"},
      {"awsRegion", b.region},
      {"eventTime", iso8601(h.at)},
      {"eventName", h.event},
      {"userIdentity", {{"principalId", h.principal}}},
      {"requestParameters", {{"sourceIPAddress", by_lifecycle(h) ? h.principal : "127.0.0.1"}}},
      {"responseElements", {{"x-amz-request-id", h.request_id}, {"x-amz-id-2", h.request_id}}},
      {"s3",
       {{"s3SchemaVersion", "1.0"},
        {"configurationId", n.id},
        {"bucket", {{"name", b.name}, {"ownerIdentity", {{"principalId", h.principal}}}, {"arn", b.arn()}}},
        {"object", object}}}};
  // "Event message structure": only of transitions.
  if (h.event == "LifecycleTransition")
    record["lifecycleEventData"]["transitionEventData"]["destinationStorageClass"] =
        value_of(h.version.attributes, "storage-class").value_or("STANDARD");
  return NoticeJson{{"Records", NoticeJson::array({record})}}.dump();
}

std::string test_event(const Bucket& b, const std::string& request_id, Instant at) {
  return NoticeJson{{"Service", "Amazon S3"}, {"Event", "s3:TestEvent"}, {"Time", iso8601(at)},
                    {"Bucket", b.name},       {"RequestId", request_id}, {"HostId", request_id}}
      .dump();
}

// "EventBridge event message structure"
std::string bridge_detail(const Bucket& b, const Happening& h) {
  bool removed = takes_away(h);
  NoticeJson object{{"key", h.version.key}};
  if (!removed) object["size"] = h.version.size;
  if (!h.version.etag.empty() && !for_good(h)) object["etag"] = h.version.etag;
  if (has_versions(b)) object["version-id"] = h.version.id;
  object["sequencer"] = sequencer(h);
  NoticeJson detail{{"version", "0"},           {"bucket", {{"name", b.name}}},
                    {"object", object},         {"request-id", h.request_id},
                    {"requester", h.principal}, {"source-ip-address", "127.0.0.1"},
                    {"reason", h.reason}};
  if (by_lifecycle(h)) detail.erase("source-ip-address");
  if (removed)
    detail["deletion-type"] =
        h.event.ends_with("DeleteMarkerCreated") ? "Delete Marker Created" : "Permanently Deleted";
  if (h.event == "LifecycleTransition") {
    detail.erase("reason");
    detail["destination-storage-class"] = value_of(h.version.attributes, "storage-class").value_or("STANDARD");
  }
  return detail.dump();
}

std::string bridge_type(const Happening& h) {
  if (h.event == "LifecycleTransition") return "Object Storage Class Changed";
  return takes_away(h) ? "Object Deleted" : "Object Created";
}

}  // namespace relight::sandbox::s3
