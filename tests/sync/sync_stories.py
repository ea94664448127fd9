"""The pilot of the example with all that such applications have, kept in step while its primary goes on changing."""
import base64
import io
import json
import pathlib
import re
import sys
import unittest
import zipfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / d) for d in ("failover", "synth")]
from stage import PRIMARY, RECOVERY, run, until  # noqa: E402
from synth_stories import STACK, Pilot  # noqa: E402

READS = re.compile(r"^\w+:(Describe|Get|List|Head)")


class Sync(Pilot):
    parameters = {"Extras": "true"}

    @classmethod
    def given(cls):
        """Its database is encrypted by a key of the account's own."""
        cls.key = cls.box.api(PRIMARY, "kms", "CreateKey", Description="what the database is encrypted by")["KeyMetadata"]["Arn"]
        return cls.parameters | {"DatabaseKey": cls.key}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for words in (("synth",), ("deploy", "--yes", "--touch-primary"), ("sync",)):  # the last sees what the deployment did in the primary
            cls.relight(*words)

    def setUp(self):
        self.head = self.git("rev-parse", "HEAD")

    def tearDown(self):
        """Whatever a story brought over, nothing is lit."""
        service = self.recovery_service()
        self.assertEqual((service["desiredCount"], service["runningCount"]), (0, 0))
        for f in self.box.api(RECOVERY, "lambda", "ListFunctions")["Functions"]:
            self.assertEqual(self.box.api(RECOVERY, "lambda", "GetFunctionConcurrency", FunctionName=f["FunctionName"]),
                             {"ReservedConcurrentExecutions": 0})
        self.assertEqual({r["State"] for r in self.box.api(RECOVERY, "events", "ListRules")["Rules"]}, {"DISABLED"})
        self.assertEqual({m["State"] for m in self.box.api(RECOVERY, "lambda", "ListEventSourceMappings")["EventSourceMappings"]}, {"Disabled"})
        self.assertTrue(all(t["SuspendedState"]["DynamicScalingOutSuspended"] for t in self.box.api(
            RECOVERY, "applicationautoscaling", "DescribeScalableTargets", ServiceNamespace="ecs")["ScalableTargets"]))

    def git(self, *words):
        return run("git", "-C", self.home, *words).stdout.strip()

    def service_of(self, region, stack):
        where = {"cluster": self.box.output(region, stack, "ClusterName"), "services": [self.box.output(region, stack, "ServiceName")]}
        return self.box.api(region, "ecs", "DescribeServices", **where)["services"][0]

    def recovery_service(self):
        return self.service_of(RECOVERY, STACK)

    def task(self, region, stack):
        arn = self.service_of(region, stack)["taskDefinition"]
        return self.box.api(region, "ecs", "DescribeTaskDefinition", taskDefinition=arn)["taskDefinition"]

    def in_step(self):
        self.says(self.relight("sync"), "is in step with", "nothing to do")

    def closes(self, *words):
        """One sync closes it, the next finds nothing."""
        answer = self.relight("sync")
        self.says(answer, "was brought into step with", *words)
        self.in_step()
        return answer.stdout

    def test_1_where_nothing_differs_nothing_is_done(self):
        log = self.home / "calls"
        answer = self.relight("sync", env=self.box.env | {"RELIGHT_CALL_LOG": str(log)})
        self.says(answer, "is in step with", "nothing to do")
        self.assertEqual([c for c in log.read_text().splitlines() if not READS.match(c)], [])
        self.assertEqual(self.git("rev-parse", "HEAD"), self.head)

    def test_2_a_new_revision_of_the_task_definition(self):
        task = self.task(PRIMARY, "lamp-primary")
        kept = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "requiresCompatibilities", "cpu", "memory")
        new = {k: task[k] for k in kept if k in task}
        new["containerDefinitions"][0]["environment"].append({"name": "COLOUR", "value": "blue"})
        arn = self.box.api(PRIMARY, "ecs", "RegisterTaskDefinition", **new)["taskDefinition"]["taskDefinitionArn"]
        service = self.service_of(PRIMARY, "lamp-primary")
        self.box.api(PRIMARY, "ecs", "UpdateService", cluster=service["clusterArn"], service=service["serviceName"], taskDefinition=arn)
        plan = self.relight("sync", "--plan")
        self.says(plan, "AWS::ECS::TaskDefinition", "would be brought into step")
        self.assertEqual(self.git("rev-parse", "HEAD"), self.head)
        self.closes("AWS::ECS::TaskDefinition", "committed: Captured", "committed: Synthesised")
        self.assertIn({"name": "COLOUR", "value": "blue"}, self.task(RECOVERY, STACK)["containerDefinitions"][0]["environment"])

    def test_3_a_parameter_and_a_secret(self):
        self.box.api(PRIMARY, "ssm", "PutParameter", Name="/lamp-primary/greeting", Value="Be welcome", Type="String", Overwrite=True)
        secret = json.loads(self.box.api(PRIMARY, "secretsmanager", "GetSecretValue", SecretId="lamp-primary/database")["SecretString"])
        self.box.api(PRIMARY, "secretsmanager", "PutSecretValue", SecretId="lamp-primary/database", SecretString=json.dumps(secret | {"note": "new"}))
        said = self.closes("Copy the parameter")
        self.assertNotIn("Be welcome", said)
        self.assertEqual(self.box.api(RECOVERY, "ssm", "GetParameter", Name="/lamp-primary/greeting")["Parameter"]["Value"], "Be welcome")
        until("the secret's replica has it", lambda: "new" in self.box.api(
            RECOVERY, "secretsmanager", "GetSecretValue", SecretId="lamp-primary/database")["SecretString"])

    def test_4_a_functions_code(self):
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as z:
            z.writestr("index.py", "def handler(event, context):\n    return 'another'\n")
        names = [f["FunctionName"] for f in self.box.api(PRIMARY, "lambda", "ListFunctions")["Functions"]]
        name = next(n for n in names if n.endswith("clean-up"))
        self.box.api(PRIMARY, "lambda", "UpdateFunctionCode", FunctionName=name, ZipFile=base64.b64encode(package.getvalue()).decode())
        hash_of = lambda region, n: self.box.api(region, "lambda", "GetFunction", FunctionName=n)["Configuration"]["CodeSha256"]  # noqa: E731
        until("its code is there", lambda: self.box.api(PRIMARY, "lambda", "GetFunction", FunctionName=name)["Configuration"]["LastUpdateStatus"] == "Successful")
        self.closes("AWS::Lambda::Function", "brought the package of")
        self.assertEqual(hash_of(RECOVERY, name.replace("lamp-primary", STACK)), hash_of(PRIMARY, name))

    def test_5_a_listeners_rule_and_a_security_groups(self):
        balancer = self.box.api(PRIMARY, "elbv2", "DescribeLoadBalancers")["LoadBalancers"][0]
        listener = self.box.api(PRIMARY, "elbv2", "DescribeListeners", LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"][0]
        group = self.box.api(PRIMARY, "elbv2", "DescribeTargetGroups", LoadBalancerArn=balancer["LoadBalancerArn"])["TargetGroups"][0]
        self.box.api(PRIMARY, "elbv2", "CreateRule", ListenerArn=listener["ListenerArn"], Priority=7,
                     Conditions=[{"Field": "path-pattern", "Values": ["/old/*"]}],
                     Actions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}])
        self.box.api(PRIMARY, "ec2", "AuthorizeSecurityGroupIngress", GroupId=balancer["SecurityGroups"][0],
                     IpPermissions=[{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}])
        self.closes("AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::EC2::SecurityGroup")
        groups = self.box.api(RECOVERY, "ec2", "DescribeSecurityGroups")["SecurityGroups"]
        self.assertTrue(any(p.get("FromPort") == 8080 for g in groups for p in g["IpPermissions"]))

    def test_5_an_option_group(self):
        database = self.box.output(PRIMARY, "lamp-primary", "DatabaseIdentifier")
        in_group = lambda region, name: self.box.api(region, "rds", "DescribeDBInstances", DBInstanceIdentifier=name)[  # noqa: E731
            "DBInstances"][0]["OptionGroupMemberships"][0]
        self.box.api(PRIMARY, "rds", "CreateOptionGroup", OptionGroupName="watched", EngineName="mariadb", MajorEngineVersion="10.11",
                     OptionGroupDescription="who did what")
        self.box.api(PRIMARY, "rds", "ModifyOptionGroup", OptionGroupName="watched", ApplyImmediately=True, OptionsToInclude=[
            {"OptionName": "MARIADB_AUDIT_PLUGIN", "OptionSettings": [{"Name": "SERVER_AUDIT_EVENTS", "Value": "CONNECT"}]}])
        self.box.api(PRIMARY, "rds", "ModifyDBInstance", DBInstanceIdentifier=database, OptionGroupName="watched", ApplyImmediately=True)
        until("the primary is in it", lambda: in_group(PRIMARY, database) == {"OptionGroupName": "watched", "Status": "in-sync"})
        self.says(self.relight("check", "--only", "11", check=False), "other options than the primary's", code=6)
        self.closes("AWS::RDS::OptionGroup", "AWS::RDS::DBInstance")
        replica = self.box.output(RECOVERY, STACK, "DatabaseIdentifier")
        until("the replica is in its own", lambda: in_group(RECOVERY, replica)["OptionGroupName"].startswith(STACK)
              and in_group(RECOVERY, replica)["Status"] == "in-sync")
        self.says(self.relight("check", "--only", "11"), "hold the same options")

    def test_5_bucket_under_a_key(self):
        """What KMS encrypts is replicated by a rule alone that says so, under the key that stands for it there."""
        here, there = (self.box.output(region, stack, "UploadsBucket") for region, stack in ((PRIMARY, "lamp-primary"), (RECOVERY, STACK)))
        key = self.box.api(PRIMARY, "kms", "CreateKey", Description="what pictures are encrypted by")["KeyMetadata"]["Arn"]
        by_default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        self.box.api(PRIMARY, "s3", "PutBucketEncryption", Bucket=here, ServerSideEncryptionConfiguration={"Rules": [by_default]})
        self.says(self.relight("check", "--only", "47", check=False), "leaves out what KMS encrypts", code=6)
        self.closes("AWS::S3::Bucket", "AWS::IAM::Role", "AWS::KMS::Key")
        self.says(self.relight("deploy", "--yes", "--touch-primary"), "* Replicate new objects")
        self.says(self.relight("check", "--only", "35,47"), "new objects are replicated", "a key that is named there is enabled")
        self.box.api(PRIMARY, "s3", "PutObject", Bucket=here, Key="under-a-key")
        copy = until("it is there", lambda: self.box.api(RECOVERY, "s3", "HeadObject", Bucket=there, Key="under-a-key"))
        twin = self.box.api(RECOVERY, "kms", "DescribeKey", KeyId=copy["SSEKMSKeyId"])["KeyMetadata"]
        self.assertEqual((copy["ServerSideEncryption"], twin["Description"]), ("aws:kms", "what pictures are encrypted by"))

    def test_6_snapshots_are_kept_there_as_many_as_were_asked_for(self):
        self.config.write_text(self.config.read_text() + "sync: {keep_snapshots: 2}\n")
        database = self.box.output(PRIMARY, "lamp-primary", "DatabaseIdentifier")
        for n in range(3):
            self.box.api(PRIMARY, "rds", "CreateDBSnapshot", DBSnapshotIdentifier=f"story-{n}", DBInstanceIdentifier=database)
            until("it is taken", lambda: self.box.api(PRIMARY, "rds", "DescribeDBSnapshots", DBSnapshotIdentifier=f"story-{n}")["DBSnapshots"][0]["Status"] == "available")
            self.says(self.relight("sync"), f"Copy the snapshot story-{n}")
            until("its copy is whole", lambda: self.copies().get(f"relight-story-{n}") == "available")
        replica = self.box.api(RECOVERY, "rds", "DescribeDBInstances", DBInstanceIdentifier=self.box.output(RECOVERY, STACK, "DatabaseIdentifier"))
        copy = self.box.api(RECOVERY, "rds", "DescribeDBSnapshots", DBSnapshotIdentifier="relight-story-2")["DBSnapshots"][0]
        self.assertNotEqual(replica["DBInstances"][0]["KmsKeyId"], self.key)
        self.assertEqual({k: copy[k] for k in ("Encrypted", "KmsKeyId", "OptionGroupName")},
                         {"Encrypted": True, "KmsKeyId": replica["DBInstances"][0]["KmsKeyId"],
                          "OptionGroupName": replica["DBInstances"][0]["OptionGroupMemberships"][0]["OptionGroupName"]})
        self.says(self.relight("sync"), "Remove the copy relight-story-0")
        self.assertEqual(set(self.copies()), {"relight-story-1", "relight-story-2"})
        self.in_step()

    def copies(self):
        return {s["DBSnapshotIdentifier"]: s["Status"] for s in self.box.api(RECOVERY, "rds", "DescribeDBSnapshots")["DBSnapshots"]
                if s["DBSnapshotIdentifier"].startswith("relight-")}

    def test_7_what_could_not_be_seen_is_not_taken_for_absent(self):
        name = "blind"
        self.box.api(PRIMARY, "iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}]}))
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        deny = {"Effect": "Deny", "Action": "elasticloadbalancing:DescribeRules", "Resource": "*"}
        self.box.api(PRIMARY, "iam", "PutRolePolicy", RoleName=name, PolicyName="p", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [allow, deny]}))
        keys = self.box.api(RECOVERY, "sts", "AssumeRole", RoleArn="arn:aws:iam::000000000000:role/" + name, RoleSessionName="blind")["Credentials"]
        self.box("iam", "enforce")
        self.addCleanup(self.box, "iam", "off")
        blind = self.box.env | {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
                                "AWS_SESSION_TOKEN": keys["SessionToken"]}
        self.says(self.relight("sync", check=False, env=blind), "elasticloadbalancing:DescribeRules", "nothing was changed", code=1)
        self.assertEqual(self.git("rev-parse", "HEAD"), self.head)

    def test_8_a_lit_region_is_left_alone(self):
        database = self.box.output(RECOVERY, STACK, "DatabaseIdentifier")
        self.box.api(RECOVERY, "rds", "PromoteReadReplica", DBInstanceIdentifier=database, BackupRetentionPeriod=1)
        until("it is promoted", lambda: not self.box.api(RECOVERY, "rds", "DescribeDBInstances", DBInstanceIdentifier=database)["DBInstances"][0].get(
            "ReadReplicaSourceDBInstanceIdentifier"))
        self.says(self.relight("sync", check=False), "it was promoted", "nothing was changed", code=1)


if __name__ == "__main__":
    unittest.main()
