// Amazon SQS: queues, messages, dead letters, long polls. See README.md.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/gen/sqs.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/sqs/line.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace queues {
// A deduplication id that was used: sends that repeat it within five minutes give the first one's answer.
struct Repeat {
  std::string message, queue, id;  // message's id; queue and the id (or GROUP|ID)
  int64_t sequence = 0;
  Instant sent;
  std::string save() const;
  static Result<Repeat> load(const std::string& json);
};
// Somebody who polls.
struct Waiter {
  api::ReceiveMessageRequest request;
  Instant until;
  std::function<void(Result<api::ReceiveMessageResult>)> answer;
};
// What is found of a message by its receipt handle.
struct Handled {
  Message* message = nullptr;  // null: deleted, or of another time
  bool current = false;        // the handle is of the last receive
};
}  // namespace queues

class SqsService final : public Service {
 public:
  explicit SqsService(World& w);
  void region_lost(const std::string& region) override;

 private:
  using Region = const std::string&;
  void add_queues();
  void add_lists();
  void add_attributes();
  void add_tags();
  void add_permissions();
  void add_send();
  void add_receive();
  void add_delete();
  void add_visibility();

  // ---- queues ----
  Result<queues::Queue*> find(Region r, const std::optional<std::string>& url);
  std::string url_of(const std::string& name) const;
  std::string arn_of(Region r, const std::string& name) const;
  Result<queues::Queue> draft(const Call& c, const queues::api::CreateQueueRequest& in);
  Result<> check_redrive(Region r, const queues::Queue& q, const std::map<std::string, std::string>& next);
  std::map<std::string, std::string> attributes_of(Region r, const queues::Queue& q);
  Result<queues::api::SetQueueAttributesOutput_> set_attributes(
      const Call& c, const queues::api::SetQueueAttributesRequest& in);
  Result<queues::api::PurgeQueueOutput_> purge(const Call& c, const queues::api::PurgeQueueRequest& in);
  void clear(Region r, const std::string& name);

  // ---- messages ----
  Result<queues::api::SendMessageResult> send(const Call& c, queues::Queue& q,
                                              const queues::api::SendMessageBatchRequestEntry& in);
  Result<std::string> deduplication(queues::Queue& q, const queues::api::SendMessageBatchRequestEntry& in);
  void forget_repeats(Region r);
  queues::Message& put(Region r, queues::Message m);
  void drop(Region r, queues::Message& m);
  void drop_expired(Region r, queues::Queue& q);
  bool bury(Region r, queues::Queue& q, queues::Message& m);
  Result<queues::api::ReceiveMessageResult> receive(Region r, queues::Queue& q,
                                                    const queues::api::ReceiveMessageRequest& in);
  queues::api::Message give(Region r, queues::Queue& q, queues::Message& m,
                            const queues::api::ReceiveMessageRequest& in);
  Result<queues::Handled> handled(Region r, const queues::Queue& q, const std::optional<std::string>& handle);
  Result<> remove(Region r, queues::Queue& q, const std::optional<std::string>& handle);
  Result<> change_visibility(Region r, queues::Queue& q, const std::optional<std::string>& handle,
                             int64_t seconds);

  // ---- long polls ----
  void poll(const Call& c, const queues::api::ReceiveMessageRequest& in,
            std::function<void(Result<queues::api::ReceiveMessageResult>)> answer);
  void wake(Region r, const std::string& name);
  void wake_at(Region r, const std::string& name, Instant at);

  // In memory alone: who waits, and the order of what the tables keep.
  struct Live {
    queues::Line line;
    std::deque<queues::Waiter> waiters;
    Instant next_wake{};
  };
  Live& live(Region r, const std::string& name) { return live_[r][name]; }

  Table<queues::Queue> queues_;      // by name
  Table<queues::Message> messages_;  // "QUEUE|00000000001790000000"
  Table<queues::Repeat> repeats_;    // "QUEUE|ID"
  std::map<std::string, std::map<std::string, Live>> live_;
  std::map<std::string, std::deque<std::pair<Instant, std::string>>> repeats_by_age_;  // by region
  std::map<std::string, Instant> deleted_;                                             // "REGION|QUEUE"
  int64_t last_sequence_ = 0;
};

}  // namespace relight::sandbox
