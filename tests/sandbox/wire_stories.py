"""What the sandbox answers to those who mean it ill, or who are merely too many."""
import json
import os
import pathlib
import resource
import socket
import time
import unittest

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.retries.standard import ThrottledRetryableChecker

from box import Box, until

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


class Story(unittest.TestCase):
    def setUp(self):
        self.box = Box()
        self.addCleanup(self.box.close)
        self.box.up()

    def connect(self):
        host, port = self.box.listen.split(":")
        return socket.create_connection((host, int(port)), timeout=30)

    # One request as bytes and the whole answer; ours is the last byte that is sent.
    def raw(self, *parts, end=True):
        with self.connect() as s:
            try:
                for p in parts:
                    s.sendall(p)
                if end:
                    s.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return self.read(s)

    @staticmethod
    def read(s):
        got = b""
        try:
            while chunk := s.recv(65536):
                got += chunk
        except ConnectionResetError:
            pass
        return got

    def signed(self, service, method="POST", path="/", body=b"", headers=None, region="us-east-1"):
        r = AWSRequest(method, self.box.url + path, data=body, headers={**(headers or {}), "Host": self.box.listen})
        r.headers["x-amz-content-sha256"] = __import__("hashlib").sha256(body).hexdigest()
        SigV4Auth(Credentials(self.box.env["AWS_ACCESS_KEY_ID"], self.box.env["AWS_SECRET_ACCESS_KEY"]), service, region).add_auth(r)
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in r.headers.items())
        return self.raw(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode(), body, end=False).decode(errors="replace")

    def works(self):
        self.box.client("sts").get_caller_identity()

    def code(self, call, **words):
        with self.assertRaises(ClientError) as e:
            call(**words)
        return e.exception.response["Error"]["Code"]


class Bodies(Story):
    def test_a_body_that_is_too_long_gets_the_protocols_error_and_costs_no_memory(self):
        before = self.box.memory_kb()
        form = b"Action=DescribeVpcs&Version=2016-11-15&X=" + b"x" * (20 << 20)
        self.assertIn("MalformedQueryString", self.signed("ec2", body=form, headers=FORM))
        target = {"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters", "Content-Type": "application/x-amz-json-1.1"}
        self.assertIn("SerializationException", self.signed("ecs", body=b'{"x":"' + b"x" * (20 << 20) + b'"}', headers=target))
        self.assertIn("MalformedXML", self.signed("s3", method="PUT", path="/bucket?tagging", body=b"<a>" + b"x" * (20 << 20) + b"</a>"))
        self.assertLess(self.box.memory_kb() - before, 64 << 10)
        claims = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\n"
        self.assertTrue(self.raw(claims, end=False).startswith(b"HTTP/1.1 413"))
        self.works()

    def test_a_body_that_stops_short_is_never_acted_upon(self):
        ec2 = self.box.client("ec2")
        before = len(ec2.describe_vpcs()["Vpcs"])
        whole = b"Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16"
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        for request in (head + b"Content-Length: 500\r\n\r\n" + whole, head + b"Transfer-Encoding: chunked\r\n\r\n1000\r\n" + whole,
                        head + b"Transfer-Encoding: chunked\r\n\r\n3b\r\n" + whole + b"\r\n"):
            self.assertTrue(self.raw(request).startswith(b"HTTP/1.1 400"))
        self.assertEqual(len(ec2.describe_vpcs()["Vpcs"]), before)

    def test_bombs_are_refused_at_once(self):
        before = self.box.memory_kb()
        entities = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha" * 10) for n in range(12))
        laughs = b"<?xml version='1.0'?><!DOCTYPE x [" + entities + b"]><Tagging><TagSet>&a11;</TagSet></Tagging>"
        self.box.client("s3").create_bucket(Bucket="bombed-bucket")
        for bomb in (laughs, b"<a>" * 100000, b"<Tagging>" + b"<TagSet>" * 500000):
            self.assertIn("MalformedXML", self.signed("s3", method="PUT", path="/bombed-bucket?tagging", body=bomb))
        target = {"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters", "Content-Type": "application/x-amz-json-1.1"}
        for bomb in (b"[" * 500000, b'{"a":' * 200000, b'{"maxResults":' + b"9" * 100000 + b"}"):
            self.assertIn("HTTP/1.1 400", self.signed("ecs", body=bomb, headers=target))
        self.assertLess(self.box.memory_kb() - before, 64 << 10)
        self.works()


