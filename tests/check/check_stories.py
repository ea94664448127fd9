"""`relight check` of the example in the real sandbox: all is well, then each thing of breakages.py is broken and put back."""
import json
import os
import pathlib
import re
import signal
import sys
import unittest
import xml.etree.ElementTree as xml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "failover"))
os.environ.setdefault("RELIGHT_REGISTRY", "true")
from stage import PRIMARY, RECOVERY, Story, until  # noqa: E402
from breakages import CASES  # noqa: E402

STACKS = {PRIMARY: "lamp-primary", RECOVERY: "lamp-pilot"}
TOLD = {(59, "warn")}  # without Extras the example's alarms notify nobody


class Example(Story):
    """The example, healthy, with what breaking it wants."""

    def setUp(self):
        super().setUp()
        self.beat = None
        self.heartbeat_starts()
        self.sql(PRIMARY, "CALL mysql.rds_set_configuration('binlog retention hours', 24)")
        self.relight("check", "--only", "32", "--canary")

    def api(self, region, service, operation, /, **given):
        return self.box.api(region, service, operation, **given)

    def sql(self, region, *statements):
        return super().sql(region, STACKS[region], *statements)

    def detect_drift(self, verdict):
        found = self.api(RECOVERY, "cloudformation", "DetectStackDrift", StackName=STACKS[RECOVERY])["StackDriftDetectionId"]
        state = lambda: self.api(RECOVERY, "cloudformation", "DescribeStackDriftDetectionStatus", StackDriftDetectionId=found)  # noqa: E731
        until("the look for drift is complete", lambda: state()["DetectionStatus"] == "DETECTION_COMPLETE")
        self.assertEqual(state()["StackDriftStatus"], verdict)

    def quota(self, region, service, code, value):
        self.box("quota", region, service, code, value)

    def heartbeat_starts(self):
        self.beat = self.start("heartbeat", "--create")

    def heartbeat_stops(self):
        self.beat.send_signal(signal.SIGINT)
        self.beat.communicate()

    def resource(self, region, name):
        """By its logical id; an ending * stands for the digest of an AWS id, which synth names what has no name by."""
        pattern = re.compile(name.replace("*", "[0-9a-f]{8}") + "$")
        all_of_it = self.api(region, "cloudformation", "ListStackResources", StackName=STACKS[region])["StackResourceSummaries"]
        return next(r["PhysicalResourceId"] for r in all_of_it if pattern.match(r["LogicalResourceId"]))

    def group(self, name):
        return self.resource(RECOVERY, "Group" + name)

    def database(self, region):
        return self.box.output(region, STACKS[region], "DatabaseIdentifier")

    def bucket(self, region):
        return self.box.output(region, STACKS[region], "UploadsBucket")

    def instance(self, region):
        return self.api(region, "rds", "DescribeDBInstances", DBInstanceIdentifier=self.database(region))["DBInstances"][0]

    def join_group(self, region, group):
        self.api(region, "rds", "ModifyDBInstance", DBInstanceIdentifier=self.database(region), ApplyImmediately=True, OptionGroupName=group)
        until("it is in the group", lambda: self.instance(region)["DBInstanceStatus"] == "available" and
              self.instance(region)["OptionGroupMemberships"] == [{"OptionGroupName": group, "Status": "in-sync"}])

    def modify(self, region, **what):
        self.api(region, "rds", "ModifyDBInstance", DBInstanceIdentifier=self.database(region), ApplyImmediately=True, **what)
        until("the change is applied", lambda: self.instance(region)["DBInstanceStatus"] == "available" and
              all(self.instance(region).get(k) == v for k, v in what.items()))

    def parameter(self, region, name, value):
        group = self.instance(region)["DBParameterGroups"][0]["DBParameterGroupName"]
        one = {"ParameterName": name, "ApplyMethod": "immediate"} | ({"ParameterValue": value} if value is not None else {})
        self.api(region, "rds", "ModifyDBParameterGroup" if value is not None else "ResetDBParameterGroup", DBParameterGroupName=group, Parameters=[one])

    def reboot(self, region):
        """Immediate or not, what was reset is "pending-reboot" until then."""
        self.api(region, "rds", "RebootDBInstance", DBInstanceIdentifier=self.database(region))
        until("the database is back", lambda: self.instance(region)["DBInstanceStatus"] == "available" and
              self.instance(region)["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync")

    def service(self, region, **what):
        outputs = {k: self.box.output(region, STACKS[region], k) for k in ("ClusterName", "ServiceName")}
        return self.api(region, "ecs", "UpdateService", cluster=outputs["ClusterName"], service=outputs["ServiceName"], **what)["service"]

    def other_task(self, region, change):
        old = self.service(region)["taskDefinition"]
        task = self.api(region, "ecs", "DescribeTaskDefinition", taskDefinition=old)["taskDefinition"]
        kept = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "requiresCompatibilities", "cpu", "memory", "volumes",
                "placementConstraints")
        new = {k: task[k] for k in kept if k in task}
        change(new)
        made = self.api(region, "ecs", "RegisterTaskDefinition", **new)["taskDefinition"]["taskDefinitionArn"]
        self.service(region, taskDefinition=made)
        yield
        self.service(region, taskDefinition=old)

    def policy(self, role, name, document):
        from urllib.parse import unquote
        self.api(PRIMARY, "iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=unquote(document))

    def zone(self):
        return self.box.output(RECOVERY, "lamp-pilot", "HostedZoneId")

    def records(self):
        return self.api(RECOVERY, "route53", "ListResourceRecordSets", HostedZoneId=self.zone())["ResourceRecordSets"]

    def change_record(self, action, record):
        self.api(RECOVERY, "route53", "ChangeResourceRecordSets", HostedZoneId=self.zone(),
                 ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]})

    def check(self, *words, form="--json"):
        return self.relight("check", *([form] if form else []), *words, check=False)

    def findings(self, *words):
        done = self.check(*words)
        self.assertIn(done.returncode, (0, 6, 7), done.stderr)
        return json.loads(done.stdout)["findings"]

    def troubles(self):
        """(check, verdict) of all that does not pass."""
        return {(f["check"], f["verdict"]) for f in self.findings() if f["verdict"] != "pass"} - TOLD

    def well(self):
        return until("every check passes", lambda: self.nothing(self.troubles()))

    @staticmethod
    def nothing(troubles):
        assert not troubles, sorted(troubles)
        return True


