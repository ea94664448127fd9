// IAM is global: a role stays the primary's own, by ARN, unless its policies name what has another name in
// the recovery region. Then the pilot gets one of its own.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

int hex(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

// IAM answers documents URL-encoded (GetRolePolicy: "URL-encoded JSON compliant with RFC 3986").
std::string decoded(const std::string& text) {
  if (text.starts_with('{')) return text;
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += char(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Json document_of(const Json& properties, const char* member) {
  auto it = properties.find(member);
  if (it == properties.end()) return {};
  if (it->is_object()) return *it;
  return it->is_string() ? Json::parse(decoded(it->get<std::string>()), nullptr, false) : Json();
}

using Policies = std::map<std::string, std::vector<Captured>>;  // by role

// A role's inline policies have the id ROLE/POLICY.
Policies policies_of(const PilotDraft& d) {
  Policies out;
  for (auto& p : d.all("iam/role-policy")) out[p.id().substr(0, p.id().find('/'))].push_back(p);
  return out;
}

// Whether any text in it would be another one in the recovery region. A draft's own words decide, without
// saying.
bool regional(const PilotDraft& d, const Json& document) {
  if (document.is_string()) return d.translates(document.get<std::string>());
  return document.is_structured() && std::ranges::any_of(document, [&](auto& e) { return regional(d, e); });
}

Json attached(PilotDraft& d, const Captured& c) {
  Json arns = Json::array();
  for (auto& a : c.properties->value("AttachedPolicies", Json::array())) {
    auto arn = text_of(a, "PolicyArn");
    if (!arn.starts_with("arn:aws:iam::aws:"))
      d.say(c.key(), "the customer managed policy " + arn,
            "its document is not captured: if it names resources of " + d.places().primary +
                ", add their counterparts");
    arns.push_back(arn);
  }
  return arns;
}

void copy(PilotDraft& d, const Captured& c, const std::vector<Captured>& policies) {
  Json p{
      {"AssumeRolePolicyDocument", d.deep(document_of(*c.properties, "AssumeRolePolicyDocument"), c.key())}};
  take(p, *c.properties, "Description");
  if (auto path = text_of(*c.properties, "Path"); path != "/" && !path.empty()) p["Path"] = path;
  if (auto arns = attached(d, c); !arns.empty()) p["ManagedPolicyArns"] = arns;
  p["Policies"] = Json::array();
  for (auto& policy : policies)
    p["Policies"].push_back(
        {{"PolicyName", text_of(*policy.properties, "PolicyName")},
         {"PolicyDocument", d.deep(document_of(*policy.properties, "PolicyDocument"), policy.key())}});
  if (text_of(*c.properties, "PermissionsBoundary").size())
    d.say(c.key(), "PermissionsBoundary", "it is not translated");
  d.add({.id = d.logical("iam/role", c.id()),
         .type = "AWS::IAM::Role",
         .from = c.key(),
         .why = "a role of its own: the primary's names resources of " + d.places().primary},
        std::move(p));
}

// Those that tasks, databases, functions and rules take; what the primary's buckets replicate as is made in
// translate_buckets.
std::set<std::string> taken(const PilotDraft& d) {
  std::set<std::string> out;
  for (auto kind : {"ecs/task-definition", "rds/db-instance", "lambda/function", "events/rule"})
    for (auto& c : d.all(kind))
      for (auto& used : c.resource->uses)
        if (used.kind == "iam/role") out.insert(used.id);
  return out;
}

}  // namespace

void translate_roles(PilotDraft& d) {
  std::vector<Captured> copied;
  auto policies = policies_of(d);
  auto wanted = taken(d);
  for (auto& c : d.all("iam/role")) {
    bool moves = regional(d, document_of(*c.properties, "AssumeRolePolicyDocument"));
    for (auto& p : policies[c.id()]) moves |= regional(d, document_of(*p.properties, "PolicyDocument"));
    d.abandon(c.key());
    if (!wanted.contains(c.id())) continue;
    d.unknown_parts(*c.resource);
    for (auto& p : policies[c.id()]) d.unknown_parts(*p.resource);
    if (!moves) continue;
    d.adopt(c.key());
    d.means(text_of(*c.properties, "Arn"), "${" + d.logical("iam/role", c.id()) + ".Arn}");
    copied.push_back(c);
  }
  for (auto& c : copied) copy(d, c, policies[c.id()]);
}

}  // namespace relight::dr
