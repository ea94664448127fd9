// The example application of pilot_example.h with what a bill asks for, and a table of round prices.
#pragma once
#include "dr/planning/cost.h"
#include "dr/planning/pilot_example.h"

namespace relight::dr {

inline void cost_price(PriceTable& t, const std::string& service, const std::string& family,
                       const std::string& region, const std::string& usage, double usd,
                       std::map<std::string, std::string> attributes = {}, bool verified = true) {
  attributes["servicecode"] = service;
  attributes["usagetype"] = usage;
  if (!region.empty()) attributes["regionCode"] = region;
  t.prices.push_back(
      {.family = family, .attributes = std::move(attributes), .usd = usd, .verified = verified});
}

inline PriceTable cost_prices() {
  PriceTable t{.date = "2026-09-11", .source = "Round numbers for tests."};
  const std::string w = "us-west-2";
  auto database = [&](const std::string& type, double usd, const std::string& zones) {
    auto usage = (zones == "Multi-AZ" ? "USW2-Multi-AZUsage:" : "USW2-InstanceUsage:") + type;
    cost_price(t, "AmazonRDS", "Database Instance", w, usage, usd,
               {{"databaseEngine", "MariaDB"}, {"deploymentOption", zones}, {"instanceType", type}});
  };
  database("db.t4g.micro", 0.01, "Single-AZ");
  database("db.t4g.small", 0.02, "Single-AZ");
  database("db.t4g.micro", 0.02, "Multi-AZ");
  database("db.t4g.small", 0.04, "Multi-AZ");
  for (std::string zones : {"Single-AZ", "Multi-AZ"})
    cost_price(t, "AmazonRDS", "Database Storage", w,
               zones == "Multi-AZ" ? "USW2-RDS:Multi-AZ-GP2-Storage" : "USW2-RDS:GP2-Storage",
               zones == "Multi-AZ" ? 0.2 : 0.1, {{"databaseEngine", "MariaDB"}, {"deploymentOption", zones}});
  cost_price(t, "AmazonRDS", "Storage Snapshot", w, "USW2-RDS:ChargedBackupUsage", 0.05,
             {{"databaseEngine", "MariaDB"}});
  cost_price(t, "AmazonECS", "Compute", w, "USW2-Fargate-vCPU-Hours:perCPU", 0.04);
  cost_price(t, "AmazonECS", "Compute", w, "USW2-Fargate-GB-Hours", 0.004, {}, false);
  cost_price(t, "AWSELB", "Load Balancer-Application", w, "USW2-LoadBalancerUsage", 0.02);
  cost_price(t, "AWSELB", "Load Balancer-Application", w, "USW2-LCUUsage", 0.008);
  cost_price(t, "AmazonEC2", "NAT Gateway", w, "USW2-NatGateway-Hours", 0.05);
  cost_price(t, "AmazonVPC", "VPC Public IPv4 Address", w, "USW2-PublicIPv4:InUseAddress", 0.005);
  cost_price(t, "AmazonVPC", "VpcEndpoint", w, "USW2-VpcEndpoint-Hours", 0.01);
  cost_price(t, "AmazonS3", "Storage", w, "USW2-TimedStorage-ByteHrs", 0.02);
  cost_price(t, "AmazonS3", "API Request", w, "USW2-Requests-Tier1", 0.000005);
  cost_price(
      t, "AWSDataTransfer", "Data Transfer", "us-east-1", "USE1-USW2-AWS-Out-Bytes", 0.02,
      {{"fromRegionCode", "us-east-1"}, {"toRegionCode", w}, {"transferType", "InterRegion Outbound"}});
  cost_price(t, "AWSDataTransfer", "Data Transfer", w, "USW2-DataTransfer-Out-Bytes", 0.09);
  cost_price(t, "AWSSecretsManager", "Secret", w, "USW2-AWSSecretsManager-Secrets", 0.4);
  cost_price(t, "AmazonCloudWatch", "Alarm", w, "USW2-CW:AlarmMonitorUsage", 0.1);
  cost_price(t, "AmazonECR", "EC2 Container Registry", w, "USW2-TimedStorage-ByteHrs", 0.1);
  cost_price(t, "AmazonRoute53", "DNS Zone", "", "HostedZone", 0.5);
  cost_price(t, "AmazonRoute53", "DNS Health Check", "", "Health-Check-AWS", 0.5);
  cost_price(t, "AmazonRoute53", "DNS Health Check", "", "Health-Check-Option-AWS", 1);
  return t;
}

// With 20 GB of MariaDB, a NAT gateway and a secret.
inline Inventory cost_inventory() {
  auto i = example_inventory();
  for (auto& r : i.resources)
    if (r.key.kind == "rds/db-instance") {
      auto p = nlohmann::json::parse(r.properties);
      p["Engine"] = "mariadb";
      p["AllocatedStorage"] = 20;
      r.properties = p.dump();
    }
  i.resources.push_back(
      example_resource("ec2/nat-gateway", "nat-1", {{"SubnetId", "subnet-a"}, {"VpcId", "vpc-1"}}));
  i.resources.push_back(example_resource(
      "secretsmanager/secret", "lamp/smtp",
      {{"Name", "lamp/smtp"}, {"ARN", "arn:aws:secretsmanager:us-east-1:111122223333:secret:lamp/smtp-1"}}));
  std::ranges::sort(i.resources, {}, &Resource::key);
  return i;
}

inline Pilot cost_pilot(const Inventory& i, PilotPolicy policy = {}) {
  policy.region = "us-west-2";
  policy.primary_stack = "lamp-primary";
  policy.stack = "lamp-pilot";
  policy.domain = "www.lamp.example";
  policy.flag_key = "relight/failover";
  policy.accept_unknown = true;
  auto p = plan_pilot(i, policy);
  return p ? *p : Pilot{};
}

inline CostUse cost_use_example() {
  auto metered = [](double v) { return Amount{Amount::Basis::kMetered, v, "CloudWatch"}; };
  CostUse use;
  use.database_changes_gb = metered(100);
  use.buckets[kExampleBucket] = {metered(50), metered(5), metered(2000)};
  use.images_gb = {Amount::Basis::kStated, 2, "cost in relight.yaml"};
  use.capacity_units = {Amount::Basis::kAssumed, 1, "Relight's default"};
  use.visitors_gb_hour = metered(0.5);
  use.tasks = 2;
  return use;
}

inline Result<CostReport> cost_report(const Inventory& i, const PilotPolicy& policy = {},
                                      const CostUse& use = cost_use_example(),
                                      const PriceTable& prices = cost_prices()) {
  return price_pilot(i, cost_pilot(i, policy), use, prices);
}

}  // namespace relight::dr
