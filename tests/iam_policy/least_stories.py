"""No action of a printed policy is idle: a verb begins with a role that may nothing, and is given back, round by round, what it was refused and named. So each
action was missing once, and the verb said which, and of what step; in the end nothing is refused and the verb is done. What the policy permits beyond that is
listed here, with the reason why this application, as it stands on this stage, does not come to it."""
import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "synth"))
import synth_stories
from roles import PRIMARY, RECOVERY, ByRole, Roles, changes_the_world, listed, until


def only(policy, actions):
    """The policy cut down to these actions."""
    statements = [dict(s, Action=[a for a in listed(s["Action"]) if a in actions]) for s in policy["Statement"]]
    return dict(policy, Statement=[s for s in statements if s["Action"]])


def actions(policy):
    return {a for s in policy["Statement"] for a in listed(s["Action"])}


# Why an action is not asked for on this stage. Patterns are whole names.
NOT_HERE = (
    r"cloudformation:DescribeStackResources",  # the stacks' outputs name all that is looked for
    r"acm:DescribeCertificate|elasticloadbalancing:DescribeListenerCertificates",  # the example's listeners speak HTTP
    r"kms:CreateGrant",  # the key that AWS keeps for RDS lets everybody use it by way of RDS
    r"lambda:ListTags",  # GetFunction brings the tags: the sandbox does not ask for more
    r"wafv2:GetWebACL",  # its load balancer has none
    r"sts:GetCallerIdentity",  # AWS and the sandbox ask no permission for it
)
NO_SNAPSHOTS = (r"rds:CopyDBSnapshot|rds:DeleteDBSnapshot",)  # its relight.yaml keeps none there
OF_OTHERS = (  # init knows nothing yet, so its policy has what other applications need
    r"ecs:ListClusters|ecs:ListServices|elasticloadbalancing:DescribeTags",  # for one that is named by a tag
    r"ecs:DescribeCapacityProviders|iam:GetPolicy|iam:GetPolicyVersion",
)
NO_OBJECTS = (r"s3:GetObject",)  # the newest of a bucket are looked at, and this one is empty
NOT_IN_THIS_RUN = (
    r"ecs:RegisterTaskDefinition|iam:PassRole|ssm:PutParameter",  # no task definition and no parameter of the pilot names the primary
    r"lambda:InvokeFunction",  # no step of one's own
    r"elasticloadbalancing:DescribeTargetGroups",  # relight.yaml says what to read
    r"rds:DescribeEvents",  # read if the promotion is over before it is looked at
    r"s3:ListBucket|s3:(Get|Put)ReplicationConfiguration",  # the fence was proven by the database; its measure of the bucket was refused by then, and is not begun again
)
NOT_ON_THIS_WAY_BACK = (
    r"elasticloadbalancing:DescribeTargetGroups|rds:DescribeEvents",  # as there
    r"s3:AbortMultipartUpload|s3:PutObjectTagging",  # of large objects, and of tagged ones
    r"rds:AddTagsToResource",  # the databases have CloudFormation's own tags only
    r"kms:DescribeKey",  # as kms:CreateGrant
    r"iam:PassRole",  # the bucket replicates nowhere else, so that no rule is put back
    r"secretsmanager:PutSecretValue|secretsmanager:RemoveRegionsFromReplication",  # nobody changed one, and the primary knew that its replica was gone
)
# AWS's own handlers do more with a caller's rights than the sandbox's engine, which sends tags with a creation and reads less of what it made.
OF_AWS_HANDLERS = (
    r".*:(Tag|Untag)\w+|.*:\w*Tags\w*|.*:\w*ServiceDeployments?",
    r".*:(Describe|Get|List)\w+",
    r"iam:CreateServiceLinkedRole",  # there is one in a new account of the sandbox
)
ON_AN_UPDATE = (  # or when the stack goes: this one is made
    r".*:(Modify|Update|Set|Replace|Reset|Revoke)\w+|ec2:AuthorizeSecurityGroupEgress|ec2:DeleteTags|events:DisableRule|rds:RebootDBInstance",
    r"application-autoscaling:(Put|Delete)ScheduledAction|ecs:PutClusterCapacityProviders|lambda:DeleteFunctionConcurrency|logs:DeleteRetentionPolicy",
    r"cloudformation:DeleteStack|s3:(DeleteBucketPolicy|DeleteObject|DeleteBucket)",
    r"s3:AbortMultipartUpload|s3:(Get|Put)ObjectTagging",  # of large objects, and of tagged ones
)


