"""Debian's AWS CLI through each service: create, describe, the service's own errors, pagination."""
import datetime
import json
import unittest

from sandbox import ClientStory


class CliClients(ClientStory):
    def ok(self, *words, region="us-east-1"):
        r = self.box.cli(*words, "--output", "json", region=region)
        self.assertEqual(r.returncode, 0, f"{' '.join(words)}: {r.stderr}")
        return json.loads(r.stdout) if r.stdout.strip() else {}

    def refused(self, code, *words, region="us-east-1"):
        r = self.box.cli(*words, region=region)
        self.assertEqual(r.returncode, 254, f"{' '.join(words)}: {r.stdout}{r.stderr}")
        self.assertIn(f"({code})", r.stderr)

    def paged(self, key, *words, at_least, size, limited=True):
        """All pages the CLI asks for give the same as one token at a time. Not limited: the CLI passes no
        page size on (or, where the parameter is called PageSize itself, takes it to mean one page)."""
        whole = self.ok(*words, *(["--page-size", str(size)] if limited else []))[key]
        self.assertGreaterEqual(len(whole), at_least)
        pieces, token = [], None
        while True:
            page = self.ok(*words, "--max-items", str(size), *(["--starting-token", token] if token else []))
            self.assertLessEqual(len(page[key]), size)
            pieces += page[key]
            token = page.get("NextToken")
            if not token:
                break
        self.assertEqual(json.dumps(whole, sort_keys=True), json.dumps(pieces, sort_keys=True))
        return whole

    def test_sts(self):
        me = self.ok("sts", "get-caller-identity")
        self.assertEqual(me["Account"], "000000000000")
        self.assertIn(me["Account"], me["Arn"])
        self.refused("ValidationError", "sts", "assume-role", "--role-arn", "x" * 20, "--role-session-name", "a b")
        self.refused("AccessDenied", "sts", "assume-role", "--role-arn", "arn:aws:iam::000000000000:role/nobody", "--role-session-name", "story")
        self.refused("ValidationError", "sts", "get-session-token", "--duration-seconds", "129601")
        self.refused("ValidationError", "sts", "get-access-key-info", "--access-key-id", "AKIAIOSFODNN7EXAMPLE")
        mine = self.ok("sts", "get-session-token", "--duration-seconds", "900")["Credentials"]
        self.assertEqual(self.ok("sts", "get-access-key-info", "--access-key-id", self.box.env["AWS_ACCESS_KEY_ID"])["Account"], me["Account"])
        self.assertTrue(mine["SessionToken"])

    def test_iam(self):
        trust = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
        self.ok("iam", "create-role", "--role-name", "walk-0", "--assume-role-policy-document", trust, "--path", "/walk/")
        for i in range(1, 5):
            self.box.client(service="iam").create_role(RoleName=f"walk-{i}", AssumeRolePolicyDocument=trust, Path="/walk/")
        role = self.ok("iam", "get-role", "--role-name", "walk-0")["Role"]
        self.assertEqual(role["Arn"], "arn:aws:iam::000000000000:role/walk/walk-0")
        self.assertEqual(role["AssumeRolePolicyDocument"], json.loads(trust))
        self.ok("iam", "put-role-policy", "--role-name", "walk-0", "--policy-name", "p", "--policy-document",
                '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}')
        self.assertEqual(self.ok("iam", "list-role-policies", "--role-name", "walk-0")["PolicyNames"], ["p"])
        self.paged("Roles", "iam", "list-roles", "--path-prefix", "/walk/", at_least=5, size=2)
        self.refused("EntityAlreadyExists", "iam", "create-role", "--role-name", "walk-0", "--assume-role-policy-document", trust)
        self.refused("NoSuchEntity", "iam", "get-role", "--role-name", "nobody")
        self.refused("MalformedPolicyDocument", "iam", "create-role", "--role-name", "bad", "--assume-role-policy-document", "{")
        self.refused("DeleteConflict", "iam", "delete-role", "--role-name", "walk-0")

    def test_ec2(self):
        vpc = self.ok("ec2", "create-vpc", "--cidr-block", "10.9.0.0/16")["Vpc"]["VpcId"]
        subnets = [self.ok("ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", f"10.9.{i}.0/24")["Subnet"]["SubnetId"]
                   for i in range(3)]
        gateway = self.ok("ec2", "create-internet-gateway")["InternetGateway"]["InternetGatewayId"]
        self.ok("ec2", "attach-internet-gateway", "--vpc-id", vpc, "--internet-gateway-id", gateway)
        table = self.ok("ec2", "create-route-table", "--vpc-id", vpc)["RouteTable"]["RouteTableId"]
        self.ok("ec2", "create-route", "--route-table-id", table, "--destination-cidr-block", "0.0.0.0/0", "--gateway-id", gateway)
        group = self.ok("ec2", "create-security-group", "--group-name", "web", "--description", "web", "--vpc-id", vpc)["GroupId"]
        self.ok("ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", "80", "--cidr", "0.0.0.0/0")
        self.ok("ec2", "create-tags", "--resources", vpc, "--tags", "Key=Name,Value=walk")
        found = self.ok("ec2", "describe-vpcs", "--filters", "Name=tag:Name,Values=walk")["Vpcs"]
        self.assertEqual([v["VpcId"] for v in found], [vpc])
        routes = self.ok("ec2", "describe-route-tables", "--route-table-ids", table)["RouteTables"][0]["Routes"]
        self.assertIn((gateway, "active"), [(r.get("GatewayId"), r["State"]) for r in routes])
        page = self.paged("Subnets", "ec2", "describe-subnets", "--filters", f"Name=vpc-id,Values={vpc}", at_least=3, size=5)
        self.assertEqual({s["SubnetId"] for s in page}, set(subnets))
        self.assertEqual(len(self.ok("ec2", "describe-availability-zones")["AvailabilityZones"]),
                         len({z["ZoneName"] for z in self.ok("ec2", "describe-availability-zones")["AvailabilityZones"]}))
        self.refused("InvalidVpcID.NotFound", "ec2", "describe-vpcs", "--vpc-ids", "vpc-0123456789abcdef0")
        self.refused("InvalidSubnet.Conflict", "ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", "10.9.0.0/25")
        self.refused("InvalidPermission.Duplicate", "ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp",
                     "--port", "80", "--cidr", "0.0.0.0/0")
        self.refused("DependencyViolation", "ec2", "delete-vpc", "--vpc-id", vpc)

    def test_rds(self):
        self.ok("rds", "create-db-parameter-group", "--db-parameter-group-name", "walk-00", "--db-parameter-group-family",
                "mariadb10.11", "--description", "walk")
        for i in range(1, 21):  # a page holds at least 20
            self.box.client(service="rds").create_db_parameter_group(
                DBParameterGroupName=f"walk-{i:02}", DBParameterGroupFamily="mariadb10.11", Description="walk")
        self.paged("DBParameterGroups", "rds", "describe-db-parameter-groups", at_least=21, size=20)
        self.ok("rds", "modify-db-parameter-group", "--db-parameter-group-name", "walk-00", "--parameters",
                "ParameterName=max_connections,ParameterValue=77,ApplyMethod=pending-reboot")
        user = self.ok("rds", "describe-db-parameters", "--db-parameter-group-name", "walk-00", "--source", "user")["Parameters"]
        self.assertEqual([(p["ParameterName"], p["ParameterValue"]) for p in user], [("max_connections", "77")])
        made = self.ok("rds", "create-db-instance", "--db-instance-identifier", "walk", "--engine", "mariadb", "--db-instance-class",
                       "db.t3.micro", "--allocated-storage", "20", "--master-username", "admin", "--master-user-password",
                       "walk-password-1")["DBInstance"]
        self.assertEqual(made["DBInstanceStatus"], "creating")
        self.assertNotIn("walk-password-1", json.dumps(made))
        self.refused("DBInstanceAlreadyExists", "rds", "create-db-instance", "--db-instance-identifier", "walk", "--engine", "mariadb",
                     "--db-instance-class", "db.t3.micro", "--allocated-storage", "20", "--master-username", "admin",
                     "--master-user-password", "walk-password-1")
        self.refused("DBInstanceNotFound", "rds", "describe-db-instances", "--db-instance-identifier", "nobody")
        self.refused("DBParameterGroupNotFound", "rds", "describe-db-parameters", "--db-parameter-group-name", "nobody")
        self.refused("InvalidParameterValue", "rds", "create-db-instance", "--db-instance-identifier", "bad-", "--engine", "mariadb",
                     "--db-instance-class", "db.t3.micro", "--allocated-storage", "20", "--master-username", "admin",
                     "--master-user-password", "walk-password-1")

    def test_ecs(self):
        self.ok("ecs", "create-cluster", "--cluster-name", "walk")
        container = json.dumps([{"name": "web", "image": "lamp:latest", "memory": 64, "portMappings": [{"containerPort": 80}]}])
        arns = [self.ok("ecs", "register-task-definition", "--family", "walk", "--network-mode", "awsvpc", "--container-definitions",
                        container)["taskDefinition"]["taskDefinitionArn"] for _ in range(5)]
        self.assertTrue(arns[4].endswith("task-definition/walk:5"))
        self.assertEqual(self.ok("ecs", "describe-task-definition", "--task-definition", "walk")["taskDefinition"]["revision"], 5)
        listed = self.paged("taskDefinitionArns", "ecs", "list-task-definitions", "--family-prefix", "walk", at_least=5, size=2)
        self.assertEqual(listed, arns)
        subnet = self.ok("ec2", "describe-subnets", "--filters", "Name=default-for-az,Values=true")["Subnets"][0]["SubnetId"]
        self.ok("ecs", "create-service", "--cluster", "walk", "--service-name", "web", "--task-definition", "walk", "--desired-count", "0",
                "--launch-type", "FARGATE", "--network-configuration", f"awsvpcConfiguration={{subnets=[{subnet}]}}")
        service = self.ok("ecs", "describe-services", "--cluster", "walk", "--services", "web")["services"][0]
        self.assertEqual((service["status"], service["desiredCount"]), ("ACTIVE", 0))
        missing = self.ok("ecs", "describe-services", "--cluster", "walk", "--services", "nobody")
        self.assertEqual(missing["failures"][0]["reason"], "MISSING")
        self.refused("ClusterNotFoundException", "ecs", "describe-services", "--cluster", "nobody", "--services", "x")
        self.refused("ClientException", "ecs", "describe-task-definition", "--task-definition", "nobody")
        self.refused("InvalidParameterException", "ecs", "create-service", "--cluster", "walk", "--service-name", "web2",
                     "--task-definition", "walk", "--desired-count", "0")
        self.refused("ServiceNotFoundException", "ecs", "update-service", "--cluster", "walk", "--service", "nobody", "--desired-count", "1")

    def test_elbv2(self):
        subnets = self.ok("ec2", "describe-subnets", "--filters", "Name=default-for-az,Values=true")["Subnets"]
        vpc, ids = subnets[0]["VpcId"], [s["SubnetId"] for s in subnets[:2]]
        balancer = self.ok("elbv2", "create-load-balancer", "--name", "walk", "--subnets", *ids)["LoadBalancers"][0]
        arn = balancer["LoadBalancerArn"]
        self.box.client(service="elbv2").get_waiter("load_balancer_available").wait(
            LoadBalancerArns=[arn], WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        groups = [self.ok("elbv2", "create-target-group", "--name", f"walk-{i}", "--protocol", "HTTP", "--port", "80", "--vpc-id", vpc,
                          "--target-type", "ip")["TargetGroups"][0]["TargetGroupArn"] for i in range(4)]
        listener = self.ok("elbv2", "create-listener", "--load-balancer-arn", arn, "--protocol", "HTTP", "--port", "80",
                           "--default-actions", f"Type=forward,TargetGroupArn={groups[0]}")["Listeners"][0]["ListenerArn"]
        self.ok("elbv2", "create-rule", "--listener-arn", listener, "--priority", "5", "--conditions", "Field=path-pattern,Values=/a*",
                "--actions", f"Type=forward,TargetGroupArn={groups[1]}")
        rules = self.ok("elbv2", "describe-rules", "--listener-arn", listener)["Rules"]
        self.assertEqual([r["Priority"] for r in rules], ["5", "default"])
        self.paged("TargetGroups", "elbv2", "describe-target-groups", at_least=4, size=2, limited=False)
        self.assertEqual(self.ok("elbv2", "describe-target-health", "--target-group-arn", groups[0])["TargetHealthDescriptions"], [])
        self.refused("LoadBalancerNotFound", "elbv2", "describe-load-balancers", "--names", "nobody")
        self.refused("PriorityInUse", "elbv2", "create-rule", "--listener-arn", listener, "--priority", "5", "--conditions",
                     "Field=path-pattern,Values=/b*", "--actions", f"Type=forward,TargetGroupArn={groups[1]}")
        self.refused("ResourceInUse", "elbv2", "delete-target-group", "--target-group-arn", groups[0])
        self.refused("DuplicateListener", "elbv2", "create-listener", "--load-balancer-arn", arn, "--protocol", "HTTP", "--port", "80",
                     "--default-actions", f"Type=forward,TargetGroupArn={groups[2]}")

    def test_route53(self):
        zone = self.ok("route53", "create-hosted-zone", "--name", "walk.example", "--caller-reference", "1")["HostedZone"]["Id"]
        changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": {"Name": f"h{i}.walk.example", "Type": "A", "TTL": 60,
                                                                            "ResourceRecords": [{"Value": f"192.0.2.{i}"}]}}
                               for i in range(1, 6)]}
        change = self.ok("route53", "change-resource-record-sets", "--hosted-zone-id", zone, "--change-batch", json.dumps(changes))
        self.box.client(service="route53").get_waiter("resource_record_sets_changed").wait(
            Id=change["ChangeInfo"]["Id"], WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        sets = self.paged("ResourceRecordSets", "route53", "list-resource-record-sets", "--hosted-zone-id", zone, at_least=7, size=3)
        self.assertEqual({s["Type"] for s in sets}, {"A", "NS", "SOA"})
        self.refused("InvalidChangeBatch", "route53", "change-resource-record-sets", "--hosted-zone-id", zone, "--change-batch",
                     json.dumps(changes))
        self.refused("NoSuchHostedZone", "route53", "get-hosted-zone", "--id", "Z0000000000NOBODY")
        self.refused("HostedZoneNotEmpty", "route53", "delete-hosted-zone", "--id", zone)
        self.refused("HostedZoneAlreadyExists", "route53", "create-hosted-zone", "--name", "walk.example", "--caller-reference", "1")

    def test_cloudwatch(self):
        for i in range(4):
            self.ok("cloudwatch", "put-metric-alarm", "--alarm-name", f"walk-{i}", "--namespace", "Walk", "--metric-name", "Depth",
                    "--statistic", "Maximum", "--period", "60", "--evaluation-periods", "1", "--threshold", "5",
                    "--comparison-operator", "GreaterThanThreshold")
        alarms = self.paged("MetricAlarms", "cloudwatch", "describe-alarms", "--alarm-name-prefix", "walk-", at_least=4, size=2)
        self.assertEqual(alarms[0]["StateValue"], "INSUFFICIENT_DATA")
        self.ok("cloudwatch", "put-metric-data", "--namespace", "Walk", "--metric-name", "Depth", "--value", "3")
        listed = self.ok("cloudwatch", "list-metrics", "--namespace", "Walk")["Metrics"]
        self.assertEqual([m["MetricName"] for m in listed], ["Depth"])
        now = datetime.datetime.now(datetime.timezone.utc)
        span = ("--start-time", (now - datetime.timedelta(minutes=10)).isoformat(), "--end-time", (now + datetime.timedelta(minutes=5)).isoformat())
        depth = {"Id": "depth", "MetricStat": {"Metric": {"Namespace": "Walk", "MetricName": "Depth"}, "Period": 60, "Stat": "Maximum"}}
        got = self.ok("cloudwatch", "get-metric-data", "--metric-data-queries", json.dumps([depth]), *span)["MetricDataResults"]
        self.assertEqual([(r["Id"], r["Values"]) for r in got], [("depth", [3.0])])
        points = self.ok("cloudwatch", "get-metric-statistics", "--namespace", "Walk", "--metric-name", "Depth", "--period", "60",
                         "--statistics", "Sum", *span)["Datapoints"]
        self.assertEqual([p["Sum"] for p in points], [3.0])
        self.refused("ValidationError", "cloudwatch", "get-metric-data", "--metric-data-queries", json.dumps([{**depth, "Id": "Upper"}]), *span)
        self.refused("ResourceNotFound", "cloudwatch", "set-alarm-state", "--alarm-name", "nobody", "--state-value", "OK", "--state-reason", "x")
        self.refused("ValidationError", "cloudwatch", "put-metric-alarm", "--alarm-name", "bad", "--namespace", "Walk", "--metric-name", "D",
                     "--statistic", "Maximum", "--period", "7", "--evaluation-periods", "1", "--threshold", "5", "--comparison-operator",
                     "GreaterThanThreshold")
        self.refused("ValidationError", "cloudwatch", "set-alarm-state", "--alarm-name", "walk-0", "--state-value", "FINE", "--state-reason", "x")

    def test_secretsmanager(self):
        for i in range(3):
            self.ok("secretsmanager", "create-secret", "--name", f"walk/{i}", "--secret-string", f"value {i}")
        self.ok("secretsmanager", "put-secret-value", "--secret-id", "walk/0", "--secret-string", "second")
        self.assertEqual(self.ok("secretsmanager", "get-secret-value", "--secret-id", "walk/0")["SecretString"], "second")
        old = self.ok("secretsmanager", "get-secret-value", "--secret-id", "walk/0", "--version-stage", "AWSPREVIOUS")
        self.assertEqual(old["SecretString"], "value 0")
        self.ok("secretsmanager", "replicate-secret-to-regions", "--secret-id", "walk/0", "--add-replica-regions", "Region=us-west-2")
        self.box.eventually(lambda: self.box.cli("secretsmanager", "get-secret-value", "--secret-id", "walk/0", region="us-west-2").returncode == 0)
        self.paged("SecretList", "secretsmanager", "list-secrets", at_least=3, size=2)
        self.refused("InvalidParameterException", "secretsmanager", "put-secret-value", "--secret-id", "walk/0", "--secret-string", "x",
                     region="us-west-2")
        self.refused("ResourceExistsException", "secretsmanager", "create-secret", "--name", "walk/1")
        self.refused("ResourceNotFoundException", "secretsmanager", "get-secret-value", "--secret-id", "nobody")
        self.refused("InvalidParameterException", "secretsmanager", "delete-secret", "--secret-id", "walk/1", "--recovery-window-in-days", "3")
        self.ok("secretsmanager", "delete-secret", "--secret-id", "walk/1")
        self.refused("InvalidRequestException", "secretsmanager", "get-secret-value", "--secret-id", "walk/1")

    def test_ssm(self):
        for i in range(4):
            self.ok("ssm", "put-parameter", "--name", f"/walk/{i}", "--type", "String", "--value", str(i))
        self.ok("ssm", "put-parameter", "--name", "/walk/secret", "--type", "SecureString", "--value", "hidden")
        shown = self.ok("ssm", "get-parameter", "--name", "/walk/secret")["Parameter"]
        self.assertNotIn("hidden", shown["Value"])
        self.assertEqual(self.ok("ssm", "get-parameter", "--name", "/walk/secret", "--with-decryption")["Parameter"]["Value"], "hidden")
        self.paged("Parameters", "ssm", "get-parameters-by-path", "--path", "/walk", at_least=5, size=2)
        self.paged("Parameters", "ssm", "describe-parameters", at_least=5, size=2)
        self.refused("ParameterAlreadyExists", "ssm", "put-parameter", "--name", "/walk/0", "--type", "String", "--value", "x")
        self.refused("ParameterNotFound", "ssm", "get-parameter", "--name", "/walk/none")
        self.refused("ValidationException", "ssm", "put-parameter", "--name", "no/leading", "--type", "String", "--value", "x")
        self.refused("UnknownOperationException", "ssm", "describe-instance-information")

    def test_cloudformation(self):
        topic = json.dumps({"Resources": {"Role": {"Type": "AWS::EC2::InternetGateway"}}})
        for i in range(3):
            self.ok("cloudformation", "create-stack", "--stack-name", f"walk-{i}", "--template-body", topic)
        cf = self.box.client(service="cloudformation")
        for i in range(3):
            cf.get_waiter("stack_create_complete").wait(StackName=f"walk-{i}", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        stacks = self.ok("cloudformation", "list-stacks", "--stack-status-filter", "CREATE_COMPLETE")["StackSummaries"]
        self.assertEqual({s["StackName"] for s in stacks}, {"walk-0", "walk-1", "walk-2"})
        self.paged("StackEvents", "cloudformation", "describe-stack-events", "--stack-name", "walk-0", at_least=4, size=2, limited=False)
        self.refused("AlreadyExistsException", "cloudformation", "create-stack", "--stack-name", "walk-0", "--template-body", topic)
        self.refused("ValidationError", "cloudformation", "describe-stacks", "--stack-name", "nobody")
        self.refused("ValidationError", "cloudformation", "update-stack", "--stack-name", "walk-0", "--template-body", topic)
        self.refused("ValidationError", "cloudformation", "validate-template", "--template-body", '{"Resources":{"A":{}}}')


if __name__ == "__main__":
    unittest.main(warnings="ignore")
