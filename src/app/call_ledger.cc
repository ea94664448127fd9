#include "app/call_ledger.h"

namespace relight::app {

void CallLedger::add(const aws::CallRecord& c) {
  auto region = c.endpoint_region.empty() ? c.region : c.endpoint_region;
  std::lock_guard g(mutex_);
  std::pair where{region, c.service + ":" + c.operation};
  if (counts_.size() >= kCallsToldApart && !counts_.contains(where)) where.second = "others";
  auto& count = counts_[where];
  ++count.calls;
  if (c.error_code.empty()) return;
  ++count.failed;
  if (c.http_status == 0) ++count.unanswered;
  if (!c.denied.empty() && denied_.size() < kCallsToldApart) denied_.insert(c.denied + " in " + c.region);
}

std::set<std::string> CallLedger::denied() const {
  std::lock_guard g(mutex_);
  return denied_;
}

dr::CallCounts CallLedger::counts() const {
  std::lock_guard g(mutex_);
  return counts_;
}

}  // namespace relight::app
