"""What can be broken, one thing at a time: each a generator that breaks, yields, and puts it back. `box` is the Example."""
import json

from stage import PRIMARY, RECOVERY

FAIL, WARN, UNKNOWN = "fail", "warn", "unknown"
CASES = []


def case(says, *expected):
    """`expected`: (check, verdict) of every finding that may appear."""
    def keep(f):
        CASES.append((says, f, set(expected)))
        return f
    return keep


# ---- database
@case("the replica is stopped", (1, FAIL), (4, FAIL))
def stopped(x):
    # ReplicaLag (check 2) says so with its next minute, after it was looked at here.
    x.sql(RECOVERY, "CALL mysql.rds_stop_replication")
    yield
    x.sql(RECOVERY, "CALL mysql.rds_start_replication")


@case("the heartbeat's row is gone", (3, FAIL))
def no_heartbeat(x):
    x.heartbeat_stops()
    x.sql(PRIMARY, "DELETE FROM relight_heartbeat")
    yield
    x.heartbeat_starts()


@case("the primary keeps backups for one day", (7, WARN))
def short_retention(x):
    x.modify(PRIMARY, BackupRetentionPeriod=1)
    yield
    x.modify(PRIMARY, BackupRetentionPeriod=7)


@case("the replica is of a smaller class", (8, WARN))
def other_class(x):
    x.modify(RECOVERY, DBInstanceClass="db.t4g.small")
    yield
    x.modify(RECOVERY, DBInstanceClass="db.t4g.micro")


@case("a parameter differs", (10, FAIL))
def parameter(x):
    x.parameter(RECOVERY, "long_query_time", "3")
    yield
    x.parameter(RECOVERY, "long_query_time", None)
    x.reboot(RECOVERY)


@case("a change waits on the replica", (12, WARN))
def waiting_change(x):
    x.api(RECOVERY, "rds", "ModifyDBInstance", DBInstanceIdentifier=x.database(RECOVERY), DBInstanceClass="db.t4g.small")
    yield
    x.modify(RECOVERY, DBInstanceClass="db.t4g.micro")


@case("the replica takes writes", (13, FAIL), (10, WARN))
def writable(x):
    x.parameter(RECOVERY, "read_only", "0")
    yield
    x.parameter(RECOVERY, "read_only", None)
    x.reboot(RECOVERY)


@case("the primary purges its binary logs at once", (14, WARN))
def purged(x):
    x.sql(PRIMARY, "CALL mysql.rds_set_configuration('binlog retention hours', NULL)")
    yield
    x.sql(PRIMARY, "CALL mysql.rds_set_configuration('binlog retention hours', 24)")


@case("the primary logs statements", (14, FAIL), (10, FAIL))
def statements(x):
    x.parameter(PRIMARY, "binlog_format", "MIXED")
    yield
    x.parameter(PRIMARY, "binlog_format", "ROW")


@case("a table is of Aria", (15, FAIL))
def aria(x):
    x.sql(PRIMARY, "CREATE TABLE breakage (id INT PRIMARY KEY) ENGINE=Aria")
    yield
    x.sql(PRIMARY, "DROP TABLE breakage")


@case("a table has no primary key", (15, WARN))
def keyless(x):
    x.sql(PRIMARY, "CREATE TABLE breakage (id INT) ENGINE=InnoDB")
    yield
    x.sql(PRIMARY, "DROP TABLE breakage")


@case("the primary's option group was changed", (11, FAIL))
def options(x):
    x.api(PRIMARY, "rds", "CreateOptionGroup", OptionGroupName="breakage", EngineName="mariadb", MajorEngineVersion="10.11",
          OptionGroupDescription="breakage")
    x.api(PRIMARY, "rds", "ModifyOptionGroup", OptionGroupName="breakage", ApplyImmediately=True,
          OptionsToInclude=[{"OptionName": "MARIADB_AUDIT_PLUGIN"}])
    x.join_group(PRIMARY, "breakage")
    yield
    x.join_group(PRIMARY, "default:mariadb-10-11")
    x.api(PRIMARY, "rds", "DeleteOptionGroup", OptionGroupName="breakage")


