// Each kind of resource with an API that tells one: what is kept, what is followed, what is asked.
#include "dr/capture/told.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

constexpr const char* kTargets = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/1";
constexpr const char* kBalancer =
    "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/2";
constexpr const char* kListener = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/web/2/3";

class KindStory : public WalkStory {
 protected:
  // The service stands behind a load balancer.
  void behind_a_balancer() {
    auto& service = aws.answers["ecs:DescribeServices"];
    service.replace(service.find("\"desiredCount\""), 0,
                    R"("loadBalancers":[{"targetGroupArn":")" + std::string(kTargets) + R"("}],)");
    aws.answers["elbv2:DescribeTargetGroups"] = R"({"TargetGroups":[{"TargetGroupArn":")" +
                                                std::string(kTargets) + R"(","LoadBalancerArns":[")" +
                                                kBalancer + R"("]}]})";
    aws.answers["elbv2:DescribeLoadBalancers"] = R"({"LoadBalancers":[{"LoadBalancerArn":")" +
                                                 std::string(kBalancer) +
                                                 R"(","DNSName":"Web-1.elb.amazonaws.com"}]})";
  }
  void listener(const std::string& more) {
    aws.answers["elbv2:DescribeListeners"] =
        R"({"Listeners":[{"ListenerArn":")" + std::string(kListener) + "\"" + more + "}]}";
  }
  void zone(const std::string& records) {
    aws.answers["route53:ListHostedZones"] =
        R"({"HostedZones":[{"Id":"/hostedzone/Z1","Name":"lamp.example.","CallerReference":"c"}],"IsTruncated":false})";
    aws.answers["route53:GetHostedZone"] =
        R"({"HostedZone":{"Id":"/hostedzone/Z1","Name":"lamp.example.","CallerReference":"c","ResourceRecordSetCount":4}})";
    aws.answers["route53:ListResourceRecordSets"] =
        R"({"ResourceRecordSets":[)" + records + R"(],"IsTruncated":false})";
  }
  static std::string record(const std::string& name, const std::string& target,
                            const std::string& more = "") {
    return R"({"Name":")" + name + R"(","Type":"A","AliasTarget":{"HostedZoneId":"Z35","DNSName":")" +
           target + R"(","EvaluateTargetHealth":false})" + more + "}";
  }
  void alarm(const std::string& name, const std::string& dimensions) {
    alarms_ += (alarms_.empty() ? "" : ",") + (R"({"AlarmName":")" + name) +
               R"(","StateValue":"OK","AlarmActions":["arn:aws:sns:us-east-1:0:pager"],"Dimensions":[)" +
               dimensions + "]}";
    aws.answers["cloudwatch:DescribeAlarms"] = R"({"MetricAlarms":[)" + alarms_ + "]}";
  }
  Json properties(const Inventory& i, const ResourceKey& key) {
    auto* r = find(i, key);
    EXPECT_TRUE(r) << key.kind << " " << key.id;
    return r ? Json::parse(r->properties) : Json();
  }
  bool uses(const Inventory& i, const ResourceKey& from, const ResourceKey& to) {
    auto* r = find(i, from);
    return r && std::ranges::count(r->uses, to);
  }
  bool asked(const std::string& call) {
    return std::ranges::any_of(aws.asked, [&](auto& a) { return a.starts_with(call + " "); });
  }
  bool left_out(const Inventory& i, const std::string& kind) {
    return std::ranges::any_of(i.left_out, [&](auto& l) { return l.key.kind == kind; });
  }

 private:
  std::string alarms_;
};

TEST_F(KindStory, RecordsThatAnswerWithTheBalancerBringTheirZoneAndHealthCheck) {
  behind_a_balancer();
  zone(record("www.lamp.example.", "dualstack.web-1.elb.amazonaws.com.",
              R"(,"SetIdentifier":"primary","Failover":"PRIMARY","HealthCheckId":"hc-1")") +
       "," +
       record("www.lamp.example.", "other.elb.amazonaws.com.",
              R"(,"SetIdentifier":"recovery","Failover":"SECONDARY")") +
       "," + record("blog.lamp.example.", "blog.elb.amazonaws.com."));
  aws.answers["route53:GetHealthCheck"] =
      R"({"HealthCheck":{"Id":"hc-1","CallerReference":"x","HealthCheckVersion":3}})";
  auto i = capture();
  ResourceKey primary{"route53/record-set", "Z1/www.lamp.example/A/primary"};
  EXPECT_TRUE(uses(i, primary, {"elbv2/load-balancer", kBalancer}));
  EXPECT_TRUE(uses(i, primary, {"route53/health-check", "hc-1"}));
  EXPECT_TRUE(find(i, {"route53/record-set", "Z1/www.lamp.example/A/recovery"}))
      << "the other half of the pair";
  EXPECT_FALSE(find(i, {"route53/record-set", "Z1/blog.lamp.example/A"}));
  EXPECT_FALSE(properties(i, {"route53/hosted-zone", "Z1"}).contains("ResourceRecordSetCount"));
  EXPECT_FALSE(properties(i, {"route53/health-check", "hc-1"}).contains("HealthCheckVersion"));
}

