#include <algorithm>

#include "sandbox/services/cloudformation/drift.h"
#include "sandbox/services/cloudformation/evaluate.h"

namespace relight::sandbox::cfn {
namespace {

enum class Agreement { kSame, kDiffers, kCannotTell };

bool same_letters(const std::string& a, const std::string& b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

const Json* under(const Json& object, const std::string& name) {
  for (auto& [k, v] : object.items())
    if (same_letters(k, name)) return &v;
  return nullptr;
}

bool one_value(const Json& v) { return v.is_string() || v.is_number() || v.is_boolean(); }

// A document may stand as one or as its text.
Json opened(const Json& v, const Json& other) {
  if (!v.is_string() || !(other.is_object() || other.is_array())) return v;
  Json read = Json::parse(v.get_ref<const std::string&>(), nullptr, false);
  return read.is_discarded() ? v : read;
}

struct Comparer {
  std::vector<PropertyDrift>& out;

  Agreement tell(const std::string& path, const Json& expected, const Json& actual, const char* kind) {
    out.push_back({path, expected, actual, kind});
    return Agreement::kDiffers;
  }

  Agreement objects(const Json& expected, const Json& actual, const std::string& path) {
    Agreement all = Agreement::kSame;
    for (auto& [k, v] : expected.items()) {
      const Json* there = under(actual, k);
      if (!there) {
        bool nothing = v.is_null() || v == false || v == "" || ((v.is_array() || v.is_object()) && v.empty());
        if (!nothing) all = tell(path + "/" + k, v, nullptr, "REMOVE");
      } else if (compare(v, *there, path + "/" + k) == Agreement::kDiffers) {
        all = Agreement::kDiffers;
      }
    }
    // Of a map every entry is the template's; of a structure, which AWS completes with its defaults, only
    // those given.
    if (path.ends_with("/Variables"))
      for (auto& [k, v] : actual.items())
        if (!expected.contains(k)) all = tell(path + "/" + k, nullptr, v, "ADD");
    return all;
  }

  // In whatever order; AWS adds tags of its own.
  Agreement lists(const Json& expected, const Json& actual, const std::string& path) {
    std::vector<bool> used(actual.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      size_t at = actual.size();
      for (size_t j = 0; j < actual.size() && at == actual.size(); ++j) {
        if (used[j]) continue;
        std::vector<PropertyDrift> unheard;
        auto a = Comparer{unheard}.compare(expected[i], actual[j], path);
        if (a == Agreement::kCannotTell) return a;
        if (a == Agreement::kSame) at = j;
      }
      if (at == actual.size()) return tell(path, expected, actual, "NOT_EQUAL");
      used[at] = true;
    }
    bool more = !path.ends_with("/Tags") && actual.size() > expected.size();
    return more ? tell(path, expected, actual, "NOT_EQUAL") : Agreement::kSame;
  }

  Agreement compare(const Json& expected, const Json& given, const std::string& path) {
    Json actual = opened(given, expected);
    if (expected.is_object() && actual.is_object()) return objects(expected, actual, path);
    if (expected.is_array() && actual.is_array()) return lists(expected, actual, path);
    if (!one_value(expected) || !one_value(actual)) return Agreement::kCannotTell;
    auto wanted = as_text(expected), have = as_text(actual);
    // "10.11" asks for any of its minor versions.
    bool version = path.ends_with("EngineVersion") && have.starts_with(wanted + ".");
    if (wanted == have || version || (expected.is_boolean() && same_letters(wanted, have)))
      return Agreement::kSame;
    if (expected.is_number() || actual.is_number())
      if (std::strtod(wanted.c_str(), nullptr) == std::strtod(have.c_str(), nullptr)) return Agreement::kSame;
    return tell(path, expected, actual, "NOT_EQUAL");
  }
};

}  // namespace

std::vector<PropertyDrift> drift_of(const Json& expected, const Json& actual,
                                    std::vector<std::string>* compared) {
  std::vector<PropertyDrift> out;
  Comparer c{out};
  for (auto& [property, value] : expected.items()) {
    auto there = actual.find(property);
    if (there == actual.end()) continue;
    if (there->is_null()) {
      c.tell("/" + property, value, nullptr, "REMOVE");
    } else if (c.compare(value, *there, "/" + property) == Agreement::kCannotTell) {
      continue;
    }
    if (compared) compared->push_back(property);
  }
  return out;
}

Json properties_in(const ResourceType& t, const Json& props, const Json& described) {
  Json out = Json::object();
  if (!described.is_object()) return out;
  for (auto& [property, value] : props.items()) {
    const Json* there = under(described, property);
    for (auto& a : t.create) {
      if (there) break;
      auto at = (" " + std::string(a.take)).find(" " + property + "=");
      if (at == std::string::npos) continue;
      auto from = at + property.size() + 1;
      there = under(described, std::string(a.take.substr(from, a.take.find(' ', from) - from)));
    }
    if (there) out[property] = *there;
  }
  return out;
}

}  // namespace relight::sandbox::cfn