@case("the replica's certificate is of another authority", (18, WARN))
def authority(x):
    x.modify(RECOVERY, CACertificateIdentifier="rds-ca-rsa4096-g1")
    yield
    x.modify(RECOVERY, CACertificateIdentifier="rds-ca-rsa2048-g1")


# ---- network of the recovery region
def rule(x, group, way, **permission):
    x.api(RECOVERY, "ec2", "Revoke" + way, GroupId=x.group(group), IpPermissions=[permission])
    yield
    x.api(RECOVERY, "ec2", "Authorize" + way, GroupId=x.group(group), IpPermissions=[permission])


@case("the database's group shuts the tasks out", (17, FAIL))
def database_shut(x):
    yield from rule(x, "DatabaseGroup", "SecurityGroupIngress", IpProtocol="tcp", FromPort=3306, ToPort=3306,
                    UserIdGroupPairs=[{"GroupId": x.group("TaskGroup")}])


@case("the load balancer's group shuts visitors out", (38, FAIL))
def visitors_shut(x):
    yield from rule(x, "BalancerGroup", "SecurityGroupIngress", IpProtocol="tcp", FromPort=80, ToPort=80, IpRanges=[{"CidrIp": "0.0.0.0/0"}])


@case("the tasks' group shuts the load balancer out", (38, FAIL))
def tasks_shut(x):
    yield from rule(x, "TaskGroup", "SecurityGroupIngress", IpProtocol="tcp", FromPort=80, ToPort=80,
                    UserIdGroupPairs=[{"GroupId": x.group("BalancerGroup")}])


@case("the tasks may not send anything", (17, FAIL), (29, FAIL))
def mute(x):
    yield from rule(x, "TaskGroup", "SecurityGroupEgress", IpProtocol="-1", IpRanges=[{"CidrIp": "0.0.0.0/0"}])


