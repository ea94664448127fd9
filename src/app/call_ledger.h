// What a process has asked of AWS, by region and operation: what a Run writes into its journal of itself.
#pragma once
#include <mutex>
#include <set>
#include <string>

#include "aws/client/aws_caller.h"
#include "dr/engine/state.h"

namespace relight::app {

inline constexpr size_t kCallsToldApart = 300;  // operations and regions; those beyond are counted together

// Thread-safe.
class CallLedger {
 public:
  void add(const aws::CallRecord& c);
  dr::CallCounts counts() const;
  // "ACTION in REGION" of what IAM refused, the first kCallsToldApart of them.
  std::set<std::string> denied() const;

 private:
  mutable std::mutex mutex_;
  dr::CallCounts counts_;
  std::set<std::string> denied_;
};

}  // namespace relight::app
