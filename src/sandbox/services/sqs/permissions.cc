// AddPermission and RemovePermission: statements of the queue's policy ("Amazon SQS API Reference",
// AddPermission).
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sandbox/services/sqs/service.h"

namespace relight::sandbox {
using namespace queues;
namespace op = aws::sqs::op;

namespace {

using QueuePolicyJson = nlohmann::ordered_json;

QueuePolicyJson queue_policy(const Queue& q, const std::string& arn) {
  auto it = q.attributes.find("Policy");
  auto j = it == q.attributes.end() ? QueuePolicyJson() : QueuePolicyJson::parse(it->second, nullptr, false);
  if (!j.is_object()) j = {{"Version", "2012-10-17"}, {"Id", arn + "/SQSDefaultPolicy"}};
  if (!j.contains("Statement")) j["Statement"] = QueuePolicyJson::array();
  if (!j["Statement"].is_array()) j["Statement"] = QueuePolicyJson::array({j["Statement"]});
  return j;
}

bool has_label(const QueuePolicyJson& statement, const std::string& label) {
  return statement.is_object() && statement.contains("Sid") && statement["Sid"] == label;
}

}  // namespace

void SqsService::add_permissions() {
  on<op::AddPermission>([this](const Call& c,
                               const api::AddPermissionRequest& in) -> Result<api::AddPermissionOutput_> {
    TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
    auto policy = queue_policy(*q, arn_of(c.region, q->name));
    for (auto& s : policy["Statement"])
      if (has_label(s, *in.Label))
        return aws_error(
            "InvalidParameterValue",
            fmt::format("Value {} for parameter Label is invalid. Reason: Already exists.", *in.Label), 400);
    if (in.Actions->size() > 7) return aws_error("OverLimit", "7 actions per statement is the limit.", 403);
    auto who = QueuePolicyJson::array(), what = QueuePolicyJson::array();
    for (auto& id : *in.AWSAccountIds) who.push_back(fmt::format("arn:aws:iam::{}:root", id));
    for (auto& a : *in.Actions) {
      if (a != "*" && !model().find(a))
        return aws_error(
            "InvalidParameterValue",
            fmt::format("Value SQS:{} for parameter ActionName is invalid. Reason: Please refer to the "
                        "appropriate WSDL for a list of valid actions.",
                        a),
            400);
      what.push_back("SQS:" + a);
    }
    policy["Statement"].push_back({{"Sid", *in.Label},
                                   {"Effect", "Allow"},
                                   {"Principal", {{"AWS", who}}},
                                   {"Action", what},
                                   {"Resource", arn_of(c.region, q->name)}});
    q->attributes["Policy"] = policy.dump();
    queues_.save(c.region, q->name, *q);
    return api::AddPermissionOutput_{};
  });
  on<op::RemovePermission>(
      [this](const Call& c, const api::RemovePermissionRequest& in) -> Result<api::RemovePermissionOutput_> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        auto policy = queue_policy(*q, arn_of(c.region, q->name));
        auto kept = QueuePolicyJson::array();
        for (auto& s : policy["Statement"])
          if (!has_label(s, *in.Label)) kept.push_back(s);
        if (kept.size() == policy["Statement"].size())
          return aws_error(
              "InvalidParameterValue",
              fmt::format(
                  "Value {} for parameter Label is invalid. Reason: can't find label on existing policy.",
                  *in.Label),
              400);
        if (kept.empty()) {
          q->attributes.erase("Policy");
        } else {
          policy["Statement"] = std::move(kept);
          q->attributes["Policy"] = policy.dump();
        }
        queues_.save(c.region, q->name, *q);
        return api::RemovePermissionOutput_{};
      });
}

}  // namespace relight::sandbox
