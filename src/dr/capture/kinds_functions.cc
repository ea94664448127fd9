#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- Lambda
constexpr std::string_view kFunction = R"({"FunctionName":"{key}"})";
// GetFunction tells the configuration, the tags and the concurrency, and where the code is.
void flat(nlohmann::json& p, Secrets&) {
  auto function = p.value("Configuration", nlohmann::json::object());
  if (auto tags = p.find("Tags"); tags != p.end() && !tags->empty()) function["Tags"] = *tags;
  if (auto c = p.find("Concurrency"); c != p.end() && c->contains("ReservedConcurrentExecutions"))
    function["ReservedConcurrentExecutions"] = (*c)["ReservedConcurrentExecutions"];
  for (auto* part : {"Policy", "Aliases", "ProvisionedConcurrency"})
    if (auto it = p.find(part); it != p.end() && !it->empty()) function[part] = *it;
  // Where the code is an image, which one; else where it can be fetched for some minutes, which is not kept.
  if (auto code = p.find("Code"); code != p.end() && code->contains("ImageUri"))
    function["ImageUri"] = (*code)["ImageUri"];
  p = std::move(function);
}

constexpr std::array kFunctionDetails{
    Detail{"lambda", "GetFunction", kFunction, "", "", ""},
    Detail{"lambda", "GetPolicy", kFunction, "/Policy", "Policy", "ResourceNotFoundException"},
    Detail{"lambda", "ListAliases", kFunction, "/Aliases", "Aliases", "Capture.NoSuchResource"},
    Detail{"lambda", "ListProvisionedConcurrencyConfigs", kFunction, "/ProvisionedConcurrencyConfigs",
           "ProvisionedConcurrency", "Capture.NoSuchResource"}};
constexpr std::array kFunctionLinks{Link{"/Role", "iam/role"},
                                    Link{"/VpcConfig/SubnetIds/*", "ec2/subnet"},
                                    Link{"/VpcConfig/SecurityGroupIds/*", "ec2/security-group"},
                                    Link{"/KMSKeyArn", "kms/key"},
                                    Link{"/Layers/*/Arn", "lambda/layer"},
                                    Link{"/ImageUri", "image"},
                                    Link{"/DeadLetterConfig/TargetArn", "arn"},
                                    Link{"/LoggingConfig/LogGroup", "logs/log-group"}};
constexpr std::array kFunctionChildren{Children{"lambda/event-source-mapping", "lambda",
                                                "ListEventSourceMappings", kFunction,
                                                "/EventSourceMappings/*/UUID"}};
constexpr std::array<Texts, 16> kFunctionVolatile{"/LastModified",
                                                  "/RevisionId",
                                                  "/State",
                                                  "/StateReason",
                                                  "/StateReasonCode",
                                                  "/LastUpdateStatus",
                                                  "/LastUpdateStatusReason",
                                                  "/LastUpdateStatusReasonCode",
                                                  "/RuntimeVersionConfig",
                                                  "/Environment/Error",
                                                  "/Aliases/*/RevisionId",
                                                  "/ProvisionedConcurrency/*/Status",
                                                  "/ProvisionedConcurrency/*/StatusReason",
                                                  "/ProvisionedConcurrency/*/LastModified",
                                                  "/ProvisionedConcurrency/*/"
                                                  "AvailableProvisionedConcurrentExecutions",
                                                  "/ProvisionedConcurrency/*/"
                                                  "AllocatedProvisionedConcurrentExecutions"};
constexpr std::array kMappingDetails{
    Detail{"lambda", "GetEventSourceMapping", R"({"UUID":"{id}"})", "", "", ""}};
constexpr std::array kMappingLinks{Link{"/FunctionArn", "lambda/function"}, Link{"/EventSourceArn", "arn"}};
constexpr std::array<Texts, 3> kMappingVolatile{"/LastModified", "/LastProcessingResult",
                                                "/StateTransitionReason"};

constexpr std::array kFunctionKinds{
    Kind{.name = "lambda/function",
         .details = kFunctionDetails,
         .links = kFunctionLinks,
         .children = kFunctionChildren,
         .volatile_ = kFunctionVolatile,
         .form = Kind::Id::kFunction,
         .shape = flat},
    Kind{.name = "lambda/event-source-mapping",
         .details = kMappingDetails,
         .links = kMappingLinks,
         .volatile_ = kMappingVolatile},
};

}  // namespace

std::span<const Kind> function_kinds() { return kFunctionKinds; }

}  // namespace relight::dr
