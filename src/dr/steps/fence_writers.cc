// What writes without being asked by a visitor: functions, and what calls them. And autoscaling, which would
// start the tasks again that another measure stops.
#include <thread>

#include "aws/gen/applicationautoscaling.h"
#include "aws/gen/events.h"
#include "aws/gen/lambda.h"
#include "dr/steps/fence_measures.h"
#include "dr/steps/notifications.h"

namespace relight::dr {
namespace {

class StopWriters final : public Measure {
 public:
  explicit StopWriters(Site& s) : s_(s) {
    using Kind = Dormant::Kind;
    for (auto kind : {Kind::kScaling, Kind::kNotifications, Kind::kMapping, Kind::kRule, Kind::kFunction})
      for (auto& d : s.topology.asleep(kind))
        if (!d.primary.empty()) left_.push_back(d);
    total_ = left_.size();
  }
  std::string name() const override { return "writers"; }
  bool may_lag() const override { return false; }

  // One that is refused does not keep the others; a region that does not answer is not asked again this
  // round.
  Result<bool> advance(Context& c, const aws::CallOptions& where) override {
    std::vector<Dormant> again;
    Result<bool> out = true;
    bool silent = false;
    for (auto& d : left_) {
      auto stopped = silent ? out : stop(c, d, where);
      if (stopped && *stopped) continue;
      again.push_back(d);
      if (!stopped) {
        silent |= stopped.error().http_status == 0;
        out = stopped;
      } else if (out) {
        out = false;
      }
    }
    left_ = std::move(again);
    return out;
  }

  Facts facts() const override {
    std::string left;
    for (auto& d : left_)
      left += (left.empty() ? "" : ", ") + std::string(dormant_word(d.kind)) + " " + d.primary;
    return {{"writers_stopped", std::to_string(total_ - left_.size())}, {"writers_left", left}};
  }

 private:
  Result<bool> stop(Context& c, const Dormant& d, const aws::CallOptions& where) {
    switch (d.kind) {
      case Dormant::Kind::kFunction:
        return function(c, d, where);
      case Dormant::Kind::kMapping:
        return mapping(c, d, where);
      case Dormant::Kind::kRule:
        return rule(c, d, where);
      case Dormant::Kind::kNotifications:
        return notifications(c, d, where);
      default:
        return autoscaling(c, d, where);
    }
  }

  Result<bool> function(Context& c, const Dormant& d, const aws::CallOptions& where) {
    aws::lambda::Client lambda(s_.aws);
    TRY_ASSIGN(auto now, lambda.GetFunctionConcurrency({.FunctionName = d.primary}, where));
    if (now.ReservedConcurrentExecutions == 0) return true;
    TRY(act(c, "lambda:PutFunctionConcurrency", d.primary, [&] {
      return lambda.PutFunctionConcurrency({.FunctionName = d.primary, .ReservedConcurrentExecutions = 0},
                                           where);
    }));
    return true;
  }

  Result<bool> mapping(Context& c, const Dormant& d, const aws::CallOptions& where) {
    aws::lambda::Client lambda(s_.aws);
    TRY_ASSIGN(auto now, lambda.GetEventSourceMapping({.UUID = d.primary}, where));
    auto state = now.State.value_or("");
    if (state == "Disabled") return true;
    if (state != "Disabling")
      TRY(act(c, "lambda:UpdateEventSourceMapping", d.primary,
              [&] { return lambda.UpdateEventSourceMapping({.UUID = d.primary, .Enabled = false}, where); }));
    return false;
  }

  Result<bool> rule(Context& c, const Dormant& d, const aws::CallOptions& where) {
    aws::events::Client events(s_.aws);
    auto bus = d.scope.empty() ? std::optional<std::string>() : d.scope;
    TRY_ASSIGN(auto now, events.DescribeRule({.Name = d.primary, .EventBusName = bus}, where));
    if (now.State == "DISABLED") return true;
    TRY(act(c, "events:DisableRule", d.primary,
            [&] { return events.DisableRule({.Name = d.primary, .EventBusName = bus}, where); }));
    return true;
  }

  // Those that a failover wrote; others stay.
  Result<bool> notifications(Context& c, const Dormant& d, const aws::CallOptions& where) {
    aws::s3::Client s3(s_.aws);
    TRY_ASSIGN(auto written, notifications_from_json(d.value));
    TRY_ASSIGN(auto now, s3.GetBucketNotificationConfiguration({.Bucket = d.primary}, where));
    auto fewer = without_notifications(now, written);
    if (!fewer) return true;
    TRY(act(c, "s3:PutBucketNotificationConfiguration", d.primary, [&] {
      return s3.PutBucketNotificationConfiguration({.Bucket = d.primary, .NotificationConfiguration = *fewer},
                                                   where);
    }));
    return true;
  }

  Result<bool> autoscaling(Context& c, const Dormant& d, const aws::CallOptions& where) {
    namespace scaling = aws::applicationautoscaling;
    scaling::Client client(s_.aws);
    scaling::SuspendedState all{.DynamicScalingInSuspended = true,
                                .DynamicScalingOutSuspended = true,
                                .ScheduledScalingSuspended = true};
    TRY(act(c, "application-autoscaling:RegisterScalableTarget", d.primary, [&] {
      return client.RegisterScalableTarget({.ServiceNamespace = scaling_service(d),
                                            .ResourceId = d.primary,
                                            .ScalableDimension = scaling_dimension(d),
                                            .SuspendedState = all},
                                           where);
    }));
    return true;
  }

  Site& s_;
  std::vector<Dormant> left_;
  size_t total_ = 0;
};

}  // namespace

std::unique_ptr<Measure> make_stop_writers(Site& site) { return std::make_unique<StopWriters>(site); }

}  // namespace relight::dr
