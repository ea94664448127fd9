// What happened to a stack, and what it is made of.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/cloudformation/service.h"

namespace relight::sandbox {

namespace cfapi = aws::cloudformation;
namespace cfop = aws::cloudformation::op;

void CloudFormationService::register_events() {
  on<cfop::DescribeStackEvents>([this](const Call& c, const auto& in) -> Out<cfop::DescribeStackEvents> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    std::vector<cfapi::StackEvent> all;
    for (auto it = s->events.rbegin(); it != s->events.rend(); ++it) {
      cfapi::StackEvent e;
      e.StackId = s->id;
      e.EventId = it->id;
      e.StackName = s->name;
      e.LogicalResourceId = it->logical;
      e.PhysicalResourceId = it->physical;
      e.ResourceType = it->type;
      e.Timestamp = cfn::instant_of(it->at_ms);
      e.ResourceStatus = it->status;
      if (!it->reason.empty()) e.ResourceStatusReason = it->reason;
      all.push_back(std::move(e));
    }
    cfop::DescribeStackEvents::Output o;
    o.StackEvents = cfn::page(all, in.NextToken, o.NextToken);
    return o;
  });
  on<cfop::DescribeStackResources>(
      [this](const Call& c, const auto& in) -> Out<cfop::DescribeStackResources> {
        cfop::DescribeStackResources::Output o;
        o.StackResources.emplace();
        for (auto& [id, s] : stacks_.in(c.region)) {
          bool wanted = in.StackName ? &s == live(c.region, *in.StackName) || s.id == *in.StackName : false;
          for (auto& [logical, r] : s.resources) {
            if (!wanted && !(in.PhysicalResourceId && r.physical == *in.PhysicalResourceId)) continue;
            if (in.LogicalResourceId && *in.LogicalResourceId != logical) continue;
            cfapi::StackResource x;
            x.StackName = s.name;
            x.StackId = s.id;
            x.LogicalResourceId = logical;
            x.PhysicalResourceId = r.physical;
            x.ResourceType = r.type;
            x.Timestamp = cfn::instant_of(r.updated_ms);
            x.ResourceStatus = r.status;
            o.StackResources->push_back(std::move(x));
          }
        }
        if (in.StackName && o.StackResources->empty()) TRY(stack(c.region, *in.StackName));
        return o;
      });
}

void CloudFormationService::register_resources() {
  on<cfop::DescribeStackResource>([this](const Call& c, const auto& in) -> Out<cfop::DescribeStackResource> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    auto it = s->resources.find(in.LogicalResourceId.value_or(""));
    if (it == s->resources.end())
      return aws_error(
          "ValidationError",
          fmt::format("Resource {} does not exist for stack {}", in.LogicalResourceId.value_or(""), s->name),
          400);
    cfop::DescribeStackResource::Output o;
    auto& d = o.StackResourceDetail.emplace();
    d.StackName = s->name;
    d.StackId = s->id;
    d.LogicalResourceId = it->first;
    d.PhysicalResourceId = it->second.physical;
    d.ResourceType = it->second.type;
    d.LastUpdatedTimestamp = cfn::instant_of(it->second.updated_ms);
    d.ResourceStatus = it->second.status;
    d.DriftInformation.emplace().StackResourceDriftStatus = cfn::drift_status(*s, it->first);
    return o;
  });
  on<cfop::ListStackResources>([this](const Call& c, const auto& in) -> Out<cfop::ListStackResources> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    std::vector<cfapi::StackResourceSummary> all;
    for (auto& [logical, r] : s->resources) {
      cfapi::StackResourceSummary x;
      x.LogicalResourceId = logical;
      x.PhysicalResourceId = r.physical;
      x.ResourceType = r.type;
      x.LastUpdatedTimestamp = cfn::instant_of(r.updated_ms);
      x.ResourceStatus = r.status;
      x.DriftInformation.emplace().StackResourceDriftStatus = cfn::drift_status(*s, logical);
      all.push_back(std::move(x));
    }
    cfop::ListStackResources::Output o;
    o.StackResourceSummaries = cfn::page(all, in.NextToken, o.NextToken);
    return o;
  });
}

}  // namespace relight::sandbox
