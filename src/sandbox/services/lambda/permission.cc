#include "sandbox/services/lambda/permission.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/wildcard.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::functions {
namespace {

using PolicyJson = nlohmann::ordered_json;

PolicyJson policy_json(const std::string& text) {
  auto j = PolicyJson::parse(text, nullptr, false);
  if (!j.is_object())
    j = PolicyJson{{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", PolicyJson::array()}};
  return j;
}

// Every condition of the statement; one that is not known here is not met.
bool conditions_met(const PolicyJson& conditions, const std::string& source_arn, const std::string& account) {
  for (auto& [kind, keys] : conditions.items())
    for (auto& [key, value] : keys.items()) {
      std::string wanted = value.is_string() ? value.get<std::string>() : "";
      bool met = (kind == "ArnLike" && key == "AWS:SourceArn" && wildcard_match(wanted, source_arn)) ||
                 (kind == "StringEquals" && key == "AWS:SourceAccount" && wanted == account);
      if (!met) return false;
    }
  return true;
}

}  // namespace

std::string statement_of(const aws::lambda::AddPermissionRequest& in, const std::string& function_arn) {
  PolicyJson s{{"Sid", *in.StatementId}, {"Effect", "Allow"}};
  const std::string& who = *in.Principal;
  if (who == "*")
    s["Principal"] = "*";
  else if (who.find(".amazonaws.com") != std::string::npos)
    s["Principal"] = {{"Service", who}};
  else
    s["Principal"] = {{"AWS", who.starts_with("arn:") ? who : "arn:aws:iam::" + who + ":root"}};
  s["Action"] = *in.Action;
  s["Resource"] = function_arn;
  if (in.SourceArn) s["Condition"]["ArnLike"]["AWS:SourceArn"] = *in.SourceArn;
  if (in.SourceAccount) s["Condition"]["StringEquals"]["AWS:SourceAccount"] = *in.SourceAccount;
  if (in.EventSourceToken) s["Condition"]["StringEquals"]["lambda:EventSourceToken"] = *in.EventSourceToken;
  if (in.PrincipalOrgID) s["Condition"]["StringEquals"]["aws:PrincipalOrgID"] = *in.PrincipalOrgID;
  if (in.FunctionUrlAuthType)
    s["Condition"]["StringEquals"]["lambda:FunctionUrlAuthType"] = *in.FunctionUrlAuthType;
  return s.dump();
}

Result<std::string> with_statement(const std::string& policy, const std::string& statement) {
  auto p = policy_json(policy);
  auto s = PolicyJson::parse(statement);
  for (auto& old : p["Statement"])
    if (old["Sid"] == s["Sid"])
      return aws_error("ResourceConflictException",
                       "The statement id (" + s["Sid"].get<std::string>() +
                           ") provided already exists. Please provide a new statement id, or remove the "
                           "existing statement.",
                       409);
  p["Statement"].push_back(std::move(s));
  return p.dump();
}

Result<std::string> without_statement(const std::string& policy, const std::string& id) {
  auto p = policy_json(policy);
  auto& all = p["Statement"];
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i]["Sid"] == id) {
      all.erase(i);
      return all.empty() ? "" : p.dump();
    }
  return aws_error("ResourceNotFoundException", "Statement " + id + " is not found in resource policy.", 404);
}

bool allows(const std::string& policy, const std::string& service, const std::string& source_arn,
            const std::string& account) {
  const auto p = policy_json(policy);
  for (auto& s : p["Statement"]) {
    auto& who = s["Principal"];
    bool named = who == "*" || (who.is_object() && who.value("Service", "") == service);
    std::string action = s["Action"];
    bool invokes = action == "lambda:InvokeFunction" || action == "lambda:*" || action == "*";
    if (named && invokes && conditions_met(s.value("Condition", PolicyJson::object()), source_arn, account))
      return true;
  }
  return false;
}

}  // namespace relight::sandbox::functions
