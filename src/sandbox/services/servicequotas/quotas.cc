#include "sandbox/services/servicequotas/quotas.h"

#include <algorithm>
#include <array>

namespace relight::sandbox::quotas {
namespace {

struct Named {
  std::string_view service, name;
};
constexpr auto kServices = std::to_array<Named>({
    {"acm", "AWS Certificate Manager (ACM)"},
    {"ec2", "Amazon Elastic Compute Cloud (Amazon EC2)"},
    {"ecs", "Amazon Elastic Container Service (Amazon ECS)"},
    {"elasticloadbalancing", "Elastic Load Balancing (ELB)"},
    {"fargate", "AWS Fargate"},
    {"iam", "AWS Identity and Access Management (IAM)"},
    {"kms", "AWS Key Management Service (AWS KMS)"},
    {"lambda", "AWS Lambda"},
    {"rds", "Amazon Relational Database Service (Amazon RDS)"},
    {"route53", "Amazon Route 53"},
    {"s3", "Amazon Simple Storage Service (Amazon S3)"},
    {"vpc", "Amazon Virtual Private Cloud (Amazon VPC)"},
});

// "Service endpoints and quotas", AWS General Reference, a page a service; codes as clients' sources in
// public repositories name them. Fargate: "6" is what a new account has, and AWS raises it with use.
constexpr auto kQuotas = std::to_array<Quota>({
    {"acm", "L-F141DD1D", "ACM certificates", 2500},
    {"ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 5},
    {"ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5},
    {"ecs", "L-21C621EB", "Clusters per account", 10'000},
    {"ecs", "L-9EF96962", "Services per cluster", 5000},
    {"elasticloadbalancing", "L-53DA6B97", "Application Load Balancers per Region", 50},
    {"elasticloadbalancing", "L-7E6692B2", "Targets per Application Load Balancer", 1000},
    {"elasticloadbalancing", "L-B22855CB", "Target Groups per Region", 3000},
    {"elasticloadbalancing", "L-B6DF7632", "Listeners per Application Load Balancer", 50},
    {"fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 6},
    {"fargate", "L-36FBB829", "Fargate Spot vCPU resource count", 6},
    {"iam", "L-FE177D64", "Roles per account", 1000, true, true},
    {"lambda", "L-2ACBD22F", "Function and layer storage", 75},
    {"lambda", "L-B99A9384", "Concurrent executions", 1000},
    {"rds", "L-48C6BF61", "DB subnet groups", 50},
    {"rds", "L-7B6409FD", "DB instances", 40},
    {"rds", "L-DE55804A", "Parameter groups", 50},
    {"s3", "L-DC2B2D3D", "General purpose buckets", 10'000, true, true},
    {"vpc", "L-407747CB", "Subnets per VPC", 200},
    {"vpc", "L-A4707A72", "Internet gateways per Region", 5},
    {"vpc", "L-E79EC296", "VPC security groups per Region", 2500},
    {"vpc", "L-F678F1CE", "VPCs per Region", 5},
    {"vpc", "L-FE5A380F", "NAT gateways per Availability Zone", 5},
});

}  // namespace

std::span<const Quota> all() { return kQuotas; }

const Quota* find(std::string_view service, std::string_view code) {
  auto it = std::find_if(kQuotas.begin(), kQuotas.end(),
                         [&](auto& q) { return q.service == service && q.code == code; });
  return it == kQuotas.end() ? nullptr : &*it;
}

std::string_view service_name(std::string_view service) {
  auto it = std::find_if(kServices.begin(), kServices.end(), [&](auto& s) { return s.service == service; });
  return it == kServices.end() ? std::string_view{} : it->name;
}

}  // namespace relight::sandbox::quotas
