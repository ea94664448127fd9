"""Verbs in the real sandbox, each by a role that has the policy which `relight iam-policy` printed for it and nothing else, with policies enforced.
RELIGHT_CALL_LOG tells the calls, which are held against the policy a second time: by this file's own reading of it."""
import fnmatch
import json
import os
import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "failover"))
os.environ.setdefault("RELIGHT_REGISTRY", "true")
from stage import PRIMARY, RECOVERY, Story, changes_the_world, until  # noqa: E402

# Operations whose action has another name, written down apart from Relight's own table: "Required permissions for Amazon S3 API operations",
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
ACTIONS = {"s3:CopyObject": "s3:PutObject", "s3:ListBuckets": "s3:ListAllMyBuckets", "s3:ListObjectsV2": "s3:ListBucket", "s3:HeadObject": "s3:GetObject",
           "s3:HeadBucket": "s3:ListBucket",
           "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration", "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
           "s3:PutBucketReplication": "s3:PutReplicationConfiguration", "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
           "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration", "s3:GetBucketCors": "s3:GetBucketCORS",
           "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock", "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
           "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
           "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration"}
PREFIXES = {"elbv2": "elasticloadbalancing", "applicationautoscaling": "application-autoscaling"}
GLOBAL = ("iam:", "route53:", "s3:")  # their ARNs have no region


def action_of(call):
    service, operation = call.split(":")
    return ACTIONS.get(call, f"{PREFIXES.get(service, service)}:{operation}")


def listed(value):
    return [value] if isinstance(value, str) else value


def permits(policy, call, region):
    """Whether a statement allows the call in that region on anything at all: which resource it was the log does not say."""
    action = action_of(call)
    for s in policy["Statement"]:
        if action not in listed(s["Action"]):
            continue
        regions = s.get("Condition", {}).get("StringEquals", {}).get("aws:RequestedRegion", region)
        if region not in listed(regions) and not action.startswith(GLOBAL):
            continue
        places = {r.split(":")[3] if r != "*" else region for r in listed(s["Resource"])}
        if action.startswith(GLOBAL) or any(fnmatch.fnmatchcase(region, p) for p in places):
            return True
    return False


def on(policy, action, arn):
    """Whether a statement allows the action on that very resource."""
    return any(action in listed(s["Action"]) and any(fnmatch.fnmatchcase(arn, r) for r in listed(s["Resource"])) for s in policy["Statement"])


# What stands in the recovery region by the pilot's type: an action on it, and how its physical id becomes an ARN.
STANDS = {"AWS::ECS::Cluster": ("ecs:DescribeClusters", "arn:aws:ecs:{region}:{account}:cluster/{id}"),
          "AWS::ECS::Service": ("ecs:UpdateService", "{id}"),
          "AWS::ECS::TaskDefinition": ("ecs:RegisterTaskDefinition", "{id}"),
          "AWS::RDS::DBInstance": ("rds:ModifyDBInstance", "arn:aws:rds:{region}:{account}:db:{id}"),
          "AWS::RDS::DBSubnetGroup": ("rds:CreateDBSubnetGroup", "arn:aws:rds:{region}:{account}:subgrp:{id}"),
          "AWS::RDS::DBParameterGroup": ("rds:CreateDBParameterGroup", "arn:aws:rds:{region}:{account}:pg:{id}"),
          "AWS::ElasticLoadBalancingV2::LoadBalancer": ("elasticloadbalancing:CreateLoadBalancer", "{id}"),
          "AWS::ElasticLoadBalancingV2::Listener": ("elasticloadbalancing:ModifyListener", "{id}"),
          "AWS::ElasticLoadBalancingV2::TargetGroup": ("elasticloadbalancing:CreateTargetGroup", "{id}"),
          "AWS::IAM::Role": ("iam:CreateRole", "arn:aws:iam::{account}:role/{id}"),
          "AWS::S3::Bucket": ("s3:CreateBucket", "arn:aws:s3:::{id}"),
          "AWS::CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"),
          "AWS::Route53::HealthCheck": ("route53:GetHealthCheck", "arn:aws:route53:::healthcheck/{id}"),
          "AWS::Route53::HostedZone": ("route53:GetHostedZone", "arn:aws:route53:::hostedzone/{id}")}


