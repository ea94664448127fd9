"""A relight-sandbox that a story starts, kills and starts again; gone with the test, whatever happens to it."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import termios
import time

import boto3
from botocore.config import Config

BINARY = str(pathlib.Path(os.environ["RELIGHT_BIN"]) / "relight-sandbox")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(condition, seconds=60):
    """The condition's first true answer; an error when it does not come in this time."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError("it did not come true in time")
        time.sleep(0.05)


def relight_sandbox(*words, **how):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=60, **how)


def at(terminal):
    if terminal is None:
        return {}
    return {"stdin": terminal, "start_new_session": True, "preexec_fn": lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)}


class Box:
    def __init__(self, prefix="relight-story-"):
        self.dir = tempfile.mkdtemp(prefix=prefix)
        self.listen = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.listen}"
        self.process = None
        self.seen_at = ""  # where its own mount namespace is seen from here
        self.env = {}

    # `before`: shell commands to run in a mount namespace of the sandbox's own, before it starts.
    # `terminal`: the sandbox's end of one, whose foreground it then is.
    def up(self, *words, before="", check=True, limit_files=None, terminal=None):
        shell = f"{before}\n{f'ulimit -n {limit_files}' if limit_files else ''}\nexec \"$@\""
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", shell, "sh"] if before else ["sh", "-c", shell, "sh"]
        self.log = open(os.path.join(tempfile.gettempdir(), os.path.basename(self.dir) + ".log"), "a+")
        # For where_it_waits: a sanitizer's build says then where it was.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":handle_abort=1"
        self.process = subprocess.Popen([*command, BINARY, "up", "--dir", self.dir, "--listen", self.listen, *words],
                                        stdout=self.log, stderr=self.log, text=True, env=os.environ | {"ASAN_OPTIONS": sanitizer}, **at(terminal))
        self.seen_at = f"/proc/{self.process.pid}/root" if before else ""
        until(lambda: self.process.poll() is not None or self.env_lines())
        if check and self.process.poll() is not None:
            raise AssertionError("the sandbox ended before it was ready: " + self.said())
        self.env = dict(line.removeprefix("export ").split("=", 1) for line in self.env_lines())
        return self

    def said(self):
        return pathlib.Path(self.log.name).read_text()

    # The verbs meet the sandbox through its directory as it sees it.
    def verb(self, *words):
        return relight_sandbox(*words, "--dir", self.seen_at + self.dir)

    def env_lines(self):
        return self.verb("env").stdout.splitlines()

    def client(self, service, region="us-east-1", **config):
        return boto3.client(service, endpoint_url=self.url, region_name=region, aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
                            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, **config))

    def end(self, how=signal.SIGINT):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(30) if self.process else None
        except subprocess.TimeoutExpired:
            raise AssertionError("the sandbox does not end; it waits here:\n" + self.where_it_waits()) from None

    def where_it_waits(self):
        """What the threads of each process wait for; and the main thread's stack, which a sanitizer's build says of itself when it
        is aborted, here or in the file that its log_path names."""
        found = []
        for p, words in self.processes():
            for t in sorted(pathlib.Path(f"/proc/{p}/task").glob("*")):
                try:
                    found.append(" ".join([p, *((t / f).read_text().strip() for f in ("comm", "wchan", "syscall"))]))
                except OSError:  # it ended meanwhile
                    pass
        before = len(self.said())
        os.kill(self.server_pid(), signal.SIGABRT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            found.append("SIGABRT does not end it either")
        return "\n".join(found) + "\n" + self.said()[before:]

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)
        until(lambda: not self.processes())
        shutil.rmtree(self.dir, ignore_errors=True)
        if self.process:
            self.log.close()
            os.unlink(self.log.name)

    # What still runs, is mounted, or is held in a control group on account of this directory.
    def processes(self):
        found = []
        for p in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (p / "cmdline").read_bytes()
                if self.dir.encode() in words and int(p.name) != os.getpid():
                    found.append((p.name, words.replace(b"\0", b" ").decode(errors="replace")))
            except (FileNotFoundError, ProcessLookupError):
                pass
        return found

    def mounts(self):
        return [m for m in pathlib.Path("/proc/self/mountinfo").read_text().splitlines() if self.dir in m]

    def control_groups(self):
        name = "relight-" + hashlib.sha256(os.path.realpath(self.dir).encode()).hexdigest()[:12]
        return [p for p in pathlib.Path("/sys/fs/cgroup").glob(f"**/{name}*") if p.is_dir()]

    def memory_kb(self):
        """Resident memory of the server; 0 where a sanitizer's own memory would be measured."""
        process = pathlib.Path(f"/proc/{self.server_pid()}")
        if "libasan" in (process / "maps").read_text():
            return 0
        return int((process / "status").read_text().split("VmRSS:")[1].split()[0])

    def server_pid(self):
        """The process that serves: the one below the namespace's first."""
        return max(int(p) for p, words in self.processes() if " up " in words and BINARY in words and not words.startswith("sh "))

    def program_pids(self, name):
        return [int(p) for p, words in self.processes() if words.split(" ")[0].endswith(name)]