@case("the default route is gone", (29, FAIL), (38, FAIL))
def no_route(x):
    table = x.resource(RECOVERY, "Routes*")
    x.api(RECOVERY, "ec2", "DeleteRoute", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    yield
    x.api(RECOVERY, "ec2", "CreateRoute", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=x.resource(RECOVERY, "Gateway*"))


# ---- compute
def variable(x, name, value):
    def change(task):
        kept = [v for v in task["containerDefinitions"][0]["environment"] if v["name"] != name]
        task["containerDefinitions"][0]["environment"] = kept + ([{"name": name, "value": value}] if value else [])
    yield from x.other_task(RECOVERY, change)


@case("the recovery tasks are told the primary's database", (24, FAIL))
def primary_host(x):
    yield from variable(x, "DB_HOST", x.box.output(PRIMARY, "lamp-primary", "DatabaseEndpoint"))


@case("the recovery tasks are told the primary's bucket", (24, FAIL))
def primary_bucket(x):
    yield from variable(x, "UPLOADS_BUCKET", x.box.output(PRIMARY, "lamp-primary", "UploadsBucket"))


@case("the recovery tasks are told the primary's region", (20, FAIL), (24, FAIL))
def primary_region(x):
    yield from variable(x, "QUEUE_URL", f"https://sqs.{PRIMARY}.amazonaws.com/000000000000/q")


@case("a variable is missing there", (20, FAIL))
def missing_variable(x):
    yield from variable(x, "DB_NAME", None)


@case("a variable has another value there", (20, FAIL))
def other_variable(x):
    yield from variable(x, "APP_MODE", "read-only")


@case("another image runs there", (20, FAIL), (21, UNKNOWN))
def other_image(x):
    yield from x.other_task(RECOVERY, lambda t: t["containerDefinitions"][0].update(image="lamp:older"))


@case("the image comes from the primary's registry", (20, FAIL), (21, UNKNOWN), (24, FAIL))
def primary_registry(x):
    yield from x.other_task(RECOVERY, lambda t: t["containerDefinitions"][0].update(image=f"registry.{PRIMARY}.example.com/lamp:latest"))


@case("the tasks there have less memory", (20, FAIL))
def less_memory(x):
    yield from x.other_task(RECOVERY, lambda t: t.update(cpu="512", memory="1024"))


@case("the tasks there log into a group that is not there", (31, FAIL), (20, FAIL))
def no_log_group(x):
    logs = {"logDriver": "awslogs", "options": {"awslogs-group": "/lamp", "awslogs-region": RECOVERY, "awslogs-stream-prefix": "web"}}
    yield from x.other_task(RECOVERY, lambda t: t["containerDefinitions"][0].update(logConfiguration=logs))


@case("the quota of Fargate there is less than the tasks need", (25, FAIL))
def low_quota(x):
    x.quota(RECOVERY, "fargate", "L-3032A538", "0.25")
    yield
    x.quota(RECOVERY, "fargate", "L-3032A538", "6")


@case("the quota of load balancers there is used up", (42, FAIL))
def no_balancer_quota(x):
    x.quota(RECOVERY, "elasticloadbalancing", "L-53DA6B97", "0")
    yield
    x.quota(RECOVERY, "elasticloadbalancing", "L-53DA6B97", "50")


@case("the primary runs more tasks than are planned", (26, WARN))
def more_tasks(x):
    x.service(PRIMARY, desiredCount=3)
    yield
    x.service(PRIMARY, desiredCount=2)


@case("the task role there lost its policy", (30, FAIL))
def no_policy(x):
    role = x.resource(RECOVERY, "RoleTaskRole")
    document = x.api(RECOVERY, "iam", "GetRolePolicy", RoleName=role, PolicyName="uploads")["PolicyDocument"]
    x.api(RECOVERY, "iam", "DeleteRolePolicy", RoleName=role, PolicyName="uploads")
    yield
    x.policy(role, "uploads", document)


@case("the task role there names the primary's bucket", (30, FAIL), (56, FAIL))
def primary_policy(x):
    role = x.resource(RECOVERY, "RoleTaskRole")
    document = x.api(RECOVERY, "iam", "GetRolePolicy", RoleName=role, PolicyName="uploads")["PolicyDocument"]
    x.policy(role, "uploads", document.replace("lamp-pilot-uploads-000000000000-us-west-2", "lamp-primary-uploads-000000000000-us-east-1"))
    yield
    x.policy(role, "uploads", document)


@case("tasks may not take their role", (30, FAIL))
def no_trust(x):
    role = x.resource(RECOVERY, "RoleTaskRole")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    x.api(RECOVERY, "iam", "UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=json.dumps(trust))
    yield
    trust["Statement"][0]["Principal"]["Service"] = "ecs-tasks.amazonaws.com"
    x.api(RECOVERY, "iam", "UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=json.dumps(trust))


# ---- load balancer and DNS
@case("the health check there asks another path", (38, FAIL))
def other_path(x):
    arn = x.box.output(RECOVERY, "lamp-pilot", "TargetGroupArn")
    x.api(RECOVERY, "elbv2", "ModifyTargetGroup", TargetGroupArn=arn, HealthCheckPath="/other")
    yield
    x.api(RECOVERY, "elbv2", "ModifyTargetGroup", TargetGroupArn=arn, HealthCheckPath="/healthz")


@case("targets there are judged more slowly", (38, WARN))
def slow_health(x):
    arn = x.box.output(RECOVERY, "lamp-pilot", "TargetGroupArn")
    x.api(RECOVERY, "elbv2", "ModifyTargetGroup", TargetGroupArn=arn, HealthCheckIntervalSeconds=30)
    yield
    x.api(RECOVERY, "elbv2", "ModifyTargetGroup", TargetGroupArn=arn, HealthCheckIntervalSeconds=5)


@case("the load balancer there listens on another port", (38, FAIL))
def other_port(x):
    arn = x.resource(RECOVERY, "Listener*")
    x.api(RECOVERY, "elbv2", "ModifyListener", ListenerArn=arn, Port=81)
    yield
    x.api(RECOVERY, "elbv2", "ModifyListener", ListenerArn=arn, Port=80)


@case("the primary's listener has a rule more", (38, FAIL))
def one_rule_more(x):
    made = x.api(PRIMARY, "elbv2", "CreateRule", ListenerArn=x.resource(PRIMARY, "Listener"), Priority=10,
                 Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old/*"]}}],
                 Actions=[{"Type": "forward", "TargetGroupArn": x.box.output(PRIMARY, "lamp-primary", "TargetGroupArn")}])
    yield
    x.api(PRIMARY, "elbv2", "DeleteRule", RuleArn=made["Rules"][0]["RuleArn"])


def record(x, which, action="UPSERT", **change):
    old = next(r for r in x.records() if r.get("SetIdentifier") == which)
    new = {k: v for k, v in (old | change).items() if v is not None}
    x.change_record(action, new)
    yield
    x.change_record("UPSERT", old)


@case("the record of the recovery region is gone", (43, FAIL))
def no_record(x):
    yield from record(x, "recovery", "DELETE")


@case("the primary's record follows its targets", (43, FAIL))
def follows_targets(x):
    alias = next(r for r in x.records() if r.get("SetIdentifier") == "primary")["AliasTarget"]
    yield from record(x, "primary", AliasTarget=alias | {"EvaluateTargetHealth": True})


@case("the primary's record has no health check", (44, FAIL))
def unchecked(x):
    yield from record(x, "primary", HealthCheckId=None)


@case("DNS leads to other name servers", (46, FAIL))
def delegation(x):
    old = next(r for r in x.records() if r["Type"] == "NS")
    x.change_record("UPSERT", old | {"ResourceRecords": [{"Value": "ns1.elsewhere.example."}]})
    yield
    x.change_record("UPSERT", old)


def health_check(x, change, back):
    i = x.box.output(RECOVERY, "lamp-pilot", "HealthCheckId")
    x.api(RECOVERY, "route53", "UpdateHealthCheck", HealthCheckId=i, **change)
    yield
    x.api(RECOVERY, "route53", "UpdateHealthCheck", HealthCheckId=i, **back)


@case("the health check is not inverted", (44, FAIL))
def upright(x):
    yield from health_check(x, {"Inverted": False}, {"Inverted": True})


@case("the health check is disabled", (44, FAIL))
def disabled(x):
    yield from health_check(x, {"Disabled": True}, {"Disabled": False})


@case("the health check watches another object", (44, FAIL))
def other_object(x):
    yield from health_check(x, {"ResourcePath": "/relight/other"}, {"ResourcePath": "/" + x.box.output(RECOVERY, "lamp-pilot", "FlagKey")})


@case("the health check waits for five failures", (44, WARN))
def slow_check(x):
    yield from health_check(x, {"FailureThreshold": 5}, {"FailureThreshold": 1})


@case("the checkers may not read the flag", (45, FAIL))
def flag_policy(x):
    bucket = x.box.output(RECOVERY, "lamp-pilot", "FlagBucket")
    policy = x.api(RECOVERY, "s3", "GetBucketPolicy", Bucket=bucket)["Policy"]
    x.api(RECOVERY, "s3", "DeleteBucketPolicy", Bucket=bucket)
    yield
    x.api(RECOVERY, "s3", "PutBucketPolicy", Bucket=bucket, Policy=policy)


@case("the flag's bucket is shut to the public", (45, FAIL))
def flag_shut(x):
    bucket = x.box.output(RECOVERY, "lamp-pilot", "FlagBucket")
    block = x.api(RECOVERY, "s3", "GetPublicAccessBlock", Bucket=bucket)["PublicAccessBlockConfiguration"]
    x.api(RECOVERY, "s3", "PutPublicAccessBlock", Bucket=bucket, PublicAccessBlockConfiguration=block | {"RestrictPublicBuckets": True})
    yield
    x.api(RECOVERY, "s3", "PutPublicAccessBlock", Bucket=bucket, PublicAccessBlockConfiguration=block)


@case("the flag is there", (45, FAIL))
def flag_set(x):
    where = {"Bucket": x.box.output(RECOVERY, "lamp-pilot", "FlagBucket"), "Key": x.box.output(RECOVERY, "lamp-pilot", "FlagKey")}
    x.api(RECOVERY, "s3", "PutObject", **where)
    yield
    x.api(RECOVERY, "s3", "DeleteObject", **where)


ACCOUNT = "000000000000"
SHUT = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


def account_block(x, **block):
    x.api(RECOVERY, "s3control", "PutPublicAccessBlock", AccountId=ACCOUNT, PublicAccessBlockConfiguration=block)
    yield
    x.api(RECOVERY, "s3control", "DeletePublicAccessBlock", AccountId=ACCOUNT)


@case("the account's buckets are shut to the public", (45, FAIL))
def account_shut(x):
    yield from account_block(x, **SHUT)


@case("the account takes no public policies", (45, WARN))
def account_refuses(x):
    yield from account_block(x, BlockPublicPolicy=True)


# ---- the load balancer's web ACL
def visible(name):
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


def protected(x, region, *countries):
    """A web ACL on the load balancer of the region's stack, with a rule for each country; gone with the context."""
    balancer = x.box.output(region, {PRIMARY: "lamp-primary", RECOVERY: "lamp-pilot"}[region], "BalancerArn")
    rules = [{"Name": c, "Priority": n, "Statement": {"GeoMatchStatement": {"CountryCodes": [c]}}, "Action": {"Block": {}}, "VisibilityConfig": visible(c)}
             for n, c in enumerate(countries)]
    acl = x.api(region, "wafv2", "CreateWebACL", Name="shield", Scope="REGIONAL", DefaultAction={"Allow": {}}, Rules=rules,
                VisibilityConfig=visible("shield"))["Summary"]
    x.api(region, "wafv2", "AssociateWebACL", WebACLArn=acl["ARN"], ResourceArn=balancer)
    yield
    x.api(region, "wafv2", "DisassociateWebACL", ResourceArn=balancer)
    x.api(region, "wafv2", "DeleteWebACL", Name="shield", Scope="REGIONAL", Id=acl["Id"], LockToken=acl["LockToken"])


@case("a web ACL protects the primary alone", (40, FAIL))
def primary_protected(x):
    yield from protected(x, PRIMARY, "AQ")


@case("a web ACL filters the recovery region's visitors alone", (40, WARN))
def recovery_protected(x):
    yield from protected(x, RECOVERY, "AQ")


@case("the two web ACLs have other rules", (40, FAIL))
def protected_otherwise(x):
    for _ in protected(x, PRIMARY, "AQ", "BV"):
        yield from protected(x, RECOVERY, "AQ")


# ---- buckets
@case("the bucket there keeps no versions", (47, FAIL))
def no_versions(x):
    bucket = x.bucket(RECOVERY)
    x.api(RECOVERY, "s3", "PutBucketVersioning", Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    yield
    x.api(RECOVERY, "s3", "PutBucketVersioning", Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def rules(x, change):
    bucket = x.bucket(PRIMARY)
    old = x.api(PRIMARY, "s3", "GetBucketReplication", Bucket=bucket)["ReplicationConfiguration"]
    new = json.loads(json.dumps(old))
    if change(new["Rules"][0]) is None:
        x.api(PRIMARY, "s3", "PutBucketReplication", Bucket=bucket, ReplicationConfiguration=new)
    else:
        x.api(PRIMARY, "s3", "DeleteBucketReplication", Bucket=bucket)
    yield
    x.api(PRIMARY, "s3", "PutBucketReplication", Bucket=bucket, ReplicationConfiguration=old)


@case("replication of objects is off", (47, FAIL))
def rule_off(x):
    yield from rules(x, lambda r: r.update(Status="Disabled"))


@case("there is no replication of objects", (47, FAIL), (51, FAIL))
def no_rule(x):
    yield from rules(x, lambda r: "delete")


@case("a part of the objects is replicated", (47, WARN))
def narrow_rule(x):
    yield from rules(x, lambda r: r.update(Filter={"Prefix": "pictures/"}))


@case("deletions are not replicated", (51, FAIL))
def no_markers(x):
    yield from rules(x, lambda r: r.update(DeleteMarkerReplication={"Status": "Disabled"}))


@case("the replication role lost its policy", (47, FAIL))
def replication_role(x):
    role = x.resource(RECOVERY, "BucketUploadsReplication")
    document = x.api(PRIMARY, "iam", "GetRolePolicy", RoleName=role, PolicyName="replicate")["PolicyDocument"]
    x.api(PRIMARY, "iam", "DeleteRolePolicy", RoleName=role, PolicyName="replicate")
    yield
    x.policy(role, "replicate", document)


@case("the bucket there lost its public access block", (50, FAIL))
def open_bucket(x):
    bucket = x.bucket(RECOVERY)
    block = x.api(RECOVERY, "s3", "GetPublicAccessBlock", Bucket=bucket)["PublicAccessBlockConfiguration"]
    x.api(RECOVERY, "s3", "DeletePublicAccessBlock", Bucket=bucket)
    yield
    x.api(RECOVERY, "s3", "PutPublicAccessBlock", Bucket=bucket, PublicAccessBlockConfiguration=block)


@case("the primary's bucket has rules for browsers", (50, FAIL))
def cors(x):
    bucket = x.bucket(PRIMARY)
    x.api(PRIMARY, "s3", "PutBucketCors", Bucket=bucket, CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]})
    yield
    x.api(PRIMARY, "s3", "DeleteBucketCors", Bucket=bucket)


@case("the primary's bucket has a life cycle", (50, FAIL))
def life_cycle(x):
    bucket = x.bucket(PRIMARY)
    x.api(PRIMARY, "s3", "PutBucketLifecycleConfiguration", Bucket=bucket, LifecycleConfiguration={
        "Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}]})
    yield
    x.api(PRIMARY, "s3", "DeleteBucketLifecycle", Bucket=bucket)


# ---- images
def image(x, region):
    return x.api(region, "ecr", "DescribeImages", repositoryName="lamp")["imageDetails"][0]


@case("the image is gone from the registry there", (21, FAIL), (23, UNKNOWN))
def no_image(x):
    named = {"repositoryName": "lamp", "imageIds": [{"imageDigest": image(x, RECOVERY)["imageDigest"]}]}
    kept = x.api(RECOVERY, "ecr", "BatchGetImage", **named)["images"][0]
    x.api(RECOVERY, "ecr", "BatchDeleteImage", **named)
    yield
    x.api(RECOVERY, "ecr", "PutImage", repositoryName="lamp", imageManifest=kept["imageManifest"], imageTag="1",
          imageManifestMediaType=kept["imageManifestMediaType"])


@case("the registry replicates nothing", (22, FAIL))
def registry_alone(x):
    old = x.api(PRIMARY, "ecr", "DescribeRegistry")["replicationConfiguration"]
    x.api(PRIMARY, "ecr", "PutReplicationConfiguration", replicationConfiguration={"rules": []})
    yield
    x.api(PRIMARY, "ecr", "PutReplicationConfiguration", replicationConfiguration=old)


@case("the registry replicates other repositories", (22, FAIL))
def other_repositories(x):
    old = x.api(PRIMARY, "ecr", "DescribeRegistry")["replicationConfiguration"]
    x.api(PRIMARY, "ecr", "PutReplicationConfiguration", replicationConfiguration={"rules": [
        rule | {"repositoryFilters": [{"filter": "lamp-tools", "filterType": "PREFIX_MATCH"}]} for rule in old["rules"]]})
    yield
    x.api(PRIMARY, "ecr", "PutReplicationConfiguration", replicationConfiguration=old)


@case("a life cycle will expire the image there", (23, WARN))
def expiring(x):
    policy = {"rules": [{"rulePriority": 1, "action": {"type": "expire"}, "selection": {
        "tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7}}]}
    x.api(RECOVERY, "ecr", "PutLifecyclePolicy", repositoryName="lamp", lifecyclePolicyText=json.dumps(policy))
    yield
    x.api(RECOVERY, "ecr", "DeleteLifecyclePolicy", repositoryName="lamp")


# ---- the stack
@case("somebody changed what the stack made", (60, FAIL), (38, FAIL))
def drifted(x):
    for _ in rule(x, "BalancerGroup", "SecurityGroupIngress", IpProtocol="tcp", FromPort=80, ToPort=80, IpRanges=[{"CidrIp": "0.0.0.0/0"}]):
        x.detect_drift("DRIFTED")
        yield
    x.detect_drift("DRIFTED")  # still, by the name of the replica's key alone


# ---- around the application
@case("a drill has left a subnet behind", (64, WARN))
def left_over(x):
    subnet = x.resource(RECOVERY, "Subnet*")
    x.api(RECOVERY, "ec2", "CreateTags", Resources=[subnet], Tags=[{"Key": "relight:drill", "Value": "autumn"}])
    yield
    x.api(RECOVERY, "ec2", "DeleteTags", Resources=[subnet], Tags=[{"Key": "relight:drill"}])


@case("the tasks there are told the global STS", (57, WARN), (20, FAIL))
def global_sts(x):
    yield from variable(x, "AWS_STS_REGIONAL_ENDPOINTS", "legacy")


@case("the tasks there are told the primary's STS", (57, FAIL), (24, FAIL), (20, FAIL))
def primary_sts(x):
    yield from variable(x, "AWS_ENDPOINT_URL_STS", f"https://sts.{PRIMARY}.amazonaws.com")


# ---- alarms
def alarm(x):
    return x.api(RECOVERY, "cloudwatch", "DescribeAlarms", AlarmNames=[x.resource(RECOVERY, "DatabaseDbBehind")])["MetricAlarms"][0]


ALARM = ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator", "TreatMissingData")


@case("the alarm there is gone", (58, FAIL))
def no_alarm(x):
    old = alarm(x)
    x.api(RECOVERY, "cloudwatch", "DeleteAlarms", AlarmNames=[old["AlarmName"]])
    yield
    x.api(RECOVERY, "cloudwatch", "PutMetricAlarm", **{k: old[k] for k in ALARM})


@case("the alarm's actions are off", (58, FAIL))
def mute_alarm(x):
    name = alarm(x)["AlarmName"]
    x.api(RECOVERY, "cloudwatch", "DisableAlarmActions", AlarmNames=[name])
    yield
    x.api(RECOVERY, "cloudwatch", "EnableAlarmActions", AlarmNames=[name])


@case("the alarm takes silence for well", (58, WARN))
def silent_alarm(x):
    old = {k: v for k, v in alarm(x).items() if k in ALARM}
    x.api(RECOVERY, "cloudwatch", "PutMetricAlarm", **(old | {"TreatMissingData": "notBreaching"}))
    yield
    x.api(RECOVERY, "cloudwatch", "PutMetricAlarm", **old)
