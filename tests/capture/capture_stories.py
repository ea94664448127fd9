"""`relight capture` of the example in the real sandbox: what it finds, that it is silent without a change, and what it never writes."""
import json
import unittest

from repository import BIN, PRIMARY, InRepository, changes_the_world, run


class Capture(InRepository):
    def test_the_application_is_found_from_its_service_and_written_once(self):
        self.capture()
        kinds = {json.loads(text)["kind"] for name, text in self.files().items() if name != "inventory.json"}
        self.assertLessEqual({"ecs/cluster", "ecs/service", "ecs/task-definition", "elbv2/load-balancer", "elbv2/listener",
                              "elbv2/target-group", "rds/db-instance", "rds/subnet-group", "rds/parameter-group", "ec2/vpc",
                              "ec2/subnet", "ec2/route-table", "ec2/security-group", "ec2/internet-gateway", "s3/bucket",
                              "iam/role", "iam/role-policy", "rds/option-group", "cloudwatch/alarm", "route53/hosted-zone",
                              "route53/record-set", "route53/health-check"}, kinds)
        unknown = json.loads(self.files()["inventory.json"])["unknown"]
        self.assertEqual(unknown, [])
        self.assertIn("Captured: ", self.git("log", "-1", "--format=%s"))
        before, said = self.git("rev-parse", "HEAD"), self.capture()
        self.assertIn("nothing changed", said)
        self.assertEqual(self.git("rev-parse", "HEAD"), before)

    @changes_the_world
    def test_a_changed_variable_is_a_diff_of_one_line(self):
        self.capture()
        def read_only(task):
            variables = task["containerDefinitions"][0]["environment"]
            next(v for v in variables if v["name"] == "APP_MODE")["value"] = "read-only"
        self.new_revision(read_only)
        self.capture()
        changed = [line for line in self.git("show", "--format=", "--unified=0", "HEAD").splitlines()
                   if line[:1] in "+-" and not line.startswith(("+++", "---"))]
        self.assertEqual(len(changed), 2, changed)
        self.assertIn("read-only", changed[1])

    def test_what_aws_throttles_is_asked_again_until_all_is_captured(self):
        self.capture()
        self.box("throttle", "aws")
        for service in ("ecs", "elbv2", "ec2", "iam", "rds"):  # lower than AWS's, for the example is small
            self.box("throttle", service, "3")
        try:
            said = self.capture()
            counts = [line.split() for line in self.box("throttle").splitlines()]
        finally:
            self.box("throttle", "aws", "0")
            for service in ("ecs", "elbv2", "ec2", "iam", "rds"):
                self.box("throttle", service, "0")
        self.assertIn("nothing changed", said)
        self.assertEqual(json.loads(self.files()["inventory.json"])["unknown"], [])
        refused = {words[1]: int(words[4]) for words in counts if words[0] == "all"}
        self.assertGreater(refused["elbv2"] + refused["ec2"], 0, counts)
        self.assertEqual(self.box("throttle"), "")

    def test_no_secret_is_written_anywhere(self):
        self.capture()
        secret = self.box.env["RELIGHT_DB_PASSWORD"]
        for name, text in self.files().items():
            self.assertNotIn(secret, text, name)
        self.assertNotIn(secret, self.git("log", "-p"))
        self.assertTrue(json.loads(self.files()["inventory.json"])["withheld"])

    @changes_the_world
    def test_planted_secrets_are_written_nowhere(self):
        planted = {n: f"planted-{n}-Zx81" for n in ("variable", "url", "command", "label", "tag", "bucket", "database", "parent")}

        def plant(task):
            web = task["containerDefinitions"][0]
            web["environment"] += [{"name": "SMTP_PASS", "value": planted["variable"]},
                                   {"name": "CACHE_URL", "value": f"redis://app:{planted['url']}@cache.example/0"},
                                   {"name": "NOTE", "value": f"was {planted['variable']} once"}]
            web["dockerLabels"] = {"webhook.secret": planted["label"]}
            web["healthCheck"] = {"command": ["CMD-SHELL", f"probe --token={planted['command']} || exit 0"]}
        task = self.new_revision(plant)
        self.box.api(PRIMARY, "ecs", "TagResource", resourceArn=task, tags=[{"key": "api-token", "value": planted["tag"]}])
        bucket = self.box.output(PRIMARY, "lamp-primary", "UploadsBucket")
        self.box.api(PRIMARY, "s3", "PutBucketTagging", Bucket=bucket,
                     Tagging={"TagSet": [{"Key": "signing-secret", "Value": planted["bucket"]}, {"Key": "team", "Value": "web"}]})
        database = self.box.output(PRIMARY, "lamp-primary", "DatabaseArn")
        self.box.api(PRIMARY, "rds", "AddTagsToResource", ResourceName=database,
                     Tags=[{"Key": "owner-password", "Value": planted["database"]}])
        said = self.capture()
        planted["master"] = self.box.env["RELIGHT_DB_PASSWORD"]
        kept = "\n".join([said, self.git("log", "-p"), *self.files().values()])
        for name, value in planted.items():
            self.assertNotIn(value, kept, name)
        for name in ("SMTP_PASS", "CACHE_URL", "webhook.secret", "api-token", "signing-secret", "owner-password"):
            self.assertIn(name, self.files()["inventory.json"])
        self.assertIn("web", kept)

    def test_other_changes_of_the_repository_are_left_alone(self):
        (self.home / "mine.txt").write_text("mine")
        self.git("add", "mine.txt")
        mine = self.home / "iac/captured/ecs"
        mine.mkdir(parents=True)
        (mine / "notes.md").write_text("mine")
        (mine / "mine.json").write_text("{}")
        self.capture()
        self.capture()
        self.assertEqual(self.git("status", "--porcelain", "mine.txt").strip(), "A  mine.txt")
        self.assertEqual(self.git("status", "--porcelain", "-uall", "iac").split(),
                         ["??", "iac/captured/ecs/mine.json", "??", "iac/captured/ecs/notes.md"])

    def test_what_an_earlier_capture_did_not_commit_is_committed(self):
        self.assertNotIn("committed", self.capture("--no-commit"))
        self.assertIn("committed: Captured: files of an earlier capture", self.capture())
        self.assertEqual(self.git("status", "--porcelain", "iac"), "")

    def test_a_file_that_somebody_changed_is_written_anew_without_a_commit(self):
        self.capture()
        before = self.git("rev-parse", "HEAD")
        file = next((self.home / "iac/captured/ecs").glob("service.*"))
        file.write_text(file.read_text().replace('"desiredCount": 2', '"desiredCount": 9'))
        self.capture()
        self.assertIn('"desiredCount": 2', file.read_text())
        self.assertEqual(self.git("rev-parse", "HEAD"), before)

    @changes_the_world
    def test_what_is_no_longer_there_is_removed_from_the_repository(self):
        self.capture()
        alarm = next((self.home / "iac/captured/cloudwatch").glob("alarm.*"))
        self.box.api(PRIMARY, "cloudwatch", "DeleteAlarms", AlarmNames=[json.loads(alarm.read_text())["id"]])
        self.assertIn("1 gone", self.capture())
        self.assertFalse(alarm.exists())
        self.assertEqual(self.git("status", "--porcelain", "iac"), "")

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
