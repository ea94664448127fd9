#include "sandbox/services/cloudformation/template.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <map>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::cfn {
namespace {

constexpr size_t kTextLimit = 1'000'000;
constexpr int kDepthLimit = 64;
constexpr size_t kNodeLimit = 100'000;

struct Bad {
  std::string message;
};

Json split_attribute(const std::string& s) {
  size_t dot = s.find('.');
  if (dot == std::string::npos) throw Bad{fmt::format("!GetAtt '{}' must be LogicalName.Attribute", s)};
  return Json::array({s.substr(0, dot), s.substr(dot + 1)});
}

Json plain_scalar(const std::string& s) {
  static const std::map<std::string, Json> kWords{{"true", true}, {"True", true}, {"TRUE", true}, {"false", false},
                                                  {"False", false}, {"FALSE", false}, {"null", nullptr},
                                                  {"~", nullptr}, {"", nullptr}};
  if (auto it = kWords.find(s); it != kWords.end()) return it->second;
  bool digits = s.find_first_not_of("0123456789", s[0] == '-' && s.size() > 1 ? 1 : 0) == std::string::npos;
  // A leading zero or a long run of digits is a name (an account id), not a number.
  if (digits && s.size() < 12 && (s.size() == 1 || s[0] != '0')) return std::stoll(s);
  return s;
}

class Reader {
 public:
  Json read(const YAML::Node& n, int depth) {
    if (depth > kDepthLimit) throw Bad{"the template is nested more than 64 deep"};
    if (++nodes_ > kNodeLimit) throw Bad{"the template has more than 100,000 nodes (are aliases multiplying?)"};
    Json v = value(n, depth);
    std::string tag = n.Tag();
    if (tag.size() < 2 || tag[0] != '!' || tag == "!!") return v;
    if (tag.starts_with("!!") || tag == "!") return v;
    return intrinsic(tag.substr(1), std::move(v), n);
  }

 private:
  Json value(const YAML::Node& n, int depth) {
    switch (n.Type()) {
      case YAML::NodeType::Sequence: {
        Json out = Json::array();
        for (const auto& e : n) out.push_back(read(e, depth + 1));
        return out;
      }
      case YAML::NodeType::Map: {
        Json out = Json::object();
        for (const auto& e : n) {
          std::string key = e.first.Scalar();
          if (out.contains(key))
            throw Bad{fmt::format("line {}: the key '{}' stands twice", e.first.Mark().line + 1, key)};
          out[key] = read(e.second, depth + 1);
        }
        return out;
      }
      case YAML::NodeType::Scalar: return n.Tag() == "?" || n.Tag().empty() ? plain_scalar(n.Scalar()) : Json(n.Scalar());
      default: return nullptr;
    }
  }

  static Json intrinsic(const std::string& name, Json v, const YAML::Node& n) {
    if (name == "Ref") return Json{{"Ref", std::move(v)}};
    if (name == "Condition") return Json{{"Condition", std::move(v)}};
    if (name == "GetAtt") return Json{{"Fn::GetAtt", v.is_string() ? split_attribute(v.get<std::string>()) : std::move(v)}};
    static const std::set<std::string> kKnown{"Sub", "Join", "Select", "Split", "If", "FindInMap", "GetAZs", "Cidr",
                                              "ImportValue", "And", "Or", "Not", "Equals", "Base64"};
    if (!kKnown.contains(name))
      throw Bad{fmt::format("line {}: !{} is not an intrinsic function this sandbox knows", n.Mark().line + 1, name)};
    return Json{{"Fn::" + name, std::move(v)}};
  }
  size_t nodes_ = 0;
};

std::unexpected<Error> malformed(const std::string& message) {
  return aws_error("ValidationError", "Template format error: " + message, 400);
}

}  // namespace

Result<Json> parse_template(std::string_view text) {
  if (text.size() > kTextLimit) return malformed("the template is larger than 1 MB");
  try {
    Json t = Reader().read(YAML::Load(std::string(text)), 0);
    if (!t.is_object()) return malformed("the template is not a mapping");
    return t;
  } catch (const YAML::Exception& e) {
    return malformed(fmt::format("line {}, column {}: {}", e.mark.line + 1, e.mark.column + 1, e.msg));
  } catch (const Bad& b) {
    return malformed(b.message);
  }
}

std::string as_text(const Json& v) { return v.is_string() ? v.get<std::string>() : v.dump(); }

void references(const Json& v, const Json& resources, std::set<std::string>& out) {
  auto add = [&](const std::string& n) {
    if (resources.contains(n)) out.insert(n);
  };
  if (v.is_array()) {
    for (auto& e : v) references(e, resources, out);
    return;
  }
  if (!v.is_object()) return;
  for (auto& [k, e] : v.items()) {
    if (k == "Ref" && e.is_string()) add(e.get<std::string>());
    if (k == "Fn::GetAtt" && e.is_array() && !e.empty() && e[0].is_string()) add(e[0].get<std::string>());
    if (k == "Fn::GetAtt" && e.is_string()) add(e.get<std::string>().substr(0, e.get<std::string>().find('.')));
    if (k == "Fn::Sub") {
      std::string s = e.is_string() ? e.get<std::string>() : e.is_array() && !e.empty() && e[0].is_string() ? e[0].get<std::string>() : "";
      for (size_t i = s.find("${"); i != std::string::npos; i = s.find("${", i + 2)) {
        std::string name = s.substr(i + 2, s.find('}', i) - i - 2);
        add(name.substr(0, name.find('.')));
      }
    }
    references(e, resources, out);
  }
}

std::set<std::string> dependencies(const Json& t, const std::string& logical) {
  const Json& r = t["Resources"][logical];
  std::set<std::string> out;
  references(r.value("Properties", Json::object()), t["Resources"], out);
  Json on = r.value("DependsOn", Json::array());
  if (on.is_string()) out.insert(on.get<std::string>());
  else for (auto& d : on) out.insert(d.get<std::string>());
  out.erase(logical);
  return out;
}

}  // namespace relight::sandbox::cfn
