#include "sandbox/services/cloudformation/references.h"

#include <fmt/format.h>

#include <vector>

#include "aws/gen/secretsmanager.h"
#include "aws/gen/ssm.h"
#include "base/bytes.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::cfn {
namespace {

constexpr std::string_view kOpen = "{{resolve:", kClose = "}}";

std::unexpected<Error> refused(const std::string& reference, const std::string& why) {
  return aws_error("ValidationError", fmt::format("{{{{resolve:{}}}}}: {}", reference, why), 400);
}

Result<std::string> of_secret(World& w, const std::string& region, const std::string& reference, const std::string& rest) {
  namespace sm = aws::secretsmanager;
  constexpr std::string_view kMark = ":SecretString";
  size_t mark = rest.find(kMark);
  auto part = mark == rest.npos ? std::vector<std::string>(1) : split(rest.substr(mark + kMark.size()), ':');
  part.resize(4);  // nothing, key, label, version
  sm::GetSecretValueRequest in{.SecretId = rest.substr(0, mark)};
  if (!part[2].empty()) in.VersionStage = part[2];
  if (!part[3].empty()) in.VersionId = part[3];
  auto out = w.call<sm::op::GetSecretValue>(region, in);
  if (!out) return refused(reference, out.error().message);
  if (part[1].empty()) return out->SecretString.value_or("");
  Json whole = Json::parse(out->SecretString.value_or(""), nullptr, false);
  if (!whole.is_object() || !whole.contains(part[1]))
    return refused(reference, "Could not find a value associated with JSONKey in SecretString");
  return whole[part[1]].is_string() ? whole[part[1]].get<std::string>() : whole[part[1]].dump();
}

Result<std::string> value_of(World& w, const std::string& region, const std::string& reference) {
  size_t colon = reference.find(':');
  std::string service = reference.substr(0, colon), rest = colon == reference.npos ? "" : reference.substr(colon + 1);
  if (service == "secretsmanager") return of_secret(w, region, reference, rest);
  if (service != "ssm") return refused(reference, "this service's references are not built in this sandbox");
  auto out = w.call<aws::ssm::op::GetParameter>(region, {.Name = rest});
  if (!out) return refused(reference, "Parameters: [" + rest + "] cannot be found.");
  if (out->Parameter->Type == "SecureString")
    return refused(reference, "a parameter of type SecureString needs ssm-secure");
  return out->Parameter->Value.value_or("");
}

Result<std::string> text(World& w, const std::string& region, std::string s) {
  for (size_t at = 0; (at = s.find(kOpen, at)) != s.npos;) {
    size_t end = s.find(kClose, at);
    if (end == s.npos) break;
    TRY_ASSIGN(std::string value, value_of(w, region, s.substr(at + kOpen.size(), end - at - kOpen.size())));
    s.replace(at, end + kClose.size() - at, value);
    at += value.size();  // a value is not looked at again
  }
  return s;
}

}  // namespace

Result<Json> resolve_references(World& w, const std::string& region, const Json& value) {
  if (value.is_string()) {
    if (value.get_ref<const std::string&>().find(kOpen) == std::string::npos) return value;
    TRY_ASSIGN(std::string s, text(w, region, value.get<std::string>()));
    return Json(s);
  }
  if (!value.is_structured()) return value;
  Json out = value;
  for (auto& e : out) {
    TRY_ASSIGN(e, resolve_references(w, region, e));
  }
  return out;
}

}  // namespace relight::sandbox::cfn
