"""How relight-sandbox begins, ends, and is begun again; what it says when it cannot."""
import contextlib
import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from botocore.exceptions import ClientError

from box import Box, free_port, relight_sandbox, until

MASK = "mount --bind /dev/null {}"


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as r:
            return r.status
    except urllib.error.HTTPError as e:
        return e.code
    except OSError:
        return 0


class Story(unittest.TestCase):
    def setUp(self):
        self.box = Box()
        self.addCleanup(self.box.close)

    def refused(self, *words, code, says, **how):
        r = relight_sandbox("up", "--dir", self.box.dir, *words, **how)
        self.assertEqual(r.returncode, code, r.stderr)
        for s in says:
            self.assertIn(s, r.stderr)
        until(lambda: not self.box.processes())  # what --detach left behind is on its way out: it says so first


class Refusals(Story):
    def test_a_taken_port_names_the_address_and_who_has_it(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            listen = f"127.0.0.1:{other.getsockname()[1]}"
            self.refused("--listen", listen, code=1, says=[listen, f"process {os.getpid()}", "--listen"])
            self.refused("--detach", "--listen", listen, code=1, says=[listen, "Do:"])
        self.assertFalse(pathlib.Path(self.box.dir, "control.sock").exists())

    def test_regions_are_aws_regions_each_once(self):
        self.refused("--regions", "us-east-1,mars-1", code=2, says=["mars-1", "eu-west-1"])
        self.refused("--regions", "us-east-1,us-east-1", code=2, says=["twice"])
        self.refused("--regions", "../../etc", code=2, says=["../../etc"])

    def test_it_listens_on_loopback_only(self):
        for listen in ("0.0.0.0:4566", "10.0.0.1:4566", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:" + "9" * 30, "127.evil:1", "[::]:80"):
            self.refused("--listen", listen, code=2, says=["loopback"])

    def test_one_directory_holds_one_sandbox(self):
        self.box.up()
        r = relight_sandbox("up", "--dir", self.box.dir, "--listen", f"127.0.0.1:{free_port()}")
        self.assertEqual(r.returncode, 1)
        self.assertIn(str(self.box.process.pid), r.stderr)
        self.assertIn("relight-sandbox down", r.stderr)
        self.box.client("sts").get_caller_identity()

    def test_a_damaged_state_file_is_named_and_left_alone(self):
        self.box.up()
        ecs = self.box.client("ecs")
        for n in range(60):
            ecs.create_cluster(clusterName=f"c{n}")
        self.box.end()
        state = pathlib.Path(self.box.dir, "state.sqlite")
        whole = state.read_bytes()
        self.assertGreater(len(whole), 8192)
        for damaged in (b"garbage" * 1000, whole[:4096] + os.urandom(len(whole) - 4096), whole[:len(whole) // 2]):
            state.write_bytes(damaged)
            self.refused("--listen", self.box.listen, code=1, says=[str(state), "Do:"])
            self.assertEqual(state.read_bytes(), damaged)
        state.write_bytes(whole)
        self.box.up()
        self.assertEqual(len(self.box.client("ecs").list_clusters()["clusterArns"]), 60)

    def test_a_directory_that_cannot_be_used_is_said_before_anything_starts(self):
        file = pathlib.Path(self.box.dir, "file")
        file.write_text("")
        for bad in (file, "/proc/x", "/dev/null/x", self.box.dir + "/" + "x" * 300):
            r = relight_sandbox("up", "--dir", bad, "--listen", self.box.listen)
            self.assertEqual(r.returncode, 1)
            self.assertIn(str(bad), r.stderr)
        read_only = subprocess.run(
            ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs -o ro none "{self.box.dir}" && exec "$0" up --dir "{self.box.dir}" --listen {self.box.listen}',
             os.environ["RELIGHT_BIN"] + "/relight-sandbox"], capture_output=True, text=True, timeout=60)
        self.assertEqual(read_only.returncode, 1, read_only.stderr)
        self.assertIn("Read-only", read_only.stderr)

    def test_verbs_without_a_sandbox_say_how_to_start_one(self):
        for words in (["status"], ["env"], ["lose", "us-east-1"], ["down"], ["coverage"]):
            r = relight_sandbox(*words, "--dir", self.box.dir)
            self.assertEqual(r.returncode, 1)
            self.assertIn("relight-sandbox up", r.stderr)


class MissingPrograms(Story):
    def run_a_task(self):
        ecs = self.box.client("ecs")
        ecs.create_cluster(clusterName="c")
        ecs.register_task_definition(family="t", cpu="256", memory="512", networkMode="awsvpc",
                                     containerDefinitions=[{"name": "a", "image": "none:latest", "essential": True}])
        net = self.box.client("ec2")
        vpc = net.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = net.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        task = ecs.run_task(cluster="c", taskDefinition="t", launchType="FARGATE",
                            networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}})["tasks"][0]["taskArn"]
        describe = lambda: ecs.describe_tasks(cluster="c", tasks=[task])["tasks"][0]
        return until(lambda: describe() if describe()["lastStatus"] == "STOPPED" else None)

    def test_without_runc_bubblewrap_takes_over_and_it_is_said(self):
        self.box.up(before=MASK.format("/usr/sbin/runc"))
        self.assertIn("bubblewrap", self.box.said())
        self.assertIn("bubblewrap", self.box.verb("status", "--json").stdout)

    def test_without_any_container_runtime_only_tasks_fail_and_say_why(self):
        self.box.up(before=MASK.format("/usr/sbin/runc") + "\n" + MASK.format("/usr/bin/bwrap"))
        self.assertIn("neither runc nor bubblewrap", self.box.said())
        self.assertIn("stoppedReason", self.run_a_task())
        self.box.client("sts").get_caller_identity()

    def test_without_haproxy_the_balancer_fails_and_the_sandbox_goes_on(self):
        self.box.up(before=MASK.format("/usr/sbin/haproxy"))
        balancer, _ = make_balancer(self.box)
        until(lambda: "haproxy" in self.box.verb("events").stdout or "haproxy" in self.box.verb("status").stdout)
        self.box.client("sts").get_caller_identity()

    def test_without_mariadbd_the_instance_fails_and_the_sandbox_goes_on(self):
        self.box.up(before=MASK.format("/usr/sbin/mariadbd"))
        make_database(self.box)
        rds = self.box.client("rds")
        until(lambda: rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] in ("failed", "incompatible-restore"))
        self.assertIn("mariadb", self.box.verb("events").stdout)


