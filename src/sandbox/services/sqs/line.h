// A queue's row, its messages' rows, and the order in which messages are given out.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "aws/gen/sqs.h"
#include "base/clock.h"
#include "base/result.h"

namespace relight::sandbox::queues {
namespace api = aws::sqs;

struct Queue {
  std::string name;
  std::map<std::string, std::string> attributes, tags;  // attributes: only those that were set
  Instant created, modified, purged{};
  std::string save() const;
  static Result<Queue> load(const std::string& json);
  bool fifo() const { return name.ends_with(".fifo"); }
  int64_t number(const std::string& attribute) const;  // its default where it was not set
  bool says(const std::string& attribute, std::string_view value) const;
};

struct Message {
  api::SendMessageBatchRequestEntry sent_as;  // body, attributes, group, deduplication
  std::string queue, id, sender, source;      // source: ARN of the queue it was moved from
  std::string receipt;                        // of the last receive; empty before the first
  int64_t sequence = 0, received = 0;
  Instant sent, first_received{}, visible;
  std::string save() const;
  static Result<Message> load(const std::string& json);
  std::string group() const { return sent_as.MessageGroupId.value_or(""); }
};

// Pointers into the table of messages, oldest first and by when they are to be seen. Whoever changes
// `visible` does it here.
class Line {
 public:
  void add(Message& m);
  void remove(Message& m);
  void set_visible(Message& m, Instant at);
  Message* find(int64_t sequence) const;
  size_t size() const { return by_sequence_.size(); }
  const std::map<int64_t, Message*>& messages() const { return by_sequence_; }
  // At most `n` that can be given out now. FIFO: none of a group of which one is in flight ("FIFO delivery
  // logic").
  std::vector<Message*> ready(Instant now, size_t n, bool fifo) const;
  // When the next one that is hidden now appears; the epoch: there is none.
  Instant next_visible(Instant now) const;
  struct Counts {
    size_t visible = 0, in_flight = 0, delayed = 0;
  };
  Counts count(Instant now) const;

 private:
  std::map<int64_t, Message*> by_sequence_;
  std::set<std::pair<Instant, int64_t>> by_time_;
};

}  // namespace relight::sandbox::queues
