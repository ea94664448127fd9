// Messages given out: visibility, order, dead letters.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "sandbox/services/sqs/attributes.h"
#include "sandbox/services/sqs/message_attributes.h"
#include "sandbox/services/sqs/service.h"

namespace relight::sandbox {
using namespace queues;
namespace op = aws::sqs::op;

namespace {

constexpr size_t kInFlight = 120'000;  // "Amazon SQS queue quotas", standard and FIFO
constexpr auto kSystemNames = std::to_array<std::string_view>(
    {"All", "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
     "SequenceNumber", "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader",
     "DeadLetterQueueSourceArn"});

Result<> check_range(const std::optional<int32_t>& value, int32_t min, int32_t max, std::string_view name) {
  if (!value || (*value >= min && *value <= max)) return {};
  std::string why = name == "MaxNumberOfMessages"
                        ? fmt::format("Must be between {} and {}, if provided.", min, max)
                        : fmt::format("Must be >= {} and <= {}, if provided.", min, max);
  return aws_error("InvalidParameterValue",
                   fmt::format("Value {} for parameter {} is invalid. Reason: {}", *value, name, why), 400);
}

Result<> check_receive(const api::ReceiveMessageRequest& in) {
  TRY(check_range(in.MaxNumberOfMessages, 1, 10, "MaxNumberOfMessages"));
  TRY(check_range(in.WaitTimeSeconds, 0, 20, "WaitTimeSeconds"));
  TRY(check_range(in.VisibilityTimeout, 0, 43'200, "VisibilityTimeout"));
  for (auto* names : {&in.AttributeNames, &in.MessageSystemAttributeNames})
    for (auto& n : names->value_or(std::vector<std::string>{}))
      if (std::find(kSystemNames.begin(), kSystemNames.end(), n) == kSystemNames.end() && !known_attribute(n))
        return aws_error("InvalidAttributeName", fmt::format("Unknown Attribute {}.", n), 400);
  return {};
}

std::string millis_text(Instant t) { return std::to_string(t.time_since_epoch().count()); }

std::map<std::string, std::string> system_attributes(const Message& m, bool fifo) {
  std::map<std::string, std::string> all{{"SenderId", m.sender},
                                         {"SentTimestamp", millis_text(m.sent)},
                                         {"ApproximateReceiveCount", std::to_string(m.received)},
                                         {"ApproximateFirstReceiveTimestamp", millis_text(m.first_received)}};
  if (fifo) all["SequenceNumber"] = fmt::format("{:020}", m.sequence);
  if (m.sent_as.MessageGroupId) all["MessageGroupId"] = *m.sent_as.MessageGroupId;
  if (m.sent_as.MessageDeduplicationId) all["MessageDeduplicationId"] = *m.sent_as.MessageDeduplicationId;
  if (!m.source.empty()) all["DeadLetterQueueSourceArn"] = m.source;
  if (m.sent_as.MessageSystemAttributes)
    for (auto& [name, v] : *m.sent_as.MessageSystemAttributes) all[name] = v.StringValue.value_or("");
  return all;
}

}  // namespace

void SqsService::drop_expired(Region r, Queue& q) {
  auto& line = live(r, q.name).line;
  auto old = world_.clock.now() - std::chrono::seconds(q.number("MessageRetentionPeriod"));
  while (line.size() && line.messages().begin()->second->sent <= old)
    drop(r, *line.messages().begin()->second);
}

// Moves a message that was received too often; false: it may be given out. One that was buried keeps the time
// it was sent at, unless the queues are FIFO ("Using dead-letter queues in Amazon SQS", message retention).
// That its receive count goes on is unverified.
bool SqsService::bury(Region r, Queue& q, Message& m) {
  auto it = q.attributes.find("RedrivePolicy");
  auto redrive = it == q.attributes.end() ? std::nullopt : parse_redrive(it->second);
  if (!redrive || m.received < redrive->max_receives) return false;
  auto* target = queues_.find(r, redrive->target.substr(redrive->target.rfind(':') + 1));
  if (!target) return false;  // deleted since: AWS goes on delivering
  Message moved = m;
  drop(r, m);
  moved.source = arn_of(r, q.name);
  moved.queue = target->name;
  moved.receipt.clear();
  moved.visible = world_.clock.now();
  if (q.fifo()) moved.sent = moved.visible;
  put(r, std::move(moved));
  wake(r, target->name);
  return true;
}

api::Message SqsService::give(Region r, Queue& q, Message& m, const api::ReceiveMessageRequest& in) {
  auto now = world_.clock.now();
  ++m.received;
  if (m.received == 1) m.first_received = now;
  m.receipt = world_.rng.hex(24);
  int64_t hidden = in.VisibilityTimeout ? *in.VisibilityTimeout : q.number("VisibilityTimeout");
  live(r, q.name).line.set_visible(m, now + std::chrono::seconds(hidden));
  std::string key = fmt::format("{}|{:020}", q.name, m.sequence);
  messages_.save(r, key, m);
  api::Message out;
  out.MessageId = m.id;
  out.Body = m.sent_as.MessageBody;
  out.MD5OfBody = hex(md5(*m.sent_as.MessageBody));
  out.ReceiptHandle = base64(fmt::format("{} {} {}", q.name, m.sequence, m.receipt));
  auto all = system_attributes(m, q.fifo());
  for (auto* names : {&in.AttributeNames, &in.MessageSystemAttributeNames})
    for (auto& n : names->value_or(std::vector<std::string>{})) {
      if (!out.Attributes) out.Attributes.emplace();
      if (n == "All")
        *out.Attributes = all;
      else if (all.contains(n))
        (*out.Attributes)[n] = all[n];
    }
  if (out.Attributes && out.Attributes->empty()) out.Attributes.reset();
  if (m.sent_as.MessageAttributes && in.MessageAttributeNames) {
    auto shown = chosen(*m.sent_as.MessageAttributes, *in.MessageAttributeNames);
    out.MD5OfMessageAttributes = md5_of(shown);
    if (!shown.empty()) out.MessageAttributes = std::move(shown);
  }
  return out;
}

Result<api::ReceiveMessageResult> SqsService::receive(Region r, Queue& q,
                                                      const api::ReceiveMessageRequest& in) {
  auto& line = live(r, q.name).line;
  auto now = world_.clock.now();
  drop_expired(r, q);
  if (line.size() >= kInFlight && line.count(now).in_flight >= kInFlight)
    return aws_error(
        "OverLimit",
        fmt::format("The specified queue has {} messages in flight, which is the limit.", kInFlight), 403);
  auto old = now - std::chrono::seconds(q.number("MessageRetentionPeriod"));
  api::ReceiveMessageResult out;
  auto wanted = static_cast<size_t>(in.MaxNumberOfMessages.value_or(1));
  // What is buried or has expired meanwhile makes room for others.
  for (bool again = true; again && (!out.Messages || out.Messages->size() < wanted);) {
    again = false;
    for (auto* m : line.ready(now, wanted - (out.Messages ? out.Messages->size() : 0), q.fifo())) {
      if (m->sent <= old) {
        drop(r, *m);
        again = true;
      } else if (bury(r, q, *m)) {
        again = true;
      } else {
        if (!out.Messages) out.Messages.emplace();
        out.Messages->push_back(give(r, q, *m, in));
      }
    }
    // What was just given out holds its group, or, hidden for no time at all, would be found again.
    if (out.Messages && (q.fifo() || in.VisibilityTimeout == 0)) break;
  }
  return out;
}

void SqsService::add_receive() {
  on<op::ReceiveMessage>(
      [this](const Call& c, const api::ReceiveMessageRequest& in) -> Result<api::ReceiveMessageResult> {
        TRY(check_receive(in));
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        return receive(c.region, *q, in);
      });
  on_later<op::ReceiveMessage>([this](const Call& c, const api::ReceiveMessageRequest& in, auto answer) {
    if (auto good = check_receive(in); !good) return answer(std::unexpected(good.error()));
    poll(c, in, std::move(answer));
  });
}

}  // namespace relight::sandbox
