// Queues made, found, listed, changed, emptied, deleted, tagged.
#include "sandbox/services/sqs/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "sandbox/services/sqs/attributes.h"

namespace relight::sandbox {
using namespace queues;
namespace op = aws::sqs::op;

namespace {

constexpr Millis kQueueMinute{60'000};  // PurgeQueue once, a deleted queue's name again
constexpr size_t kQueueTags = 50;

// "…/000000000000/NAME", whatever stands before: a client may know the sandbox by another name.
std::string queue_name_in(const std::string& url) {
  if (url.starts_with("arn:")) return "";
  return url.substr(url.rfind('/') + 1);
}

template <class T>
Result<std::optional<std::string>> cut_page(std::vector<T>& all, const std::optional<std::string>& token,
                                            std::optional<int32_t> max) {
  if (max && (*max < 1 || *max > 1000))
    return aws_error(
        "InvalidParameterValue",
        fmt::format(
            "Value {} for parameter MaxResults is invalid. Reason: Must be an integer from 1 to 1000.", *max),
        400);
  size_t from = 0, n = static_cast<size_t>(max.value_or(1000));
  if (token && std::from_chars(token->data(), token->data() + token->size(), from).ec != std::errc{})
    return aws_error("InvalidParameterValue", "Invalid or expired next token.", 400);
  from = std::min(from, all.size());
  size_t to = std::min(all.size(), from + n);
  std::optional<std::string> next;
  if (to < all.size() && max)
    next = std::to_string(to);  // without MaxResults there is no token (ListQueues, API Reference)
  all = std::vector<T>(all.begin() + static_cast<std::ptrdiff_t>(from),
                       all.begin() + static_cast<std::ptrdiff_t>(to));
  return next;
}

Result<> put_queue_tags(Queue& q, const std::map<std::string, std::string>& tags) {
  auto next = q.tags;
  for (auto& [k, v] : tags) {
    if (k.empty() || k.size() > 128 || v.size() > 256 || k.starts_with("aws:"))
      return aws_error("InvalidParameterValue", fmt::format("Tag key {} is not valid.", k),
                       400);  // wording unverified
    next[k] = v;
  }
  if (next.size() > kQueueTags)
    return aws_error("InvalidParameterValue", "Too many tags added for queue " + q.name + ".", 400);
  q.tags = std::move(next);
  return {};
}

std::string seconds_of(Instant t) { return std::to_string(t.time_since_epoch().count() / 1000); }

}  // namespace

std::string Repeat::save() const {
  return nlohmann::json{{"message", message},
                        {"queue", queue},
                        {"id", id},
                        {"sequence", sequence},
                        {"sent", sent.time_since_epoch().count()}}
      .dump();
}
Result<Repeat> Repeat::load(const std::string& text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Store.Malformed", "a deduplication that is no JSON object");
  return Repeat{j.value("message", ""), j.value("queue", ""), j.value("id", ""),
                j.value("sequence", int64_t{0}), Instant{Millis{j.value("sent", int64_t{0})}}};
}

SqsService::SqsService(World& w)
    : Service(w, api::model()),
      queues_(w, "sqs/queues"),
      messages_(w, "sqs/messages"),
      repeats_(w, "sqs/repeats") {
  add_queues();
  add_lists();
  add_attributes();
  add_tags();
  add_permissions();
  add_send();
  add_receive();
  add_delete();
  add_visibility();
  for (auto& r : w.settings.regions) {
    for (auto& [key, m] : messages_.in(r)) {
      live(r, m.queue).line.add(m);
      last_sequence_ = std::max(last_sequence_, m.sequence);
    }
    auto& ages = repeats_by_age_[r];
    for (auto& [key, repeat] : repeats_.in(r)) ages.emplace_back(repeat.sent, key);
    std::sort(ages.begin(), ages.end());
  }
}

std::string SqsService::url_of(const std::string& name) const {
  return fmt::format("{}/{}/{}", world_.api_endpoint(), world_.account(), name);
}
std::string SqsService::arn_of(Region r, const std::string& name) const {
  return fmt::format("arn:aws:sqs:{}:{}:{}", r, world_.account(), name);
}

Result<Queue*> SqsService::find(Region r, const std::optional<std::string>& url) {
  if (auto* q = queues_.find(r, queue_name_in(url.value_or("")))) return q;
  return aws_error("QueueDoesNotExist", "The specified queue does not exist.", 400);
}

// A dead letter queue stands in the same region and is of the same kind ("Using dead-letter queues in Amazon
// SQS").
Result<> SqsService::check_redrive(Region r, const Queue& q, const std::map<std::string, std::string>& next) {
  auto it = next.find("RedrivePolicy");
  if (it == next.end() || it->second.empty()) return {};
  auto redrive = parse_redrive(it->second);
  std::string prefix = arn_of(r, "");
  auto refused = [&](std::string_view why) {
    return aws_error(
        "InvalidParameterValue",
        fmt::format("Value {} for parameter RedrivePolicy is invalid. Reason: {}", it->second, why), 400);
  };
  auto* target = redrive && redrive->target.starts_with(prefix)
                     ? queues_.find(r, redrive->target.substr(prefix.size()))
                     : nullptr;
  if (!target) return refused("Dead letter target does not exist.");
  if (target->fifo() != q.fifo())
    return refused("Dead-letter queue must be same type of queue as the source.");
  auto allow = target->attributes.find("RedriveAllowPolicy");
  if (allow != target->attributes.end() && !allows_redrive(allow->second, arn_of(r, q.name)))
    return refused(
        "The dead-letter queue's redrive allow policy does not permit this source.");  // wording unverified
  return {};
}

Result<Queue> SqsService::draft(const Call& c, const api::CreateQueueRequest& in) {
  Queue q;
  q.name = *in.QueueName;
  q.attributes = in.Attributes.value_or(std::map<std::string, std::string>{});
  auto it = q.attributes.find("FifoQueue");
  TRY(check_queue_name(q.name, it != q.attributes.end() && it->second == "true"));
  TRY(check_attributes(q.attributes, q.fifo()));
  std::erase_if(q.attributes, [](auto& a) { return a.second.empty(); });
  TRY(check_redrive(c.region, q, q.attributes));
  if (in.tags) TRY(put_queue_tags(q, *in.tags));
  q.created = q.modified = world_.clock.now();
  return q;
}

void SqsService::add_queues() {
  on<op::CreateQueue>([this](const Call& c,
                             const api::CreateQueueRequest& in) -> Result<api::CreateQueueResult> {
    TRY_ASSIGN(Queue q, draft(c, in));
    if (auto* there = queues_.find(c.region, q.name)) {
      auto effective = attributes_of(c.region, *there);
      for (auto& [name, value] : q.attributes)
        if (effective[name] != value)
          return aws_error(
              "QueueNameExists",
              fmt::format("A queue already exists with the same name and a different value for attribute {}",
                          name));
      return api::CreateQueueResult{url_of(q.name)};
    }
    auto gone = deleted_.find(c.region + "|" + q.name);
    if (gone != deleted_.end() && world_.clock.now() < gone->second + world_.pace(kQueueMinute))
      return aws_error("QueueDeletedRecently",
                       "You must wait 60 seconds after deleting a queue before you can create another with "
                       "the same name.");
    std::string name = q.name;
    queues_.put(c.region, name, std::move(q));
    return api::CreateQueueResult{url_of(name)};
  });
  on<op::DeleteQueue>(
      [this](const Call& c, const api::DeleteQueueRequest& in) -> Result<api::DeleteQueueOutput_> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        std::string name = q->name;
        clear(c.region, name);
        for (auto& w : std::exchange(live(c.region, name).waiters, {}))
          w.answer(aws_error("QueueDoesNotExist", "The specified queue does not exist.", 400));
        std::vector<std::string> keys;
        for (auto& [key, repeat] : repeats_.in(c.region))
          if (repeat.queue == name) keys.push_back(key);
        for (auto& key : keys) repeats_.erase(c.region, key);
        queues_.erase(c.region, name);
        deleted_[c.region + "|" + name] = world_.clock.now();
        return {};
      });
  on<op::PurgeQueue>([this](const Call& c, const api::PurgeQueueRequest& in) { return purge(c, in); });
}

void SqsService::clear(Region r, const std::string& name) {
  auto messages = live(r, name).line.messages();
  for (auto& [sequence, m] : messages) drop(r, *m);
}

Result<api::PurgeQueueOutput_> SqsService::purge(const Call& c, const api::PurgeQueueRequest& in) {
  TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
  auto now = world_.clock.now();
  if (now < q->purged + world_.pace(kQueueMinute))
    return aws_error(
        "PurgeQueueInProgress",
        fmt::format("Only one PurgeQueue operation on {} is allowed every 60 seconds.", q->name));
  clear(c.region, q->name);
  q->purged = now;
  queues_.save(c.region, q->name, *q);
  return api::PurgeQueueOutput_{};
}

void SqsService::add_lists() {
  on<op::GetQueueUrl>(
      [this](const Call& c, const api::GetQueueUrlRequest& in) -> Result<api::GetQueueUrlResult> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueName));
        if (in.QueueOwnerAWSAccountId.value_or(world_.account()) != world_.account())
          return aws_error("QueueDoesNotExist", "The specified queue does not exist.", 400);
        return api::GetQueueUrlResult{url_of(q->name)};
      });
  on<op::ListQueues>(
      [this](const Call& c, const api::ListQueuesRequest& in) -> Result<api::ListQueuesResult> {
        std::vector<std::string> all;
        for (auto& [name, q] : queues_.in(c.region))
          if (name.starts_with(in.QueueNamePrefix.value_or(""))) all.push_back(url_of(name));
        TRY_ASSIGN(auto next, cut_page(all, in.NextToken, in.MaxResults));
        api::ListQueuesResult out;
        if (!all.empty()) out.QueueUrls = std::move(all);
        out.NextToken = next;
        return out;
      });
  on<op::ListDeadLetterSourceQueues>([this](const Call& c, const api::ListDeadLetterSourceQueuesRequest& in)
                                         -> Result<api::ListDeadLetterSourceQueuesResult> {
    TRY_ASSIGN(auto* target, find(c.region, in.QueueUrl));
    std::vector<std::string> all;
    for (auto& [name, q] : queues_.in(c.region)) {
      auto it = q.attributes.find("RedrivePolicy");
      auto redrive = it == q.attributes.end() ? std::nullopt : parse_redrive(it->second);
      if (redrive && redrive->target == arn_of(c.region, target->name)) all.push_back(url_of(name));
    }
    TRY_ASSIGN(auto next, cut_page(all, in.NextToken, in.MaxResults));
    return api::ListDeadLetterSourceQueuesResult{.queueUrls = std::move(all), .NextToken = next};
  });
}

