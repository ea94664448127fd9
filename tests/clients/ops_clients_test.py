"""Stock clients against what runs an application: scaling, logs of real tasks, quotas, keys and certificates."""
import json
import pathlib
import subprocess
import tempfile
import time
import unittest

from sandbox import FAST, ClientStory

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEB = {"ServiceNamespace": "ecs", "ResourceId": "service/ops/web", "ScalableDimension": "ecs:service:DesiredCount"}


class OpsClients(ClientStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with tempfile.TemporaryDirectory() as image:
            subprocess.run([ROOT / "examples/lamp/image/assemble", image], check=True, capture_output=True)
            cls.box.verb("image", image, "lamp:latest")
        subnet = cls.box.client(service="ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        cls.network = {"awsvpcConfiguration": {"subnets": [subnet]}}
        ecs = cls.box.client(service="ecs")
        ecs.create_cluster(clusterName="ops")
        cls.define("quiet")
        ecs.create_service(cluster="ops", serviceName="web", taskDefinition="quiet", desiredCount=0, networkConfiguration=cls.network)

    @classmethod
    def define(cls, family, **container):
        return cls.box.client(service="ecs").register_task_definition(
            family=family, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
            executionRoleArn="arn:aws:iam::000000000000:role/exec",
            containerDefinitions=[{"name": "web", "image": "lamp:latest", "entryPoint": ["/bin/sh", "-c"], "command": ["sleep 600"], **container}])

    def run_task(self, family):
        return self.c("ecs").run_task(cluster="ops", taskDefinition=family, networkConfiguration=self.network)

    def task(self, arn):
        return self.c("ecs").describe_tasks(cluster="ops", tasks=[arn])["tasks"][0]

    def desired(self):
        return self.c("ecs").describe_services(cluster="ops", services=["web"])["services"][0]["desiredCount"]

    def test_bounds_move_a_services_desired_count_and_say_so(self):
        scaling = self.c("application-autoscaling")
        self.assertEqual(self.code(scaling.register_scalable_target, MinCapacity=1, MaxCapacity=2, **{**WEB, "ResourceId": "service/ops/no"}),
                         "ValidationException")
        scaling.register_scalable_target(MinCapacity=0, MaxCapacity=2, **WEB)
        self.assertEqual(self.desired(), 0)
        scaling.register_scalable_target(MinCapacity=1, **WEB)
        self.assertEqual(self.desired(), 1)
        last = scaling.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"][0]
        self.assertEqual((last["StatusCode"], last["Cause"]), ("Successful", "minimum capacity was set to 1"))
        policy = scaling.put_scaling_policy(
            PolicyName="load", PolicyType="TargetTrackingScaling", **WEB, TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 60, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}})
        self.assertEqual(len(policy["Alarms"]), 2)
        shown = self.box.aws("application-autoscaling", "describe-scaling-policies", "--service-namespace", "ecs", "--output", "text").stdout
        self.assertIn(policy["PolicyARN"], shown)
        scaling.register_scalable_target(MinCapacity=0, MaxCapacity=0, **WEB)
        self.assertEqual(self.desired(), 0)
        scaling.deregister_scalable_target(**WEB)
        self.assertEqual(self.c("cloudwatch").describe_alarms()["MetricAlarms"], [])

    def test_what_a_real_task_prints_is_read_with_aws_logs_tail(self):
        logs = self.c("logs")
        driver = {"logDriver": "awslogs", "options": {"awslogs-group": "/ops", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "app"}}
        self.define("talk", logConfiguration=driver, command=["echo to-stdout; echo to-stderr >&2; sleep 600"])
        refused = self.run_task("talk")["tasks"][0]["taskArn"]
        self.box.eventually(lambda: self.task(refused)["lastStatus"] == "STOPPED")
        self.assertIn("The specified log group does not exist", self.task(refused)["stoppedReason"])
        self.assertTrue(self.task(refused)["stoppedReason"].startswith("ResourceInitializationError"))
        logs.create_log_group(logGroupName="/ops")
        arn = self.run_task("talk")["tasks"][0]["taskArn"]
        stream = "app/web/" + arn.rsplit("/", 1)[1]
        found = lambda: {e["message"] for e in logs.filter_log_events(logGroupName="/ops", logStreamNamePrefix=stream)["events"]}
        self.box.eventually(lambda: found() == {"to-stdout", "to-stderr"})
        tail = self.box.aws("logs", "tail", "/ops", "--format", "short").stdout
        self.assertIn("to-stderr", tail)
        self.c("ecs").stop_task(cluster="ops", task=arn)

    def test_log_events_are_put_paged_and_searched(self):
        logs = self.c("logs")
        logs.create_log_group(logGroupName="/paged", tags={"team": "a"})
        logs.put_retention_policy(logGroupName="/paged", retentionInDays=7)
        logs.create_log_stream(logGroupName="/paged", logStreamName="s")
        now = int(time.time() * 1000)
        logs.put_log_events(logGroupName="/paged", logStreamName="s",
                            logEvents=[{"timestamp": now + i, "message": f"{'ERROR' if i % 2 else 'fine'} {i}"} for i in range(5)])
        errors = [e["message"] for page in logs.get_paginator("filter_log_events").paginate(
            logGroupName="/paged", filterPattern="ERROR", PaginationConfig={"PageSize": 1}) for e in page["events"]]
        self.assertEqual(errors, ["ERROR 1", "ERROR 3"])
        self.assertEqual(self.code(logs.filter_log_events, logGroupName="/paged", filterPattern="{ $.x = 1 }"), "InvalidParameterException")
        self.assertEqual(logs.describe_log_groups(logGroupNamePrefix="/paged")["logGroups"][0]["retentionInDays"], 7)

    def test_a_lowered_quota_is_told_and_keeps_tasks_from_starting(self):
        quotas = self.c("service-quotas")
        value = lambda: quotas.get_service_quota(ServiceCode="fargate", QuotaCode="L-3032A538")["Quota"]["Value"]
        self.assertEqual(value(), 6)
        self.box.verb("quota", "us-east-1", "fargate", "L-3032A538", "0.1")
        self.assertEqual(value(), 0.1)
        failed = self.run_task("quiet")
        self.assertEqual(failed["tasks"], [])
        self.assertIn("limit on the number of vCPUs", failed["failures"][0]["detail"])
        quotas.request_service_quota_increase(ServiceCode="fargate", QuotaCode="L-3032A538", DesiredValue=6)
        self.box.eventually(lambda: value() == 6)
        self.assertIn("L-7B6409FD", self.box.aws("service-quotas", "list-service-quotas", "--service-code", "rds").stdout)
        with self.assertRaises(AssertionError) as e:
            self.box.verb("quota", "us-east-1", "fargate", "L-00000000", "1")
        self.assertIn("there is no quota L-00000000", str(e.exception))

    def test_a_disabled_key_keeps_its_secret(self):
        kms, secrets = self.c("kms"), self.c("secretsmanager")
        key = kms.create_key(Description="story")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/story", TargetKeyId=key)
        blob = kms.encrypt(KeyId="alias/story", Plaintext=b"plain", EncryptionContext={"a": "b"})["CiphertextBlob"]
        self.assertEqual(kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})["Plaintext"], b"plain")
        self.assertEqual(self.code(kms.decrypt, CiphertextBlob=blob), "InvalidCiphertextException")
        secrets.create_secret(Name="under-a-key", SecretString="hunter2", KmsKeyId="alias/story")
        kms.disable_key(KeyId=key)
        self.assertEqual(self.code(secrets.get_secret_value, SecretId="under-a-key"), "DecryptionFailure")
        kms.enable_key(KeyId=key)
        self.assertEqual(secrets.get_secret_value(SecretId="under-a-key")["SecretString"], "hunter2")
        self.assertIn("PendingDeletion", self.box.aws("kms", "schedule-key-deletion", "--key-id", key, "--pending-window-in-days", "7").stdout)

    def test_a_certificate_waits_for_its_record_and_an_imported_one_is_read(self):
        acm, r53 = self.c("acm"), self.c("route53")
        zone = r53.create_hosted_zone(Name="cert.example", CallerReference="c")["HostedZone"]["Id"]
        arn = acm.request_certificate(DomainName="www.cert.example", ValidationMethod="DNS")["CertificateArn"]
        shown = lambda: acm.describe_certificate(CertificateArn=arn)["Certificate"]
        self.assertEqual(shown()["Status"], "PENDING_VALIDATION")
        record = shown()["DomainValidationOptions"][0]["ResourceRecord"]
        r53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": {
            "Name": record["Name"], "Type": record["Type"], "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}}]})
        acm.get_waiter("certificate_validated").wait(CertificateArn=arn, WaiterConfig=FAST)
        with tempfile.TemporaryDirectory() as d:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{d}/key", "-out", f"{d}/cert", "-days", "30",
                            "-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example"], check=True, capture_output=True)
            imported = self.box.aws("acm", "import-certificate", "--certificate", f"fileb://{d}/cert", "--private-key", f"fileb://{d}/key")
        arn = json.loads(imported.stdout)["CertificateArn"]
        self.assertEqual((shown()["DomainName"], shown()["KeyAlgorithm"], shown()["Type"]), ("shop.example", "RSA_2048", "IMPORTED"))
        lb = self.c("elbv2")
        subnets = [s["SubnetId"] for s in self.c("ec2").describe_subnets()["Subnets"][:2]]
        balancer = lb.create_load_balancer(Name="ops", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        listen = dict(LoadBalancerArn=balancer, Protocol="HTTPS", Port=443,
                      DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])
        self.assertEqual(self.code(lb.create_listener, Certificates=[{"CertificateArn": arn[:-4] + "0000"}], **listen), "CertificateNotFound")
        lb.create_listener(Certificates=[{"CertificateArn": arn}], **listen)
        self.assertEqual(self.code(acm.delete_certificate, CertificateArn=arn), "ResourceInUseException")


if __name__ == "__main__":
    unittest.main()
