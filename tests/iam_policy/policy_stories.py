"""Verbs in the real sandbox, each by a role that has the policy which `relight iam-policy` printed for it and nothing else, with policies enforced.
RELIGHT_CALL_LOG tells the calls, which are held against the policy a second time: by this file's own reading of it."""
import json
import signal
import unittest

from roles import PRIMARY, RECOVERY, Roles, action_of, changes_the_world, listed, on, permits, until

# What stands in the recovery region by the pilot's type: an action on it, and how its physical id becomes an ARN.
STANDS = {"AWS::ECS::Cluster": ("ecs:DescribeClusters", "arn:aws:ecs:{region}:{account}:cluster/{id}"),
          "AWS::ECS::Service": ("ecs:UpdateService", "{id}"),
          "AWS::ECS::TaskDefinition": ("ecs:RegisterTaskDefinition", "{id}"),
          "AWS::RDS::DBInstance": ("rds:ModifyDBInstance", "arn:aws:rds:{region}:{account}:db:{id}"),
          "AWS::RDS::DBSubnetGroup": ("rds:CreateDBSubnetGroup", "arn:aws:rds:{region}:{account}:subgrp:{id}"),
          "AWS::RDS::DBParameterGroup": ("rds:CreateDBParameterGroup", "arn:aws:rds:{region}:{account}:pg:{id}"),
          "AWS::RDS::OptionGroup": ("rds:CreateOptionGroup", "arn:aws:rds:{region}:{account}:og:{id}"),
          "AWS::ElasticLoadBalancingV2::LoadBalancer": ("elasticloadbalancing:CreateLoadBalancer", "{id}"),
          "AWS::ElasticLoadBalancingV2::Listener": ("elasticloadbalancing:ModifyListener", "{id}"),
          "AWS::ElasticLoadBalancingV2::TargetGroup": ("elasticloadbalancing:CreateTargetGroup", "{id}"),
          "AWS::IAM::Role": ("iam:CreateRole", "arn:aws:iam::{account}:role/{id}"),
          "AWS::S3::Bucket": ("s3:CreateBucket", "arn:aws:s3:::{id}"),
          "AWS::CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"),
          "AWS::Route53::HealthCheck": ("route53:GetHealthCheck", "arn:aws:route53:::healthcheck/{id}"),
          "AWS::Route53::HostedZone": ("route53:GetHostedZone", "arn:aws:route53:::hostedzone/{id}")}


class Policies(Roles):
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
    def test_a_deployment_a_failover_its_evidence_and_the_way_back(self):
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
        _, calls = self.held("failback", "failback", "--yes", "--again", least=30)
        self.assertLessEqual({("rds:PromoteReadReplica", PRIMARY), ("rds:CreateDBInstanceReadReplica", PRIMARY),
                              ("rds:CreateDBInstanceReadReplica", RECOVERY)}, set(calls))


if __name__ == "__main__":
    unittest.main()
