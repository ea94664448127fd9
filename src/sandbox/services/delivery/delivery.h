// Handing something to a queue, a topic or a function in the name of another resource, as AWS's services do.
#pragma once
#include <map>
#include <string>

#include "aws/gen/sqs.h"
#include "sandbox/world/world.h"

namespace relight::sandbox {

// On whose behalf, and to whom.
struct Errand {
  std::string service;  // principal: "s3.amazonaws.com"
  std::string source;   // ARN of the bucket, topic, rule or alarm
  std::string target;   // ARN of a queue, topic or function
  std::string region;   // of the source
};

struct Parcel {
  std::string body;
  std::string subject;                                                // topics
  std::map<std::string, aws::sqs::MessageAttributeValue> attributes;  // queues
  std::string group, deduplication;                                   // FIFO queues and topics
};

// "sqs", "sns", "lambda", …: an ARN's third part; "" if it is none.
std::string arn_service(const std::string& arn);
std::string arn_region(const std::string& arn);

// Under the world's lock, both. Errors: "Delivery.NotFound", "Delivery.NotPermitted", "Delivery.Unreachable"
// (its region is lost or cut off), "Delivery.Kind" (an ARN of another service), or what the target itself
// answered.
Result<> may_deliver(World& w, const Errand& e);
// Asks may_deliver first. Functions are invoked asynchronously (InvocationType Event).
Result<> deliver(World& w, const Errand& e, const Parcel& p);

}  // namespace relight::sandbox
