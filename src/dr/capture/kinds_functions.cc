#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- Lambda
constexpr std::string_view kFunction = R"({"FunctionName":"{key}"})";
constexpr std::array kFunctionDetails{
    Detail{"lambda", "GetFunctionConfiguration", kFunction, "", "", ""},
    Detail{"lambda", "GetFunction", kFunction, "/Tags", "Tags", "Capture.NoSuchResource"},
    Detail{"lambda", "GetFunctionConcurrency", kFunction, "/ReservedConcurrentExecutions",
           "ReservedConcurrentExecutions", "Capture.NoSuchResource"},
    Detail{"lambda", "GetPolicy", kFunction, "/Policy", "Policy", "ResourceNotFoundException"}};
constexpr std::array kFunctionLinks{Link{"/Role", "iam/role"},
                                    Link{"/VpcConfig/SubnetIds/*", "ec2/subnet"},
                                    Link{"/VpcConfig/SecurityGroupIds/*", "ec2/security-group"},
                                    Link{"/KMSKeyArn", "kms/key"},
                                    Link{"/Layers/*/Arn", "lambda/layer"},
                                    Link{"/DeadLetterConfig/TargetArn", "arn"},
                                    Link{"/LoggingConfig/LogGroup", "logs/log-group"}};
constexpr std::array kFunctionChildren{Children{"lambda/event-source-mapping", "lambda",
                                                "ListEventSourceMappings", kFunction,
                                                "/EventSourceMappings/*/UUID"}};
constexpr std::array<Texts, 10> kFunctionVolatile{"/LastModified",
                                                  "/RevisionId",
                                                  "/State",
                                                  "/StateReason",
                                                  "/StateReasonCode",
                                                  "/LastUpdateStatus",
                                                  "/LastUpdateStatusReason",
                                                  "/LastUpdateStatusReasonCode",
                                                  "/RuntimeVersionConfig",
                                                  "/Environment/Error"};
constexpr std::array kMappingDetails{
    Detail{"lambda", "GetEventSourceMapping", R"({"UUID":"{id}"})", "", "", ""}};
constexpr std::array kMappingLinks{Link{"/FunctionArn", "lambda/function"}, Link{"/EventSourceArn", "arn"}};
constexpr std::array<Texts, 3> kMappingVolatile{"/LastModified", "/LastProcessingResult",
                                                "/StateTransitionReason"};

constexpr std::array kKinds{
    Kind{.name = "lambda/function",
         .details = kFunctionDetails,
         .links = kFunctionLinks,
         .children = kFunctionChildren,
         .volatile_ = kFunctionVolatile,
         .form = Kind::Id::kFunction},
    Kind{.name = "lambda/event-source-mapping",
         .details = kMappingDetails,
         .links = kMappingLinks,
         .volatile_ = kMappingVolatile},
};

}  // namespace

std::span<const Kind> function_kinds() { return kKinds; }

}  // namespace relight::dr