TEST_F(KindStory, ZonesThatCannotBeListedLeaveTheBalancersRecordsUnknown) {
  behind_a_balancer();
  aws.answers["route53:ListHostedZones"] = "AccessDenied";
  auto i = capture();
  auto* balancer = find(i, {"elbv2/load-balancer", kBalancer});
  ASSERT_TRUE(balancer);
  EXPECT_EQ(balancer->unknown,
            (std::vector<Unseen>{{"route53/record-set", "AccessDenied: the table says so"}}));
}

TEST_F(KindStory, AlarmsThatWatchOurResourcesAndNobodyElses) {
  behind_a_balancer();
  alarm("ours",
        R"({"Name":"LoadBalancer","Value":"app/web/2"},{"Name":"TargetGroup","Value":"targetgroup/web/1"})");
  alarm("database", R"({"Name":"DBInstanceIdentifier","Value":"lamp-db"})");
  alarm("of another service in our cluster",
        R"({"Name":"ClusterName","Value":"lamp"},{"Name":"ServiceName","Value":"blog"})");
  alarm("another balancer", R"({"Name":"LoadBalancer","Value":"app/blog/9"})");
  auto i = capture();
  EXPECT_TRUE(uses(i, {"cloudwatch/alarm", "ours"}, {"elbv2/load-balancer", kBalancer}));
  EXPECT_TRUE(uses(i, {"cloudwatch/alarm", "database"}, {"rds/db-instance", "lamp-db"}));
  EXPECT_EQ(std::ranges::count(i.resources, "cloudwatch/alarm", [](auto& r) { return r.key.kind; }), 2);
  EXPECT_FALSE(properties(i, {"cloudwatch/alarm", "ours"}).contains("StateValue"));
  EXPECT_TRUE(left_out(i, "sns/topic"));
}

TEST_F(KindStory, AnAlarmOverAnExpressionIsFoundByItsMetrics) {
  aws.answers["cloudwatch:DescribeAlarms"] =
      R"({"MetricAlarms":[{"AlarmName":"ratio","Metrics":[{"Id":"e","Expression":"m*2"},{"Id":"m","MetricStat":{"Metric":
          {"Dimensions":[{"Name":"DBInstanceIdentifier","Value":"lamp-db"}]},"Period":60,"Stat":"Sum"}}]}]})";
  EXPECT_TRUE(uses(capture(), {"cloudwatch/alarm", "ratio"}, {"rds/db-instance", "lamp-db"}));
}

TEST_F(KindStory, AlarmsThatCannotBeListedAreUnknownWhereTheyCouldWatch) {
  aws.answers["cloudwatch:DescribeAlarms"] = "AccessDenied";
  auto i = capture();
  EXPECT_EQ(find(i, {"rds/db-instance", "lamp-db"})->unknown.at(0).part, "cloudwatch/alarm");
}

TEST_F(KindStory, ADatabasesOptionGroupAndThatThereAreSnapshots) {
  aws.answers["rds:DescribeDBInstances"] =
      R"({"DBInstances":[{"DBInstanceIdentifier":"lamp-db","Endpoint":{"Address":"db.example"},
          "OptionGroupMemberships":[{"OptionGroupName":"audited"}]}]})";
  aws.answers["rds:DescribeOptionGroups"] =
      R"({"OptionGroupsList":[{"OptionGroupName":"audited","EngineName":"mariadb"}]})";
  auto snapshots = [&](const std::string& night) {
    aws.answers["rds:DescribeDBSnapshots"] = R"({"DBSnapshots":[{"DBSnapshotIdentifier":"rds:)" + night +
                                             R"(","SnapshotType":"automated","Status":"available"},
            {"DBSnapshotIdentifier":"before-2","SnapshotType":"manual","Status":"available"},
            {"DBSnapshotIdentifier":"being-made","SnapshotType":"manual","Status":"creating"}]})";
    return capture();
  };
  auto i = snapshots("monday");
  EXPECT_EQ(properties(i, {"rds/option-group", "audited"})["EngineName"], "mariadb");
  EXPECT_EQ(properties(i, {"rds/db-instance", "lamp-db"})["Snapshots"],
            Json::parse(R"({"Automated":true,"Manual":["before-2"]})"));
  EXPECT_EQ(snapshots("tuesday"), i) << "last night's snapshot is no change of the application";
}

