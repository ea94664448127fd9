"""Stock clients against WAF's web ACLs, and against the account's own Block Public Access by its host name."""
import json
import subprocess
import unittest

from sandbox import BINARY, ClientStory

ACCOUNT = "000000000000"
VISIBLE = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
COMMON = {"Name": "common", "Priority": 0, "OverrideAction": {"None": {}}, "VisibilityConfig": VISIBLE,
          "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}}
LOGIN = {"Name": "login", "Priority": 1, "Action": {"Block": {}}, "VisibilityConfig": VISIBLE,
         "Statement": {"ByteMatchStatement": {"SearchString": b"/wp-login", "FieldToMatch": {"UriPath": {}}, "PositionalConstraint": "STARTS_WITH",
                                              "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}}}


class Firewall(ClientStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        subnets = cls.box.client(service="ec2").describe_subnets()["Subnets"][:2]
        cls.balancer = cls.box.client(service="elbv2").create_load_balancer(
            Name="web", Subnets=[s["SubnetId"] for s in subnets])["LoadBalancers"][0]["LoadBalancerArn"]

    def create(self, name, *rules):
        return self.c("wafv2").create_web_acl(Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=VISIBLE,
                                              Rules=list(rules))["Summary"]

    def told(self, *words):
        """What the AWS CLI answers."""
        done = self.box.aws("wafv2", *words, "--output", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout or "{}")

    def test_the_cli_makes_an_acl_holds_it_on_a_load_balancer_and_takes_it_away(self):
        acl = self.told("create-web-acl", "--name", "cli", "--scope", "REGIONAL", "--default-action", "Allow={}", "--rules", json.dumps([COMMON]),
                        "--visibility-config", "SampledRequestsEnabled=true,CloudWatchMetricsEnabled=true,MetricName=cli")["Summary"]
        self.assertEqual(self.told("get-web-acl-for-resource", "--resource-arn", self.balancer), {})
        self.told("associate-web-acl", "--web-acl-arn", acl["ARN"], "--resource-arn", self.balancer)
        held = self.told("get-web-acl-for-resource", "--resource-arn", self.balancer)["WebACL"]
        self.assertEqual((held["ARN"], held["Rules"], held["Capacity"]), (acl["ARN"], [COMMON], 700))
        self.assertIn(acl["Id"], [a["Id"] for a in self.told("list-web-acls", "--scope", "REGIONAL")["WebACLs"]])
        delete = ["delete-web-acl", "--name", "cli", "--scope", "REGIONAL", "--id", acl["Id"], "--lock-token", acl["LockToken"]]
        self.assertIn("WAFAssociatedItemException", self.box.aws("wafv2", *delete).stderr)
        self.told("disassociate-web-acl", "--resource-arn", self.balancer)
        self.told(*delete)
        self.assertNotIn(acl["Id"], [a["Id"] for a in self.told("list-web-acls", "--scope", "REGIONAL")["WebACLs"]])

    def test_boto3_changes_one_with_the_token_that_it_was_told(self):
        waf, acl = self.c("wafv2"), self.create("boto", LOGIN)
        seen = waf.get_web_acl(Name="boto", Scope="REGIONAL", Id=acl["Id"])
        self.assertEqual(seen["WebACL"]["Rules"][0]["Statement"]["ByteMatchStatement"]["SearchString"], b"/wp-login")
        change = dict(Name="boto", Scope="REGIONAL", Id=acl["Id"], DefaultAction={"Block": {}}, VisibilityConfig=VISIBLE, LockToken=seen["LockToken"])
        later = waf.update_web_acl(**change)["NextLockToken"]
        self.assertEqual(self.code(waf.update_web_acl, **change), "WAFOptimisticLockException")
        waf.delete_web_acl(Name="boto", Scope="REGIONAL", Id=acl["Id"], LockToken=later)
        self.assertEqual(self.code(waf.get_web_acl, Name="boto", Scope="REGIONAL", Id=acl["Id"]), "WAFNonexistentItemException")

    def test_what_waf_refuses_and_what_is_not_built_are_told_apart(self):
        waf = self.c("wafv2")
        named = dict(Name="no", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=VISIBLE)
        self.assertEqual(self.code(waf.create_web_acl, **named, Rules=[COMMON | {"Action": {"Block": {}}}]), "WAFInvalidParameterException")
        self.assertEqual(self.code(waf.create_web_acl, **named, Rules=[LOGIN, LOGIN]), "WAFDuplicateItemException")
        self.assertEqual(self.code(waf.create_web_acl, **named | {"Scope": "CLOUDFRONT"}), "NotImplemented")
        self.assertEqual(self.code(waf.get_web_acl_for_resource, ResourceArn=self.balancer.replace("us-east-1", "us-west-2")), "WAFInvalidParameterException")
        self.assertEqual(self.code(waf.create_ip_set, Name="office", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"]),
                         "UnknownOperationException")

    def inside(self, *words):
        env = {k: v for k, v in self.box.env.items() if not k.startswith("AWS_")}
        return subprocess.run([BINARY, "--dir", self.box.dir, "shell", "--", "/usr/bin/aws", "--output", "json", *words],
                              capture_output=True, text=True, env=env, timeout=120)

    def test_the_cli_shuts_the_account_s_buckets_by_s3_control_s_own_host_name(self):
        s3 = self.c("s3")
        s3.create_bucket(Bucket="open-story")
        s3.delete_public_access_block(Bucket="open-story")
        public = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                                                                      "Resource": "arn:aws:s3:::open-story/*"}]})

        def control(region, operation, *more):
            return self.inside("--region", region, "s3control", operation, "--account-id", ACCOUNT, *more)
        self.assertIn("NoSuchPublicAccessBlockConfiguration", control("us-west-2", "get-public-access-block").stderr)
        put = control("us-east-1", "put-public-access-block", "--public-access-block-configuration", "BlockPublicPolicy=true")
        self.assertEqual(put.returncode, 0, put.stderr)
        told = control("us-west-2", "get-public-access-block")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertEqual(json.loads(told.stdout)["PublicAccessBlockConfiguration"],
                         {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": False})
        self.assertEqual(self.code(s3.put_bucket_policy, Bucket="open-story", Policy=public), "AccessDenied")
        self.assertEqual(control("us-east-1", "delete-public-access-block").returncode, 0)
        s3.put_bucket_policy(Bucket="open-story", Policy=public)
        self.assertIn("AccessDenied", self.inside("--region", "us-east-1", "s3control", "get-public-access-block", "--account-id", "111111111111").stderr)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
