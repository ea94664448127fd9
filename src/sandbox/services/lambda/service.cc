#include "sandbox/services/lambda/service.h"

#include <fmt/format.h>

#include <filesystem>

#include "aws/gen/iam.h"
#include "base/bytes.h"

namespace relight::sandbox {
using namespace functions;

namespace {

// "2026-11-29T00:43:31.123+0000", as Lambda writes it.
std::string modified_at(Instant t) {
  std::string s = iso8601(t);
  return s.substr(0, s.size() - 1) + "+0000";
}

}  // namespace

bool InFlight::begin(const std::string& region, const std::string& name, int32_t limit, int32_t account) {
  std::lock_guard g(m_);
  auto& mine = of_[{region, name}];
  if ((limit >= 0 && mine >= limit) || all_[region] >= account) return false;
  ++mine;
  ++all_[region];
  return true;
}

void InFlight::end(const std::string& region, const std::string& name) {
  std::lock_guard g(m_);
  --all_[region];
  if (auto it = of_.find({region, name}); it != of_.end() && --it->second <= 0) of_.erase(it);
}

LambdaService::LambdaService(World& w, function::FunctionPlane& plane)
    : Service(w, aws::lambda::model()),
      plane_(plane),
      functions_(w, "lambda/functions"),
      aliases_(w, "lambda/aliases"),
      tags_(w, "lambda/tags"),
      policies_(w, "lambda/policies"),
      reserved_(w, "lambda/concurrency"),
      numbers_(w, "lambda/numbers"),
      mappings_(w, "lambda/mappings"),
      paused_(w, "lambda/paused") {
  add_create();
  add_reads();
  add_code_update();
  add_updates();
  add_delete();
  add_versions();
  add_aliases();
  add_alias_reads();
  add_concurrency();
  add_invoke();
  add_policies();
  add_tags();
  add_mappings();
  add_mapping_reads();
  add_mapping_changes();
}

void LambdaService::start() {
  for (auto& r : world_.settings.regions) {
    if (!world_.links().up(r)) {
      plane_.lose(r);
      continue;
    }
    region_restored(r);
  }
}

void LambdaService::stop() { plane_.shut(); }

void LambdaService::region_lost(const std::string& region) {
  plane_.lose(region);
  for (auto& [uuid, m] : mappings_.in(region)) polling_.erase(uuid);
}

void LambdaService::region_restored(const std::string& region) {
  plane_.restore(region);
  for (auto& [key, f] : functions_.in(region))
    if (f.State == "Pending" || f.LastUpdateStatus == "InProgress") settle(region, key);
  for (auto& [uuid, m] : mappings_.in(region)) settle_mapping(region, uuid);
}

std::string LambdaService::arn(Region r, const std::string& name, const std::string& qualifier) const {
  std::string a = fmt::format("arn:aws:lambda:{}:{}:function:{}", r, world_.account(), name);
  return qualifier.empty() ? a : a + ":" + qualifier;
}

Result<Named> LambdaService::named(Region r, const std::optional<std::string>& function,
                                   const std::optional<std::string>& qualifier) const {
  return parse_name(r, world_.account(), function.value_or(""), qualifier);
}

Result<Function*> LambdaService::find(Region r, const Named& n) {
  Named to = n;
  if (!n.latest() && !n.version())
    if (auto* alias = aliases_.find(r, n.key())) to.qualifier = *alias->FunctionVersion;
  if (auto* f = functions_.find(r, to.key())) return f;
  return aws_error("ResourceNotFoundException", "Function not found: " + arn(r, n.name, n.qualifier), 404);
}

// CloudFormation waits between its calls on AWS; inside the sandbox it is let through at once.
Result<Function*> LambdaService::changeable(const Call& c, const Named& n) {
  TRY_ASSIGN(auto* f, find(c.region, {n.name, ""}));
  if (!n.latest())
    return aws_error("InvalidParameterValueException", "$LATEST is the only qualifier that can be updated",
                     400);
  if (c.raw && f->State == "Pending")
    return aws_error("ResourceConflictException",
                     "The operation cannot be performed at this time. The function is currently in the "
                     "following state: Pending",
                     409);
  if (c.raw && f->LastUpdateStatus == "InProgress")
    return aws_error(
        "ResourceConflictException",
        "The operation cannot be performed at this time. An update is in progress for resource: " +
            *f->FunctionArn,
        409);
  return f;
}

// IAM is not always within reach (us-east-1 may be lost): then, as on AWS, what is known of the role counts.
Result<> LambdaService::role_can_be_assumed(const std::string& role) {
  namespace iam = aws::iam;
  auto got = world_.call<iam::op::GetRole>("us-east-1", {.RoleName = role.substr(role.rfind('/') + 1)});
  if (!got && got.error().code != "NoSuchEntity") return {};
  std::string trust =
      got && got->Role ? percent_decode(got->Role->AssumeRolePolicyDocument.value_or("")) : "";
  if (trust.find("\"lambda.amazonaws.com\"") != std::string::npos && got->Role->Arn == role) return {};
  return aws_error("InvalidParameterValueException",
                   "The role defined for the function cannot be assumed by Lambda.", 400);
}

void LambdaService::changed(Region r, Function& f) {
  f.RevisionId = world_.rng.uuid();
  f.LastModified = modified_at(world_.clock.now());
  functions_.save(r, f.Version == kLatest ? *f.FunctionName : *f.FunctionName + ":" + *f.Version, f);
}

// Does nothing while the package is still on its way to the disk: install_later calls it again then.
void LambdaService::settle(Region r, const std::string& key) {
  world_.after(world_.pace(std::chrono::seconds(2)), [this, r, key] {
    auto* f = functions_.find(r, key);
    if (!f || !world_.links().up(r)) return;
    std::error_code ec;
    std::string sha = hex(unbase64(f->CodeSha256.value_or("")).value_or(""));
    if (!std::filesystem::exists(code_dir(r, *f->FunctionName, sha), ec)) return;
    if (f->State == "Pending") {
      f->State = "Active";
      f->StateReason.reset();
      f->StateReasonCode.reset();
    }
    if (f->LastUpdateStatus == "InProgress") {
      f->LastUpdateStatus = "Successful";
      f->LastUpdateStatusReason.reset();
      f->LastUpdateStatusReasonCode.reset();
    }
    functions_.save(r, key, *f);
  });
}

}  // namespace relight::sandbox
