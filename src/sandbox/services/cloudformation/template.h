// A CloudFormation template as JSON: YAML's short forms (!Ref, !Sub, …) become their long forms, so that what reads
// it knows one notation. AWS CloudFormation User Guide, "Template anatomy", "Intrinsic function reference".
#pragma once
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace relight::sandbox::cfn {

using Json = nlohmann::json;

// YAML or JSON text, at most 1 MB (the service's limit for templates in S3), nesting at most 64. Errors are
// ValidationError with line and column.
Result<Json> parse_template(std::string_view text);

// Sections, resource shapes, references to things that do not exist, circular dependencies.
Result<> check_template(const Json& t);

// A string as it is, anything else as JSON.
std::string as_text(const Json& v);

// The logical names of resources that a value needs (Ref, Fn::GetAtt, Fn::Sub).
void references(const Json& value, const Json& resources, std::set<std::string>& out);

// What a resource waits for: its references and its DependsOn.
std::set<std::string> dependencies(const Json& t, const std::string& logical);

}  // namespace relight::sandbox::cfn
