// Amazon SNS: topics, subscriptions, fan-out. See README.md.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "aws/gen/sns.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/sns/envelope.h"
#include "sandbox/world/table.h"

namespace relight::sandbox {

namespace topics {
namespace api = aws::sns;
struct Topic {
  std::string name;
  std::map<std::string, std::string> attributes, tags;
  std::string save() const;
  static Result<Topic> load(const std::string& json);
  bool fifo() const { return name.ends_with(".fifo"); }
};
struct Subscription {
  std::string arn, topic, protocol, endpoint;  // topic: its ARN
  std::string token;                           // not empty: pending
  std::map<std::string, std::string> attributes;
  std::string save() const;
  static Result<Subscription> load(const std::string& json);
  bool says(const std::string& attribute, std::string_view value) const;
};
}  // namespace topics

class SnsService final : public Service {
 public:
  explicit SnsService(World& w);

 private:
  using Region = const std::string&;
  void add_topics();
  void add_topic_attributes();
  void add_permissions();
  void add_tags();
  void add_subscriptions();
  void add_subscription_reads();
  void add_subscription_attributes();
  void add_publish();

  std::string arn_of(Region r, const std::string& name) const;
  Result<topics::Topic*> find(Region r, const std::optional<std::string>& arn);
  Result<topics::Subscription*> find_subscription(Region r, const std::optional<std::string>& arn);
  Result<topics::api::CreateTopicResponse> create(const Call& c, const topics::api::CreateTopicInput& in);
  Result<topics::api::SubscribeResponse> subscribe(const Call& c, const topics::api::SubscribeInput& in);
  std::map<std::string, std::string> attributes_of(Region r, const topics::Topic& t);
  std::vector<topics::Subscription*> subscriptions_of(Region r, const std::string& topic_arn);
  Result<topics::api::PublishResponse> publish(Region r, topics::Topic& t,
                                               const topics::api::PublishBatchRequestEntry& in);
  void fan_out(Region r, const topics::Published& p, const topics::api::PublishBatchRequestEntry& in);
  Result<> hand_over(Region r, const topics::Subscription& s, const topics::Published& p);
  void not_handed_over(Region r, const topics::Subscription& s, const topics::Published& p, const Error& e);

  Table<topics::Topic> topics_;                // by name
  Table<topics::Subscription> subscriptions_;  // by ARN
  struct Repeat {
    std::string message, sequence;
    Instant at;
  };
  std::map<std::string, Repeat> repeats_;  // FIFO: "ARN|ID"; not kept over a restart
  int64_t last_sequence_ = 0;
};

}  // namespace relight::sandbox
