#include <fmt/format.h>

#include "sandbox/gateway/service.h"
#include "sandbox/services/cloudformation/types.h"

namespace relight::sandbox::cfn {

const aws::Member* member_of(const aws::Shape& s, const std::string& name) {
  for (auto& m : s.members)
    if (m.name == name) return &m;
  for (auto& m : s.members)
    if (http::iequals(m.name, name)) return &m;
  return nullptr;
}

namespace {

std::unexpected<Error> unfit(const std::string& path, const Json& v, std::string_view wanted) {
  return aws_error("ValidationError", fmt::format("Value of property {} must be {}, got a {}", path, wanted, v.type_name()), 400);
}

bool integer_text(const std::string& s) {
  return !s.empty() && s.size() < 19 && s.find_first_not_of("0123456789", s[0] == '-' ? 1 : 0) == std::string::npos && s != "-";
}

Result<Json> coerce_object(const aws::Shape& shape, const Json& v, const std::string& path) {
  if (!v.is_object()) return unfit(path, v, "an object");
  Json out = Json::object();
  for (auto& [k, e] : v.items()) {
    const aws::Member* m = member_of(shape, k);
    if (!m) return aws_error("ValidationError", fmt::format("Encountered unsupported property {}", path.empty() ? k : path + "." + k), 400);
    TRY_ASSIGN(out[std::string(m->name)], coerce(*m->shape(), e, path.empty() ? k : path + "." + k));
  }
  return out;
}

}  // namespace

Result<Json> coerce(const aws::Shape& shape, const Json& v, const std::string& path) {
  using aws::Type;
  switch (shape.type) {
    case Type::kStructure: return coerce_object(shape, v, path);
    case Type::kList: {
      Json out = Json::array();
      for (auto& e : v.is_array() ? v : Json::array({v})) {
        TRY_ASSIGN(Json x, coerce(*shape.element->shape(), e, path + "[]"));
        out.push_back(std::move(x));
      }
      return out;
    }
    case Type::kMap: {
      if (!v.is_object()) return unfit(path, v, "an object");
      Json out = Json::object();
      for (auto& [k, e] : v.items()) {
        TRY_ASSIGN(out[k], coerce(*shape.element->shape(), e, path + "." + k));
      }
      return out;
    }
    case Type::kString: return v.is_string() ? v : Json(v.dump());
    case Type::kInteger:
    case Type::kLong:
      if (v.is_string() && integer_text(v.get<std::string>())) return Json(std::stoll(v.get<std::string>()));
      return v.is_number() ? Result<Json>(v) : unfit(path, v, "a whole number");
    case Type::kFloat:
    case Type::kDouble:
      if (v.is_string()) {
        char* end = nullptr;
        double d = std::strtod(v.get_ref<const std::string&>().c_str(), &end);
        return *end == '\0' && !v.get_ref<const std::string&>().empty() ? Result<Json>(Json(d)) : unfit(path, v, "a number");
      }
      return v.is_number() ? Result<Json>(v) : unfit(path, v, "a number");
    case Type::kBoolean:
      if (v == "true" || v == "True") return Json(true);
      if (v == "false" || v == "False") return Json(false);
      return v.is_boolean() ? Result<Json>(v) : unfit(path, v, "true or false");
    default: return v;
  }
}

}  // namespace relight::sandbox::cfn
