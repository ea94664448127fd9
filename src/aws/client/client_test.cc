// AwsCaller over an Exchange that answers from a script, on a clock that only sleeping moves.
#include <gtest/gtest.h>

#include <deque>

#include "aws/client/aws_caller.h"
#include "aws/client/paginate.h"
#include "aws/client/wait.h"
#include "aws/gen/ec2.h"
#include "aws/gen/ecs.h"
#include "aws/gen/rds.h"
#include "aws/gen/s3.h"
#include "aws/gen/sts.h"

namespace relight::aws {
namespace {

using namespace std::chrono_literals;

class FakeClock final : public Clock {
 public:
  Instant now() const override { return start + std::chrono::duration_cast<Millis>(passed); }
  std::chrono::nanoseconds monotonic() const override { return passed; }
  void sleep(Millis d) override {
    passed += d;
    ++sleeps;
  }
  Instant start = *parse_iso8601("2026-11-22T19:35:00Z");
  std::chrono::nanoseconds passed{0};
  int sleeps = 0;
};

class Script final : public http::Exchange {
 public:
  Result<http::Response> send(const http::Request& r, std::chrono::milliseconds deadline) override {
    sent.push_back(r);
    deadlines.push_back(deadline);
    if (answers.empty()) return fail("Http.Refused", "the script is over");
    auto a = answers.front();
    if (answers.size() > 1 || !repeat_last) answers.pop_front();
    return a;
  }
  void answer(int status, std::string body, std::string retry_after = "", std::string date = "") {
    http::Response r;
    r.status = status;
    r.headers.set("x-amzn-RequestId", "request-" + std::to_string(answers.size()));
    if (!retry_after.empty()) r.headers.set("Retry-After", retry_after);
    if (!date.empty()) r.headers.set("Date", date);
    r.body = std::move(body);
    answers.push_back(r);
  }
  void error(const char* code) { answers.push_back(fail(code, "no answer came")); }
  std::deque<Result<http::Response>> answers;
  bool repeat_last = false;
  std::vector<http::Request> sent;
  std::vector<std::chrono::milliseconds> deadlines;
};

std::string query_error(const char* code, const char* message = "because") {
  return std::string("<ErrorResponse><Error><Type>Sender</Type><Code>") + code + "</Code><Message>" +
         message + "</Message></Error><RequestId>r-1</RequestId></ErrorResponse>";
}
std::string instances(const std::string& inner) {
  return "<DescribeDBInstancesResponse><DescribeDBInstancesResult>" + inner +
         "</DescribeDBInstancesResult></DescribeDBInstancesResponse>";
}
std::string instance(const std::string& id, const std::string& status) {
  return "<DBInstance><DBInstanceIdentifier>" + id + "</DBInstanceIdentifier><DBInstanceStatus>" + status +
         "</DBInstanceStatus></DBInstance>";
}
const char* kPromoted =
    "<PromoteReadReplicaResponse><PromoteReadReplicaResult><DBInstance><DBInstanceIdentifier>r"
    "</DBInstanceIdentifier></DBInstance></PromoteReadReplicaResult></PromoteReadReplicaResponse>";

struct ClientTest : testing::Test {
  AwsCaller& caller() {
    if (!made) {
      settings.region = settings.region.empty() ? "us-west-2" : settings.region;
      made = std::make_unique<AwsCaller>(settings, script, credentials, clock, rng);
    }
    return *made;
  }
  Result<rds::PromoteReadReplicaResult> promote(const CallOptions& o = {}) {
    return call<rds::op::PromoteReadReplica>(caller(), {.DBInstanceIdentifier = "r"}, o);
  }
  Result<rds::DBInstanceMessage> describe(const CallOptions& o = {}) {
    return call<rds::op::DescribeDBInstances>(caller(), {}, o);
  }
  FakeClock clock;
  Script script;
  SeededRng rng{7};
  FixedCredentials credentials{{"AKIAEXAMPLE", "secret", ""}};
  CallerSettings settings;
  std::unique_ptr<AwsCaller> made;
};

TEST_F(ClientTest, a_call_is_encoded_signed_and_decoded) {
  script.answer(200, kPromoted);
  auto r = promote();
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->DBInstance->DBInstanceIdentifier, "r");
  const http::Request& sent = script.sent.at(0);
  EXPECT_EQ(sent.scheme, "https");
  EXPECT_EQ(sent.host, "rds.us-west-2.amazonaws.com");
  auto scope = sign::scope_of(sent);
  ASSERT_TRUE(scope);
  EXPECT_EQ(scope->region, "us-west-2");
  EXPECT_EQ(scope->service, "rds");
}

TEST_F(ClientTest, an_error_says_what_where_and_who) {
  script.answer(404, query_error("DBInstanceNotFound", "DBInstance r not found."));
  auto r = promote();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "DBInstanceNotFound");
  EXPECT_EQ(r.error().tried, "rds:PromoteReadReplica");
  EXPECT_EQ(r.error().region, "us-west-2");
  EXPECT_FALSE(r.error().request_id.empty());
  EXPECT_EQ(r.error().http_status, 404);
  EXPECT_FALSE(r.error().retryable);
  EXPECT_EQ(script.sent.size(), 1u);
}

