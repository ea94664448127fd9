// Event source mappings from SQS queues: made, listed, changed, deleted. What they do is in poll.cc.
#include <fmt/format.h>

#include "aws/gen/sqs.h"
#include "base/bytes.h"
#include "sandbox/services/lambda/page.h"
#include "sandbox/services/lambda/queue.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;
namespace op = aws::lambda::op;
namespace sqs = aws::sqs;

namespace {

std::unexpected<Error> refused_mapping(const std::string& why) {
  return aws_error("InvalidParameterValueException", why, 400);
}

// "CreateEventSourceMapping", AWS Lambda API Reference: what holds for Amazon SQS.
Result<> check_batch(const Mapping& m) {
  int32_t size = m.BatchSize.value_or(10), window = m.MaximumBatchingWindowInSeconds.value_or(0);
  bool fifo = m.EventSourceArn->ends_with(".fifo");
  if (size > 10 && fifo) return refused_mapping("Batch size must be between 1 and 10 for a FIFO queue.");
  if (size > 10 && window < 1)
    return refused_mapping(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10");
  if (window > 0 && fifo) return refused_mapping("Batching window is not supported for FIFO queues");
  if (m.FilterCriteria && m.FilterCriteria->Filters && !m.FilterCriteria->Filters->empty())
    return refused_mapping("filter criteria are not built in this sandbox");
  if (m.DestinationConfig && (m.DestinationConfig->OnFailure || m.DestinationConfig->OnSuccess))
    return refused_mapping("destinations are not supported for SQS event sources");
  return {};
}

}  // namespace

Result<Mapping*> LambdaService::find_mapping(Region r, const std::optional<std::string>& uuid) {
  if (auto* m = mappings_.find(r, uuid.value_or(""))) return m;
  return aws_error("ResourceNotFoundException", "The resource you requested does not exist.", 404);
}

void LambdaService::set_state(Region r, Mapping& m, const std::string& state, const std::string& reason) {
  m.State = state;
  m.StateTransitionReason = reason;
  m.LastModified = world_.clock.now();
  mappings_.save(r, *m.UUID, m);
}

// From what it is becoming to what it is to be.
void LambdaService::settle_mapping(Region r, const std::string& uuid) {
  polling_.erase(uuid);  // whatever polled knows the old state
  world_.after(world_.pace(std::chrono::seconds(10)), [this, r, uuid] {
    auto* m = mappings_.find(r, uuid);
    if (!m || !world_.links().up(r)) return;
    if (m->State == "Deleting") {
      mappings_.erase(r, uuid);
      paused_.erase(r, uuid);
      return;
    }
    bool paused = paused_.find(r, uuid) != nullptr;
    std::string wanted = paused ? "Disabled" : "Enabled";
    if (m->State != wanted) set_state(r, *m, wanted, "USER_INITIATED");
    if (paused || polling_.contains(uuid)) return;
    std::string life = polling_[uuid] = world_.rng.hex(8);
    poll(r, uuid, life);
  });
}

void LambdaService::add_mappings() {
  held<op::CreateEventSourceMapping>([this](const Call& c, const api::CreateEventSourceMappingRequest& in)
                                         -> Result<api::EventSourceMappingConfiguration> {
    if (!in.EventSourceArn)
      return refused_mapping(
          "only SQS queues are built as event sources in this sandbox; EventSourceArn is needed");
    auto queue = queue_of(*in.EventSourceArn);
    if (!queue || queue->region != c.region)
      return refused_mapping("only SQS queues of this region are built as event sources in this sandbox");
    TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
    TRY_ASSIGN(auto* f, find(c.region, n));
    for (auto& [uuid, old] : mappings_.in(c.region))
      if (old.EventSourceArn == in.EventSourceArn && old.FunctionArn == arn(c.region, n.name, n.qualifier))
        return aws_error(
            "ResourceConflictException",
            fmt::format("An event source mapping with SQS arn (\" {} \") and function (\" {} \") already "
                        "exists. Please update or delete the existing mapping with UUID {}",
                        *in.EventSourceArn, n.name, uuid),
            409);
    Mapping m;
    m.UUID = world_.rng.uuid();
    m.EventSourceArn = in.EventSourceArn;
    m.FunctionArn = arn(c.region, n.name, n.qualifier);
    m.BatchSize = in.BatchSize.value_or(10);
    m.MaximumBatchingWindowInSeconds = in.MaximumBatchingWindowInSeconds.value_or(0);
    m.FilterCriteria = in.FilterCriteria;
    m.DestinationConfig = in.DestinationConfig;
    m.FunctionResponseTypes = in.FunctionResponseTypes;
    TRY(check_batch(m));
    TRY(check_queue(world_, *queue, f->Timeout.value_or(3)));
    auto& kept_row = mappings_.put(c.region, *m.UUID, m);
    if (!in.Enabled.value_or(true)) paused_.put(c.region, *m.UUID, {1});
    set_state(c.region, kept_row, "Creating", "USER_INITIATED");
    world_.event(c.region, "lambda", n.name, "event source mapping from " + queue->name + " created");
    settle_mapping(c.region, *m.UUID);
    return kept_row;
  });
}

void LambdaService::add_mapping_reads() {
  held<op::GetEventSourceMapping>(
      [this](const Call& c,
             const op::GetEventSourceMapping::Input& in) -> Result<api::EventSourceMappingConfiguration> {
        TRY_ASSIGN(auto* m, find_mapping(c.region, in.UUID));
        return *m;
      });
  held<op::ListEventSourceMappings>(
      [this](const Call& c,
             const api::ListEventSourceMappingsRequest& in) -> Result<api::ListEventSourceMappingsResponse> {
        std::optional<Named> n;
        if (in.FunctionName) {
          TRY_ASSIGN(n, named(c.region, in.FunctionName));
        }
        std::vector<std::string> keys;
        for (auto& [uuid, m] : mappings_.in(c.region))
          if ((!n || m.FunctionArn == arn(c.region, n->name, n->qualifier)) &&
              (!in.EventSourceArn || m.EventSourceArn == in.EventSourceArn))
            keys.push_back(uuid);
        api::ListEventSourceMappingsResponse out;
        TRY_ASSIGN(auto page, page_of(std::move(keys), in.Marker, std::min(in.MaxItems.value_or(100), 100)));
        out.EventSourceMappings.emplace();
        for (auto& uuid : page.items) out.EventSourceMappings->push_back(*mappings_.find(c.region, uuid));
        out.NextMarker = page.next;
        return out;
      });
}

void LambdaService::add_mapping_changes() {
  held<op::UpdateEventSourceMapping>([this](const Call& c, const api::UpdateEventSourceMappingRequest& in)
                                         -> Result<api::EventSourceMappingConfiguration> {
    TRY_ASSIGN(auto* m, find_mapping(c.region, in.UUID));
    if (m->State != "Enabled" && m->State != "Disabled")
      return aws_error(
          "ResourceInUseException",
          fmt::format("Cannot update the event source mapping because it is in use (state {}).", *m->State),
          400);
    Mapping next = *m;
    if (in.FunctionName) {
      TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
      TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, n));
      next.FunctionArn = arn(c.region, n.name, n.qualifier);
    }
    if (in.BatchSize) next.BatchSize = in.BatchSize;
    if (in.MaximumBatchingWindowInSeconds)
      next.MaximumBatchingWindowInSeconds = in.MaximumBatchingWindowInSeconds;
    if (in.FunctionResponseTypes) next.FunctionResponseTypes = in.FunctionResponseTypes;
    if (in.FilterCriteria) next.FilterCriteria = in.FilterCriteria;
    if (in.DestinationConfig) next.DestinationConfig = in.DestinationConfig;
    TRY(check_batch(next));
    bool was = !paused_.find(c.region, *m->UUID), wanted = in.Enabled.value_or(was);
    if (wanted)
      paused_.erase(c.region, *m->UUID);
    else
      paused_.put(c.region, *m->UUID, {1});
    *m = next;
    set_state(c.region, *m, wanted == was ? "Updating" : wanted ? "Enabling" : "Disabling", "USER_INITIATED");
    if (wanted != was)
      world_.event(c.region, "lambda", *m->UUID,
                   wanted ? "event source mapping enabled" : "event source mapping disabled");
    settle_mapping(c.region, *m->UUID);
    return *m;
  });
  held<op::DeleteEventSourceMapping>([this](const Call& c, const op::DeleteEventSourceMapping::Input& in)
                                         -> Result<api::EventSourceMappingConfiguration> {
    TRY_ASSIGN(auto* m, find_mapping(c.region, in.UUID));
    if (m->State != "Enabled" && m->State != "Disabled")
      return aws_error(
          "ResourceInUseException",
          fmt::format("Cannot delete the event source mapping because it is in use (state {}).", *m->State),
          400);
    set_state(c.region, *m, "Deleting", "USER_INITIATED");
    settle_mapping(c.region, *m->UUID);
    return *m;
  });
}

}  // namespace relight::sandbox
