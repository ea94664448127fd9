"""What the failover stories share: the example and the pilot that relight makes of it, deployed once, kept as they stand before the disaster, and copied
anew for each story. Environment: RELIGHT_BIN (the programs' directory), RELIGHT_STAGE (where the deployed stage is kept)."""
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ["RELIGHT_BIN"]).resolve()
STAGE = pathlib.Path(os.environ["RELIGHT_STAGE"]).resolve()
SLOT = os.environ["RELIGHT_SLOT"]  # of its own: what takes the first free one must not find it between two stories
REGIONS = os.environ.get("RELIGHT_REGIONS", "us-east-1,us-west-2").split(",")  # the first is the primary, the second the recovery region
(PRIMARY, RECOVERY), DOMAIN = REGIONS[:2], "www.lamp.example"
EXTRAS = os.environ.get("RELIGHT_EXTRAS", "false")
REGISTRY = "true" in (EXTRAS, os.environ.get("RELIGHT_REGISTRY"))  # the example's image comes from ECR
SECONDS = 300  # what anything may take before a story is wrong: it hangs; a loaded machine may take its time


def run(*words, check=True, env=None, cwd=None, timeout=SECONDS):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, env=env, cwd=cwd, timeout=timeout)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(str(w) for w in words)}: exit code {done.returncode}\n{done.stderr}{done.stdout}")
    return done


def until(what, look, seconds=SECONDS):
    """Waits for a state, never for a time; what look() raised last is shown if it never comes."""
    end, last = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            if answer := look():
                return answer
        except (AssertionError, OSError, ValueError, KeyError, IndexError) as e:
            last = e
        time.sleep(0.02)
    raise AssertionError(f"never came: {what} ({last})")


