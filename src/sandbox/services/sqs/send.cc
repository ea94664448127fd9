// Messages sent, one or ten at a time.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "sandbox/services/sqs/batch.h"
#include "sandbox/services/sqs/message_attributes.h"
#include "sandbox/services/sqs/service.h"

namespace relight::sandbox {
using namespace queues;
namespace op = aws::sqs::op;

namespace {

using SendEntry = api::SendMessageBatchRequestEntry;
constexpr size_t kBatchBytes = 262'144;
constexpr Millis kDeduplication{300'000};  // "Exactly-once processing in Amazon SQS"

const MessageAttributes& attributes_in(const SendEntry& e) {
  static const MessageAttributes kNone;
  return e.MessageAttributes ? *e.MessageAttributes : kNone;
}
size_t size_of_entry(const SendEntry& e) {
  return e.MessageBody.value_or("").size() + size_of(attributes_in(e));
}

std::unexpected<Error> bad_send(std::string_view text) {
  return aws_error("InvalidParameterValue", text, 400);
}

bool good_token(const std::string& s) {
  return !s.empty() && s.size() <= 128 &&
         std::all_of(s.begin(), s.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

// What does not depend on the queue's kind.
Result<> check_entry(const Queue& q, const SendEntry& e) {
  if (e.MessageBody.value_or("").empty())
    return aws_error("MissingParameter", "The request must contain the parameter MessageBody.", 400);
  if (!legal_text(*e.MessageBody))
    return aws_error("InvalidMessageContents", "The message contains characters outside the allowed set.",
                     400);
  TRY(check_message_attributes(attributes_in(e)));
  auto limit = static_cast<size_t>(q.number("MaximumMessageSize"));
  if (size_of_entry(e) > limit)
    return bad_send(fmt::format(
        "One or more parameters are invalid. Reason: Message must be shorter than {} bytes.", limit));
  if (e.DelaySeconds && (*e.DelaySeconds < 0 || *e.DelaySeconds > 900))
    return bad_send(fmt::format(
        "Value {} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
        *e.DelaySeconds));
  for (auto* token : {&e.MessageGroupId, &e.MessageDeduplicationId})
    if (*token && !good_token(**token))
      return bad_send(
          fmt::format("Value {} for parameter {} is invalid. Reason: {} can only include alphanumeric and "
                      "punctuation characters. "
                      "1 to 128 in length.",
                      **token, token == &e.MessageGroupId ? "MessageGroupId" : "MessageDeduplicationId",
                      token == &e.MessageGroupId ? "MessageGroupId" : "MessageDeduplicationId"));
  return {};
}

// A message group on a standard queue is kept ("Amazon SQS fair queues"), a deduplication id refused.
Result<> check_kind(const Queue& q, const SendEntry& e) {
  constexpr std::string_view kWrongKind =
      "The request include parameter that is not valid for this queue type";
  if (!q.fifo() && e.MessageDeduplicationId)
    return bad_send(fmt::format("Value {} for parameter MessageDeduplicationId is invalid. Reason: {}.",
                                *e.MessageDeduplicationId, kWrongKind));
  if (!q.fifo()) return {};
  if (!e.MessageGroupId)
    return aws_error("MissingParameter", "The request must contain the parameter MessageGroupId.", 400);
  if (e.DelaySeconds)
    return bad_send(fmt::format("Value {} for parameter DelaySeconds is invalid. Reason: {}.",
                                *e.DelaySeconds, kWrongKind));
  if (!e.MessageDeduplicationId && !q.says("ContentBasedDeduplication", "true"))
    return bad_send(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
        "explicitly");
  return {};
}

std::optional<std::string> system_md5(const SendEntry& e) {
  if (!e.MessageSystemAttributes) return std::nullopt;
  MessageAttributes as;
  for (auto& [name, v] : *e.MessageSystemAttributes)
    as[name] = {.StringValue = v.StringValue, .BinaryValue = v.BinaryValue, .DataType = v.DataType};
  return md5_of(as);
}

std::string sequence_text(int64_t n) { return fmt::format("{:020}", n); }

}  // namespace

Message& SqsService::put(Region r, Message m) {
  // Above every one that ever was, restarts included, without a row for the number itself.
  last_sequence_ = std::max(last_sequence_ + 1, world_.clock.now().time_since_epoch().count() * 1'000'000);
  m.sequence = last_sequence_;
  std::string queue = m.queue, key = fmt::format("{}|{}", queue, sequence_text(m.sequence));
  auto& kept = messages_.put(r, key, std::move(m));
  live(r, queue).line.add(kept);
  return kept;
}

void SqsService::drop(Region r, Message& m) {
  live(r, m.queue).line.remove(m);
  messages_.erase(r, fmt::format("{}|{}", m.queue, sequence_text(m.sequence)));
}

void SqsService::forget_repeats(Region r) {
  auto& ages = repeats_by_age_[r];
  while (!ages.empty() && ages.front().first + kDeduplication <= world_.clock.now()) {
    repeats_.erase(r, ages.front().second);
    ages.pop_front();
  }
}

Result<std::string> SqsService::deduplication(Queue& q, const SendEntry& in) {
  if (!q.fifo()) return std::string{};
  std::string id = in.MessageDeduplicationId ? *in.MessageDeduplicationId : hex(sha256(*in.MessageBody));
  return q.says("DeduplicationScope", "messageGroup") ? *in.MessageGroupId + "|" + id : id;
}

Result<api::SendMessageResult> SqsService::send(const Call& c, Queue& q, const SendEntry& in) {
  TRY(check_entry(q, in));
  TRY(check_kind(q, in));
  drop_expired(c.region, q);
  TRY_ASSIGN(std::string repeat, deduplication(q, in));
  api::SendMessageResult out;
  out.MD5OfMessageBody = hex(md5(*in.MessageBody));
  out.MD5OfMessageAttributes = md5_of(attributes_in(in));
  out.MD5OfMessageSystemAttributes = system_md5(in);
  if (q.fifo()) {
    forget_repeats(c.region);
    if (auto* before = repeats_.find(c.region, q.name + "|" + repeat)) {
      out.MessageId = before->message;
      out.SequenceNumber = sequence_text(before->sequence);
      return out;
    }
  }
  auto now = world_.clock.now();
  Message m;
  m.sent_as = in;
  if (q.fifo() && !in.MessageDeduplicationId) m.sent_as.MessageDeduplicationId = hex(sha256(*in.MessageBody));
  m.queue = q.name;
  m.id = world_.rng.uuid();
  m.sender =
      c.principal.ends_with(":root") ? world_.account() : c.principal.substr(c.principal.rfind(':') + 1);
  m.sent = now;
  m.visible =
      now + std::chrono::seconds(in.DelaySeconds.value_or(static_cast<int32_t>(q.number("DelaySeconds"))));
  auto& kept = put(c.region, std::move(m));
  out.MessageId = kept.id;
  if (q.fifo()) {
    out.SequenceNumber = sequence_text(kept.sequence);
    repeats_.put(c.region, q.name + "|" + repeat, {kept.id, q.name, repeat, kept.sequence, now});
    repeats_by_age_[c.region].emplace_back(now, q.name + "|" + repeat);
  }
  wake(c.region, q.name);
  return out;
}

void SqsService::add_send() {
  on<op::SendMessage>(
      [this](const Call& c, const api::SendMessageRequest& in) -> Result<api::SendMessageResult> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        return send(c, *q,
                    {.Id = "1",
                     .MessageBody = in.MessageBody,
                     .DelaySeconds = in.DelaySeconds,
                     .MessageAttributes = in.MessageAttributes,
                     .MessageSystemAttributes = in.MessageSystemAttributes,
                     .MessageDeduplicationId = in.MessageDeduplicationId,
                     .MessageGroupId = in.MessageGroupId});
      });
  on<op::SendMessageBatch>(
      [this](const Call& c, const api::SendMessageBatchRequest& in) -> Result<api::SendMessageBatchResult> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        TRY(check_batch(ids_of(*in.Entries), "SendMessageBatchRequestEntry"));
        size_t bytes = 0;
        for (auto& e : *in.Entries) bytes += size_of_entry(e);
        if (bytes > kBatchBytes)
          return aws_error(
              "BatchRequestTooLong",
              fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.",
                          kBatchBytes, bytes));
        api::SendMessageBatchResult out;
        out.Successful.emplace();
        out.Failed.emplace();
        for (auto& e : *in.Entries) {
          auto one = send(c, *q, e);
          if (one)
            out.Successful->push_back({.Id = e.Id,
                                       .MessageId = one->MessageId,
                                       .MD5OfMessageBody = one->MD5OfMessageBody,
                                       .MD5OfMessageAttributes = one->MD5OfMessageAttributes,
                                       .MD5OfMessageSystemAttributes = one->MD5OfMessageSystemAttributes,
                                       .SequenceNumber = one->SequenceNumber});
          else
            out.Failed->push_back(failed(*e.Id, one.error()));
        }
        return out;
      });
}

}  // namespace relight::sandbox
