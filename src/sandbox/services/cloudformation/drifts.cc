// Drift detection as the API has it. A stack keeps its last detection.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "sandbox/services/cloudformation/drift.h"
#include "sandbox/services/cloudformation/service.h"

namespace relight::sandbox {

namespace cfapi = aws::cloudformation;
namespace cfop = aws::cloudformation::op;
using cfn::Json;

namespace {

std::string drift_text(const Json& v) {
  return v.is_string() ? v.get<std::string>() : v.is_null() ? "null" : v.dump();
}

// What a NoEcho parameter gave is shown on neither side: what stands in its place may be a secret too.
std::pair<Json, Json> both_shown(const cfn::Stack& s, const Json& expected, const Json& actual) {
  auto shown = cfn::masked_json(s, expected);
  return {shown, shown == expected ? actual : Json("****")};
}

Json looked_at(const cfn::Stack& s, const cfn::Resource& r, const Json& live) {
  std::vector<std::string> compared;
  auto differences = cfn::drift_of(r.props, live, &compared);
  Json expected = Json::object(), actual = Json::object(), list = Json::array();
  for (auto& p : compared) {
    std::tie(expected[p], actual[p]) = both_shown(s, r.props[p], live[p]);
  }
  for (auto& d : differences) {
    auto [wanted, found] = both_shown(s, d.expected, d.actual);
    list.push_back({{"path", d.path},
                    {"expected", drift_text(wanted)},
                    {"actual", drift_text(found)},
                    {"kind", d.kind}});
  }
  return {{"status", compared.empty() ? "NOT_CHECKED"
                     : list.empty()   ? "IN_SYNC"
                                      : "MODIFIED"},
          {"expected", expected.dump()},
          {"actual", actual.dump()},
          {"differences", list}};
}

cfapi::StackResourceDrift shown_drift(const cfn::Stack& s, const std::string& logical, const Json& d) {
  cfapi::StackResourceDrift out;
  auto it = s.resources.find(logical);
  out.StackId = s.id;
  out.LogicalResourceId = logical;
  out.PhysicalResourceId = it == s.resources.end() ? "" : it->second.physical;
  out.ResourceType = it == s.resources.end() ? d.value("type", "") : it->second.type;
  out.StackResourceDriftStatus = d.value("status", "NOT_CHECKED");
  out.Timestamp = cfn::instant_of(s.drift.value("at", int64_t{0}));
  if (out.StackResourceDriftStatus == "NOT_CHECKED") return out;
  out.ExpectedProperties = d.value("expected", "");
  if (out.StackResourceDriftStatus != "DELETED") out.ActualProperties = d.value("actual", "");
  out.PropertyDifferences.emplace();
  for (auto& one : d.value("differences", Json::array()))
    out.PropertyDifferences->push_back(
        {one.value("path", ""), one.value("expected", ""), one.value("actual", ""), one.value("kind", "")});
  return out;
}

}  // namespace

// "Drift detection … stacks in the following states: CREATE_COMPLETE, UPDATE_COMPLETE,
// UPDATE_ROLLBACK_COMPLETE, UPDATE_ROLLBACK_FAILED" (User Guide); the words of the refusal: unverified.
Result<cfop::DetectStackDrift::Output> CloudFormationService::detect(const Call& c,
                                                                     const cfapi::DetectStackDriftInput& in) {
  TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
  constexpr std::array<std::string_view, 4> kStill{"CREATE_COMPLETE", "UPDATE_COMPLETE",
                                                   "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"};
  if (std::ranges::find(kStill, s->status) == kStill.end())
    return aws_error(
        "ValidationError",
        fmt::format("Drift detection cannot be performed on stack [{}] while it is in [{}] state.", s->id,
                    s->status),
        400);
  if (s->drift.is_object() && s->drift.value("detection", "") == "DETECTION_IN_PROGRESS")
    return aws_error("ValidationError",
                     fmt::format("Drift detection is already in progress for stack [{}]", s->id), 400);
  Json before = s->drift.is_object() ? s->drift : Json::object();
  s->drift = {{"id", world_.rng.uuid()},
              {"detection", "DETECTION_IN_PROGRESS"},
              {"actor", c.principal},
              {"at", world_.clock.now().time_since_epoch().count()},
              {"status", before.value("status", "NOT_CHECKED")},
              {"resources", before.value("resources", Json::object())}};
  save(c.region, *s);
  settle_drift(c.region, s->id);
  return cfop::DetectStackDrift::Output{.StackDriftDetectionId = s->drift.value("id", "")};
}

void CloudFormationService::settle_drift(const std::string& region, const std::string& id) {
  world_.after(world_.pace(Millis{5000}), [this, region, id] {
    cfn::Stack* s = stacks_.find(region, id);
    if (!s || !s->drift.is_object() || s->drift.value("detection", "") != "DETECTION_IN_PROGRESS") return;
    look_for_drift(region, *s);
    save(region, *s);
  });
}

void CloudFormationService::look_for_drift(const std::string& region, cfn::Stack& s) {
  Json all = Json::object();
  int drifted = 0;
  std::string failed;
  for (auto& [logical, r] : s.resources) {
    auto live = engine_.live(region, s.drift.value("actor", ""), s, logical, r);
    Json one{{"type", r.type}};
    if (live) {
      one.update(looked_at(s, r, *live));
    } else if (cfn::gone(live.error())) {
      one.update({{"status", "DELETED"}, {"expected", cfn::masked_json(s, r.props).dump()}});
    } else {
      one["status"] = "NOT_CHECKED";
      if (failed.empty())
        failed = fmt::format("Failed to detect drift on resource [{}]: {}", logical, live.error().message);
    }
    drifted += one["status"] == "MODIFIED" || one["status"] == "DELETED";
    all[logical] = std::move(one);
  }
  s.drift["resources"] = std::move(all);
  s.drift["status"] = drifted ? "DRIFTED" : "IN_SYNC";
  s.drift["drifted"] = drifted;
  s.drift["detection"] = failed.empty() ? "DETECTION_COMPLETE" : "DETECTION_FAILED";
  s.drift["reason"] = failed;
  s.drift["at"] = world_.clock.now().time_since_epoch().count();
}

void CloudFormationService::register_drifts() {
  on<cfop::DetectStackDrift>([this](const Call& c, const auto& in) { return detect(c, in); });
  on<cfop::DescribeStackDriftDetectionStatus>(
      [this](const Call& c, const auto& in) -> Out<cfop::DescribeStackDriftDetectionStatus> {
        for (auto& [id, s] : stacks_.in(c.region)) {
          if (!s.drift.is_object() || s.drift.value("id", "") != in.StackDriftDetectionId.value_or(""))
            continue;
          cfop::DescribeStackDriftDetectionStatus::Output o;
          o.StackId = s.id;
          o.StackDriftDetectionId = in.StackDriftDetectionId;
          o.DetectionStatus = s.drift.value("detection", "");
          o.Timestamp = cfn::instant_of(s.drift.value("at", int64_t{0}));
          if (o.DetectionStatus == "DETECTION_IN_PROGRESS") return o;
          o.StackDriftStatus = s.drift.value("status", "");
          o.DriftedStackResourceCount = s.drift.value("drifted", 0);
          if (auto why = s.drift.value("reason", ""); !why.empty()) o.DetectionStatusReason = why;
          return o;
        }
        return aws_error("ValidationError",
                         fmt::format("Drift detection {} does not exist (a stack keeps its last one here)",
                                     in.StackDriftDetectionId.value_or("")),
                         400);
      });
  on<cfop::DescribeStackResourceDrifts>(
      [this](const Call& c, const auto& in) -> Out<cfop::DescribeStackResourceDrifts> {
        TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
        std::vector<cfapi::StackResourceDrift> all;
        Json resources = s->drift.is_object() ? s->drift.value("resources", Json::object()) : Json::object();
        for (auto& [logical, d] : resources.items()) {
          auto& filters = in.StackResourceDriftStatusFilters;
          if (filters && !filters->empty() &&
              std::ranges::find(*filters, d.value("status", "")) == filters->end())
            continue;
          all.push_back(shown_drift(*s, logical, d));
        }
        cfop::DescribeStackResourceDrifts::Output o;
        o.StackResourceDrifts = cfn::page(all, in.NextToken, o.NextToken);
        return o;
      });
}

namespace cfn {

std::string drift_status(const Stack& s, const std::string& logical) {
  if (!s.drift.is_object()) return "NOT_CHECKED";
  if (logical.empty()) return s.drift.value("status", "NOT_CHECKED");
  auto resources = s.drift.value("resources", Json::object());
  return resources.contains(logical) ? resources[logical].value("status", "NOT_CHECKED") : "NOT_CHECKED";
}

}  // namespace cfn
}  // namespace relight::sandbox
