#include "sandbox/services/iam/authority.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "sandbox/services/iam/needs.h"

namespace relight::sandbox {
namespace {

// AWS's own policies as far as they are judged here, cut to what the sandbox has. One that is not in this
// list allows nothing.
constexpr auto kManagedDocuments = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"AdministratorAccess", R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
    {"AmazonS3FullAccess", R"({"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})"},
    {"AmazonS3ReadOnlyAccess",
     R"({"Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*"],"Resource":"*"}]})"},
    {"AmazonRDSReadOnlyAccess",
     R"({"Statement":[{"Effect":"Allow","Action":["rds:Describe*","rds:ListTagsForResource","ec2:DescribeAccountAttributes","ec2:DescribeAvailabilityZones","ec2:DescribeSecurityGroups","ec2:DescribeVpcs"],"Resource":"*"}]})"},
    {"service-role/AmazonECSTaskExecutionRolePolicy",
     R"({"Statement":[{"Effect":"Allow","Action":["ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})"},
    {"service-role/AWSLambdaBasicExecutionRole",
     R"({"Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})"},
});

std::string managed_document(std::string_view arn) {
  constexpr std::string_view kPrefix = "arn:aws:iam::aws:policy/";
  if (!arn.starts_with(kPrefix)) return {};
  for (auto& [name, document] : kManagedDocuments)
    if (name == arn.substr(kPrefix.size())) return std::string(document);
  return {};
}

// "…:assumed-role/ROLE/SESSION" -> ROLE; empty: not a role's session.
std::string role_of(std::string_view principal) {
  constexpr std::string_view kMark = ":assumed-role/";
  size_t at = principal.find(kMark);
  if (at == principal.npos) return {};
  std::string_view rest = principal.substr(at + kMark.size());
  return std::string(rest.substr(0, rest.find('/')));
}

// As services word it ("Troubleshoot access denied error messages", IAM User Guide).
std::unexpected<Error> access_denied(const Call& call, const aws::ServiceModel& service, const Ask& ask,
                                     bool said_so) {
  std::string on = ask.resource == "*" ? "" : fmt::format(" on resource: {}", ask.resource);
  std::string why = said_so
                        ? " with an explicit deny in an identity-based policy"
                        : fmt::format(" because no identity-based policy allows the {} action", ask.action);
  std::string text =
      fmt::format("User: {} is not authorized to perform: {}{}{}", call.principal, ask.action, on, why);
  if (service.id == "ec2")
    return aws_error("UnauthorizedOperation", "You are not authorized to perform this operation. " + text,
                     403);
  if (service.protocol == aws::Protocol::kJson) return aws_error("AccessDeniedException", text, 400);
  if (service.protocol == aws::Protocol::kRestJson) return aws_error("AccessDeniedException", text, 403);
  return aws_error("AccessDenied", text, 403);
}

}  // namespace

std::vector<std::string> IamService::policies_of(const std::string& role_name) {
  std::vector<std::string> out;
  std::string start = role_name + ":";
  for (auto& [key, p] : inline_.in(kHome))
    if (key.starts_with(start)) out.push_back(p.PolicyDocument.value_or(""));
  for (auto& [key, a] : attachments_.in(kHome)) {
    if (!key.starts_with(start)) continue;
    std::string arn = a.PolicyArn.value_or("");
    auto* p = policies_.find(kHome, arn);
    auto* v = p ? versions_.find(kHome, arn + ":" + p->DefaultVersionId.value_or("v1")) : nullptr;
    out.push_back(v ? v->Document.value_or("") : managed_document(arn));
  }
  return out;
}

Result<> IamAuthority::decide(const Call& call, const aws::ServiceModel& service, std::vector<Ask> asks) {
  std::vector<std::string> documents;
  std::string role = role_of(call.principal);
  if (!role.empty()) {
    std::lock_guard g(world_.lock());
    documents = iam_.policies_of(role);
  }
  for (auto& ask : asks) {
    ask.keys["aws:RequestedRegion"] = call.region;
    ask.keys["aws:PrincipalArn"] = call.principal;
    ask.keys["aws:PrincipalAccount"] = world_.account();
    ask.keys["aws:SecureTransport"] = "false";  // the sandbox speaks plain HTTP
    Answer a = judge(documents, ask);
    count(role, ask, call.region, a == Answer::kAllowed);
    if (a == Answer::kAllowed) continue;
    world_.event(call.region, "iam", call.principal, "denied " + ask.action + " on " + ask.resource);
    return access_denied(call, service, ask, a == Answer::kDenied);
  }
  return {};
}

Result<> IamAuthority::permit(const Call& call, const aws::ServiceModel& service, const aws::Operation& op,
                              const void* input) {
  if (!judged(call)) return {};
  return decide(call, service, needs_of(service, op, input, {call.region, world_.account()}));
}

Result<> IamAuthority::permit_action(const Call& call, const aws::ServiceModel& service,
                                     std::string_view action, std::string_view resource, const Keys& keys) {
  if (!judged(call)) return {};
  return decide(call, service, {{std::string(action), std::string(resource), keys}});
}

void IamAuthority::count(const std::string& role, const Ask& ask, const std::string& region, bool permitted) {
  constexpr size_t kUsesKept = 20000;
  std::lock_guard g(counting_);
  auto at = uses_.find({role, ask.action, region});
  if (at == uses_.end()) {
    if (uses_.size() >= kUsesKept) return;
    at = uses_.emplace(std::tuple{role, ask.action, region}, IamUse{role, ask.action, region}).first;
  }
  ++(permitted ? at->second.permitted : at->second.denied);
}

std::vector<IamUse> IamAuthority::used() const {
  std::lock_guard g(counting_);
  std::vector<IamUse> out;
  for (auto& [key, use] : uses_) out.push_back(use);
  return out;
}

// The account's root may everything; without a signature only S3 is reached, which judges by the bucket's
// policy.
bool IamAuthority::judged(const Call& call) const {
  return enforced_ && !call.principal.ends_with(":root") && call.principal != "anonymous";
}

}  // namespace relight::sandbox
