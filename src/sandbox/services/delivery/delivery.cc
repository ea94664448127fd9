#include "sandbox/services/delivery/delivery.h"

#include <fmt/format.h>

#include "aws/gen/lambda.h"
#include "aws/gen/sns.h"
#include "base/bytes.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/iam/resource_policy.h"

namespace relight::sandbox {
namespace {

std::string arn_part(const std::string& arn, size_t n) {
  auto parts = split(arn, ':');
  return parts.size() >= 6 && parts[0] == "arn" ? parts[n] : "";
}

std::string delivery_queue_url(World& w, const std::string& arn) {
  return fmt::format("{}/{}/{}", w.api_endpoint(), arn_part(arn, 4), arn_part(arn, 5));
}

std::unexpected<Error> undelivered(std::string_view reason, const Errand& e, std::string_view why) {
  Error error;
  error.code = fmt::format("Delivery.{}", reason);
  error.message = why;
  error.resource = e.target;
  return fail(std::move(error));
}

// The target's own policy; Delivery.NotFound where there is no such target.
Result<std::string> target_policy(World& w, const Errand& e) {
  std::string kind = arn_service(e.target), region = arn_region(e.target);
  if (kind == "sqs") {
    auto r = w.call<aws::sqs::op::GetQueueAttributes>(
        region,
        {.QueueUrl = delivery_queue_url(w, e.target), .AttributeNames = std::vector<std::string>{"Policy"}});
    if (!r) return undelivered("NotFound", e, r.error().message);
    return r->Attributes && r->Attributes->contains("Policy") ? r->Attributes->at("Policy") : "";
  }
  if (kind == "sns") {
    auto r = w.call<aws::sns::op::GetTopicAttributes>(region, {.TopicArn = e.target});
    if (!r) return undelivered("NotFound", e, r.error().message);
    return r->Attributes && r->Attributes->contains("Policy") ? r->Attributes->at("Policy") : "";
  }
  aws::lambda::GetPolicyRequest in;
  in.FunctionName = e.target;
  auto r = w.call<aws::lambda::op::GetPolicy>(region, in);
  if (r) return r->Policy.value_or("");
  // A function without a policy is answered as a missing one: it may exist, but lets nobody.
  return undelivered("NotPermitted", e, r.error().message);
}

std::string delivery_action(const std::string& kind) {
  return kind == "sqs" ? "sqs:SendMessage" : kind == "sns" ? "sns:Publish" : "lambda:InvokeFunction";
}

Result<> hand_to_queue(World& w, const Errand& e, const Parcel& p) {
  aws::sqs::SendMessageRequest in;
  in.QueueUrl = delivery_queue_url(w, e.target);
  in.MessageBody = p.body;
  if (!p.attributes.empty()) in.MessageAttributes = p.attributes;
  if (!p.group.empty()) in.MessageGroupId = p.group;
  if (!p.deduplication.empty()) in.MessageDeduplicationId = p.deduplication;
  TRY(w.call<aws::sqs::op::SendMessage>(arn_region(e.target), in));
  return {};
}

Result<> hand_to_topic(World& w, const Errand& e, const Parcel& p) {
  aws::sns::PublishInput in;
  in.TopicArn = e.target;
  in.Message = p.body;
  if (!p.subject.empty()) in.Subject = p.subject;
  if (!p.group.empty()) in.MessageGroupId = p.group;
  if (!p.deduplication.empty()) in.MessageDeduplicationId = p.deduplication;
  TRY(w.call<aws::sns::op::Publish>(arn_region(e.target), in));
  return {};
}

Result<> hand_to_function(World& w, const Errand& e, const Parcel& p) {
  aws::lambda::InvocationRequest in;
  in.FunctionName = e.target;
  in.InvocationType = "Event";
  in.Payload = aws::Blob{p.body};
  TRY(w.call<aws::lambda::op::Invoke>(arn_region(e.target), in));
  return {};
}

}  // namespace

std::string arn_service(const std::string& arn) { return arn_part(arn, 2); }
std::string arn_region(const std::string& arn) { return arn_part(arn, 3); }

Result<> may_deliver(World& w, const Errand& e) {
  std::string kind = arn_service(e.target), region = arn_region(e.target);
  if (kind != "sqs" && kind != "sns" && kind != "lambda")
    return undelivered("Kind", e, "it is no queue, topic or function");
  if (region != e.region && !w.links().connected(region, e.region))
    return undelivered("Unreachable", e, fmt::format("{} cannot be reached from {}", region, e.region));
  if (!w.links().up(region)) return undelivered("Unreachable", e, region + " is lost");
  TRY_ASSIGN(std::string policy, target_policy(w, e));
  Ask ask{delivery_action(kind), e.target, {{"aws:SourceArn", e.source}, {"aws:SourceAccount", w.account()}}};
  // A topic's first policy lets its account's alarms publish by this key; other services do not send it
  // ("Amazon SNS, access control use cases").
  if (e.service == "cloudwatch.amazonaws.com") ask.keys["aws:SourceOwner"] = w.account();
  if (lets_service(policy, e.service, ask)) return {};
  return undelivered("NotPermitted", e,
                     fmt::format("its policy does not let {} do {} for {}", e.service, ask.action, e.source));
}

Result<> deliver(World& w, const Errand& e, const Parcel& p) {
  TRY(may_deliver(w, e));
  std::string kind = arn_service(e.target);
  if (kind == "sqs") return hand_to_queue(w, e, p);
  return kind == "sns" ? hand_to_topic(w, e, p) : hand_to_function(w, e, p);
}

}  // namespace relight::sandbox
