#include "sandbox/services/cloudformation/evaluate.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::cfn {
namespace {

const Json kNoValue = Json{{"Ref", "AWS::NoValue"}};
constexpr const char* kUnknown = "{{known after creation}}";

std::unexpected<Error> invalid(const std::string& m) { return aws_error("ValidationError", "Template error: " + m, 400); }

std::string plain(const Json& v) { return v.is_string() ? v.get<std::string>() : v.is_null() ? "" : v.dump(); }

}  // namespace

Result<Json> Evaluator::value(const Json& v) {
  if (v.is_array()) {
    Json out = Json::array();
    for (auto& e : v) {
      TRY_ASSIGN(Json x, value(e));
      if (x != kNoValue) out.push_back(std::move(x));
    }
    return out;
  }
  if (!v.is_object()) return v;
  if (v.size() == 1) {
    const std::string& key = v.begin().key();
    if (key == "Ref" && v.begin()->is_string()) return ref(v.begin()->get<std::string>());
    if (key.starts_with("Fn::")) return function(key.substr(4), *v.begin());
  }
  Json out = Json::object();
  for (auto& [k, e] : v.items()) {
    TRY_ASSIGN(Json x, value(e));
    if (x != kNoValue) out[k] = std::move(x);
  }
  return out;
}

Result<Json> Evaluator::ref(const std::string& name) {
  if (name == "AWS::NoValue") return kNoValue;
  if (auto it = s_.pseudo.find(name); it != s_.pseudo.end()) return Json(it->second);
  if (auto it = s_.parameters.find(name); it != s_.parameters.end()) return it->second;
  if (auto r = s_.ref(name)) return *r;
  if (s_.tolerant) return Json(kUnknown);
  return invalid(fmt::format("Ref of {} which is not created", name));
}

Result<Json> Evaluator::get_att(const Json& arg) {
  Json a = arg;
  if (a.is_string()) {
    auto s = a.get<std::string>();
    a = Json::array({s.substr(0, s.find('.')), s.find('.') == std::string::npos ? "" : s.substr(s.find('.') + 1)});
  }
  if (!a.is_array() || a.size() != 2) return invalid("Fn::GetAtt takes [LogicalName, Attribute]");
  TRY_ASSIGN(Json attr, value(a[1]));
  if (auto r = s_.attribute(plain(a[0]), plain(attr))) return *r;
  if (s_.tolerant) return Json(kUnknown);
  return invalid(fmt::format("resource {} does not have an attribute {}", plain(a[0]), plain(attr)));
}

Result<Json> Evaluator::sub(const Json& arg) {
  std::string in = arg.is_array() && !arg.empty() ? plain(arg[0]) : plain(arg);
  Json local = arg.is_array() && arg.size() > 1 ? arg[1] : Json::object();
  std::string out;
  for (size_t i = 0; i < in.size();) {
    size_t open = in.find("${", i);
    size_t close = open == std::string::npos ? open : in.find('}', open);
    if (close == std::string::npos) {
      out += in.substr(i);
      break;
    }
    out += in.substr(i, open - i);
    std::string name = in.substr(open + 2, close - open - 2);
    i = close + 1;
    if (name.starts_with("!")) {
      out += "${" + name.substr(1) + "}";
    } else if (local.contains(name)) {
      TRY_ASSIGN(Json v, value(local[name]));
      out += plain(v);
    } else {
      size_t dot = name.find('.');
      TRY_ASSIGN(Json v, dot == std::string::npos || name.starts_with("AWS::")
                             ? ref(name) : get_att(Json::array({name.substr(0, dot), name.substr(dot + 1)})));
      out += plain(v);
    }
  }
  return Json(out);
}

Result<Json> Evaluator::join(const Json& arg) {
  if (!arg.is_array() || arg.size() != 2) return invalid("Fn::Join takes [delimiter, list]");
  TRY_ASSIGN(Json list, value(arg[1]));
  if (!list.is_array()) {
    if (s_.tolerant) return Json(kUnknown);
    return invalid("Fn::Join's second argument must be a list");
  }
  std::string out;
  for (size_t i = 0; i < list.size(); ++i) out += (i ? plain(arg[0]) : "") + plain(list[i]);
  return Json(out);
}

Result<Json> Evaluator::select(const Json& arg) {
  if (!arg.is_array() || arg.size() != 2) return invalid("Fn::Select takes [index, list]");
  TRY_ASSIGN(Json index, value(arg[0]));
  TRY_ASSIGN(Json list, value(arg[1]));
  std::string n = plain(index);
  bool number = !n.empty() && n.size() < 6 && n.find_first_not_of("0123456789") == std::string::npos;
  if (!list.is_array() && s_.tolerant) return Json(kUnknown);
  if (!number || !list.is_array() || std::stoul(n) >= list.size())
    return invalid(fmt::format("Fn::Select cannot select nonexistent value at index {}", n));
  return list[std::stoul(n)];
}