TEST_F(ClientTest, throttling_and_server_faults_are_tried_three_times_in_all) {
  for (int i = 0; i < 3; ++i) script.answer(400, query_error("Throttling"));
  auto r = promote();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Throttling");
  EXPECT_TRUE(r.error().retryable);
  EXPECT_EQ(script.sent.size(), 3u);
  script.answer(503, query_error("ServiceUnavailable"));
  script.answer(200, kPromoted);
  EXPECT_TRUE(promote());
}

TEST_F(ClientTest, a_refused_connection_is_always_tried_again) {
  script.error("Http.Refused");
  script.error("Http.Resolve");
  script.answer(200, kPromoted);
  EXPECT_TRUE(promote());
}

TEST_F(ClientTest, an_effect_of_unknown_outcome_is_not_repeated_but_a_question_is) {
  script.error("Http.Reset");
  auto r = promote();
  ASSERT_FALSE(r);
  EXPECT_EQ(script.sent.size(), 1u);
  EXPECT_FALSE(r.error().retryable);
  EXPECT_EQ(r.error().next, "look whether it took effect before trying again");
  script.error("Http.Reset");
  script.answer(200, instances("<DBInstances/>"));
  EXPECT_TRUE(describe());
}

TEST_F(ClientTest, an_idempotency_token_stays_the_same_over_retries) {
  script.error("Http.Reset");
  script.answer(200, "<CreateNatGatewayResponse/>");
  auto r = call<ec2::op::CreateNatGateway>(caller(), {.SubnetId = "subnet-1"});
  ASSERT_TRUE(r) << r.error().text();
  ASSERT_EQ(script.sent.size(), 2u);
  EXPECT_EQ(*script.sent[0].body.memory(), *script.sent[1].body.memory());
  EXPECT_NE(script.sent[0].body.memory()->find("ClientToken="), std::string::npos);
}

TEST_F(ClientTest, a_token_of_the_callers_own_makes_a_call_repeatable) {
  script.error("Http.Reset");
  script.answer(200, R"({"service":{"serviceName":"web"}})");
  EXPECT_TRUE(call<ecs::op::CreateService>(caller(), {.serviceName = "web", .clientToken = "run-7/step-3"}));
  script.error("Http.Reset");
  EXPECT_FALSE(call<ecs::op::CreateService>(caller(), {.serviceName = "web"}));
}

TEST_F(ClientTest, retry_after_is_respected) {
  script.answer(503, query_error("ServiceUnavailable"), "7");
  script.answer(200, kPromoted);
  EXPECT_TRUE(promote());
  EXPECT_GE(clock.passed, 7s);
}

TEST_F(ClientTest, no_retry_starts_after_the_deadline) {
  script.answer(503, query_error("ServiceUnavailable"), "7");
  script.answer(200, kPromoted);
  EXPECT_FALSE(promote({.region = {}, .deadline = 5s}));
  EXPECT_EQ(script.sent.size(), 1u);
  EXPECT_LE(script.deadlines[0], 5s);
}

TEST_F(ClientTest, a_long_outage_empties_the_retry_quota) {
  script.answer(500, query_error("InternalFailure"));
  script.repeat_last = true;
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(describe());
  EXPECT_EQ(script.sent.size(), 60u + 100u);  // 500 tokens at 5 each: 100 retries, then none
}

TEST_F(ClientTest, a_refused_clock_is_corrected_by_the_answers_date) {
  script.answer(403, query_error("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2"), "",
                http_date(clock.now() + 1h));
  script.answer(200, kPromoted);
  EXPECT_TRUE(promote());
  EXPECT_EQ(script.sent.at(1).headers.value("X-Amz-Date"), iso8601_basic(clock.now() + 1h));
}

TEST_F(ClientTest, a_clock_that_is_refused_again_is_told_by_how_much_it_is_off) {
  script.answer(403, query_error("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2"), "",
                http_date(clock.now() + 1h));
  script.repeat_last = true;
  auto r = promote();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().next, "set this machine's clock: it is 3600 s behind the service's");
}

TEST_F(ClientTest, a_denial_says_which_action_the_role_lacks) {
  script.answer(
      403, query_error("AccessDenied", "User: u is not authorized to perform: rds:Other on resource: r"));
  auto named = promote();
  ASSERT_FALSE(named);
  EXPECT_NE(named.error().next.find("add rds:Other to the policy"), std::string::npos) << named.error().next;
  script.answer(403, query_error("AccessDenied", "no"));
  auto bare = promote();
  ASSERT_FALSE(bare);
  EXPECT_NE(bare.error().next.find("add rds:PromoteReadReplica to"), std::string::npos) << bare.error().next;
  EXPECT_NE(bare.error().message.find("not authorized to perform: rds:PromoteReadReplica"), std::string::npos);
}

TEST_F(ClientTest, the_throttle_spaces_calls_out) {
  settings.throttle["rds"] = {.per_second = 2, .burst = 1};
  script.answer(200, kPromoted);
  script.repeat_last = true;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(promote());
  EXPECT_GE(clock.passed, 2s);
  EXPECT_LE(clock.passed, 2100ms);
}

