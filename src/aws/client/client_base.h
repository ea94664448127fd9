// What every generated Client stands on: somebody who carries one operation to AWS and back.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "aws/shape.h"
#include "base/result.h"

namespace relight::aws {

// What a caller may say about one call; unset means what the Caller was built with.
struct CallOptions {
  std::optional<std::string> region;                  // "eu-west-1"
  std::optional<std::chrono::milliseconds> deadline;  // for the whole call, retries included
};

class Caller {
 public:
  virtual ~Caller() = default;
  // Encodes *in (the struct op.input describes), sends it, retries as it sees fit, and fills *out (op.output;
  // default-initialised by the caller). Blocks. Thread-safe.
  virtual Result<> invoke(const ServiceModel& service, const Operation& op, const void* in, void* out,
                          const CallOptions& options) = 0;
};

// Generic code's way in: `call<op::CreateCluster>(caller, {…})`; the generated Clients are thin over the
// same.
template <class Op>
Result<typename Op::Output> call(Caller& caller, const typename Op::Input& in = {},
                                 const CallOptions& o = {}) {
  typename Op::Output out;
  if (auto r = caller.invoke(Op::service(), Op::desc(), &in, &out, o); !r)
    return std::unexpected(std::move(r).error());
  return out;
}

}  // namespace relight::aws
