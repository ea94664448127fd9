// AWS REST JSON 1. Expected bytes are those of the Smithy specification's "AWS restJson1 protocol" and "HTTP
// bindings" pages and their protocol compliance tests, and of the AWS Lambda API Reference.
#include "aws/gen/conformance_rest_json.h"
#include "aws/gen/lambda.h"
#include "cases.h"

namespace relight::conformance {
namespace {

const aws::ServiceModel& model() { return aws::conformance_rest_json::model(); }
Spoken speak(std::string_view operation) { return {model(), operation}; }

void comes_back(std::string_view operation, const http::Request& r, std::string_view input) {
  auto routed = aws::codec::route(model(), r);
  ASSERT_TRUE(routed) << r.target();
  EXPECT_EQ((*routed)->name, operation);
  EXPECT_EQ(speak(operation).read(r), input);
}

TEST(RestJson, BodyMembersAreADocumentAndHeadersAreNot) {
  const char* in = R"({"foo":"Foo","stringValue":"string","trueBooleanValue":true,"doubleValue":6.5})";
  auto r = speak("SimpleScalarProperties").request(in);
  EXPECT_EQ(r.method, "PUT");
  EXPECT_EQ(r.path, "/SimpleScalarProperties");
  EXPECT_EQ(r.headers.value("X-Foo"), "Foo");
  EXPECT_EQ(r.headers.value("Content-Type"), "application/json");
  EXPECT_EQ(body(r), R"({"stringValue":"string","trueBooleanValue":true,"DoubleDribble":6.5})");
  comes_back("SimpleScalarProperties", r, in);
}

TEST(RestJson, HeadersCarryTextNumbersBooleansTimesAndJsonValues) {
  const char* in = R"({"headerString":"Hello","headerInteger":123,"headerTrueBool":true,)"
                   R"("headerTimestamp":"2019-12-16T23:48:18Z","headerJson":{"a":[1]}})";
  auto r = speak("InputAndOutputWithHeaders").request(in);
  EXPECT_EQ(r.headers.value("X-String"), "Hello");
  EXPECT_EQ(r.headers.value("X-Integer"), "123");
  EXPECT_EQ(r.headers.value("X-Boolean1"), "true");
  EXPECT_EQ(r.headers.value("X-Time"), "Mon, 16 Dec 2019 23:48:18 GMT");
  EXPECT_EQ(r.headers.value("X-Json"), "eyJhIjpbMV19");
  EXPECT_EQ(body(r), "");
  comes_back("InputAndOutputWithHeaders", r, in);
}

TEST(RestJson, PrefixHeadersAreAMap) {
  const char* in = R"({"foo":"Foo","fooMap":{"abc":"Abc value","def":"Def value"}})";
  auto r = speak("HttpPrefixHeaders").request(in);
  EXPECT_EQ(r.headers.value("X-Foo"), "Foo");
  EXPECT_EQ(r.headers.value("X-Foo-abc"), "Abc value");
  EXPECT_EQ(r.headers.value("X-Foo-def"), "Def value");
  comes_back("HttpPrefixHeaders", r, in);
}

TEST(RestJson, QueryStringsRepeatForLists) {
  const char* in = R"({"queryString":"Hello there","queryStringList":["a","b","c"],"queryInteger":3,)"
                   R"("queryBoolean":true,"queryTimestamp":"1970-01-01T00:00:01Z"})";
  auto r = speak("AllQueryStringTypes").request(in);
  EXPECT_EQ(r.query,
            "String=Hello%20there&StringList=a&StringList=b&StringList=c&Integer=3&Boolean=true&"
            "Timestamp=1970-01-01T00%3A00%3A01Z");
  comes_back("AllQueryStringTypes", r, in);
}

TEST(RestJson, LabelsAreEscapedInThePath) {
  auto op = speak("HttpRequestWithLabels");
  auto r = op.request(R"({"string":"string","long":3,"boolean":true,"timestamp":"2019-12-16T23:48:18Z"})");
  EXPECT_EQ(r.path, "/HttpRequestWithLabels/string/3/true/2019-12-16T23%3A48%3A18Z");
  const char* in =
      R"({"string":"%:/?#[]@!$&'()*+,;=😹","long":1,"boolean":false,"timestamp":"2019-12-16T23:48:18Z"})";
  r = op.request(in);
  EXPECT_EQ(r.path,
            "/HttpRequestWithLabels/%25%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%F0%9F%98%B9/1/"
            "false/2019-12-16T23%3A48%3A18Z");
  comes_back("HttpRequestWithLabels", r, in);
}

TEST(RestJson, GreedyLabelsKeepTheirSlashes) {
  const char* in = R"({"foo":"hello/escape","baz":"there/guy"})";
  auto r = speak("HttpRequestWithGreedyLabelInPath").request(in);
  EXPECT_EQ(r.path, "/HttpRequestWithGreedyLabelInPath/foo/hello%2Fescape/baz/there/guy");
  comes_back("HttpRequestWithGreedyLabelInPath", r, in);
}

TEST(RestJson, APayloadIsTheWholeBody) {
  const char* in = R"({"foo":"Foo","blob":"YmxvYmJ5IGJsb2IgYmxvYg=="})";
  auto r = speak("HttpPayloadTraits").request(in);
  EXPECT_EQ(body(r), "blobby blob blob");
  EXPECT_EQ(r.headers.value("Content-Type"), "application/octet-stream");
  comes_back("HttpPayloadTraits", r, in);
  r = speak("HttpPayloadWithStructure").request(R"({"nested":{"greeting":"hello","name":"Phreddy"}})");
  EXPECT_EQ(body(r), R"({"greeting":"hello","name":"Phreddy"})");
}

TEST(RestJson, StatusCodesGoBothWays) {
  EXPECT_EQ(speak("HttpResponseCode").response(R"({"Status":201})").status, 201);
  EXPECT_EQ(speak("HttpResponseCode").read(reply(201, "{}")), R"({"Status":201})");
  EXPECT_EQ(speak("Created").response("{}").status, 201);
}

TEST(RestJson, ErrorsAreNamedInAHeaderAndMayBindMembersToOthers) {
  Error e;
  e.code = "ComplexError", e.message = "no";
  e.members = R"({"Header":"Header","TopLevel":"Top level"})";
  auto op = speak("SimpleScalarProperties");
  auto r = op.answer(e);
  EXPECT_EQ(r.status, 403);
  EXPECT_EQ(r.headers.value("X-Amzn-Errortype"), "ComplexError");
  EXPECT_EQ(r.headers.value("X-Header"), "Header");
  EXPECT_EQ(body(r), R"({"message":"no","TopLevel":"Top level"})");
  EXPECT_EQ(op.error(r).members, e.members);
}

TEST(RestJson, UnknownPathsAreUnknownOperations) {
  http::Request r;
  r.path = "/nothing/here";
  auto op = aws::codec::route(model(), r);
  ASSERT_FALSE(op);
  EXPECT_EQ(op.error().http_status, 404);
}

TEST(RestJson, SpeaksAsTheLambdaReferenceShowsInvoke) {
  const auto& lambda = aws::lambda::model();
  aws::lambda::InvocationRequest in{
      .FunctionName = "my-function", .InvocationType = "Event", .Payload = aws::Blob{"{}"}, .Qualifier = "1"};
  SeededRng rng(1);
  auto r = aws::codec::encode_request(lambda, aws::lambda::op::Invoke::desc(), &in, rng);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->target(), "/2015-03-31/functions/my-function/invocations?Qualifier=1");
  EXPECT_EQ(r->headers.value("X-Amz-Invocation-Type"), "Event");
  EXPECT_EQ(body(*r), "{}");
}

}  // namespace
}  // namespace relight::conformance