TEST_F(KindStory, ABucketsLockOwnershipAndLogging) {
  task(7, "s3://lamp-uploads/in");
  aws.answers["s3:ListBuckets"] = R"({"Buckets":[{"Name":"lamp-uploads"},{"Name":"lamp"}]})";
  aws.answers["s3:GetObjectLockConfiguration"] =
      R"({"ObjectLockConfiguration":{"ObjectLockEnabled":"Enabled"}})";
  aws.answers["s3:GetBucketOwnershipControls"] = "OwnershipControlsNotFoundError";
  aws.answers["s3:GetBucketLogging"] = R"({"LoggingEnabled":{"TargetBucket":"lamp-logs","TargetPrefix":""}})";
  auto i = capture();
  auto bucket = properties(i, {"s3/bucket", "lamp-uploads"});
  EXPECT_EQ(bucket["ObjectLock"]["ObjectLockEnabled"], "Enabled");
  EXPECT_FALSE(bucket.contains("OwnershipControls"));
  EXPECT_TRUE(uses(i, {"s3/bucket", "lamp-uploads"}, {"s3/bucket", "lamp-logs"}));
  EXPECT_FALSE(find(i, {"s3/bucket", "lamp"})) << "a name within a name is another bucket";
}

TEST_F(KindStory, AllCertificatesOfAListenerThatHasSome) {
  behind_a_balancer();
  listener(R"(,"Protocol":"HTTP")");
  capture();
  EXPECT_FALSE(asked("elbv2:DescribeListenerCertificates"));
  listener(
      R"(,"Protocol":"HTTPS","SslPolicy":"x","Certificates":[{"CertificateArn":"arn:aws:acm:us-east-1:0:certificate/a"}])");
  aws.answers["elbv2:DescribeListenerCertificates"] =
      R"({"Certificates":[{"CertificateArn":"arn:aws:acm:us-east-1:0:certificate/b"},{"CertificateArn":"arn:aws:acm:us-east-1:0:certificate/a","IsDefault":true}]})";
  auto i = capture();
  EXPECT_EQ(properties(i, {"elbv2/listener", kListener})["ListenerCertificates"].size(), 2u);
  EXPECT_TRUE(left_out(i, "acm/certificate"));
}

TEST_F(KindStory, CapacityProvidersOfOnesOwnButNotAwss) {
  aws.answers["ecs:DescribeClusters"] =
      R"({"clusters":[{"clusterName":"lamp","capacityProviders":["FARGATE","spot"]}]})";
  aws.answers["ecs:DescribeCapacityProviders"] =
      R"({"capacityProviders":[{"name":"spot","status":"ACTIVE"}]})";
  auto i = capture();
  EXPECT_EQ(properties(i, {"ecs/capacity-provider", "spot"}), Json::parse(R"({"name":"spot"})"));
  EXPECT_TRUE(left_out(i, "ecs/capacity-provider"));
}

TEST_F(KindStory, TheFunctionThatABucketNotifiesWithItsTriggersAndWithoutItsSecrets) {
  task(7, "lamp-uploads");
  aws.answers["s3:ListBuckets"] = R"({"Buckets":[{"Name":"lamp-uploads"}]})";
  aws.answers["s3:GetBucketNotificationConfiguration"] =
      R"({"LambdaFunctionConfigurations":[{"LambdaFunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:thumbs:live","Events":["s3:ObjectCreated:*"]}]})";
  aws.answers["lambda:GetFunction"] =
      R"({"Configuration":{"FunctionName":"thumbs","CodeSha256":"abc","RevisionId":"r","LastModified":"2026-01-01","State":"Active",
          "Role":"arn:aws:iam::000000000000:role/thumbs","Environment":{"Variables":{"API_KEY":"hunter2-hunter2","DB":"mysql://db.example"}}},
          "Code":{"Location":"https://presigned"},"Tags":{"team":"web"},"Concurrency":{"ReservedConcurrentExecutions":0}})";
  aws.answers["lambda:GetPolicy"] = "ResourceNotFoundException";
  aws.answers["lambda:ListEventSourceMappings"] = R"({"EventSourceMappings":[{"UUID":"u-1"}]})";
  aws.answers["lambda:GetEventSourceMapping"] =
      R"({"UUID":"u-1","State":"Enabled","LastProcessingResult":"OK","FunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:thumbs","EventSourceArn":"arn:aws:sqs:us-east-1:0:jobs"})";
  auto i = capture();
  ResourceKey key{"lambda/function", "thumbs"};
  auto function = properties(i, key);
  EXPECT_EQ(function["CodeSha256"], "abc");
  EXPECT_EQ(function["ReservedConcurrentExecutions"], 0);
  EXPECT_EQ(function["Tags"]["team"], "web");
  EXPECT_EQ(function["Environment"]["Variables"]["API_KEY"], "(withheld)");
  for (auto* gone : {"RevisionId", "LastModified", "State", "Policy", "Code"})
    EXPECT_FALSE(function.contains(gone)) << gone;
  for (auto& u : find(i, key)->unknown) EXPECT_EQ(u.part, "events/rule") << "which this table cannot answer";
  EXPECT_TRUE(uses(i, key, {"iam/role", "thumbs"}));
  EXPECT_TRUE(uses(i, key, {"rds/db-instance", "lamp-db"})) << "through its environment";
  EXPECT_TRUE(uses(i, {"lambda/event-source-mapping", "u-1"}, key));
  EXPECT_FALSE(properties(i, {"lambda/event-source-mapping", "u-1"}).contains("LastProcessingResult"));
  EXPECT_TRUE(left_out(i, "sqs/queue"));
}

