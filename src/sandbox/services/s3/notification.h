// Bucket notifications: which configurations an event concerns, and what is said of it ("Amazon S3 Event
// Notifications", "Event message structure", S3 User Guide). Pure.
#pragma once
#include <string>
#include <vector>

#include "sandbox/planes/object/version.h"
#include "sandbox/services/s3/bucket.h"

namespace relight::sandbox::s3 {

// Something happened to an object.
struct Happening {
  std::string event;   // "ObjectCreated:Put"
  std::string reason;  // as EventBridge says it: "PutObject"
  object::Version version;
  std::string request_id, principal;
  Instant at;
};

// One destination of a notification configuration.
struct Notify {
  std::string id, target;  // ARN of a queue, topic or function
  std::vector<std::string> events;
  std::string prefix, suffix;
};
std::vector<Notify> notifies(const model::NotificationConfiguration& c);
bool concerns(const Notify& n, const Happening& h);

// Whether PutBucketNotificationConfiguration takes it; gives what has no Id one. InvalidArgument. That
// destinations exist and let S3 is asked elsewhere.
Result<> check_notification(model::NotificationConfiguration& c, const std::string& region, Rng& rng);

// {"Records":[…]} for queues, topics and functions.
std::string notification_record(const Bucket& b, const Notify& n, const Happening& h);
// s3:TestEvent, which queues and topics get when the configuration is put.
std::string test_event(const Bucket& b, const std::string& request_id, Instant at);
// EventBridge's "detail"; its detail-type.
std::string bridge_detail(const Bucket& b, const Happening& h);
std::string bridge_type(const Happening& h);

}  // namespace relight::sandbox::s3
