// The server's checks of an input against its model. Wording follows the services' framework ("1 validation
// error detected: Value '…' at '…' failed to satisfy constraint: …"), EC2's and RDS's own where they differ
// (Amazon EC2 API Reference, "Error codes"; Amazon RDS API Reference, "Common Errors"). Codes of S3 and Route
// 53: unverified beyond their API references' lists of errors.
#include <algorithm>
#include <cmath>
#include <vector>

#include "aws/codec/codec.h"
#include "aws/codec/pattern.h"
#include "base/bytes.h"

namespace relight::aws::codec {
namespace {

constexpr size_t kMaxReported = 10;
constexpr size_t kMaxShown = 256;  // bytes of a refused value that an error repeats

struct Complaint {
  std::string path, value, constraint;
  bool missing = false;
};

// Services whose sets of enum values are not checked by their front: the models trail what they accept.
bool enums_are_open(const ServiceModel& s) { return s.id == "s3" || s.id == "ec2" || s.id == "rds"; }

std::string number(double v) {
  if (v == std::floor(v) && std::abs(v) < 1e15) return std::to_string(static_cast<long long>(v));
  return std::to_string(v);
}

size_t code_points(std::string_view s) {
  return static_cast<size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

class Validator {
 public:
  explicit Validator(const ServiceModel& s) : service_(s) {}
  std::vector<Complaint> found;

  void structure(const Shape& s, const void* v, const std::string& path) {
    for (auto& m : s.members) {
      if (found.size() >= kMaxReported) return;
      const void* p = m.get(v);
      std::string at = path.empty() ? member_path(m) : path + "." + member_path(m);
      if (p) {
        value(*m.shape(), p, at);
      } else if (m.required && !m.idempotency_token) {
        found.push_back({at, "null", "Member must not be null", true});
      }
    }
  }

 private:
  const ServiceModel& service_;

  bool own_names() const { return service_.id == "ec2" || service_.id == "rds"; }
  // The framework's paths start small: "roleName"; EC2 and RDS repeat the parameter as it was sent.
  std::string member_path(const Member& m) const {
    std::string name(m.name);
    if (!own_names()) name[0] = static_cast<char>(tolower(static_cast<unsigned char>(name[0])));
    return name;
  }

  void complain(const std::string& path, std::string_view value, std::string constraint) {
    std::string shown(value.substr(0, kMaxShown));
    found.push_back(
        {path, "'" + shown + (value.size() > kMaxShown ? "…" : "") + "'", std::move(constraint), false});
  }

  void value(const Shape& s, const void* v, const std::string& path) {
    switch (s.type) {
      case Type::kStructure:
        return structure(s, v, path);
      case Type::kList:
        return list(s, v, path);
      case Type::kMap:
        return map(s, v, path);
      case Type::kString:
        return string(s, *static_cast<const std::string*>(v), path);
      case Type::kInteger:
        return range(s, *static_cast<const int32_t*>(v), path);
      case Type::kLong:
        return range(s, static_cast<double>(*static_cast<const int64_t*>(v)), path);
      case Type::kFloat:
        return range(s, *static_cast<const float*>(v), path);
      case Type::kDouble:
        return range(s, *static_cast<const double*>(v), path);
      case Type::kBlob:
        return length(s, static_cast<const Blob*>(v)->bytes.size(), "", path);
      default:
        return;
    }
  }

  void string(const Shape& s, const std::string& v, const std::string& path) {
    std::string shown = s.sensitive ? "***Sensitive Data Redacted***" : v;
    if (!s.enums.empty() && !enums_are_open(service_) &&
        std::find(s.enums.begin(), s.enums.end(), v) == s.enums.end()) {
      std::string set;
      for (auto e : s.enums) set += (set.empty() ? "" : ", ") + std::string(e);
      complain(path, shown, "Member must satisfy enum value set: [" + set + "]");
    }
    length(s, code_points(v), shown, path);
    if (!s.pattern.empty() && !matches(s.pattern, v))
      complain(path, shown, "Member must satisfy regular expression pattern: " + std::string(s.pattern));
  }

  void length(const Shape& s, size_t n, std::string_view shown, const std::string& path) {
    if (s.has_max && static_cast<double>(n) > s.max)
      complain(path, shown, "Member must have length less than or equal to " + number(s.max));
    if (s.has_min && static_cast<double>(n) < s.min)
      complain(path, shown, "Member must have length greater than or equal to " + number(s.min));
  }

  void range(const Shape& s, double v, const std::string& path) {
    if (s.has_max && v > s.max)
      complain(path, number(v), "Member must have value less than or equal to " + number(s.max));
    if (s.has_min && v < s.min)
      complain(path, number(v), "Member must have value greater than or equal to " + number(s.min));
  }

  void list(const Shape& s, const void* v, const std::string& path) {
    size_t n = s.list->size(v);
    length(s, n, "[" + std::to_string(n) + " members]", path);
    for (size_t i = 0; i < n && found.size() < kMaxReported; ++i)
      value(*s.element->shape(), s.list->at(v, i),
            path + "." + std::to_string(i + 1) + (own_names() ? "" : ".member"));
  }

  void map(const Shape& s, const void* v, const std::string& path) {
    length(s, s.map->size(v), "{" + std::to_string(s.map->size(v)) + " entries}", path);
    struct Each {
      Validator* self;
      const Shape& s;
      const std::string& path;
    } each{this, s, path};
    s.map->each(v, &each, [](void* arg, const std::string& key, const void* value) {
      auto& e = *static_cast<Each*>(arg);
      if (e.self->found.size() >= kMaxReported) return;
      e.self->string(*e.s.key->shape(), key, e.path + ".key");
      e.self->value(*e.s.element->shape(), value, e.path + "." + key.substr(0, kMaxShown) + ".member");
    });
  }
};

std::string framework_message(const std::vector<Complaint>& found) {
  std::string out = std::to_string(found.size()) +
                    (found.size() == 1 ? " validation error" : " validation errors") + " detected: ";
  for (size_t i = 0; i < found.size(); ++i)
    out += (i ? "; " : "") + std::string("Value ") + found[i].value + " at '" + found[i].path +
           "' failed to satisfy constraint: " + found[i].constraint;
  return out;
}

std::string code(const ServiceModel& s, const Complaint& first) {
  if (s.id == "ec2" || s.id == "rds") return first.missing ? "MissingParameter" : "InvalidParameterValue";
  if (s.id == "ecs") return "InvalidParameterException";
  if (s.id == "route53") return "InvalidInput";
  if (s.id == "s3") return "InvalidArgument";
  return s.protocol == Protocol::kQuery ? "ValidationError" : "ValidationException";
}

std::string message(const ServiceModel& s, const std::vector<Complaint>& found) {
  const Complaint& first = found.front();
  if (s.id != "ec2" && s.id != "rds") return framework_message(found);
  if (first.missing) return "The request must contain the parameter " + first.path;
  return "Value (" + first.value.substr(1, first.value.size() - 2) + ") for parameter " + first.path +
         " is invalid. " + first.constraint;
}

}  // namespace

Result<> validate(const ServiceModel& s, const Shape& shape, const void* value) {
  Validator v(s);
  if (shape.type == Type::kStructure) v.structure(shape, value, "");
  if (v.found.empty()) return {};
  Error e;
  e.code = code(s, v.found.front());
  e.message = message(s, v.found);
  e.resource = v.found.front().path;
  e.http_status = 400;
  return fail(std::move(e));
}

}  // namespace relight::aws::codec