class GivenBack(ByRole):
    def given_back(self, verbs, words, idle, least, each=lambda: None, fails=True):
        """Runs words() until nothing is refused. idle: patterns of what is never asked for here; least: how many actions must have been; each(): after
        every round; fails: whether the verb must, without."""
        whole, given, rounds, asked, troubles, went_on = self.policy(*verbs), set(), 0, set(), [], 0
        while True:
            before = len(self.denied())
            self.logged(*words(), keys=self.role("least", only(whole, given)), check=False)
            refused = {d.split()[1] for d in self.denied()[before:]}
            asked |= refused
            said = self.said.stdout + self.said.stderr
            if not refused and fails and self.said.returncode != 0:  # of another kind: begun anew, but not for ever
                troubles.append(said)
                self.assertLess(len(troubles), 4, "\n----\n".join(troubles))
                each()
                continue
            if not refused:
                break
            rounds += 1
            named = {a for a in refused if re.search(re.escape(a) + r"\b", said)}
            self.assertLessEqual(refused, actions(whole), "asked for, and not in the printed policy")
            self.assertTrue(named, f"refused and not named in round {rounds}: {sorted(refused)}\n{said}")
            went_on += self.said.returncode == 0
            self.assertFalse(named & given, "given back, and refused again: the policy narrows it to other resources")
            given |= named
            each()
        self.expected = getattr(self, "expected", set()) | asked
        left = {a for a in actions(whole) - given if not any(re.fullmatch(form, a) for form in idle)}
        self.assertEqual(left, set(), "permitted, never asked for, and no reason is given here")
        self.assertGreaterEqual(len(given), least)
        self.assertTrue(went_on <= 2 or not fails, f"went on without in {went_on} rounds")  # deploy need not look for drift


class Least(GivenBack, Roles):
    def test_what_only_looks(self):
        for least, verb, *more in ((3, "status"), (1, "cost"), (80, "drift"), (80, "capture", "--no-commit"), (85, "check")):
            with self.subTest(verb):
                self.given_back([verb], lambda: (verb, *more), NOT_HERE + NO_OBJECTS, least, fails=False)

    def test_init_and_what_check_does_on_request(self):
        new = ("--primary", PRIMARY, "--recovery", RECOVERY, "--stack", "lamp-primary", "--out", self.home / "new.yaml", "--force")
        self.given_back(["init"], lambda: ("init", *new), NOT_HERE + NO_OBJECTS + OF_OTHERS, 60, fails=False)
        self.given_back(["check-canary", "check-read-secrets"], lambda: ("check", "--canary", "--read-secrets"), NOT_HERE + NO_OBJECTS, 90, fails=False)

    @changes_the_world
    def test_sync(self):
        self.box.api(PRIMARY, "ssm", "PutParameter", Name="/lamp-primary/greeting", Value="Another word", Type="String", Overwrite=True)
        of_deploy = tuple(re.escape(a) for a in actions(self.policy("deploy-touch-primary")))  # judged by its own story
        self.given_back(["sync"], lambda: ("sync", "--no-commit"), NOT_HERE + of_deploy + NO_SNAPSHOTS, 80)

    @changes_the_world
    def test_failover_and_the_way_back(self):
        def next_words():
            runs = json.loads(self.relight("--json", "runs").stdout or "[]")
            return ("resume", "--accept-loss", "unknown") if runs else ("failover", "--yes", "--accept-loss", "unknown")
        self.given_back(["failover", "resume"], next_words, NOT_HERE + NOT_IN_THIS_RUN, 28)
        self.assertEqual((self.said.returncode, self.promotions()), (0, 1), self.said.stdout + self.said.stderr)

        def words_back():
            return ("resume",) if " failback " in self.relight("runs").stdout else ("failback", "--yes", "--again")
        self.given_back(["failback"], words_back, NOT_HERE + NOT_ON_THIS_WAY_BACK, 38)
        self.assertEqual((self.said.returncode, self.promotions()), (0, 2), self.said.stdout + self.said.stderr)
        # These ask nothing that another verb is not held to here: of the topology status, of the uploads check.
        for verb in ("heartbeat", "evidence", "resume"):
            self.assertLessEqual(actions(self.policy(verb)), actions(self.policy("status", "check", "failover")), verb)


class LeastDeploy(GivenBack, synth_stories.Pilot):
    parameters, registry = {"Extras": "true"}, True

    def remove_what_is_retained(self):
        for bucket in self.box.api(RECOVERY, "s3", "ListBuckets")["Buckets"]:
            if bucket["Name"].startswith("lamp-pilot-uploads"):
                self.box.api(RECOVERY, "s3", "DeleteBucket", Bucket=bucket["Name"])
        databases = lambda: self.box.api(RECOVERY, "rds", "DescribeDBInstances")["DBInstances"]
        for database in databases():
            self.box.api(RECOVERY, "rds", "DeleteDBInstance", DBInstanceIdentifier=database["DBInstanceIdentifier"], SkipFinalSnapshot=True)
        until("no database is left", lambda: not databases())

    def test_deploy(self):
        self.relight("synth")
        self.box("iam", "enforce")

        def again():
            """A rollback that was refused a deletion leaves things behind: they go with the rights of the account's root, as whoever mends it would do."""
            stacks = [s for s in self.box.api(RECOVERY, "cloudformation", "ListStacks")["StackSummaries"]
                      if s["StackName"] == "lamp-pilot" and s["StackStatus"].startswith("ROLLBACK")]
            if not stacks:
                return
            self.box.api(RECOVERY, "cloudformation", "DeleteStack", StackName="lamp-pilot")
            gone = lambda: self.box.api(RECOVERY, "cloudformation", "DescribeStacks", StackName=stacks[0]["StackId"])["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
            until("the stack is gone", gone)
            self.remove_what_is_retained()

        self.given_back(["deploy-touch-primary"], lambda: ("deploy", "--yes", "--touch-primary"), NOT_HERE + OF_AWS_HANDLERS + ON_AN_UPDATE, 128, again)
        self.assertEqual(self.stack()["StackStatus"], "CREATE_COMPLETE")


if __name__ == "__main__":
    unittest.main()
