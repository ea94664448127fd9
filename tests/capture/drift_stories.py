"""`relight drift`: the example's primary against its last capture, after somebody changed it by hand."""
import json
import unittest

from repository import PRIMARY, InRepository, changes_the_world, until


class Drift(InRepository):
    def drift(self, code):
        answer = self.relight("--json", "drift", check=False)
        said = json.loads(answer.stdout)
        self.assertIn("relight synth writes it", said.pop("recovery")["nothing"])  # this pilot was written by hand
        self.assertEqual(answer.returncode, code, answer.stdout + answer.stderr)
        return said

    def test_nothing_changed_is_exit_0(self):
        self.capture()
        self.assertEqual(self.drift(0), {"differences": [], "unknown": []})
        self.assertIn("as captured", self.relight("drift", check=False).stdout)

    @changes_the_world
    def test_what_was_changed_by_hand_is_told_by_its_pointer_and_exit_6(self):
        self.capture()
        self.box.api(PRIMARY, "ecs", "UpdateService", **self.service(), desiredCount=3)
        found = self.drift(6)["differences"]
        self.assertEqual([(d["kind"], d["what"], d["pointer"], d["before"], d["after"]) for d in found],
                         [("ecs/service", "changed", "/desiredCount", 2, 3)])
        said = self.relight("drift", check=False).stdout
        self.assertIn("/desiredCount: 2 -> 3", said)
        self.assertIn("1 differences", said)
        self.capture()
        self.assertEqual(self.drift(0)["differences"], [])

    @changes_the_world
    def test_a_variable_and_a_secret_beside_it(self):
        self.capture()

        def change(task):
            variables = task["containerDefinitions"][0]["environment"]
            next(v for v in variables if v["name"] == "APP_MODE")["value"] = "read-only"
            variables.append({"name": "SMTP_PASS", "value": "planted-Zx81"})
        self.new_revision(change)
        found = self.drift(6)["differences"]
        self.assertEqual({(d["what"], json.dumps(d["after"])) for d in found},
                         {("changed", '"read-only"'), ("appeared", '{"name": "SMTP_PASS", "value": "(withheld)"}')})
        self.assertNotIn("planted", self.relight("drift", check=False).stdout)

    @changes_the_world
    def test_a_service_that_is_gone_is_a_difference_and_what_stood_behind_it_is_still_seen(self):
        self.capture()
        where = self.service()
        self.box.api(PRIMARY, "ecs", "DeleteService", **where, force=True)
        until("the service is inactive", lambda: self.box.api(
            PRIMARY, "ecs", "DescribeServices", cluster=where["cluster"], services=[where["service"]])["services"][0]["status"] == "INACTIVE")
        found = self.drift(6)["differences"]
        gone = {d["kind"] for d in found if d["what"] == "gone" and not d["pointer"]}
        self.assertLessEqual({"ecs/service"}, gone)
        self.assertNotIn("elbv2/load-balancer", gone)
        self.assertNotIn("rds/db-instance", gone)

    def test_without_a_capture_it_says_what_to_do(self):
        answer = self.relight("drift", check=False)
        self.refused(answer, 1, "relight capture")

    def test_a_capture_of_another_region_is_not_compared(self):
        self.capture()
        text = self.config.read_text()
        self.config.write_text(text.replace("primary: us-east-1, recovery: us-west-2", "primary: us-west-2, recovery: us-east-1"))
        self.refused(self.relight("drift", check=False), 1, "us-east-1", "us-west-2")


if __name__ == "__main__":
    unittest.main()
