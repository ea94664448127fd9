"""Two operators: one acts, the other is told who."""
import os
import signal
import subprocess
import unittest

from stage import BIN, Story, run, until

FAILOVER = ("failover", "--yes", "--accept-unproven-fence", "--accept-loss", "unknown", "--reason", "story")


class Operators(Story):
    loses_primary = True

    def paused(self, after, config=None):
        """A failover that stands still, alive, right after that many journal events."""
        p = subprocess.Popen([str(BIN / "relight-crashing"), f"pause{after}", "--config", str(config or self.config), *FAILOVER],
                             env=self.box.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.ended, p)
        _, status = os.waitpid(p.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status), p)
        return p

    def refuses_a_second(self, first, second_config):
        run_id = self.relight("runs", config=second_config).stdout.split()[0]
        for words in (FAILOVER, ("resume",), ("resume", run_id)):
            self.refused(self.relight(*words, check=False, config=second_config, cwd="/"), 4, "another relight is at work",
                         f"pid {first.pid}", run_id, os.uname().nodename, "since 20", "Do:", "relight show")
        self.assertEqual(self.promotions(), 0)
        first.send_signal(signal.SIGCONT)
        out, err = first.communicate(timeout=120)
        self.assertEqual(first.returncode, 0, out + err)
        self.assertEqual(self.promotions(), 1)
        self.assertEqual(self.post("after"), 201)


class OneHolder(Operators):
    def test_a_second_failover_and_a_resume_beside_a_living_holder_are_refused_and_name_it(self):
        first = self.paused(5)
        copy = self.home / "copy"
        copy.mkdir()
        (copy / "relight.yaml").write_text(self.config.read_text().replace("sqlite: var", f"sqlite: {self.home}/var"))
        self.refuses_a_second(first, copy / "relight.yaml")

    def test_the_same_through_s3_from_a_directory_that_shares_nothing(self):
        first = self.paused(5, self.in_s3("one"))
        self.refuses_a_second(first, self.in_s3("another"))


class Elsewhere(Operators):
    """Everything that a run needs is in the recovery region: the directory and its state are gone."""

    def test_killed_in_the_middle_it_is_resumed_by_a_machine_without_local_state(self):
        one = self.in_s3("one")
        killed = self.relight(*FAILOVER, check=False, config=one, program=("relight-crashing", "14"))
        self.assertEqual(killed.returncode, -signal.SIGKILL, killed.stdout + killed.stderr)
        run("rm", "-rf", one.parent)
        answer = self.relight("resume", "--accept-unproven-fence", "--accept-loss", "unknown", config=self.in_s3("two"), cwd="/")
        self.assertIn("succeeded", answer.stdout)
        self.assertIn("epoch 2", answer.stdout)
        self.assertEqual(self.promotions(), 1)
        self.assertEqual(self.post("after"), 201)
        self.assertEqual(sorted(p.name for p in (self.home / "two").iterdir()), ["relight.yaml"])

    def test_a_holder_that_slept_through_its_lease_does_nothing_more_when_it_wakes(self):
        sleeper = self.paused(5, self.in_s3("one"))
        two = self.in_s3("two")
        answer = until("its lease has ended", lambda: (
            lambda a: a if a.returncode != 4 else None)(self.relight("resume", "--accept-unproven-fence", "--accept-loss", "unknown",
                                                                    check=False, config=two)))
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        sleeper.send_signal(signal.SIGCONT)
        out, err = sleeper.communicate(timeout=120)
        self.assertEqual(sleeper.returncode, 5, out + err)
        self.assertIn("epoch 1 is over", err)
        self.assertEqual(self.promotions(), 1)

    def test_of_failovers_begun_at_once_exactly_one_wins(self):
        for round_ in range(3):
            with self.subTest(round=round_):
                config = [self.in_s3(f"racer{round_}-{i}") for i in range(4)]
                racers = [self.start(*FAILOVER, *(["--again"] if round_ else []), config=c) for c in config]
                done = [(p.communicate(timeout=120), p.returncode) for p in racers]
                # The others found a living holder, its open run, or the window that a finished one leaves.
                winners = [d for d in done if d[1] == 0]
                if round_ == 0:
                    self.assertEqual(len(winners), 1, done)
                else:  # what was promoted is no replica any more: all are refused, none acts
                    self.assertEqual(winners, [], done)
                self.assertTrue(all(d[1] in (3, 4) for d in done if d not in winners), done)
                self.assertEqual(self.promotions(), 1)


if __name__ == "__main__":
    unittest.main()