def end_with_parent():
    """In a child: SIGTERM when this test's process is gone, however it went (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Sandbox:
    process = None

    def __init__(self, directory, port):
        self.dir, self.port, self.env = directory, port, dict(os.environ)
        for name in ("AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            self.env.pop(name, None)
        self.env["RELIGHT_DB_PASSWORD"] = "rehearsal-only-1"

    def __call__(self, *words, check=True):
        return run(BIN / "relight-sandbox", *words, "--dir", self.dir, check=check).stdout

    def up(self):
        with open(self.dir.with_name("sandbox.log"), "ab") as log:
            self.process = subprocess.Popen(
                [BIN / "relight-sandbox", "up", "--regions", ",".join(REGIONS), "--listen", f"127.0.0.1:{self.port}", "--slot", SLOT, "--dir", self.dir],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_parent)
        until("the sandbox is up", self.ready)
        for line in self("env").splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            self.env[name] = value.strip("'\"")

    def ready(self):
        if self.process.poll() is not None:
            raise SystemExit("the sandbox ended: " + self.dir.with_name("sandbox.log").read_text()[-2000:])
        return "AWS_ENDPOINT_URL" in self("env", check=False)

    def down(self):
        self("down", check=False)
        if self.process:
            self.process.wait(SECONDS)

    def api(self, region, service, operation, /, **given):
        out = run(BIN / "relight", "api", service, operation, "--region", region, "--input", json.dumps(given), env=self.env)
        return json.loads(out.stdout or "{}")

    def events(self):
        return [json.loads(line) for line in self("events").splitlines()]

    def image(self, layout, registry):
        """The example's image, as tasks shall name it: pushed to the primary region's registry by a stock client, or in the sandbox's own store, which
        every region has."""
        run(ROOT / "examples/lamp/image/assemble", layout)
        if registry:
            return self.push(layout)
        self("image", layout, "lamp:latest")
        return "lamp:latest"

    def push(self, layout, name="lamp:1"):
        return run(BIN / "relight-sandbox", "--dir", self.dir, "shell", "--", ROOT / "examples/lamp/image/push", layout, PRIMARY, name,
                   env=self.env).stdout.strip()

    def output(self, region, stack, key):
        outputs = self.api(region, "cloudformation", "DescribeStacks", StackName=stack)["Stacks"][0]["Outputs"]
        return next(o["OutputValue"] for o in outputs if o["OutputKey"] == key)

    def deploy(self, region, stack, template, **parameters):
        self.api(region, "cloudformation", "CreateStack", StackName=stack, TemplateBody=(ROOT / template).read_text(),
                 Capabilities=["CAPABILITY_IAM"],
                 Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()])
        self.settled(region, stack, "CREATE_COMPLETE")

    def settled(self, region, stack, status):
        until(f"stack {stack} is {status}",
              lambda: self.api(region, "cloudformation", "DescribeStacks", StackName=stack)["Stacks"][0]["StackStatus"] == status)

    def address(self, name):
        out = run("dig", "+short", "+tries=1", "+time=2", "@" + self.env["RELIGHT_DNS"].removesuffix(":53"), name, check=False).stdout.split()
        return out[-1] if out else ""


def prepare():
    """Both stacks as they stand just before the disaster, in STAGE/before and STAGE/config.before. Done already: nothing."""
    if (STAGE / "ready").exists() and (STAGE / "slot").exists() and (STAGE / "slot").read_text() == SLOT:
        return  # of these addresses: a stage of others would look for its databases where they were
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir(parents=True)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    box = Sandbox(STAGE / "sandbox", port)
    try:
        box.up()
        password = box.env["RELIGHT_DB_PASSWORD"]
        box.deploy(PRIMARY, "lamp-primary", "examples/lamp/primary.yaml", DatabasePassword=password, Extras=EXTRAS, Image=box.image(STAGE / "image", REGISTRY))
        box.api(RECOVERY, "s3", "CreateBucket", Bucket="relight-runs", CreateBucketConfiguration={"LocationConstraint": RECOVERY})
        shutil.copytree(ROOT / "examples/lamp", STAGE / "config.before", ignore=lambda d, names: set(names) - {"relight.yaml"})
        config = STAGE / "config.before/relight.yaml"
        config.write_text(config.read_text().replace("primary: us-east-1, recovery: us-west-2", f"primary: {PRIMARY}, recovery: {RECOVERY}"))
        # Not into the repository around this directory.
        env = box.env | {"RELIGHT_PARAMETER_DB_PASSWORD": password, "GIT_CEILING_DIRECTORIES": str(STAGE)}
        for words in (("capture",), ("synth",), ("deploy", "--yes", "--touch-primary"), ("status",)):
            run(BIN / "relight", "--config", STAGE / "config.before/relight.yaml", *words, env=env)
        shutil.rmtree(STAGE / "config.before/iac")  # stories begin without a capture
        # What lived in this very process's directory goes with the copies: the journal's kept topology.
    finally:
        box.down()
    (STAGE / "sandbox").rename(STAGE / "before")
    (STAGE / "slot").write_text(SLOT)
    (STAGE / "ready").write_text(str(port))


def changes_the_world(story):
    """Of a shared class: after this story the others want a stage that nobody has touched."""
    story.changes_the_world = True
    return story


class Story(unittest.TestCase):
    """One story: a fresh copy of the stage, both regions up, the replica receiving."""
    loses_primary = False
    shared = False  # the stories of the class have one stage, a home of their own each
    refusal = ""  # of the last write that was not acknowledged
    raised = None  # the sandbox that a shared class's next story finds

    def setUp(self):
        prepare()
        self.home = STAGE / "story"
        shutil.rmtree(self.home, ignore_errors=True)
        run("cp", "-a", STAGE / "config.before", self.home)
        self.config = self.home / "relight.yaml"
        self.addCleanup(shutil.rmtree, self.home, True)
        self.box = self.raised or self.raise_stage()
        stays = self.shared and not hasattr(getattr(self, self._testMethodName), "changes_the_world")
        type(self).raised = self.box if stays else None
        if not stays:
            self.addCleanup(self.lower_stage, self.box)
        self.old_address = self.box.address(self.box.output(PRIMARY, "lamp-primary", "BalancerName"))
        self.new_address = self.box.address(self.box.output(RECOVERY, "lamp-pilot", "BalancerName"))
        if self.loses_primary:
            self.box("lose", PRIMARY)

    @classmethod
    def tearDownClass(cls):
        if cls.raised:
            cls.lower_stage(cls.raised)
            cls.raised = None

    def raise_stage(self):
        shutil.rmtree(STAGE / "sandbox", ignore_errors=True)
        run("cp", "-a", "--sparse=always", STAGE / "before", STAGE / "sandbox")
        self.box = Sandbox(STAGE / "sandbox", int((STAGE / "ready").read_text()))
        try:
            self.box.up()
            until("both regions serve and the replica receives", self.healthy)
        except BaseException:
            self.lower_stage(self.box)
            raise
        return self.box

    @staticmethod
    def lower_stage(box):
        box.down()
        shutil.rmtree(STAGE / "sandbox", ignore_errors=True)

    def healthy(self):
        s = json.loads(self.relight("--json", "status").stdout)
        return (s["primary"]["tasks"] == "2 of 2" and s["primary"]["load_balancer"] == "200" and
                s["replication"].get("io") == "Yes" and s["replication"].get("sql") == "Yes")

    def relight(self, *words, check=True, config=None, cwd=None, program=("relight",)):
        return run(BIN / program[0], *program[1:], "--config", config or self.config, *words, check=check, env=self.box.env, cwd=cwd)

    def start(self, *words, config=None, **more):
        p = subprocess.Popen([str(BIN / "relight"), "--config", str(config or self.config), *words], env=self.box.env,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
        self.addCleanup(self.ended, p)
        return p

    @staticmethod
    def ended(p):
        if p.poll() is None:
            p.send_signal(signal.SIGCONT)
            p.kill()
        p.communicate()

    def refused(self, answer, code, *says):
        """It ended with that exit code and its words hold all of these."""
        words = answer.stdout + answer.stderr
        self.assertEqual(answer.returncode, code, words)
        for s in says:
            self.assertIn(s, words)
        return words

    def promotions(self):
        return sum("promotion accepted" in e["what"] for e in self.box.events())

    def post(self, token, address=None, seconds=5):
        """Status of one write as a visitor would send it; 0 when nobody answered."""
        body = json.dumps({"token": token, "name": "story", "message": "a line"}).encode()
        r = urllib.request.Request(f"http://{address or self.new_address}/entries", body,
                                   {"Host": DOMAIN, "Accept": "application/json", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(r, timeout=seconds) as answer:
                return answer.status
        except urllib.error.HTTPError as e:
            self.refusal = f"{e.code} {e.headers.get('Server', '')} {e.read(1000)}"
            return e.code
        except OSError as e:
            self.refusal = str(e)
            return 0

    def written(self, token, address=None):
        """Posts as a visitor's browser does, again until it is acknowledged: a token counts once."""
        def acknowledged():
            if self.post(token, address) not in (200, 201):
                raise AssertionError(self.refusal)
            return True
        until(f"{token} is acknowledged", acknowledged)

    def tokens(self, address=None):
        r = urllib.request.Request(f"http://{address or self.new_address}/entries?since=0&limit=1000",
                                   headers={"Host": DOMAIN, "Accept": "application/json"})
        with urllib.request.urlopen(r, timeout=5) as answer:
            return {e["token"] for e in json.load(answer)["entries"]}

    def host_of(self, region, stack):
        return self.box.address(self.box.output(region, stack, "DatabaseEndpoint"))

    def sql(self, region, stack, *statements):
        env = dict(self.box.env, MYSQL_PWD=self.box.env["RELIGHT_DB_PASSWORD"])
        return run("mariadb", "--no-defaults", "-h", self.host_of(region, stack), "-u", "lampadmin", "-N", "-B", "lamp", "-e",
                   "; ".join(statements), env=env).stdout.strip()

    def in_s3(self, name="elsewhere"):
        """A configuration that coordinates through the recovery region's bucket, in a directory of its own without state."""
        directory = self.home / name
        directory.mkdir()
        text = (STAGE / "config.before/relight.yaml").read_text()
        head, _, _ = text.partition("coordination:")
        (directory / "relight.yaml").write_text(head + "coordination:\n  s3: {bucket: relight-runs, prefix: lamp}\n  lease: 3s\n")
        return directory / "relight.yaml"

    def writer(self, address, name):
        w = Writer(self, address, name)
        self.addCleanup(w.stop)
        return w


class Writer:
    """Writes without pause until stopped; keeps (token, when it was sent, when it was acknowledged)."""

    def __init__(self, story, address, name):
        self.story, self.address, self.name, self.acknowledged, self.stopping = story, address, name, [], False
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        n = 0
        while not self.stopping:
            n += 1
            token, sent = f"{self.name}-{n}", time.time()
            status = self.story.post(token, self.address, seconds=2)
            if 200 <= status < 300:
                self.acknowledged.append((token, sent, time.time()))

    def stop(self):
        self.stopping = True
        self.thread.join()
