"""A stage on which verbs run by a role with a policy that `relight iam-policy` printed, and nothing else, with policies enforced."""
import fnmatch
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "failover"))
os.environ.setdefault("RELIGHT_REGISTRY", "true")
from stage import PRIMARY, RECOVERY, Story, changes_the_world, until  # noqa: E402, F401

# Operations whose action has another name, written down apart from Relight's own table: "Required permissions for Amazon S3 API operations",
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
ACTIONS = {"s3:CopyObject": "s3:PutObject", "s3:ListBuckets": "s3:ListAllMyBuckets", "s3:ListObjectsV2": "s3:ListBucket", "s3:ListObjectVersions": "s3:ListBucketVersions", "s3:HeadObject": "s3:GetObject",
           "s3:HeadBucket": "s3:ListBucket",
           "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration", "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
           "s3:PutBucketReplication": "s3:PutReplicationConfiguration", "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
           "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration", "s3:GetBucketCors": "s3:GetBucketCORS",
           "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock", "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock", "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
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


class ByRole:
    """For a story with a sandbox (box), a directory (home) and relight()."""

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

    def without(self, verb, action):
        """The verb's policy less one action, which it must have had."""
        policy = self.policy(verb)
        self.assertTrue(any(action in listed(s["Action"]) for s in policy["Statement"]), action)
        for s in policy["Statement"]:
            s["Action"] = [a for a in listed(s["Action"]) if a != action]
        policy["Statement"] = [s for s in policy["Statement"] if s["Action"]]
        self.expected.add(action)
        return self.role("held", policy)

    def held(self, verb, *words, config=None, check=True, least=1):
        """Runs the words, which are that verb for iam-policy, under the policy as it was before."""
        policy = self.policy(verb, config=config)
        calls = self.logged(*words, config=config, check=check, keys=self.role("held", policy))
        self.assertGreaterEqual(len(calls), least, self.said.stderr)
        denied = [f"{call} in {region}" for call, region in calls if not permits(policy, call, region)]
        self.assertEqual(denied, [], f"{' '.join(map(str, words))}: made, but not permitted by its policy")
        return policy, calls


class Roles(ByRole, Story):
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