class Check(Example):
    def test_the_example_passes_every_check(self):
        self.well()
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual({f["check"] for f in said["findings"]}, set(range(1, 65)))
        self.assertEqual({(f["check"], f["verdict"]) for f in said["findings"]} - {(n, "pass") for n in range(1, 65)}, TOLD)
        self.assertEqual(self.check("--only", "1-8,network-none").returncode, 2)
        self.assertEqual(self.check("--only", "1-8,43-44").returncode, 0)

    def test_each_breakage_shows_as_its_findings_and_no_others(self):
        wanted = os.environ.get("RELIGHT_CASES", "").split(",")
        self.well()
        for says, breakage, expected in CASES:
            if wanted != [""] and breakage.__name__ not in wanted:
                continue
            with self.subTest(says):
                steps = breakage(self)
                next(steps)
                try:
                    until(f"{says}: {sorted(expected)}", lambda: self.same(self.troubles(), expected), seconds=40)
                    worst = {v for _, v in expected}
                    self.assertEqual(self.check().returncode, 6 if "fail" in worst else 7 if "unknown" in worst else 0)
                finally:
                    for _ in steps:
                        pass
                self.well()

    @staticmethod
    def same(troubles, expected):
        assert troubles == expected, sorted(troubles)
        return True

    def test_at_least_forty_things_are_broken_each_by_its_own_name(self):
        self.assertGreaterEqual(len({says for says, _, _ in CASES}), 40)
        self.assertEqual(len({says for says, _, _ in CASES}), len(CASES))
        self.assertTrue(all(expected for _, _, expected in CASES))

    def test_a_canary_shows_whether_a_task_can_be_started_and_leaves_none(self):
        cluster = self.box.output(RECOVERY, "lamp-pilot", "ClusterName")
        left = self.api(RECOVERY, "ecs", "RunTask", cluster=cluster, taskDefinition=self.service(RECOVERY)["taskDefinition"], startedBy="relight-canary",
                        networkConfiguration=self.service(RECOVERY)["networkConfiguration"], launchType="FARGATE")["tasks"][0]["taskArn"]
        self.assertEqual(self.check("--only", "32", "--canary").returncode, 0)
        found = self.findings("--only", "32")[0]
        self.assertEqual(found["verdict"], "pass", found)
        tasks = self.api(RECOVERY, "ecs", "ListTasks", cluster=cluster)["taskArns"]
        self.assertEqual(tasks, [], left)  # the one that a killed run had left is swept too
        self.assertEqual(self.service(RECOVERY)["desiredCount"], 0)
        self.quota(RECOVERY, "fargate", "L-3032A538", "0.1")
        self.assertEqual(self.check("--only", "32", "--canary").returncode, 6)
        self.assertEqual(self.findings("--only", "32")[0]["verdict"], "fail")  # it is kept

    def test_every_finding_that_fails_names_the_resource_the_risk_and_the_command(self):
        self.well()
        group = self.group("DatabaseGroup")
        permission = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "UserIdGroupPairs": [{"GroupId": self.group("TaskGroup")}]}
        self.api(RECOVERY, "ec2", "RevokeSecurityGroupIngress", GroupId=group, IpPermissions=[permission])
        found = next(f for f in self.findings("--only", "17") if f["verdict"] == "fail")
        self.assertEqual((found["resource"], found["region"]), ("lamp-pilot-db", RECOVERY))
        self.assertIn(f"security group {group} (ingress)", found["evidence"])
        self.assertGreater(found["rto_seconds_at_risk"], 0)
        # The command mends it as it stands.
        words = found["mend"].split()
        self.assertEqual(words[0], "aws")
        from stage import run
        run("/usr/bin/aws", "--endpoint-url", self.box.env["AWS_ENDPOINT_URL"], *words[1:], env=self.box.env)
        self.assertTrue(all(f["verdict"] == "pass" for f in self.findings("--only", "17")))

    def test_a_secrets_host_is_compared_only_when_told_and_never_shown(self):
        right = self.box.output(RECOVERY, "lamp-pilot", "DatabaseEndpoint")
        made = self.api(RECOVERY, "secretsmanager", "CreateSecret", Name="lamp/database",
                        SecretString=json.dumps({"host": "planted-host.example", "password": "planted-Zx81"}))["ARN"]
        steps = self.other_task(RECOVERY, lambda t: t["containerDefinitions"][0].update(
            secrets=[{"name": "DB_SECRET", "valueFrom": made}]))
        next(steps)

        def verdicts(*more):
            done = self.check("--only", "34", *more)
            self.assertNotIn("planted", done.stdout + done.stderr)
            return {f["verdict"] for f in json.loads(done.stdout)["findings"]}
        self.assertEqual(verdicts(), {"unknown"})
        self.assertEqual(verdicts("--read-secrets"), {"fail"})
        self.api(RECOVERY, "secretsmanager", "PutSecretValue", SecretId=made, SecretString=json.dumps({"host": right}))
        self.assertEqual(verdicts("--read-secrets"), {"pass"})
        for _ in steps:
            pass

    def role_without(self, *actions):
        """Keys of a role that may everything else."""
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}]}
        rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},
                                                         {"Effect": "Deny", "Action": actions, "Resource": "*"}]}
        self.api(PRIMARY, "iam", "CreateRole", RoleName="curbed", AssumeRolePolicyDocument=json.dumps(trust))
        self.api(PRIMARY, "iam", "PutRolePolicy", RoleName="curbed", PolicyName="most", PolicyDocument=json.dumps(rights))
        keys = self.api(RECOVERY, "sts", "AssumeRole", RoleArn="arn:aws:iam::000000000000:role/curbed", RoleSessionName="story")["Credentials"]
        return {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"], "AWS_SESSION_TOKEN": keys["SessionToken"]}

    def test_who_may_not_ask_for_web_acls_and_the_accounts_block_is_told_that_they_are_unknown(self):
        keys, before = self.role_without("wafv2:GetWebACLForResource", "s3:GetAccountPublicAccessBlock"), dict(self.box.env)
        self.box("iam", "enforce")
        try:
            self.box.env.update(keys)
            found = {f["check"]: f for f in self.findings("--only", "40,45")}
        finally:
            self.box.env.clear()
            self.box.env.update(before)
            self.box("iam", "off")
        self.assertEqual({n: f["verdict"] for n, f in found.items()}, {40: "unknown", 45: "unknown"})
        self.assertIn("AccessDenied", found[40]["evidence"])
        self.assertIn("s3:GetAccountPublicAccessBlock", found[45]["evidence"])
        self.assertEqual({f["verdict"] for f in self.findings("--only", "40,45")}, {"pass"})

    def test_all_forms_say_the_same(self):
        self.well()
        count = len(self.findings())
        suites = xml.fromstring(self.check(form="--junit").stdout)
        self.assertEqual(suites.tag, "testsuites")
        self.assertEqual(len(list(suites.iter("testcase"))), count)
        self.assertEqual(len(list(suites.iter("error"))), int(suites.get("errors")))
        self.assertEqual(self.check(form="--markdown").stdout.count("\n| "), count + 1)
        text = self.check(form=None).stdout.splitlines()
        self.assertEqual(sum(line.split(" ", 1)[0] in ("pass", "warn", "fail", "unknown") for line in text), count)
        self.assertEqual(self.check("--junit").returncode, 2)

    def test_a_lost_primary_makes_what_it_alone_knows_unknown_and_nothing_of_it_passes(self):
        self.well()
        self.box("lose", PRIMARY)
        verdicts = {}
        for f in self.findings():
            verdicts.setdefault(f["check"], set()).add(f["verdict"])
        for n in (1, 7, 8, 10, 14, 19, 20, 26, 30, 47, 50, 51):
            self.assertEqual(verdicts[n], {"unknown"}, n)
        # Route 53 is asked in us-east-1, which is lost here; its answers and health checks go on.
        self.assertEqual((verdicts[43], verdicts[44]), ({"unknown"}, {"unknown"}))
        for n in (13, 15, 17, 28, 29):
            self.assertEqual(verdicts[n], {"pass"}, n)


if __name__ == "__main__":
    unittest.main()
