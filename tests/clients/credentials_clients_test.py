"""`relight api` as the client: profiles whose roles the sandbox's STS hands out. Where the keys come from else is told by client_test."""
import json
import os
import pathlib
import subprocess
import unittest

from sandbox import ClientStory

RELIGHT = pathlib.Path(os.environ["RELIGHT_BIN"]) / "relight"
ROLE = "arn:aws:iam::000000000000:role/"


def trust(principal):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]})


class Credentials(ClientStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        box = cls.box
        cls.key, cls.secret = box.env["AWS_ACCESS_KEY_ID"], box.env["AWS_SECRET_ACCESS_KEY"]
        iam = box.client(service="iam")
        iam.create_role(RoleName="first", AssumeRolePolicyDocument=trust("arn:aws:iam::000000000000:root"))
        iam.create_role(RoleName="second", AssumeRolePolicyDocument=trust("arn:aws:sts::000000000000:assumed-role/first/night-shift"))
        helper = pathlib.Path(box.dir) / "keys"
        helper.write_text("#!/bin/sh\necho noise >&2\ncat <<'END'\n" + json.dumps(
            {"Version": 1, "AccessKeyId": cls.key, "SecretAccessKey": cls.secret}) + "\nEND\n")
        helper.chmod(0o700)
        folder = pathlib.Path(box.dir) / ".aws"
        folder.mkdir()
        (folder / "credentials").write_text(f"[me]\naws_access_key_id = {cls.key}\naws_secret_access_key = {cls.secret}\n")
        (folder / "config").write_text(f"""[profile one]
role_arn = {ROLE}first
source_profile = me
role_session_name = night-shift
[profile two]
role_arn = {ROLE}second
source_profile = one
role_session_name = chained
[profile tool]
credential_process = "{helper}"
[profile tooled]
role_arn = {ROLE}first
source_profile = tool
role_session_name = by-tool
[profile denied]
role_arn = {ROLE}second
source_profile = me
""")

    def who(self, profile, **more):
        env = {k: v for k, v in self.box.env.items() if k not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        return subprocess.run([RELIGHT, "api", "sts", "GetCallerIdentity", "--region", "us-west-2"], capture_output=True, text=True,
                              env=env | {"AWS_PROFILE": profile} | more, timeout=60)

    def assertCallerIs(self, done, role, session):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["Arn"], f"arn:aws:sts::000000000000:assumed-role/{role}/{session}")

    def test_a_profile_s_role_is_who_calls(self):
        log = pathlib.Path(self.box.dir) / "calls"
        self.assertCallerIs(self.who("one", RELIGHT_CALL_LOG=str(log)), "first", "night-shift")
        self.assertEqual(log.read_text().splitlines(), ["sts:AssumeRole us-west-2 ok", "sts:GetCallerIdentity us-west-2 ok"])

    def test_roles_are_chained(self):
        self.assertCallerIs(self.who("two"), "second", "chained")

    def test_a_program_prints_the_keys_that_assume_the_role(self):
        self.assertCallerIs(self.who("tooled"), "first", "by-tool")

    def test_a_role_that_does_not_trust_the_source_says_what_to_change_and_no_secret(self):
        done = self.who("denied")
        self.assertNotEqual(done.returncode, 0)
        for part in ("profile 'denied'", "AccessDenied", ROLE + "second", "trust policy"):
            self.assertIn(part, done.stderr)
        self.assertNotIn(self.secret, done.stderr + done.stdout)

    def test_nobody_s_credentials_are_explained(self):
        env = {k: v for k, v in self.box.env.items() if k not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        done = subprocess.run([RELIGHT, "api", "sts", "GetCallerIdentity", "--region", "us-west-2"], capture_output=True, text=True,
                              env=env, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        for part in ("environment", "web identity", "shared files", "container", "instance metadata", "docs/credentials.md"):
            self.assertIn(part, done.stderr)


if __name__ == "__main__":
    unittest.main()
