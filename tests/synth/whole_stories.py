"""The example with all that such applications have beside their pages: its pilot sleeps, what is awake too early is found, a failover wakes it."""
import base64
import json
import struct
import unittest
import urllib.request
import zlib

from synth_stories import PRIMARY, RECOVERY, STACK, Pilot, run, until

ODD_NAME = "older/ä note, 1+1=2 & more?.txt"


def png(side):
    """A square of one colour: 8 bits, RGB."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = (b"\0" + b"\x1d\x35\x57" * side) * side
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Whole(Pilot):
    parameters = {"Extras": "true"}
    registry = True

    def functions(self, region):
        prefix = "lamp-primary" if region == PRIMARY else STACK
        return [f"{prefix}-{n}" for n in ("clean-up", "notice", "thumbnail")]

    def rule(self, region):
        return self.box.api(region, "events", "ListRules")["Rules"][0]

    def mapping(self, region):
        return self.box.api(region, "lambda", "ListEventSourceMappings")["EventSourceMappings"][0]

    def target(self, region=RECOVERY):
        return self.box.api(region, "applicationautoscaling", "DescribeScalableTargets", ServiceNamespace="ecs")["ScalableTargets"][0]

    def bounds(self, low, high, asleep):
        t = self.target()
        self.box.api(RECOVERY, "applicationautoscaling", "RegisterScalableTarget",
                     **{k: t[k] for k in ("ServiceNamespace", "ResourceId", "ScalableDimension")}, MinCapacity=low, MaxCapacity=high,
                     SuspendedState={k: asleep for k in ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")})

    def host_of_secret(self):
        value = self.box.api(RECOVERY, "secretsmanager", "GetSecretValue", SecretId="lamp-primary/database")["SecretString"]
        return json.loads(value)["host"]

    def leave_an_entry(self, region, stack, token):
        """Its picture's key."""
        body = json.dumps({"token": token, "name": "story", "message": "A picture", "picture": base64.b64encode(png(400)).decode()})
        request = urllib.request.Request(f"http://{self.box.address(self.box.output(region, stack, 'BalancerName'))}/entries", body.encode(),
                                         {"Content-Type": "application/json", "Accept": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            self.assertEqual(json.load(answer)["region"], region)
        bucket = self.box.output(region, stack, "UploadsBucket")
        keys = [o["Key"] for o in self.box.api(region, "s3", "ListObjectsV2", Bucket=bucket, Prefix="pictures/" + token)["Contents"]]
        self.assertEqual(len(keys), 1)
        return keys[0]

    def what_follows_an_entry(self, region, stack, token):
        key, bucket = self.leave_an_entry(region, stack, token), self.box.output(region, stack, "UploadsBucket")
        until("its thumbnail is there", lambda: self.box.api(region, "s3", "HeadObject", Bucket=bucket, Key="thumbnails/" + key))
        group = f"/aws/lambda/{self.functions(region)[1]}"
        until("its notice was taken", lambda: [e for e in self.box.api(
            region, "logs", "FilterLogEvents", logGroupName=group, filterPattern="notice")["events"] if region in e["message"]])

    def check(self, number, code):
        self.says(self.relight("check", "--only", str(number), check=False), code=code)

    def test_1_everything_is_captured_and_no_secret_is_in_a_file(self):
        self.says(self.relight("capture"), "nothing changed")
        self.assertEqual(json.loads((self.home / "iac/captured/inventory.json").read_text())["unknown"], [])
        self.relight("synth")
        for path in (self.home / "iac").rglob("*"):
            if path.is_file():
                self.assertNotIn(self.box.env["RELIGHT_DB_PASSWORD"], path.read_text(), path)

    def aws(self, *words):
        return run("/usr/bin/aws", "--endpoint-url", self.box.env["AWS_ENDPOINT_URL"], "--output", "json", *words, env=self.box.env).stdout

    def leave_older_objects(self):
        """Before any rule: one with all that an object may have, one with a second version, one that is deleted."""
        bucket = self.box.output(PRIMARY, "lamp-primary", "UploadsBucket")
        (self.home / "note").write_text("a note")
        put = ("s3api", "put-object", "--region", PRIMARY, "--bucket", bucket, "--body", self.home / "note")
        self.aws(*put, "--key", ODD_NAME, "--metadata", "who=story", "--tagging", "kind=a%20note", "--content-type", "text/x-note",
                 "--cache-control", "no-store")
        for key in ("older/twice", "older/twice", "older/deleted"):
            self.aws(*put, "--key", key)
        self.box.api(PRIMARY, "s3", "DeleteObject", Bucket=bucket, Key="older/deleted")
        return bucket

    def keys(self, region, bucket):
        return [o["Key"] for o in self.box.api(region, "s3", "ListObjectsV2", Bucket=bucket)["Contents"]]

    def versions(self, region, bucket):
        """Of what the sandbox's primary has from before; pictures go on coming."""
        listed = self.box.api(region, "s3", "ListObjectVersions", Bucket=bucket, Prefix="older/")
        return sorted(v["Key"] for v in listed.get("Versions", []) + listed.get("DeleteMarkers", []))

    def test_2_the_pilot_stands_and_sleeps(self):
        bucket = self.leave_older_objects()
        primary_side = ("Replicate what is pushed to the repository lamp", "Copy the image lamp:1", "Copy the objects of " + bucket)
        self.says(self.relight("deploy", "--plan"), *("to do: " + what for what in primary_side))
        self.assertEqual(self.box.api(PRIMARY, "ecr", "DescribeRegistry")["replicationConfiguration"]["rules"], [])
        self.says(self.relight("deploy", "--yes", "--touch-primary"), "* Keep a replica of the secret", "* Copy the parameter",
                  *("* " + what for what in primary_side))
        self.what_was_there_before_is_there(bucket)
        again = self.relight("deploy", "--yes", "--touch-primary")
        for what in primary_side:
            self.assertNotIn(what, again.stdout)
        for name in self.functions(RECOVERY):
            self.assertEqual(self.box.api(RECOVERY, "lambda", "GetFunctionConcurrency", FunctionName=name), {"ReservedConcurrentExecutions": 0})
        self.assertEqual(self.rule(RECOVERY)["State"], "DISABLED")
        self.assertEqual(self.mapping(RECOVERY)["State"], "Disabled")
        self.assertEqual((self.target()["MinCapacity"], self.target()["MaxCapacity"]), (0, 0))
        self.what_follows_an_entry(PRIMARY, "lamp-primary", "before")

    def what_was_there_before_is_there(self, bucket):
        copy = self.box.output(RECOVERY, STACK, "UploadsBucket")
        self.assertLessEqual(set(self.keys(PRIMARY, bucket)), set(self.keys(RECOVERY, copy)))
        self.assertEqual(self.versions(RECOVERY, copy), ["older/twice", ODD_NAME])
        one, other = (json.loads(self.aws("s3api", "head-object", "--region", r, "--bucket", b, "--key", ODD_NAME))
                      for r, b in ((PRIMARY, bucket), (RECOVERY, copy)))
        for same in ("ContentType", "CacheControl", "Metadata", "ETag", "ContentLength"):
            self.assertEqual(one[same], other[same])
        self.assertEqual(self.box.api(RECOVERY, "s3", "GetObjectTagging", Bucket=copy, Key=ODD_NAME)["TagSet"], [{"Key": "kind", "Value": "a note"}])
        images = [self.box.api(r, "ecr", "DescribeImages", repositoryName="lamp")["imageDetails"] for r in (PRIMARY, RECOVERY)]
        for same in ("imageDigest", "imageTags", "imageSizeInBytes", "imageManifestMediaType"):
            self.assertEqual(images[0][0][same], images[1][0][same])

    def verdicts(self, number):
        return {f["verdict"] for f in json.loads(self.relight("--json", "check", "--only", str(number), check=False).stdout)["findings"]}

    def test_3_images_and_objects_that_would_be_missing_are_found(self):
        bucket, copy = (self.box.output(r, s, "UploadsBucket") for r, s in ((PRIMARY, "lamp-primary"), (RECOVERY, STACK)))
        digest = self.box.api(PRIMARY, "ecr", "DescribeImages", repositoryName="lamp")["imageDetails"][0]["imageDigest"]
        expires = {"rules": [{"rulePriority": 1, "action": {"type": "expire"},
                              "selection": {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}}]}

        def again(what):
            return lambda: self.says(self.relight("deploy", "--yes", "--touch-primary"), "* " + what)
        for number, verdict, breaks, mends in (
                (21, "fail", lambda: self.box.api(RECOVERY, "ecr", "BatchDeleteImage", repositoryName="lamp", imageIds=[{"imageDigest": digest}]),
                 again("Copy the image lamp:1")),
                (22, "fail", lambda: self.box.api(PRIMARY, "ecr", "PutReplicationConfiguration", replicationConfiguration={"rules": []}),
                 again("Replicate what is pushed")),
                (23, "warn", lambda: self.box.api(RECOVERY, "ecr", "PutLifecyclePolicy", repositoryName="lamp", lifecyclePolicyText=json.dumps(expires)),
                 lambda: self.box.api(RECOVERY, "ecr", "DeleteLifecyclePolicy", repositoryName="lamp"))):
            with self.subTest(check=number):
                self.assertEqual(self.verdicts(number), {"pass"})
                breaks()
                self.assertEqual(self.verdicts(number), {verdict})
                mends()
                self.assertEqual(self.verdicts(number), {"pass"})
        self.assertEqual(self.verdicts(49), {"pass"})
        self.box.api(RECOVERY, "s3", "DeleteObject", Bucket=copy, Key="older/twice")
        again("Copy the objects of " + bucket)()
        self.assertIn("older/twice", self.keys(RECOVERY, copy))

    def test_3_what_is_awake_too_early_or_wrong_is_found(self):
        function, rule = self.functions(RECOVERY)[1], self.rule(RECOVERY)["Name"]
        for number, breaks, mends in (
                (53, lambda: self.box.api(RECOVERY, "lambda", "DeleteFunctionConcurrency", FunctionName=function),
                 lambda: self.box.api(RECOVERY, "lambda", "PutFunctionConcurrency", FunctionName=function, ReservedConcurrentExecutions=0)),
                (55, lambda: self.box.api(RECOVERY, "events", "EnableRule", Name=rule),
                 lambda: self.box.api(RECOVERY, "events", "DisableRule", Name=rule)),
                (27, lambda: self.bounds(0, 1, False), lambda: self.bounds(0, 0, True)),
                (36, lambda: self.parameter("another word"), lambda: self.parameter("Leave us a word")),
                (59, self.nobody_is_told, self.somebody_is_told)):
            with self.subTest(check=number):
                self.check(number, 0)
                breaks()
                self.check(number, 6)
                mends()
                self.check(number, 0)

    def subscriptions(self):
        return self.box.api(RECOVERY, "sns", "ListSubscriptions")["Subscriptions"]

    def nobody_is_told(self):
        self.told = self.subscriptions()[0]
        self.box.api(RECOVERY, "sns", "Unsubscribe", SubscriptionArn=self.told["SubscriptionArn"])

    def somebody_is_told(self):
        self.box.api(RECOVERY, "sns", "Subscribe", **{k: self.told[k] for k in ("TopicArn", "Protocol", "Endpoint")})

    def test_3_its_network_has_addresses_of_its_own_and_its_alarms_tell_the_same_people(self):
        self.check(41, 0)
        blocks = [v["CidrBlock"] for v in self.box.api(RECOVERY, "ec2", "DescribeVpcs")["Vpcs"] if not v.get("IsDefault")]
        self.assertEqual(blocks, ["10.2.0.0/16"])
        told = {a for alarm in self.box.api(RECOVERY, "cloudwatch", "DescribeAlarms")["MetricAlarms"]
                if alarm["ActionsEnabled"] and alarm["MetricName"] == "ReplicaLag" for a in alarm["AlarmActions"]}
        self.assertEqual(told, {self.subscriptions()[0]["TopicArn"]})
        self.assertIn(":lamp-pilot-alerts", told.pop())

    def parameter(self, value):
        self.box.api(RECOVERY, "ssm", "PutParameter", Name="/lamp-primary/greeting", Value=value, Type="String", Overwrite=True)

    def test_4_a_failover_wakes_it_in_the_right_order(self):
        self.box("lose", PRIMARY)
        self.relight("failover", "--yes", "--accept-unproven-fence", "--accept-loss", "unknown")
        for name in self.functions(RECOVERY):
            self.assertEqual(self.box.api(RECOVERY, "lambda", "GetFunctionConcurrency", FunctionName=name), {})
        self.assertEqual(self.rule(RECOVERY)["State"], "ENABLED")
        self.assertEqual(self.mapping(RECOVERY)["State"], "Enabled")
        self.assertEqual((self.target()["MinCapacity"], self.target()["MaxCapacity"]), (2, 6))
        self.assertEqual(self.host_of_secret(), self.box.output(RECOVERY, STACK, "DatabaseEndpoint"))
        cluster = self.box.output(RECOVERY, STACK, "ClusterName")
        tasks = self.box.api(RECOVERY, "ecs", "ListTasks", cluster=cluster)["taskArns"]
        for task in self.box.api(RECOVERY, "ecs", "DescribeTasks", cluster=cluster, tasks=tasks)["tasks"]:
            self.assertRegex(task["containers"][0]["image"], r"^000000000000\.dkr\.ecr\.us-west-2\.amazonaws\.com/lamp@sha256:")

    def test_5_what_follows_an_entry_goes_on_there(self):
        self.what_follows_an_entry(RECOVERY, STACK, "after")
        with urllib.request.urlopen(f"http://{self.box.address('www.lamp.example')}/", timeout=20) as page:
            self.assertIn("Leave us a word", page.read().decode())

    def test_6_on_the_way_back_the_one_sleeps_and_the_other_wakes(self):
        away = self.leave_an_entry(RECOVERY, STACK, "away")
        self.box("restore", PRIMARY)
        until("the region answers", lambda: self.box.api(PRIMARY, "rds", "DescribeDBInstances")["DBInstances"])
        bucket, copy = (self.box.output(r, s, "UploadsBucket") for r, s in ((PRIMARY, "lamp-primary"), (RECOVERY, STACK)))
        self.box.api(RECOVERY, "s3", "DeleteObject", Bucket=copy, Key="older/twice")
        self.says(self.relight("failback", "--yes", "--again"), "No write was lost")
        for name in self.functions(RECOVERY):
            self.assertEqual(self.box.api(RECOVERY, "lambda", "GetFunctionConcurrency", FunctionName=name), {"ReservedConcurrentExecutions": 0})
        for name in self.functions(PRIMARY):
            self.assertEqual(self.box.api(PRIMARY, "lambda", "GetFunctionConcurrency", FunctionName=name), {})
        self.assertEqual([self.rule(r)["State"] for r in (PRIMARY, RECOVERY)], ["ENABLED", "DISABLED"])
        self.assertEqual([self.mapping(r)["State"] for r in (PRIMARY, RECOVERY)], ["Enabled", "Disabled"])
        self.assertEqual(self.box.api(RECOVERY, "s3", "GetBucketNotificationConfiguration", Bucket=copy), {})
        self.assertIn("LambdaFunctionConfigurations", self.box.api(PRIMARY, "s3", "GetBucketNotificationConfiguration", Bucket=bucket))
        self.assertEqual([(t["MinCapacity"], t["MaxCapacity"], t["SuspendedState"]["DynamicScalingOutSuspended"])
                          for t in (self.target(PRIMARY), self.target())], [(2, 6, False), (0, 0, True)])
        self.assertEqual(self.box.api(RECOVERY, "secretsmanager", "DescribeSecret", SecretId="lamp-primary/database")["PrimaryRegion"], PRIMARY)
        home = self.keys(PRIMARY, bucket)
        self.assertIn(away, home)
        self.assertNotIn("older/twice", home)

    def test_7_what_follows_an_entry_goes_on_at_home_and_the_pilot_is_ready(self):
        self.what_follows_an_entry(PRIMARY, "lamp-primary", "home")
        for words in (("capture",), ("synth",), ("deploy", "--yes", "--touch-primary"), ("sync",)):
            self.relight(*words)
        # Nobody writes a heartbeat here; and what has just been promoted has no backup for a while.
        until("all but the heartbeat is ready", lambda: ["heartbeat"] == [
            f["name"] for f in json.loads(self.relight("--json", "check", check=False).stdout)["findings"] if f["verdict"] == "fail"])


if __name__ == "__main__":
    unittest.main()
