"""The pilot from the example's primary alone: captured, synthesised, deployed by the stock client and by Relight, seen, and lit."""
import base64
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "failover"))
from stage import BIN, PRIMARY, RECOVERY, ROOT, STAGE, Sandbox, run, until  # noqa: E402

STACK = "lamp-pilot"


class Pilot(unittest.TestCase):
    """The steps of one application's life stand in the order of their names; each class begins with a new sandbox."""
    parameters = {}  # of the primary's stack
    registry = False  # whether its image comes from ECR

    @classmethod
    def given(cls):
        """The parameters, once the sandbox is up."""
        return cls.parameters

    @classmethod
    def setUpClass(cls):
        shutil.rmtree(STAGE / cls.__name__, ignore_errors=True)
        cls.home = STAGE / cls.__name__ / "home"
        cls.home.mkdir(parents=True)
        cls.addClassCleanup(shutil.rmtree, STAGE / cls.__name__, True)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        cls.box = Sandbox(STAGE / cls.__name__ / "sandbox", port)
        cls.addClassCleanup(cls.box.down)
        cls.box.up()
        cls.box.deploy(PRIMARY, "lamp-primary", "examples/lamp/primary.yaml", DatabasePassword=cls.box.env["RELIGHT_DB_PASSWORD"],
                       Image=cls.box.image(STAGE / cls.__name__ / "image", cls.registry), **cls.given())
        cls.config = cls.home / "relight.yaml"
        shutil.copy(ROOT / "examples/lamp/relight.yaml", cls.config)
        cls.box.env |= {"GIT_AUTHOR_NAME": "story", "GIT_AUTHOR_EMAIL": "story@example", "GIT_COMMITTER_NAME": "story",
                        "GIT_COMMITTER_EMAIL": "story@example", "GIT_CONFIG_GLOBAL": "/dev/null",
                        "GIT_CEILING_DIRECTORIES": str(cls.home.parent),
                        "RELIGHT_PARAMETER_DB_PASSWORD": cls.box.env["RELIGHT_DB_PASSWORD"]}
        run("git", "init", "-q", cls.home)
        cls.relight("capture")

    @classmethod
    def relight(cls, *words, check=True, env=None, config=None):
        return run(BIN / "relight", "--config", config or cls.config, *words, check=check, env=env or cls.box.env)

    def iac(self):
        return {str(p.relative_to(self.home / "iac")): p.read_text() for p in (self.home / "iac").rglob("*")
                if p.is_file() and "captured" not in p.parts}

    def stack(self):
        return self.box.api(RECOVERY, "cloudformation", "DescribeStacks", StackName=STACK)["Stacks"][0]

    def says(self, answer, *words, code=0):
        text = answer.stdout + answer.stderr
        self.assertEqual(answer.returncode, code, text)
        for w in words:
            self.assertIn(w, text)


