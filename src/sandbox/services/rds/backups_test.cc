// Automated backups and restores to a point in time, over a simulated database.
#include "sandbox/services/rds/backups.h"

#include "base/disk.h"
#include "sandbox/services/rds/rds_world_for_test.h"

namespace relight::sandbox {
namespace {

using std::chrono::days, std::chrono::hours, std::chrono::minutes, std::chrono::seconds;

// The world begins 2026-09-21T14:13:20Z; a minute of AWS's takes a second.
class BackupTest : public RdsTest {
 protected:
  Strings snapshots(const std::string& type = "automated") {
    Strings out;
    auto r = call<op::DescribeDBSnapshots>(kEast, {.SnapshotType = type});
    if (r)
      for (auto& s : *r->DBSnapshots) out.push_back(*s.DBSnapshotIdentifier);
    return out;
  }
  std::vector<api::DBInstanceAutomatedBackup> backups() {
    return *call<op::DescribeDBInstanceAutomatedBackups>(kEast, {})->DBInstanceAutomatedBackups;
  }
  void make(int32_t retention = 7, const std::string& window = "07:00-07:30") {
    auto in = request("orders");
    in.BackupRetentionPeriod = retention;
    in.PreferredBackupWindow = window;
    ASSERT_TRUE(call<op::CreateDBInstance>(kEast, in).has_value());
    ASSERT_TRUE(settles(kEast, "orders"));
  }
  Instant now() { return world_->ground().clock.at; }
  void jump(Millis d) { world_->ground().clock.at += d; }
  // What the latest restorable time is once it has moved beyond now.
  Instant restorable() {
    Instant begun = std::chrono::ceil<seconds>(now()) + seconds(1);
    EXPECT_TRUE(world_->advance_until([&] { return shown(kEast, "orders").LatestRestorableTime >= begun; }));
    return *shown(kEast, "orders").LatestRestorableTime;
  }
  std::string restore(api::RestoreDBInstanceToPointInTimeMessage in) {
    if (!in.TargetDBInstanceIdentifier) in.TargetDBInstanceIdentifier = "back";
    auto r = call<op::RestoreDBInstanceToPointInTime>(kEast, in);
    return r ? "accepted" : r.error().code;
  }
  SimulatedSqlPlane::Instance& plane(const std::string& id) {
    return plane_.instances.at(*shown(kEast, id).DbiResourceId);
  }
};

TEST_F(BackupTest, a_new_instance_has_an_automated_snapshot_named_by_its_minute) {
  make();
  EXPECT_EQ(snapshots(), Strings{"rds:orders-2026-09-21-14-13"});
  EXPECT_EQ(snapshots("manual"), Strings{});
  auto s = call<op::DescribeDBSnapshots>(kEast, {})->DBSnapshots->front();
  EXPECT_EQ(s.Status, "available");
  EXPECT_EQ(s.SnapshotType, "automated");
  EXPECT_EQ(s.OptionGroupName, "default:mariadb-10-11");
  EXPECT_EQ(shown(kEast, "orders").LatestRestorableTime, s.SnapshotCreateTime);
  auto by_arn = call<op::DescribeDBSnapshots>(kEast, {.DBSnapshotIdentifier = s.DBSnapshotArn});
  ASSERT_TRUE(by_arn.has_value()) << by_arn.error().text();
  EXPECT_EQ(by_arn->DBSnapshots->front().DBSnapshotArn, s.DBSnapshotArn);
  ASSERT_EQ(backups().size(), 1u);
  EXPECT_EQ(backups().front().Status, "active");
  EXPECT_EQ(backups().front().RestoreWindow->EarliestTime, s.SnapshotCreateTime);
  EXPECT_TRUE(backups().front().DBInstanceAutomatedBackupsArn->starts_with(
      "arn:aws:rds:us-east-1:000000000000:auto-backup:ab-"));
}

TEST_F(BackupTest, one_without_backups_has_none_and_cannot_be_restored) {
  make(0);
  EXPECT_EQ(snapshots(), Strings{});
  EXPECT_TRUE(backups().empty());
  EXPECT_FALSE(shown(kEast, "orders").LatestRestorableTime);
  EXPECT_EQ(restore({.SourceDBInstanceIdentifier = "orders", .UseLatestRestorableTime = true}),
            "PointInTimeRestoreNotEnabled");
}

TEST_F(BackupTest, each_day_has_one_in_the_window_and_the_oldest_go_when_their_time_is_over) {
  make(2);
  jump(days(1) - minutes(7 * 60 + 13));  // 07:00 of the next day
  EXPECT_EQ(snapshots().size(), 1u);
  ASSERT_TRUE(world_->advance_until([&] { return snapshots().size() == 2; }));
  EXPECT_TRUE(snapshots().back().starts_with("rds:orders-2026-09-22-07-0")) << snapshots().back();
  ASSERT_TRUE(settles(kEast, "orders"));
  world_->advance(minutes(3));
  EXPECT_EQ(snapshots().size(), 2u) << "one a window";
  std::string dir = world_->dir(kEast, "sql") + "/snapshots/rds:orders-2026-09-21-14-13";
  jump(days(1) + hours(10));  // 17:00 of the day after: out of the window, the first is two days old
  ASSERT_TRUE(world_->advance_until([&] { return snapshots().size() == 1; }));
  EXPECT_TRUE(snapshots().front().starts_with("rds:orders-2026-09-22"));
  world_->run_until_idle();
  ASSERT_EQ(plane_.pruned.size(), 1u);
  EXPECT_EQ(plane_.pruned.begin()->second,
            *call<op::DescribeDBSnapshots>(kEast, {})->DBSnapshots->front().SnapshotCreateTime);
  jump(days(10));
  world_->advance(seconds(30));
  EXPECT_GE(snapshots().size(), 1u) << "the newest of an instance stays";
}

TEST_F(BackupTest, a_stopped_instance_is_not_backed_up) {
  make(1);
  ASSERT_TRUE(call<op::StopDBInstance>(kEast, {.DBInstanceIdentifier = "orders"}).has_value());
  ASSERT_TRUE(settles(kEast, "orders", "stopped"));
  jump(days(3) - minutes(7 * 60 + 13));
  world_->advance(minutes(2));
  EXPECT_EQ(snapshots(), Strings{"rds:orders-2026-09-21-14-13"});
}

TEST_F(BackupTest, retention_0_drops_them_and_a_retention_again_begins_with_one) {
  make();
  auto set = [&](int32_t retention, bool at_once) {
    ASSERT_TRUE(call<op::ModifyDBInstance>(kEast, {.DBInstanceIdentifier = "orders",
                                                   .ApplyImmediately = at_once,
                                                   .BackupRetentionPeriod = retention})
                    .has_value());
    world_->advance(seconds(5));
  };
  set(0, false);
  EXPECT_EQ(shown(kEast, "orders").BackupRetentionPeriod, 7) << "it waits for the window";
  EXPECT_EQ(shown(kEast, "orders").PendingModifiedValues->BackupRetentionPeriod, 0);
  set(0, true);
  EXPECT_EQ(snapshots(), Strings{});
  EXPECT_TRUE(backups().empty());
  EXPECT_FALSE(shown(kEast, "orders").LatestRestorableTime);
  EXPECT_FALSE(
      system_disk().exists(world_->dir(kEast, "sql") + "/binlogs/" + *shown(kEast, "orders").DbiResourceId));
  jump(minutes(2));
  set(3, true);
  ASSERT_TRUE(world_->advance_until([&] { return snapshots().size() == 1; }));
  EXPECT_TRUE(settles(kEast, "orders"));
  EXPECT_EQ(backups().front().BackupRetentionPeriod, 3);
}

TEST_F(BackupTest, they_go_with_their_instance) {
  make();
  ASSERT_TRUE(call<op::DeleteDBInstance>(kEast, {.DBInstanceIdentifier = "orders", .SkipFinalSnapshot = true})
                  .has_value());
  ASSERT_TRUE(settles(kEast, "orders", "DBInstanceNotFound"));
  EXPECT_EQ(snapshots(), Strings{});
  EXPECT_TRUE(backups().empty());
}

TEST_F(BackupTest, retained_ones_outlive_it_restore_it_and_end_when_they_expire) {
  make(2);
  plane("orders").contents = {"row"};
  restorable();
  auto key = shown(kEast, "orders").DbiResourceId;
  ASSERT_TRUE(call<op::DeleteDBInstance>(kEast, {.DBInstanceIdentifier = "orders",
                                                 .SkipFinalSnapshot = true,
                                                 .DeleteAutomatedBackups = false})
                  .has_value());
  ASSERT_TRUE(settles(kEast, "orders", "DBInstanceNotFound"));
  ASSERT_EQ(backups().size(), 1u);
  EXPECT_EQ(backups().front().Status, "retained");
  EXPECT_EQ(restore({.SourceDBInstanceIdentifier = "orders", .UseLatestRestorableTime = true}),
            "DBInstanceNotFound");
  EXPECT_EQ(restore({.UseLatestRestorableTime = true,
                     .SourceDBInstanceAutomatedBackupsArn = backups().front().DBInstanceAutomatedBackupsArn}),
            "accepted");
  ASSERT_TRUE(settles(kEast, "back"));
  EXPECT_EQ(plane("back").contents, Strings{"row"});
  EXPECT_EQ(shown(kEast, "back").DBInstanceClass, "db.t3.micro");
  build();
  EXPECT_EQ(backups().size(), 2u) << "they are kept, beside those of the new one";
  jump(days(2) + hours(1));
  auto left = [&] {
    auto r = call<op::DescribeDBInstanceAutomatedBackups>(kEast, {.DbiResourceId = key});
    return r ? "still there" : r.error().code;
  };
  EXPECT_TRUE(world_->advance_until([&] { return left() == "DBInstanceAutomatedBackupNotFound"; }));
}

TEST_F(BackupTest, only_retained_ones_are_deleted_by_hand) {
  make();
  auto key = shown(kEast, "orders").DbiResourceId;
  auto drop = [&] {
    auto r = call<op::DeleteDBInstanceAutomatedBackup>(kEast, {.DbiResourceId = key});
    return r ? *r->DBInstanceAutomatedBackup->Status : r.error().code;
  };
  EXPECT_EQ(drop(), "InvalidDBInstanceAutomatedBackupState");
  EXPECT_EQ(call<op::DeleteDBSnapshot>(kEast, {.DBSnapshotIdentifier = snapshots().front()}).error().code,
            "InvalidDBSnapshotState");
  ASSERT_TRUE(call<op::DeleteDBInstance>(kEast, {.DBInstanceIdentifier = "orders",
                                                 .SkipFinalSnapshot = true,
                                                 .DeleteAutomatedBackups = false})
                  .has_value());
  ASSERT_TRUE(settles(kEast, "orders", "DBInstanceNotFound"));
  EXPECT_EQ(drop(), "deleting");
  EXPECT_EQ(drop(), "DBInstanceAutomatedBackupNotFound");
  EXPECT_EQ(snapshots(), Strings{});
}

TEST_F(BackupTest, a_copy_of_one_is_manual_and_stays) {
  make();
  ASSERT_TRUE(call<op::CopyDBSnapshot>(kEast, {.SourceDBSnapshotIdentifier = snapshots().front(),
                                               .TargetDBSnapshotIdentifier = "kept"})
                  .has_value());
  world_->run_until_idle();
  EXPECT_EQ(snapshots("manual"), Strings{"kept"});
  EXPECT_TRUE(call<op::DeleteDBSnapshot>(kEast, {.DBSnapshotIdentifier = "kept"}).has_value());
}

TEST_F(BackupTest, a_moment_is_restored_from_the_newest_snapshot_before_it) {
  make(7, "15:00-15:30");
  jump(minutes(48));
  ASSERT_TRUE(world_->advance_until([&] { return snapshots().size() == 2; }));
  ASSERT_TRUE(settles(kEast, "orders"));
  plane("orders").contents = {"row"};
  Instant latest = restorable();
  auto second = *call<op::DescribeDBSnapshots>(kEast, {})->DBSnapshots->back().SnapshotCreateTime;
  auto moment = [&](Instant t, const std::string& id) {
    EXPECT_EQ(
        restore({.SourceDBInstanceIdentifier = "orders", .TargetDBInstanceIdentifier = id, .RestoreTime = t}),
        "accepted");
    EXPECT_TRUE(settles(kEast, id));
    return plane_.moments.back();
  };
  auto before = moment(second - seconds(1), "early");
  EXPECT_TRUE(before.snapshot.ends_with("rds:orders-2026-09-21-14-13")) << before.snapshot;
  EXPECT_EQ(before.until, second - seconds(1));
  EXPECT_TRUE(moment(second, "then").snapshot.find("-15-0") != std::string::npos);
  auto last = moment(latest + Millis(999), "late");
  EXPECT_EQ(last.until, latest) << "the second that is not over is left out";
  EXPECT_TRUE(last.binlogs.ends_with("/binlogs/" + *shown(kEast, "orders").DbiResourceId));
  EXPECT_EQ(plane("late").contents, Strings{"row"});
  auto d = shown(kEast, "late");
  EXPECT_EQ(d.BackupRetentionPeriod, 7);
  EXPECT_EQ(d.DBParameterGroups->front().DBParameterGroupName, "default.mariadb10.11");
  EXPECT_EQ(d.DBName, "app");
}

TEST_F(BackupTest, moments_that_cannot_be_restored_are_refused) {
  make();
  Instant latest = restorable();
  auto first = *backups().front().RestoreWindow->EarliestTime;
  auto at = [&](Instant t) { return restore({.SourceDBInstanceIdentifier = "orders", .RestoreTime = t}); };
  EXPECT_EQ(at(first - seconds(1)), "InvalidParameterValue");
  EXPECT_EQ(at(latest + seconds(1)), "InvalidParameterValue");
  EXPECT_EQ(restore({.SourceDBInstanceIdentifier = "orders"}), "InvalidParameterCombination");
  EXPECT_EQ(
      restore(
          {.SourceDBInstanceIdentifier = "orders", .RestoreTime = first, .UseLatestRestorableTime = true}),
      "InvalidParameterCombination");
  EXPECT_EQ(restore({.UseLatestRestorableTime = true}), "InvalidParameterCombination");
  EXPECT_EQ(restore({.SourceDBInstanceIdentifier = "nobody", .UseLatestRestorableTime = true}),
            "DBInstanceNotFound");
  EXPECT_EQ(restore({.SourceDBInstanceIdentifier = "orders", .UseLatestRestorableTime = true, .DBName = "x"}),
            "InvalidParameterValue");
  EXPECT_EQ(restore({.SourceDBInstanceIdentifier = "orders",
                     .TargetDBInstanceIdentifier = "orders",
                     .UseLatestRestorableTime = true}),
            "DBInstanceAlreadyExists");
  EXPECT_TRUE(plane_.moments.empty());
}

TEST_F(BackupTest, a_restore_goes_on_after_the_sandbox_restarts_and_says_when_it_fails) {
  make();
  ASSERT_EQ(restore({.SourceDBInstanceIdentifier = "orders", .UseLatestRestorableTime = true}), "accepted");
  build();
  EXPECT_TRUE(settles(kEast, "back"));
  EXPECT_EQ(plane_.moments.back().until, *backups().front().RestoreWindow->EarliestTime);
  ASSERT_EQ(restore({.SourceDBInstanceIdentifier = "orders",
                     .TargetDBInstanceIdentifier = "worse",
                     .UseLatestRestorableTime = true}),
            "accepted");
  plane_.fail_next = "no room";
  EXPECT_TRUE(settles(kEast, "worse", "incompatible-restore"));
}

TEST_F(BackupTest, a_snapshot_that_the_regions_loss_cut_off_is_gone_and_another_is_made) {
  auto in = request("orders");
  ASSERT_TRUE(call<op::CreateDBInstance>(kEast, in).has_value());
  ASSERT_TRUE(settles(kEast, "orders", "backing-up"));
  world_->lose(kEast);
  jump(minutes(5));
  world_->restore(kEast);
  ASSERT_TRUE(world_->advance_until([&] { return snapshots().size() == 1; }));
  EXPECT_TRUE(settles(kEast, "orders"));
}

TEST(BackupWindow, it_is_half_an_hour_at_least_and_may_go_over_midnight) {
  for (auto* bad : {"", "07:00", "7:00-7:30", "07:00-07:29", "24:00-24:30", "07:60-08:30", "07:00 07:30"})
    EXPECT_FALSE(rds::parse_backup_window(bad).has_value()) << bad;
  auto night = rds::parse_backup_window("23:45-00:15");
  ASSERT_TRUE(night.has_value());
  auto day = std::chrono::floor<days>(Instant(Millis(1'790'000'000'000)));
  EXPECT_EQ(rds::window_begun(*night, day + minutes(10)), day - minutes(15));
  EXPECT_EQ(rds::window_begun(*night, day + hours(23) + minutes(50)), day + hours(23) + minutes(45));
  EXPECT_FALSE(rds::window_begun(*night, day + minutes(15)));
}

}  // namespace
}  // namespace relight::sandbox
