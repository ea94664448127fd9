// Check 59: when an alarm there goes off, does anybody get to know.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {

// Topics that alarms there notify; false if what they notify could not be seen.
bool topics_of(const Picture& p, Report& r, std::set<std::string>& out, size_t& alarms) {
  for (auto& a : p.recovery.all("cloudwatch/alarm")) {
    if (!r.seen(a, "")) return false;
    ++alarms;
    for (auto& action : list_at(*a.properties, "/AlarmActions"))
      if (auto arn = action.get<std::string>(); arn.find(":sns:") != arn.npos) out.insert(arn);
  }
  auto db = p.recovery.find("rds/db-instance", p.topology.recovery.database);
  return !db || r.seen(db, "cloudwatch/alarm");
}

// ListSubscriptionsByTopic says "PendingConfirmation" where an ARN would stand ("Subscription", SNS API
// reference).
void judge_topic(const Item& topic, Report& r) {
  size_t confirmed = 0, pending = 0;
  for (auto& s : list_at(*topic.properties, "/Subscriptions")) {
    bool arn = text_at(s, "/SubscriptionArn").starts_with("arn:");
    (arn ? confirmed : pending) += 1;
  }
  auto seen = fmt::format("{} subscriptions are confirmed, {} are not", confirmed, pending);
  auto mend = fmt::format(
      "aws --region {} sns subscribe --topic-arn {} --protocol email --notification-endpoint ADDRESS   "
      "# and confirm what it sends",
      topic.region(), topic.id());
  if (confirmed == 0)
    r.fail(topic, "nobody confirmed to be told by it", seen, mend);
  else if (pending > 0)
    r.warn(topic, "somebody has not confirmed to be told by it", seen, "confirm what it has sent");
  else
    r.pass(topic, "whoever shall be told by it has confirmed", seen);
}

}  // namespace

void check_notifications(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  Report::About whole{"", p.config.recovery.region};
  std::set<std::string> topics;
  size_t alarms = 0;
  if (!topics_of(p, r, topics, alarms)) return;
  if (topics.empty()) {
    r.warn(whole, "no alarm there tells anybody",
           fmt::format("{} alarms, none of which notifies a topic", alarms),
           fmt::format("aws --region {} sns create-topic --name NAME   # and name it in the alarms' actions",
                       p.config.recovery.region));
    return;
  }
  for (auto& arn : topics) {
    auto topic = p.recovery.find("sns/topic", arn);
    std::string why = "it was not captured";
    for (auto& l : p.recovery.inventory().left_out)
      if (l.key.id == arn) why = l.why;
    if (!topic && why.find("does not exist") != why.npos)
      r.fail({arn, p.config.recovery.region}, "an alarm notifies a topic that is not there", why,
             "relight synth && relight deploy");
    else if (!topic && why.starts_with("it is in "))
      r.fail({arn, p.config.recovery.region}, "an alarm notifies a topic of another region", why,
             "relight synth && relight deploy");
    else if (!topic)
      r.unknown({arn, p.config.recovery.region}, "who is told by it is not known", why);
    else if (r.seen(topic, "") && r.seen(topic, "Subscriptions"))
      judge_topic(topic, r);
  }
}

}  // namespace relight::dr
