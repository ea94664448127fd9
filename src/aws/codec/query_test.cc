// The query and ec2 protocols by AWS's published samples ("AWS STS API Reference", "Amazon EC2 API
// Reference", "AWS Query protocol" at smithy.io).
#include <gtest/gtest.h>

#include "aws/codec/codec.h"
#include "aws/codec/query_params.h"
#include "aws/gen/ec2.h"
#include "aws/gen/elbv2.h"
#include "aws/gen/iam.h"
#include "aws/gen/rds.h"
#include "aws/gen/sts.h"

namespace relight::aws::codec {
namespace {

http::Request form(std::string body) {
  http::Request r;
  r.method = "POST";
  r.headers.set("Content-Type", "application/x-www-form-urlencoded");
  r.body = std::move(body);
  return r;
}
std::string text(const http::Body& b) { return *b.read(); }
http::Response answer(int status, std::string body) {
  http::Response r;
  r.status = status;
  r.body = std::move(body);
  return r;
}

TEST(Query, WritesListsAndStructuresAsNumberedMembers) {
  SeededRng rng(1);
  rds::AddTagsToResourceMessage in;
  in.ResourceName = "arn:aws:rds:us-east-1:1:db:a";
  in.Tags.emplace().push_back({.Key = "k 1", .Value = "v&1"});
  auto r = encode_request(rds::model(), rds::op::AddTagsToResource::desc(), &in, rng);
  ASSERT_TRUE(r);
  EXPECT_EQ(
      text(r->body),
      "Action=AddTagsToResource&Version=2014-10-31&ResourceName=arn%3Aaws%3Ards%3Aus-east-1%3A1%3Adb%3Aa"
      "&Tags.Tag.1.Key=k%201&Tags.Tag.1.Value=v%261");
}

TEST(Query, ReadsTheSampleResponseOfAssumeRole) {
  sts::AssumeRoleResponse out;
  auto r = decode_response(sts::model(), sts::op::AssumeRole::desc(), answer(200, R"(
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
  <SourceIdentity>Alice</SourceIdentity>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn>
      <AssumedRoleId>ARO123EXAMPLE123:TestAR</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
      <SessionToken>AQoDYXdzEPT//////////wEXAMPLE</SessionToken>
      <Expiration>2019-11-09T13:34:41Z</Expiration>
    </Credentials>
    <PackedPolicySize>6</PackedPolicySize>
  </AssumeRoleResult>
  <ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata>
</AssumeRoleResponse>)"),
                           &out);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(out.SourceIdentity, "Alice");
  EXPECT_EQ(out.Credentials->AccessKeyId, "ASIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(iso8601(*out.Credentials->Expiration), "2019-11-09T13:34:41.000Z");
  EXPECT_EQ(out.PackedPolicySize, 6);
}

TEST(Query, WrapsAResultInItsNamespaceAndNamesTheRequest) {
  sts::GetCallerIdentityResponse out{
      .UserId = "AID", .Account = "000000000000", .Arn = "arn:aws:iam::000000000000:root"};
  auto r = encode_response(sts::model(), sts::op::GetCallerIdentity::desc(), &out, "01234567-89ab");
  EXPECT_EQ(r.headers.value("x-amzn-RequestId"), "01234567-89ab");
  EXPECT_EQ(
      text(r.body),
      "<GetCallerIdentityResponse "
      "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
      "<UserId>AID</UserId><Account>000000000000</Account><Arn>arn:aws:iam::000000000000:root</Arn>"
      "</GetCallerIdentityResult><ResponseMetadata><RequestId>01234567-89ab</RequestId></ResponseMetadata>"
      "</GetCallerIdentityResponse>");
}

TEST(Query, AnOperationWithoutResultAnswersOnlyMetadata) {
  iam::DeleteRoleOutput_ out;
  auto r = encode_response(iam::model(), iam::op::DeleteRole::desc(), &out, "id");
  EXPECT_EQ(text(r.body),
            "<DeleteRoleResponse "
            "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata><RequestId>id</RequestId>"
            "</ResponseMetadata></DeleteRoleResponse>");
}

TEST(Query, AnErrorTakesItsCodeAndStatusFromTheModel) {
  Error e;
  e.code = "NoSuchEntityException";  // the shape's name; the wire says NoSuchEntity
  e.message = "The role with name x cannot be found.";
  auto r = encode_error(iam::model(), &iam::op::GetRole::desc(), e, "id");
  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(text(r.body),
            "<ErrorResponse "
            "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>NoSuchEntity"
            "</Code><Message>The role with name x cannot be "
            "found.</Message></Error><RequestId>id</RequestId></ErrorResponse>");
  iam::GetRoleResponse out;
  auto back = decode_response(iam::model(), iam::op::GetRole::desc(), r, &out);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, "NoSuchEntity");
  EXPECT_EQ(back.error().request_id, "id");
  EXPECT_EQ(back.error().http_status, 404);
  EXPECT_FALSE(back.error().retryable);
}

TEST(Query, UnknownParametersAreIgnoredAndMissingOnesNamed) {
  iam::GetRoleRequest in;
  auto ok = decode_request(iam::model(), iam::op::GetRole::desc(),
                           form("Action=GetRole&Version=2010-05-08&RoleName=a&Nonsense=1"), &in);
  EXPECT_TRUE(ok);
  EXPECT_EQ(in.RoleName, "a");
  iam::GetRoleRequest empty;
  auto missing = decode_request(iam::model(), iam::op::GetRole::desc(),
                                form("Action=GetRole&Version=2010-05-08"), &empty);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("oleName"), std::string::npos) << missing.error().message;
}

TEST(Query, AWrongNumberIsRefusedByName) {
  rds::DescribeDBInstancesMessage in;
  auto r = decode_request(rds::model(), rds::op::DescribeDBInstances::desc(),
                          form("Action=DescribeDBInstances&Version=2014-10-31&MaxRecords=many"), &in);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "MalformedInput");
  EXPECT_NE(r.error().message.find("MaxRecords"), std::string::npos);
}