TEST_F(ClientTest, every_call_is_observed_with_its_region_and_times) {
  std::vector<CallRecord> seen;
  settings.observer = [&](const CallRecord& c) { seen.push_back(c); };
  script.answer(503, query_error("ServiceUnavailable"), "1");
  script.answer(200, kPromoted);
  EXPECT_TRUE(promote({.region = "eu-west-1", .deadline = {}}));
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].operation, "PromoteReadReplica");
  EXPECT_EQ(seen[0].region, "eu-west-1");
  EXPECT_EQ(seen[0].attempts, 2);
  EXPECT_GE(seen[0].ended - seen[0].started, 1s);
}

TEST_F(ClientTest, pages_follow_one_another_until_the_token_ends) {
  script.answer(
      200, instances("<Marker>m1</Marker><DBInstances>" + instance("a", "available") + "</DBInstances>"));
  script.answer(200, instances("<DBInstances>" + instance("b", "available") + "</DBInstances>"));
  auto all = collect<rds::op::DescribeDBInstances>(caller(), {}, &rds::DBInstanceMessage::DBInstances);
  ASSERT_TRUE(all) << all.error().text();
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[1].DBInstanceIdentifier, "b");
  EXPECT_NE(script.sent[1].body.memory()->find("Marker=m1"), std::string::npos);
}

TEST_F(ClientTest, a_page_token_that_repeats_is_an_error_not_a_loop) {
  script.answer(200, instances("<Marker>m1</Marker>"));
  script.repeat_last = true;
  auto r = paginate<rds::op::DescribeDBInstances>(caller(), {}, [](const auto&) {});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Paginate.Stuck");
}

TEST_F(ClientTest, s3_lists_go_on_from_the_last_key_where_no_marker_is_given) {
  auto page = [](const char* key, const char* more) {
    return std::string("<ListBucketResult><IsTruncated>") + more + "</IsTruncated><Contents><Key>" + key +
           "</Key></Contents></ListBucketResult>";
  };
  script.answer(200, page("k1", "true"));
  script.answer(200, page("k2", "false"));
  int pages = 0;
  auto r = paginate<s3::op::ListObjects>(caller(), {.Bucket = "pictures"}, [&](const auto&) { ++pages; });
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(pages, 2);
  EXPECT_EQ(script.sent[1].host, "pictures.s3.us-west-2.amazonaws.com");
  EXPECT_NE(script.sent[1].query.find("marker=k1"), std::string::npos);
}

TEST_F(ClientTest, a_waiter_asks_until_all_are_as_wanted) {
  script.answer(200, instances("<DBInstances>" + instance("a", "modifying") + "</DBInstances>"));
  script.answer(200, instances("<DBInstances>" + instance("a", "available") + instance("b", "rebooting") +
                               "</DBInstances>"));
  script.answer(200, instances("<DBInstances>" + instance("a", "available") + instance("b", "available") +
                               "</DBInstances>"));
  auto r = wait<rds::op::DescribeDBInstances>(caller(), clock, "DBInstanceAvailable", {});
  EXPECT_TRUE(r) << r.error().text();
  EXPECT_EQ(script.sent.size(), 3u);
}

TEST_F(ClientTest, a_waiter_gives_up_on_a_failed_resource_and_at_its_deadline) {
  script.answer(200, instances("<DBInstances>" + instance("a", "failed") + "</DBInstances>"));
  EXPECT_EQ(wait<rds::op::DescribeDBInstances>(caller(), clock, "DBInstanceAvailable", {}).error().code,
            "Wait.Failed");
  script.answer(200, instances("<DBInstances>" + instance("a", "modifying") + "</DBInstances>"));
  script.repeat_last = true;
  auto late =
      wait<rds::op::DescribeDBInstances>(caller(), clock, "DBInstanceAvailable", {}, {.longest = 2min});
  EXPECT_EQ(late.error().code, "Wait.Deadline");
}

TEST_F(ClientTest, services_stable_wants_one_deployment_at_its_full_count) {
  script.answer(
      200, R"({"services":[{"status":"ACTIVE","deployments":[{},{}],"runningCount":2,"desiredCount":2}]})");
  script.answer(200,
                R"({"services":[{"status":"ACTIVE","deployments":[{}],"runningCount":1,"desiredCount":2}]})");
  script.answer(200,
                R"({"services":[{"status":"ACTIVE","deployments":[{}],"runningCount":2,"desiredCount":2}]})");
  auto r = wait<ecs::op::DescribeServices>(caller(), clock, "ServicesStable", {.services = {{"web"}}});
  EXPECT_TRUE(r) << r.error().text();
  EXPECT_EQ(script.sent.size(), 3u);
}

TEST_F(ClientTest, a_deleted_instance_is_known_by_its_error) {
  script.answer(404, query_error("DBInstanceNotFound"));
  auto r = wait<rds::op::DescribeDBInstances>(caller(), clock, "DBInstanceDeleted", {});
  EXPECT_TRUE(r) << r.error().text();
}

}  // namespace
}  // namespace relight::aws
