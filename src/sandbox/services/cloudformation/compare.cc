// What an update would do.
#include "sandbox/services/cloudformation/service.h"

namespace relight::sandbox {

namespace {

cfn::Json change(const char* action, const std::string& logical, const std::string& type, const std::string& physical,
                 const char* replacement = nullptr, const std::vector<std::string>& properties = {}) {
  cfn::Json c{{"Action", action}, {"LogicalResourceId", logical}, {"ResourceType", type}};
  if (!physical.empty()) c["PhysicalResourceId"] = physical;
  if (replacement) c["Replacement"] = replacement;
  if (!properties.empty()) c["Properties"] = properties;
  return c;
}

// A resource's own Metadata: a change of it is a change, of a DeletionPolicy alone it is none ("DeletionPolicy
// attribute": "You can't update the deletion policy by itself").
cfn::Json metadata_of(const cfn::Json& tmpl, const std::string& logical) {
  auto* r = cfn::at(tmpl, "/Resources/" + logical + "/Metadata");
  return r ? *r : cfn::Json();
}

}  // namespace

// Values that exist only after creation compare as different.
Result<CloudFormationService::Comparison> CloudFormationService::compare(const std::string& region, const cfn::Stack& s, const Wanted& w) {
  TRY_ASSIGN(auto wanted, engine_.resolve(region, s, w.tmpl, w.target));
  cfn::Json before = cfn::Json::object(), out = cfn::Json::array();
  if (auto t = cfn::parse_template(s.target.body)) before = std::move(*t);
  for (auto& [logical, props] : wanted) {
    auto it = s.resources.find(logical);
    std::string type = w.tmpl["Resources"][logical]["Type"].get<std::string>();
    if (it == s.resources.end() || it->second.physical.empty()) {
      out.push_back(change("Add", logical, type, ""));
      continue;
    }
    const cfn::ResourceType* rt = cfn::find_type(type);
    const cfn::Json& have = it->second.props;
    std::string named(rt ? rt->named : "");
    if (!named.empty() && !props.contains(named) && have.contains(named)) props[named] = have[named];
    std::vector<std::string> changed = cfn::differing(have, props);
    bool replace = false, metadata = metadata_of(w.tmpl, logical) != metadata_of(before, logical);
    for (auto& k : changed) replace = replace || (rt && cfn::replaces(*rt, k));
    if (changed.empty() && !metadata) continue;
    cfn::Json c = change("Modify", logical, type, it->second.physical, replace ? "True" : "False", changed);
    c["Scope"] = changed.empty() ? std::vector<std::string>{"Metadata"} : std::vector<std::string>{"Properties"};
    out.push_back(std::move(c));
  }
  for (auto& [logical, r] : s.resources)
    if (!wanted.contains(logical) && !r.physical.empty()) out.push_back(change("Remove", logical, r.type, r.physical));
  bool nothing = out.empty() && w.tmpl.value("Outputs", cfn::Json::object()) == before.value("Outputs", cfn::Json::object());
  return Comparison{std::move(out), nothing};
}

}  // namespace relight::sandbox
