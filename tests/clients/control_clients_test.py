"""Stock clients against the control planes: Debian's AWS CLI, boto3's waiters and paginators, dig; and bad requests."""
import datetime
import json
import socket
import subprocess
import unittest
import urllib.error
import urllib.request
from unittest import mock

import botocore.auth
from botocore.exceptions import ClientError

from sandbox import FAST, ClientStory

NETWORK = """
Parameters:
  Block: {Type: String, Default: 10.7.0.0/16}
Resources:
  Net:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: !Ref Block, Tags: [{Key: Name, Value: !Sub '${AWS::StackName}-net'}]}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Net, CidrBlock: !Select [0, !Cidr [!Ref Block, 4, 8]], AvailabilityZone: !Select [0, !GetAZs '']}
Outputs:
  Net: {Value: !Ref Net}
  Zone: {Value: !GetAtt Subnet.AvailabilityZone}
"""


class ControlClients(ClientStory):
    def post(self, body, headers):
        """The status of a raw request; 0 if the connection was closed without an answer."""
        request = urllib.request.Request(self.box.url, data=body, headers=headers, method="POST")
        try:
            return urllib.request.urlopen(request, timeout=10).status
        except urllib.error.HTTPError as e:
            return e.code

    def test_the_cli_asks_who_it_is_and_finds_the_default_vpc(self):
        self.assertIn("000000000000", self.box.aws("sts", "get-caller-identity", "--output", "text").stdout)
        self.assertIn("172.31.0.0/16", self.box.aws("ec2", "describe-vpcs", "--output", "text").stdout)

    def test_a_stack_comes_up_changes_and_goes_with_boto3s_waiters(self):
        cf = self.box.client(service="cloudformation")
        cf.create_stack(StackName="net", TemplateBody=NETWORK)
        cf.get_waiter("stack_create_complete").wait(StackName="net", WaiterConfig=FAST)
        outputs = {o["OutputKey"]: o["OutputValue"] for o in cf.describe_stacks(StackName="net")["Stacks"][0]["Outputs"]}
        self.assertTrue(outputs["Net"].startswith("vpc-"))
        self.assertEqual(outputs["Zone"], "us-east-1a")
        self.assertEqual(self.code(cf.update_stack, StackName="net", TemplateBody=NETWORK), "ValidationError")
        cf.delete_stack(StackName="net")
        cf.get_waiter("stack_delete_complete").wait(StackName="net", WaiterConfig=FAST)
        self.assertEqual(self.code(cf.describe_stacks, StackName="net"), "ValidationError")

    def test_a_stack_that_fails_rolls_back_and_says_why(self):
        cf = self.box.client(service="cloudformation")
        bad = NETWORK.replace("!Ref Block, 4, 8]]", "10.99.0.0/16, 4, 8]]")
        cf.create_stack(StackName="bad", TemplateBody=bad)
        with self.assertRaises(Exception):
            cf.get_waiter("stack_create_complete").wait(StackName="bad", WaiterConfig=FAST)
        events = cf.describe_stack_events(StackName="bad")["StackEvents"]
        self.assertTrue(any("InvalidSubnet" in e.get("ResourceStatusReason", "") for e in events), events)
        self.assertIn("ROLLBACK", cf.describe_stacks(StackName="bad")["Stacks"][0]["StackStatus"])

    def test_a_malformed_template_names_its_line(self):
        cf = self.box.client(service="cloudformation")
        with self.assertRaises(ClientError) as e:
            cf.validate_template(TemplateBody="Resources:\n  A: [1\n  B: 2\n")
        self.assertIn("line 3", str(e.exception))

    def test_a_wrong_secret_and_an_unknown_key_are_refused(self):
        self.assertEqual(self.code(self.box.client(service="sts", secret="x" * 40).get_caller_identity), "SignatureDoesNotMatch")
        self.assertEqual(self.code(self.box.client(service="sts", key="AKIAAAAAAAAAAAAAAAAA").get_caller_identity), "InvalidClientTokenId")

    def test_a_stale_clock_is_refused(self):
        sts = self.box.client(service="sts")
        old = datetime.datetime.utcnow() - datetime.timedelta(hours=2)
        with mock.patch.object(botocore.auth.datetime, "datetime", wraps=datetime.datetime) as clock:
            clock.utcnow.return_value = old
            self.assertIn(self.code(sts.get_caller_identity), ("SignatureDoesNotMatch", "RequestExpired"))

    def test_an_unknown_region_is_refused(self):
        with self.assertRaises(ClientError) as e:
            self.box.client(service="rds", region="eu-north-1").describe_db_instances()
        self.assertIn("eu-north-1", str(e.exception))

    def test_what_is_not_built_says_so_and_coverage_lists_it(self):
        self.assertEqual(self.code(self.box.client(service="rds").describe_db_clusters), "NotImplemented")
        self.assertIn(" DescribeDBClusters", self.box.verb("coverage").split("rds:")[1].split("not built:")[1])

    def test_an_unsigned_call_a_bad_action_and_a_bomb_are_answered_with_errors(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(self.post(b"Action=DescribeVpcs&Version=2016-11-15", form), 403)
        self.assertEqual(self.post(b"Action=Nonsense&Version=1", form), 403)
        self.assertGreaterEqual(self.post(b"[" * 100000, {"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters"}), 400)

    def test_a_missing_parameter_is_named(self):
        r = self.box.aws("ec2", "create-vpc", "--cidr-block", "10.0.0.0/99")
        self.assertNotEqual(r.returncode, 0)
        self.assertIn("InvalidParameterValue", r.stderr)

    def test_throttling_is_answered_as_aws_answers_it_and_lifted(self):
        iam = self.box.client(service="iam")
        self.box.verb("throttle", "iam", "0.001")
        iam.list_roles()
        self.assertEqual(self.code(iam.list_roles), "Throttling")
        self.box.verb("throttle", "iam", "0")
        iam.list_roles()

    def test_dig_gets_the_records_of_a_zone_and_nxdomain_for_others(self):
        r53 = self.box.client(service="route53")
        zone = r53.create_hosted_zone(Name="dig.example", CallerReference="1")["HostedZone"]["Id"]
        change = {"Action": "CREATE", "ResourceRecordSet": {"Name": "www.dig.example", "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": "127.0.0.9"}]}}
        r53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
        server = self.box.env["RELIGHT_DNS"].split(":")[0]
        dig = lambda *words: subprocess.run(["dig", f"@{server}", "+tries=1", "+time=3", *words], capture_output=True, text=True).stdout
        self.assertEqual(dig("+short", "www.dig.example").strip(), "127.0.0.9")
        self.assertIn("status: NXDOMAIN", dig("nobody.dig.example"))
        self.assertIn("status: NOERROR", dig("+tcp", "www.dig.example", "AAAA"))

    def test_a_second_sandbox_in_the_same_directory_is_refused_and_names_the_holder(self):
        r = subprocess.run([str(self.box.process.args[0]), "--dir", self.box.dir, "up", "--listen", "127.0.0.1:1"], capture_output=True, text=True)
        self.assertEqual(r.returncode, 1)
        self.assertIn(str(self.box.process.pid), r.stderr)

    def test_a_lost_region_does_not_answer_and_comes_back_with_its_state(self):
        ec2 = self.box.client(service="ec2", region="us-west-2")
        vpc = ec2.create_vpc(CidrBlock="10.55.0.0/16")["Vpc"]["VpcId"]
        self.box.verb("lose", "us-west-2")
        with self.assertRaises(Exception) as e:
            ec2.describe_vpcs()
        self.assertNotIsInstance(e.exception, ClientError)
        self.box.verb("restore", "us-west-2")
        self.assertEqual(ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"], "10.55.0.0/16")


if __name__ == "__main__":
    unittest.main()
