"""`relight init` of the example in the real sandbox: a relight.yaml that the other verbs take as it stands."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "capture"))
from repository import BIN, PRIMARY, RECOVERY, InRepository, changes_the_world, run  # noqa: E402


class Init(InRepository):
    def setUp(self):
        super().setUp()
        self.config.unlink()

    def init(self, *words, primary=PRIMARY, recovery=RECOVERY, out=None):
        return run(BIN / "relight", "init", "--primary", primary, "--recovery", recovery, "--out", out or self.config, *words,
                   check=False, env=self.box.env)

    def accepted(self, answer, *says):
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        for s in says:
            self.assertIn(s, answer.stdout)
        return answer.stdout

    def verbs_take_it(self):
        """capture, status and a failover's plan, with the file as init left it."""
        self.capture()
        self.assertIn("nothing changed", self.capture())
        self.assertRegex(self.relight("status").stdout, r"tasks +\d of 2")
        self.assertIn("rds:PromoteReadReplica", self.relight("failover", "--plan").stdout)
        return {name.partition("/")[0] for name in self.files()} - {"inventory.json"}

    everything = {"cloudwatch", "ec2", "ecs", "elbv2", "iam", "kms", "rds", "route53", "s3", "servicequotas"}

    def test_from_its_stack(self):
        said = self.accepted(self.init("--stack", "lamp-primary"), "database lamp-primary-db", "domain www.lamp.example", "left out: ")
        self.assertNotIn("missing", said)
        self.assertNotIn("resources:", self.config.read_text(), "the stack's outputs tell them")
        self.assertEqual(self.verbs_take_it(), self.everything)

    def test_from_its_service(self):
        where = self.service()
        self.accepted(self.init("--cluster", f"{where['cluster']}/{where['service']}", "--application", "lamp"))
        text = self.config.read_text()
        self.assertIn(f"service: {where['service']}", text)
        self.assertIn("database: lamp-primary-db", text)
        self.assertEqual(self.verbs_take_it(), self.everything)

    @changes_the_world
    def test_from_a_tag(self):
        where = self.service()
        found = self.box.api(PRIMARY, "ecs", "DescribeServices", cluster=where["cluster"], services=[where["service"]])
        self.box.api(PRIMARY, "ecs", "TagResource", resourceArn=found["services"][0]["serviceArn"],
                     tags=[{"key": "application", "value": "guests"}])
        self.accepted(self.init("--tag", "application=guests"), "database lamp-primary-db", "domain www.lamp.example")
        self.assertIn("application: guests", self.config.read_text())
        self.refused(self.init("--tag", "application=nobody", "--force"), 1, "application=nobody", "us-east-1")

    def test_a_file_that_is_there_is_not_touched_without_force(self):
        self.config.write_text("mine")
        self.refused(self.init("--stack", "lamp-primary"), 2, "relight.yaml", "--force")
        self.assertEqual(self.config.read_text(), "mine")
        self.accepted(self.init("--stack", "lamp-primary", "--force"))
        self.assertIn("application: lamp", self.config.read_text())

    def test_an_error_leaves_no_file_and_no_half_of_one(self):
        self.config.write_text("mine")
        for words in (("--stack", "nope"), ("--cluster", "nope/nope"), ("--tag", "no=body")):
            self.assertEqual(self.init(*words, "--force").returncode, 1)
        self.assertEqual(self.init("--stack", "lamp-primary", out=self.config / "under-a-file").returncode, 1)
        self.assertEqual(self.config.read_text(), "mine")
        self.assertEqual([p.name for p in self.home.iterdir() if "relight" in p.name], ["relight.yaml"])

    def test_a_stack_that_is_not_there_is_the_services_own_error_with_the_region(self):
        self.refused(self.init("--stack", "nope"), 1, "Stack with id nope does not exist", "us-east-1", "check the stack's name")

    def test_regions_the_wrong_way_round_are_noticed(self):
        self.refused(self.init("--stack", "lamp-primary", primary=RECOVERY, recovery=PRIMARY), 1, "exchange --primary and --recovery",
                     "a stack of this name is in us-east-1")

    def test_exactly_one_beginning_is_asked_for(self):
        self.refused(self.init(), 2, "exactly one of them")
        self.refused(self.init("--stack", "s", "--tag", "a=b"), 2, "exactly one of them")
        self.refused(self.init("--tag", "lamp"), 2, "KEY=VALUE")
        self.refused(self.init("--cluster", "lamp"), 2, "CLUSTER/SERVICE")
        self.refused(self.init("--stack", "s", recovery=PRIMARY), 2, "same region")
        self.refused(self.init("--stack", "s", recovery="the moon"), 2, "not the name of a region")

    def test_what_cannot_be_found_is_a_comment_and_a_failover_says_what_it_lacks(self):
        said = self.accepted(self.init("--stack", "lamp-pilot", primary=RECOVERY, recovery=PRIMARY), "missing: database: ")
        self.assertIn("# MISSING database: ", self.config.read_text())
        self.assertIn("capacity.tasks", said)
        self.relight("capture")
        self.refused(self.relight("failover", "--plan", check=False), 2, "'database' is missing")

    def test_two_stacks_in_one_repository_name_their_own_files(self):
        self.accepted(self.init("--stack", "lamp-primary", out=self.home / "deep/er/relight.yaml"))
        self.relight("capture", config=self.home / "deep/er/relight.yaml")
        self.assertTrue((self.home / "deep/er/iac/captured/inventory.json").exists())


if __name__ == "__main__":
    unittest.main()
