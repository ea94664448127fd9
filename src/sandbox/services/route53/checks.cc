#include <fmt/format.h>

#include <algorithm>

#include "aws/codec/codec.h"
#include "sandbox/services/route53/paging.h"
#include "sandbox/services/route53/service.h"

namespace relight::sandbox {
namespace {

namespace m = aws::route53;
using route53::kGlobal;

constexpr size_t kCheckLimit = 200;  // MAX_HEALTH_CHECKS_BY_OWNER
const std::vector<std::string> kCheckerRegions{"us-east-1",      "us-west-1",      "us-west-2",
                                               "eu-west-1",      "ap-southeast-1", "ap-southeast-2",
                                               "ap-northeast-1", "sa-east-1"};

std::unexpected<Error> invalid(const std::string& why) { return aws_error("InvalidInput", why, 400); }

std::string text_of(const m::HealthCheckConfig& c) {
  return aws::codec::to_json(*shape_of(static_cast<const m::HealthCheckConfig*>(nullptr)), &c);
}

// What CreateHealthCheck fills in when the caller leaves it out.
m::HealthCheckConfig completed(m::HealthCheckConfig c) {
  bool endpoint = c.Type->starts_with("HTTP") || c.Type == "TCP";
  c.Inverted = c.Inverted.value_or(false);
  c.Disabled = c.Disabled.value_or(false);
  if (!endpoint) return c;
  c.RequestInterval = c.RequestInterval.value_or(30);
  c.FailureThreshold = c.FailureThreshold.value_or(3);
  c.MeasureLatency = c.MeasureLatency.value_or(false);
  if (c.Type != "TCP") c.Port = c.Port.value_or(c.Type->starts_with("HTTPS") ? 443 : 80);
  if (c.Type->starts_with("HTTPS")) c.EnableSNI = c.EnableSNI.value_or(true);
  return c;
}

}  // namespace

Result<route53::CheckRow*> Route53Service::check(const std::string& id) {
  if (auto* c = checks_.find(kGlobal, id)) return c;
  return aws_error("NoSuchHealthCheck", fmt::format("A health check with id {} does not exist.", id));
}

Result<> Route53Service::valid(const m::HealthCheckConfig& c) {
  const std::string& type = *c.Type;
  bool endpoint = type.starts_with("HTTP") || type == "TCP";
  if (type == "RECOVERY_CONTROL")
    return aws_error("NotImplemented", "routing controls are not built in this sandbox", 501);
  if (endpoint && !c.IPAddress && !c.FullyQualifiedDomainName)
    return invalid("Invalid parameter : Either FullyQualifiedDomainName or IPAddress must be specified.");
  if (endpoint && c.RequestInterval && c.RequestInterval != 10 && c.RequestInterval != 30)
    return invalid("Invalid parameter : RequestInterval must be either 10 or 30");
  if (type == "TCP" && !c.Port)
    return invalid("Invalid parameter : Port must be specified for health checks of type TCP");
  if (type.ends_with("STR_MATCH") && c.SearchString.value_or("").empty())
    return invalid("Invalid parameter : SearchString must be specified for health checks of type " + type);
  if (!type.ends_with("STR_MATCH") && c.SearchString)
    return invalid("Invalid parameter : SearchString cannot be specified for health checks of type " + type);
  if (type == "TCP" && c.ResourcePath)
    return invalid("Invalid parameter : ResourcePath cannot be specified for health checks of type TCP");
  if (type == "CALCULATED") {
    if (!c.HealthThreshold || !c.ChildHealthChecks)
      return invalid("Invalid parameter : HealthThreshold and ChildHealthChecks must be specified");
    for (auto& child : *c.ChildHealthChecks)
      if (!checks_.find(kGlobal, child))
        return invalid(fmt::format("Invalid parameter : child health check {} does not exist", child));
  }
  if (type == "CLOUDWATCH_METRIC" && (!c.AlarmIdentifier || !c.InsufficientDataHealthStatus))
    return invalid("Invalid parameter : AlarmIdentifier and InsufficientDataHealthStatus must be specified");
  return {};
}

Result<m::CreateHealthCheckResponse> Route53Service::create(const m::CreateHealthCheckRequest& in) {
  TRY(valid(*in.HealthCheckConfig));
  m::HealthCheckConfig config = completed(*in.HealthCheckConfig);
  auto location = [](const std::string& id) {
    return "https://route53.amazonaws.com/2013-04-01/healthcheck/" + id;
  };
  for (auto& [id, row] : checks_.in(kGlobal)) {
    if (row.value.CallerReference != in.CallerReference) continue;
    if (text_of(*row.value.HealthCheckConfig) == text_of(config))
      return m::CreateHealthCheckResponse{.HealthCheck = row.value, .Location = location(id)};
    return aws_error(
        "HealthCheckAlreadyExists",
        fmt::format("A health check has already been created with the specified caller reference: {}",
                    *in.CallerReference));
  }
  if (checks_.in(kGlobal).size() >= kCheckLimit)
    return aws_error("TooManyHealthChecks", "The limit of health checks has been reached", 400);
  std::string id = world_.rng.uuid();
  route53::CheckRow row{.value = {.Id = id,
                                  .CallerReference = in.CallerReference,
                                  .HealthCheckConfig = config,
                                  .HealthCheckVersion = 1},
                        .tags = {},
                        .extra = {}};
  checks_.put(kGlobal, id, row);
  watch(row);
  if (config.Type == "CLOUDWATCH_METRIC") refresh_targets();
  publish_health();
  return m::CreateHealthCheckResponse{.HealthCheck = row.value, .Location = location(id)};
}

Result<m::UpdateHealthCheckResponse> Route53Service::update(const m::UpdateHealthCheckRequest& in) {
  TRY_ASSIGN(auto* row, check(*in.HealthCheckId));
  if (in.HealthCheckVersion && in.HealthCheckVersion != row->value.HealthCheckVersion)
    return aws_error("HealthCheckVersionMismatch",
                     fmt::format("The version of the health check is {}, not {}",
                                 *row->value.HealthCheckVersion, *in.HealthCheckVersion));
  m::HealthCheckConfig c = *row->value.HealthCheckConfig;
  auto set = [](auto& to, auto& from) {
    if (from) to = from;
  };
  for (auto& what : in.ResetElements.value_or(std::vector<std::string>{})) {
    if (what == "FullyQualifiedDomainName") c.FullyQualifiedDomainName.reset();
    if (what == "Regions") c.Regions.reset();
    if (what == "ResourcePath") c.ResourcePath.reset();
    if (what == "ChildHealthChecks") c.ChildHealthChecks.emplace();
  }
  set(c.IPAddress, in.IPAddress);
  set(c.Port, in.Port);
  set(c.ResourcePath, in.ResourcePath);
  set(c.FullyQualifiedDomainName, in.FullyQualifiedDomainName);
  set(c.SearchString, in.SearchString);
  set(c.FailureThreshold, in.FailureThreshold);
  set(c.Inverted, in.Inverted);
  set(c.Disabled, in.Disabled);
  set(c.HealthThreshold, in.HealthThreshold);
  set(c.ChildHealthChecks, in.ChildHealthChecks);
  set(c.EnableSNI, in.EnableSNI);
  set(c.Regions, in.Regions);
  set(c.AlarmIdentifier, in.AlarmIdentifier);
  set(c.InsufficientDataHealthStatus, in.InsufficientDataHealthStatus);
  TRY(valid(c));
  row->value.HealthCheckConfig = c;
  row->value.HealthCheckVersion = *row->value.HealthCheckVersion + 1;
  checks_.save(kGlobal, *in.HealthCheckId, *row);
  watch(*row);
  refresh_targets();
  return m::UpdateHealthCheckResponse{.HealthCheck = row->value};
}

// One real observation, shown as each checker region would report it.
Result<std::vector<m::HealthCheckObservation>> Route53Service::observations(const std::string& id) {
  TRY_ASSIGN(auto* row, check(id));
  const std::string& type = *row->value.HealthCheckConfig->Type;
  if (type == "CALCULATED" || type == "CLOUDWATCH_METRIC")
    return invalid("You can get the status of endpoint health checks only");
  Seen s;
  {
    std::lock_guard g(seen_lock_);
    s = seen_[id];
  }
  auto regions = row->value.HealthCheckConfig->Regions.value_or(kCheckerRegions);
  std::vector<m::HealthCheckObservation> out;
  for (size_t i = 0; i < regions.size(); ++i)
    out.push_back({.Region = regions[i],
                   .IPAddress = fmt::format("15.177.{}.1", 2 + i),
                   .StatusReport = m::StatusReport{
                       .Status = s.text + " (simulated checker: one real observation stands for all)",
                       .CheckedTime = s.at.time_since_epoch().count() ? s.at : world_.clock.now()}});
  return out;
}

void Route53Service::check_operations() {
  on<m::op::CreateHealthCheck>([this](const Call&, auto& in) { return create(in); });
  on<m::op::UpdateHealthCheck>([this](const Call&, auto& in) { return update(in); });
  on<m::op::GetHealthCheck>([this](const Call&, auto& in) -> Result<m::GetHealthCheckResponse> {
    TRY_ASSIGN(auto* row, check(*in.HealthCheckId));
    return m::GetHealthCheckResponse{.HealthCheck = row->value};
  });
  on<m::op::DeleteHealthCheck>([this](const Call&, auto& in) -> Result<m::DeleteHealthCheckResponse> {
    TRY(check(*in.HealthCheckId));
    checkers_.drop("route53/" + *in.HealthCheckId);
    checks_.erase(kGlobal, *in.HealthCheckId);
    {
      std::lock_guard g(seen_lock_);
      seen_.erase(*in.HealthCheckId);
    }
    publish_health();
    return m::DeleteHealthCheckResponse{};
  });
  on<m::op::ListHealthChecks>([this](const Call&, auto& in) -> Result<m::ListHealthChecksResponse> {
    TRY_ASSIGN(size_t max, max_items(in.MaxItems, 1000));
    m::ListHealthChecksResponse out{.HealthChecks = std::vector<m::HealthCheck>{},
                                    .Marker = in.Marker.value_or(""),
                                    .IsTruncated = false,
                                    .MaxItems = std::to_string(max)};
    for (auto& [id, row] : checks_.in(kGlobal)) {
      if (in.Marker && id < *in.Marker) continue;
      if (out.HealthChecks->size() == max) {
        out.IsTruncated = true;
        out.NextMarker = id;
        break;
      }
      out.HealthChecks->push_back(row.value);
    }
    return out;
  });
  on<m::op::GetHealthCheckCount>([this](const Call&, auto&) -> Result<m::GetHealthCheckCountResponse> {
    return m::GetHealthCheckCountResponse{.HealthCheckCount =
                                              static_cast<int64_t>(checks_.in(kGlobal).size())};
  });
  on<m::op::GetHealthCheckStatus>([this](const Call&, auto& in) -> Result<m::GetHealthCheckStatusResponse> {
    TRY_ASSIGN(auto list, observations(*in.HealthCheckId));
    return m::GetHealthCheckStatusResponse{.HealthCheckObservations = list};
  });
  on<m::op::GetHealthCheckLastFailureReason>(
      [this](const Call&, auto& in) -> Result<m::GetHealthCheckLastFailureReasonResponse> {
        TRY_ASSIGN(auto list, observations(*in.HealthCheckId));
        std::erase_if(list, [](auto& o) { return o.StatusReport->Status->starts_with("Success"); });
        return m::GetHealthCheckLastFailureReasonResponse{.HealthCheckObservations = list};
      });
  on<m::op::GetCheckerIpRanges>([](const Call&, auto&) -> Result<m::GetCheckerIpRangesResponse> {
    std::vector<std::string> ranges{"127.0.0.0/8"};  // where this sandbox's checks really come from
    for (size_t i = 0; i < kCheckerRegions.size(); ++i)
      ranges.push_back(fmt::format("15.177.{}.0/24", 2 + i));
    return m::GetCheckerIpRangesResponse{.CheckerIpRanges = ranges};
  });
}

void Route53Service::tag_operations() {
  auto find = [this](const std::string& type, const std::string& id) -> Result<route53::Text*> {
    if (type == "hostedzone") {
      TRY_ASSIGN(auto* z, zone(id));
      return &z->tags;
    }
    TRY_ASSIGN(auto* c, check(id));
    return &c->tags;
  };
  auto shown = [](const std::string& type, const std::string& id, const route53::Text& tags) {
    m::ResourceTagSet s{.ResourceType = type, .ResourceId = id, .Tags = std::vector<m::Tag>{}};
    for (auto& [k, v] : tags) s.Tags->push_back({.Key = k, .Value = v});
    return s;
  };
  on<m::op::ChangeTagsForResource>(
      [this, find](const Call&, auto& in) -> Result<m::ChangeTagsForResourceResponse> {
        TRY_ASSIGN(auto* tags, find(*in.ResourceType, *in.ResourceId));
        if (!in.AddTags && !in.RemoveTagKeys) return invalid("AddTags or RemoveTagKeys must be specified");
        for (auto& k : in.RemoveTagKeys.value_or(std::vector<std::string>{})) tags->erase(k);
        for (auto& t : in.AddTags.value_or(std::vector<m::Tag>{}))
          (*tags)[t.Key.value_or("")] = t.Value.value_or("");
        if (in.ResourceType == "hostedzone")
          zones_.save(kGlobal, route53::bare_id(*in.ResourceId), **zone(*in.ResourceId));
        else
          checks_.save(kGlobal, *in.ResourceId, **check(*in.ResourceId));
        return m::ChangeTagsForResourceResponse{};
      });
  on<m::op::ListTagsForResource>([find, shown](const Call&,
                                               auto& in) -> Result<m::ListTagsForResourceResponse> {
    TRY_ASSIGN(auto* tags, find(*in.ResourceType, *in.ResourceId));
    return m::ListTagsForResourceResponse{.ResourceTagSet = shown(*in.ResourceType, *in.ResourceId, *tags)};
  });
  on<m::op::ListTagsForResources>(
      [find, shown](const Call&, auto& in) -> Result<m::ListTagsForResourcesResponse> {
        m::ListTagsForResourcesResponse out{.ResourceTagSets = std::vector<m::ResourceTagSet>{}};
        for (auto& id : *in.ResourceIds) {
          TRY_ASSIGN(auto* tags, find(*in.ResourceType, id));
          out.ResourceTagSets->push_back(shown(*in.ResourceType, id, *tags));
        }
        return out;
      });
}

}  // namespace relight::sandbox
