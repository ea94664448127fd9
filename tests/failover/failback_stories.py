"""The way back: what was written in either region is there, the old database is kept, the recovery region is a pilot that could be used again at once."""
import unittest

from stage import BIN, PRIMARY, RECOVERY, Story, run, until

LOST = ("failover", "--yes", "--accept-unproven-fence", "--accept-loss", "unknown")
BACK = ("failback", "--yes", "--again")


class Failback(Story):
    def address_of(self, region, stack):
        return self.box.address(self.box.output(region, stack, "BalancerName"))

    def tokens_in(self, region, database):
        host = self.box.address(self.databases(region)[database]["Endpoint"]["Address"])
        return set(run("mariadb", "--no-defaults", "-h", host, "-u", "lampadmin", "-N", "-B", "lamp", "-e", "SELECT token FROM entries",
                       env=dict(self.box.env, MYSQL_PWD=self.box.env["RELIGHT_DB_PASSWORD"])).stdout.split())

    def databases(self, region):
        return {d["DBInstanceIdentifier"]: d for d in self.box.api(region, "rds", "DescribeDBInstances")["DBInstances"]}

    def lit_elsewhere(self):
        """The region lost, the application over, a write there, the region back."""
        self.written("before", self.old_address)
        until("the replica has it", lambda: "before" in self.tokens_in(RECOVERY, self.box.output(RECOVERY, "lamp-pilot", "DatabaseIdentifier")))
        self.box("partition", PRIMARY, RECOVERY)
        self.written("never-arrived", self.old_address)
        self.box("lose", PRIMARY)
        self.relight(*LOST)
        self.written("while-away")
        self.box("heal", PRIMARY, RECOVERY)
        self.box("restore", PRIMARY)
        until("the region answers", lambda: self.databases(PRIMARY))

    def killed_by(self, region, *others):
        """A failback that dies of its first change in that region which is none of the others."""
        seen = self.home / "seen"
        seen.write_text("".join(f"{call} {PRIMARY}\n" for call in (
            "rds:CreateDBSnapshot", "rds:ModifyDBInstance", "rds:ResetDBParameterGroup", "rds:CreateDBInstanceReadReplica", "ecs:UpdateService",
            "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:DeleteBucketReplication", "s3:CopyObject", "s3:DeleteObject")) + "".join(others))
        killed = self.relight(*BACK, program=("relight-crashing", f"calls={seen}"), check=False)
        self.assertEqual(killed.returncode, -9, killed.stdout + killed.stderr)
        self.assertIn(region, seen.read_text().splitlines()[-1])

    def home_again(self):
        self.assertEqual(self.box.address("www.lamp.example"), self.old_address)
        self.assertLessEqual({"before", "while-away"}, self.tokens(self.old_address))
        self.written("home", self.old_address)
        pilot, primary = (self.box.output(r, s, "DatabaseIdentifier") for r, s in ((RECOVERY, "lamp-pilot"), (PRIMARY, "lamp-primary")))
        here, there = self.databases(PRIMARY), self.databases(RECOVERY)
        self.assertNotIn("ReadReplicaSourceDBInstanceIdentifier", here[primary])
        self.assertEqual(there[pilot]["ReadReplicaSourceDBInstanceIdentifier"], here[primary]["DBInstanceArn"])
        for all_of, one in ((here, primary), (there, pilot)):
            kept = [d for d in all_of if d.startswith(one + "-kept-")]
            self.assertEqual(len(kept), 1, all_of.keys())
            for same in ("DBInstanceClass", "VpcSecurityGroups", "PubliclyAccessible", "DeletionProtection"):
                if same in all_of[kept[0]]:
                    self.assertEqual(all_of[one].get(same), all_of[kept[0]][same], same)
        until("the new replica has it", lambda: "home" in self.tokens_in(RECOVERY, pilot))

    def test_after_a_lost_region_everything_is_home_and_a_second_failover_works(self):
        self.lit_elsewhere()
        plan = self.relight("failback", "--plan").stdout
        for word in ("the point of no return", "NewDBInstanceIdentifier", "rds:CreateDBInstanceReadReplica", "s3:DeleteObject"):
            self.assertIn(word, plan)
        said = self.relight(*BACK).stdout
        self.assertIn("No write was lost", said)
        self.home_again()
        kept = next(d for d in self.databases(PRIMARY) if "-kept-" in d)
        self.assertIn("never-arrived", self.tokens_in(PRIMARY, kept))
        self.box.env["RELIGHT_PARAMETER_DB_PASSWORD"] = self.box.env["RELIGHT_DB_PASSWORD"]
        for words in (("capture", "--no-commit"), ("synth", "--no-commit"), ("deploy", "--yes", "--touch-primary")):
            said = self.relight(*words).stdout
        self.assertIn("no changes", said)  # of the stack: what stands is what is written
        self.box("lose", PRIMARY)
        self.relight(*LOST, "--again")
        self.assertLessEqual({"before", "while-away", "home"}, self.tokens())
        self.written("again")

    def test_no_write_that_was_acknowledged_is_lost_while_users_go_on(self):
        self.relight("failover", "--yes", "--accept-loss", "unknown")  # the primary lives: it is fenced
        away, home = self.writer(self.new_address, "away"), self.writer(self.old_address, "home")
        until("they write there", lambda: len(away.acknowledged) > 5)
        self.relight(*BACK)
        until("they write at home", lambda: len(home.acknowledged) > 5)
        away.stop()
        home.stop()
        written = {token for w in (away, home) for token, _, _ in w.acknowledged}
        there = self.tokens_in(PRIMARY, self.box.output(PRIMARY, "lamp-primary", "DatabaseIdentifier"))
        self.assertEqual(written - there, set())
        last_away, first_home = max(sent for _, sent, _ in away.acknowledged), min(at for _, _, at in home.acknowledged)
        self.assertLess(last_away, first_home)  # never two writers

    def test_killed_anywhere_it_is_resumed_from_another_directory(self):
        config = self.in_s3()
        self.relight("status", config=config)
        self.relight("failover", "--yes", "--accept-loss", "unknown", config=config)
        self.written("while-away")
        kills, words = 0, BACK
        while True:
            config = self.in_s3(f"machine-{kills}")
            ended = run(BIN / "relight-crashing", "9", "--config", config, *words, check=False, env=self.box.env)
            if ended.returncode != -9:
                break
            kills, words = kills + 1, ("resume",)
        # The last kill may have come after the run's last event.
        self.assertRegex(self.relight("runs", config=config).stdout, r"(?m) failback +lamp +succeeded ", ended.stdout + ended.stderr)
        self.assertGreater(kills, 5)
        self.assertEqual(self.promotions(), 2)  # one there, one back
        self.assertIn("while-away", self.tokens(self.old_address))
        self.written("home", self.old_address)

    def test_when_home_is_lost_again_before_the_point_of_no_return_the_other_serves_on(self):
        self.lit_elsewhere()
        self.killed_by(RECOVERY)  # in the middle of the fence
        self.box("lose", PRIMARY)
        self.assertEqual(self.relight("failback", "--undo", "--yes").returncode, 0)
        self.written("after-all")
        undone = next(line.split()[0] for line in self.relight("runs").stdout.splitlines() if " failback " in line)
        self.refused(self.relight("resume", undone, check=False), 3, "it was given up")
        self.refused(self.relight("failback", "--undo", "--yes", check=False), 3, "no failback that stopped on its way")
        self.box("restore", PRIMARY)
        until("the region answers", lambda: self.databases(PRIMARY))
        self.relight(*BACK)
        self.home_again()  # one kept database each, not two
        self.assertIn("after-all", self.tokens(self.old_address))

    def test_after_the_point_of_no_return_it_is_neither_undone_nor_begun_anew(self):
        self.relight("failover", "--yes", "--accept-loss", "unknown")
        self.killed_by(PRIMARY, *(f"{call} {RECOVERY}\n" for call in (
            "rds:ModifyDBParameterGroup", "ecs:UpdateService", "s3:PutBucketPolicy", "s3:DeleteBucketReplication")))
        self.assertEqual(self.promotions(), 2)
        self.refused(self.relight("failback", "--undo", "--yes", check=False), 3, "the promotion was asked for", "relight resume")
        self.refused(self.relight(*BACK, check=False), 3, "Failover.Unfinished", "relight resume")
        # Nor when it has failed since: a quarantine would stop what serves by now.
        asks = self.config.read_text()
        self.config.write_text(asks.replace("validation:", "validation:\n  deadline: 1s").replace("{path: /readyz,", "{path: /nowhere,"))
        self.refused(self.relight("resume", check=False), 1, "Failover.NotValid")
        self.refused(self.relight(*BACK, check=False), 3, "Failback.NotPossible", "relight resume")
        run_back = next(line.split()[0] for line in self.relight("runs").stdout.splitlines() if " failback " in line)
        # Whatever run stands last: the database itself says for whom it was fenced.
        self.refused(self.relight("failover", "--yes", "--again", check=False), 3, "Failover.NoReplica")
        self.refused(self.relight(*BACK, check=False), 3, "Failback.NotPossible", run_back)
        self.config.write_text(asks)
        self.relight("resume", run_back)
        self.written("home", self.old_address)
        self.assertEqual(self.promotions(), 2)

    def test_without_a_failover_there_is_nothing_to_bring_back(self):
        self.refused(self.relight(*BACK, check=False), 3, "Failback.NotPossible", "nothing was failed over")
        self.assertIn("No runs yet", self.relight("runs").stdout)

    def test_while_the_primary_does_not_answer_nothing_is_done(self):
        self.box("lose", PRIMARY)
        self.relight(*LOST)
        self.refused(self.relight(*BACK, check=False), 3, "Failback.NotPossible", "does not answer")
        self.written("still-here")


if __name__ == "__main__":
    unittest.main()
