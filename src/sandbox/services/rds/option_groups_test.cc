// Option groups and what they make of the databases that belong to them.
#include "sandbox/services/rds/rds_world_for_test.h"

namespace relight::sandbox {
namespace {

class OptionTest : public RdsTest {
 protected:
  template <class R>
  static std::string code(const R& r) {
    return r ? "ok" : r.error().code;
  }
  void group(const std::string& name) {
    ASSERT_EQ(code(call<op::CreateOptionGroup>(kEast, {.OptionGroupName = name,
                                                       .EngineName = "mariadb",
                                                       .MajorEngineVersion = "10.11",
                                                       .OptionGroupDescription = "d"})),
              "ok");
  }
  std::string include(const std::string& name, std::vector<api::OptionSetting> settings,
                      bool at_once = true) {
    auto r = call<op::ModifyOptionGroup>(
        kEast, {.OptionGroupName = name,
                .OptionsToInclude = {{api::OptionConfiguration{.OptionName = "MARIADB_AUDIT_PLUGIN",
                                                               .OptionSettings = settings}}},
                .ApplyImmediately = at_once});
    world_->run_until_idle();
    return code(r);
  }
  std::string exclude(const std::string& name, const std::string& option = "MARIADB_AUDIT_PLUGIN") {
    auto r = call<op::ModifyOptionGroup>(
        kEast, {.OptionGroupName = name, .OptionsToRemove = {{option}}, .ApplyImmediately = true});
    world_->run_until_idle();
    return code(r);
  }
  std::string join(const std::string& name, bool at_once) {
    auto r = call<op::ModifyDBInstance>(
        kEast, {.DBInstanceIdentifier = "orders", .ApplyImmediately = at_once, .OptionGroupName = name});
    return code(r);
  }
  std::string setting(const std::string& group, const std::string& name) {
    auto r = call<op::DescribeOptionGroups>(kEast, {.OptionGroupName = group});
    if (!r) return r.error().code;
    for (auto& o : *r->OptionGroupsList->front().Options)
      for (auto& s : *o.OptionSettings)
        if (s.Name == name) return *s.Value;
    return "none";
  }
  std::string membership() {
    std::string out;
    auto all = shown(kEast, "orders").OptionGroupMemberships;
    for (auto& m : *all)
      out += (out.empty() ? "" : ", ") + *m.OptionGroupName + " " + *m.Status;
    return out;
  }
  std::string removed(const std::string& name) {
    return code(call<op::DeleteOptionGroup>(kEast, {.OptionGroupName = name}));
  }
  std::map<std::string, std::string>& audit() { return plane_.instances.begin()->second.audit; }
};

TEST_F(OptionTest, the_audit_plugin_is_offered_with_its_settings) {
  auto r =
      call<op::DescribeOptionGroupOptions>(kEast, {.EngineName = "mariadb", .MajorEngineVersion = "10.11"});
  ASSERT_TRUE(r.has_value()) << r.error().text();
  ASSERT_EQ(r->OptionGroupOptions->size(), 1u);
  EXPECT_EQ(r->OptionGroupOptions->front().Name, "MARIADB_AUDIT_PLUGIN");
  EXPECT_EQ(r->OptionGroupOptions->front().OptionGroupOptionSettings->size(), 8u);
  EXPECT_EQ(code(call<op::DescribeOptionGroupOptions>(kEast, {.EngineName = "oracle-ee"})),
            "InvalidParameterValue");
}

TEST_F(OptionTest, settings_are_checked_and_what_is_not_given_stays) {
  group("Audited");
  EXPECT_EQ(include("audited", {{.Name = "SERVER_AUDIT_EVENTS", .Value = "CONNECT,QUERY_DDL"}}), "ok");
  EXPECT_EQ(include("audited", {{.Name = "SERVER_AUDIT_FILE_ROTATIONS", .Value = "3"}}), "ok");
  EXPECT_EQ(setting("audited", "SERVER_AUDIT_EVENTS"), "CONNECT,QUERY_DDL");
  EXPECT_EQ(setting("audited", "SERVER_AUDIT_FILE_ROTATIONS"), "3");
  EXPECT_EQ(setting("audited", "SERVER_AUDIT_QUERY_LOG_LIMIT"), "1024");
  for (auto& [name, value] : std::map<std::string, std::string>{{"SERVER_AUDIT_EVENTS", "CONNECT,SLEEP"},
                                                                {"SERVER_AUDIT_FILE_ROTATIONS", "101"},
                                                                {"SERVER_AUDIT_FILE_ROTATE_SIZE", "0"},
                                                                {"SERVER_AUDIT_QUERY_LOG_LIMIT", "-1"},
                                                                {"SERVER_AUDIT_LOGGING", "OFF"},
                                                                {"SERVER_AUDIT_FILE_PATH", "/tmp"},
                                                                {"SERVER_AUDIT_EXCL_USERS", "a';--"},
                                                                {"NO_SUCH", "1"}})
    EXPECT_EQ(include("audited", {{.Name = name, .Value = value}}), "InvalidParameterValue") << name;
  EXPECT_EQ(include("nobody", {}), "OptionGroupNotFoundFault");
  EXPECT_EQ(include("default:mariadb-10-11", {}), "InvalidParameterValue");
  EXPECT_EQ(exclude("audited", "MEMCACHED"), "InvalidParameterValue");
  EXPECT_EQ(code(call<op::ModifyOptionGroup>(kEast, {.OptionGroupName = "audited"})),
            "InvalidParameterCombination");
}

TEST_F(OptionTest, a_new_instance_audits_as_its_group_says_and_follows_its_changes) {
  group("audited");
  ASSERT_EQ(include("audited", {{.Name = "SERVER_AUDIT_EVENTS", .Value = "CONNECT"}}), "ok");
  auto in = request("orders");
  in.OptionGroupName = "audited";
  ASSERT_TRUE(call<op::CreateDBInstance>(kEast, in).has_value());
  ASSERT_TRUE(settles(kEast, "orders"));
  EXPECT_EQ(membership(), "audited in-sync");
  EXPECT_EQ(audit().at("server_audit_events"), "CONNECT");
  ASSERT_EQ(include("audited", {{.Name = "SERVER_AUDIT_EVENTS", .Value = "QUERY"}}, false), "ok");
  EXPECT_EQ(membership(), "audited pending-maintenance-apply");
  EXPECT_EQ(audit().at("server_audit_events"), "CONNECT");
  ASSERT_EQ(include("audited", {}), "ok");
  EXPECT_EQ(membership(), "audited in-sync");
  EXPECT_EQ(audit().at("server_audit_events"), "QUERY");
  ASSERT_EQ(exclude("audited"), "ok");
  EXPECT_TRUE(audit().empty());
}

TEST_F(OptionTest, an_instance_changes_its_group_at_once_or_in_the_window) {
  make_primary();
  group("audited");
  ASSERT_EQ(include("audited", {}), "ok");
  ASSERT_EQ(join("audited", false), "ok");
  ASSERT_TRUE(settles(kEast, "orders"));
  EXPECT_EQ(membership(),
            "default:mariadb-10-11 pending-maintenance-removal, audited pending-maintenance-apply");
  EXPECT_TRUE(audit().empty());
  ASSERT_EQ(join("default:mariadb-10-11", false), "ok");
  EXPECT_EQ(membership(), "default:mariadb-10-11 in-sync");
  world_->advance(Millis(5000));
  ASSERT_EQ(join("audited", true), "ok");
  EXPECT_EQ(membership(), "audited applying");
  world_->advance(Millis(5000));
  EXPECT_EQ(membership(), "audited in-sync");
  EXPECT_EQ(audit().at("server_audit_logging"), "ON");
  ASSERT_EQ(join("default:mariadb-10-11", true), "ok");
  world_->advance(Millis(5000));
  EXPECT_EQ(membership(), "default:mariadb-10-11 in-sync");
  EXPECT_TRUE(audit().empty());
  EXPECT_EQ(join("nobody", true), "OptionGroupNotFoundFault");
}

TEST_F(OptionTest, the_default_and_what_an_instance_or_a_snapshot_uses_is_not_deleted) {
  EXPECT_EQ(removed("default:mariadb-10-11"), "InvalidOptionGroupStateFault");
  EXPECT_EQ(removed("nobody"), "OptionGroupNotFoundFault");
  group("audited");
  auto in = request("orders");
  in.OptionGroupName = "audited";
  in.BackupRetentionPeriod = 0;
  ASSERT_TRUE(call<op::CreateDBInstance>(kEast, in).has_value());
  ASSERT_TRUE(settles(kEast, "orders"));
  EXPECT_EQ(removed("audited"), "InvalidOptionGroupStateFault");
  ASSERT_TRUE(
      call<op::CreateDBSnapshot>(kEast, {.DBSnapshotIdentifier = "s", .DBInstanceIdentifier = "orders"})
          .has_value());
  ASSERT_TRUE(settles(kEast, "orders"));
  ASSERT_EQ(join("default:mariadb-10-11", true), "ok");
  world_->advance(Millis(5000));
  EXPECT_EQ(removed("audited"), "InvalidOptionGroupStateFault") << "the snapshot belongs to it";
  ASSERT_TRUE(call<op::RestoreDBInstanceFromDBSnapshot>(
                  kEast, {.DBInstanceIdentifier = "copy", .DBSnapshotIdentifier = "s"})
                  .has_value());
  EXPECT_EQ(shown(kEast, "copy").OptionGroupMemberships->front().OptionGroupName, "audited");
  ASSERT_TRUE(settles(kEast, "copy"));
  ASSERT_TRUE(call<op::DeleteDBInstance>(kEast, {.DBInstanceIdentifier = "copy", .SkipFinalSnapshot = true})
                  .has_value());
  ASSERT_TRUE(settles(kEast, "copy", "DBInstanceNotFound"));
  ASSERT_TRUE(call<op::DeleteDBSnapshot>(kEast, {.DBSnapshotIdentifier = "s"}).has_value());
  EXPECT_EQ(removed("audited"), "ok");
}

TEST_F(OptionTest, a_copy_holds_the_same_options_and_a_replica_elsewhere_has_the_engines_own) {
  group("audited");
  ASSERT_EQ(include("audited", {{.Name = "SERVER_AUDIT_EVENTS", .Value = "CONNECT"}}), "ok");
  auto copy = [&](const std::string& from) {
    return code(call<op::CopyOptionGroup>(kEast, {.SourceOptionGroupIdentifier = from,
                                                  .TargetOptionGroupIdentifier = "second",
                                                  .TargetOptionGroupDescription = "d"}));
  };
  EXPECT_EQ(copy("default:mariadb-10-11"), "OptionGroupNotFoundFault");
  EXPECT_EQ(copy("arn:aws:rds:us-west-2:000000000000:og:audited"), "InvalidParameterValue");
  EXPECT_EQ(copy("arn:aws:rds:us-east-1:000000000000:og:audited"), "ok");
  EXPECT_EQ(copy("audited"), "OptionGroupAlreadyExistsFault");
  EXPECT_EQ(setting("second", "SERVER_AUDIT_EVENTS"), "CONNECT");
  auto in = request("orders");
  in.OptionGroupName = "audited";
  ASSERT_TRUE(call<op::CreateDBInstance>(kEast, in).has_value());
  ASSERT_TRUE(settles(kEast, "orders"));
  auto replica = [&](const char* region, const std::string& source) {
    auto r = call<op::CreateDBInstanceReadReplica>(
        region, {.DBInstanceIdentifier = "r", .SourceDBInstanceIdentifier = source});
    return r ? *r->DBInstance->OptionGroupMemberships->front().OptionGroupName : r.error().code;
  };
  EXPECT_EQ(replica(kEast, "orders"), "audited");
  EXPECT_EQ(replica(kWest, *shown(kEast, "orders").DBInstanceArn), "default:mariadb-10-11");
}

TEST_F(OptionTest, lists_are_narrowed_one_way_only) {
  group("audited");
  auto listed = [&](api::DescribeOptionGroupsMessage in) {
    auto r = call<op::DescribeOptionGroups>(kEast, in);
    return r ? std::to_string(r->OptionGroupsList->size()) : r.error().code;
  };
  EXPECT_EQ(listed({}), "2");
  EXPECT_EQ(listed({.EngineName = "mariadb", .MajorEngineVersion = "10.11"}), "2");
  EXPECT_EQ(listed({.EngineName = "mysql"}), "0");
  EXPECT_EQ(listed({.MajorEngineVersion = "10.11"}), "InvalidParameterCombination");
  EXPECT_EQ(listed({.OptionGroupName = "audited", .EngineName = "mariadb"}), "InvalidParameterCombination");
}

}  // namespace
}  // namespace relight::sandbox
