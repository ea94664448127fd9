// What all batches have in common: one to ten entries with ids of their own, each answered for itself.
#pragma once
#include <string>
#include <vector>

#include "aws/gen/sqs.h"
#include "base/result.h"

namespace relight::sandbox::queues {

// Errors EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct.
// `what` is the entry's type, which the first names.
Result<> check_batch(const std::vector<std::string>& ids, const std::string& what);
aws::sqs::BatchResultErrorEntry failed(const std::string& id, const Error& e);

template <class Entry>
std::vector<std::string> ids_of(const std::vector<Entry>& entries) {
  std::vector<std::string> out;
  for (auto& e : entries) out.push_back(e.Id.value_or(""));
  return out;
}

}  // namespace relight::sandbox::queues
