// A rule's targets.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sandbox/services/delivery/delivery.h"
#include "sandbox/services/events/input.h"
#include "sandbox/services/events/page.h"
#include "sandbox/services/events/service.h"

namespace relight::sandbox {
using namespace rules;
namespace op = aws::events::op;

namespace {
constexpr size_t kTargetsPerRule = 5;  // "Amazon EventBridge quotas"
}

// What exists is not looked at: EventBridge finds out when it delivers.
Result<> EventsService::check_target(Region r, const api::Target& t) const {
  std::string kind = arn_service(*t.Arn);
  if (kind.empty())
    return aws_error(
        "ValidationException",
        fmt::format("Parameter {} is not valid. Reason: Provided Arn is not in correct format.", *t.Arn),
        400);
  if (kind != "sqs" && kind != "sns" && kind != "lambda")
    return aws_error(
        "NotImplemented",
        fmt::format("targets that are neither queues, topics nor functions are not built in this sandbox: {}",
                    *t.Arn),
        501);
  if (arn_region(*t.Arn) != r)
    return aws_error("ValidationException",
                     fmt::format("Provided Arn is not in the rule's region: {}", *t.Arn),
                     400);  // wording unverified
  bool fifo = kind == "sqs" && t.Arn->ends_with(".fifo");
  if (fifo && (!t.SqsParameters || !t.SqsParameters->MessageGroupId))
    return aws_error("ValidationException",
                     fmt::format("Parameter(s) SqsParameters must be specified for target: {}.", *t.Id), 400);
  if (t.DeadLetterConfig && t.DeadLetterConfig->Arn && arn_service(*t.DeadLetterConfig->Arn) != "sqs")
    return aws_error(
        "ValidationException",
        fmt::format("Parameter(s) DeadLetterConfig of target {} must be the Arn of a queue.", *t.Id), 400);
  return check_input(t);
}

Result<api::PutTargetsResponse> EventsService::put_targets(const Call& c, const api::PutTargetsRequest& in) {
  std::string key;
  TRY(find(c.region, in.EventBusName, *in.Rule, &key));
  for (auto& t : *in.Targets) TRY(check_target(c.region, t));
  auto* there = targets_.find(c.region, key);
  auto next = there && there->Targets ? *there->Targets : std::vector<api::Target>{};
  for (auto& t : *in.Targets) {
    std::erase_if(next, [&](auto& old) { return old.Id == t.Id; });
    next.push_back(t);
  }
  if (next.size() > kTargetsPerRule)
    return aws_error("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
  targets_.put(c.region, key, Targets(api::ListTargetsByRuleResponse{.Targets = std::move(next)}));
  return api::PutTargetsResponse{.FailedEntryCount = 0,
                                 .FailedEntries = std::vector<api::PutTargetsResultEntry>{}};
}

void EventsService::add_targets() {
  on<op::PutTargets>([this](const Call& c, const api::PutTargetsRequest& in) { return put_targets(c, in); });
  on<op::RemoveTargets>(
      [this](const Call& c, const api::RemoveTargetsRequest& in) -> Result<api::RemoveTargetsResponse> {
        std::string key;
        TRY(find(c.region, in.EventBusName, *in.Rule, &key));
        api::RemoveTargetsResponse out{.FailedEntryCount = 0,
                                       .FailedEntries = std::vector<api::RemoveTargetsResultEntry>{}};
        auto* there = targets_.find(c.region, key);
        auto next = there && there->Targets ? *there->Targets : std::vector<api::Target>{};
        for (auto& id : *in.Ids) {
          if (std::erase_if(next, [&](auto& t) { return t.Id == id; }) > 0) continue;
          out.FailedEntries->push_back({id, "ResourceNotFoundException",
                                        fmt::format("Rule {} does not have target {}.", *in.Rule, id)});
          ++*out.FailedEntryCount;
        }
        targets_.put(c.region, key, Targets(api::ListTargetsByRuleResponse{.Targets = std::move(next)}));
        return out;
      });
}

void EventsService::add_target_lists() {
  on<op::ListTargetsByRule>(
      [this](const Call& c,
             const api::ListTargetsByRuleRequest& in) -> Result<api::ListTargetsByRuleResponse> {
        std::string key;
        TRY(find(c.region, in.EventBusName, *in.Rule, &key));
        auto* there = targets_.find(c.region, key);
        auto all = there && there->Targets ? *there->Targets : std::vector<api::Target>{};
        api::ListTargetsByRuleResponse out;
        TRY_ASSIGN(out.NextToken, cut_events_page(all, in.NextToken, in.Limit));
        out.Targets = std::move(all);
        return out;
      });
}

}  // namespace relight::sandbox
