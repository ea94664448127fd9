"""Each action of a printed policy is one that its verb cannot do without: with it taken out, the verb says which one it lacks.

One verb is run again and again. At first all of its actions are missing; those that were refused, and that the verb named, are given back; and so on until it
has what it needs. What is never refused is in the policy for nothing, unless `SPARE` says for which other application it is there."""
import json
import re
import unittest

from policy_stories import PRIMARY, RECOVERY, Policies, changes_the_world, listed

ROUNDS = 40  # far more than any chain of calls is long
# In a policy, but not called for this application as it stands: what would make the verb call it.
SPARE = {
    "rds:DescribeDBSnapshots": "",
}


class EachAction(Policies):
    def less(self, policy, missing):
        whole = {"Version": "2012-10-17", "Statement": []}
        for s in policy["Statement"]:
            kept = [a for a in listed(s["Action"]) if a not in missing]
            if kept:
                whole["Statement"].append(s | {"Action": kept})
        # A role without any policy has none to be refused by: this permits what no verb asks for.
        whole["Statement"].append({"Effect": "Allow", "Action": "sqs:PurgeQueue", "Resource": "*"})
        return whole

    def refused_of(self, words, missing, policy, say):
        before = len(self.denied())
        self.logged(*words, keys=self.role("held", self.less(policy, missing)), check=False)
        text = self.said.stdout + self.said.stderr
        refused = {d.split()[1] for d in self.denied()[before:]}
        unsaid = {a for a in refused if a not in text}
        if say:
            self.assertEqual(unsaid, set(), f"{' '.join(map(str, words))}: refused, but not said\n{text}")
        self.expected |= refused
        return refused

    def each(self, verb, *words, then=None, spare=()):
        """`then`: the words of the second run and on."""
        policy = self.policy(verb)
        missing = {a for s in policy["Statement"] for a in listed(s["Action"])}
        every = len(missing)
        for _ in range(ROUNDS):
            refused = self.refused_of(words, missing, policy, True) & missing
            words = then or words
            if not refused:
                break
            missing -= refused
        print(f"{verb}: {every} actions, {len(missing)} not asked for: {sorted(missing)}", flush=True)
        self.assertEqual(missing, set(spare), f"{verb}: in its policy, but nothing was refused without them")

    def test_status(self):
        self.each("status", "status")

    def test_capture(self):
        self.each("capture", "capture", "--no-commit")

    def test_drift(self):
        self.each("drift", "drift")

    def test_check(self):
        self.each("check", "check")

    def test_cost(self):
        self.each("cost", "cost")

    @changes_the_world
    def test_failover(self):
        self.each("failover", "failover", "--yes", "--accept-loss", "unknown", "--accept-unproven-fence", then=("resume",))


if __name__ == "__main__":
    unittest.main()
