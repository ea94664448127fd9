// rest-xml by the samples of the "Amazon S3 API Reference" and the "Amazon Route 53 API Reference".
#include <gtest/gtest.h>

#include "aws/codec/codec.h"
#include "aws/gen/route53.h"
#include "aws/gen/s3.h"

namespace relight::aws::codec {
namespace {

std::string sent(const http::Body& b) { return *b.read(); }
http::Request request(std::string method, std::string path, std::string query = "", std::string body = "") {
  http::Request r;
  r.method = std::move(method);
  r.path = std::move(path);
  r.query = std::move(query);
  r.body = std::move(body);
  return r;
}
http::Response s3_answer(int status, std::string body) {
  http::Response r;
  r.status = status;
  r.body = std::move(body);
  return r;
}
std::string routed(const http::Request& r) {
  auto op = route(s3::model(), r);
  return op ? std::string((*op)->name) : op.error().code;
}

TEST(S3Route, TheSameMethodAndPathMeanManyOperations) {
  EXPECT_EQ(routed(request("GET", "/")), "ListBuckets");
  EXPECT_EQ(routed(request("GET", "/b")), "ListObjects");
  EXPECT_EQ(routed(request("GET", "/b/")), "ListObjects");
  EXPECT_EQ(routed(request("GET", "/b", "list-type=2&prefix=acl")), "ListObjectsV2");
  EXPECT_EQ(routed(request("GET", "/b", "versions")), "ListObjectVersions");
  EXPECT_EQ(routed(request("GET", "/b", "acl=")), "GetBucketAcl");
  EXPECT_EQ(routed(request("GET", "/b", "uploads")), "ListMultipartUploads");
  EXPECT_EQ(routed(request("GET", "/b", "lifecycle")), "GetBucketLifecycleConfiguration");
  EXPECT_EQ(routed(request("GET", "/b", "notification")), "GetBucketNotificationConfiguration");
  EXPECT_EQ(routed(request("GET", "/b/a/b/c")), "GetObject");
  EXPECT_EQ(routed(request("GET", "/b/k", "x-id=GetObject")), "GetObject");
  EXPECT_EQ(routed(request("GET", "/b/k", "uploadId=1")), "ListParts");
  EXPECT_EQ(routed(request("PUT", "/b/k")), "PutObject");
  EXPECT_EQ(routed(request("PUT", "/b/k/")), "PutObject");
  EXPECT_EQ(routed(request("PUT", "/b/k", "partNumber=1&uploadId=u")), "UploadPart");
  EXPECT_EQ(routed(request("DELETE", "/b/k", "uploadId=u")), "AbortMultipartUpload");
  EXPECT_EQ(routed(request("POST", "/b/k", "uploads")), "CreateMultipartUpload");
  EXPECT_EQ(routed(request("POST", "/b/k", "uploadId=u")), "CompleteMultipartUpload");
  EXPECT_EQ(routed(request("POST", "/b", "delete")), "DeleteObjects");
}

TEST(S3Route, ACopyIsToldByItsHeader) {
  auto copy = request("PUT", "/b/k");
  copy.headers.set("X-Amz-Copy-Source", "/a/k");
  EXPECT_EQ(routed(copy), "CopyObject");
  copy.query = "partNumber=1&uploadId=u";
  EXPECT_EQ(routed(copy), "UploadPartCopy");
}

TEST(S3Route, ASubresourceThatTheMethodDoesNotServeIsNoPlainOperation) {
  EXPECT_EQ(routed(request("PUT", "/b/k", "uploads")), "NotImplemented");
  EXPECT_EQ(routed(request("PATCH", "/b/k")), "MethodNotAllowed");
}

TEST(S3, AGreedyKeyKeepsItsSlashesAndEscapesTheRest) {
  SeededRng rng(1);
  s3::PutObjectRequest in;
  in.Bucket = "b";
  in.Key = "a//b c/ü+?.txt";
  in.Metadata = std::map<std::string, std::string>{{"Author", "x"}};
  in.Body = http::Body("hello");
  auto r = encode_request(s3::model(), s3::op::PutObject::desc(), &in, rng);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->path, "/b/a//b%20c/%C3%BC%2B%3F.txt");
  EXPECT_EQ(r->headers.value("x-amz-meta-author"), "x");
  s3::PutObjectRequest back;
  ASSERT_TRUE(decode_request(s3::model(), s3::op::PutObject::desc(), *r, &back));
  EXPECT_EQ(back.Key, in.Key);
  EXPECT_EQ(sent(*back.Body), "hello");
}

TEST(S3, WritesTheListThatClientsKnow) {
  s3::ListObjectsV2Output out;
  out.Name = "bucket";
  out.KeyCount = 1;
  out.Contents = {
      {.Key = "my\"image.jpg", .LastModified = *parse_iso8601("2009-10-12T17:50:30.000Z"), .Size = 434234}};
  out.CommonPrefixes = {{.Prefix = "photos/"}};
  auto r = encode_response(s3::model(), s3::op::ListObjectsV2::desc(), &out, "id");
  EXPECT_EQ(r.headers.value("x-amz-request-id"), "id");
  std::string x = sent(r.body);
  EXPECT_TRUE(
      x.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
                    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"))
      << x;
  EXPECT_NE(x.find("<Contents><Key>my&quot;image.jpg</Key><LastModified>2009-10-12T17:50:30Z</LastModified>"),
            std::string::npos)
      << x;
  EXPECT_NE(x.find("<CommonPrefixes><Prefix>photos/</Prefix></CommonPrefixes>"), std::string::npos) << x;
}

TEST(S3, ReadsTheSampleErrorDocument) {
  s3::GetObjectOutput out;
  auto r = decode_response(s3::model(), s3::op::GetObject::desc(),
                           s3_answer(404, R"(<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>NoSuchKey</Code><Message>The resource you requested does not exist</Message>
  <Resource>/mybucket/myfoto.jpg</Resource><RequestId>4442587FB7D0A2F9</RequestId></Error>)"),
                           &out);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "NoSuchKey");
  EXPECT_EQ(r.error().resource, "/mybucket/myfoto.jpg");
  EXPECT_EQ(r.error().request_id, "4442587FB7D0A2F9");
}

TEST(S3, AHeadsErrorHasNoBodyAndIsNamedByItsStatus) {
  Error e;
  e.code = "NoSuchKey";
  e.http_status = 404;
  auto r = encode_error(s3::model(), &s3::op::HeadObject::desc(), e, "id");
  EXPECT_EQ(r.status, 404);
  EXPECT_TRUE(r.body.empty());
  s3::HeadObjectOutput out;
  EXPECT_EQ(decode_response(s3::model(), s3::op::HeadObject::desc(), r, &out).error().code, "NotFound");
}

TEST(S3, AnErrorInsideA200IsAnErrorToRetry) {
  s3::CompleteMultipartUploadOutput out;
  auto r = decode_response(
      s3::model(), s3::op::CompleteMultipartUpload::desc(),
      s3_answer(200, "<Error><Code>InternalError</Code><Message>again</Message></Error>"), &out);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "InternalError");
  EXPECT_TRUE(r.error().retryable);
}

