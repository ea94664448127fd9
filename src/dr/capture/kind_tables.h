// The table of kinds, a file a family. Each call and each error code is AWS's API reference of that service.
#pragma once
#include <span>

#include "dr/capture/kind.h"

namespace relight::dr {

std::span<const Kind> container_kinds();  // ECS
std::span<const Kind> balancer_kinds();   // Elastic Load Balancing v2
std::span<const Kind> firewall_kinds();   // WAF
std::span<const Kind> database_kinds();   // RDS
std::span<const Kind> network_kinds();    // EC2
std::span<const Kind> bucket_kinds();     // S3
std::span<const Kind> function_kinds();   // Lambda
std::span<const Kind> name_kinds();       // IAM, Route 53, CloudWatch
std::span<const Kind> trigger_kinds();    // SQS, SNS, EventBridge
std::span<const Kind> image_kinds();      // ECR
std::span<const Kind> account_kinds();    // log groups, keys, certificates, quotas, scalable targets
std::span<const Kind> secret_kinds();     // Secrets Manager, Systems Manager's parameters: never a value

}  // namespace relight::dr