class Names(Story):
    EVIL = ("../../escaped", "/etc/escaped", "a/../../escaped", "..", ".", "x" * 5000, "a\u0000b", "%2e%2e%2fescaped")

    def outside(self):
        return [p for d in (self.box.dir, os.path.dirname(self.box.dir), "/etc", "/") for p in pathlib.Path(d).glob("*escaped*")]

    def test_keys_of_objects_are_no_paths(self):
        s3 = self.box.client("s3")
        s3.create_bucket(Bucket="plain-bucket")
        kept = []
        for key in ("../../escaped", "a/../../escaped", "//escaped", "%2e%2e%2fescaped", "x" * 1024, "..%2fescaped"):
            s3.put_object(Bucket="plain-bucket", Key=key, Body=key.encode())
            self.assertEqual(s3.get_object(Bucket="plain-bucket", Key=key)["Body"].read(), key.encode())
            kept.append(key)
        self.assertEqual(sorted(o["Key"] for o in s3.list_objects_v2(Bucket="plain-bucket")["Contents"]), sorted(kept))
        self.assertEqual(self.code(s3.put_object, Bucket="plain-bucket", Key="x" * 1025, Body=b""), "KeyTooLongError")
        for path in ("/..", "/../plain-bucket", "/%2e%2e/x", "/./x", "/%00"):
            self.assertNotIn("HTTP/1.1 200", self.signed("s3", method="PUT", path=path))
        self.assertEqual(self.outside(), [])

    def test_names_of_resources_are_no_paths(self):
        rds, cf, ecs, elb = (self.box.client(s) for s in ("rds", "cloudformation", "ecs", "elbv2"))
        for name in self.EVIL:
            for call, words in (
                    (rds.create_db_instance, dict(DBInstanceIdentifier=name, Engine="mariadb", DBInstanceClass="db.t3.micro", AllocatedStorage=20,
                                                  MasterUsername="admin", MasterUserPassword="correct-horse-1")),
                    (cf.create_stack, dict(StackName=name, TemplateBody="Resources: {}")),
                    (ecs.create_cluster, dict(clusterName=name)),
                    (elb.create_target_group, dict(Name=name, Protocol="HTTP", Port=80, TargetType="ip", VpcId="vpc-1"))):
                with self.assertRaises(ClientError, msg=(call, name)) as e:
                    call(**words)
                self.assertLess(e.exception.response["ResponseMetadata"]["HTTPStatusCode"], 500, (call, name))
        for reference in ("../../escaped:x", "/etc/escaped", "..", "a:../../escaped"):
            r = self.box.verb("image", self.box.dir, reference)
            self.assertEqual(r.returncode, 1, reference)
        self.assertEqual(self.outside(), [])

    def test_a_scope_that_names_no_region_of_ours_is_quoted_safely(self):
        self.assertIn("eu-west-9", self.signed("ecs", body=b"{}", region="eu-west-9"))
        answer = self.signed('no"such\\', body=b"{}")
        self.assertIn("400", answer.split("\r\n")[0])
        self.assertIn('no"such', json.loads(answer.split("\r\n\r\n", 1)[1])["message"])
        self.works()


class Throttling(Story):
    def test_each_services_throttling_error_is_one_that_clients_retry(self):
        retried = ThrottledRetryableChecker._THROTTLED_ERROR_CODES
        calls = {"sts": "get_caller_identity", "iam": "list_roles", "ec2": "describe_vpcs", "ecs": "list_clusters", "rds": "describe_db_instances",
                 "elbv2": "describe_load_balancers", "route53": "list_hosted_zones", "s3": "list_buckets", "cloudwatch": "list_metrics",
                 "cloudformation": "list_stacks"}
        for service, call in calls.items():
            self.assertEqual(self.box.verb("throttle", service, "0.001").returncode, 0, service)
            client = self.box.client(service)
            getattr(client, call)()
            self.assertIn(self.code(getattr(client, call)), retried, service)


class Crowds(Story):
    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        super().setUp()

    def limit(self):
        return json.loads(self.box.verb("status", "--json").stdout)["connections"]["limit"]

    def test_ten_thousand_connections_at_once_and_the_next_is_served(self):
        wanted = min(10000, self.limit() - 100, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)
        crowd = []
        try:
            for n in range(wanted):
                crowd.append(self.connect())
                crowd[-1].sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ")  # heads that never end
            self.works()
            self.assertLess(self.box.memory_kb(), 400 << 10)
        finally:
            for s in crowd:
                s.close()
        self.works()

    def test_beyond_its_bound_it_refuses_politely_and_recovers(self):
        self.box.end()
        self.box.up(limit_files=400)
        limit = self.limit()
        self.assertLess(limit, 400)
        self.assertIn(f"allows {limit} connections", self.box.said())
        crowd = [self.connect() for _ in range(limit)]
        until(lambda: json.loads(self.box.verb("status", "--json").stdout)["connections"]["open"] >= limit)
        with self.connect() as late:
            self.assertTrue(self.read(late).startswith(b"HTTP/1.1 503"))
        for s in crowd:
            s.close()
        until(lambda: json.loads(self.box.verb("status", "--json").stdout)["connections"]["open"] == 0)
        self.works()


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
