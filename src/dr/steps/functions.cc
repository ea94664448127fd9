// The functions get the concurrency that they had: with a reserved concurrency of 0 Lambda refuses every
// call. After the database is open for writes.
#include "aws/gen/lambda.h"
#include "dr/steps/bring.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

class Functions final : public Step {
 public:
  explicit Functions(Site& s) : s_(s) {}
  Outcome advance(Context& c) override { return bring_.advance(c); }

 private:
  Result<std::string> look(Context& c, const Dormant& d) {
    aws::lambda::Client lambda(s_.aws);
    TRY_ASSIGN(auto now, lambda.GetFunctionConcurrency({.FunctionName = d.name}, s_.in_recovery()));
    if (now.ReservedConcurrentExecutions == d.low) return std::string();
    if (d.low) {
      TRY(act(c, "lambda:PutFunctionConcurrency", d.name, [&] {
        return lambda.PutFunctionConcurrency({.FunctionName = d.name, .ReservedConcurrentExecutions = *d.low},
                                             s_.in_recovery());
      }));
    } else {
      TRY(act(c, "lambda:DeleteFunctionConcurrency", d.name,
              [&] { return lambda.DeleteFunctionConcurrency({.FunctionName = d.name}, s_.in_recovery()); }));
    }
    return std::string();
  }

  Site& s_;
  Bring bring_{s_.topology.asleep(Dormant::Kind::kFunction), "functions", Millis(120000),
               [this](Context& c, const Dormant& d) { return look(c, d); }};
};

}  // namespace

std::unique_ptr<Step> make_functions(Site& site) { return std::make_unique<Functions>(site); }

}  // namespace relight::dr
