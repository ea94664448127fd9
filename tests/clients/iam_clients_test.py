"""Roles held to their policies: stock clients with a role's keys, before and after the sandbox enforces."""
import json
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox import ClientStory

ACCOUNT = "000000000000"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": ACCOUNT, "Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]})


class Iam(ClientStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.box.verb("iam", "enforce")
        cls.iam = cls.box.client(service="iam")

    def role(self, name, *statements):
        """A role with an inline policy of these statements; what makes clients with its keys."""
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(*statements))
        keys = self.box.client(service="sts").assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="story")["Credentials"]

        def client(service, region="us-west-2"):
            return boto3.client(service, endpoint_url=self.box.url, region_name=region, aws_access_key_id=keys["AccessKeyId"],
                                aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"],
                                config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}))
        return client

    def refused(self, code, call, **given):
        with self.assertRaises(ClientError) as caught:
            call(**given)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception.response["Error"]["Message"]

    def test_a_role_without_policies_may_ask_who_it_is_and_nothing_else(self):
        as_role = self.role("bare")
        self.assertTrue(as_role("sts").get_caller_identity()["Arn"].endswith(":assumed-role/bare/story"))
        text = self.refused("AccessDenied", as_role("rds").describe_db_instances)
        self.assertIn("assumed-role/bare/story is not authorized to perform: rds:DescribeDBInstances on resource: "
                      f"arn:aws:rds:us-west-2:{ACCOUNT}:db:*", text)
        self.assertIn("because no identity-based policy allows the rds:DescribeDBInstances action", text)
        self.refused("UnauthorizedOperation", as_role("ec2").describe_vpcs)
        self.refused("AccessDeniedException", as_role("ecs").list_clusters)
        self.refused("AccessDenied", as_role("s3").list_buckets)
        self.refused("AccessDenied", as_role("iam").list_roles)
        self.refused("AccessDenied", as_role("cloudformation").describe_stacks)

    def test_a_policy_opens_what_it_names_and_no_more(self):
        as_role = self.role("narrow",
                            {"Action": "rds:DescribeDBInstances", "Resource": f"arn:aws:rds:us-west-2:{ACCOUNT}:db:shop*"},
                            {"Action": "ec2:Describe*", "Resource": "*",
                             "Condition": {"StringEquals": {"aws:RequestedRegion": "us-west-2"}}})
        self.refused("DBInstanceNotFound", as_role("rds").describe_db_instances, DBInstanceIdentifier="shop-replica")
        self.refused("AccessDenied", as_role("rds").describe_db_instances, DBInstanceIdentifier="other")
        self.refused("AccessDenied", as_role("rds").describe_db_instances)
        self.refused("AccessDenied", as_role("rds", "us-east-1").describe_db_instances, DBInstanceIdentifier="shop-replica")
        as_role("ec2").describe_vpcs()
        self.refused("UnauthorizedOperation", as_role("ec2", "us-east-1").describe_vpcs)
        self.refused("UnauthorizedOperation", as_role("ec2").create_vpc, CidrBlock="10.9.0.0/16")

    def test_objects_are_opened_by_the_role_s_policy_or_the_bucket_s(self):
        root = self.box.client("us-west-2", "s3")
        for bucket in ("mine-story", "shared-story"):
            root.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
            root.put_object(Bucket=bucket, Key="a/b", Body=b"x")
        as_role = self.role("reader", {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::mine-story/a/*"})
        s3 = as_role("s3")
        self.assertEqual(s3.get_object(Bucket="mine-story", Key="a/b")["Body"].read(), b"x")
        self.refused("AccessDenied", s3.put_object, Bucket="mine-story", Key="a/b", Body=b"y")
        self.refused("AccessDenied", s3.list_objects_v2, Bucket="mine-story")
        self.refused("AccessDenied", s3.get_object, Bucket="shared-story", Key="a/b")
        root.put_bucket_policy(Bucket="shared-story", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/story"},
             "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared-story/*"}]}))
        self.assertEqual(s3.get_object(Bucket="shared-story", Key="a/b")["Body"].read(), b"x")

    def test_a_role_is_handed_on_only_by_who_may_pass_it(self):
        family = {"family": "passed", "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/handed",
                  "containerDefinitions": [{"name": "a", "image": "x", "memory": 64, "essential": True}]}
        self.iam.create_role(RoleName="handed", AssumeRolePolicyDocument=TRUST)
        register = {"Action": "ecs:RegisterTaskDefinition", "Resource": "*"}
        text = self.refused("AccessDeniedException", self.role("no-pass", register)("ecs").register_task_definition, **family)
        self.assertIn("iam:PassRole", text)
        may = self.role("may-pass", register, {
            "Action": "iam:PassRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/handed",
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}})
        may("ecs").register_task_definition(**family)

    def test_cloudformation_acts_in_its_caller_s_name(self):
        template = json.dumps({"Resources": {"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.8.0.0/16"}}}})
        stacks = {"Action": "cloudformation:*", "Resource": f"arn:aws:cloudformation:us-west-2:{ACCOUNT}:stack/story*"}
        poor = self.role("poor", stacks)("cloudformation")
        poor.create_stack(StackName="story-poor", TemplateBody=template)
        self.box.eventually(lambda: poor.describe_stacks(StackName="story-poor")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE")
        why = [e.get("ResourceStatusReason", "") for e in poor.describe_stack_events(StackName="story-poor")["StackEvents"]
               if e["ResourceStatus"] == "CREATE_FAILED"]
        self.assertTrue(any("ec2:CreateVpc" in w for w in why), why)
        rich = self.role("rich", stacks, {"Action": "ec2:*", "Resource": "*"})("cloudformation")
        rich.create_stack(StackName="story-rich", TemplateBody=template)
        self.box.eventually(lambda: rich.describe_stacks(StackName="story-rich")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")
        self.refused("AccessDenied", rich.describe_stacks, StackName="another")

    def test_the_root_may_everything_and_off_means_off(self):
        as_role = self.role("later")
        self.refused("AccessDenied", as_role("rds").describe_db_instances)
        self.box.client("us-west-2", "rds").describe_db_instances()
        self.box.verb("iam", "off")
        try:
            as_role("rds").describe_db_instances()
        finally:
            self.box.verb("iam", "enforce")
        events = [json.loads(line) for line in self.box.verb("events").splitlines()]
        self.assertTrue(any(e["service"] == "iam" and "denied rds:DescribeDBInstances" in e["what"] for e in events))


if __name__ == "__main__":
    unittest.main(warnings="ignore")
