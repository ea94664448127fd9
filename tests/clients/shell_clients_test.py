"""`relight-sandbox shell`: clients that were never told of a sandbox, by AWS's own host names and over HTTPS."""
import json
import subprocess
import unittest

from sandbox import BINARY, ClientStory

ASK_BOTO3 = """
import boto3, json
from botocore.config import Config
s3 = boto3.client("s3", region_name="us-west-2", config=Config(signature_version="s3v4"))  # else it presigns by version 2
s3.create_bucket(Bucket="shell-story", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
s3.put_object(Bucket="shell-story", Key="a", Body=b"hello")
url = s3.generate_presigned_url("get_object", Params={"Bucket": "shell-story", "Key": "a"})
print(json.dumps([s3.get_object(Bucket="shell-story", Key="a")["Body"].read().decode(), url, s3.meta.endpoint_url]))
"""


class Shell(ClientStory):
    def inside(self, *words, check=True):
        env = {k: v for k, v in self.box.env.items() if not k.startswith("AWS_")}
        done = subprocess.run([BINARY, "--dir", self.box.dir, "shell", "--", *words], capture_output=True, text=True, env=env, timeout=120)
        if check:
            self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return done

    def test_the_aws_cli_needs_no_flag(self):
        for region, service, call in (("us-east-1", "sts", "get-caller-identity"), ("us-west-2", "rds", "describe-db-instances"),
                                      ("us-west-2", "ecs", "list-clusters"), ("us-east-1", "cloudwatch", "describe-alarms"),
                                      ("us-west-2", "elbv2", "describe-load-balancers"), ("us-east-1", "iam", "list-roles"),
                                      ("us-east-1", "route53", "list-hosted-zones"), ("us-west-2", "s3api", "list-buckets")):
            with self.subTest(service):
                json.loads(self.inside("/usr/bin/aws", "--region", region, "--output", "json", service, call).stdout)

    def test_buckets_have_hosts_of_their_own(self):
        body, url, endpoint = json.loads(self.inside("/usr/bin/python3", "-c", ASK_BOTO3).stdout)
        self.assertEqual(body, "hello")
        self.assertTrue(endpoint.startswith("https://s3."), endpoint)
        self.assertTrue(url.startswith("https://shell-story.s3."), url)
        self.assertEqual(self.inside("curl", "-sS", url).stdout, "hello")
        copied = self.inside("/usr/bin/aws", "--region", "us-west-2", "s3", "cp", "s3://shell-story/a", "-")
        self.assertEqual(copied.stdout, "hello")

    def test_certificates_are_checked_and_other_names_are_not_ours(self):
        self.assertEqual(self.inside("curl", "-sS", "-o", "/dev/null", "-w", "%{ssl_verify_result}", "https://rds.us-west-2.amazonaws.com/").stdout, "0")
        wrong = self.inside("curl", "-sS", "--connect-to", "example.com:443:sts.us-east-1.amazonaws.com:443", "https://example.com/", check=False)
        self.assertEqual(wrong.returncode, 60, wrong.stderr)  # CURLE_PEER_FAILED_VERIFICATION
        self.assertNotEqual(self.inside("getent", "hosts", "example.org", check=False).returncode, 0)

    def test_outside_of_it_nothing_has_changed(self):
        before = open("/etc/resolv.conf", encoding="utf-8").read()
        self.assertIn(self.box.env["RELIGHT_DNS"].removesuffix(":53"), self.inside("cat", "/etc/resolv.conf").stdout)
        self.assertEqual(open("/etc/resolv.conf", encoding="utf-8").read(), before)
        self.assertNotIn(self.box.dir, open("/proc/mounts", encoding="utf-8").read())

    def test_the_command_s_exit_code_is_the_shell_s(self):
        self.assertEqual(self.inside("sh", "-c", "exit 5", check=False).returncode, 5)
        self.assertEqual(self.inside("no-such-program", check=False).returncode, 127)

    def test_a_lost_region_closes_without_a_word(self):
        self.inside("curl", "-sS", "https://s3.us-east-1.amazonaws.com/", check=False)
        self.box.verb("lose", "us-east-1")
        try:
            for service in (("rds", "describe-db-instances"), ("s3api", "list-buckets")):
                with self.subTest(service[0]):
                    lost = self.inside("env", "AWS_MAX_ATTEMPTS=1", "/usr/bin/aws", "--region", "us-east-1", *service, check=False)
                    self.assertNotEqual(lost.returncode, 0)
                    self.assertRegex(lost.stderr, "Could not connect|Connection was closed|SSL validation failed|EOF")
            self.inside("/usr/bin/aws", "--region", "us-west-2", "rds", "describe-db-instances")
        finally:
            self.box.verb("restore", "us-east-1")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
