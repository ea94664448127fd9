// Long polls: who finds nothing waits in a line of his own, and no thread waits with him ("Amazon SQS short
// and long polling"). He is answered when a message is sent, appears after its delay or its visibility
// timeout, or when his time is over.
#include <algorithm>
#include <iterator>
#include <utility>

#include "sandbox/services/sqs/service.h"

namespace relight::sandbox {
using namespace queues;

void SqsService::poll(const Call& c, const api::ReceiveMessageRequest& in,
                      std::function<void(Result<api::ReceiveMessageResult>)> answer) {
  auto q = find(c.region, in.QueueUrl);
  if (!q) return answer(std::unexpected(q.error()));
  auto found = receive(c.region, **q, in);
  int64_t seconds = in.WaitTimeSeconds ? *in.WaitTimeSeconds : (*q)->number("ReceiveMessageWaitTimeSeconds");
  if (!found || found->Messages || seconds == 0) return answer(std::move(found));
  auto until = world_.clock.now() + std::chrono::seconds(seconds);
  std::string name = (*q)->name;
  live(c.region, name).waiters.push_back({in, until, std::move(answer)});
  wake(c.region, name);
}

// Serves who waits, first come first, and sees to it that it is looked at again in time.
void SqsService::wake(Region r, const std::string& name) {
  auto& waiters = live(r, name).waiters;
  auto* q = queues_.find(r, name);
  if (waiters.empty() || !q) return;
  auto now = world_.clock.now();
  auto waiting = std::exchange(waiters, {});  // an answer may lead back here
  std::deque<Waiter> left;
  for (auto& w : waiting) {
    auto found = receive(r, *q, w.request);
    if (!found || found->Messages || w.until <= now)
      w.answer(std::move(found));
    else
      left.push_back(std::move(w));
  }
  auto& l = live(r, name);
  l.waiters.insert(l.waiters.begin(), std::make_move_iterator(left.begin()),
                   std::make_move_iterator(left.end()));
  if (l.waiters.empty()) return;
  auto next = std::min_element(l.waiters.begin(), l.waiters.end(), [](auto& a, auto& b) {
                return a.until < b.until;
              })->until;
  auto appears = l.line.next_visible(now);
  if (appears != Instant{}) next = std::min(next, appears);
  wake_at(r, name, next);
}

// One timer a queue: the earliest that is due.
void SqsService::wake_at(Region r, const std::string& name, Instant at) {
  auto& l = live(r, name);
  auto now = world_.clock.now();
  if (l.next_wake > now && l.next_wake <= at) return;
  l.next_wake = at;
  world_.after(std::max(at - now, Millis{1}), [this, r, name] {
    live(r, name).next_wake = Instant{};
    wake(r, name);
  });
}

// The gateway lets go of the region's callers by itself; here only what was kept for them goes.
void SqsService::region_lost(const std::string& region) {
  for (auto& [name, l] : live_[region])
    for (auto& w : std::exchange(l.waiters, {})) w.answer(api::ReceiveMessageResult{});
}

}  // namespace relight::sandbox
