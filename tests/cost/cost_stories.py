"""`relight cost` of the captured example: dated in every format, unknown where nothing told, metered where CloudWatch does; and `relight prices`."""
import copy
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BIN = pathlib.Path(os.environ["RELIGHT_BIN"]).resolve()
SHIPPED = json.loads((ROOT / "data/prices/list.json").read_text())
GIGABYTE = 1 << 30


class Aws(http.server.BaseHTTPRequestHandler):
    """CloudWatch's GetMetricStatistics and the Pricing API's GetProducts, from what a story gives the server."""
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        target = self.headers.get("X-Amz-Target", "")
        if target.endswith("GetProducts"):
            return self.answer("application/x-amz-json-1.1", json.dumps(self.products(json.loads(body))))
        asked = dict(urllib.parse.parse_qsl(body))
        self.server.asked.append(asked)
        self.answer("text/xml", self.statistics(asked))

    def products(self, asked):
        self.server.asked.append(asked)
        wanted = {f["Field"]: f["Value"] for f in asked["Filters"]}
        family = wanted.pop("productFamily")
        found = [json.dumps(p) for p in self.server.products if p["serviceCode"] == asked["ServiceCode"] and
                 p["product"]["productFamily"] == family and
                 all(p["product"]["attributes"].get(k) == v for k, v in wanted.items())]
        at = int(asked.get("NextToken", "0"))  # a page holds one
        return {"FormatVersion": "aws_v1", "PriceList": found[at:at + 1]} | ({"NextToken": str(at + 1)} if at + 1 < len(found) else {})

    def statistics(self, asked):
        points = self.server.metrics.get(asked["MetricName"], [])
        what = asked["Statistics.member.1"]
        members = "".join(f"<member><Timestamp>{t}</Timestamp><{what}>{v}</{what}></member>" for t, v in points)
        return (f'<GetMetricStatisticsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricStatisticsResult><Label>x</Label>'
                f"<Datapoints>{members}</Datapoints></GetMetricStatisticsResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
                f"</GetMetricStatisticsResponse>")

    def answer(self, kind, text):
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Cost(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home, True)
        shutil.copytree(HERE / "example/iac", self.home / "iac")
        self.config = self.home / "relight.yaml"
        shutil.copy(ROOT / "examples/lamp/relight.yaml", self.config)
        self.aws = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Aws)
        self.aws.asked, self.aws.metrics, self.aws.products = [], {}, copy.deepcopy(SHIPPED["PriceList"])
        threading.Thread(target=self.aws.serve_forever, daemon=True).start()
        self.addCleanup(self.aws.server_close)
        self.addCleanup(self.aws.shutdown)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x",
                    "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.aws.server_port}", "AWS_EC2_METADATA_DISABLED": "true"}

    def relight(self, *words, code=0):
        done = subprocess.run([str(BIN / "relight"), "--config", str(self.config), *words], capture_output=True, text=True, env=self.env, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + (done.stderr if code else "")

    def told(self, *words):
        return json.loads(self.relight("--json", "cost", *words))

    def line(self, report, begin, of="pilot"):
        return next(x for x in report[of]["lines"] if x["what"].startswith(begin))

    def test_the_date_of_the_prices_is_in_every_output(self):
        for words in (("cost",), ("cost", "--markdown"), ("--json", "cost"), ("cost", "--out", str(self.home / "c.md"))):
            with self.subTest(words):
                self.assertIn(SHIPPED["date"], self.relight(*words, "--no-metering"))
        self.assertIn(SHIPPED["date"], (self.home / "c.md").read_text())

    def test_the_pilot_is_priced_line_by_line_beside_three_other_ways(self):
        r = self.told("--no-metering")
        database = self.line(r, "lamp-primary-db: db.")
        self.assertEqual(database["basis"], "captured")
        self.assertAlmostEqual(database["usd"], database["amount"] * database["price"], 5)
        self.assertEqual([o["name"] for o in r["others"]], ["backup and restore", "warm standby", "active-active"])
        self.assertEqual(r["pilot"]["without_price"], 0)
        self.assertFalse(any(x["what"].startswith("web") for x in r["pilot"]["lines"]))
        self.assertTrue(any("processors" in x["what"] for x in r["lit_hour"]["lines"]))
        for o in r["others"] + [r["pilot"], r["lit_hour"], r["drill"]]:
            self.assertAlmostEqual(o["usd"], sum(x["usd"] or 0 for x in o["lines"]), 3)
        self.assertTrue(all(s["rto"] and s["rpo"] for s in r["savings"]))

    def test_without_metering_nobody_is_asked_and_what_is_assumed_is_called_so(self):
        r = self.told("--no-metering")
        self.assertEqual(self.aws.asked, [])
        changes = self.line(r, "database changes")
        self.assertEqual((changes["basis"], changes["amount"]), ("assumed", 10))
        stored = next(x for x in r["pilot"]["lines"] if x["what"].endswith("storage of the replica"))
        self.assertEqual((stored["basis"], stored["amount"], stored["usd"]), ("unknown", None, None))
        self.assertFalse(r["pilot"]["whole"])
        self.assertIn("at least $", self.relight("cost", "--no-metering"))

    def test_what_relight_yaml_states_is_taken_and_called_so(self):
        self.config.write_text(self.config.read_text() + "cost: {database_changes_gb: 40, uploads_gb: 12.5}\n")
        r = self.told("--no-metering")
        changes = self.line(r, "database changes")
        self.assertEqual((changes["basis"], changes["amount"]), ("relight.yaml", 40))
        self.assertTrue(r["pilot"]["whole"])
        self.config.write_text(self.config.read_text().replace("40", "-1"))
        self.assertIn("not below 0", self.relight("cost", code=2))

    def test_what_cloudwatch_metered_comes_before_what_is_stated(self):
        self.config.write_text(self.config.read_text() + "cost: {database_changes_gb: 40}\n")
        self.aws.metrics = {"NetworkReceiveThroughput": [("2026-11-01T00:00:00Z", 100), ("2026-11-02T00:00:00Z", 300)],
                            "BucketSizeBytes": [("2026-11-01T00:00:00Z", 10 * GIGABYTE), ("2026-11-11T00:00:00Z", 20 * GIGABYTE)]}
        r = self.told()
        changes = self.line(r, "database changes")
        self.assertEqual(changes["basis"], "metered")
        self.assertAlmostEqual(changes["amount"], 200 * 730 * 3600 / GIGABYTE, 4)
        lines = {x["what"].split(": ")[1]: x for x in r["pilot"]["lines"] if x["what"].startswith("lamp-primary-uploads")}
        self.assertAlmostEqual(lines["storage of the replica"]["amount"], 20, 5)
        self.assertAlmostEqual(lines["replicated out of us-east-1"]["amount"], 30.4, 5)
        self.assertEqual(lines["replicated objects"]["basis"], "assumed")

    def test_a_cloudwatch_that_refuses_is_said_and_the_rest_is_priced(self):
        self.env["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
        text = self.relight("cost")
        self.assertIn("CloudWatch was not asked with success", text)
        self.assertIn("lamp-primary-db: db.", text)

    def test_prices_are_fetched_and_used_from_then_on(self):
        for p in self.aws.products:
            if p["product"]["productFamily"] == "Alarm":
                p["terms"]["OnDemand"]["list"]["priceDimensions"]["tier1"]["pricePerUnit"]["USD"] = "0.7"
            p.pop("relight", None)
        said = self.relight("prices")
        own = json.loads((self.home / "iac/prices.json").read_text())
        self.assertIn(own["date"], said)
        self.assertNotEqual(own["date"], SHIPPED["date"])
        r = self.told("--no-metering")
        self.assertEqual(r["prices"]["date"], own["date"])
        self.assertEqual(r["prices"]["unverified"], 0)
        self.assertEqual(self.line(r, "alarms")["price"], 0.7)
        self.assertEqual(r["pilot"]["without_price"], 0)

    def test_a_price_that_aws_does_not_tell_is_named_and_never_zero(self):
        self.aws.products = [p for p in self.aws.products if p["product"]["productFamily"] != "Alarm"]
        self.assertIn("none for AmazonCloudWatch CW:AlarmMonitorUsage", self.relight("prices"))
        alarms = self.line(self.told("--no-metering"), "alarms")
        self.assertEqual((alarms["price"], alarms["usd"]), (None, None))
        self.assertIn("no price known", self.relight("cost", "--no-metering"))

    def test_a_broken_table_is_refused(self):
        (self.home / "iac/prices.json").write_text("{}")
        self.assertIn("prices.json", self.relight("cost", "--no-metering", code=1))


if __name__ == "__main__":
    unittest.main()