class Policies(Story):
    shared = True

    def setUp(self):
        super().setUp()
        self.relight("capture", "--no-commit")
        self.relight("synth", "--no-commit")
        self.box("iam", "enforce")
        self.denials = len(self.denied())
        self.expected = set()  # actions that a story takes out

    def tearDown(self):
        self.assertEqual({d.split()[1] for d in self.denied()[self.denials:]}, self.expected)

    def denied(self):
        """What the sandbox refused a role."""
        return [e["what"] for e in self.box.events() if e["service"] == "iam"]

    def policy(self, *verbs, config=None):
        """What the printed documents permit together; each is short enough for a managed policy."""
        lines = self.relight("--json", "iam-policy", *verbs, config=config).stdout.splitlines()
        whole = {"Version": "2012-10-17", "Statement": []}
        for line in lines:
            self.assertLessEqual(len(line), 6144)
            self.assertEqual(json.loads(line)["Version"], "2012-10-17")
            whole["Statement"] += json.loads(line)["Statement"]
        return whole

    def role(self, name, policy):
        """Keys of a role with that policy; a long one in several, as a managed policy has 6,144 characters."""
        arn = "arn:aws:iam::000000000000:role/" + name
        if name not in [r["RoleName"] for r in self.box.api(PRIMARY, "iam", "ListRoles")["Roles"]]:
            self.box.api(PRIMARY, "iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=json.dumps({
                "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}]}))
        for old in self.box.api(PRIMARY, "iam", "ListAttachedRolePolicies", RoleName=name)["AttachedPolicies"]:
            self.box.api(PRIMARY, "iam", "DetachRolePolicy", RoleName=name, PolicyArn=old["PolicyArn"])
            self.box.api(PRIMARY, "iam", "DeletePolicy", PolicyArn=old["PolicyArn"])
        parts = [[]]
        for statement in policy["Statement"]:
            if parts[-1] and len(json.dumps(parts[-1] + [statement])) > 6000:
                parts.append([])
            parts[-1].append(statement)
        for n, part in enumerate(p for p in parts if p):
            made = self.box.api(PRIMARY, "iam", "CreatePolicy", PolicyName=f"{name}-{n}",
                                PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": part}, separators=(",", ":")))
            self.box.api(PRIMARY, "iam", "AttachRolePolicy", RoleName=name, PolicyArn=made["Policy"]["Arn"])
        keys = self.box.api(RECOVERY, "sts", "AssumeRole", RoleArn=arn, RoleSessionName="held")["Credentials"]
        return {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
                "AWS_SESSION_TOKEN": keys["SessionToken"]}

    def logged(self, *words, config=None, check=True, keys=None):
        """The calls of one verb: (service:Operation, region)."""
        log = self.home / "calls"
        log.unlink(missing_ok=True)
        before = dict(self.box.env)
        self.box.env |= {"RELIGHT_CALL_LOG": str(log)} | (keys or {})
        try:
            self.said = self.relight(*words, config=config, check=False)
        finally:
            self.box.env.clear()
            self.box.env |= before
        if check:
            self.assertIn(self.said.returncode, (0, 6, 7), self.said.stderr + self.said.stdout)
        return sorted({tuple(line.split()[:2]) for line in log.read_text().splitlines()}) if log.exists() else []

    def held(self, verb, *words, config=None, check=True, least=1):
        """Runs the words, which are that verb for iam-policy, under the policy as it was before."""
        policy = self.policy(verb, config=config)
        calls = self.logged(*words, config=config, check=check, keys=self.role("held", policy))
        self.assertGreaterEqual(len(calls), least, self.said.stderr)
        denied = [f"{call} in {region}" for call, region in calls if not permits(policy, call, region)]
        self.assertEqual(denied, [], f"{' '.join(map(str, words))}: made, but not permitted by its policy")
        return policy, calls

    def test_what_only_looks_calls_nothing_else(self):
        for verb, *more in (("status",), ("check",), ("drift",), ("cost",), ("capture", "--no-commit")):
            with self.subTest(verb):
                least = {"check": 50, "drift": 40, "capture": 40, "cost": 2}.get(verb, 5)
                policy, _ = self.held(verb, verb, *more, least=least)
                writes = {a for s in policy["Statement"] for a in listed(s["Action"])
                          if not a.split(":")[1].startswith(("Describe", "Get", "List"))}
                self.assertEqual(writes, set())
        self.held("failover", "failover", "--plan")
        self.held("deploy", "deploy", "--plan")
        self.held("sync", "sync", "--plan", least=40)
        for verb in ("synth", "diagram", "runs"):
            self.assertEqual(self.logged(verb, *(["--no-commit"] if verb == "synth" else [])), [])
            self.assertEqual(self.policy(verb)["Statement"], [])

    def test_a_call_that_is_taken_out_of_the_policy_is_noticed(self):
        policy, calls = self.held("status", "status")
        call, region = calls[0]
        for s in policy["Statement"]:
            s["Action"] = [a for a in listed(s["Action"]) if a != action_of(call)]
        self.assertFalse(permits(policy, call, region))
        self.assertFalse(permits(self.policy("capture"), "ec2:DescribeVpcs", RECOVERY))
        self.assertTrue(permits(self.policy("capture"), "ec2:DescribeVpcs", PRIMARY))

    def test_init_is_held_however_the_application_is_named(self):
        cluster = self.box.output(PRIMARY, "lamp-primary", "ClusterName")
        service = self.box.output(PRIMARY, "lamp-primary", "ServiceName")
        for way in (("--stack", "lamp-primary"), ("--cluster", f"{cluster}/{service}"), ("--tag", "none=such")):
            with self.subTest(way[0]):
                self.held("init", "init", "--primary", PRIMARY, "--recovery", RECOVERY, *way, "--out", self.home / "new.yaml", "--force",
                          check=way[0] != "--tag", least=5)

    def test_a_journal_in_s3_is_in_the_policy(self):
        config = self.in_s3()
        for verb in ("runs", "status"):  # nothing is captured beside it: relight.yaml alone narrows
            policy, calls = self.held(verb, verb, config=config)
            self.assertIn(("s3:ListObjectsV2" if verb == "runs" else "s3:PutObject", RECOVERY), calls)
            resources = {r for s in policy["Statement"] for r in listed(s["Resource"])}
            self.assertIn("arn:aws:s3:::relight-runs/lamp/*", resources)

    def test_what_stands_has_the_names_that_the_policy_foresees(self):
        policy, account = self.policy("deploy-touch-primary"), self.box.api(PRIMARY, "sts", "GetCallerIdentity")["Account"]
        there = self.box.api(RECOVERY, "cloudformation", "DescribeStackResources", StackName="lamp-pilot")["StackResources"]
        seen = set()
        for r in there:
            if r["ResourceType"] not in STANDS:
                continue
            action, form = STANDS[r["ResourceType"]]
            arn = form.format(region=RECOVERY, account=account, id=r["PhysicalResourceId"])
            self.assertTrue(on(policy, action, arn), f"{action} on {arn}")
            self.assertFalse(on(policy, action, arn.replace("lamp", "other")) and "lamp" in arn, arn)
            seen.add(r["ResourceType"])
        self.assertLessEqual({"AWS::ECS::Service", "AWS::RDS::DBInstance", "AWS::IAM::Role", "AWS::S3::Bucket"}, seen)
        failover = self.policy("failover")
        outputs = {(region, key): self.box.output(region, stack, key) for region, stack in ((PRIMARY, "lamp-primary"), (RECOVERY, "lamp-pilot"))
                   for key in ("DatabaseIdentifier", "ClusterName", "ServiceName", "UploadsBucket")}
        for region in (PRIMARY, RECOVERY):
            service = self.box.api(region, "ecs", "DescribeServices", cluster=outputs[region, "ClusterName"],
                                   services=[outputs[region, "ServiceName"]])["services"][0]["serviceArn"]
            self.assertTrue(on(failover, "ecs:UpdateService", service), service)
            self.assertTrue(on(failover, "s3:ListBucket", "arn:aws:s3:::" + outputs[region, "UploadsBucket"]), region)
            database = f"arn:aws:rds:{region}:{account}:db:{outputs[region, 'DatabaseIdentifier']}"
            self.assertEqual(on(failover, "rds:PromoteReadReplica", database), region == RECOVERY, database)
        self.assertTrue(on(failover, "s3:PutBucketPolicy", "arn:aws:s3:::" + outputs[PRIMARY, "UploadsBucket"]))
        self.assertFalse(on(failover, "s3:PutBucketPolicy", "arn:aws:s3:::" + outputs[RECOVERY, "UploadsBucket"]))

    def without(self, verb, action):
        """The verb's policy less one action, which it must have had."""
        policy = self.policy(verb)
        self.assertTrue(any(action in listed(s["Action"]) for s in policy["Statement"]), action)
        for s in policy["Statement"]:
            s["Action"] = [a for a in listed(s["Action"]) if a != action]
        policy["Statement"] = [s for s in policy["Statement"] if s["Action"]]
        self.expected.add(action)
        return self.role("held", policy)

    @changes_the_world
    def test_an_action_that_is_missing_stops_a_step_by_name_and_the_run_goes_on_when_it_is_there(self):
        poor, whole = self.without("failover", "rds:PromoteReadReplica"), self.role("whole", self.policy("resume"))
        self.box("lose", PRIMARY)  # and IAM with it: the roles must be there before
        self.logged("failover", "--yes", "--accept-loss", "unknown", keys=poor, check=False)
        self.assertNotEqual(self.said.returncode, 0)
        for words in ("promote", "rds:PromoteReadReplica", "is not authorized"):
            self.assertIn(words, self.said.stdout + self.said.stderr)
        self.assertEqual(self.promotions(), 0)
        self.logged("resume", keys=whole)
        self.assertEqual(self.promotions(), 1)

    def as_before_the_rules(self):
        """What deploy then has to bring: the registry's rule, the image, an object."""
        self.box.api(PRIMARY, "ecr", "PutReplicationConfiguration", replicationConfiguration={"rules": []})
        self.box.api(RECOVERY, "ecr", "DeleteRepository", repositoryName="lamp", force=True)
        source, copy = (self.box.output(r, s, "UploadsBucket") for r, s in ((PRIMARY, "lamp-primary"), (RECOVERY, "lamp-pilot")))
        self.box.api(PRIMARY, "s3", "PutObject", Bucket=source, Key="older")
        until("it was replicated", lambda: self.box.api(PRIMARY, "s3", "HeadObject", Bucket=source, Key="older")["ReplicationStatus"] == "COMPLETED")
        self.box.api(RECOVERY, "s3", "DeleteObject", Bucket=copy, Key="older")

    @changes_the_world
    def test_a_deployment_a_failover_and_its_evidence(self):
        self.as_before_the_rules()
        _, calls = self.held("deploy-touch-primary", "deploy", "--yes", "--touch-primary", least=8)
        self.assertLessEqual({("ecr:PutReplicationConfiguration", PRIMARY), ("ecr:UploadLayerPart", RECOVERY), ("ecr:PutImage", RECOVERY),
                              ("s3:CopyObject", RECOVERY)}, set(calls))
        beat = self.start("heartbeat", "--create")
        until("a heartbeat arrived", lambda: json.loads(self.relight("--json", "status").stdout)["replication"]["heartbeat_age"] != "unknown")
        beat.send_signal(signal.SIGINT)
        beat.communicate()
        _, calls = self.held("failover", "failover", "--yes", "--accept-loss", "unknown", least=12)
        self.assertIn(("rds:PromoteReadReplica", RECOVERY), calls)
        for verb in ("evidence", "show", "status"):
            self.held(verb, verb, least=0)


if __name__ == "__main__":
    unittest.main()