TEST(S3, ABucketsLocationIsTheRootItself) {
  s3::GetBucketLocationOutput out, back;
  out.LocationConstraint = "us-west-2";
  auto r = encode_response(s3::model(), s3::op::GetBucketLocation::desc(), &out, "id");
  EXPECT_EQ(sent(r.body),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint "
            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "us-west-2</LocationConstraint>");
  ASSERT_TRUE(decode_response(s3::model(), s3::op::GetBucketLocation::desc(), r, &back));
  EXPECT_EQ(back.LocationConstraint, "us-west-2");
  s3::GetBucketLocationOutput nowhere, none;
  ASSERT_TRUE(decode_response(s3::model(), s3::op::GetBucketLocation::desc(),
                              encode_response(s3::model(), s3::op::GetBucketLocation::desc(), &nowhere, "id"),
                              &none));
  EXPECT_FALSE(none.LocationConstraint);
}

TEST(S3, AGranteesTypeIsAnAttributeWithItsPrefix) {
  s3::GetBucketAclOutput out;
  s3::Grantee g;
  g.ID = "75aa";
  g.Type = "CanonicalUser";
  out.Grants = {{.Grantee = g, .Permission = "FULL_CONTROL"}};
  auto r = encode_response(s3::model(), s3::op::GetBucketAcl::desc(), &out, "id");
  EXPECT_NE(
      sent(r.body).find(
          "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">"),
      std::string::npos)
      << sent(r.body);
  s3::GetBucketAclOutput back;
  ASSERT_TRUE(decode_response(s3::model(), s3::op::GetBucketAcl::desc(), r, &back));
  EXPECT_EQ((*back.Grants)[0].Grantee->Type, "CanonicalUser");
}

std::string refused(std::string xml) {
  s3::DeleteObjectsRequest in;
  auto r = decode_request(s3::model(), s3::op::DeleteObjects::desc(),
                          request("POST", "/b", "delete", std::move(xml)), &in);
  return r ? "accepted" : r.error().code;
}

TEST(S3, RefusesXmlThatIsBrokenForeignOrABomb) {
  EXPECT_EQ(refused("<Delete><Object><Key>a</Key></Object></Delete>"), "accepted");
  EXPECT_EQ(
      refused(
          "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a</Key></Object></Delete>"),
      "accepted");
  EXPECT_EQ(refused("<Delete><Object><Key>a</Key></Object>"), "MalformedXML");
  EXPECT_EQ(refused("not xml"), "MalformedXML");
  EXPECT_EQ(refused("<Other><Object><Key>a</Key></Object></Other>"), "MalformedXML");
  EXPECT_EQ(refused("<Delete><Oject><Key>a</Key></Oject></Delete>"), "MalformedXML");
  EXPECT_EQ(refused("<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 "
                    "\"&lol;&lol;\">]><Delete><Object><Key>&lol2;</Key></Object></Delete>"),
            "MalformedXML");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<Delete>";
  for (int i = 0; i < 100'000; ++i) deep += "</Delete>";
  EXPECT_EQ(refused(deep), "MalformedXML");
  EXPECT_EQ(refused("<Delete>" + std::string(9u << 20, ' ') + "</Delete>"), "MalformedXML");
}

TEST(Route53, WritesTheSampleRequestOfChangeResourceRecordSets) {
  SeededRng rng(1);
  route53::ChangeResourceRecordSetsRequest in;
  in.HostedZoneId = "/hostedzone/Z1PA6795UKMFR9";
  route53::ResourceRecordSet set;
  set.Name = "example.com";
  set.Type = "SOA";
  set.TTL = 900;
  set.ResourceRecords = {{.Value = "ns-2048.awsdns-64.net. hostmaster 1 1 1 1 60"}};
  in.ChangeBatch =
      route53::ChangeBatch{.Comment = "a", .Changes = {{{.Action = "UPSERT", .ResourceRecordSet = set}}}};
  auto r = encode_request(route53::model(), route53::op::ChangeResourceRecordSets::desc(), &in, rng);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->path, "/2013-04-01/hostedzone/Z1PA6795UKMFR9/rrset/");
  EXPECT_EQ(sent(r->body),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ChangeResourceRecordSetsRequest "
            "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Comment>a</"
            "Comment><Changes><Change>"
            "<Action>UPSERT</Action><ResourceRecordSet><Name>example.com</Name><Type>SOA</Type><TTL>900</"
            "TTL><ResourceRecords>"
            "<ResourceRecord><Value>ns-2048.awsdns-64.net. hostmaster 1 1 1 1 "
            "60</Value></ResourceRecord></ResourceRecords>"
            "</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>");
}

TEST(Route53, ReadsTheTwoFormsOfAnInvalidChangeBatch) {
  route53::ChangeResourceRecordSetsResponse out;
  auto old =
      decode_response(route53::model(), route53::op::ChangeResourceRecordSets::desc(), s3_answer(400, R"(
<InvalidChangeBatch xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Messages>
<Message>Tried to delete resource record set noexist.example.com. type A, but it was not found</Message>
</Messages><RequestId>b25f48e8-84fd-11e6-80d9-574e0c4664cb</RequestId></InvalidChangeBatch>)"),
                      &out);
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().code, "InvalidChangeBatch");
  EXPECT_EQ(old.error().message,
            "Tried to delete resource record set noexist.example.com. type A, but it was not found");
  EXPECT_EQ(old.error().request_id, "b25f48e8-84fd-11e6-80d9-574e0c4664cb");
  Error e;
  e.code = "InvalidChangeBatch";
  e.message = "[it already exists]";
  auto now = decode_response(
      route53::model(), route53::op::ChangeResourceRecordSets::desc(),
      encode_error(route53::model(), &route53::op::ChangeResourceRecordSets::desc(), e, "id"), &out);
  EXPECT_EQ(now.error().code, "InvalidChangeBatch");
  EXPECT_EQ(now.error().message, "[it already exists]");
}

}  // namespace
}  // namespace relight::aws::codec
