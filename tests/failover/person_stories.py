"""A person at a terminal: what is asked, what is shown, what a plan leaves alone."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
import unittest

from stage import BIN, PRIMARY, Story, until

WIDTH, HEIGHT = 80, 24


class Screen:
    """As much of a terminal as the table uses: lines, the cursor up, a line erased."""

    def __init__(self):
        self.lines, self.row, self.wrapped = [""], 0, False

    def take(self, text):
        for word in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
            if word.endswith("A") and word.startswith("\x1b"):
                self.row = max(0, self.row - int(word[2:-1] or 1))
            elif word == "\x1b[2K":
                self.lines[self.row] = ""
            elif word == "\n":
                self.row += 1
                while len(self.lines) <= self.row:
                    self.lines.append("")
            elif not word.startswith("\x1b") and word != "\r":
                self.lines[self.row] += word
                self.wrapped |= len(self.lines[self.row]) >= WIDTH


class Person(Story):
    def at_a_terminal(self, *words, typed=None):
        """Exit code, everything written, the terminal's settings before and after."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        before = termios.tcgetattr(slave)
        p = subprocess.Popen([str(BIN / "relight"), "--config", str(self.config), *words], env=self.box.env, stdin=slave,
                             stdout=slave, stderr=slave, start_new_session=True)
        self.addCleanup(lambda: p.poll() is None and p.kill())
        out, end = b"", time.monotonic() + 120
        while time.monotonic() < end:
            if select.select([master], [], [], 0.05)[0]:
                out += os.read(master, 65536)
            elif p.poll() is not None:
                break
            if typed is not None and b"Type the application's name" in out:
                os.write(master, typed.encode() + b"\n")
                typed = None
        self.assertEqual(termios.tcgetattr(slave), before)
        return p.wait(), out.decode()

    def test_without_the_applications_name_nothing_is_done(self):
        code, out = self.at_a_terminal("failover", typed="lamb")
        self.assertEqual(code, 3, out)
        self.assertIn("the name was not typed; nothing was done", out)
        self.assertIn("Fence expected: proven", out)
        self.assertIn("Loss expected: unknown (no heartbeat)", out)
        self.assertEqual(self.promotions(), 0)
        self.assertIn("No runs yet", self.relight("runs").stdout)

    def test_with_it_the_table_stays_within_the_screen_and_leaves_the_terminal_as_it_was(self):
        self.box("lose", PRIMARY)
        code, out = self.at_a_terminal("failover", "--accept-loss", "unknown", typed="lamp")
        self.assertEqual(code, 0, out)
        self.assertIn("Fence expected: UNPROVEN", out)
        screen = Screen()
        screen.take(out[out.index("to fail over to"):])
        self.assertFalse(screen.wrapped, out)
        table = [line for line in screen.lines if line.startswith("+ ")]
        self.assertEqual(len(table), 12, "\n".join(screen.lines))  # each step once, done: nothing was drawn twice
        self.assertTrue(all("done in" in line for line in table), table)
        self.assertLess(len(table) + 6, HEIGHT)
        self.assertNotRegex(out, r"\x1b\[\?(25l|1049h)")  # neither the cursor nor the screen was taken away

    def test_a_plan_changes_nothing(self):
        """By the calls that it makes: what happens in the regions goes on by itself meanwhile."""
        log = self.home / "calls"
        self.box.env["RELIGHT_CALL_LOG"] = str(log)
        self.addCleanup(self.box.env.pop, "RELIGHT_CALL_LOG")
        plan = self.relight("failover", "--plan").stdout
        for word in ("the point of no return", "rds:PromoteReadReplica lamp-pilot-db in us-west-2", "desiredCount=2 in us-west-2",
                     "Expected in all"):
            self.assertIn(word, plan)
        asked = [line.split()[0] for line in log.read_text().splitlines()]
        self.assertGreater(len(asked), 0)
        self.assertEqual([a for a in asked if not a.split(":")[1].startswith(("Describe", "Get", "List"))], [])
        self.assertIn("No runs yet", self.relight("runs").stdout)

    def test_with_the_primary_dead_and_nothing_kept_the_recovery_region_tells_enough(self):
        self.box("lose", PRIMARY)
        for left in self.home.glob("var"):
            subprocess.run(["rm", "-rf", str(left)], check=True)
        status = self.relight("status").stdout
        self.assertRegex(status, r"database +unknown \((?!its name)")
        self.assertIn(f"({PRIMARY})", status)  # where DNS points, by the balancer's name that the pilot stack knows
        self.relight("failover", "--yes", "--accept-unproven-fence", "--accept-loss", "unknown")
        self.assertEqual(self.promotions(), 1)
        self.assertEqual(self.post("after"), 201)

    def test_a_configuration_that_is_wrong_is_told_where(self):
        text = self.config.read_text()
        for wrong, place in ((text.replace("{rto: 15m, rpo: 1m}", "{rto: soon, rpo: 1m}"), r":5:19"),
                             (text.replace("capacity: {tasks: 2,", "capacities: {tasks: 2,"), r":6:1"),
                             (text.replace("application: lamp", "application: [lamp"), r":\d+:\d+")):
            self.config.write_text(wrong)
            for verb in (("failover", "--yes"), ("status",), ("resume",)):
                words = self.refused(self.relight(*verb, check=False), 2)
                self.assertRegex(words, r"relight\.yaml" + place)


class OwnSteps(Story):
    def run_of(self, waits):
        """The run whose waiting line says how to approve it."""
        found = re.search(r"relight approve (\S+) agreed", waits)
        return found.group(1) if found else None

    def test_a_command_an_answer_and_a_persons_word_stand_where_they_were_told(self):
        (self.home / "warm").write_text("#!/bin/sh\necho $RELIGHT_RUN $RELIGHT_RECOVERY > warmed\n")
        (self.home / "warm").chmod(0o755)
        self.config.write_text(self.config.read_text() + f"""steps:
  - {{name: warm, after: open, command: [./warm]}}
  - {{name: search, before: validate, http: {{url: "http://{self.box.output('us-west-2', 'lamp-pilot', 'BalancerName')}/healthz"}}}}
  - {{name: agreed, before: dns, approval: "Shall the visitors be sent over?"}}
""")
        self.assertIn("command: ./warm", self.relight("failover", "--plan").stdout)
        self.box("lose", PRIMARY)
        said = self.home / "said"
        with open(said, "w") as out:
            p = subprocess.Popen([str(BIN / "relight"), "--config", str(self.config), "failover", "--yes", "--accept-unproven-fence",
                                  "--accept-loss", "unknown"], env=self.box.env, stdout=out, stderr=out)
        self.addCleanup(self.ended, p)
        run = until("it asks for a person's word", lambda: self.run_of(said.read_text()))
        self.refused(self.relight("approve", run, "warm", check=False), 2, "waits for nobody's approval")
        self.assertEqual(self.box.address("www.lamp.example"), self.old_address)
        self.assertIn("Shall the visitors", self.relight("approve", run, "agreed").stdout)
        self.assertEqual(p.wait(120), 0, said.read_text())
        self.assertEqual((self.home / "warmed").read_text(), f"{run} us-west-2\n")
        self.assertIn("approved_by", self.relight("show", run).stdout)
        self.assertEqual(self.box.address("www.lamp.example"), self.new_address)
        self.refused(self.relight("approve", run, "agreed", check=False), 3, "has ended")


if __name__ == "__main__":
    unittest.main()
