// What can be said about a template without making anything. Limits: CloudFormation User Guide, "Understand
// CloudFormation quotas".
#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>

#include "sandbox/gateway/service.h"
#include "sandbox/services/cloudformation/template.h"

namespace relight::sandbox::cfn {
namespace {

// Depth-first; names the circle if there is one.
std::optional<std::string> circle(const Json& t) {
  std::map<std::string, int> state;
  std::optional<std::string> found;
  std::function<void(const std::string&, const std::string&)> visit = [&](const std::string& n, const std::string& path) {
    state[n] = 1;
    for (auto& d : dependencies(t, n)) {
      if (found) return;
      if (state[d] == 1) found = path + " -> " + d;
      else if (state[d] == 0) visit(d, path + " -> " + d);
    }
    state[n] = 2;
  };
  for (auto& [n, r] : t["Resources"].items())
    if (state[n] == 0 && !found) visit(n, n);
  return found;
}

std::unexpected<Error> bad_format(const std::string& message) {
  return aws_error("ValidationError", "Template format error: " + message, 400);
}

Result<> check_header(const Json& t) {
  static const std::set<std::string> kSections{"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules",
                                               "Mappings", "Conditions", "Transform", "Resources", "Outputs", "Hooks"};
  for (auto& [k, v] : t.items())
    if (!kSections.contains(k)) return bad_format(fmt::format("Invalid template property or properties [{}]", k));
  for (const char* section : {"Transform", "Rules", "Hooks"})
    if (t.contains(section)) return bad_format(fmt::format("{} is not supported in this sandbox", section));
  if (t.contains("AWSTemplateFormatVersion") && as_text(t["AWSTemplateFormatVersion"]) != "2010-09-09")
    return bad_format("Unsupported value for AWSTemplateFormatVersion.");
  if (t.contains("Description") && as_text(t["Description"]).size() > 1024)
    return bad_format("'Description' length is greater than 1024.");
  if (!t.contains("Resources") || !t["Resources"].is_object() || t["Resources"].empty())
    return bad_format("At least one Resources member must be defined.");
  return {};
}

Result<> check_sections(const Json& t) {
  struct Limit {
    const char *section, *what;
    size_t most;
  };
  for (auto& l : {Limit{"Resources", "resources", 500}, {"Parameters", "parameters", 200}, {"Outputs", "outputs", 200},
                  {"Mappings", "mappings", 200}, {"Conditions", "conditions", 1000}}) {
    const Json section = t.value(l.section, Json::object());
    if (!section.is_object()) return bad_format(fmt::format("{} must be a map", l.section));
    if (section.size() > l.most) return bad_format(fmt::format("Number of {}, {}, is greater than maximum allowed, {}", l.what, section.size(), l.most));
    for (auto& [name, v] : section.items())
      if (!v.is_object()) return bad_format(fmt::format("Every {} member must be a map: {}", l.section, name));
  }
  return {};
}

Result<> check_policies(const std::string& name, const Json& r) {
  for (std::string_view policy : {"DeletionPolicy", "UpdateReplacePolicy"}) {
    if (!r.contains(policy)) continue;
    std::string v = as_text(r[std::string(policy)]);
    bool create = v == "RetainExceptOnCreate" && policy == "DeletionPolicy";
    if (v != "Delete" && v != "Retain" && v != "Snapshot" && !create)
      return aws_error("ValidationError", fmt::format("Template error: Unrecognized {} {} for resource {}", policy, v, name), 400);
  }
  return {};
}

Result<> check_resource(const Json& t, const std::string& name, const Json& r) {
  static const std::set<std::string> kAttributes{"Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy",
                                                 "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy"};
  if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") != std::string::npos)
    return bad_format(fmt::format("Resource name {} is non alphanumeric.", name));
  if (!r.contains("Type") || !r["Type"].is_string())
    return bad_format(fmt::format("[/Resources/{}] Every Resources object must contain a Type member.", name));
  for (auto& [k, v] : r.items())
    if (!kAttributes.contains(k)) return bad_format(fmt::format("Invalid template resource property '{}'", k));
  for (const char* k : {"CreationPolicy", "UpdatePolicy"})
    if (r.contains(k)) return bad_format(fmt::format("{} is not supported in this sandbox (resource {})", k, name));
  if (r.contains("Properties") && !r["Properties"].is_object())
    return bad_format(fmt::format("[/Resources/{}/Properties] must be a map.", name));
  Json on = r.value("DependsOn", Json::array());
  for (auto& d : on.is_string() ? Json::array({on}) : on)
    if (!d.is_string() || !t["Resources"].contains(d.get<std::string>()))
      return bad_format(fmt::format("Unresolved resource dependencies [{}] in the Resources block of the template", as_text(d)));
  if (r.contains("Condition") && !t.value("Conditions", Json::object()).contains(as_text(r["Condition"])))
    return aws_error("ValidationError", fmt::format("Template error: unresolved condition dependency {} in the Resources block of the template",
                                                    as_text(r["Condition"])), 400);
  return check_policies(name, r);
}

// Ref, Fn::GetAtt, Fn::Sub, Fn::If and Condition that lead nowhere.
class References {
 public:
  References(const Json& t, std::string_view section) : t_(t), section_(section) {}
  Result<> check(const Json& v) {
    if (v.is_object() && v.size() == 1) {
      const std::string& key = v.begin().key();
      const Json& arg = *v.begin();
      if (key == "Ref" && arg.is_string()) return named(arg.get<std::string>());
      if (key == "Fn::GetAtt") return attribute(arg);
      if (key == "Fn::Sub") return sub(arg);
      if (key == "Fn::If" && arg.is_array() && !arg.empty()) TRY(condition(as_text(arg[0])));
    }
    if (v.is_structured())
      for (auto& e : v) TRY(check(e));
    return {};
  }

