// Sends calls for a region that may be lost through a caller of their own, which does not try again: what it
// is asked for can be missed, and time is short.
#pragma once
#include <string>

#include "aws/client/client_base.h"

namespace relight::app {

class RegionCaller final : public aws::Caller {
 public:
  RegionCaller(aws::Caller& usual, aws::Caller& hasty, std::string hasty_region)
      : usual_(usual), hasty_(hasty), region_(std::move(hasty_region)) {}
  Result<> invoke(const aws::ServiceModel& service, const aws::Operation& op, const void* in, void* out,
                  const aws::CallOptions& options) override;

 private:
  aws::Caller& usual_;
  aws::Caller& hasty_;
  std::string region_;
};

}  // namespace relight::app
