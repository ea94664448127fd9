"""What the API made, used as itself: a database by SQL, names by dig, a task through a balancer rule."""
import pathlib
import subprocess
import unittest
import urllib.error
import urllib.request

from sandbox import FAST, ClientStory

ROOT = pathlib.Path(__file__).resolve().parents[2]


class PlaneClients(ClientStory):
    def address(self, name):
        return subprocess.run(["dig", "+short", "@" + self.box.env["RELIGHT_DNS"].split(":")[0], name],
                              capture_output=True, text=True, check=True).stdout.split()[-1]

    def sql(self, host, text):
        r = subprocess.run(["mariadb", "--no-defaults", "-h", self.address(host), "-P", "3306", "-u", "admin", "-prow-story-1",
                            "-N", "-B", "-e", text], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stderr)
        return r.stdout.strip()

    def dig(self, *words):
        server = self.box.env["RELIGHT_DNS"].split(":")[0]
        return subprocess.run(["dig", f"@{server}", "+tries=1", "+time=3", *words], capture_output=True, text=True).stdout

    def test_a_row_survives_a_reboot_and_comes_back_from_a_snapshot(self):
        rds = self.c("rds")
        rds.create_db_instance(DBInstanceIdentifier="rows", Engine="mariadb", DBInstanceClass="db.t3.micro", AllocatedStorage=20,
                               MasterUsername="admin", MasterUserPassword="row-story-1", DBName="app")
        up = rds.get_waiter("db_instance_available")
        up.wait(DBInstanceIdentifier="rows", WaiterConfig=FAST)
        host = rds.describe_db_instances(DBInstanceIdentifier="rows")["DBInstances"][0]["Endpoint"]["Address"]
        self.sql(host, "create table app.t (v varchar(9)); insert into app.t values ('kept')")
        rds.reboot_db_instance(DBInstanceIdentifier="rows")
        up.wait(DBInstanceIdentifier="rows", WaiterConfig=FAST)
        self.assertEqual(self.sql(host, "select v from app.t"), "kept")
        rds.create_db_snapshot(DBSnapshotIdentifier="rows-1", DBInstanceIdentifier="rows")
        rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier="rows-1", WaiterConfig=FAST)
        up.wait(DBInstanceIdentifier="rows", WaiterConfig=FAST)
        self.sql(host, "insert into app.t values ('later')")
        rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="rows-back", DBSnapshotIdentifier="rows-1")
        up.wait(DBInstanceIdentifier="rows-back", WaiterConfig=FAST)
        back = rds.describe_db_instances(DBInstanceIdentifier="rows-back")["DBInstances"][0]["Endpoint"]["Address"]
        self.assertEqual(self.sql(back, "select v from app.t"), "kept")
        self.assertEqual(self.sql(host, "select count(*) from app.t"), "2")
        self.assertEqual(self.code(rds.delete_db_instance, DBInstanceIdentifier="rows"), "InvalidParameterCombination")
        self.assertEqual(self.code(rds.create_db_snapshot, DBSnapshotIdentifier="rows-1", DBInstanceIdentifier="rows"),
                         "DBSnapshotAlreadyExists")
        self.assertEqual(self.code(rds.describe_db_snapshots, DBSnapshotIdentifier="nobody"), "DBSnapshotNotFound")
        self.assertEqual(self.code(rds.start_db_instance, DBInstanceIdentifier="rows"), "InvalidDBInstanceState")
        self.assertEqual(self.code(rds.describe_db_instances, MaxRecords=5), "InvalidParameterValue")

    def test_dig_asks_for_every_type_over_udp_and_tcp(self):
        r53 = self.c("route53")
        zone = r53.create_hosted_zone(Name="types.example", CallerReference="t")["HostedZone"]["Id"]
        long = [f'"{i:02}{"x" * 200}"' for i in range(12)]
        sets = [("a", "A", ["192.0.2.1"]), ("aaaa", "AAAA", ["2001:db8::1"]), ("cname", "CNAME", ["a.types.example"]),
                ("txt", "TXT", ['"two words" "more"']), ("mx", "MX", ["10 mail.types.example"]),
                ("_s._tcp", "SRV", ["1 2 80 a.types.example"]), ("caa", "CAA", ['0 issue "ca.example"']),
                ("ptr", "PTR", ["a.types.example"]), ("sub", "NS", ["ns.elsewhere.example"]), ("*.wild", "A", ["192.0.2.7"]),
                ("big", "TXT", long)]
        change = r53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [
            {"Action": "CREATE", "ResourceRecordSet": {"Name": f"{n}.types.example", "Type": t, "TTL": 30,
                                                       "ResourceRecords": [{"Value": v} for v in values]}}
            for n, t, values in sets]})
        r53.get_waiter("resource_record_sets_changed").wait(Id=change["ChangeInfo"]["Id"], WaiterConfig=FAST)
        short = lambda *w: self.dig("+short", *w).strip()
        for over in ("+notcp", "+tcp"):
            self.assertEqual(short(over, "a.types.example", "A"), "192.0.2.1")
            self.assertEqual(short(over, "aaaa.types.example", "AAAA"), "2001:db8::1")
            self.assertEqual(short(over, "cname.types.example", "A").split(), ["a.types.example.", "192.0.2.1"])
            self.assertEqual(short(over, "txt.types.example", "TXT"), '"two words" "more"')
            self.assertEqual(short(over, "mx.types.example", "MX"), "10 mail.types.example.")
            self.assertEqual(short(over, "_s._tcp.types.example", "SRV"), "1 2 80 a.types.example.")
            self.assertEqual(short(over, "caa.types.example", "CAA"), '0 issue "ca.example"')
            self.assertEqual(short(over, "ptr.types.example", "PTR"), "a.types.example.")
            self.assertEqual(short(over, "any.wild.types.example", "A"), "192.0.2.7")
            self.assertEqual(len(short(over, "types.example", "NS").split()), 4)
            self.assertEqual(len(short(over, "types.example", "SOA").split()), 7)
        gone = self.dig("nobody.types.example", "A")
        self.assertIn("status: NXDOMAIN", gone)
        self.assertRegex(gone, r"AUTHORITY SECTION:\n.*SOA")
        empty = self.dig("a.types.example", "AAAA")
        self.assertIn("status: NOERROR", empty)
        self.assertIn("ANSWER: 0", empty)
        self.assertRegex(empty, r"AUTHORITY SECTION:\n.*SOA")
        self.assertRegex(self.dig("+norecurse", "host.sub.types.example", "A"), r"AUTHORITY SECTION:\n.*ns\.elsewhere\.example")
        self.assertRegex(self.dig("a.types.example", "A"), r"flags: qr aa")
        self.assertIn(" tc ", self.dig("+noedns", "+ignore", "big.types.example", "TXT").split("flags:")[1].split(";")[0] + " ")
        self.assertEqual(len(short("+noedns", "big.types.example", "TXT").splitlines()), 12)
        self.assertIn("EDNS: version: 0", self.dig("+bufsize=1232", "a.types.example"))
        self.assertIn("BADVERS", self.dig("+edns=1", "+noednsnegotiation", "a.types.example"))
        self.assertIn("status: REFUSED", self.dig("elsewhere.test", "A"))

    def test_a_task_answers_behind_a_rule(self):
        image = pathlib.Path(self.box.dir) / "image"
        subprocess.run([ROOT / "examples/lamp/image/assemble", image], check=True, capture_output=True)
        self.box.verb("image", str(image), "lamp:latest")
        ecs, elb, ec2 = self.c("ecs"), self.c("elbv2"), self.c("ec2")
        subnets = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
        vpc, ids = subnets[0]["VpcId"], [s["SubnetId"] for s in subnets[:2]]
        group = ec2.create_security_group(GroupName="open", Description="open", VpcId=vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0")
        balancer = elb.create_load_balancer(Name="rule", Subnets=ids, SecurityGroups=[group])["LoadBalancers"][0]
        target = elb.create_target_group(Name="rule", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip", HealthCheckPath="/healthz",
                                         HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2,
                                         HealthyThresholdCount=2)["TargetGroups"][0]["TargetGroupArn"]
        listener = elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "418", "MessageBody": "no", "ContentType": "text/plain"}}
        ])["Listeners"][0]["ListenerArn"]
        elb.create_rule(ListenerArn=listener, Priority=1, Conditions=[{"Field": "path-pattern", "Values": ["/healthz"]}],
                        Actions=[{"Type": "forward", "TargetGroupArn": target}])
        ecs.create_cluster(clusterName="rule")
        ecs.register_task_definition(family="rule", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
                                     containerDefinitions=[{"name": "web", "image": "lamp:latest", "portMappings": [{"containerPort": 80}]}])
        ecs.create_service(cluster="rule", serviceName="web", taskDefinition="rule", desiredCount=1, launchType="FARGATE",
                           networkConfiguration={"awsvpcConfiguration": {"subnets": ids, "securityGroups": [group]}},
                           loadBalancers=[{"targetGroupArn": target, "containerName": "web", "containerPort": 80}])
        ecs.get_waiter("services_stable").wait(cluster="rule", services=["web"], WaiterConfig=FAST)
        elb.get_waiter("target_in_service").wait(TargetGroupArn=target, WaiterConfig=FAST)
        address = self.address(balancer["DNSName"])
        self.assertEqual(urllib.request.urlopen(f"http://{address}/healthz", timeout=10).status, 200)
        with self.assertRaises(urllib.error.HTTPError) as e:
            urllib.request.urlopen(f"http://{address}/elsewhere", timeout=10)
        self.assertEqual((e.exception.code, e.exception.read()), (418, b"no"))
        elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
        elb.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[balancer["LoadBalancerArn"]], WaiterConfig=FAST)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