// Everything that "All" shows. The counts are exact here, which "Approximate" allows.
std::map<std::string, std::string> SqsService::attributes_of(Region r, const Queue& q) {
  std::map<std::string, std::string> out = q.attributes;
  for (auto* name : {"VisibilityTimeout", "DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod",
                     "ReceiveMessageWaitTimeSeconds", "SqsManagedSseEnabled"})
    out.emplace(name, default_of(name));
  if (q.fifo())
    for (auto* name : {"ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"})
      out.emplace(name, default_of(name));
  if (q.attributes.contains("KmsMasterKeyId")) out["SqsManagedSseEnabled"] = "false";
  auto count = live(r, q.name).line.count(world_.clock.now());
  out["ApproximateNumberOfMessages"] = std::to_string(count.visible);
  out["ApproximateNumberOfMessagesNotVisible"] = std::to_string(count.in_flight);
  out["ApproximateNumberOfMessagesDelayed"] = std::to_string(count.delayed);
  out["QueueArn"] = arn_of(r, q.name);
  out["CreatedTimestamp"] = seconds_of(q.created);
  out["LastModifiedTimestamp"] = seconds_of(q.modified);
  return out;
}

void SqsService::add_attributes() {
  on<op::GetQueueAttributes>(
      [this](const Call& c,
             const api::GetQueueAttributesRequest& in) -> Result<api::GetQueueAttributesResult> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        drop_expired(c.region, *q);
        auto all = attributes_of(c.region, *q);
        api::GetQueueAttributesResult out;
        for (auto& name : in.AttributeNames.value_or(std::vector<std::string>{})) {
          if (!known_attribute(name))
            return aws_error("InvalidAttributeName", fmt::format("Unknown Attribute {}.", name));
          if (!out.Attributes) out.Attributes.emplace();
          if (name == "All")
            *out.Attributes = all;
          else if (auto it = all.find(name); it != all.end())
            (*out.Attributes)[name] = it->second;
        }
        return out;
      });
  on<op::SetQueueAttributes>(
      [this](const Call& c, const api::SetQueueAttributesRequest& in) { return set_attributes(c, in); });
}

