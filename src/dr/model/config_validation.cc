// How to tell that the application works: relight.yaml's `validation`.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "dr/model/config_reader.h"
#include "dr/model/validation.h"

namespace relight::dr {
namespace {

void check_path(ConfigReader& r, const YAML::Node& n, const std::string& where, const std::string& path) {
  bool plain =
      path.starts_with('/') && std::ranges::all_of(path, [](unsigned char c) { return c > ' ' && c < 127; });
  if (!plain)
    r.complain(n["path"], "Config.Malformed",
               where + ".path: a path that begins with '/', without spaces, was expected");
}

// The answer of the write is known only to what is asked after it.
void no_answer_yet(ConfigReader& r, const YAML::Node& n, const std::string& where) {
  for (auto* key : {"path", "body", "contains"})
    if (n[key] && n[key].IsScalar() && n[key].Scalar().contains("{answer."))
      r.complain(n[key], "Config.Malformed",
                 fmt::format("{}.{}: {{answer.NAME}} stands only in read_back, after a write", where, key));
}

void read_question(ConfigReader& r, const YAML::Node& n, const std::string& where, Question& q) {
  bool write = where == "validation.write";
  if (write)
    r.keys(n, where, {"method", "path", "body", "content_type", "status", "contains"}, {"path"});
  else
    r.keys(n, where, {"path", "status", "contains"}, {"path"});
  if (r.error()) return;
  r.text(n, "path", q.path);
  r.number(n, "status", 100, 599, q.status);
  r.text(n, "contains", q.contains);
  r.text(n, "body", q.body);
  if (write) q.method = "POST";
  r.text(n, "method", q.method);
  q.content_type = q.body.empty() ? "" : "application/json";
  r.text(n, "content_type", q.content_type);
  if (r.error()) return;
  constexpr std::array<std::string_view, 4> kMethods{"POST", "PUT", "PATCH", "DELETE"};
  if (write && std::ranges::find(kMethods, q.method) == kMethods.end())
    return r.complain(
        n["method"], "Config.Malformed",
        where + ".method: one of " + fmt::format("{}", fmt::join(kMethods, ", ")) + " was expected");
  check_path(r, n, where, q.path);
  if (where != "validation.read_back") no_answer_yet(r, n, where);
}

}  // namespace

void read_validation(ConfigReader& r, const YAML::Node& n, Validation& v) {
  r.keys(n, "validation", {"scheme", "port", "deadline", "read", "write", "read_back", "object"});
  if (r.error()) return;
  r.text(n, "scheme", v.scheme);
  r.number(n, "port", 1, 65535, v.port);
  r.duration(n, "deadline", v.deadline);
  r.text(n, "object", v.object);
  if (r.error()) return;
  if (v.scheme != "http" && v.scheme != "https")
    return r.complain(n["scheme"], "Config.Malformed", "validation.scheme: 'http' or 'https' was expected");
  if (auto q = n["read"]) read_question(r, q, "validation.read", v.read);
  if (auto q = n["write"]; q && !r.error()) read_question(r, q, "validation.write", v.write.emplace());
  if (auto q = n["read_back"]; q && !r.error()) {
    if (!v.write)
      return r.complain(q, "Config.Missing", "validation.read_back: 'write', which is read back, is missing");
    read_question(r, q, "validation.read_back", v.read_back.emplace());
  }
  if (!r.error() && !v.object.empty() && !v.write)
    r.complain(n["object"], "Config.Missing",
               "validation.object: 'write', which makes the object, is missing");
}

}  // namespace relight::dr
