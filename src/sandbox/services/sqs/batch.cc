#include "sandbox/services/sqs/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::queues {

Result<> check_batch(const std::vector<std::string>& ids, const std::string& what) {
  constexpr size_t kEntries = 10;
  if (ids.empty())
    return aws_error("EmptyBatchRequest",
                     fmt::format("There should be at least one {} in the request.", what));
  if (ids.size() > kEntries)
    return aws_error(
        "TooManyEntriesInBatchRequest",
        fmt::format("Maximum number of entries per request are {}. You have sent {}.", kEntries, ids.size()));
  std::set<std::string> seen;
  for (auto& id : ids) {
    bool good = !id.empty() && id.size() <= 80 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
      return std::isalnum(c) || c == '-' || c == '_';
    });
    if (!good)
      return aws_error("InvalidBatchEntryId",
                       "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
                       "It can be at most 80 "
                       "letters long.");
    if (!seen.insert(id).second)
      return aws_error("BatchEntryIdsNotDistinct", fmt::format("Id {} repeated.", id));
  }
  return {};
}

aws::sqs::BatchResultErrorEntry failed(const std::string& id, const Error& e) {
  return {.Id = id, .SenderFault = e.http_status < 500, .Code = e.code, .Message = e.message};
}

}  // namespace relight::sandbox::queues
