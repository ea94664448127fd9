// A world with a simulated database plane and RDS, for the unit tests of the service.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "aws/gen/ec2.h"
#include "aws/gen/rds.h"
#include "sandbox/planes/sql/simulated_sql_plane.h"
#include "sandbox/services/rds/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {

namespace api = aws::rds;
namespace op = aws::rds::op;
inline constexpr const char* kEast = "us-east-1";
inline constexpr const char* kWest = "us-west-2";
inline constexpr const char* kPassword = "correct-horse-1";

// Two subnets in two zones, whatever is asked.
class FakeEc2 final : public Service {
 public:
  explicit FakeEc2(World& w) : Service(w, aws::ec2::model()) {
    on<aws::ec2::op::DescribeSubnets>(
        [](const Call& c, const auto& in) -> Result<aws::ec2::DescribeSubnetsResult> {
          aws::ec2::DescribeSubnetsResult out;
          out.Subnets.emplace();
          for (size_t n = 0; n < in.SubnetIds->size(); ++n) {
            aws::ec2::Subnet s;
            s.SubnetId = (*in.SubnetIds)[n];
            s.VpcId = "vpc-1";
            s.AvailabilityZone = c.region + (n ? "b" : "a");
            out.Subnets->push_back(s);
          }
          return out;
        });
  }
};

class RdsTest : public testing::Test {
 protected:
  explicit RdsTest(Latency latency = Latency::kScaled) {
    settings_.latency = latency;
    build();
  }
  void build() {
    rds_.reset();
    world_ = world_ ? restarted() : std::make_unique<TestWorld>(settings_);
    ec2_.emplace(*world_);
    rds_ = std::make_unique<RdsService>(*world_, plane_);
    world_->add(*ec2_);
    world_->add(*rds_);
    rds_->start();
  }
  std::unique_ptr<TestWorld> restarted() {
    old_ = std::move(world_);
    return std::make_unique<TestWorld>(settings_, old_->ground());
  }
  template <class Op>
  Result<typename Op::Output> call(std::string_view region, const typename Op::Input& in) {
    return world_->remote<Op>(region, in);
  }
  std::string status(std::string_view region, const std::string& id) {
    auto r = call<op::DescribeDBInstances>(region, {.DBInstanceIdentifier = id});
    return r ? *r->DBInstances->front().DBInstanceStatus : r.error().code;
  }
  api::DBInstance shown(std::string_view region, const std::string& id) {
    auto r = call<op::DescribeDBInstances>(region, {.DBInstanceIdentifier = id});
    return r ? r->DBInstances->front() : api::DBInstance{};
  }
  bool settles(std::string_view region, const std::string& id, const std::string& wanted = "available") {
    return world_->advance_until([&] { return status(region, id) == wanted; });
  }
  api::CreateDBInstanceMessage request(const std::string& id) {
    return {.DBName = "app",
            .DBInstanceIdentifier = id,
            .AllocatedStorage = 20,
            .DBInstanceClass = "db.t3.micro",
            .Engine = "mariadb",
            .MasterUsername = "admin",
            .MasterUserPassword = kPassword};
  }
  void make_primary() {
    auto r = call<op::CreateDBInstance>(kEast, request("orders"));
    ASSERT_TRUE(r.has_value()) << r.error().text();
    EXPECT_EQ(*r->DBInstance->DBInstanceStatus, "creating");
    ASSERT_TRUE(settles(kEast, "orders"));
  }
  void make_replica() {
    make_primary();
    auto r = call<op::CreateDBInstanceReadReplica>(
        kWest, {.DBInstanceIdentifier = "orders-dr",
                .SourceDBInstanceIdentifier = *shown(kEast, "orders").DBInstanceArn});
    ASSERT_TRUE(r.has_value()) << r.error().text();
    ASSERT_TRUE(settles(kWest, "orders-dr"));
  }
  // The statuses that an instance went through, as the world's own record tells them.
  std::vector<std::string> went_through(const std::string& id) {
    std::vector<std::string> out;
    for (auto& e : world_->events)
      if (e.resource == id && e.what.starts_with("status ")) out.push_back(e.what.substr(7));
    return out;
  }

  Settings settings_;
  SimulatedSqlPlane plane_;
  std::unique_ptr<TestWorld> old_, world_;
  std::optional<FakeEc2> ec2_;
  std::unique_ptr<RdsService> rds_;
};

using Strings = std::vector<std::string>;

}  // namespace relight::sandbox