Result<Json> Evaluator::cidr(const Json& arg) {
  if (!arg.is_array() || arg.size() < 2) return invalid("Fn::Cidr takes [ipBlock, count, cidrBits]");
  TRY_ASSIGN(Json block, value(arg[0]));
  TRY_ASSIGN(Json count, value(arg[1]));
  TRY_ASSIGN(Json bits, arg.size() > 2 ? value(arg[2]) : Result<Json>(Json(8)));
  if (s_.tolerant && plain(block) == kUnknown) return Json::array({kUnknown, kUnknown, kUnknown, kUnknown, kUnknown, kUnknown});
  unsigned a, b, c, d, prefix;
  if (std::sscanf(plain(block).c_str(), "%u.%u.%u.%u/%u", &a, &b, &c, &d, &prefix) != 5 || prefix > 32)
    return invalid("Fn::Cidr: not an IPv4 block: " + plain(block));
  unsigned n = std::atoi(plain(count).c_str()), host = std::atoi(plain(bits).c_str());
  if (n == 0 || n > 256 || host == 0 || host > 32 - prefix) return invalid("Fn::Cidr: count 1 to 256, cidrBits within the block");
  uint64_t base = (uint64_t{a} << 24 | b << 16 | c << 8 | d) & ~((uint64_t{1} << (32 - prefix)) - 1);
  if (uint64_t{n} << host > uint64_t{1} << (32 - prefix)) return invalid("Fn::Cidr: the block is too small for that many");
  Json out = Json::array();
  for (unsigned i = 0; i < n; ++i) {
    uint64_t x = base + (uint64_t{i} << host);
    out.push_back(fmt::format("{}.{}.{}.{}/{}", x >> 24 & 255, x >> 16 & 255, x >> 8 & 255, x & 255, 32 - host));
  }
  return out;
}

Result<Json> Evaluator::find_in_map(const Json& arg) {
  if (!arg.is_array() || arg.size() != 3) return invalid("Fn::FindInMap takes [map, key, key]");
  Json at = s_.tmpl->value("Mappings", Json::object());
  for (auto& step : arg) {
    TRY_ASSIGN(Json key, value(step));
    if (!at.is_object() || !at.contains(plain(key))) return invalid(fmt::format("Unable to get mapping for {}", arg.dump()));
    at = Json(at[plain(key)]);
  }
  return at;
}

Result<Json> Evaluator::split(const Json& arg) {
  if (!arg.is_array() || arg.size() != 2 || plain(arg[0]).empty())
    return invalid("every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.");
  TRY_ASSIGN(Json v, value(arg[1]));
  if (!v.is_string()) return invalid("Fn::Split's second argument must be a string");
  Json out = Json::array();
  std::string s = plain(v), d = plain(arg[0]);
  for (size_t cut; (cut = s.find(d)) != std::string::npos; s = s.substr(cut + d.size())) out.push_back(s.substr(0, cut));
  out.push_back(s);
  return out;
}

// "" is this region; another region's zones are not this stack's to know.
Result<Json> Evaluator::zones(const Json& arg) {
  TRY_ASSIGN(Json region, value(arg));
  if (!region.is_string()) return invalid("Fn::GetAZs takes the name of a region");
  if (!plain(region).empty() && plain(region) != s_.region)
    return aws_error("ValidationError", fmt::format("Template validation error: Invalid region: {}", plain(region)), 400);
  return Json(s_.zones);
}

Result<Json> Evaluator::import(const Json& arg) {
  TRY_ASSIGN(Json v, value(arg));
  if (!v.is_string()) return invalid("Fn::ImportValue takes the name of an export");
  if (auto x = s_.import(plain(v))) return Json(*x);
  return aws_error("ValidationError", fmt::format("No export named {} found.", plain(v)), 400);
}

Result<Json> Evaluator::function(const std::string& name, const Json& arg) {
  if (++depth_ > 200) return invalid("functions are nested too deeply");
  struct Leave { int& d; ~Leave() { --d; } } leave{depth_};
  if (name == "GetAtt") return get_att(arg);
  if (name == "Sub") return sub(arg);
  if (name == "Join") return join(arg);
  if (name == "Select") return select(arg);
  if (name == "Cidr") return cidr(arg);
  if (name == "FindInMap") return find_in_map(arg);
  if (name == "If") {
    if (!arg.is_array() || arg.size() != 3) return invalid("Fn::If takes [condition, then, else]");
    TRY_ASSIGN(bool yes, condition(plain(arg[0])));
    return value(arg[yes ? 1 : 2]);
  }
  if (name == "Split") return split(arg);
  if (name == "GetAZs") return zones(arg);
  if (name == "ImportValue") return import(arg);
  if (name == "Base64") {
    TRY_ASSIGN(Json v, value(arg));
    return Json(base64(plain(v)));
  }
  return invalid(fmt::format("unknown intrinsic function Fn::{}", name));
}

Result<bool> Evaluator::condition(const std::string& name) {
  if (auto it = conditions_.find(name); it != conditions_.end()) return it->second;
  const Json all = s_.tmpl->value("Conditions", Json::object());
  if (!all.contains(name)) return std::unexpected(invalid(fmt::format("condition {} is not defined", name)).error());
  TRY_ASSIGN(bool r, test(all[name]));
  return conditions_[name] = r;
}

Result<bool> Evaluator::test(const Json& c) {
  auto bad = [&] { return std::unexpected(invalid("not a condition: " + c.dump()).error()); };
  if (!c.is_object() || c.size() != 1 || ++depth_ > 200) return bad();
  struct Leave { int& d; ~Leave() { --d; } } leave{depth_};
  const std::string& k = c.begin().key();
  const Json& a = *c.begin();
  if (k == "Condition") return condition(plain(a));
  if (!a.is_array() || a.empty()) return bad();
  if (k == "Fn::Equals" && a.size() == 2) {
    TRY_ASSIGN(Json x, value(a[0]));
    TRY_ASSIGN(Json y, value(a[1]));
    return plain(x) == plain(y);
  }
  if (k == "Fn::Not" && a.size() == 1) {
    TRY_ASSIGN(bool x, test(a[0]));
    return !x;
  }
  if (k != "Fn::And" && k != "Fn::Or") return bad();
  for (auto& e : a) {
    TRY_ASSIGN(bool x, test(e));
    if (x == (k == "Fn::Or")) return x;
  }
  return k == "Fn::And";
}

}  // namespace relight::sandbox::cfn