 private:
  Result<> named(const std::string& n) {
    static const std::set<std::string> kPseudo{"AWS::AccountId", "AWS::NoValue", "AWS::Partition", "AWS::Region",
                                               "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"};
    if (kPseudo.contains(n) || t_.value("Parameters", Json::object()).contains(n)) return {};
    bool conditions = section_ == "Conditions";  // which know no resources
    if (!conditions && t_["Resources"].contains(n)) return {};
    return bad_format(fmt::format("Unresolved {}dependencies [{}] in the {} block of the template", conditions ? "" : "resource ", n, section_));
  }
  Result<> attribute(const Json& arg) {
    std::string n = arg.is_array() && !arg.empty() ? as_text(arg[0]) : as_text(arg);
    n = n.substr(0, n.find('.'));
    if (t_["Resources"].contains(n)) return {};
    return aws_error("ValidationError", fmt::format("Template error: instance of Fn::GetAtt references undefined resource {}", n), 400);
  }
  Result<> sub(const Json& arg) {
    std::string in = arg.is_array() && !arg.empty() ? as_text(arg[0]) : as_text(arg);
    Json local = arg.is_array() && arg.size() > 1 && arg[1].is_object() ? arg[1] : Json::object();
    for (size_t i = in.find("${"); i != std::string::npos; i = in.find("${", i + 2)) {
      size_t end = in.find('}', i);
      if (end == std::string::npos) break;
      std::string n = in.substr(i + 2, end - i - 2);
      if (n.starts_with("!") || local.contains(n)) continue;
      bool att = n.find('.') != std::string::npos && !n.starts_with("AWS::");
      TRY(att ? attribute(Json(n)) : named(n));
    }
    return check(local);
  }
  Result<> condition(const std::string& n) {
    if (t_.value("Conditions", Json::object()).contains(n)) return {};
    return aws_error("ValidationError", fmt::format("Template error: unresolved condition dependency {} in the {} block of the template", n, section_), 400);
  }
  const Json& t_;
  std::string_view section_;
};

}  // namespace

Result<> check_template(const Json& t) {
  TRY(check_header(t));
  TRY(check_sections(t));
  for (auto& [name, r] : t["Resources"].items()) TRY(check_resource(t, name, r));
  for (const char* section : {"Conditions", "Resources", "Outputs"}) {
    const Json all = t.value(section, Json::object());
    for (auto& [name, v] : all.items()) TRY(References(t, section).check(v));
  }
  if (auto c = circle(t)) return aws_error("ValidationError", "Circular dependency between resources: [" + *c + "]", 400);
  return {};
}

}  // namespace relight::sandbox::cfn
