// A bucket's notifications as the pilot's stack records them, and as S3 has them.
#pragma once
#include <string>

#include "aws/gen/s3.h"
#include "base/result.h"

namespace relight::dr {

// What GetBucketNotificationConfiguration answers, as JSON. Error "Topology.Malformed".
Result<aws::s3::NotificationConfiguration> notifications_from_json(const std::string& text);
// `now` with what of `wanted` it has not; nullopt: it has all. A notification is known by where it leads, its
// events and its filter; its id may be another.
std::optional<aws::s3::NotificationConfiguration> with_notifications(
    const aws::s3::NotificationConfiguration& now, const aws::s3::NotificationConfiguration& wanted);
// `now` without what `written` has; nullopt: it has none of it.
std::optional<aws::s3::NotificationConfiguration> without_notifications(
    const aws::s3::NotificationConfiguration& now, const aws::s3::NotificationConfiguration& written);

}  // namespace relight::dr
