"""A sandbox for a client's story: its own directory, port and addresses; gone with the test."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

FAST = {"Delay": 1, "MaxAttempts": 60}  # for boto3's waiters
BINARY = pathlib.Path(os.environ["RELIGHT_BIN"]) / "relight-sandbox"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Sandbox:
    """A sandbox of its own in the foreground: it ends with its process, whatever happens to the test."""

    driver = None  # of the AWS CLI, once it is wanted

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="relight-clients-")
        self.listen = f"127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            [BINARY, "--dir", self.dir, "up", "--listen", self.listen, "--slot", "-1"],
            stdout=subprocess.PIPE, text=True)
        while not self.verb("env", check=False).startswith("export"):
            if self.process.poll() is not None:
                raise RuntimeError("the sandbox ended before it was ready")
            time.sleep(0.02)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        exports = dict(line.removeprefix("export ").split("=", 1)
                       for line in self.verb("env").splitlines() if line.startswith("export "))
        self.env = {**clean, **exports, "HOME": self.dir, "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true"}
        self.url = f"http://{self.listen}"

    def verb(self, *words, check=True):
        r = subprocess.run([BINARY, "--dir", self.dir, *words], capture_output=True, text=True)
        if check and r.returncode != 0:
            raise AssertionError(r.stderr)
        return r.stdout

    def eventually(self, holds, seconds=30):
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise AssertionError("it never came to hold")
            time.sleep(0.02)

    def stop(self):
        if self.driver:
            self.driver.communicate()  # it ends with its input
        self.process.terminate()
        self.process.communicate(timeout=30)
        shutil.rmtree(self.dir, ignore_errors=True)

    def client(self, region="us-east-1", service="s3", key=None, secret=None, **config):
        return boto3.client(
            service, endpoint_url=self.url, region_name=region, aws_access_key_id=key or self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=secret or self.env["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, **config))

    def aws(self, *words, region="us-east-1"):
        return subprocess.run(["/usr/bin/aws", "--endpoint-url", self.url, "--region", region, *words],
                              capture_output=True, text=True, env=self.env)

    def cli(self, *words, region="us-east-1"):
        """As aws(), by one process that stays (cli_driver.py)."""
        if not self.driver:
            self.driver = subprocess.Popen(["/usr/bin/python3", pathlib.Path(__file__).with_name("cli_driver.py")],
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.env)
        self.driver.stdin.write(json.dumps(["--endpoint-url", self.url, "--region", region, *words]) + "\n")
        self.driver.stdin.flush()
        answer = json.loads(self.driver.stdout.readline())
        return subprocess.CompletedProcess(words, answer["code"], answer["out"], answer["err"])


class ClientStory(unittest.TestCase):
    """Stories of one sandbox."""
    @classmethod
    def setUpClass(cls):
        cls.box = Sandbox()
        cls.addClassCleanup(cls.box.stop)

    def c(self, service):
        return self.box.client(service=service)

    def code(self, f, *args, **kw):
        """The code of the error that a boto3 call ends with."""
        with self.assertRaises(ClientError) as e:
            f(*args, **kw)
        return e.exception.response["Error"]["Code"]