class StockClient(Pilot):
    def test_1_synth_writes_once_and_commits_what_it_wrote(self):
        self.says(self.relight("synth"), "committed: Synthesised", "RELIGHT_PARAMETER_DB_PASSWORD")
        before = self.iac()
        self.assertLessEqual({"pilot/pilot.yaml", "terraform/main.tf.json", "README.md"}, set(before))
        self.says(self.relight("synth"), "nothing changed")
        self.assertEqual(self.iac(), before)
        self.assertEqual(run("git", "-C", self.home, "status", "--porcelain", "iac").stdout, "")
        for name, text in before.items():
            self.assertNotIn(self.box.env["RELIGHT_DB_PASSWORD"], text, name)

    def test_2_the_stock_client_deploys_it(self):
        run("/usr/bin/aws", "--endpoint-url", self.box.env["AWS_ENDPOINT_URL"], "cloudformation", "deploy", "--region", RECOVERY,
            "--stack-name", STACK, "--template-file", self.home / "iac/pilot/pilot.yaml", "--capabilities", "CAPABILITY_IAM",
            "--parameter-overrides", "DbPassword=" + self.box.env["RELIGHT_DB_PASSWORD"], env=self.box.env, timeout=300)
        self.assertEqual(self.stack()["StackStatus"], "CREATE_COMPLETE")

    def test_3_relight_has_nothing_to_add_but_the_primarys_side(self):
        self.says(self.relight("deploy", "--yes"), "no changes", "to do: Replicate new objects", "only with --touch-primary")
        no_sql = self.box.env | {"RELIGHT_DB_PASSWORD": "wrong"}
        self.says(self.relight("deploy", "--yes", "--touch-primary", check=False, env=no_sql), "* Keep the binary log", "not done",
                  "* Replicate new objects", code=1)
        self.says(self.relight("deploy", "--yes", "--touch-primary"), "no changes", "* Keep the binary log")
        again = self.relight("deploy", "--yes")
        self.says(again, "no changes")
        self.assertNotIn("Replicate new objects", again.stdout)
        bucket = self.box.output(PRIMARY, "lamp-primary", "UploadsBucket")
        (self.home / "picture").write_text("a picture")
        run("/usr/bin/aws", "--endpoint-url", self.box.env["AWS_ENDPOINT_URL"], "s3", "cp", self.home / "picture", f"s3://{bucket}/picture",
            "--region", PRIMARY, env=self.box.env)
        until("the picture is in the pilot's bucket", lambda: self.box.api(
            RECOVERY, "s3", "HeadObject", Bucket=self.box.output(RECOVERY, STACK, "UploadsBucket"), Key="picture"))

    def test_4_status_sees_the_pilot_without_being_told_any_name(self):
        def healthy():
            s = json.loads(self.relight("--json", "status").stdout)
            return s if (s["recovery"]["tasks"] == "0 of 0" and s["replication"].get("io") == "Yes" and
                         s["replication"].get("sql") == "Yes") else None
        self.assertEqual(until("the pilot is seen", healthy)["primary"]["tasks"], "2 of 2")

    def test_5_what_was_captured_anew_makes_the_same_pilot(self):
        before = self.iac()
        self.relight("capture")
        self.says(self.relight("synth"))
        after = self.iac()
        self.assertEqual(after["pilot/pilot.yaml"], before["pilot/pilot.yaml"])

    def test_6_a_failover_lights_it(self):
        self.box("lose", PRIMARY)
        self.relight("failover", "--yes", "--accept-unproven-fence", "--accept-loss", "unknown")
        s = json.loads(self.relight("--json", "status").stdout)
        self.assertEqual(s["recovery"]["tasks"], "2 of 2")
        self.assertEqual(s["recovery"]["load_balancer"], "200")
        self.assertEqual(self.box.address("www.lamp.example"),
                         self.box.address(self.box.output(RECOVERY, STACK, "BalancerName")))

    def test_7_a_deployment_does_not_put_it_out(self):
        self.says(self.relight("deploy", "--yes", check=False), "it was promoted", code=1)
        self.assertEqual(json.loads(self.relight("--json", "status").stdout)["recovery"]["tasks"], "2 of 2")


