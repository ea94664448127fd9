// Where an application begins, from an API that answers from a table.
#include "dr/capture/roots.h"

#include "dr/capture/told.h"

namespace relight::dr {
namespace {

class RootsStory : public WalkStory {
 protected:
  void stack(const std::string& resources, const std::string& name = "lamp-primary") {
    aws.answers[R"(cloudformation:ListStackResources {"StackName":")" + name + "\"}"] =
        R"({"StackResourceSummaries":[)" + resources + "]}";
  }
  static std::string resource(const std::string& type, const std::string& id,
                              const std::string& status = "CREATE_COMPLETE") {
    return R"({"LogicalResourceId":"L","LastUpdatedTimestamp":"2026-01-01T00:00:00Z","ResourceType":")" +
           type + R"(","PhysicalResourceId":")" + id + R"(","ResourceStatus":")" + status + "\"}";
  }
};

TEST_F(RootsStory, AStacksResourcesAndThoseOfTheStacksInIt) {
  stack(resource("AWS::ECS::Service", kService) + "," + resource("AWS::CloudFormation::Stack", "inner") +
        "," + resource("AWS::Cognito::UserPool", "us-east-1_x") + "," + resource("AWS::EC2::Route", "r") +
        "," + resource("AWS::S3::Bucket", "gone", "DELETE_COMPLETE"));
  stack(resource("AWS::RDS::DBInstance", "lamp-db") + "," +
            resource("AWS::CloudFormation::Stack", "lamp-primary"),
        "inner");
  auto r = roots_of_stack(here(), "lamp-primary");
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->may, (std::vector<ResourceKey>{{"ecs/service", kService}, {"rds/db-instance", "lamp-db"}}));
  ASSERT_EQ(r->left_out.size(), 1u);
  EXPECT_EQ(r->left_out[0].key.kind, "AWS::Cognito::UserPool");
}

TEST_F(RootsStory, AStackThatIsNotThereSaysWhereItWasLookedFor) {
  aws.answers["cloudformation:ListStackResources"] = "ValidationError";
  auto r = roots_of_stack(here(), "nope");
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "ValidationError");
  EXPECT_EQ(r.error().resource, "nope");
  EXPECT_EQ(r.error().region, "us-east-1");
}

TEST_F(RootsStory, WhatAStackNamesButSomebodyDeletedIsLeftOutAndTheRestIsCaptured) {
  stack(resource("AWS::ECS::Service", kService) + "," + resource("AWS::RDS::DBInstance", "deleted-by-hand"));
  aws.answers[R"(rds:DescribeDBInstances {"DBInstanceIdentifier":"deleted-by-hand"})"] = "DBInstanceNotFound";
  auto i = walk(here(), *roots_of_stack(here(), "lamp-primary"));
  ASSERT_TRUE(i) << i.error().text();
  EXPECT_TRUE(find(*i, {"ecs/service", kService}));
  ASSERT_FALSE(i->left_out.empty());
  EXPECT_TRUE(
      std::ranges::count(i->left_out, ResourceKey{"rds/db-instance", "deleted-by-hand"}, &LeftOut::key));
}

TEST_F(RootsStory, ByTheTagsThatEachServiceTells) {
  aws.answers["ecs:ListClusters"] = R"({"clusterArns":["arn:cluster"]})";
  aws.answers["ecs:ListServices"] = R"({"serviceArns":["arn:a","arn:b"]})";
  aws.answers["ecs:DescribeServices"] =
      R"({"services":[{"serviceArn":"arn:a","tags":[{"key":"app","value":"lamp"}]},{"serviceArn":"arn:b","tags":[{"key":"app","value":"blog"}]}]})";
  aws.answers["rds:DescribeDBInstances"] =
      R"({"DBInstances":[{"DBInstanceIdentifier":"d","TagList":[{"Key":"app","Value":"lamp"}]},{"DBInstanceIdentifier":"e"}]})";
  aws.answers["elbv2:DescribeLoadBalancers"] = R"({"LoadBalancers":[{"LoadBalancerArn":"arn:l"}]})";
  aws.answers["elbv2:DescribeTags"] =
      R"({"TagDescriptions":[{"ResourceArn":"arn:l","Tags":[{"Key":"app","Value":"lamp"}]}]})";
  aws.answers["s3:ListBuckets"] = R"({"Buckets":[{"Name":"mine"},{"Name":"other"},{"Name":"closed"}]})";
  aws.answers[R"(s3:GetBucketTagging {"Bucket":"mine"})"] = R"({"TagSet":[{"Key":"app","Value":"lamp"}]})";
  aws.answers[R"(s3:GetBucketTagging {"Bucket":"other"})"] = "NoSuchTagSet";
  aws.answers[R"(s3:GetBucketTagging {"Bucket":"closed"})"] = "AccessDenied";
  auto r = roots_of_tag(here(), "app", "lamp");
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->must, (std::vector<ResourceKey>{{"ecs/service", "arn:a"},
                                               {"rds/db-instance", "d"},
                                               {"elbv2/load-balancer", "arn:l"},
                                               {"s3/bucket", "mine"}}));
  ASSERT_EQ(r->left_out.size(), 1u) << "a bucket whose tags are denied is not one without tags";
  EXPECT_EQ(r->left_out[0].key.id, "closed");
}

TEST_F(RootsStory, ATagThatNobodyCarriesSaysWhatCouldNotBeSeen) {
  aws.answers["rds:DescribeDBInstances"] = "AccessDenied";
  auto r = roots_of_tag(here(), "app", "lamp");
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Init.NothingTagged");
  EXPECT_NE(r.error().message.find("rds/db-instance"), std::string::npos);
  EXPECT_NE(r.error().message.find("AccessDenied"), std::string::npos);
}

}  // namespace
}  // namespace relight::dr
