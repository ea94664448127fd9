// CloudWatch is spoken to in three protocols; a server answers in the one it was asked in. Bytes of CBOR: RFC
// 8949 appendix A, and the Smithy RPC v2 CBOR specification.
#include "aws/gen/cloudwatch.h"

#include "aws/codec/protocols.h"
#include "base/bytes.h"
#include "cases.h"

namespace relight::conformance {
namespace {

const aws::ServiceModel& cloudwatch_model() { return aws::cloudwatch::model(); }
using Get = aws::cloudwatch::op::GetMetricStatistics;

http::Request cbor(std::string_view operation, std::string body) {
  http::Request r = post(std::move(body));
  r.path = "/service/GraniteServiceVersion20100801/operation/" + std::string(operation);
  r.headers.set("smithy-protocol", "rpc-v2-cbor");
  r.headers.set("Content-Type", "application/cbor");
  return r;
}
std::string bytes(std::string_view hex) { return unhex(hex).value_or(""); }

TEST(CloudWatch, EachRequestIsKnownByItsProtocol) {
  http::Request query = post("Action=ListMetrics&Version=2010-08-01");
  query.headers.set("Content-Type", "application/x-www-form-urlencoded");
  http::Request json = post("{}");
  json.headers.set("X-Amz-Target", "GraniteServiceVersion20100801.ListMetrics");
  for (auto& r : {query, json, cbor("ListMetrics", "\xa0")}) {
    auto op = aws::codec::route(cloudwatch_model(), r);
    ASSERT_TRUE(op) << op.error().message;
    EXPECT_EQ((*op)->name, "ListMetrics");
  }
  EXPECT_EQ(aws::codec::protocol_of(cloudwatch_model(), query), aws::Protocol::kQuery);
  EXPECT_EQ(aws::codec::protocol_of(cloudwatch_model(), json), aws::Protocol::kJson);
  EXPECT_EQ(aws::codec::protocol_of(cloudwatch_model(), cbor("ListMetrics", "")), aws::codec::kRpcCbor);
}

TEST(CloudWatch, CborRequestsAreReadWithAnyLengths) {
  // {_ "MetricName": (_ "C", "PU"), "Period": 60, "StartTime": 1(1363896240), "Statistics": ["Sum"], …}
  std::string body = bytes(
      "bf6a4d65747269634e616d657f6143625055ff66506572696f64183c69537461727454696d65c11a514b67b0"
      "67456e6454696d65c1fb41d452d9ec200000"
      "694e616d6573706163656141ff");
  aws::cloudwatch::GetMetricStatisticsInput in;
  auto r =
      aws::codec::decode_request(cloudwatch_model(), Get::desc(), cbor("GetMetricStatistics", body), &in);
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(in.MetricName, "CPU");
  EXPECT_EQ(in.Period, 60);
  EXPECT_EQ(iso8601(*in.StartTime), "2013-03-21T20:04:00.000Z");
  EXPECT_EQ(iso8601(*in.EndTime), "2013-03-21T20:04:00.500Z");
}

TEST(CloudWatch, CborAnswersCarryNumbersTextAndTaggedTimes) {
  aws::cloudwatch::GetMetricStatisticsOutput out{.Label = "IETF"};
  out.Datapoints = std::vector<aws::cloudwatch::Datapoint>{
      {.Timestamp = Instant(std::chrono::seconds(1363896240)), .Sum = 1.1}};
  auto r = aws::codec::encode_response(cloudwatch_model(), Get::desc(), &out, "id", aws::codec::kRpcCbor);
  EXPECT_EQ(r.headers.value("smithy-protocol"), "rpc-v2-cbor");
  EXPECT_EQ(hex(body(r)),
            hex(std::string("\xa2\x65Label\x64IETF\x6a") + "Datapoints\x81\xa2\x69" + "Timestamp") +
                "c11a514b67b0" + hex("\x63Sum") + "fb3ff199999999999a");
  aws::cloudwatch::GetMetricStatisticsOutput back;
  ASSERT_TRUE(aws::codec::rpc_cbor::decode_response(cloudwatch_model(), Get::desc(), r, &back));
  EXPECT_EQ(aws::codec::to_json(*shape_of(&out), &back), aws::codec::to_json(*shape_of(&out), &out));
}

TEST(CloudWatch, MalformedCborIsRefused) {
  aws::cloudwatch::ListMetricsInput in;
  for (std::string bad : {std::string("\xff"), bytes("bf"), bytes("a1"), bytes("a10101"),
                          bytes("7b7fffffffffffffff"), bytes("9bffffffffffffffff"), bytes("a0a0"),
                          bytes("1c"), std::string(100000, '\x81'), std::string(100000, '\xc1')}) {
    auto r = aws::codec::decode_request(cloudwatch_model(), *cloudwatch_model().find("ListMetrics"),
                                        cbor("ListMetrics", bad), &in);
    ASSERT_FALSE(r) << hex(bad.substr(0, 20));
    EXPECT_EQ(r.error().code, "SerializationException");
  }
}

TEST(CloudWatch, ErrorsKeepTheCodesOfQueryInEveryProtocol) {
  Error e;
  e.code = "ResourceNotFoundException", e.message = "gone";
  const aws::Operation& op = *cloudwatch_model().find("GetDashboard");
  for (auto p : {aws::Protocol::kJson, aws::codec::kRpcCbor}) {
    auto r = aws::codec::encode_error(cloudwatch_model(), &op, e, "id", p);
    EXPECT_TRUE(r.headers.value("x-amzn-query-error").ends_with(";Sender"))
        << r.headers.value("x-amzn-query-error");
    EXPECT_NE(body(r).find("gone"), std::string::npos);
  }
}

}  // namespace
}  // namespace relight::conformance
