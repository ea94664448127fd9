// The private subnets' way out: NAT gateways, which the pilot's stack makes only while its parameter says so,
// because they cost by the hour. An update of the stack with its own template, so that the code and what
// stands stay one. Before any task: one without a way out cannot fetch its image. The promotion does not wait
// for it.
#include <algorithm>

#include "aws/gen/cloudformation.h"
#include "dr/steps/bring.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {
namespace cfn = aws::cloudformation;

// A gateway takes two or three minutes on AWS.
constexpr Millis kNetworkPatience{15 * 60'000};

class Network final : public Step {
 public:
  // `wanted`: what the parameter shall say.
  Network(Site& s, const char* wanted) : s_(s), wanted_(wanted) {}
  Outcome advance(Context& c) override { return bring_.advance(c); }

 private:
  Error refused(const Dormant& d, const std::string& status, const std::string& reason) const {
    return {.code = "Failover.Network",
            .message = "its stack is " + status + (reason.empty() ? "" : ": " + reason),
            .tried = lights() ? "give the tasks their NAT gateways" : "take the NAT gateways away",
            .resource = d.name,
            .region = s_.config.recovery.region,
            .next = "aws cloudformation describe-stack-events --region " + s_.config.recovery.region +
                    " --stack-name " + d.name + " names the cause; mend it, then relight resume"};
  }

  // The stack's parameters as they are, but the one that lights.
  std::vector<cfn::Parameter> lit(const Dormant& d, const cfn::Stack& stack) const {
    std::vector<cfn::Parameter> out;
    for (auto& p : stack.Parameters.value_or(std::vector<cfn::Parameter>{})) {
      if (p.ParameterKey == d.scope)
        out.push_back({.ParameterKey = d.scope, .ParameterValue = wanted_});
      else
        out.push_back({.ParameterKey = p.ParameterKey, .UsePreviousValue = true});
    }
    return out;
  }

  Result<std::string> look(Context& c, const Dormant& d) {
    cfn::Client client(s_.aws);
    TRY_ASSIGN(auto seen, client.DescribeStacks({.StackName = d.name}, s_.in_recovery()));
    if (!seen.Stacks || seen.Stacks->empty()) return fail(refused(d, "not there", ""));
    auto& stack = seen.Stacks->front();
    auto status = stack.StackStatus.value_or("");
    if (status.ends_with("_IN_PROGRESS")) return "the stack, which is " + status;
    auto all = stack.Parameters.value_or(std::vector<cfn::Parameter>{});
    auto now = std::ranges::find(all, d.scope, [](auto& p) { return p.ParameterKey.value_or(""); });
    if (now == all.end()) return fail(refused(d, status, "it has no parameter " + d.scope));
    bool updates = status == "CREATE_COMPLETE" || status.starts_with("UPDATE_") ||
                   status == "IMPORT_COMPLETE" || status == "IMPORT_ROLLBACK_COMPLETE";
    // Once a run of this process: what CloudFormation undid it would undo again.
    bool undone = asked_ && status == "UPDATE_ROLLBACK_COMPLETE";
    if (!updates || status.ends_with("_FAILED") || undone)
      return fail(refused(d, status, stack.StackStatusReason.value_or("")));
    if (now->ParameterValue == wanted_) return std::string();
    TRY(act(c, "cloudformation:UpdateStack", d.name, [&] {
      return client.UpdateStack(
          {.StackName = d.name,
           .UsePreviousTemplate = true,
           .Parameters = lit(d, stack),
           .Capabilities = std::vector<std::string>{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}},
          s_.in_recovery());
    }));
    asked_ = true;
    return std::string(lights() ? "the stack to make its NAT gateways" : "the stack to take its NAT gateways away");
  }

  bool lights() const { return wanted_ == "true"; }

  Site& s_;
  std::string wanted_;
  bool asked_ = false;
  Bring bring_{s_.topology.asleep(Dormant::Kind::kNetwork), "networks", kNetworkPatience,
               [this](Context& c, const Dormant& d) { return look(c, d); }};
};

}  // namespace

std::unique_ptr<Step> make_network(Site& site) { return std::make_unique<Network>(site, "true"); }
std::unique_ptr<Step> make_network_off(Site& site) { return std::make_unique<Network>(site, "false"); }

}  // namespace relight::dr
