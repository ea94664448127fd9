// Messages' attributes: their rules, sizes and digests ("Amazon SQS message metadata", SQS Developer Guide).
// Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/gen/sqs.h"
#include "base/result.h"

namespace relight::sandbox::queues {
using MessageAttributes = std::map<std::string, aws::sqs::MessageAttributeValue>;

// Error InvalidParameterValue.
Result<> check_message_attributes(const MessageAttributes& all);
// Names, types and values, in bytes: part of the message's size.
size_t size_of(const MessageAttributes& all);
// "Calculating the MD5 message digest for message attributes"; lower-case hex. Nothing for no attributes.
std::optional<std::string> md5_of(const MessageAttributes& all);
// Those that ReceiveMessage's MessageAttributeNames ask for: "All", ".*", "prefix.*", or names.
MessageAttributes chosen(const MessageAttributes& all, const std::vector<std::string>& names);
// Whether the text has only characters that SQS takes (XML 1.0's), as UTF-8.
bool legal_text(std::string_view text);

}  // namespace relight::sandbox::queues
