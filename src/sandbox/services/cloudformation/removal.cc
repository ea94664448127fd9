// A resource on its way down, and what its policies say. CloudFormation Template Reference, "DeletionPolicy attribute"
// and "UpdateReplacePolicy attribute".
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sandbox/services/cloudformation/engine.h"

namespace relight::sandbox::cfn {
namespace {

std::string logical_of(const std::string& key) { return key.substr(0, key.find('@')); }

bool needed(const std::map<std::string, Resource>& all, const std::string& key) {
  std::string logical = logical_of(key);
  return std::any_of(all.begin(), all.end(), [&](auto& other) {
    auto& needs = other.second.needs;
    return other.first != key && std::find(needs.begin(), needs.end(), logical) != needs.end();
  });
}

}  // namespace

// One look at each that nothing else needs any more. False: nothing more will happen.
bool Engine::backward(Pass& p, std::map<std::string, Resource>& resources) {
  std::vector<std::string> keys;
  for (auto& [key, r] : resources) keys.push_back(key);
  bool more = false;
  for (auto& key : keys) {
    Resource& r = resources[key];
    if (r.settled || needed(resources, key)) continue;
    std::string logical = logical_of(key);
    if (p.stack.retained.contains(logical)) resource_status(p.stack, logical, r, "DELETE_SKIPPED");
    else remove(p, logical, r);
    more = true;
    if (r.status == "DELETE_COMPLETE" || r.status == "DELETE_SKIPPED") {
      resources.erase(key);
      p.stack.dirty = true;
    } else if (r.status == "DELETE_FAILED") {
      r.settled = true;
    }
  }
  return more;
}

// The default is Delete, and Snapshot for a DB instance outside a cluster that is deleted (not: replaced). A read
// replica's deletion policy is ignored (AWS::RDS::DBInstance, SourceDBInstanceIdentifier: "Read replicas don't support
// deletion policies"). A snapshot needs something that has once been available.
std::string Engine::policy(const Stack& s, const ResourceType& t, const Resource& r) {
  std::string wanted = r.replaced ? r.replace_policy : r.deletion_policy;
  if (wanted.empty()) wanted = t.snapshots_by_default && !r.replaced ? "Snapshot" : "Delete";
  const Json* replica = t.no_policy_if.empty() ? nullptr : at(r.described, t.no_policy_if);
  if (!r.replaced && replica && !replica->is_null() && *replica != "") return "Delete";
  // "If the operation that created the resource is rolled back, CloudFormation deletes it."
  bool undone = r.fresh && (s.op == "rollback" || s.op == "update_rollback");
  if (wanted == "RetainExceptOnCreate") return undone ? "Delete" : "Retain";
  if (wanted == "Snapshot" && (t.snapshot.empty() || !r.complete)) return "Delete";
  return wanted;
}

// False: failed, and its event says why.
bool Engine::delete_now(Pass& p, const std::string& logical, const ResourceType& t, Resource& r, bool snapshot) {
  Subject s = subject(p, logical, r);
  resource_status(p.stack, logical, r, "DELETE_IN_PROGRESS");
  for (auto& a : snapshot ? t.snapshot : t.remove) {
    if (!applies(a, s.props, Json())) continue;
    auto out = act(p.region, t, a, s);
    if (out || gone(out.error())) continue;
    resource_status(p.stack, logical, r, "DELETE_FAILED", fmt::format("{} (Service: {}, Code: {})", out.error().message, a.service, out.error().code));
    return false;
  }
  return true;
}

void Engine::remove(Pass& p, const std::string& logical, Resource& r) {
  if (r.physical.empty()) {
    r.status = "DELETE_COMPLETE";
    return;
  }
  const ResourceType* t = find_type(r.type);
  Subject s = subject(p, logical, r);
  bool waits = t && t->ready;
  if (t && waits && r.status != "DELETE_IN_PROGRESS") {
    auto d = describe(p.region, *t, s);
    if (d) r.described = std::move(*d);
    // Cancelled while it was being made: it must be still before it can go.
    if (d && r.stale && t->ready(r.described, s) == Ready::kNotYet) return;
  }
  if (r.status != "DELETE_IN_PROGRESS") {
    r.stale = false;
    std::string how = t ? policy(p.stack, *t, r) : "Retain";
    if (how == "Retain") return resource_status(p.stack, logical, r, "DELETE_SKIPPED");
    if (!delete_now(p, logical, *t, r, how == "Snapshot")) return;
  }
  // Only what has an asynchronous deletion is waited for.
  if (waits) {
    auto d = describe(p.region, *t, s);
    if (d && (*d).value("status", "") != "INACTIVE") return;
    if (!d && !gone(d.error())) return;
  }
  resource_status(p.stack, logical, r, "DELETE_COMPLETE");
}

}  // namespace relight::sandbox::cfn
