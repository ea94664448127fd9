// A step of one's own that is a Lambda function of the recovery region: invoked once and waited for.
#include "aws/gen/lambda.h"
#include "dr/model/duration.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

class Invocation final : public Step {
 public:
  Invocation(Site& site, CustomStep s) : s_(site), spec_(std::move(s)) {}

  Outcome advance(Context& c) override {
    aws::CallOptions where{s_.config.recovery.region, spec_.deadline};
    auto sent = act(c, "lambda:Invoke", spec_.function, [&] {
      aws::lambda::InvocationRequest in{.FunctionName = spec_.function};
      in.InvocationType = "RequestResponse";
      if (!spec_.payload.empty()) in.Payload = aws::Blob{spec_.payload};
      return aws::lambda::Client(s_.aws).Invoke(in, where);
    });
    // What was refused for want of concurrency has not run; a function that Lambda still makes ready neither.
    if (!sent && (may_pass(sent.error()) || sent.error().code == "TooManyRequestsException") &&
        c.elapsed() < spec_.deadline)
      return Waiting{spec_.function + " to answer: " + sent.error().code};
    if (!sent) return Failed{sent.error(), {"relight resume"}};
    if (sent->FunctionError)
      return Failed{{.code = "Step.Function",
                     .message = "the function failed (" + *sent->FunctionError + "); its log says why",
                     .tried = spec_.name,
                     .resource = spec_.function,
                     .region = s_.config.recovery.region,
                     .next = "mend it, then relight resume: it is invoked again"},
                    {"relight resume"}};
    return Done{{{"status", std::to_string(sent->StatusCode.value_or(0))}}};
  }

 private:
  Site& s_;
  CustomStep spec_;
};

}  // namespace

std::unique_ptr<Step> make_invocation(Site& site, const CustomStep& step) {
  return std::make_unique<Invocation>(site, step);
}

}  // namespace relight::dr
