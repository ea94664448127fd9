#include "sandbox/services/rds/rds_world_for_test.h"

namespace relight::sandbox {
namespace {

TEST_F(RdsTest, a_new_instance_is_backed_up_before_it_is_available) {
  make_primary();
  EXPECT_EQ(went_through("orders"), (Strings{"creating", "backing-up", "available"}));
  auto d = shown(kEast, "orders");
  EXPECT_TRUE(d.Endpoint->Address->starts_with("orders."));
  EXPECT_TRUE(d.Endpoint->Address->ends_with(".us-east-1.rds.amazonaws.com"));
  EXPECT_TRUE(world_->find_name(*d.Endpoint->Address).has_value());
  EXPECT_EQ(d.EngineVersion, "10.11.9");
}

TEST_F(RdsTest, the_master_password_is_nowhere_but_in_its_file) {
  make_primary();
  for (auto& [table, rows] : world_->ground().store.tables)
    for (auto& [key, value] : rows)
      EXPECT_EQ(value.find(kPassword), std::string::npos) << table << " " << key;
  for (auto& e : world_->events) EXPECT_EQ(e.what.find(kPassword), std::string::npos);
  EXPECT_EQ(plane_.instances.begin()->second.master.password, kPassword);
}

TEST_F(RdsTest, a_cross_region_replica_names_its_source_by_arn_and_is_read_only) {
  make_replica();
  auto d = shown(kWest, "orders-dr");
  EXPECT_EQ(d.ReadReplicaSourceDBInstanceIdentifier, shown(kEast, "orders").DBInstanceArn);
  EXPECT_EQ(shown(kEast, "orders").ReadReplicaDBInstanceIdentifiers, Strings{*d.DBInstanceArn});
  EXPECT_EQ(d.StatusInfos->front().Status, "replicating");
  EXPECT_EQ(plane_.instances.at(*d.DbiResourceId).db.parameters.at("read_only"), "1");
}

TEST_F(RdsTest, promotion_reads_available_first_then_reboots_and_stands_alone) {
  make_replica();
  world_->lose(kEast);
  world_->events.clear();
  auto r =
      call<op::PromoteReadReplica>(kWest, {.DBInstanceIdentifier = "orders-dr", .BackupRetentionPeriod = 7});
  ASSERT_TRUE(r.has_value()) << r.error().text();
  EXPECT_EQ(*r->DBInstance->DBInstanceStatus, "available");
  EXPECT_EQ(status(kWest, "orders-dr"), "available");
  ASSERT_TRUE(world_->advance_until(
      [&] { return !shown(kWest, "orders-dr").ReadReplicaSourceDBInstanceIdentifier; }));
  ASSERT_TRUE(settles(kWest, "orders-dr"));
  EXPECT_EQ(went_through("orders-dr"),
            (Strings{"available", "modifying", "rebooting", "backing-up", "available"}));
  auto d = shown(kWest, "orders-dr");
  EXPECT_EQ(d.BackupRetentionPeriod, 7);
  EXPECT_FALSE(d.StatusInfos.has_value());
  EXPECT_EQ(plane_.instances.at(*d.DbiResourceId).db.parameters.at("read_only"), "0");
  EXPECT_EQ(std::count_if(world_->events.begin(), world_->events.end(),
                          [](auto& e) { return e.what == "promoted: accepts writes"; }),
            1);
}

TEST_F(RdsTest, promotion_is_refused_while_backing_up_and_twice_and_of_a_primary) {
  make_replica();
  EXPECT_EQ(call<op::PromoteReadReplica>(kEast, {.DBInstanceIdentifier = "orders"}).error().code,
            "InvalidDBInstanceState");
  ASSERT_TRUE(
      call<op::CreateDBSnapshot>(kWest, {.DBSnapshotIdentifier = "s", .DBInstanceIdentifier = "orders-dr"})
          .has_value());
  EXPECT_EQ(status(kWest, "orders-dr"), "backing-up");
  EXPECT_EQ(call<op::PromoteReadReplica>(kWest, {.DBInstanceIdentifier = "orders-dr"}).error().code,
            "InvalidDBInstanceState");
  ASSERT_TRUE(settles(kWest, "orders-dr"));
  ASSERT_TRUE(call<op::PromoteReadReplica>(kWest, {.DBInstanceIdentifier = "orders-dr"}).has_value());
  EXPECT_EQ(call<op::PromoteReadReplica>(kWest, {.DBInstanceIdentifier = "orders-dr"}).error().code,
            "InvalidDBInstanceState");
}

TEST_F(RdsTest, a_promotion_under_way_goes_on_after_the_sandbox_restarts) {
  make_replica();
  ASSERT_TRUE(call<op::PromoteReadReplica>(kWest, {.DBInstanceIdentifier = "orders-dr"}).has_value());
  build();
  ASSERT_TRUE(world_->advance_until(
      [&] { return !shown(kWest, "orders-dr").ReadReplicaSourceDBInstanceIdentifier; }));
  EXPECT_TRUE(settles(kWest, "orders-dr"));
}

TEST_F(RdsTest, everything_stands_again_after_a_restart) {
  make_replica();
  plane_.instances.begin()->second.running = false;
  build();
  EXPECT_TRUE(settles(kEast, "orders"));
  EXPECT_TRUE(settles(kWest, "orders-dr"));
  for (auto& [key, i] : plane_.instances) EXPECT_TRUE(i.running) << key;
  EXPECT_TRUE(world_->find_name(*shown(kEast, "orders").Endpoint->Address).has_value());
}

TEST_F(RdsTest, a_lost_region_breaks_replication_and_its_return_mends_it) {
  make_replica();
  world_->lose(kEast);
  EXPECT_TRUE(world_->advance_until(
      [&] { return shown(kWest, "orders-dr").StatusInfos->front().Status == "error"; }));
  world_->restore(kEast);
  EXPECT_TRUE(world_->advance_until(
      [&] { return shown(kWest, "orders-dr").StatusInfos->front().Status == "replicating"; }));
}

TEST_F(RdsTest, a_replica_of_a_source_without_backups_is_refused) {
  auto in = request("bare");
  in.BackupRetentionPeriod = 0;
  ASSERT_TRUE(call<op::CreateDBInstance>(kEast, in).has_value());
  ASSERT_TRUE(settles(kEast, "bare"));
  auto r = call<op::CreateDBInstanceReadReplica>(
      kEast, {.DBInstanceIdentifier = "r", .SourceDBInstanceIdentifier = "bare"});
  EXPECT_EQ(r.error().code, "InvalidDBInstanceState");
}

TEST_F(RdsTest, bad_requests_are_answered_as_rds_answers_them) {
  auto refused = [&](auto change) {
    auto in = request("orders");
    change(in);
    auto r = call<op::CreateDBInstance>(kEast, in);
    return r ? std::string("accepted") : r.error().code;
  };
  EXPECT_EQ(refused([](auto& in) { in.Engine = "mysql"; }), "InvalidParameterCombination");
  EXPECT_EQ(refused([](auto& in) { in.Engine = "dbase"; }), "InvalidParameterValue");
  EXPECT_EQ(refused([](auto& in) { in.DBInstanceIdentifier = "a--b"; }), "InvalidParameterValue");
  EXPECT_EQ(refused([](auto& in) { in.MasterUserPassword = "short"; }), "InvalidParameterValue");
  EXPECT_EQ(refused([](auto& in) { in.MasterUsername = "rdsadmin"; }), "InvalidParameterValue");
  EXPECT_EQ(refused([](auto& in) { in.AllocatedStorage = 1; }), "InvalidParameterValue");
  EXPECT_EQ(refused([](auto& in) { in.DBSubnetGroupName = "none"; }), "DBSubnetGroupNotFoundFault");
  EXPECT_EQ(refused([](auto& in) { in.DBParameterGroupName = "none"; }), "DBParameterGroupNotFound");
  EXPECT_EQ(refused([](auto& in) { in.BackupRetentionPeriod = 36; }), "InvalidParameterValue");
  make_primary();
  EXPECT_EQ(refused([](auto&) {}), "DBInstanceAlreadyExists");
  EXPECT_EQ(status(kEast, "nobody"), "DBInstanceNotFound");
}

TEST_F(RdsTest, parameters_reach_the_running_server_or_wait_for_a_reboot) {
  ASSERT_TRUE(call<op::CreateDBParameterGroup>(kEast, {.DBParameterGroupName = "orders-params",
                                                       .DBParameterGroupFamily = "mariadb10.11",
                                                       .Description = "d"})
                  .has_value());
  auto in = request("orders");
  in.DBParameterGroupName = "orders-params";
  ASSERT_TRUE(call<op::CreateDBInstance>(kEast, in).has_value());
  ASSERT_TRUE(settles(kEast, "orders"));
  auto set = [&](std::string name, std::string value, std::string method) {
    auto r = call<op::ModifyDBParameterGroup>(
        kEast, {.DBParameterGroupName = "orders-params",
                .Parameters = {{api::Parameter{
                    .ParameterName = name, .ParameterValue = value, .ApplyMethod = method}}}});
    world_->run_until_idle();
    return r ? std::string("ok") : r.error().code;
  };
  EXPECT_EQ(set("read_only", "1", "immediate"), "ok");
  EXPECT_EQ(plane_.instances.begin()->second.db.parameters.at("read_only"), "1");
  EXPECT_EQ(shown(kEast, "orders").DBParameterGroups->front().ParameterApplyStatus, "in-sync");
  EXPECT_EQ(set("performance_schema", "1", "immediate"), "InvalidParameterCombination");
  EXPECT_EQ(set("performance_schema", "1", "pending-reboot"), "ok");
  EXPECT_EQ(shown(kEast, "orders").DBParameterGroups->front().ParameterApplyStatus, "pending-reboot");
  EXPECT_EQ(set("read_only", "maybe", "immediate"), "InvalidParameterValue");
  EXPECT_EQ(set("no_such", "1", "immediate"), "InvalidParameterValue");
  ASSERT_TRUE(call<op::RebootDBInstance>(kEast, {.DBInstanceIdentifier = "orders"}).has_value());
  ASSERT_TRUE(settles(kEast, "orders"));
  EXPECT_EQ(plane_.instances.begin()->second.db.parameters.at("performance_schema"), "1");
  EXPECT_EQ(shown(kEast, "orders").DBParameterGroups->front().ParameterApplyStatus, "in-sync");
}

TEST_F(RdsTest, a_snapshot_restores_into_a_new_instance_with_the_data) {
  make_primary();
  plane_.instances.begin()->second.contents = {"row"};
  ASSERT_TRUE(
      call<op::CreateDBSnapshot>(kEast, {.DBSnapshotIdentifier = "before", .DBInstanceIdentifier = "orders"})
          .has_value());
  ASSERT_TRUE(settles(kEast, "orders"));
  ASSERT_TRUE(call<op::RestoreDBInstanceFromDBSnapshot>(
                  kEast, {.DBInstanceIdentifier = "copy", .DBSnapshotIdentifier = "before"})
                  .has_value());
  ASSERT_TRUE(settles(kEast, "copy"));
  EXPECT_EQ(plane_.instances.at(*shown(kEast, "copy").DbiResourceId).contents, Strings{"row"});
}

TEST_F(RdsTest, a_snapshot_is_copied_to_another_region_and_restored_there) {
  make_primary();
  plane_.instances.begin()->second.contents = {"row"};
  ASSERT_TRUE(
      call<op::CreateDBSnapshot>(kEast, {.DBSnapshotIdentifier = "before", .DBInstanceIdentifier = "orders"})
          .has_value());
  ASSERT_TRUE(settles(kEast, "orders"));
  auto arn = *call<op::DescribeDBSnapshots>(kEast, {})->DBSnapshots->front().DBSnapshotArn;
  auto copy = [&](const std::string& name) {
    return call<op::CopyDBSnapshot>(kWest,
                                    {.SourceDBSnapshotIdentifier = arn, .TargetDBSnapshotIdentifier = name});
  };
  ASSERT_TRUE(copy("there").has_value());
  auto state = [&] {
    return *call<op::DescribeDBSnapshots>(kWest, {.DBSnapshotIdentifier = "there"})
                ->DBSnapshots->front()
                .Status;
  };
  EXPECT_EQ(state(), "creating");
  ASSERT_TRUE(world_->advance_until([&] { return state() == "available"; }));
  auto shown_there =
      call<op::DescribeDBSnapshots>(kWest, {.DBSnapshotIdentifier = "there"})->DBSnapshots->front();
  EXPECT_EQ(shown_there.SourceDBSnapshotIdentifier, arn);
  EXPECT_EQ(shown_there.SourceRegion, kEast);
  EXPECT_EQ(copy("there").error().code, "DBSnapshotAlreadyExists");
  ASSERT_TRUE(call<op::RestoreDBInstanceFromDBSnapshot>(
                  kWest, {.DBInstanceIdentifier = "copy", .DBSnapshotIdentifier = "there"})
                  .has_value());
  ASSERT_TRUE(settles(kWest, "copy"));
  EXPECT_EQ(plane_.instances.at(*shown(kWest, "copy").DbiResourceId).contents, Strings{"row"});
}

TEST_F(RdsTest, an_instance_is_renamed_with_its_endpoint_and_its_replicas_know) {
  make_replica();
  ASSERT_TRUE(call<op::ModifyDBInstance>(kEast, {.DBInstanceIdentifier = "orders",
                                                 .ApplyImmediately = true,
                                                 .NewDBInstanceIdentifier = "orders-old"})
                  .has_value());
  ASSERT_TRUE(settles(kEast, "orders-old"));
  EXPECT_EQ(status(kEast, "orders"), "DBInstanceNotFound");
  EXPECT_TRUE(shown(kEast, "orders-old").Endpoint->Address->starts_with("orders-old."));
  EXPECT_EQ(shown(kWest, "orders-dr").ReadReplicaSourceDBInstanceIdentifier,
            shown(kEast, "orders-old").DBInstanceArn);
}

TEST_F(RdsTest, deletion_is_protected_and_asks_for_a_final_snapshot) {
  auto in = request("orders");
  in.DeletionProtection = true;
  ASSERT_TRUE(call<op::CreateDBInstance>(kEast, in).has_value());
  ASSERT_TRUE(settles(kEast, "orders"));
  EXPECT_EQ(call<op::DeleteDBInstance>(kEast, {.DBInstanceIdentifier = "orders", .SkipFinalSnapshot = true})
                .error()
                .code,
            "InvalidParameterCombination");
  ASSERT_TRUE(
      call<op::ModifyDBInstance>(kEast, {.DBInstanceIdentifier = "orders", .DeletionProtection = false})
          .has_value());
  ASSERT_TRUE(world_->advance_until(
      [&] { return !*shown(kEast, "orders").DeletionProtection && status(kEast, "orders") == "available"; }));
  EXPECT_EQ(call<op::DeleteDBInstance>(kEast, {.DBInstanceIdentifier = "orders"}).error().code,
            "InvalidParameterCombination");
  ASSERT_TRUE(call<op::DeleteDBInstance>(
                  kEast, {.DBInstanceIdentifier = "orders", .FinalDBSnapshotIdentifier = "final"})
                  .has_value());
  EXPECT_EQ(status(kEast, "orders"), "deleting");
  ASSERT_TRUE(settles(kEast, "orders", "DBInstanceNotFound"));
  EXPECT_EQ(
      *call<op::DescribeDBSnapshots>(kEast, {.DBSnapshotIdentifier = "final"})->DBSnapshots->front().Status,
      "available");
  EXPECT_TRUE(plane_.instances.empty());
}

TEST_F(RdsTest, a_stopped_instance_starts_again) {
  make_primary();
  ASSERT_TRUE(call<op::StopDBInstance>(kEast, {.DBInstanceIdentifier = "orders"}).has_value());
  ASSERT_TRUE(settles(kEast, "orders", "stopped"));
  EXPECT_EQ(call<op::RebootDBInstance>(kEast, {.DBInstanceIdentifier = "orders"}).error().code,
            "InvalidDBInstanceState");
  ASSERT_TRUE(call<op::StartDBInstance>(kEast, {.DBInstanceIdentifier = "orders"}).has_value());
  ASSERT_TRUE(settles(kEast, "orders"));
}

TEST_F(RdsTest, subnet_groups_need_two_zones) {
  auto one = call<op::CreateDBSubnetGroup>(
      kEast, {.DBSubnetGroupName = "g", .DBSubnetGroupDescription = "d", .SubnetIds = {{"subnet-1"}}});
  EXPECT_EQ(one.error().code, "DBSubnetGroupDoesNotCoverEnoughAZs");
  auto two = call<op::CreateDBSubnetGroup>(
      kEast,
      {.DBSubnetGroupName = "G", .DBSubnetGroupDescription = "d", .SubnetIds = {{"subnet-1", "subnet-2"}}});
  ASSERT_TRUE(two.has_value()) << two.error().text();
  EXPECT_EQ(*two->DBSubnetGroup->DBSubnetGroupName, "g");
}

TEST_F(RdsTest, events_tell_what_happened_and_pages_follow_markers) {
  make_replica();
  auto all = call<op::DescribeEvents>(kEast, {.SourceIdentifier = "orders", .SourceType = "db-instance"});
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(*all->Events->front().Message, "DB instance created");
  std::optional<std::string> marker;
  size_t seen = 0;
  for (int pages = 0; pages < 10; ++pages) {
    auto page = call<op::DescribeDBParameters>(
        kEast, {.DBParameterGroupName = "default.mariadb10.11", .MaxRecords = 20, .Marker = marker});
    ASSERT_TRUE(page.has_value()) << page.error().text();
    seen += page->Parameters->size();
    marker = page->Marker;
    if (!marker) break;
  }
  EXPECT_EQ(seen, call<op::DescribeDBParameters>(kEast, {.DBParameterGroupName = "default.mariadb10.11"})
                      ->Parameters->size());
}

TEST_F(RdsTest, tags_are_kept_by_arn) {
  make_primary();
  std::string arn = *shown(kEast, "orders").DBInstanceArn;
  ASSERT_TRUE(call<op::AddTagsToResource>(
                  kEast, {.ResourceName = arn, .Tags = {{api::Tag{.Key = "team", .Value = "x"}}}})
                  .has_value());
  EXPECT_EQ(shown(kEast, "orders").TagList->front().Value, "x");
  ASSERT_TRUE(
      call<op::RemoveTagsFromResource>(kEast, {.ResourceName = arn, .TagKeys = {{"team"}}}).has_value());
  EXPECT_TRUE(call<op::ListTagsForResource>(kEast, {.ResourceName = arn})->TagList->empty());
}

TEST_F(RdsTest, a_database_that_cannot_be_made_fails_loudly) {
  plane_.fail_next = "disk full";
  ASSERT_TRUE(call<op::CreateDBInstance>(kEast, request("orders")).has_value());
  EXPECT_TRUE(settles(kEast, "orders", "failed"));
}

}  // namespace
}  // namespace relight::sandbox
