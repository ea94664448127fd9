"""A primary in Europe, and a disaster that takes us-east-1 as well, where IAM, Route 53 and the other global services have their control planes: the run asks
nothing there, not even in vain."""
import json
import os
import unittest

os.environ["RELIGHT_REGIONS"] = "eu-west-1,us-west-2,us-east-1"
from stage import PRIMARY, RECOVERY, Story  # noqa: E402


class Elsewhere(Story):
    def test_the_primary_and_us_east_1_are_gone_and_only_the_primary_was_asked_in_vain(self):
        self.box("lose", PRIMARY)
        self.box("lose", "us-east-1")
        self.relight("failover", "--yes", "--accept-unproven-fence", "--accept-loss", "unknown")
        self.assertEqual(self.post("after"), 201)
        record = json.loads(self.relight("--json", "evidence").stdout)
        calls = {r["region"]: r for r in record["calls"]}
        self.assertEqual((record["status"], set(calls)), ("succeeded", {PRIMARY, RECOVERY}))
        self.assertEqual(calls[PRIMARY]["unanswered"], calls[PRIMARY]["calls"])
        self.assertGreater(calls[RECOVERY]["operations"]["rds:PromoteReadReplica"]["calls"], 0)


if __name__ == "__main__":
    unittest.main()
