"""Makes 1,000 resources in a sandbox: the mix that an account with some applications has.

    resources.py ENDPOINT
"""
import json
import os
import sys

import botocore.config
import botocore.session

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


class Account:
    def __init__(self, endpoint):
        session = botocore.session.get_session()
        config = botocore.config.Config(s3={"addressing_style": "path"})
        self.client = lambda service: session.create_client(
            service, region_name=os.environ["AWS_REGION"], endpoint_url=endpoint, config=config)

    def network(self):
        ec2 = self.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for i in range(249):
            group = ec2.create_security_group(GroupName=f"group-{i}", Description="Web servers", VpcId=self.vpc)["GroupId"]
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])

    def names(self):
        route53 = self.client("route53")
        zone = route53.create_hosted_zone(Name="example.org", CallerReference="bench")["HostedZone"]["Id"]
        for batch in range(2):
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [
                {"Action": "CREATE", "ResourceRecordSet": {
                    "Name": f"host-{batch}-{i}.example.org", "Type": "A", "TTL": 60,
                    "ResourceRecords": [{"Value": "192.0.2.1"}]}} for i in range(100 - batch)]})

    def tasks(self):
        ecs = self.client("ecs")
        for i in range(150):
            ecs.register_task_definition(family=f"service-{i}", networkMode="awsvpc", cpu="256", memory="512",
                                         containerDefinitions=[{
                                             "name": "app", "image": "app:1", "essential": True,
                                             "portMappings": [{"containerPort": 80}],
                                             "environment": [{"name": f"SETTING_{n}", "value": "something"} for n in range(8)]}])

    def targets(self):
        elbv2 = self.client("elbv2")
        for i in range(100):
            elbv2.create_target_group(Name=f"targets-{i}", Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="ip",
                                      HealthCheckPath="/healthz")

    def roles(self):
        iam = self.client("iam")
        for i in range(100):
            iam.create_role(RoleName=f"role-{i}", AssumeRolePolicyDocument=TRUST)

    def alarms(self):
        cloudwatch = self.client("cloudwatch")
        for i in range(100):
            cloudwatch.put_metric_alarm(
                AlarmName=f"alarm-{i}", Namespace="AWS/RDS", MetricName="ReplicaLag", Statistic="Average", Period=60,
                EvaluationPeriods=3, Threshold=30, ComparisonOperator="GreaterThanThreshold",
                Dimensions=[{"Name": "DBInstanceIdentifier", "Value": f"database-{i}"}])

    def buckets(self):
        s3 = self.client("s3")
        for i in range(100):
            s3.create_bucket(Bucket=f"bench-resources-{i}")


def main():
    account = Account(sys.argv[1])
    account.network()   # 250: a VPC and security groups
    account.names()     # 200: a zone and record sets
    account.tasks()     # 150
    account.targets()   # 100
    account.roles()     # 100
    account.alarms()    # 100
    account.buckets()   # 100


main()
