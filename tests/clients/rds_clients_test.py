"""RDS by Debian's AWS CLI and boto3: automated backups, a restore to a point in time of real rows, option groups with the real audit plugin."""
import datetime
import json
import subprocess
import time
import unittest

from sandbox import FAST, ClientStory

AUDIT = "MARIADB_AUDIT_PLUGIN"
SECOND = datetime.timedelta(seconds=1)


class RdsClients(ClientStory):
    def setUp(self):
        self.rds = self.c("rds")

    def cli(self, *words):
        r = self.box.cli("rds", *words, "--output", "json")
        self.assertEqual(r.returncode, 0, r.stderr)
        return json.loads(r.stdout) if r.stdout.strip() else None

    def refused(self, *words):
        r = self.box.cli("rds", *words)
        self.assertNotEqual(r.returncode, 0, r.stdout)
        return r.stderr

    def db(self, name):
        return self.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def up(self, name):
        self.rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=name, WaiterConfig=FAST)
        return self.db(name)

    def make(self, name, **more):
        self.rds.create_db_instance(DBInstanceIdentifier=name, Engine="mariadb", DBInstanceClass="db.t3.micro", AllocatedStorage=20,
                                    MasterUsername="admin", MasterUserPassword="row-story-1", DBName="app", **more)
        return self.up(name)

    def gone(self, name, **more):
        self.rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, **more)
        self.rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier=name, WaiterConfig=FAST)

    def sql(self, name, text):
        host = self.db(name)["Endpoint"]["Address"]
        address = subprocess.run(["dig", "+short", "@" + self.box.env["RELIGHT_DNS"].split(":")[0], host],
                                 capture_output=True, text=True, check=True).stdout.split()[-1]
        r = subprocess.run(["mariadb", "--no-defaults", "-h", address, "-P", "3306", "-u", "admin", "-prow-story-1", "-N", "-B", "-e", text],
                           capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stderr)
        return r.stdout.strip()

    def snapshots(self, name):
        return self.cli("describe-db-snapshots", "--snapshot-type", "automated", "--db-instance-identifier", name)["DBSnapshots"]

    def a_second_later(self):
        """A whole second that everything so far is before."""
        then = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + SECOND
        while datetime.datetime.now(datetime.timezone.utc) < then + SECOND:
            time.sleep(0.05)
        return then

    def test_1_backups_are_taken_listed_kept_and_dropped(self):
        self.make("backed", BackupRetentionPeriod=2)
        one = self.snapshots("backed")
        self.assertEqual(len(one), 1)
        self.assertRegex(one[0]["DBSnapshotIdentifier"], r"^rds:backed-\d{4}-\d\d-\d\d-\d\d-\d\d$")
        self.assertEqual((one[0]["Status"], one[0]["SnapshotType"]), ("available", "automated"))
        self.assertIn("InvalidDBSnapshotState", self.refused("delete-db-snapshot", "--db-snapshot-identifier", one[0]["DBSnapshotIdentifier"]))
        kept = self.cli("describe-db-instance-automated-backups", "--db-instance-identifier", "backed")["DBInstanceAutomatedBackups"][0]
        self.assertEqual((kept["Status"], kept["BackupRetentionPeriod"], kept["Region"]), ("active", 2, "us-east-1"))
        self.assertLessEqual(kept["RestoreWindow"]["EarliestTime"], kept["RestoreWindow"]["LatestTime"])
        self.assertEqual(self.cli("describe-db-instance-automated-backups", "--filters", "Name=status,Values=retained")["DBInstanceAutomatedBackups"], [])
        self.rds.copy_db_snapshot(SourceDBSnapshotIdentifier=one[0]["DBSnapshotArn"], TargetDBSnapshotIdentifier="backed-copy")
        self.rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier="backed-copy", WaiterConfig=FAST)
        self.rds.modify_db_instance(DBInstanceIdentifier="backed", BackupRetentionPeriod=0, ApplyImmediately=True)
        self.box.eventually(lambda: not self.snapshots("backed"))
        self.assertNotIn("LatestRestorableTime", self.up("backed"))
        self.assertIn("PointInTimeRestoreNotEnabled", self.refused(
            "restore-db-instance-to-point-in-time", "--source-db-instance-identifier", "backed", "--target-db-instance-identifier", "no",
            "--use-latest-restorable-time"))
        self.rds.delete_db_snapshot(DBSnapshotIdentifier="backed-copy")
        self.gone("backed")

    def test_2_rows_come_back_as_they_were_at_a_moment(self):
        self.make("rows", BackupRetentionPeriod=1)
        self.sql("rows", "create table app.t (id int primary key auto_increment, v varchar(9)); insert into app.t(v) values ('first')")
        moment = self.a_second_later()
        self.sql("rows", "update app.t set v = 'spoilt'; insert into app.t(v) values ('second')")
        after = self.a_second_later()
        self.box.eventually(lambda: self.db("rows")["LatestRestorableTime"] >= after)
        self.assertEqual(self.code(self.rds.restore_db_instance_to_point_in_time, SourceDBInstanceIdentifier="rows", TargetDBInstanceIdentifier="late",
                                   RestoreTime=after + datetime.timedelta(hours=1)), "InvalidParameterValue")
        early = self.db("rows")["InstanceCreateTime"] - datetime.timedelta(hours=1)
        self.assertEqual(self.code(self.rds.restore_db_instance_to_point_in_time, SourceDBInstanceIdentifier="rows", TargetDBInstanceIdentifier="early",
                                   RestoreTime=early), "InvalidParameterValue")
        said = self.cli("restore-db-instance-to-point-in-time", "--source-db-instance-identifier", "rows", "--target-db-instance-identifier", "then",
                        "--restore-time", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))["DBInstance"]
        self.assertEqual(said["DBInstanceStatus"], "creating")
        self.rds.restore_db_instance_to_point_in_time(SourceDbiResourceId=self.db("rows")["DbiResourceId"], TargetDBInstanceIdentifier="now",
                                                      UseLatestRestorableTime=True, DBInstanceClass="db.t3.small")
        self.up("then")
        self.assertEqual(self.up("now")["DBInstanceClass"], "db.t3.small")
        rows = "select group_concat(v order by id) from app.t"
        self.assertEqual(self.sql("then", rows), "first")
        self.assertEqual(self.sql("now", rows), "spoilt,second")
        self.sql("then", "insert into app.t(v) values ('own')")
        self.assertEqual(self.sql("rows", rows), "spoilt,second")
        self.assertEqual(len(self.snapshots("then")), 1)
        for name in ("then", "now"):
            self.gone(name)

    def test_3_a_deleted_database_comes_back_from_backups_that_were_retained(self):
        key = self.db("rows")["DbiResourceId"]
        self.gone("rows", DeleteAutomatedBackups=False)
        kept = self.cli("describe-db-instance-automated-backups", "--dbi-resource-id", key)["DBInstanceAutomatedBackups"][0]
        self.assertEqual(kept["Status"], "retained")
        self.cli("restore-db-instance-to-point-in-time", "--source-db-instance-automated-backups-arn", kept["DBInstanceAutomatedBackupsArn"],
                 "--target-db-instance-identifier", "again", "--use-latest-restorable-time")
        self.up("again")
        self.assertEqual(self.sql("again", "select group_concat(v order by id) from app.t"), "spoilt,second")
        self.cli("delete-db-instance-automated-backup", "--dbi-resource-id", key)
        self.assertIn("DBInstanceAutomatedBackupNotFound", self.refused("describe-db-instance-automated-backups", "--dbi-resource-id", key))
        self.gone("again")

    def test_4_an_option_group_audits_what_is_done(self):
        offered = self.cli("describe-option-group-options", "--engine-name", "mariadb", "--major-engine-version", "10.11")["OptionGroupOptions"]
        self.assertIn("SERVER_AUDIT_EVENTS", [s["SettingName"] for o in offered if o["Name"] == AUDIT for s in o["OptionGroupOptionSettings"]])
        self.cli("create-option-group", "--option-group-name", "Watched", "--engine-name", "mariadb", "--major-engine-version", "10.11",
                 "--option-group-description", "who did what", "--tags", "Key=team,Value=web")
        self.cli("add-option-to-option-group", "--option-group-name", "watched", "--apply-immediately",
                 "--options", f"OptionName={AUDIT},OptionSettings=[{{Name=SERVER_AUDIT_EVENTS,Value=CONNECT}}]")
        group = self.rds.describe_option_groups(OptionGroupName="watched")["OptionGroupsList"][0]
        self.assertEqual({s["Name"]: s["Value"] for s in group["Options"][0]["OptionSettings"]}["SERVER_AUDIT_EVENTS"], "CONNECT")
        self.assertEqual(self.rds.list_tags_for_resource(ResourceName=group["OptionGroupArn"])["TagList"], [{"Key": "team", "Value": "web"}])
        self.make("watched-db", BackupRetentionPeriod=0)
        self.assertEqual(self.sql("watched-db", "show global variables like 'server_audit_events'"), "")
        self.rds.modify_db_instance(DBInstanceIdentifier="watched-db", OptionGroupName="watched", ApplyImmediately=True)
        joined = lambda: [(m["OptionGroupName"], m["Status"]) for m in self.db("watched-db")["OptionGroupMemberships"]]  # noqa: E731
        self.box.eventually(lambda: joined() == [("watched", "in-sync")])
        self.up("watched-db")
        self.assertEqual(self.sql("watched-db", "select @@server_audit_events, @@server_audit_logging"), "CONNECT\t1")
        self.assertIn("InvalidOptionGroupStateFault", self.refused("delete-option-group", "--option-group-name", "watched"))
        self.cli("remove-option-from-option-group", "--option-group-name", "watched", "--options", AUDIT, "--apply-immediately")
        self.box.eventually(lambda: joined() == [("watched", "in-sync")])
        self.assertEqual(self.sql("watched-db", "show global variables like 'server_audit_events'"), "")
        self.rds.modify_db_instance(DBInstanceIdentifier="watched-db", OptionGroupName="default:mariadb-10-11", ApplyImmediately=True)
        self.box.eventually(lambda: joined() == [("default:mariadb-10-11", "in-sync")])
        self.up("watched-db")
        self.cli("copy-option-group", "--source-option-group-identifier", "watched", "--target-option-group-identifier", "watched-2",
                 "--target-option-group-description", "d")
        for name in ("watched", "watched-2"):
            self.cli("delete-option-group", "--option-group-name", name)
        self.assertIn("InvalidOptionGroupStateFault", self.refused("delete-option-group", "--option-group-name", "default:mariadb-10-11"))
        self.assertEqual(self.code(self.rds.modify_option_group, OptionGroupName="watched", OptionsToRemove=[AUDIT]), "OptionGroupNotFoundFault")
        self.gone("watched-db")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
