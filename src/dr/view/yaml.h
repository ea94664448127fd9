// JSON as YAML that a person reads: block style, short values on one line, CloudFormation's short forms
// (!Ref, !GetAtt, !Sub, …) for its intrinsic functions.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace relight::dr::view {

// "key: value" lines, indented by `indent` spaces, with a newline at the end.
std::string yaml_member(std::string_view key, const nlohmann::json& value, int indent);
// A scalar, quoted where YAML would read something else. `flow`: inside of […] or {…}.
std::string yaml_scalar(const nlohmann::json& value, bool flow);

}  // namespace relight::dr::view
