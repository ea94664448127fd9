"""`aws cloudformation deploy` of the example's primary.yaml as it is, and boto3's waiters over what it made."""
import pathlib
import subprocess
import tempfile
import unittest
import urllib.request

from botocore.exceptions import ClientError, WaiterError

from sandbox import FAST, ClientStory

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAST = {"Delay": 1, "MaxAttempts": 90}


class Deploy(ClientStory):
    """One stack for all the stories, which stand in the order of their names; the stack goes in the last one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scratch = tempfile.TemporaryDirectory(prefix="relight-deploy-")
        cls.addClassCleanup(scratch.cleanup)
        subprocess.run([ROOT / "examples/lamp/image/assemble", scratch.name], check=True, capture_output=True)
        cls.box.verb("image", scratch.name, "lamp:latest")
        cls.deployed = cls.deploy()

    @classmethod
    def deploy(cls, *more):
        return cls.box.aws("cloudformation", "deploy", "--stack-name", "lamp-primary", "--template-file",
                           str(ROOT / "examples/lamp/primary.yaml"), "--capabilities", "CAPABILITY_IAM", *more,
                           "--parameter-overrides", "DatabasePassword=deploy-story-1")

    def outputs(self):
        stack = self.box.client(service="cloudformation").describe_stacks(StackName="lamp-primary")["Stacks"][0]
        return stack["StackStatus"], {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}

    def test_1_the_stack_is_there_and_serves(self):
        self.assertEqual(self.deployed.returncode, 0, self.deployed.stderr)
        status, outputs = self.outputs()
        self.assertEqual(status, "CREATE_COMPLETE")
        ecs, elb, rds = (self.box.client(service=s) for s in ("ecs", "elbv2", "rds"))
        ecs.get_waiter("services_stable").wait(cluster=outputs["ClusterName"], services=[outputs["ServiceName"]], WaiterConfig=FAST)
        tasks = ecs.list_tasks(cluster=outputs["ClusterName"])["taskArns"]
        ecs.get_waiter("tasks_running").wait(cluster=outputs["ClusterName"], tasks=tasks, WaiterConfig=FAST)
        balancer = elb.describe_load_balancers(LoadBalancerArns=[outputs["BalancerArn"]])["LoadBalancers"][0]
        elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[balancer["LoadBalancerArn"]], WaiterConfig=FAST)
        elb.get_waiter("target_in_service").wait(TargetGroupArn=outputs["TargetGroupArn"], WaiterConfig=FAST)
        rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=outputs["DatabaseIdentifier"], WaiterConfig=FAST)
        address = subprocess.run(["dig", "+short", "@" + self.box.env["RELIGHT_DNS"].removesuffix(":53"), balancer["DNSName"]],
                                 capture_output=True, text=True, check=True).stdout.split()[0]
        with urllib.request.urlopen(f"http://{address}/readyz", timeout=20) as answer:
            self.assertEqual(answer.status, 200)

    def test_2_the_same_again_changes_nothing(self):
        again = self.deploy("--no-fail-on-empty-changeset")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("No changes to deploy", again.stdout + again.stderr)

    def test_3_a_change_set_shows_one_parameters_change_and_carries_it_out(self):
        cf, ecs = self.box.client(service="cloudformation"), self.box.client(service="ecs")
        template = (ROOT / "examples/lamp/primary.yaml").read_text()
        keep = [{"ParameterKey": "DatabasePassword", "UsePreviousValue": True}]
        cf.create_change_set(StackName="lamp-primary", ChangeSetName="three", TemplateBody=template, Capabilities=["CAPABILITY_IAM"],
                             Parameters=keep + [{"ParameterKey": "DesiredCount", "ParameterValue": "3"}])
        cf.get_waiter("change_set_create_complete").wait(StackName="lamp-primary", ChangeSetName="three", WaiterConfig=FAST)
        changes = cf.describe_change_set(StackName="lamp-primary", ChangeSetName="three")["Changes"]
        self.assertIn(("AWS::ECS::Service", "Modify"),
                      [(c["ResourceChange"]["ResourceType"], c["ResourceChange"]["Action"]) for c in changes])
        cf.execute_change_set(StackName="lamp-primary", ChangeSetName="three")
        cf.get_waiter("stack_update_complete").wait(StackName="lamp-primary", WaiterConfig=FAST)
        _, outputs = self.outputs()
        ecs.get_waiter("services_stable").wait(cluster=outputs["ClusterName"], services=[outputs["ServiceName"]], WaiterConfig=FAST)
        service = ecs.describe_services(cluster=outputs["ClusterName"], services=[outputs["ServiceName"]])["services"][0]
        self.assertEqual((service["desiredCount"], service["runningCount"]), (3, 3))

    def test_4_a_snapshot_is_made_waited_for_and_goes(self):
        rds = self.box.client(service="rds")
        _, outputs = self.outputs()
        rds.create_db_snapshot(DBSnapshotIdentifier="story", DBInstanceIdentifier=outputs["DatabaseIdentifier"])
        rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier="story", WaiterConfig=FAST)
        rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=outputs["DatabaseIdentifier"], WaiterConfig=FAST)
        rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="restored", DBSnapshotIdentifier="story")
        rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="restored", WaiterConfig=FAST)
        rds.delete_db_instance(DBInstanceIdentifier="restored", SkipFinalSnapshot=True)
        rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier="restored", WaiterConfig=FAST)
        rds.delete_db_snapshot(DBSnapshotIdentifier="story")
        rds.get_waiter("db_snapshot_deleted").wait(DBSnapshotIdentifier="story", WaiterConfig=FAST)

    def test_5_tasks_stop_and_are_waited_for(self):
        ecs = self.box.client(service="ecs")
        _, outputs = self.outputs()
        cluster, service = outputs["ClusterName"], outputs["ServiceName"]
        tasks = ecs.list_tasks(cluster=cluster)["taskArns"]
        ecs.update_service(cluster=cluster, service=service, desiredCount=0)
        ecs.get_waiter("tasks_stopped").wait(cluster=cluster, tasks=tasks, WaiterConfig=FAST)
        self.assertEqual(ecs.list_tasks(cluster=cluster)["taskArns"], [])

    def test_6_waiting_for_what_never_comes_ends_with_the_services_error(self):
        with self.assertRaises((WaiterError, ClientError)):
            self.box.client(service="rds").get_waiter("db_instance_available").wait(
                DBInstanceIdentifier="nobody", WaiterConfig={"Delay": 1, "MaxAttempts": 2})


if __name__ == "__main__":
    unittest.main()
