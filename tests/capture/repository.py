"""The example in the real sandbox, with its relight.yaml in a git repository of its own."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "failover"))
from stage import BIN, PRIMARY, RECOVERY, Story, changes_the_world, run, until  # noqa: E402, F401


class InRepository(Story):
    shared = True

    def setUp(self):
        super().setUp()
        self.box.env |= {"GIT_AUTHOR_NAME": "story", "GIT_AUTHOR_EMAIL": "story@example", "GIT_COMMITTER_NAME": "story",
                         "GIT_COMMITTER_EMAIL": "story@example", "GIT_CONFIG_GLOBAL": "/dev/null"}
        self.box.env["GIT_CEILING_DIRECTORIES"] = str(self.home.parent)
        run("git", "init", "-q", self.home)

    def capture(self, *words):
        return self.relight("capture", *words).stdout

    def git(self, *words):
        return run("git", "-C", self.home, *words).stdout

    def files(self):
        return {str(p.relative_to(self.home / "iac/captured")): p.read_text() for p in (self.home / "iac/captured").rglob("*.json")}

    def service(self):
        return {"cluster": self.box.output(PRIMARY, "lamp-primary", "ClusterName"),
                "service": self.box.output(PRIMARY, "lamp-primary", "ServiceName")}

    def new_revision(self, change):
        """The service runs its task definition as change(it) left it; the new ARN."""
        where = self.service()
        found = self.box.api(PRIMARY, "ecs", "DescribeServices", cluster=where["cluster"], services=[where["service"]])["services"][0]
        task = self.box.api(PRIMARY, "ecs", "DescribeTaskDefinition", taskDefinition=found["taskDefinition"])["taskDefinition"]
        change(task)
        kept = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "requiresCompatibilities", "cpu",
                "memory", "volumes", "placementConstraints")
        again = self.box.api(PRIMARY, "ecs", "RegisterTaskDefinition", **{k: task[k] for k in kept if k in task})
        arn = again["taskDefinition"]["taskDefinitionArn"]
        self.box.api(PRIMARY, "ecs", "UpdateService", **where, taskDefinition=arn)
        return arn