class Relight(Pilot):
    def test_1_without_a_template_or_a_parameter_it_says_what_is_missing(self):
        self.says(self.relight("deploy", "--yes", check=False), "relight synth", code=1)
        self.relight("synth")
        env = {k: v for k, v in self.box.env.items() if not k.startswith("RELIGHT_PARAMETER")}
        self.says(self.relight("deploy", "--yes", check=False, env=env), "RELIGHT_PARAMETER_DB_PASSWORD", code=2)

    def test_2_a_plan_shows_every_resource_and_leaves_nothing(self):
        self.says(self.relight("deploy", "--plan"), "+ AWS::RDS::DBInstance DatabaseDb", "nothing was changed")
        gone = run(BIN / "relight", "api", "cloudformation", "DescribeStacks", "--region", RECOVERY, "--input",
                   json.dumps({"StackName": STACK}), env=self.box.env, check=False)
        self.assertNotEqual(gone.returncode, 0, gone.stdout)

    def test_3_killed_in_the_middle_it_goes_on(self):
        p = subprocess.Popen([str(BIN / "relight"), "--config", str(self.config), "deploy", "--yes"], env=self.box.env,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            for line in p.stdout:
                if "CREATE_COMPLETE" in line:
                    break
        finally:
            p.send_signal(signal.SIGKILL)
            p.communicate()
        self.says(self.relight("deploy", "--yes"), "no changes")
        self.assertEqual(self.stack()["StackStatus"], "CREATE_COMPLETE")

    def test_4_a_changed_primary_is_a_change_by_resource(self):
        template = self.home / "iac/pilot/pilot.yaml"
        self.config.write_text(self.config.read_text().replace("pilot: {", "pilot: {replica_class: db.t4g.small, "))
        self.relight("synth")
        self.assertIn("db.t4g.small", template.read_text())
        self.says(self.relight("deploy", "--yes"), "~ AWS::RDS::DBInstance DatabaseDb (DBInstanceClass)", "stands")

    def test_5_a_replacement_of_the_database_is_refused(self):
        template = self.home / "iac/pilot/pilot.yaml"
        before = template.read_text()
        template.write_text(before.replace("      SourceRegion: us-east-1\n", ""))
        self.says(self.relight("deploy", "--yes", check=False), "is not what 'relight synth' would write", "would be replaced by an empty one", code=1)
        self.says(self.relight("synth", check=False), "changes that are not committed", code=1)
        template.write_text(before)
        self.says(self.relight("deploy", "--yes"), "no changes")

    def test_6_a_web_acl_comes_over_and_changes_with_the_primarys(self):
        def visible(name):
            return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}
        login = {"Name": "login", "Priority": 1, "Action": {"Block": {}}, "VisibilityConfig": visible("login"), "Statement": {"ByteMatchStatement": {
            "SearchString": base64.b64encode(b"/wp-login").decode(), "FieldToMatch": {"UriPath": {}}, "PositionalConstraint": "STARTS_WITH",
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}}}
        common = {"Name": "common", "Priority": 0, "OverrideAction": {"None": {}}, "VisibilityConfig": visible("common"),
                  "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}}
        acl = {"Name": "shield", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visible("shield")}
        made = self.box.api(PRIMARY, "wafv2", "CreateWebACL", **acl, Rules=[common, login])["Summary"]
        self.box.api(PRIMARY, "wafv2", "AssociateWebACL", WebACLArn=made["ARN"], ResourceArn=self.box.output(PRIMARY, "lamp-primary", "BalancerArn"))

        def brought(*says):
            self.assertEqual(self.relight("check", "--only", "40", check=False).returncode, 6)
            self.relight("capture")
            self.relight("synth")
            self.says(self.relight("deploy", "--yes"), *says)
            self.assertEqual(self.relight("check", "--only", "40").returncode, 0)
            there = self.box.output(RECOVERY, STACK, "BalancerArn")
            return self.box.api(RECOVERY, "wafv2", "GetWebACLForResource", ResourceArn=there)["WebACL"]
        there = brought("+ AWS::WAFv2::WebACL FirewallShield", "+ AWS::WAFv2::WebACLAssociation")
        self.assertEqual((there["Name"], there["Rules"]), ("shield", [common, login]))
        self.box.api(PRIMARY, "wafv2", "UpdateWebACL", **acl, Id=made["Id"], LockToken=made["LockToken"], Rules=[login])
        later = brought("~ AWS::WAFv2::WebACL FirewallShield (Rules)")
        self.assertEqual((later["Id"], later["Rules"]), (there["Id"], [login]))


    def test_7_a_wrong_clock_is_told_and_what_is_signed_is_by_awss(self):
        faketime = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        for wrong, told in (("+2h", r"720\d s ahead of AWS's"), ("-30m", r"(179|180)\d s behind AWS's")):
            env = self.box.env | {"LD_PRELOAD": str(faketime), "FAKETIME": wrong, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                                  "ASAN_OPTIONS": self.box.env.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
            done = self.relight("deploy", "--yes", env=env)
            self.says(done, "no changes", "set this machine's clock")
            self.assertRegex(done.stderr, told)


class Killed(Pilot):
    registry = True

    def test_after_each_call_that_changes_something_it_goes_on(self):
        """Killed right after every one of them in turn, each time from where the one before left off: nothing is done twice, nothing is left undone."""
        self.relight("synth")
        bucket, after = self.box.output(PRIMARY, "lamp-primary", "UploadsBucket"), self.home.parent / "killed.after"
        self.box.api(PRIMARY, "s3", "PutObject", Bucket=bucket, Key="older")  # than any rule of replication
        words = ("--config", self.config, "deploy", "--yes", "--touch-primary")
        for _ in range(60):
            done = run(BIN / "relight-crashing", f"calls={after}", *words, check=False, env=self.box.env, timeout=600)
            if done.returncode != -signal.SIGKILL:
                break
        self.says(done, "no changes")  # the last that was killed had begun them all
        calls = after.read_text().splitlines()
        self.assertLessEqual({f"{call} {region}" for call, region in (
            ("cloudformation:CreateChangeSet", RECOVERY), ("cloudformation:ExecuteChangeSet", RECOVERY), ("ecr:PutReplicationConfiguration", PRIMARY),
            ("ecr:CreateRepository", RECOVERY), ("ecr:PutImage", RECOVERY), ("s3:PutBucketReplication", PRIMARY), ("s3:CopyObject", RECOVERY))}, set(calls))
        self.says(self.relight("deploy", "--yes", "--touch-primary"), "no changes")
        self.assertEqual(self.stack()["StackStatus"], "CREATE_COMPLETE")
        self.assertEqual(self.box.api(RECOVERY, "cloudformation", "ListChangeSets", StackName=STACK)["Summaries"], [])
        self.box.api(RECOVERY, "s3", "HeadObject", Bucket=self.box.output(RECOVERY, STACK, "UploadsBucket"), Key="older")
        images = self.box.api(RECOVERY, "ecr", "DescribeImages", repositoryName="lamp")["imageDetails"]
        self.assertEqual(len(images), 1)


class RolledBack(Pilot):
    def test_a_stack_that_rolled_back_is_named_with_the_reason_and_what_to_do(self):
        self.relight("synth")
        self.box.api(RECOVERY, "s3", "CreateBucket", Bucket="lamp-pilot-uploads-000000000000-us-west-2",
                     CreateBucketConfiguration={"LocationConstraint": RECOVERY})
        for _ in range(2):
            self.says(self.relight("deploy", "--yes", check=False), "ROLLBACK_COMPLETE", "BucketUploads", "delete-stack", code=1)


if __name__ == "__main__":
    unittest.main()
