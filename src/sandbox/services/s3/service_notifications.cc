// Bucket notifications put, and delivered. Delivery begins when the request is answered: what a kill of the
// sandbox catches between an object's commit and its notification is not notified.
#include <fmt/format.h>

#include "aws/codec/codec.h"
#include "aws/gen/events.h"
#include "sandbox/services/delivery/delivery.h"
#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/notification.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
namespace model = aws::s3;
using s3::refuse;

namespace {

std::string notified_principal(const World& w, const std::string& principal) {
  if (principal.find(':') == principal.npos) return principal;  // a service: s3.amazonaws.com
  return principal.ends_with(":root") ? w.account() : "AWS:" + principal.substr(principal.rfind(':') + 1);
}

Errand errand_of(const s3::Bucket& b, const std::string& target) {
  return {"s3.amazonaws.com", b.arn(), target, b.region};
}

}  // namespace

// A queue or topic gets s3:TestEvent by this ("PutBucketNotificationConfiguration", API Reference).
Result<> S3Service::check_destinations(const s3::Bucket& b, const model::NotificationConfiguration& c,
                                       const std::string& request_id) {
  std::lock_guard g(world_.lock());
  auto all = s3::notifies(c);
  for (auto& n : all)
    if (auto may = may_deliver(world_, errand_of(b, n.target)); !may) {
      world_.event(b.region, "s3", b.name, "notification refused: " + may.error().text());
      return refuse("InvalidArgument", "Unable to validate the following destination configurations");
    }
  for (auto& n : all) {
    if (arn_service(n.target) == "lambda") continue;
    Parcel p{.body = s3::test_event(b, request_id, world_.clock.now()), .subject = "Amazon S3 Notification"};
    world_.after(Millis{0}, [this, e = errand_of(b, n.target), p, alive = alive_, from = b.region, name = b.name] {
      if (!*alive) return;
      if (auto sent = relight::sandbox::deliver(world_, e, p); !sent)
        world_.event(from, "s3", name, "its test event did not arrive: " + sent.error().text());
    });
  }
  return {};
}

void S3Service::register_notifications() {
  on<PutBucketNotificationConfiguration>(
      [this](const Call& c, const PutBucketNotificationConfiguration::Input& in)
          -> Result<PutBucketNotificationConfiguration::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutBucketNotification", {}, in.ExpectedBucketOwner));
        auto kept = in.NotificationConfiguration.value_or(model::NotificationConfiguration{});
        TRY(s3::check_notification(kept, b->region, world_.rng));
        if (!in.SkipDestinationValidation.value_or(false)) TRY(check_destinations(*b, kept, c.request_id));
        std::string json = aws::codec::to_json(*shape_of(&kept), &kept);
        TRY(buckets_.change(b->name, [&](s3::Bucket& x) -> Result<> {
          x.config["notification"] = json;
          return {};
        }));
        return PutBucketNotificationConfiguration::Output{};
      });
  on<GetBucketNotificationConfiguration>(
      [this](
          const Call& c,
          const GetBucketNotificationConfiguration::Input& in) -> Result<model::NotificationConfiguration> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:GetBucketNotification", {}, in.ExpectedBucketOwner));
        return b->notification.value_or(model::NotificationConfiguration{});
      });
}

void S3Service::notify(const Call& c, const s3::Bucket& b, std::string event, std::string reason,
                       const object::Version& v) {
  if (!b.notification || stopping_) return;
  auto h = std::make_shared<const s3::Happening>(
      s3::Happening{std::move(event), std::move(reason), v, c.request_id,
                    notified_principal(world_, c.principal), world_.clock.now()});
  auto bucket = std::make_shared<const s3::Bucket>(b);
  std::lock_guard g(world_.lock());
  world_.after(Millis{0}, [this, h, bucket, alive = alive_] {
    if (*alive) hand_out(*bucket, *h);
  });
}

// Under the world's lock.
void S3Service::hand_out(const s3::Bucket& b, const s3::Happening& h) {
  if (!world_.links().up(b.region)) return;
  for (auto& n : s3::notifies(*b.notification)) {
    if (!s3::concerns(n, h)) continue;
    auto done = relight::sandbox::deliver(
        world_, errand_of(b, n.target),
        {.body = s3::notification_record(b, n, h), .subject = "Amazon S3 Notification"});
    if (!done)
      world_.event(b.region, "s3", b.name + "/" + h.version.key,
                   fmt::format("notification {} not delivered: {}", n.id, done.error().text()));
  }
  if (!b.notification->EventBridgeConfiguration) return;
  aws::events::PutEventsRequestEntry e;
  e.Source = "aws.s3";
  e.DetailType = s3::bridge_type(h);
  e.Detail = s3::bridge_detail(b, h);
  e.Resources = {b.arn()};
  e.Time = h.at;
  auto put = world_.call<aws::events::op::PutEvents>(b.region, {.Entries = std::vector{e}});
  if (!put)
    world_.event(b.region, "s3", b.name + "/" + h.version.key,
                 "EventBridge not reached: " + put.error().text());
}

}  // namespace relight::sandbox
