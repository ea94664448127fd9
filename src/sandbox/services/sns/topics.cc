// Topics made, listed, changed, deleted, tagged; permissions.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "sandbox/services/sns/service.h"

namespace relight::sandbox {
using namespace topics;
namespace op = aws::sns::op;

namespace {

using TopicPolicyJson = nlohmann::ordered_json;
constexpr size_t kTopicPage = 100, kTopicTags = 50;
constexpr auto kTopicAttributes = std::to_array<std::string_view>(
    {"Policy", "DisplayName", "DeliveryPolicy", "KmsMasterKeyId", "FifoTopic", "ContentBasedDeduplication",
     "SignatureVersion", "TracingConfig", "SQSSuccessFeedbackRoleArn", "SQSFailureFeedbackRoleArn",
     "LambdaSuccessFeedbackRoleArn", "LambdaFailureFeedbackRoleArn"});

std::unexpected<Error> bad_topic(std::string_view why) {
  return aws_error("InvalidParameterException", fmt::format("Invalid parameter: {}", why));
}

// The policy of a topic that nobody gave one ("Amazon SNS, GetTopicAttributes", example response).
std::string first_policy(const std::string& arn, const std::string& account) {
  auto actions = TopicPolicyJson::array();
  for (auto* a : {"GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission",
                  "DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish"})
    actions.push_back(std::string("SNS:") + a);
  TopicPolicyJson statement{{"Sid", "__default_statement_ID"},
                            {"Effect", "Allow"},
                            {"Principal", {{"AWS", "*"}}},
                            {"Action", actions},
                            {"Resource", arn},
                            {"Condition", {{"StringEquals", {{"AWS:SourceOwner", account}}}}}};
  return TopicPolicyJson{{"Version", "2008-10-17"},
                         {"Id", "__default_policy_ID"},
                         {"Statement", TopicPolicyJson::array({statement})}}
      .dump();
}

Result<> check_topic_attribute(const std::string& name, const std::string& value, bool fifo) {
  if (std::find(kTopicAttributes.begin(), kTopicAttributes.end(), name) == kTopicAttributes.end())
    return bad_topic("AttributeName");
  bool flag = name == "FifoTopic" || name == "ContentBasedDeduplication";
  if (flag && !fifo && name != "FifoTopic")
    return bad_topic("Content-based deduplication can only be set for FIFO topics");
  if (flag && value != "true" && value != "false")
    return bad_topic(fmt::format("{} must be true or false", name));
  if ((name == "Policy" || name == "DeliveryPolicy") && !value.empty() &&
      !nlohmann::json::parse(value, nullptr, false).is_object())
    return bad_topic(fmt::format("{} Error: it is no JSON object", name));
  if (name == "DisplayName" && value.size() > 100) return bad_topic("DisplayName");
  return {};
}

Result<> check_topic_name(const std::string& name, bool fifo) {
  std::string stem = fifo && name.ends_with(".fifo") ? name.substr(0, name.size() - 5) : name;
  if (fifo != name.ends_with(".fifo"))
    return bad_topic(
        "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII "
        "letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.");
  bool good = !stem.empty() && name.size() <= 256 &&
              std::all_of(stem.begin(), stem.end(),
                          [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  return good ? Result<>{} : bad_topic("Topic Name");
}

Result<> put_topic_tags(Topic& t, const std::vector<api::Tag>& tags) {
  auto next = t.tags;
  for (auto& tag : tags) {
    if (tag.Key->starts_with("aws:"))
      return bad_topic("Tag keys must not begin with aws:");  // wording unverified
    next[*tag.Key] = *tag.Value;
  }
  if (next.size() > kTopicTags)
    return aws_error("TagLimitExceededException",
                     "Could not complete request: tag quota of per resource exceeded");
  t.tags = std::move(next);
  return {};
}

TopicPolicyJson topic_statements(const std::string& policy) {
  auto j = TopicPolicyJson::parse(policy, nullptr, false);
  if (!j.is_object()) j = {{"Version", "2008-10-17"}};
  if (!j.contains("Statement")) j["Statement"] = TopicPolicyJson::array();
  if (!j["Statement"].is_array()) j["Statement"] = TopicPolicyJson::array({j["Statement"]});
  return j;
}

}  // namespace

Result<api::CreateTopicResponse> SnsService::create(const Call& c, const api::CreateTopicInput& in) {
  Topic t;
  t.name = *in.Name;
  if (in.Attributes) t.attributes = *in.Attributes;
  auto it = t.attributes.find("FifoTopic");
  TRY(check_topic_name(t.name, it != t.attributes.end() && it->second == "true"));
  for (auto& [name, value] : t.attributes) TRY(check_topic_attribute(name, value, t.fifo()));
  if (in.Tags) TRY(put_topic_tags(t, *in.Tags));
  std::string arn = arn_of(c.region, t.name);
  if (auto* there = topics_.find(c.region, t.name)) {
    auto effective = attributes_of(c.region, *there);
    for (auto& [name, value] : t.attributes)
      if (effective[name] != value)
        return bad_topic("Attributes Reason: Topic already exists with different attributes");
    if (in.Tags && t.tags != there->tags)
      return bad_topic("Tags Reason: Topic already exists with different tags");
    return api::CreateTopicResponse{arn};
  }
  t.attributes.try_emplace("Policy", first_policy(arn, world_.account()));
  std::string name = t.name;
  topics_.put(c.region, name, std::move(t));
  return api::CreateTopicResponse{arn};
}

void SnsService::add_topics() {
  on<op::CreateTopic>([this](const Call& c, const api::CreateTopicInput& in) { return create(c, in); });
  // Deleting what is not there succeeds (DeleteTopic, API Reference: "This action is idempotent").
  on<op::DeleteTopic>(
      [this](const Call& c, const api::DeleteTopicInput& in) -> Result<api::DeleteTopicOutput_> {
        auto t = find(c.region, in.TopicArn);
        if (!t && t.error().code != "NotFoundException") return std::unexpected(t.error());
        if (!t) return api::DeleteTopicOutput_{};
        for (auto* s : subscriptions_of(c.region, *in.TopicArn))
          subscriptions_.erase(c.region, std::string(s->arn));
        topics_.erase(c.region, std::string((*t)->name));
        return api::DeleteTopicOutput_{};
      });
  on<op::ListTopics>(
      [this](const Call& c, const api::ListTopicsInput& in) -> Result<api::ListTopicsResponse> {
        api::ListTopicsResponse out;
        out.Topics.emplace();
        for (auto& [name, t] : topics_.in(c.region)) {
          if (in.NextToken && name <= *in.NextToken) continue;
          if (out.Topics->size() == kTopicPage) {
            out.NextToken = out.Topics->back().TopicArn->substr(arn_of(c.region, "").size());
            break;
          }
          out.Topics->push_back({arn_of(c.region, name)});
        }
        return out;
      });
}

std::map<std::string, std::string> SnsService::attributes_of(Region r, const Topic& t) {
  auto out = t.attributes;
  std::string arn = arn_of(r, t.name);
  size_t pending = 0, confirmed = 0;
  for (auto* s : subscriptions_of(r, arn)) ++(s->token.empty() ? confirmed : pending);
  out["TopicArn"] = arn;
  out["Owner"] = world_.account();
  out["SubscriptionsConfirmed"] = std::to_string(confirmed);
  out["SubscriptionsPending"] = std::to_string(pending);
  out["SubscriptionsDeleted"] = "0";
  out.emplace("DisplayName", "");
  if (t.fifo()) out.emplace("ContentBasedDeduplication", "false");
  return out;
}

void SnsService::add_topic_attributes() {
  on<op::GetTopicAttributes>(
      [this](const Call& c,
             const api::GetTopicAttributesInput& in) -> Result<api::GetTopicAttributesResponse> {
        TRY_ASSIGN(auto* t, find(c.region, in.TopicArn));
        return api::GetTopicAttributesResponse{attributes_of(c.region, *t)};
      });
  on<op::SetTopicAttributes>(
      [this](const Call& c,
             const api::SetTopicAttributesInput& in) -> Result<api::SetTopicAttributesOutput_> {
        TRY_ASSIGN(auto* t, find(c.region, in.TopicArn));
        std::string value = in.AttributeValue.value_or("");
        if (*in.AttributeName == "FifoTopic") return bad_topic("AttributeName");
        TRY(check_topic_attribute(*in.AttributeName, value, t->fifo()));
        if (!value.empty())
          t->attributes[*in.AttributeName] = value;
        else if (*in.AttributeName == "Policy")
          t->attributes["Policy"] = first_policy(*in.TopicArn, world_.account());
        else
          t->attributes.erase(*in.AttributeName);
        topics_.save(c.region, t->name, *t);
        return api::SetTopicAttributesOutput_{};
      });
}

void SnsService::add_permissions() {
  on<op::AddPermission>(
      [this](const Call& c, const api::AddPermissionInput& in) -> Result<api::AddPermissionOutput_> {
        TRY_ASSIGN(auto* t, find(c.region, in.TopicArn));
        auto policy = topic_statements(t->attributes["Policy"]);
        for (auto& s : policy["Statement"])
          if (s.value("Sid", "") == *in.Label) return bad_topic("Statement already exists");
        auto who = TopicPolicyJson::array(), what = TopicPolicyJson::array();
        for (auto& id : *in.AWSAccountId) who.push_back(fmt::format("arn:aws:iam::{}:root", id));
        for (auto& a : *in.ActionName) {
          if (a != "*" && !model().find(a)) return bad_topic("Policy statement action out of service scope!");
          what.push_back("SNS:" + a);
        }
        policy["Statement"].push_back({{"Sid", *in.Label},
                                       {"Effect", "Allow"},
                                       {"Principal", {{"AWS", who}}},
                                       {"Action", what},
                                       {"Resource", *in.TopicArn}});
        t->attributes["Policy"] = policy.dump();
        topics_.save(c.region, t->name, *t);
        return api::AddPermissionOutput_{};
      });
  on<op::RemovePermission>(
      [this](const Call& c, const api::RemovePermissionInput& in) -> Result<api::RemovePermissionOutput_> {
        TRY_ASSIGN(auto* t, find(c.region, in.TopicArn));
        auto policy = topic_statements(t->attributes["Policy"]);
        auto kept = TopicPolicyJson::array();
        for (auto& s : policy["Statement"])
          if (s.value("Sid", "") != *in.Label) kept.push_back(s);
        policy["Statement"] = std::move(kept);
        t->attributes["Policy"] = policy.dump();
        topics_.save(c.region, t->name, *t);
        return api::RemovePermissionOutput_{};
      });
}

void SnsService::add_tags() {
  auto missing = [](const Error&) {
    return aws_error("ResourceNotFoundException", "Resource does not exist");
  };
  on<op::TagResource>(
      [this, missing](const Call& c, const api::TagResourceRequest& in) -> Result<api::TagResourceResponse> {
        auto t = find(c.region, in.ResourceArn);
        if (!t) return missing(t.error());
        TRY(put_topic_tags(**t, *in.Tags));
        topics_.save(c.region, (*t)->name, **t);
        return api::TagResourceResponse{};
      });
  on<op::UntagResource>(
      [this, missing](const Call& c,
                      const api::UntagResourceRequest& in) -> Result<api::UntagResourceResponse> {
        auto t = find(c.region, in.ResourceArn);
        if (!t) return missing(t.error());
        for (auto& key : *in.TagKeys) (*t)->tags.erase(key);
        topics_.save(c.region, (*t)->name, **t);
        return api::UntagResourceResponse{};
      });
  on<op::ListTagsForResource>(
      [this, missing](const Call& c,
                      const api::ListTagsForResourceRequest& in) -> Result<api::ListTagsForResourceResponse> {
        auto t = find(c.region, in.ResourceArn);
        if (!t) return missing(t.error());
        api::ListTagsForResourceResponse out;
        out.Tags.emplace();
        for (auto& [k, v] : (*t)->tags) out.Tags->push_back({k, v});
        return out;
      });
}

}  // namespace relight::sandbox
