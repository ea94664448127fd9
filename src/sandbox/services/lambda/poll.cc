// What an enabled mapping does: receives, invokes, deletes what the function has dealt with. One batch at a
// time; a batching window does not hold messages back.
#include <algorithm>
#include <set>

#include "sandbox/services/lambda/queue.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;
namespace sqs = aws::sqs;

namespace {

// AWS's pollers wait for up to 20 seconds at an empty queue.
constexpr auto kPause = std::chrono::seconds(20);

// Ten at once, as SQS takes them.
void forget_messages(World& w, const Queue& q, const std::string& url,
                     const std::vector<std::string>& receipts) {
  for (size_t from = 0; from < receipts.size(); from += 10) {
    sqs::op::DeleteMessageBatch::Input in;
    in.QueueUrl = url;
    in.Entries.emplace();
    for (size_t i = from; i < std::min(receipts.size(), from + 10); ++i)
      in.Entries->push_back({.Id = std::to_string(i), .ReceiptHandle = receipts[i]});
    (void)w.call<sqs::op::DeleteMessageBatch>(q.region, in);  // what it fails for comes again
  }
}

}  // namespace

void LambdaService::poll_later(Region r, const std::string& uuid, const std::string& life, Millis after) {
  world_.after(after, [this, r, uuid, life] { poll(r, uuid, life); });
}

void LambdaService::poll(Region r, const std::string& uuid, const std::string& life) {
  auto* m = mappings_.find(r, uuid);
  auto going = polling_.find(uuid);
  if (!m || going == polling_.end() || going->second != life || !world_.links().up(r)) return;
  auto result = [&](const std::string& what) {
    if (m->LastProcessingResult != what) {
      m->LastProcessingResult = what;
      mappings_.save(r, uuid, *m);
    }
  };
  Millis pause = world_.poll_interval(kPause);
  auto n = named(r, m->FunctionArn);
  auto t = n ? target(r, *n) : Result<Target>(std::unexpected(n.error()));
  if (!t) {
    result("PROBLEM: " + t.error().message);
    return poll_later(r, uuid, life, pause);
  }
  auto queue = *queue_of(*m->EventSourceArn);
  auto url = queue_url(world_, queue);
  auto batch = url ? receive(world_, queue, *url, m->BatchSize.value_or(10))
                   : Result<std::vector<sqs::Message>>(std::unexpected(url.error()));
  if (!batch || batch->empty()) {
    result(batch ? "No records processed" : "PROBLEM: " + batch.error().message);
    return poll_later(r, uuid, life, pause);
  }
  std::vector<std::pair<std::string, std::string>> receipts;
  for (auto& one : *batch) receipts.emplace_back(one.MessageId.value_or(""), one.ReceiptHandle.value_or(""));
  function::Request request{
      .id = world_.rng.uuid(), .payload = sqs_event(*batch, *m->EventSourceArn, r), .trace = ""};
  auto started = begin(r, *t, std::move(request), [this, r, uuid, life, receipts](function::Outcome out) {
    world_.after(Millis{0},
                 [this, r, uuid, life, receipts, out] { batch_done(r, uuid, life, receipts, out); });
  });
  if (started) return;
  result("PROBLEM: " +
         started.error().message);  // throttled: the messages come again when SQS shows them again
  poll_later(r, uuid, life, pause);
}

void LambdaService::batch_done(Region r, const std::string& uuid, const std::string& life,
                               const std::vector<std::pair<std::string, std::string>>& receipts,
                               const function::Outcome& out) {
  auto* m = mappings_.find(r, uuid);
  if (!m || out.lost || !world_.links().up(r)) return;
  bool partly = m->FunctionResponseTypes && !m->FunctionResponseTypes->empty();
  std::optional<std::set<std::string>> failed = std::set<std::string>{};
  if (!out.error.empty())
    failed.reset();
  else if (partly)
    failed = failed_items(out.payload);
  std::vector<std::string> done;
  if (failed)
    for (auto& [id, receipt] : receipts)
      if (!failed->contains(id)) done.push_back(receipt);
  auto queue = *queue_of(*m->EventSourceArn);
  if (auto url = queue_url(world_, queue); url && !done.empty()) forget_messages(world_, queue, *url, done);
  m->LastProcessingResult = failed ? "OK" : "PROBLEM: Function call failed";
  mappings_.save(r, uuid, *m);
  poll(r, uuid, life);
}

}  // namespace relight::sandbox
