"""A replica that is missing, broken or behind: refused in clear words, before anything is done, unless the operator accepts it."""
import unittest

from stage import PRIMARY, RECOVERY, Story, until

GO = ("failover", "--yes", "--accept-unproven-fence")


class Replica(Story):
    def untouched(self):
        self.assertEqual(self.promotions(), 0)
        tasks = self.box.api(RECOVERY, "ecs", "DescribeServices", cluster=self.box.output(RECOVERY, "lamp-pilot", "ClusterName"),
                             services=[self.box.output(RECOVERY, "lamp-pilot", "ServiceName")])["services"][0]["desiredCount"]
        self.assertEqual(tasks, 0)

    def beat(self):
        """A heartbeat row that has arrived in the recovery region; then the beating stops."""
        heart = self.start("heartbeat", "--create")
        until("the heartbeat arrives", lambda: self.sql(RECOVERY, "lamp-pilot", "SELECT 1 FROM relight_heartbeat") == "1")
        heart.terminate()
        heart.communicate(timeout=30)

    def replica_is(self, io, sql):
        until(f"receiving {io}, applying {sql}", lambda: f"receiving {io}, applying {sql}" in self.relight("status").stdout)

    def objective(self, rpo, **deadlines):
        text = self.config.read_text().replace("rpo: 1m", f"rpo: {rpo}")
        if deadlines:
            text += "deadlines: {" + ", ".join(f"{k}: {v}" for k, v in deadlines.items()) + "}\n"
        self.config.write_text(text)

    def opened_replica(self):
        db = self.box.api(RECOVERY, "rds", "DescribeDBInstances", DBInstanceIdentifier="lamp-pilot-db")["DBInstances"][0]
        self.box.api(RECOVERY, "rds", "ModifyDBParameterGroup", DBParameterGroupName=db["DBParameterGroups"][0]["DBParameterGroupName"],
                     Parameters=[{"ParameterName": "read_only", "ParameterValue": "0", "ApplyMethod": "immediate"}])
        until("it takes writes", lambda: self.sql(RECOVERY, "lamp-pilot", "SELECT @@global.read_only") == "0")

    def succeeds(self, *more):
        answer = self.relight(*GO, *more)
        self.assertEqual(self.promotions(), 1)
        self.assertEqual(self.post("after"), 201, self.refusal)
        return answer.stdout

    def test_a_replica_that_is_gone(self):
        name = self.box.output(RECOVERY, "lamp-pilot", "DatabaseIdentifier")
        self.box.api(RECOVERY, "rds", "DeleteDBInstance", DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        until("it is gone", lambda: name not in str(self.box.api(RECOVERY, "rds", "DescribeDBInstances")))
        self.refused(self.relight(*GO, check=False), 3, "the replica does not exist", name, RECOVERY, "Do: make or mend the replica")
        self.untouched()

    def test_replication_that_is_stopped(self):
        self.sql(RECOVERY, "lamp-pilot", "CALL mysql.rds_stop_replication")
        self.replica_is("No", "No")
        self.refused(self.relight(*GO, check=False), 3, "replication is stopped", "lamp-pilot-db", RECOVERY, "rds_start_replication")
        self.untouched()

    def test_an_error_of_the_applying_thread(self):
        # A row that somebody put into the replica makes the same one that arrives an error.
        self.sql(PRIMARY, "lamp-primary", "CREATE TABLE broken (id INT PRIMARY KEY)")
        until("it arrives", lambda: self.sql(RECOVERY, "lamp-pilot", "SHOW TABLES LIKE 'broken'"))
        self.opened_replica()
        self.sql(RECOVERY, "lamp-pilot", "INSERT INTO broken VALUES (1)")
        self.sql(PRIMARY, "lamp-primary", "INSERT INTO broken VALUES (1)")
        until("applying breaks", lambda: "applying No" in self.relight("status").stdout)
        self.refused(self.relight(*GO, check=False), 3, "replication is broken", "gtid strict mode", "lamp-pilot-db", RECOVERY)
        self.untouched()

    def test_without_a_heartbeat_the_loss_is_unknown_and_no_time_covers_it(self):
        self.box("lose", PRIMARY)
        for more in ((), ("--accept-loss", "1h")):
            self.refused(self.relight(*GO, *more, check=False), 3, "nobody can tell how much would be lost", "there is no heartbeat",
                         "--accept-loss unknown", RECOVERY)
        self.untouched()
        self.assertIn("unknown (no heartbeat)", self.succeeds("--accept-loss", "unknown"))

    def test_lag_over_the_objective_is_refused_until_that_much_is_accepted(self):
        self.beat()
        self.objective("10ms")
        self.box("lose", PRIMARY)
        self.refused(self.relight(*GO, check=False), 3, "of writes may be lost", "the objective (rpo) allows 10 ms", RECOVERY)
        self.refused(self.relight(*GO, "--accept-loss", "20ms", check=False), 3, "--accept-loss 20 ms")
        self.refused(self.relight(*GO, "--accept-loss", "10MB", check=False), 3, "bytes can be counted only while")
        self.refused(self.relight(*GO, "--accept-loss", "some", check=False), 2, "neither a time (30s) nor a size (10MB)")
        self.untouched()
        self.succeeds("--accept-loss", "1h")

    def test_writes_that_a_cut_link_holds_back_are_left_behind_only_by_the_operators_word(self):
        self.beat()
        self.objective("1h", fence="1s", drain="1s")
        self.box("partition", PRIMARY, RECOVERY)
        for n in range(3):
            self.written(f"behind-{n}", self.old_address)
        self.refused(self.relight(*GO, check=False), 3, "transactions of the old primary", "have not arrived", RECOVERY, "--accept-loss")
        self.assertEqual(self.promotions(), 0)
        # Nothing irreversible was done: the link comes back, and nothing is lost.
        self.box("heal", PRIMARY, RECOVERY)
        self.replica_is("Yes", "Yes")
        self.succeeds()
        self.assertTrue({f"behind-{n}" for n in range(3)} <= self.tokens())


if __name__ == "__main__":
    unittest.main()
