// What calls the functions by itself: event source mappings, EventBridge's rules (schedules are such), and
// the buckets' notifications. After the functions may run, so that nothing is refused and dropped.
#include "aws/gen/events.h"
#include "aws/gen/lambda.h"
#include "dr/steps/bring.h"
#include "dr/steps/failover.h"
#include "dr/steps/notifications.h"

namespace relight::dr {
namespace {

std::vector<Dormant> triggers_of(const Topology& t) {
  std::vector<Dormant> out;
  for (auto kind : {Dormant::Kind::kMapping, Dormant::Kind::kRule, Dormant::Kind::kNotifications})
    for (auto& d : t.asleep(kind))
      if (!d.name.empty()) out.push_back(d);
  return out;
}

class Triggers final : public Step {
 public:
  explicit Triggers(Site& s) : s_(s) {}
  Outcome advance(Context& c) override { return bring_.advance(c); }

 private:
  Result<std::string> look(Context& c, const Dormant& d) {
    if (d.kind == Dormant::Kind::kMapping) return mapping(c, d);
    return d.kind == Dormant::Kind::kRule ? rule(c, d) : notifications(c, d);
  }

  // "UpdateEventSourceMapping" of the Lambda API: it is Enabling, or Updating, for some seconds.
  Result<std::string> mapping(Context& c, const Dormant& d) {
    aws::lambda::Client lambda(s_.aws);
    TRY_ASSIGN(auto now, lambda.GetEventSourceMapping({.UUID = d.name}, s_.in_recovery()));
    auto state = now.State.value_or("");
    if (state == "Enabled") return std::string();
    if (state == "Disabled")
      TRY(act(c, "lambda:UpdateEventSourceMapping", d.name, [&] {
        return lambda.UpdateEventSourceMapping({.UUID = d.name, .Enabled = true}, s_.in_recovery());
      }));
    return "the mapping to be Enabled (" + state + ")";
  }

  Result<std::string> rule(Context& c, const Dormant& d) {
    aws::events::Client events(s_.aws);
    auto bus = d.scope.empty() ? std::optional<std::string>() : d.scope;
    TRY_ASSIGN(auto now, events.DescribeRule({.Name = d.name, .EventBusName = bus}, s_.in_recovery()));
    if (now.State == "ENABLED") return std::string();
    TRY(act(c, "events:EnableRule", d.name,
            [&] { return events.EnableRule({.Name = d.name, .EventBusName = bus}, s_.in_recovery()); }));
    return std::string();
  }

  Result<std::string> notifications(Context& c, const Dormant& d) {
    aws::s3::Client s3(s_.aws);
    TRY_ASSIGN(auto wanted, notifications_from_json(d.value));
    TRY_ASSIGN(auto now, s3.GetBucketNotificationConfiguration({.Bucket = d.name}, s_.in_recovery()));
    auto more = with_notifications(now, wanted);
    if (!more) return std::string();
    TRY(act(c, "s3:PutBucketNotificationConfiguration", d.name, [&] {
      return s3.PutBucketNotificationConfiguration({.Bucket = d.name, .NotificationConfiguration = *more},
                                                   s_.in_recovery());
    }));
    return std::string();
  }

  Site& s_;
  Bring bring_{triggers_of(s_.topology), "triggers", Millis(600000),
               [this](Context& c, const Dormant& d) { return look(c, d); }};
};

}  // namespace

std::unique_ptr<Step> make_triggers(Site& site) { return std::make_unique<Triggers>(site); }

}  // namespace relight::dr
