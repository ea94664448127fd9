// Environment, shared files, credentials, endpoints and JMESPath: what a call needs before it is made.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "aws/client/credentials.h"
#include "aws/client/endpoint.h"
#include "aws/client/jmespath.h"
#include "aws/gen/elbv2.h"
#include "aws/gen/iam.h"
#include "aws/gen/rds.h"
#include "aws/gen/s3.h"
#include "base/disk.h"

namespace relight::aws {
namespace {

class Container final : public http::Exchange {
 public:
  Result<http::Response> send(const http::Request& r, std::chrono::milliseconds) override {
    last = r;
    ++asked;
    http::Response out;
    out.body =
        R"({"AccessKeyId":"ASIATASK","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"})";
    return out;
  }
  http::Request last;
  int asked = 0;
};

struct Surroundings : testing::Test {
  void SetUp() override {
    char name[] = "/tmp/relight-client-XXXXXX";
    home = ::mkdtemp(name);
    ASSERT_TRUE(system_disk().write(
        home + "/.aws/credentials",
        "# keys\n[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key=d\n"
        "[ops]\naws_access_key_id=AKIAOPS\naws_secret_access_key=o\naws_session_token=t\n"));
    ASSERT_TRUE(system_disk().write(home + "/.aws/config",
                                    "[default]\nregion = eu-west-1\ns3 =\n  max_concurrent_requests = 20\n"
                                    "[profile ops]\nregion=us-west-2\nendpoint_url = http://127.0.0.1:4566\n"
                                    "[profile role]\nrole_arn=arn:aws:iam::1:role/x\n"));
  }
  void TearDown() override { std::filesystem::remove_all(home); }
  Result<sign::Credentials> credentials(std::map<std::string, std::string> env, std::string profile = "") {
    if (!env.contains("HOME")) env["HOME"] = home;
    env.emplace("AWS_EC2_METADATA_DISABLED", "true");
    return DefaultCredentials(fixed_environment(env), system_disk(), container, system_clock(), system_rng(),
                              {.profile = profile})
        .get();
  }
  std::string home;
  Container container;
};

TEST_F(Surroundings, the_environment_goes_before_the_files_and_a_named_profile_before_both) {
  std::map<std::string, std::string> env{{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "e"}};
  EXPECT_EQ(credentials(env)->access_key, "AKIAENV");
  EXPECT_EQ(credentials(env, "ops")->access_key, "AKIAOPS");
  EXPECT_EQ(credentials({})->access_key, "AKIADEFAULT");
  EXPECT_EQ(credentials({{"AWS_PROFILE", "ops"}})->session_token, "t");
}

TEST_F(Surroundings, what_is_missing_or_not_built_is_said) {
  EXPECT_EQ(credentials({{"AWS_PROFILE", "nobody"}}).error().code, "Credentials.None");
  EXPECT_EQ(credentials({{"AWS_PROFILE", "role"}}).error().code, "Credentials.Incomplete");
  EXPECT_EQ(credentials({{"AWS_ACCESS_KEY_ID", "half"}}).error().code, "Credentials.Incomplete");
  EXPECT_EQ(credentials({{"HOME", "/nonexistent"}}).error().code, "Credentials.None");
}

TEST_F(Surroundings, a_task_asks_its_container_endpoint_once_and_over_plain_http_only_nearby) {
  auto env = fixed_environment({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/abc"}});
  DefaultCredentials c(env, system_disk(), container, system_clock(), system_rng());
  EXPECT_EQ(c.get()->session_token, "t");
  EXPECT_EQ(c.get()->access_key, "ASIATASK");
  EXPECT_EQ(container.asked, 1);
  EXPECT_EQ(container.last.host, "169.254.170.2");
  EXPECT_EQ(container.last.path, "/v2/credentials/abc");
  EXPECT_EQ(
      credentials({{"HOME", "/nonexistent"}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.test/x"}})
          .error()
          .code,
      "Credentials.Container");
}

TEST_F(Surroundings, the_region_comes_from_the_environment_or_the_profile) {
  auto region = [&](std::map<std::string, std::string> env) {
    env["HOME"] = home;
    auto e = fixed_environment(env);
    return default_region(e, *read_profile(e, system_disk()));
  };
  EXPECT_EQ(region({}), "eu-west-1");
  EXPECT_EQ(region({{"AWS_PROFILE", "ops"}}), "us-west-2");
  EXPECT_EQ(region({{"AWS_DEFAULT_REGION", "us-east-1"}}), "us-east-1");
}

std::string host(const ServiceModel& s, const std::string& region,
                 std::map<std::string, std::string> env = {}) {
  auto e = endpoint_for(endpoints_from(fixed_environment(env), {}), s, region);
  return e ? e->scheme + "://" + e->authority + " " + e->signing_region : e.error().code;
}

TEST(Endpoints, follow_the_partition) {
  EXPECT_EQ(host(rds::model(), "us-west-2"), "https://rds.us-west-2.amazonaws.com us-west-2");
  EXPECT_EQ(host(elbv2::model(), "eu-west-1"),
            "https://elasticloadbalancing.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_EQ(host(rds::model(), "cn-north-1"), "https://rds.cn-north-1.amazonaws.com.cn cn-north-1");
  EXPECT_EQ(host(iam::model(), "eu-west-1"), "https://iam.amazonaws.com us-east-1");
  EXPECT_EQ(host(iam::model(), "us-gov-east-1"), "https://iam.us-gov.amazonaws.com us-gov-west-1");
  EXPECT_EQ(host(rds::model(), ""), "Endpoint.NoRegion");
}

TEST(Endpoints, can_be_given_for_all_services_or_one) {
  std::map<std::string, std::string> env{
      {"AWS_ENDPOINT_URL", "http://127.0.0.1:4566"},
      {"AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2", "http://127.0.0.1:9/"}};
  EXPECT_EQ(host(rds::model(), "us-west-2", env), "http://127.0.0.1:4566 us-west-2");
  EXPECT_EQ(host(elbv2::model(), "us-west-2", env), "http://127.0.0.1:9 us-west-2");
  EXPECT_EQ(host(iam::model(), "us-west-2", env), "http://127.0.0.1:4566 us-east-1");
  env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  EXPECT_EQ(host(rds::model(), "us-west-2", env), "https://rds.us-west-2.amazonaws.com us-west-2");
  EXPECT_EQ(host(rds::model(), "x", {{"AWS_ENDPOINT_URL", "nonsense"}}), "Endpoint.Malformed");
}

TEST(Endpoints, s3_buckets_move_into_the_host_where_aws_has_it_so) {
  auto put = [](std::string path, std::map<std::string, std::string> env = {}) {
    http::Request r;
    r.path = path;
    auto e = endpoint_for(endpoints_from(fixed_environment(env), {}), s3::model(), "us-west-2");
    apply_endpoint(*e, s3::model(), r);
    return r.host + r.path;
  };
  EXPECT_EQ(put("/pictures/a/b"), "pictures.s3.us-west-2.amazonaws.com/a/b");
  EXPECT_EQ(put("/pictures"), "pictures.s3.us-west-2.amazonaws.com/");
  EXPECT_EQ(put("/with.dots/a"), "s3.us-west-2.amazonaws.com/with.dots/a");
  EXPECT_EQ(put("/"), "s3.us-west-2.amazonaws.com/");
  EXPECT_EQ(put("/pictures/a", {{"AWS_ENDPOINT_URL", "http://127.0.0.1:4566"}}), "127.0.0.1:4566/pictures/a");
}

TEST(JmesPath, speaks_as_much_as_the_waiters_do) {
  auto j =
      nlohmann::json::parse(R"({"a":{"b":"x"},"l":[{"s":[{"n":1},{"n":2}]},{"s":[{"n":3}]},{}],"e":[]})");
  auto at = [&](const char* path) {
    auto r = jmespath(path, j);
    return r ? r->dump() : r.error().code;
  };
  EXPECT_EQ(at("a.b"), "\"x\"");
  EXPECT_EQ(at("a.none.more"), "null");
  EXPECT_EQ(at("l[].s[].n"), "[1,2,3]");
  EXPECT_EQ(at("l[0].s[-1].n"), "2");
  EXPECT_EQ(at("length(l[].s[]) > `2`"), "true");
  EXPECT_EQ(at("length(e) == `0` && a.b == 'x'"), "true");
  EXPECT_EQ(at("e[].x[].y"), "[]");
  EXPECT_EQ(at("l[?length(s) == `1`].s[].n"), "[3]");
  EXPECT_EQ(at("length(l[?!(length(s) == `2`)]) == `2`"), "true");
  EXPECT_EQ(at("none || a.b"), "\"x\"");
  EXPECT_EQ(at("a..b"), "JmesPath.Syntax");
  EXPECT_EQ(at("(a"), "JmesPath.Syntax");
}

}  // namespace
}  // namespace relight::aws