TEST_F(KindStory, APolicyOfOnesOwnWithItsDocument) {
  aws.answers["iam:ListAttachedRolePolicies"] =
      R"({"AttachedPolicies":[{"PolicyArn":"arn:aws:iam::0:policy/p"},{"PolicyArn":"arn:aws:iam::aws:policy/x"}],"IsTruncated":false})";
  aws.answers["iam:GetPolicy"] = R"({"Policy":{"Arn":"arn:aws:iam::0:policy/p","DefaultVersionId":"v3"}})";
  aws.answers[R"(iam:GetPolicyVersion {"PolicyArn":"arn:aws:iam::0:policy/p","VersionId":"v3"})"] =
      R"({"PolicyVersion":{"VersionId":"v3","Document":"{}"}})";
  auto i = capture();
  EXPECT_EQ(properties(i, {"iam/policy", "arn:aws:iam::0:policy/p"})["Document"], "{}");
  EXPECT_TRUE(left_out(i, "iam/policy"));
}

TEST_F(KindStory, SecurityGroupsThatNameEachOtherAreEachCapturedOnce) {
  auto group = [&](const char* id, const char* other) {
    aws.answers[std::string(R"(ec2:DescribeSecurityGroups {"GroupIds":[")") + id + "\"]}"] =
        std::string(R"({"SecurityGroups":[{"GroupId":")") + id +
        R"(","IpPermissions":[{"UserIdGroupPairs":[{"GroupId":")" + other + R"("},{"GroupId":")" + id +
        R"("}]}]}]})";
  };
  group("sg-a", "sg-b");
  group("sg-b", "sg-a");
  auto i = capture({"ec2/security-group", "sg-a"});
  EXPECT_EQ(i.resources.size(), 2u);
  EXPECT_TRUE(uses(i, {"ec2/security-group", "sg-a"}, {"ec2/security-group", "sg-b"}));
  EXPECT_TRUE(uses(i, {"ec2/security-group", "sg-b"}, {"ec2/security-group", "sg-a"}));
}

TEST_F(KindStory, AServiceThatWasDeletedAMomentAgoIsNotThere) {
  auto& service = aws.answers["ecs:DescribeServices"];
  service.replace(service.find("\"desiredCount\""), 0, R"("status":"INACTIVE",)");
  auto r = walk(here(), {{{"ecs/service", kService}}, {}, {}});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Capture.NoSuchResource");
}

TEST_F(KindStory, ATaskDefinitionsTagsAreKeptWithIt) {
  auto& task = aws.answers["ecs:DescribeTaskDefinition"];
  task.insert(task.size() - 1, R"(,"tags":[{"key":"team","value":"web"}])");
  EXPECT_EQ(properties(capture(), {"ecs/task-definition", kFamily})["tags"][0]["value"], "web");
}

TEST_F(KindStory, ARootGivenByItsNameIsCapturedUnderItsArn) {
  auto i = capture({"ecs/service", "lamp/web"});
  EXPECT_TRUE(find(i, {"ecs/service", kService}));
  EXPECT_FALSE(find(i, {"ecs/service", "lamp/web"}));
}

TEST_F(KindStory, ASecretKnownInOnePlaceIsKeptOutOfAllOthers) {
  task(7, "db.example");
  aws.answers["ec2:DescribeSubnets"] =
      R"({"Subnets":[{"SubnetId":"subnet-1","Tags":[{"Key":"note","Value":"pw is hunter2-long"},{"Key":"db-password","Value":"tagged"}]}]})";
  auto& t = aws.answers["ecs:DescribeTaskDefinition"];
  t.replace(t.find("hunter2"), 7, "hunter2-long");
  auto i = capture();
  std::string everything = index_json(i);
  for (auto& r : i.resources) everything += to_json(r);
  EXPECT_EQ(everything.find("hunter2"), everything.npos);
  EXPECT_EQ(everything.find("tagged"), everything.npos);
  EXPECT_TRUE(std::ranges::count(i.withheld, "ec2/subnet subnet-1: db-password"));
}

}  // namespace
}  // namespace relight::dr
