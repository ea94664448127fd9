"""More than a page of real resources in each service, and boto3's waiters that the other stories leave out."""
import json
import unittest

from sandbox import FAST, ClientStory


class PageClients(ClientStory):
    def test_route53_pages_of_real_zones_and_records(self):
        r53 = self.c("route53")
        zone = r53.create_hosted_zone(Name="many.example", CallerReference="m")["HostedZone"]["Id"]
        r53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [
            {"Action": "CREATE", "ResourceRecordSet": {"Name": f"n{i:03}.many.example", "Type": "A", "TTL": 1,
                                                       "ResourceRecords": [{"Value": "192.0.2.1"}]}} for i in range(310)]})
        first = r53.list_resource_record_sets(HostedZoneId=zone)
        self.assertEqual((len(first["ResourceRecordSets"]), first["IsTruncated"]), (300, True))
        pages = r53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
        self.assertEqual(len({(s["Name"], s["Type"]) for p in pages for s in p["ResourceRecordSets"]}), 312)
        for i in range(101):
            r53.create_hosted_zone(Name=f"z{i:03}.example", CallerReference=f"z{i}")
        first = r53.list_hosted_zones()
        self.assertEqual((len(first["HostedZones"]), first["IsTruncated"]), (100, True))
        zones = [z["Id"] for p in r53.get_paginator("list_hosted_zones").paginate() for z in p["HostedZones"]]
        self.assertEqual((len(zones), len(set(zones)) >= 102), (len(set(zones)), True))

    def test_ecs_pages_of_a_hundred(self):
        ecs = self.c("ecs")
        for i in range(101):
            ecs.create_cluster(clusterName=f"page-{i:03}")
        first = ecs.list_clusters()
        self.assertEqual(len(first["clusterArns"]), 100)
        self.assertTrue(first["nextToken"])
        arns = [a for p in ecs.get_paginator("list_clusters").paginate() for a in p["clusterArns"]]
        self.assertEqual((len(arns), len(set(arns))), (101, 101))
        self.assertEqual(self.code(ecs.list_clusters, nextToken="nonsense"), "InvalidParameterException")
        self.assertEqual(self.code(ecs.describe_tasks, cluster="page-000", tasks=[f"t{i}" for i in range(101)]), "InvalidParameterException")
        self.assertEqual(self.code(ecs.run_task, cluster="page-000", taskDefinition="nobody"), "ClientException")

    def test_rds_pages_of_twenty(self):
        rds = self.c("rds")
        for i in range(45):
            rds.create_db_parameter_group(DBParameterGroupName=f"page-{i:03}", DBParameterGroupFamily="mariadb10.11", Description="x")
        first = rds.describe_db_parameter_groups(MaxRecords=20)
        self.assertEqual((len(first["DBParameterGroups"]), bool(first["Marker"])), (20, True))
        names = [g["DBParameterGroupName"] for p in rds.get_paginator("describe_db_parameter_groups").paginate(
            PaginationConfig={"PageSize": 20}) for g in p["DBParameterGroups"]]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual({f"page-{i:03}" for i in range(45)}, set(names))
        self.assertEqual(self.code(rds.describe_db_parameter_groups, MaxRecords=5), "InvalidParameterValue")
        self.assertEqual(self.code(rds.describe_db_parameter_groups, DBParameterGroupName="nobody"), "DBParameterGroupNotFound")

    def test_iam_pages_of_a_hundred(self):
        iam = self.c("iam")
        trust = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
        for i in range(101):
            iam.create_role(RoleName=f"page-{i:03}", AssumeRolePolicyDocument=trust, Path="/page/")
        first = iam.list_roles(PathPrefix="/page/")
        self.assertEqual((len(first["Roles"]), first["IsTruncated"]), (100, True))
        self.assertEqual(sum(len(p["Roles"]) for p in iam.get_paginator("list_roles").paginate(PathPrefix="/page/")), 101)
        iam.get_waiter("role_exists").wait(RoleName="page-000", WaiterConfig=FAST)

    def test_cloudwatch_pages_and_statistics(self):
        cw = self.c("cloudwatch")
        for i in range(0, 501, 20):
            cw.put_metric_data(Namespace="Pages", MetricData=[
                {"MetricName": f"m{j:03}", "Value": j} for j in range(i, min(i + 20, 501))])
        first = cw.list_metrics(Namespace="Pages")
        self.assertEqual(len(first["Metrics"]), 500)
        self.assertEqual(sum(len(p["Metrics"]) for p in cw.get_paginator("list_metrics").paginate(Namespace="Pages")), 501)
        for i in range(51):
            cw.put_metric_alarm(AlarmName=f"page-{i:02}", Namespace="P", MetricName="m", Statistic="Sum", Period=60,
                                EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
        self.assertEqual(len(cw.describe_alarms(AlarmNamePrefix="page-")["MetricAlarms"]), 50)
        self.assertEqual(sum(len(p["MetricAlarms"]) for p in
                             cw.get_paginator("describe_alarms").paginate(AlarmNamePrefix="page-")), 51)
        cw.set_alarm_state(AlarmName="page-00", StateValue="ALARM", StateReason="told")
        cw.get_waiter("alarm_exists").wait(AlarmNames=["page-00"], WaiterConfig=FAST)
        self.assertEqual(self.code(cw.put_metric_data, Namespace="AWS/Mine", MetricData=[{"MetricName": "x", "Value": 1}]),
                         "InvalidParameterValue")

    def test_s3_pages_of_a_thousand_and_its_waiters(self):
        s3 = self.c("s3")
        s3.create_bucket(Bucket="thousand")
        s3.get_waiter("bucket_exists").wait(Bucket="thousand", WaiterConfig=FAST)
        for i in range(1001):
            s3.put_object(Bucket="thousand", Key=f"k{i:04}")
        s3.get_waiter("object_exists").wait(Bucket="thousand", Key="k1000", WaiterConfig=FAST)
        first = s3.list_objects_v2(Bucket="thousand")
        self.assertEqual((first["KeyCount"], first["IsTruncated"]), (1000, True))
        keys = [o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket="thousand") for o in p["Contents"]]
        self.assertEqual(keys, [f"k{i:04}" for i in range(1001)])
        self.assertEqual(self.code(s3.delete_bucket, Bucket="thousand"), "BucketNotEmpty")
        self.assertEqual(self.code(s3.list_objects_v2, Bucket="nobody-here"), "NoSuchBucket")
        for part in (keys[:1000], keys[1000:]):
            s3.delete_objects(Bucket="thousand", Delete={"Objects": [{"Key": k} for k in part]})
        s3.delete_bucket(Bucket="thousand")
        s3.get_waiter("bucket_not_exists").wait(Bucket="thousand", WaiterConfig=FAST)

    def test_s3api_of_the_cli(self):
        def aws(*words):
            return self.box.cli("s3api", *words, "--output", "json")
        self.assertEqual(json.loads(aws("create-bucket", "--bucket", "cli-walk").stdout)["Location"], "/cli-walk")
        for i in range(5):
            self.c("s3").put_object(Bucket="cli-walk", Key=f"k{i}")
        page = json.loads(aws("list-objects-v2", "--bucket", "cli-walk", "--max-items", "3").stdout)
        self.assertEqual([o["Key"] for o in page["Contents"]], ["k0", "k1", "k2"])
        rest = json.loads(aws("list-objects-v2", "--bucket", "cli-walk", "--starting-token", page["NextToken"]).stdout)
        self.assertEqual([o["Key"] for o in rest["Contents"]], ["k3", "k4"])
        for code, words in {"NoSuchBucket": ("list-objects-v2", "--bucket", "nobody-here"),
                            "BucketNotEmpty": ("delete-bucket", "--bucket", "cli-walk"),
                            "InvalidBucketName": ("create-bucket", "--bucket", "Bad_Name"),
                            "404": ("head-object", "--bucket", "cli-walk", "--key", "none")}.items():
            r = aws(*words)
            self.assertEqual(r.returncode, 254)
            self.assertIn(f"({code})", r.stderr)

    def test_ec2_waiters_and_pages(self):
        ec2 = self.c("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        ec2.get_waiter("vpc_exists").wait(VpcIds=[vpc], WaiterConfig=FAST)
        ec2.get_waiter("vpc_available").wait(VpcIds=[vpc], WaiterConfig=FAST)
        subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{i}.0/24")["Subnet"]["SubnetId"] for i in range(12)]
        ec2.get_waiter("subnet_available").wait(SubnetIds=subnets, WaiterConfig=FAST)
        where = [{"Name": "vpc-id", "Values": [vpc]}]
        pages = list(ec2.get_paginator("describe_subnets").paginate(Filters=where, PaginationConfig={"PageSize": 5}))
        self.assertEqual([len(p["Subnets"]) for p in pages], [5, 5, 2])
        self.assertEqual({s["SubnetId"] for p in pages for s in p["Subnets"]}, set(subnets))
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
        ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat], WaiterConfig=FAST)
        ec2.delete_nat_gateway(NatGatewayId=nat)
        ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[nat], WaiterConfig=FAST)
        self.assertEqual(self.code(ec2.describe_subnets, SubnetIds=["subnet-0123456789abcdef0"]), "InvalidSubnetID.NotFound")
        self.assertEqual(self.code(ec2.create_vpc, CidrBlock="10.0.0.0/8"), "InvalidVpc.Range")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
