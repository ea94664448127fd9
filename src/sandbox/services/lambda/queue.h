// SQS as an event source: queues by ARN, messages as the records a function gets, answers that name failures.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "aws/gen/sqs.h"
#include "sandbox/world/world.h"

namespace relight::sandbox::functions {

struct Queue {
  std::string region, account, name;
};
std::optional<Queue> queue_of(const std::string& arn);  // nullopt: not an SQS queue

Result<std::string> queue_url(World& w, const Queue& q);
// That it is there and hides what was received for at least as long as the function may run. Error
// "InvalidParameterValueException".
Result<> check_queue(World& w, const Queue& q, int function_timeout_s);
// At most `max`, without waiting.
Result<std::vector<aws::sqs::Message>> receive(World& w, const Queue& q, const std::string& url, int max);

// "Using Lambda with Amazon SQS": the event of a batch.
std::string sqs_event(const std::vector<aws::sqs::Message>& batch, const std::string& queue_arn,
                      const std::string& region);
// The ids that the function says it could not deal with (ReportBatchItemFailures). nullopt: the answer makes
// no sense, so all of them count as failed.
std::optional<std::set<std::string>> failed_items(const std::string& answer);

}  // namespace relight::sandbox::functions
