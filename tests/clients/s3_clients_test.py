"""Stock S3 clients against a running sandbox: Debian's AWS CLI, boto3, rclone and s3cmd."""
import pathlib
import random
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from botocore.exceptions import ClientError

from sandbox import FAST, ClientStory

AGING = """
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      LifecycleConfiguration:
        Rules:
          - Id: logs
            Status: Enabled
            Prefix: logs/
            TagFilters: [{Key: keep, Value: 'no'}]
            ObjectSizeGreaterThan: '1000'
            ExpirationInDays: 90
            Transitions: [{TransitionInDays: 30, StorageClass: STANDARD_IA}]
            NoncurrentVersionExpiration: {NoncurrentDays: 7, NewerNoncurrentVersions: 2}
          - Id: markers
            Status: Enabled
            ExpiredObjectDeleteMarker: true
"""


def until(wanted, seconds=20):
    """Polls: the only way to see what a replica holds. True once wanted() is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if wanted():
            return True
        time.sleep(0.02)
    return False


class S3Clients(ClientStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.names = 0

    def bucket(self, region="us-east-1", versions=False):
        S3Clients.names += 1
        name = f"bucket-{S3Clients.names}"
        s3 = self.box.client(region)
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **where)
        if versions:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def tree(self):
        """Files with awkward names, one of them large enough for a multipart upload."""
        root = pathlib.Path(tempfile.mkdtemp(dir=self.box.dir))
        random.seed(1)
        for name, size in {"a.txt": 5, "deep/er/b c+d.bin": 70_000, "é/ñ&=?.dat": 1, "empty": 0,
                           "large.bin": 20 << 20}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(random.randbytes(size))
        return root

    def same(self, a, b):
        def files(root):
            return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
        self.assertEqual(files(a).keys(), files(b).keys())
        self.assertTrue(files(a) == files(b), "contents differ")

    # ---- AWS CLI ----

    def test_aws_cli_syncs_a_tree_there_and_back_and_then_has_nothing_to_do(self):
        bucket, source, back = self.bucket(), self.tree(), pathlib.Path(tempfile.mkdtemp(dir=self.box.dir))
        for words in ([str(source), f"s3://{bucket}/p"], [f"s3://{bucket}/p", str(back)]):
            r = self.box.aws("s3", "sync", *words)
            self.assertEqual(r.returncode, 0, r.stderr)
        self.same(source, back)
        again = self.box.aws("s3", "sync", str(source), f"s3://{bucket}/p")
        self.assertEqual((again.returncode, again.stdout), (0, ""), again.stderr)
        removed = self.box.aws("s3", "rb", f"s3://{bucket}", "--force")
        self.assertEqual(removed.returncode, 0, removed.stderr)

    def test_aws_cli_makes_lists_and_removes_buckets_in_both_regions(self):
        r = self.box.aws("s3", "mb", "s3://far-away-bucket", region="us-west-2")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("far-away-bucket", self.box.aws("s3", "ls").stdout)
        where = self.box.aws("s3api", "get-bucket-location", "--bucket", "far-away-bucket", region="us-west-2")
        self.assertIn('"us-west-2"', where.stdout)
        self.assertEqual(self.box.aws("s3", "rb", "s3://far-away-bucket", region="us-west-2").returncode, 0)

    def test_aws_cli_shows_the_services_own_errors(self):
        r = self.box.aws("s3api", "get-object", "--bucket", self.bucket(), "--key", "none", "/dev/null")
        self.assertEqual(r.returncode, 254)
        self.assertIn("NoSuchKey", r.stderr)
        r = self.box.aws("s3api", "head-bucket", "--bucket", "no-such-bucket-here")
        self.assertIn("404", r.stderr)

    def test_aws_cli_pages_through_a_listing(self):
        bucket, s3 = self.bucket(), self.box.client()
        for i in range(25):
            s3.put_object(Bucket=bucket, Key=f"k{i:02}")
        r = self.box.aws("s3api", "list-objects-v2", "--bucket", bucket, "--page-size", "7", "--query", "Contents[].Key",
                         "--output", "text")
        self.assertEqual(r.stdout.split(), [f"k{i:02}" for i in range(25)], r.stderr)

    # ---- boto3 ----

    def code(self, call, **words):
        try:
            call(**words)
        except ClientError as e:
            return e.response["Error"]["Code"]
        return "(success)"

    def test_boto3_reads_ranges_and_conditions(self):
        bucket, s3 = self.bucket(), self.box.client()
        etag = s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789", ContentType="text/plain")["ETag"]
        r = s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-4")
        self.assertEqual((r["ResponseMetadata"]["HTTPStatusCode"], r["Body"].read()), (206, b"234"))
        self.assertEqual(r["ContentRange"], "bytes 2-4/10")
        self.assertEqual(self.code(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag), "304")
        self.assertEqual(self.code(s3.get_object, Bucket=bucket, Key="k", IfMatch='"0"'), "PreconditionFailed")
        self.assertEqual(self.code(s3.get_object, Bucket=bucket, Key="k", Range="bytes=99-"), "InvalidRange")
        self.assertEqual(s3.head_object(Bucket=bucket, Key="k")["ContentLength"], 10)

    def test_boto3_waiters_and_pagers_work(self):
        bucket, s3 = self.bucket(), self.box.client()
        s3.get_waiter("bucket_exists").wait(Bucket=bucket)
        for i in range(5):
            s3.put_object(Bucket=bucket, Key=f"d{i}/k")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2})
        self.assertEqual([p["Prefix"] for page in pages for p in page["CommonPrefixes"]], [f"d{i}/" for i in range(5)])
        deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"d{i}/k"} for i in range(5)]})
        self.assertEqual(len(deleted["Deleted"]), 5)
        s3.get_waiter("object_not_exists").wait(Bucket=bucket, Key="d0/k")

    def test_boto3_multipart_transfer_of_a_large_file(self):
        bucket, s3, root = self.bucket(), self.box.client(), self.tree()
        s3.upload_file(str(root / "large.bin"), bucket, "large")
        self.assertTrue(s3.head_object(Bucket=bucket, Key="large")["ETag"].endswith('-3"'))
        s3.download_file(bucket, "large", str(root / "back"))
        self.assertEqual((root / "back").read_bytes(), (root / "large.bin").read_bytes())

    def test_a_presigned_url_reads_and_an_unsigned_one_does_not(self):
        bucket, s3 = self.bucket(), self.box.client(signature_version="s3v4")
        s3.put_object(Bucket=bucket, Key="a b", Body=b"secret")
        url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b"})
        self.assertEqual(urllib.request.urlopen(url).read(), b"secret")
        with self.assertRaises(urllib.error.HTTPError) as e:
            urllib.request.urlopen(url.split("?")[0])
        self.assertEqual(e.exception.code, 403)

    def test_metadata_tags_and_versions_round_trip(self):
        bucket, s3 = self.bucket(versions=True), self.box.client()
        first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", Metadata={"colour": "blue"}, Tagging="a=1")["VersionId"]
        s3.put_object(Bucket=bucket, Key="k", Body=b"2")
        s3.delete_object(Bucket=bucket, Key="k")
        self.assertEqual(self.code(s3.get_object, Bucket=bucket, Key="k"), "NoSuchKey")
        old = s3.get_object(Bucket=bucket, Key="k", VersionId=first)
        self.assertEqual((old["Body"].read(), old["Metadata"]), (b"1", {"colour": "blue"}))
        self.assertEqual(s3.get_object_tagging(Bucket=bucket, Key="k", VersionId=first)["TagSet"], [{"Key": "a", "Value": "1"}])
        listed = s3.list_object_versions(Bucket=bucket)
        self.assertEqual((len(listed["Versions"]), len(listed["DeleteMarkers"])), (2, 1))

    def test_what_is_written_in_one_region_appears_in_the_other(self):
        source, target = self.bucket(versions=True), self.bucket("us-west-2", versions=True)
        east, west = self.box.client(), self.box.client("us-west-2")
        east.put_bucket_replication(Bucket=source, ReplicationConfiguration={
            "Role": "arn:aws:iam::000000000000:role/copy",
            "Rules": [{"ID": "all", "Priority": 1, "Filter": {"Prefix": ""}, "Status": "Enabled",
                       "DeleteMarkerReplication": {"Status": "Enabled"},
                       "Destination": {"Bucket": f"arn:aws:s3:::{target}"}}]})
        id = east.put_object(Bucket=source, Key="k", Body=b"hello")["VersionId"]
        self.assertTrue(until(lambda: east.head_object(Bucket=source, Key="k")["ReplicationStatus"] == "COMPLETED"))
        there = west.get_object(Bucket=target, Key="k")
        self.assertEqual((there["VersionId"], there["ReplicationStatus"], there["Body"].read()), (id, "REPLICA", b"hello"))

    # ---- rclone and s3cmd ----

    def test_rclone_copies_a_tree_and_finds_it_equal(self):
        bucket, source = self.bucket(), self.tree()
        env = {k: v for k, v in self.box.env.items() if k != "AWS_CA_BUNDLE"}
        remote = f":s3,provider=Other,env_auth=true,region=us-east-1,force_path_style=true,endpoint='{self.box.url}':{bucket}/r"
        for verb in ("copy", "check"):
            r = subprocess.run(["rclone", "--config", "/dev/null", "--retries", "1", verb, str(source), remote], capture_output=True, text=True, env=env)
            self.assertEqual(r.returncode, 0, r.stderr)
        r = subprocess.run(["rclone", "--config", "/dev/null", "purge", remote], capture_output=True, text=True, env=env)
        self.assertEqual(r.returncode, 0, r.stderr)

    # ---- lifecycle: a rule with a date that has passed acts at once, so nothing waits for days ----

    def test_boto3_puts_lifecycle_rules_that_are_carried_out(self):
        s3, passed = self.box.client("us-east-1"), "2020-01-01T00:00:00Z"
        bucket = self.bucket(versions=True)
        for key, size, tags in (("old/a", 1, ""), ("cold/large", 200 << 10, ""), ("cold/small", 1, ""),
                                ("kept/a", 1, ""), ("kept/b", 1, "throw=away")):
            s3.put_object(Bucket=bucket, Key=key, Body=b"x" * size, Tagging=tags)
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [
            {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Date": passed}},
            {"ID": "tagged", "Status": "Enabled", "Filter": {"Tag": {"Key": "throw", "Value": "away"}},
             "Expiration": {"Date": passed}},
            {"ID": "cold", "Status": "Enabled", "Filter": {"Prefix": "cold/"},
             "Transitions": [{"Date": passed, "StorageClass": "GLACIER"}]},
            {"ID": "later", "Status": "Enabled", "Filter": {"Prefix": "kept/"}, "Expiration": {"Days": 30}}]})

        def listed():
            page = s3.list_objects_v2(Bucket=bucket)
            return {o["Key"]: o["StorageClass"] for o in page.get("Contents", [])}
        wanted = {"cold/large": "GLACIER", "cold/small": "STANDARD", "kept/a": "STANDARD"}
        self.assertTrue(until(lambda: listed() == wanted), listed())
        markers = s3.list_object_versions(Bucket=bucket)["DeleteMarkers"]
        self.assertEqual([(m["Key"], m["IsLatest"]) for m in markers], [("kept/b", True), ("old/a", True)])
        self.assertIn('rule-id="later"', s3.head_object(Bucket=bucket, Key="kept/a")["Expiration"])
        with self.assertRaises(ClientError) as refused:
            s3.get_object(Bucket=bucket, Key="cold/large")
        self.assertEqual(refused.exception.response["Error"]["Code"], "InvalidObjectState")

    def test_a_stack_puts_a_buckets_rules(self):
        cf, s3 = self.box.client("us-east-1", "cloudformation"), self.box.client("us-east-1")
        cf.create_stack(StackName="aging", TemplateBody=AGING)
        cf.get_waiter("stack_create_complete").wait(StackName="aging", WaiterConfig=FAST)
        bucket = cf.describe_stack_resource(StackName="aging", LogicalResourceId="B")["StackResourceDetail"]["PhysicalResourceId"]
        rules = {r["ID"]: r for r in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]}
        self.assertEqual(rules["logs"]["Filter"], {"And": {"Prefix": "logs/", "Tags": [{"Key": "keep", "Value": "no"}],
                                                           "ObjectSizeGreaterThan": 1000}})
        self.assertEqual(rules["logs"]["Transitions"], [{"Days": 30, "StorageClass": "STANDARD_IA"}])
        self.assertEqual(rules["logs"]["NoncurrentVersionExpiration"], {"NoncurrentDays": 7, "NewerNoncurrentVersions": 2})
        self.assertEqual(rules["markers"]["Expiration"], {"ExpiredObjectDeleteMarker": True})
        cf.delete_stack(StackName="aging")
        cf.get_waiter("stack_delete_complete").wait(StackName="aging", WaiterConfig=FAST)

    def test_s3cmd_puts_lists_gets_and_deletes(self):
        bucket, source = self.bucket(), self.tree()
        base = ["s3cmd", "--config=/dev/null", "--no-ssl", f"--host={self.box.listen}", f"--host-bucket={self.box.listen}",
                f"--access_key={self.box.env['AWS_ACCESS_KEY_ID']}", f"--secret_key={self.box.env['AWS_SECRET_ACCESS_KEY']}",
                "--region=us-east-1", "--no-progress"]

        def s3cmd(*words):
            r = subprocess.run(base + list(words), capture_output=True, text=True, env=self.box.env)
            self.assertEqual(r.returncode, 0, r.stderr)
            return r.stdout
        s3cmd("put", str(source / "large.bin"), f"s3://{bucket}/large.bin")
        self.assertIn(f"s3://{bucket}/large.bin", s3cmd("ls", f"s3://{bucket}"))
        s3cmd("get", "--force", f"s3://{bucket}/large.bin", str(source / "got"))
        self.assertEqual((source / "got").read_bytes(), (source / "large.bin").read_bytes())
        s3cmd("del", f"s3://{bucket}/large.bin")
        self.assertEqual(s3cmd("ls", f"s3://{bucket}"), "")


if __name__ == "__main__":
    unittest.main(verbosity=1, warnings="ignore")
