"""Never two writers: the old primary still lives when the failover begins."""
import json
import unittest

from stage import PRIMARY, Story, until

GO = ("failover", "--yes", "--accept-loss", "unknown")


class LivingPrimary(Story):
    def fence(self):
        run = json.loads(self.relight("--json", "runs").stdout.splitlines()[-1])["run"]
        shown = [json.loads(line) for line in self.relight("--json", "show", run).stdout.splitlines()]
        return next(e["data"] for e in shown if e.get("kind") == "step.done" and e.get("step") == "fence")

    def test_nothing_is_acknowledged_there_once_the_recovery_database_can_be_written_and_nothing_is_lost(self):
        visitor = self.writer(self.old_address, "visitor")
        until("visitors write", lambda: len(visitor.acknowledged) >= 20)
        self.relight(*GO)
        self.assertEqual(self.promotions(), 1)
        self.assertNotIn(self.post("too-late", self.old_address), range(200, 300))
        visitor.stop()
        f = self.fence()
        self.assertEqual((f["confidence"], f["database"], f["objects"]), ("proven", "done", "done"))
        self.assertEqual(f["read_only"], "1")
        # Every write that the old primary acknowledged is here.
        self.assertEqual({t for t, _, _ in visitor.acknowledged} - self.tokens(), set())
        self.assertEqual(self.post("after"), 201)
        self.assertEqual(self.sql(PRIMARY, "lamp-primary", "SELECT @@global.read_only, (SELECT writer_region FROM relight_epoch)"),
                         "1\tus-west-2")

    def test_what_its_bucket_replicates_elsewhere_goes_on(self):
        bucket = self.box.output(PRIMARY, "lamp-primary", "UploadsBucket")
        self.box.api(PRIMARY, "s3", "CreateBucket", Bucket="archive-of-somebody")
        self.box.api(PRIMARY, "s3", "PutBucketVersioning", Bucket="archive-of-somebody", VersioningConfiguration={"Status": "Enabled"})
        both = self.box.api(PRIMARY, "s3", "GetBucketReplication", Bucket=bucket)["ReplicationConfiguration"]
        both["Rules"].append({"ID": "archive", "Priority": 7, "Filter": {"Prefix": ""}, "Status": "Enabled", "DeleteMarkerReplication": {"Status": "Disabled"},
                              "Destination": {"Bucket": "arn:aws:s3:::archive-of-somebody"}})
        self.box.api(PRIMARY, "s3", "PutBucketReplication", Bucket=bucket, ReplicationConfiguration=both)
        self.relight(*GO)
        left = self.box.api(PRIMARY, "s3", "GetBucketReplication", Bucket=bucket)["ReplicationConfiguration"]["Rules"]
        self.assertEqual([r["ID"] for r in left], ["archive"])

    def test_neither_its_database_nor_its_bucket_takes_anything_afterwards(self):
        self.relight(*GO)
        with self.assertRaisesRegex(AssertionError, "read-only"):
            self.sql(PRIMARY, "lamp-primary", "CREATE TABLE late (id INT)")
        bucket = self.box.output(PRIMARY, "lamp-primary", "UploadsBucket")
        with self.assertRaisesRegex(AssertionError, "AccessDenied"):
            self.box.api(PRIMARY, "s3", "PutObject", Bucket=bucket, Key="late")
        with self.assertRaisesRegex(AssertionError, "ReplicationConfigurationNotFoundError"):
            self.box.api(PRIMARY, "s3", "GetBucketReplication", Bucket=bucket)

    def test_a_primary_that_serves_and_cannot_be_stopped_is_refused_until_the_operator_says_so(self):
        # Its names are wrong here, so that neither its database nor its tasks nor its bucket can be reached; it serves on.
        text = self.config.read_text().replace("stacks: {primary: lamp-primary, pilot", "stacks: {pilot")
        balancer = self.box.output(PRIMARY, "lamp-primary", "BalancerName")
        (self.home / "blind").mkdir()
        blind = self.home / "blind/relight.yaml"
        blind.write_text(text + "resources:\n  primary: {load_balancer: " + balancer + ", cluster: none, service: none, "
                                "database: none, database_host: none.invalid, bucket: none}\n")
        self.refused(self.relight(*GO, check=False, config=blind), 3, "two writers would result", "--accept-unproven-fence", PRIMARY)
        self.assertEqual(self.promotions(), 0)
        self.assertEqual(self.post("still-there", self.old_address), 201)


class LostPrimary(Story):
    loses_primary = True

    def test_an_unreachable_primary_costs_the_fence_one_attempt_and_is_unproven(self):
        answer = self.relight(*GO, "--accept-unproven-fence")
        self.assertIn("Fence: unproven", answer.stdout)


if __name__ == "__main__":
    unittest.main()
