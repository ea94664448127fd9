"""What a run asked of AWS, by region, as its own journal has it: of the lost primary, and of us-east-1 where the control planes of the global
services are, nothing was needed."""
import json
import unittest

from stage import PRIMARY, RECOVERY, Story

GO = ("failover", "--yes", "--accept-unproven-fence", "--accept-loss", "unknown")
GLOBAL = ("iam:", "route53:", "sts:", "cloudfront:", "organizations:")


class Calls(Story):
    def calls(self):
        record = json.loads(self.relight("--json", "evidence").stdout)
        return record, {r["region"]: r for r in record["calls"]}

    def test_a_lost_primary_in_us_east_1_answered_nothing_and_was_not_needed(self):
        self.assertEqual(PRIMARY, "us-east-1")  # so that its global services are lost with it
        self.box("lose", PRIMARY)
        self.relight(*GO)
        self.assertEqual(self.post("after"), 201)
        record, calls = self.calls()
        self.assertEqual(record["status"], "succeeded")
        self.assertEqual(set(calls), {PRIMARY, RECOVERY})
        lost, ours = calls[PRIMARY], calls[RECOVERY]
        self.assertEqual((lost["role"], ours["role"]), ("primary", "recovery"))
        self.assertGreater(lost["calls"], 0)  # the fence was tried
        self.assertEqual((lost["failed"], lost["unanswered"]), (lost["calls"], lost["calls"]))
        self.assertGreater(ours["operations"]["rds:PromoteReadReplica"]["calls"], 0)
        self.assertEqual(ours["operations"]["rds:PromoteReadReplica"]["failed"], 0)
        asked = set(lost["operations"]) | set(ours["operations"])
        self.assertEqual([o for o in asked if o.startswith(GLOBAL)], [])
        text = self.relight("evidence").stdout
        self.assertRegex(text, rf"{PRIMARY} +primary .*\(the run did without\)")
        self.assertNotIn("left no account", text)

    def test_a_living_primary_answers_and_its_calls_are_told_too(self):
        self.relight("failover", "--yes", "--accept-loss", "unknown")
        _, calls = self.calls()
        self.assertLess(calls[PRIMARY]["failed"], calls[PRIMARY]["calls"])
        self.assertNotIn("the run did without", self.relight("evidence").stdout)


if __name__ == "__main__":
    unittest.main()
