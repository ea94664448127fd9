// CloudFormation's intrinsic functions as Terraform's expressions, and the table of types that they need.
#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "dr/planning/pilot.h"

namespace relight::dr::view {

// What Terraform calls a resource type, what stands for {"Ref"}, and what its attributes are called:
// "Arn=arn Endpoint.Address=address". `rename`: properties as arguments, "CidrBlock=cidr_block …"; what is
// not named there is the business of a function of terraform_blocks.h.
struct TerraformType {
  std::string_view cloudformation, type, ref, attributes, rename;
};
const TerraformType* terraform_type(std::string_view cloudformation);

class TerraformValues {
 public:
  explicit TerraformValues(const Pilot& p);
  // A value with every intrinsic function in it as an expression.
  nlohmann::json value(const nlohmann::json& v) const;
  // A document as the JSON text that IAM and S3 want, expressions inside.
  std::string document(const nlohmann::json& v) const;
  // "var.Lit == \"true\""
  std::string condition(const std::string& name) const;
  // "aws_vpc.Vpc1.id" without ${}; of a conditional resource: one(….[*].id).
  std::string reference(const std::string& id, std::string_view attribute) const;
  std::string address(const std::string& id) const;  // "aws_vpc.Vpc1"

 private:
  std::string expression(const nlohmann::json& v) const;  // without ${}
  std::string substituted(const std::string& sub) const;
  std::string named(const std::string& name) const;  // of Ref and Sub

  const Pilot& pilot_;
  std::map<std::string, const PilotResource*> resources_;
};

}  // namespace relight::dr::view
