"""`relight capture` of the example in the real sandbox: what it finds, that it is silent without a change, and what it never writes."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "failover"))
from stage import BIN, PRIMARY, Story, run  # noqa: E402


class Capture(Story):
    def setUp(self):
        super().setUp()
        self.box.env |= {"GIT_AUTHOR_NAME": "story", "GIT_AUTHOR_EMAIL": "story@example", "GIT_COMMITTER_NAME": "story",
                         "GIT_COMMITTER_EMAIL": "story@example", "GIT_CONFIG_GLOBAL": "/dev/null"}
        self.box.env["GIT_CEILING_DIRECTORIES"] = str(self.home.parent)
        run("git", "init", "-q", self.home)

    def capture(self, *words):
        return run(BIN / "relight", "--config", self.config, "capture", *words, env=self.box.env).stdout

    def git(self, *words):
        return run("git", "-C", self.home, *words).stdout

    def files(self):
        return {str(p.relative_to(self.home / "iac/captured")): p.read_text() for p in (self.home / "iac/captured").rglob("*.json")}

    def test_the_application_is_found_from_its_service_and_written_once(self):
        self.capture()
        kinds = {json.loads(text)["kind"] for name, text in self.files().items() if name != "inventory.json"}
        self.assertLessEqual({"ecs/cluster", "ecs/service", "ecs/task-definition", "elbv2/load-balancer", "elbv2/listener",
                              "elbv2/target-group", "rds/db-instance", "rds/subnet-group", "rds/parameter-group", "ec2/vpc",
                              "ec2/subnet", "ec2/route-table", "ec2/security-group", "ec2/internet-gateway", "s3/bucket",
                              "iam/role", "iam/role-policy"}, kinds)
        unknown = json.loads(self.files()["inventory.json"])["unknown"]
        self.assertEqual(unknown, [])
        self.assertIn("Captured: ", self.git("log", "-1", "--format=%s"))
        before, said = self.git("rev-parse", "HEAD"), self.capture()
        self.assertIn("nothing changed", said)
        self.assertEqual(self.git("rev-parse", "HEAD"), before)

    def test_a_changed_variable_is_a_diff_of_one_line(self):
        self.capture()
        cluster = self.box.output(PRIMARY, "lamp-primary", "ClusterName")
        name = self.box.output(PRIMARY, "lamp-primary", "ServiceName")
        service = self.box.api(PRIMARY, "ecs", "DescribeServices", cluster=cluster, services=[name])["services"][0]
        task = self.box.api(PRIMARY, "ecs", "DescribeTaskDefinition", taskDefinition=service["taskDefinition"])["taskDefinition"]
        variables = task["containerDefinitions"][0]["environment"]
        next(v for v in variables if v["name"] == "APP_MODE")["value"] = "read-only"
        kept = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "requiresCompatibilities", "cpu",
                "memory", "volumes", "placementConstraints")
        again = self.box.api(PRIMARY, "ecs", "RegisterTaskDefinition", **{k: task[k] for k in kept if k in task})
        self.box.api(PRIMARY, "ecs", "UpdateService", cluster=cluster, service=name,
                     taskDefinition=again["taskDefinition"]["taskDefinitionArn"])
        self.capture()
        changed = [line for line in self.git("show", "--format=", "--unified=0", "HEAD").splitlines()
                   if line[:1] in "+-" and not line.startswith(("+++", "---"))]
        self.assertEqual(len(changed), 2, changed)
        self.assertIn("read-only", changed[1])

    def test_no_secret_is_written_anywhere(self):
        self.capture()
        secret = self.box.env["RELIGHT_DB_PASSWORD"]
        for name, text in self.files().items():
            self.assertNotIn(secret, text, name)
        self.assertNotIn(secret, self.git("log", "-p"))
        self.assertTrue(json.loads(self.files()["inventory.json"])["withheld"])

    def test_other_changes_of_the_repository_are_left_alone(self):
        (self.home / "mine.txt").write_text("mine")
        self.git("add", "mine.txt")
        self.capture()
        self.assertEqual(self.git("status", "--porcelain", "mine.txt").strip(), "A  mine.txt")

    def test_without_a_repository_the_files_are_written_and_it_is_said(self):
        run("rm", "-rf", self.home / ".git")
        self.assertIn("not a git repository", self.capture())
        self.assertIn("inventory.json", self.files())

    def test_a_service_that_is_not_there_is_named(self):
        text = self.config.read_text().replace("lamp-primary", "no-such-stack")
        self.config.write_text(text)
        done = run(BIN / "relight", "--config", self.config, "capture", check=False, env=self.box.env)
        self.assertNotEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("no-such-stack", done.stderr)
        self.assertFalse((self.home / "iac").exists())


if __name__ == "__main__":
    unittest.main()
