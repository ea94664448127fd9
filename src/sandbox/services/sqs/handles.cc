// What is done to a message by its receipt handle: deleting it, changing how long it is hidden. A handle is
// good until the message is received again.
#include <fmt/format.h>

#include <charconv>

#include "base/bytes.h"
#include "sandbox/services/sqs/batch.h"
#include "sandbox/services/sqs/service.h"

namespace relight::sandbox {
using namespace queues;
namespace op = aws::sqs::op;

namespace {

constexpr int64_t kLongestHidden = 43'200;  // seconds, from the receive on

std::unexpected<Error> bad_handle(const std::string& handle, std::string_view why) {
  return aws_error("InvalidParameterValue",
                   fmt::format("Value {} for parameter ReceiptHandle is invalid. Reason: {}", handle, why),
                   400);
}

}  // namespace

Result<Handled> SqsService::handled(Region r, const Queue& q, const std::optional<std::string>& handle) {
  auto invalid = [&] {
    return aws_error(
        "ReceiptHandleIsInvalid",
        fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle.value_or("")),
        400);
  };
  auto text = unbase64(handle.value_or(""));
  auto parts = text ? split(*text, ' ') : std::vector<std::string>{};
  int64_t sequence = 0;
  if (parts.size() != 3 || parts[0] != q.name) return invalid();
  auto [end, ec] = std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), sequence);
  if (ec != std::errc{} || end != parts[1].data() + parts[1].size()) return invalid();
  auto* m = live(r, q.name).line.find(sequence);
  return Handled{m, m && m->receipt == parts[2]};
}

// A stale handle deletes nothing and says nothing (DeleteMessage, API Reference); a FIFO queue's is refused
// once its time is over.
Result<> SqsService::remove(Region r, Queue& q, const std::optional<std::string>& handle) {
  TRY_ASSIGN(Handled h, handled(r, q, handle));
  if (q.fifo() && h.message && (!h.current || h.message->visible <= world_.clock.now()))
    return bad_handle(*handle, "The receipt handle has expired.");
  if (!h.current) return {};
  drop(r, *h.message);
  if (q.fifo()) wake(r, q.name);  // its group goes on
  return {};
}

Result<> SqsService::change_visibility(Region r, Queue& q, const std::optional<std::string>& handle,
                                       int64_t seconds) {
  if (seconds < 0 || seconds > kLongestHidden)
    return aws_error(
        "InvalidParameterValue",
        fmt::format(
            "Value {} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an "
            "integer between 0 and {}.",
            seconds, kLongestHidden),
        400);
  TRY_ASSIGN(Handled h, handled(r, q, handle));
  auto now = world_.clock.now();
  if (!h.message)
    return bad_handle(*handle, "Message does not exist or is not available for visibility timeout change.");
  if (!h.current || h.message->visible <= now)
    return aws_error(
        "MessageNotInflight",
        fmt::format("Value {} for parameter ReceiptHandle is invalid. Reason: Message is not in flight.",
                    *handle));
  live(r, q.name).line.set_visible(*h.message, now + std::chrono::seconds(seconds));
  messages_.save(r, fmt::format("{}|{:020}", q.name, h.message->sequence), *h.message);
  wake(r, q.name);
  return {};
}

void SqsService::add_delete() {
  on<op::DeleteMessage>(
      [this](const Call& c, const api::DeleteMessageRequest& in) -> Result<api::DeleteMessageOutput_> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        TRY(remove(c.region, *q, in.ReceiptHandle));
        return api::DeleteMessageOutput_{};
      });
  on<op::DeleteMessageBatch>(
      [this](const Call& c,
             const api::DeleteMessageBatchRequest& in) -> Result<api::DeleteMessageBatchResult> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        TRY(check_batch(ids_of(*in.Entries), "DeleteMessageBatchRequestEntry"));
        api::DeleteMessageBatchResult out;
        out.Successful.emplace();
        out.Failed.emplace();
        for (auto& e : *in.Entries)
          if (auto done = remove(c.region, *q, e.ReceiptHandle))
            out.Successful->push_back({e.Id});
          else
            out.Failed->push_back(failed(*e.Id, done.error()));
        return out;
      });
}

void SqsService::add_visibility() {
  on<op::ChangeMessageVisibility>(
      [this](const Call& c,
             const api::ChangeMessageVisibilityRequest& in) -> Result<api::ChangeMessageVisibilityOutput_> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        TRY(change_visibility(c.region, *q, in.ReceiptHandle, *in.VisibilityTimeout));
        return api::ChangeMessageVisibilityOutput_{};
      });
  on<op::ChangeMessageVisibilityBatch>(
      [this](const Call& c, const api::ChangeMessageVisibilityBatchRequest& in)
          -> Result<api::ChangeMessageVisibilityBatchResult> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        TRY(check_batch(ids_of(*in.Entries), "ChangeMessageVisibilityBatchRequestEntry"));
        api::ChangeMessageVisibilityBatchResult out;
        out.Successful.emplace();
        out.Failed.emplace();
        for (auto& e : *in.Entries)
          if (auto done = change_visibility(c.region, *q, e.ReceiptHandle, e.VisibilityTimeout.value_or(0)))
            out.Successful->push_back({e.Id});
          else
            out.Failed->push_back(failed(*e.Id, done.error()));
        return out;
      });
}

}  // namespace relight::sandbox
