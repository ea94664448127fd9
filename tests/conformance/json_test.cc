// AWS JSON 1.0 and 1.1. Expected bytes are those of the Smithy specification's "AWS JSON 1.1 protocol" and
// "AWS Query compatible" pages and their protocol compliance tests, and of the Amazon ECS API Reference's
// examples.
#include "aws/gen/conformance_compatible.h"
#include "aws/gen/conformance_json.h"
#include "aws/gen/ecs.h"
#include "cases.h"

namespace relight::conformance {
namespace {

const aws::ServiceModel& json() { return aws::conformance_json::model(); }
const aws::ServiceModel& compatible() { return aws::conformance_compatible::model(); }
Spoken everything() { return {json(), "Everything"}; }

// What stands in the body once the idempotency token is set aside.
std::string sent(std::string input) {
  input.insert(1, R"("Token":"t",)");
  std::string text = body(everything().request(input));
  EXPECT_TRUE(text.ends_with(R"(,"Token":"t"})")) << text;
  return text.substr(0, text.size() - 13) + "}";
}

TEST(AwsJson, NamesTheOperationInTheTargetHeaderAndSendsAnEmptyObjectForNoInput) {
  auto r = Spoken(json(), "EmptyOperation").request("{}");
  EXPECT_EQ(r.method, "POST");
  EXPECT_EQ(r.path, "/");
  EXPECT_EQ(r.headers.value("X-Amz-Target"), "JsonProtocol.EmptyOperation");
  EXPECT_EQ(r.headers.value("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(body(r), "{}");
}

TEST(AwsJson, WritesEachSimpleTypeAsTheSpecificationDoes) {
  for (const char* same : {R"({"String":"abc xyz"})", R"({"Integer":1234})", R"({"Long":999999999999})",
                           R"({"Float":1234.5})", R"({"Double":1234.5})", R"({"Boolean":true})",
                           R"({"Blob":"YmluYXJ5LXZhbHVl"})", R"({"Double":"NaN"})", R"({"Float":"Infinity"})",
                           R"({"Double":"-Infinity"})", R"({"ListOfStrings":["abc","mno","xyz"]})",
                           R"({"ListOfStrings":[]})", R"({"ListOfFlags":[true,false]})",
                           R"({"MapOfStrings":{}})", R"({"MapOfStrings":{"abc":"xyz","mno":"hjk"}})",
                           R"({"Choice":{"numberValue":1}})", R"({"Document":{"free":[1,null,"x"]}})"}) {
    EXPECT_EQ(sent(same), same);
    EXPECT_EQ(everything().read(reply(200, same)), same);
  }
}

TEST(AwsJson, TimesAreSecondsUnlessTheModelSaysOtherwise) {
  std::string t = R"(":"2000-01-02T20:34:56Z"})";
  EXPECT_EQ(sent("{\"Timestamp" + t), R"({"Timestamp":946845296})");
  EXPECT_EQ(sent("{\"UnixTimestamp" + t), R"({"UnixTimestamp":946845296})");
  EXPECT_EQ(sent("{\"Iso8601Timestamp" + t), R"({"Iso8601Timestamp":"2000-01-02T20:34:56Z"})");
  EXPECT_EQ(sent("{\"HttpdateTimestamp" + t), R"({"HttpdateTimestamp":"Sun, 02 Jan 2000 20:34:56 GMT"})");
}

TEST(AwsJson, ReadsFractionsAndOffsetsOfTimes) {
  auto at = [](std::string text) { return everything().read(reply(200, std::move(text))); };
  EXPECT_EQ(at(R"({"Timestamp":946845296.456})"), R"({"Timestamp":"2000-01-02T20:34:56.456Z"})");
  EXPECT_EQ(at(R"({"Timestamp":1.398796238E9})"), R"({"Timestamp":"2014-04-29T18:30:38Z"})");
  EXPECT_EQ(at(R"({"Iso8601Timestamp":"2019-12-16T22:48:18-01:00"})"),
            R"({"Iso8601Timestamp":"2019-12-16T23:48:18Z"})");
}

TEST(AwsJson, RecursiveStructuresNest) {
  const char* text =
      R"({"RecursiveStruct":{"String":"nested1","Boolean":true,"RecursiveList":[{"String":"string-only"},)"
      R"({"RecursiveStruct":{"MapOfStrings":{"color":"red","size":"large"}}}]}})";
  EXPECT_EQ(sent(text), text);
  EXPECT_EQ(everything().read(post(text)), text);
}

TEST(AwsJson, UsesTheNameOnTheWireAndTheModelsNameForPeople) {
  EXPECT_EQ(sent(R"({"Renamed":"x"})"), R"({"renamedOnTheWire":"x"})");
  EXPECT_EQ(everything().read(reply(200, R"({"renamedOnTheWire":"x"})")), R"({"Renamed":"x"})");
}

TEST(AwsJson, FillsIdempotencyTokensThatAreUnset) {
  std::string text = body(everything().request("{}"));
  EXPECT_EQ(text.size(), std::string(R"({"Token":"00000000-0000-4000-8000-000000000000"})").size()) << text;
}

TEST(AwsJson, IgnoresNullsAndUnknownMembers) {
  EXPECT_EQ(everything().read(reply(200, R"({"String":null,"foo":{"a":[1]},"ListOfStrings":["a",null]})")),
            R"({"ListOfStrings":["a"]})");
}

TEST(AwsJson, RefusesValuesOfAnotherType) {
  for (const char* bad :
       {R"({"String":5})", R"({"Integer":"5"})", R"({"Integer":1.5})", R"({"Integer":2147483648})",
        R"({"Boolean":"true"})", R"({"ListOfStrings":"a"})", R"({"MapOfStrings":[]})",
        R"({"Blob":"not base64!"})", R"({"Timestamp":"now"})", R"({"Timestamp":1e300})",
        R"({"Choice":{"numberValue":1,"stringValue":"a"}})", R"({"String":"a")", "[]", "nonsense"})
    EXPECT_TRUE(everything().read(post(bad)).starts_with("SerializationException: ")) << bad;
}

TEST(AwsJson, BombsAreRefusedBeforeTheyGrow) {
  std::string deep(100000, '[');
  EXPECT_TRUE(everything().read(post(deep)).starts_with("SerializationException: "));
  std::string nested;
  for (int i = 0; i < 40; ++i) nested += R"({"RecursiveList":[)";
  EXPECT_TRUE(everything().read(post(nested)).starts_with("SerializationException: "));
}

TEST(AwsJson, HostLabelsBecomeAHostPrefix) {
  Spoken op(json(), "EndpointWithHostLabelOperation");
  EXPECT_EQ(op.request(R"({"label":"bar"})").host, "foo.bar.");
  aws::conformance_json::HostLabelInput in{.label = "evil.example/"};
  SeededRng rng(1);
  EXPECT_FALSE(aws::codec::encode_request(json(), *json().find("EndpointWithHostLabelOperation"), &in, rng));
}

TEST(AwsJson, RequiredChecksumsAreSent) {
  auto r = Spoken(json(), "Checked").request(R"({"name":"foo"})");
  EXPECT_EQ(body(r), R"({"name":"foo"})");
  EXPECT_EQ(r.headers.value("Content-MD5"), "ULYTczVVnXr6wRRFePjheA==");
}

TEST(AwsJson, ErrorCodesAreFoundInEveryPlaceTheyComeIn) {
  std::string uri = "http://internal.amazon.com/coral/com.amazon.coral.validate/";
  for (std::string type :
       {std::string("FooError"), "FooError:" + uri, std::string("aws.protocoltests.json#FooError"),
        "aws.protocoltests.json#FooError:" + uri}) {
    EXPECT_EQ(everything().error(reply(500, "{\"__type\":\"" + type + "\"}")).code, "FooError");
    EXPECT_EQ(everything().error(reply(500, "{\"code\":\"" + type + "\"}")).code, "FooError");
    auto r = reply(500, "{}");
    r.headers.set("X-Amzn-Errortype", type);
    EXPECT_EQ(everything().error(r).code, "FooError");
  }
}

TEST(AwsJson, ErrorsCarryMessageMembersRequestIdAndWhetherToRetry) {
  auto r = reply(
      400, R"({"__type":"ComplexError","Message":"why","TopLevel":"Top level","Nested":{"Foo":"bar"}})");
  r.headers.set("x-amzn-RequestId", "abc");
  Error e = everything().error(r);
  EXPECT_EQ(e.message, "why");
  EXPECT_EQ(e.members, R"({"TopLevel":"Top level","Nested":{"Foo":"bar"}})");
  EXPECT_EQ(e.request_id, "abc");
  EXPECT_FALSE(e.retryable);
  EXPECT_TRUE(everything().error(reply(503, "<html>gone</html>")).retryable);
  EXPECT_TRUE(everything().error(reply(400, R"({"__type":"ThrottlingException"})")).retryable);
  auto back = everything().answer(e);
  EXPECT_EQ(body(back),
            R"({"__type":"ComplexError","TopLevel":"Top level","Nested":{"Foo":"bar"},"Message":"why"})");
}

TEST(AwsJson, ServerFaultsAre500) {
  Error e;
  e.code = "ServerDown";
  EXPECT_EQ(everything().answer(e).status, 500);
}

TEST(AwsJson, QueryCompatibleServicesSpeakBothErrorCodes) {
  Spoken op(compatible(), "QueryCompatibleOperation");
  auto request = op.request("{}");
  EXPECT_EQ(request.headers.value("x-amzn-query-mode"), "true");
  EXPECT_EQ(request.headers.value("Content-Type"), "application/x-amz-json-1.0");
  Error e;
  e.code = "CustomCodeError", e.message = "Hi";
  auto answer = op.answer(e);
  EXPECT_EQ(answer.status, 402);
  EXPECT_EQ(answer.headers.value("x-amzn-query-error"), "Customized;Sender");
  EXPECT_EQ(body(answer), R"({"__type":"CustomCodeError","message":"Hi"})");
  EXPECT_EQ(op.error(answer).code, "Customized");
}

TEST(AwsJson, UnknownTargetsAreUnknownOperations) {
  for (const char* target :
       {"", "JsonProtocol", "JsonProtocol.", "JsonProtocol.Nothing", "Other.EmptyOperation"}) {
    http::Request r = post("{}");
    r.headers.set("X-Amz-Target", target);
    auto op = aws::codec::route(json(), r);
    ASSERT_FALSE(op) << target;
    EXPECT_EQ(op.error().code, "UnknownOperationException");
  }
}

TEST(AwsJson, SpeaksAsTheEcsReferencesExampleOfCreateCluster) {
  const auto& ecs = aws::ecs::model();
  Spoken op(ecs, "CreateCluster");
  auto r = op.request(R"({"clusterName":"My-cluster"})");
  EXPECT_EQ(r.headers.value("X-Amz-Target"), "AmazonEC2ContainerServiceV20141113.CreateCluster");
  EXPECT_EQ(body(r), R"({"clusterName":"My-cluster"})");
  aws::ecs::CreateClusterResponse out;
  auto text =
      R"({"cluster":{"activeServicesCount":0,"clusterArn":"arn:aws:ecs:us-east-1:012345678910:cluster/My-cluster",
    "clusterName":"My-cluster","pendingTasksCount":0,"registeredContainerInstancesCount":0,"runningTasksCount":0,"status":"ACTIVE"}})";
  ASSERT_TRUE(aws::codec::decode_response(ecs, aws::ecs::op::CreateCluster::desc(), reply(200, text), &out));
  EXPECT_EQ(out.cluster->clusterArn, "arn:aws:ecs:us-east-1:012345678910:cluster/My-cluster");
  EXPECT_EQ(out.cluster->activeServicesCount, 0);
}

}  // namespace
}  // namespace relight::conformance