def make_balancer(box, region="us-east-1"):
    net, elb = box.client("ec2", region), box.client("elbv2", region)
    vpc = net.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [net.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{region}{z}")["Subnet"]["SubnetId"] for n, z in enumerate("ab")]
    gateway = net.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    net.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    balancer = elb.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "here"}}
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[answer])
    return balancer, vpc


def make_database(box, region="us-east-1"):
    box.client("rds", region).create_db_instance(DBInstanceIdentifier="db", Engine="mariadb", DBInstanceClass="db.t3.micro", AllocatedStorage=20,
                                                 MasterUsername="admin", MasterUserPassword="correct-horse-1")


class Lives(Story):
    def resolve(self, name):
        server = self.box.env["RELIGHT_DNS"].split(":")[0]
        return subprocess.run(["dig", f"@{server}", "+short", "+tries=1", "+time=3", name], capture_output=True, text=True).stdout.split("\n")[-2:][0].strip()

    def furnish(self):
        self.box.up()
        balancer, _ = make_balancer(self.box)
        make_database(self.box)
        rds = self.box.client("rds")
        rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="db", WaiterConfig={"Delay": 1, "MaxAttempts": 100})
        s3 = self.box.client("s3")
        s3.create_bucket(Bucket="kept-bucket")
        s3.put_object(Bucket="kept-bucket", Key="k", Body=b"v")
        self.balancer_name = balancer["DNSName"]
        self.database_name = rds.describe_db_instances()["DBInstances"][0]["Endpoint"]["Address"]
        self.sql("CREATE DATABASE kept; CREATE TABLE kept.t(v INT); INSERT INTO kept.t VALUES (42)")
        self.serves()

    def sql(self, text):
        return subprocess.run(["mariadb", "-h", self.resolve(self.database_name), "-uadmin", "-pcorrect-horse-1", "-N", "-e", text],
                              capture_output=True, text=True)

    def serves(self):
        until(lambda: self.sql("SELECT v FROM kept.t").stdout.strip() == "42")
        until(lambda: status_of(f"http://{self.resolve(self.balancer_name)}/") == 200)
        self.assertEqual(self.box.client("s3").get_object(Bucket="kept-bucket", Key="k")["Body"].read(), b"v")
        until(lambda: self.box.client("rds").describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "available")

    def gone(self):
        until(lambda: not self.box.processes())
        self.assertEqual(self.box.mounts(), [])

    # What kill -9 leaves of a task: its control group, which no namespace ends.
    def leave_a_control_group(self):
        root = next(p for p in map(pathlib.Path, ("/sys/fs/cgroup/memory", "/sys/fs/cgroup")) if (p / "cgroup.procs").exists())
        name = "relight-" + hashlib.sha256(os.path.realpath(self.box.dir).encode()).hexdigest()[:12]
        left = root / name / "left-task"
        left.mkdir(parents=True)
        return left

    def test_ctrl_c_kill_and_down_leave_nothing_and_the_next_up_brings_all_back(self):
        self.furnish()
        self.assertEqual(self.box.end(signal.SIGINT), 0)
        self.gone()
        self.assertEqual(self.box.control_groups(), [])
        self.box.up()
        self.serves()
        for victim in (self.box.process.pid, None):
            pid = victim or self.box.server_pid()  # first the outermost process, then the one that serves
            os.kill(pid, signal.SIGKILL)
            self.box.process.wait(30)
            self.gone()
            left = self.leave_a_control_group()
            self.box.up()
            self.assertFalse(left.exists())
            self.serves()
        self.assertEqual(self.box.verb("down").returncode, 0)
        self.gone()
        self.assertEqual(self.box.control_groups(), [])

    def test_ctrl_c_at_a_terminal_is_one_request(self):
        ours, its = os.openpty()
        self.box.up(terminal=its)
        make_database(self.box)  # whose orderly end takes a moment
        self.box.client("rds").get_waiter("db_instance_available").wait(DBInstanceIdentifier="db", WaiterConfig={"Delay": 1, "MaxAttempts": 100})
        os.write(ours, b"\x03")
        self.assertEqual(self.box.process.wait(30), 0)
        os.close(ours)
        os.close(its)

    def test_who_asks_twice_waits_for_nothing_and_the_next_up_brings_all_back(self):
        self.furnish()
        while self.box.process.poll() is None:  # the second comes long before a database can have ended
            self.box.process.send_signal(signal.SIGINT)
            time.sleep(0.001)
        self.assertEqual(self.box.process.returncode, 128 + signal.SIGINT)
        self.gone()
        self.box.up()
        self.serves()

    def test_the_end_waits_for_no_template_in_the_making(self):
        # As when MariaDB waits for room on a full disk, which it does a minute at a time.
        slow = f'printf "#!/bin/sh\\nsleep 1000\\n" > "{self.box.dir}/slow"; chmod 755 "{self.box.dir}/slow"'
        self.box.up(before=slow + f'; mount --bind "{self.box.dir}/slow" /usr/bin/mariadb-install-db')
        until(lambda: self.box.program_pids("/bin/sh"))
        self.assertEqual(self.box.end(), 0)
        self.gone()
        self.box.up()  # and makes it now
        make_database(self.box)
        self.box.client("rds").get_waiter("db_instance_available").wait(DBInstanceIdentifier="db", WaiterConfig={"Delay": 1, "MaxAttempts": 100})

    def test_a_lost_region_comes_back_as_it_was_and_stays_so(self):
        self.furnish()
        box = self.box
        for words, says in ((["lose", "mars-1"], "mars-1"), (["restore", "us-east-1"], "is not lost"), (["partition", "us-east-1", "us-east-1"], "itself"),
                            (["partition", "us-east-1", "mars-1"], "mars-1"), (["heal", "us-east-1", "us-west-2"], "not parted"),
                            (["throttle", "nosuch", "1"], "nosuch"), (["lose", "../x"], "../x")):
            r = box.verb(*words)
            self.assertEqual(r.returncode, 1, words)
            self.assertIn(says, r.stderr)
        for words in (["lose"], ["partition", "us-east-1"], ["throttle", "rds"], ["throttle", "rds", "fast"], ["nonsense"], []):
            self.assertNotIn(box.verb(*words).returncode, (0, 1), words)
        self.assertEqual(box.verb("partition", "us-east-1", "us-west-2").returncode, 0)
        self.assertEqual(box.verb("partition", "us-west-2", "us-east-1").returncode, 0)  # parted already: as wanted
        self.assertEqual(box.verb("heal", "us-west-2", "us-east-1").returncode, 0)
        self.assertEqual(box.verb("lose", "us-east-1").returncode, 0)
        self.assertEqual(box.program_pids("haproxy") + box.program_pids("mariadbd"), [])
        self.assertIn("LOST", box.verb("status").stdout)
        self.assertIn("lost already", box.verb("lose", "us-east-1").stderr)
        box.end()
        box.up()
        self.assertIn("LOST", box.verb("status").stdout)
        self.assertEqual(box.program_pids("haproxy") + box.program_pids("mariadbd"), [])
        self.assertEqual(box.verb("restore", "us-east-1").returncode, 0)
        self.serves()
        self.assertEqual(box.verb("down").returncode, 0)
        box.process.wait(30)
        box.up()
        self.serves()

    def test_a_balancer_that_dies_is_begun_anew_and_it_is_said(self):
        self.box.up()
        balancer, _ = make_balancer(self.box)
        address = self.resolve(balancer["DNSName"])
        until(lambda: status_of(f"http://{address}/") == 200)
        [pid] = self.box.program_pids("haproxy")
        os.kill(pid, signal.SIGKILL)
        until(lambda: '"restarted"' in self.box.verb("events").stdout)
        self.assertEqual(status_of(f"http://{address}/"), 200)


