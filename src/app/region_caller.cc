#include "app/region_caller.h"

namespace relight::app {

Result<> RegionCaller::invoke(const aws::ServiceModel& service, const aws::Operation& op, const void* in,
                              void* out, const aws::CallOptions& options) {
  auto& caller = options.region == region_ ? hasty_ : usual_;
  return caller.invoke(service, op, in, out, options);
}

}  // namespace relight::app