TEST(Query, RoutesByActionAndVersion) {
  auto r = route(sts::model(), form("Action=GetCallerIdentity&Version=2011-06-15"));
  ASSERT_TRUE(r);
  EXPECT_EQ((*r)->name, "GetCallerIdentity");
  EXPECT_EQ(route(sts::model(), form("Action=Dance&Version=2011-06-15")).error().code, "InvalidAction");
  EXPECT_EQ(route(sts::model(), form("Action=GetCallerIdentity&Version=1999-01-01")).error().code,
            "InvalidAction");
  EXPECT_EQ(route(sts::model(), form("Version=2011-06-15")).error().code, "MissingAction");
}

TEST(Query, ARequestOfTooManyParametersIsRefused) {
  std::string body = "Action=GetCallerIdentity&Version=2011-06-15";
  for (int i = 0; i < 20001; ++i) body += "&a" + std::to_string(i) + "=1";
  auto r = request_params(form(body));
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "MalformedQueryString");
}

TEST(Query, AGapInAListsNumbersIsTolerated) {
  elbv2::DescribeTagsInput in;
  ASSERT_TRUE(decode_request(
      elbv2::model(), elbv2::op::DescribeTags::desc(),
      form("Action=DescribeTags&Version=2015-12-01&ResourceArns.member.1=a&ResourceArns.member.10=c&"
           "ResourceArns.member.9=b"),
      &in));
  EXPECT_EQ(*in.ResourceArns, (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Ec2, WritesFiltersFlattenedAndCapitalised) {
  SeededRng rng(1);
  ec2::DescribeSubnetsRequest in;
  in.Filters.emplace().push_back({.Name = "vpc-id", .Values = std::vector<std::string>{"vpc-1", "vpc-2"}});
  in.SubnetIds = std::vector<std::string>{"subnet-1"};
  in.DryRun = true;
  auto r = encode_request(ec2::model(), ec2::op::DescribeSubnets::desc(), &in, rng);
  ASSERT_TRUE(r);
  EXPECT_EQ(text(r->body),
            "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Filter.1."
            "Value.2=vpc-2"
            "&SubnetId.1=subnet-1&DryRun=true");
  ec2::DescribeSubnetsRequest back;
  ASSERT_TRUE(decode_request(ec2::model(), ec2::op::DescribeSubnets::desc(), form(text(r->body)), &back));
  EXPECT_EQ((*back.Filters)[0].Values, (std::vector<std::string>{"vpc-1", "vpc-2"}));
  EXPECT_EQ(back.DryRun, true);
}

TEST(Ec2, ReadsTheSampleResponseOfDescribeVpcs) {
  ec2::DescribeVpcsResult out;
  auto r = decode_response(ec2::model(), ec2::op::DescribeVpcs::desc(), answer(200, R"(
<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</requestId>
  <vpcSet><item>
      <vpcId>vpc-081ec835f3EXAMPLE</vpcId><ownerId>111122223333</ownerId><state>available</state>
      <cidrBlock>10.0.0.0/16</cidrBlock>
      <cidrBlockAssociationSet><item><cidrBlock>10.0.0.0/16</cidrBlock><associationId>vpc-cidr-assoc-1</associationId>
        <cidrBlockState><state>associated</state></cidrBlockState></item></cidrBlockAssociationSet>
      <isDefault>false</isDefault><tagSet><item><key>Name</key><value>a &amp; b</value></item></tagSet>
  </item></vpcSet>
</DescribeVpcsResponse>)"),
                           &out);
  ASSERT_TRUE(r) << r.error().text();
  ASSERT_EQ(out.Vpcs->size(), 1u);
  EXPECT_EQ((*out.Vpcs)[0].VpcId, "vpc-081ec835f3EXAMPLE");
  EXPECT_EQ((*out.Vpcs)[0].IsDefault, false);
  EXPECT_EQ((*(*out.Vpcs)[0].Tags)[0].Value, "a & b");
}

TEST(Ec2, AnOperationWithoutOutputAnswersReturnTrue) {
  ec2::DeleteVpcOutput_ out;
  auto r = encode_response(ec2::model(), ec2::op::DeleteVpc::desc(), &out, "id");
  EXPECT_EQ(text(r.body),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DeleteVpcResponse "
            "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15\">"
            "<requestId>id</requestId><return>true</return></DeleteVpcResponse>");
}

TEST(Ec2, ErrorsAreTheDocumentedResponse) {
  // "Error codes for the Amazon EC2 API", Example error response.
  ec2::DescribeVpcsResult out;
  auto r = decode_response(ec2::model(), ec2::op::DescribeVpcs::desc(),
                           answer(400, R"(<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>The instance ID 'i-1a2b3c4d' does not exist</Message>
</Error></Errors><RequestID>ea966190-f9aa-478e-9ede-example</RequestID></Response>)"),
                           &out);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "InvalidInstanceID.NotFound");
  EXPECT_EQ(r.error().request_id, "ea966190-f9aa-478e-9ede-example");
  Error e;
  e.code = "InvalidVpcID.NotFound";
  e.message = "no <vpc>";
  auto w = encode_error(ec2::model(), nullptr, e, "id");
  EXPECT_EQ(w.status, 400);
  EXPECT_EQ(text(w.body),
            "<?xml version=\"1.0\" "
            "encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>"
            "<Message>no &lt;vpc&gt;</Message></Error></Errors><RequestID>id</RequestID></Response>");
}

}  // namespace
}  // namespace relight::aws::codec
