// The whole of it with nothing simulated but the latency profile: real databases, the line between the
// regions, the loss of one, and the promotion in the other.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <functional>
#include <memory>
#include <thread>

#include "base/disk.h"
#include "sandbox/planes/sql/mariadb_plane.h"
#include "sandbox/planes/wan/wan.h"
#include "sandbox/services/rds/service.h"
#include "sandbox/world/live_world.h"
#include "sql/connection.h"

namespace relight::sandbox {
namespace {

namespace api = aws::rds;
namespace op = aws::rds::op;
constexpr const char* kPassword = "correct-horse-1";

class FailoverTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/relight-rds-XXXXXX";
    dir_ = ::mkdtemp(path);
    ASSERT_EQ(::chmod(path, 0711), 0);
    open();
  }
  void TearDown() override {
    close();
    static_cast<void>(system_disk().remove(dir_));
  }
  void open() {
    Settings s;
    s.dir = dir_;
    s.slot = 14;
    auto world = LiveWorld::open(s, system_clock(), system_rng());
    ASSERT_TRUE(world.has_value()) << world.error().text();
    world_ = std::move(*world);
    wan_ = std::make_unique<Wan>(WanOptions{.one_way = Millis(5)}, system_clock());
    plane_ = std::make_unique<MariaDbPlane>(dir_ + "/sql", *wan_, system_clock(), system_rng());
    rds_ = std::make_unique<RdsService>(*world_, *plane_);
    world_->add_service(*rds_);
    std::lock_guard g(world_->lock());
    rds_->start();
  }
  void close() {
    if (!world_) return;
    {
      std::lock_guard g(world_->lock());
      rds_->stop();
    }
    world_->stop();
    rds_.reset();
    plane_.reset();
    wan_.reset();
    world_.reset();
  }
  template <class Op>
  Result<typename Op::Output> call(std::string_view region, const typename Op::Input& in) {
    std::lock_guard g(world_->lock());
    return world_->call<Op>(region, in);
  }
  api::DBInstance shown(std::string_view region, const std::string& id) {
    auto r = call<op::DescribeDBInstances>(region, {.DBInstanceIdentifier = id});
    return r ? r->DBInstances->front() : api::DBInstance{.DBInstanceStatus = r.error().code};
  }
  bool until(const std::function<bool()>& f) {
    for (int n = 0; n < 6000; ++n, system_clock().sleep(Millis(5)))
      if (f()) return true;
    return false;
  }
  bool available(std::string_view region, const std::string& id) {
    return until([&] { return shown(region, id).DBInstanceStatus == "available"; });
  }
  Result<sql::Connection> connect(std::string_view region, const std::string& id) {
    auto name = *shown(region, id).Endpoint->Address;
    return sql::Connection::open({.host = world_->find_name(name).value_or("?"),
                                  .user = "admin",
                                  .password = kPassword,
                                  .database = "app"});
  }

  std::string dir_;
  std::unique_ptr<LiveWorld> world_;
  std::unique_ptr<Wan> wan_;
  std::unique_ptr<MariaDbPlane> plane_;
  std::unique_ptr<RdsService> rds_;
};

TEST_F(FailoverTest, a_replica_survives_a_restart_of_the_sandbox_and_takes_over_when_the_region_is_lost) {
  auto made = call<op::CreateDBInstance>("us-east-1", {.DBName = "app",
                                                       .DBInstanceIdentifier = "orders",
                                                       .AllocatedStorage = 20,
                                                       .DBInstanceClass = "db.t3.micro",
                                                       .Engine = "mariadb",
                                                       .MasterUsername = "admin",
                                                       .MasterUserPassword = kPassword});
  ASSERT_TRUE(made.has_value()) << made.error().text();
  ASSERT_TRUE(available("us-east-1", "orders"));
  {
    auto c = connect("us-east-1", "orders");
    ASSERT_TRUE(c.has_value()) << c.error().text();
    ASSERT_TRUE(c->exec("CREATE TABLE entries (id INT PRIMARY KEY)").has_value());
  }
  auto replica = call<op::CreateDBInstanceReadReplica>(
      "us-west-2", {.DBInstanceIdentifier = "orders-dr",
                    .SourceDBInstanceIdentifier = *shown("us-east-1", "orders").DBInstanceArn});
  ASSERT_TRUE(replica.has_value()) << replica.error().text();
  ASSERT_TRUE(available("us-west-2", "orders-dr"));

  close();
  open();
  ASSERT_TRUE(until([&] { return connect("us-east-1", "orders").has_value(); }));
  auto writer = connect("us-east-1", "orders");
  for (int n = 1; n <= 20; ++n) ASSERT_TRUE(writer->exec("INSERT INTO entries VALUES (?)", {n}).has_value());
  ASSERT_TRUE(until([&] {
    auto c = connect("us-west-2", "orders-dr");
    if (!c) return false;
    auto r = c->query("SELECT COUNT(*) FROM entries");
    return r && r->value() == "20";
  }));

  {
    std::lock_guard g(world_->lock());
    ASSERT_TRUE(world_->lose("us-east-1").has_value());
  }
  auto t0 = system_clock().monotonic();
  ASSERT_TRUE(call<op::PromoteReadReplica>("us-west-2", {.DBInstanceIdentifier = "orders-dr"}).has_value());
  ASSERT_TRUE(until([&] {
    auto d = shown("us-west-2", "orders-dr");
    return d.DBInstanceStatus == "available" && !d.ReadReplicaSourceDBInstanceIdentifier;
  }));
  RecordProperty("promotion_ms", static_cast<int>((system_clock().monotonic() - t0).count() / 1'000'000));
  auto c = connect("us-west-2", "orders-dr");
  ASSERT_TRUE(c.has_value()) << c.error().text();
  EXPECT_EQ(c->query("SELECT @@read_only")->value(), "0");
  EXPECT_TRUE(c->exec("INSERT INTO entries VALUES (21)").has_value());
}

}  // namespace
}  // namespace relight::sandbox