class Troubles(Story):
    def test_a_regions_own_address_that_is_taken_is_said_until_it_is_free(self):
        slot = 30
        with socket.create_server((f"127.{8 * slot + 1}.0.80", 80)):
            self.box.up("--slot", str(slot))
            self.assertIn("NOT RIGHT: S3 address of us-east-1", self.box.said())
            self.assertIn("NOT RIGHT: S3 address of us-east-1", self.box.verb("status").stdout)
        until(lambda: "S3 address of us-east-1: works again" in self.box.said())
        self.assertNotIn("NOT RIGHT", self.box.verb("status").stdout)

    # As a sandbox in another container does: it has the same loopback, but locks of its own.
    def test_a_block_of_addresses_that_others_use_is_passed_over(self):
        taken = []
        for slot in range(4):
            with contextlib.suppress(OSError):
                listener = socket.create_server((f"127.{8 * slot}.53.53", 53))
                self.addCleanup(listener.close)
                taken.append(slot)
        self.box.up()
        self.assertNotIn(json.loads(self.box.verb("status", "--json").stdout)["slot"], taken)

    def test_coverage_says_that_buckets_have_no_https(self):
        self.box.up()
        self.assertIn("https (443) is not served", self.box.verb("coverage").stdout)


class FullDisk(Story):
    def test_a_full_disk_is_an_internal_failure_and_the_state_stays_good(self):
        box = self.box
        box.up(before=f'mount -t tmpfs -o size=8m none "{box.dir}"')
        inside = pathlib.Path(f"/proc/{box.process.pid}/root{box.dir}")
        ecs = box.client("ecs")
        ecs.create_cluster(clusterName="first")
        with open(inside / "ballast", "wb", buffering=0) as f:
            try:
                while f.write(b"\0" * 4096):
                    pass
            except OSError:
                pass
        failed = None
        for n in range(400):  # until what SQLite had already reserved is used up
            try:
                ecs.create_cluster(clusterName=f"c{n}", tags=[{"key": "k", "value": "x" * 200}])
            except ClientError as e:
                failed = e
                break
        self.assertIsNotNone(failed)
        self.assertEqual(failed.response["Error"]["Code"], "InternalFailure")
        self.assertEqual(failed.response["ResponseMetadata"]["HTTPStatusCode"], 500)
        until(lambda: "NOT RIGHT: store" in box.verb("status").stdout)
        self.assertIn("store", box.said())
        os.unlink(inside / "ballast")
        ecs.create_cluster(clusterName="last")
        until(lambda: "NOT RIGHT" not in box.verb("status").stdout)
        self.assertIn("works again", box.said())
        # What the file holds now is whole, with everything that was answered.
        copy = Box()
        self.addCleanup(copy.close)
        for f in inside.glob("*"):
            if f.is_file():
                pathlib.Path(copy.dir, f.name).write_bytes(f.read_bytes())
        box.end()
        copy.up()
        found = copy.client("ecs").describe_clusters(clusters=["first", "last"])["clusters"]
        self.assertEqual(len(found), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
