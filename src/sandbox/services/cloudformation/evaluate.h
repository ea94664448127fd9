// Intrinsic functions: a template's value in, plain JSON out.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/services/cloudformation/template.h"

namespace relight::sandbox::cfn {

struct Scope {
  const Json* tmpl = nullptr;                  // the whole template
  std::map<std::string, Json> parameters;      // resolved values: strings, or arrays for list types
  std::map<std::string, std::string> pseudo;   // AWS::Region, AWS::StackName, …
  std::string region;
  std::vector<std::string> zones;              // of this region
  std::function<std::optional<Json>(const std::string& logical)> ref;  // nullopt: not created (or conditional)
  std::function<std::optional<Json>(const std::string& logical, const std::string& attribute)> attribute;
  std::function<std::optional<std::string>(const std::string& export_name)> import;
  // What cannot be known before it exists becomes this marker instead of an error (change sets).
  bool tolerant = false;
};

class Evaluator {
 public:
  explicit Evaluator(const Scope& s) : s_(s) {}
  // AWS::NoValue removes the key or list entry that holds it.
  Result<Json> value(const Json& v);
  Result<bool> condition(const std::string& name);

 private:
  Result<Json> function(const std::string& name, const Json& arg);
  Result<Json> ref(const std::string& name);
  Result<Json> get_att(const Json& arg);
  Result<Json> sub(const Json& arg);
  Result<Json> join(const Json& arg);
  Result<Json> select(const Json& arg);
  Result<Json> cidr(const Json& arg);
  Result<Json> find_in_map(const Json& arg);
  Result<Json> split(const Json& arg);
  Result<Json> zones(const Json& arg);
  Result<Json> import(const Json& arg);
  Result<bool> test(const Json& c);

  const Scope& s_;
  std::map<std::string, bool> conditions_;
  int depth_ = 0;
};

}  // namespace relight::sandbox::cfn