Result<api::SetQueueAttributesOutput_> SqsService::set_attributes(const Call& c,
                                                                  const api::SetQueueAttributesRequest& in) {
  TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
  auto next = q->attributes;
  for (auto& [name, value] : *in.Attributes) {
    // "FifoQueue: you can't change it" (SetQueueAttributes): the same value is taken.
    if (name == "FifoQueue" && q->fifo() && value != "true")
      return aws_error("InvalidAttributeValue", "Modifying queue type is not supported.", 400);
    next[name] = value;
  }
  TRY(check_attributes(next, q->fifo()));
  TRY(check_redrive(c.region, *q, *in.Attributes));
  std::erase_if(next, [](auto& a) { return a.second.empty(); });
  q->attributes = std::move(next);
  q->modified = world_.clock.now();
  queues_.save(c.region, q->name, *q);
  return api::SetQueueAttributesOutput_{};
}

void SqsService::add_tags() {
  on<op::TagQueue>([this](const Call& c, const api::TagQueueRequest& in) -> Result<api::TagQueueOutput_> {
    TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
    TRY(put_queue_tags(*q, *in.Tags));
    queues_.save(c.region, q->name, *q);
    return api::TagQueueOutput_{};
  });
  on<op::UntagQueue>(
      [this](const Call& c, const api::UntagQueueRequest& in) -> Result<api::UntagQueueOutput_> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        for (auto& key : *in.TagKeys) q->tags.erase(key);
        queues_.save(c.region, q->name, *q);
        return api::UntagQueueOutput_{};
      });
  on<op::ListQueueTags>(
      [this](const Call& c, const api::ListQueueTagsRequest& in) -> Result<api::ListQueueTagsResult> {
        TRY_ASSIGN(auto* q, find(c.region, in.QueueUrl));
        return q->tags.empty() ? api::ListQueueTagsResult{} : api::ListQueueTagsResult{q->tags};
      });
}

}  // namespace relight::sandbox
