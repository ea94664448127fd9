// The credential chain over a scripted Exchange, on a clock that only sleeping moves, in a home of its own.
#include "aws/client/credentials.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <latch>
#include <mutex>
#include <thread>

#include "aws/client/aws_caller.h"
#include "aws/client/credential_provider.h"
#include "base/bytes.h"
#include "base/disk.h"

namespace relight::aws {
namespace {

using namespace std::chrono_literals;

class ChainClock final : public Clock {
 public:
  Instant now() const override { return start + passed.load(); }
  std::chrono::nanoseconds monotonic() const override { return passed.load(); }
  void sleep(Millis d) override { passed = passed.load() + d; }
  Instant start = *parse_iso8601("2026-11-22T19:00:00Z");
  std::atomic<Millis> passed{Millis(0)};
};

class Neighbours final : public http::Exchange {  // STS, portals and metadata services alike
 public:
  Result<http::Response> send(const http::Request& r, std::chrono::milliseconds d) override {
    {
      std::lock_guard g(m);
      sent.push_back(r);
      deadlines.push_back(d);
    }
    return answer ? answer(r) : fail("Http.Refused", "nobody is there");
  }
  std::function<Result<http::Response>(const http::Request&)> answer;
  std::mutex m;
  std::vector<http::Request> sent;
  std::vector<std::chrono::milliseconds> deadlines;
};

http::Response says(int status, std::string body) {
  http::Response r;
  r.status = status;
  r.body = std::move(body);
  return r;
}

std::string json_keys(const std::string& id, const std::string& expires) {
  return R"({"Code":"Success","AccessKeyId":")" + id +
         R"(","SecretAccessKey":"hush-secret","Token":"hush-token",)" + R"("Expiration":")" + expires +
         R"("})";
}

std::string sts_keys(const char* op, const std::string& id,
                     const std::string& expires = "2026-11-22T20:00:00Z") {
  return std::string("<") + op + "Response><" + op + "Result><Credentials><AccessKeyId>" + id +
         "</AccessKeyId><SecretAccessKey>hush-secret</SecretAccessKey><SessionToken>hush-token</SessionToken>"
         "<Expiration>" +
         expires + "</Expiration></Credentials></" + op + "Result></" + op + "Response>";
}

struct Chain : testing::Test {
  void SetUp() override {
    char name[] = "/tmp/relight-credentials-XXXXXX";
    home = ::mkdtemp(name);
    env = {{"HOME", home},
           {"AWS_REGION", "us-west-2"},
           {"AWS_EC2_METADATA_DISABLED", "true"},
           {"PATH", "/bin:/usr/bin"}};
  }
  void TearDown() override { std::filesystem::remove_all(home); }
  void file(const std::string& path, const std::string& text) {
    ASSERT_TRUE(system_disk().write(home + "/" + path, text, 0600));
  }
  void config(const std::string& text) { file(".aws/config", text); }
  DefaultCredentials& chain() {
    if (!made)
      made = std::make_unique<DefaultCredentials>(fixed_environment(env), system_disk(), there, clock, rng,
                                                  settings);
    return *made;
  }
  std::string key() {  // the access key, or the error's code
    auto c = chain().get();
    if (c) return c->access_key;
    said = c.error().text();
    for (const char* secret : {"hush-secret", "hush-token", "hush-source", "hush-web"})
      EXPECT_EQ(said.find(secret), said.npos) << said;
    EXPECT_FALSE(c.error().next.empty()) << said;
    EXPECT_FALSE(c.error().retryable);
    return c.error().code;
  }
  bool says_so(std::string_view text) const { return said.find(text) != said.npos; }
  // Answers with a role's keys and keeps who asked.
  void sts_gives(std::vector<std::string> ids) {
    there.answer = [this, ids](const http::Request& r) -> Result<http::Response> {
      auto body = *r.body.read();
      bool web = body.find("WithWebIdentity") != body.npos;
      std::string id = ids[std::min(ids.size(), there.sent.size()) - 1];
      return says(200, sts_keys(web ? "AssumeRoleWithWebIdentity" : "AssumeRole", id));
    };
  }
  std::string body(size_t i) { return *there.sent.at(i).body.read(); }

  std::string home, said;
  std::map<std::string, std::string> env;
  Neighbours there;
  ChainClock clock;
  SeededRng rng{7};
  CredentialSettings settings;
  std::unique_ptr<DefaultCredentials> made;
};

constexpr const char* kBase =
    "[profile base]\naws_access_key_id=AKIABASE\naws_secret_access_key=hush-source\n";

TEST_F(Chain, that_finds_nothing_lists_each_provider_with_its_reason) {
  EXPECT_EQ(key(), "Credentials.None");
  for (const char* part : {"AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "no profile 'default'",
                           "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_EC2_METADATA_DISABLED is true"})
    EXPECT_TRUE(says_so(part)) << part << " in " << said;
  EXPECT_TRUE(there.sent.empty());
}

TEST_F(Chain, goes_from_environment_to_web_identity_to_profile_to_container) {
  file("token", "hush-web\n");
  config(
      std::string("[default]\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS\","
                  "\"SecretAccessKey\":\"hush-secret\"}'\n"));
  env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:99/x";
  env["AWS_WEB_IDENTITY_TOKEN_FILE"] = home + "/token";
  env["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/web";
  env["AWS_ACCESS_KEY_ID"] = "AKIAENV";
  env["AWS_SECRET_ACCESS_KEY"] = "hush-source";
  there.answer = [](const http::Request& r) -> Result<http::Response> {
    if (r.host == "127.0.0.1:99") return says(200, json_keys("ASIATASK", "2026-11-22T20:00:00Z"));
    return says(200, sts_keys("AssumeRoleWithWebIdentity", "ASIAWEB"));
  };
  EXPECT_EQ(key(), "AKIAENV");
  for (auto& [without, next] : {std::pair("AWS_ACCESS_KEY_ID", "Credentials.Incomplete"),
                                std::pair("AWS_SECRET_ACCESS_KEY", "ASIAWEB"),
                                std::pair("AWS_WEB_IDENTITY_TOKEN_FILE", "AKIAPROCESS")}) {
    env.erase(without);
    made.reset();
    EXPECT_EQ(key(), next);
  }
  config("[default]\nregion = us-west-2\n");
  made.reset();
  EXPECT_EQ(key(), "ASIATASK");
}

TEST_F(Chain, a_role_is_assumed_with_the_source_profile_s_keys_at_the_region_s_own_sts) {
  config(std::string(kBase) +
         "[profile ops]\nrole_arn=arn:aws:iam::1:role/ops\nsource_profile=base\nexternal_id=ex\n"
         "role_session_name=night\nduration_seconds=1800\n");
  env["AWS_PROFILE"] = "ops";
  sts_gives({"ASIAOPS"});
  ASSERT_EQ(key(), "ASIAOPS") << said;
  auto& sent = there.sent.at(0);
  EXPECT_EQ(sent.host, "sts.us-west-2.amazonaws.com");
  EXPECT_EQ(sign::scope_of(sent)->access_key, "AKIABASE");
  EXPECT_EQ(sign::scope_of(sent)->region, "us-west-2");
  for (const char* part :
       {"Action=AssumeRole", "role%2Fops", "RoleSessionName=night", "ExternalId=ex", "DurationSeconds=1800"})
    EXPECT_NE(body(0).find(part), std::string::npos) << part << " in " << body(0);
}

TEST_F(Chain, the_sts_region_that_is_given_goes_before_the_environment_and_an_endpoint_before_both) {
  config(std::string(kBase) + "[profile ops]\nrole_arn=arn:aws:iam::1:role/ops\nsource_profile=base\n");
  env["AWS_PROFILE"] = "ops";
  settings.sts_region = "eu-west-1";
  sts_gives({"ASIAOPS"});
  ASSERT_EQ(key(), "ASIAOPS") << said;
  EXPECT_EQ(there.sent.at(0).host, "sts.eu-west-1.amazonaws.com");
  env["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:7";
  made.reset();
  ASSERT_EQ(key(), "ASIAOPS") << said;
  EXPECT_EQ(there.sent.at(1).host, "127.0.0.1:7");
  EXPECT_EQ(sign::scope_of(there.sent.at(1))->region, "eu-west-1");
}

TEST_F(Chain, without_a_region_no_global_sts_is_asked) {
  config(std::string(kBase) + "[profile ops]\nrole_arn=arn:aws:iam::1:role/ops\nsource_profile=base\n");
  env["AWS_PROFILE"] = "ops";
  env.erase("AWS_REGION");
  EXPECT_EQ(key(), "Credentials.AssumeRole");
  EXPECT_TRUE(says_so("set AWS_REGION")) << said;
  EXPECT_TRUE(there.sent.empty());
}

TEST_F(Chain, roles_are_chained_and_every_call_is_observed) {
  config(std::string(kBase) +
         "[profile a]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=base\n"
         "[profile b]\nrole_arn=arn:aws:iam::2:role/b\nsource_profile=a\n");
  env["AWS_PROFILE"] = "b";
  std::vector<std::string> seen;
  settings.observer = [&](const CallRecord& r) {
    seen.push_back(r.service + ":" + r.operation + " " + r.region);
  };
  sts_gives({"ASIAA", "ASIAB"});
  ASSERT_EQ(key(), "ASIAB") << said;
  EXPECT_EQ(sign::scope_of(there.sent.at(0))->access_key, "AKIABASE");
  EXPECT_EQ(sign::scope_of(there.sent.at(1))->access_key, "ASIAA");
  EXPECT_EQ(there.sent.at(1).headers.value("X-Amz-Security-Token"), "hush-token");
  EXPECT_EQ(seen, (std::vector<std::string>{"sts:AssumeRole us-west-2", "sts:AssumeRole us-west-2"}));
}

TEST_F(Chain, a_circle_of_source_profiles_is_refused_by_name) {
  config(
      "[profile a]\nrole_arn=arn:aws:iam::1:role/a\nsource_profile=b\n"
      "[profile b]\nrole_arn=arn:aws:iam::1:role/b\nsource_profile=c\n"
      "[profile c]\nrole_arn=arn:aws:iam::1:role/c\nsource_profile=b\n"
      "[profile self]\nrole_arn=arn:aws:iam::1:role/s\nsource_profile=self\n");
  env["AWS_PROFILE"] = "a";
  EXPECT_EQ(key(), "Credentials.Loop");
  EXPECT_TRUE(says_so("a -> b -> c -> b")) << said;
  env["AWS_PROFILE"] = "self";
  made.reset();
  EXPECT_EQ(key(), "Credentials.Loop");
  EXPECT_TRUE(says_so("self -> self")) << said;
}

TEST_F(Chain, a_profile_may_name_itself_if_it_has_keys) {
  config(
      "[profile self]\nrole_arn=arn:aws:iam::1:role/s\nsource_profile=self\naws_access_key_id=AKIASELF\n"
      "aws_secret_access_key=hush-source\n");
  env["AWS_PROFILE"] = "self";
  sts_gives({"ASIASELF"});
  ASSERT_EQ(key(), "ASIASELF") << said;
  EXPECT_EQ(sign::scope_of(there.sent.at(0))->access_key, "AKIASELF");
}

TEST_F(Chain, what_a_role_s_profile_lacks_is_said) {
  config(
      std::string(kBase) +
      "[profile nosource]\nrole_arn=arn:aws:iam::1:role/x\n"
      "[profile both]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=base\ncredential_source=Environment\n"
      "[profile odd]\nrole_arn=arn:aws:iam::1:role/x\ncredential_source=Moon\n"
      "[profile gone]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=nowhere\n"
      "[profile empty]\nregion=us-west-2\n"
      "[profile hollow]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=empty\n"
      "[profile mfa]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=base\nmfa_serial=arn:aws:iam::1:mfa/me\n"
      "[profile noenv]\nrole_arn=arn:aws:iam::1:role/x\ncredential_source=Environment\n"
      "[profile noec2]\nrole_arn=arn:aws:iam::1:role/x\ncredential_source=Ec2InstanceMetadata\n"
      "[profile login]\nlogin_session=arn:aws:iam::1:user/me\n"
      "[profile short]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=base\nduration_seconds=60\n"
      "[profile name]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=base\nrole_session_name=a b\n");
  using Case = std::array<const char*, 3>;
  for (auto& [profile, code, part] :
       {Case{"nosource", "Credentials.Incomplete", "credential_source"},
        Case{"both", "Credentials.Profile", "both"}, Case{"odd", "Credentials.Profile", "Moon"},
        Case{"gone", "Credentials.Profile", "nowhere"},
        Case{"hollow", "Credentials.Incomplete", "source_profile of 'hollow'"},
        Case{"mfa", "Credentials.Unsupported", "mfa_serial"},
        Case{"noenv", "Credentials.Incomplete", "Environment"},
        Case{"noec2", "Credentials.Incomplete", "AWS_EC2_METADATA_DISABLED"},
        Case{"login", "Credentials.Unsupported", "login_session"},
        Case{"short", "Credentials.Profile", "900"}, Case{"name", "Credentials.Profile", "session name"}}) {
    env["AWS_PROFILE"] = profile;
    made.reset();
    EXPECT_EQ(key(), code) << profile;
    EXPECT_TRUE(says_so(part)) << said;
    EXPECT_TRUE(says_so(std::string("'") + profile + "'")) << said;
  }
  EXPECT_TRUE(there.sent.empty());
}

TEST_F(Chain, a_role_may_stand_on_the_environment_the_container_or_the_instance) {
  config(
      "[profile e]\nrole_arn=arn:aws:iam::1:role/x\ncredential_source=Environment\n"
      "[profile c]\nrole_arn=arn:aws:iam::1:role/x\ncredential_source=EcsContainer\n");
  env["AWS_ACCESS_KEY_ID"] = "AKIAENV";
  env["AWS_SECRET_ACCESS_KEY"] = "hush-source";
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/x";
  there.answer = [](const http::Request& r) -> Result<http::Response> {
    if (r.host == "169.254.170.2") return says(200, json_keys("ASIATASK", "2026-11-22T20:00:00Z"));
    return says(200, sts_keys("AssumeRole", "ASIAROLE"));
  };
  for (auto& [profile, signer] : {std::pair("e", "AKIAENV"), std::pair("c", "ASIATASK")}) {
    settings.profile = profile;
    made.reset();
    ASSERT_EQ(key(), "ASIAROLE") << said;
    EXPECT_EQ(sign::scope_of(there.sent.back())->access_key, signer);
  }
}

TEST_F(Chain, a_refused_role_is_no_denial_of_the_caller_s_operation_and_tells_no_secret) {
  config(std::string(kBase) + "[profile ops]\nrole_arn=arn:aws:iam::1:role/ops\nsource_profile=base\n");
  env["AWS_PROFILE"] = "ops";
  there.answer = [](const http::Request&) -> Result<http::Response> {
    return says(403,
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no, hush-source</Message></Error>"
                "<RequestId>r-1</RequestId></ErrorResponse>");
  };
  EXPECT_EQ(key(), "Credentials.AssumeRole");
  EXPECT_TRUE(says_so("AccessDenied: no, (withheld)")) << said;
  EXPECT_TRUE(says_so("trust policy")) << said;
  EXPECT_EQ(there.sent.size(), 1u);
  EXPECT_EQ(key(), "Credentials.AssumeRole");
  EXPECT_EQ(there.sent.size(), 1u)
      << "a failure is kept for some seconds, so that a thousand calls are not refused each";
}

TEST_F(Chain, a_silent_sts_is_tried_three_times) {
  config(std::string(kBase) + "[profile ops]\nrole_arn=arn:aws:iam::1:role/ops\nsource_profile=base\n");
  env["AWS_PROFILE"] = "ops";
  EXPECT_EQ(key(), "Credentials.AssumeRole");
  EXPECT_TRUE(says_so("Http.Refused")) << said;
  EXPECT_EQ(there.sent.size(), 3u);
}

TEST_F(Chain, a_web_identity_is_sent_unsigned_and_its_token_never_told) {
  file("token", "hush-web\n");
  config("[profile web]\nrole_arn=arn:aws:iam::1:role/w\nweb_identity_token_file=" + home + "/token\n");
  env["AWS_PROFILE"] = "web";
  sts_gives({"ASIAWEB"});
  ASSERT_EQ(key(), "ASIAWEB") << said;
  EXPECT_FALSE(there.sent.at(0).headers.has("Authorization"));
  EXPECT_NE(body(0).find("WebIdentityToken=hush-web"), std::string::npos);
  EXPECT_EQ(body(0).find("hush-web%0A"), std::string::npos);
  there.answer = [](const http::Request&) -> Result<http::Response> {
    return says(
        400,
        "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>bad hush-web</Message></Error>"
        "</ErrorResponse>");
  };
  made.reset();
  EXPECT_EQ(key(), "Credentials.WebIdentity");
  EXPECT_TRUE(says_so("InvalidIdentityToken")) << said;
  std::filesystem::remove(home + "/token");
  made.reset();
  EXPECT_EQ(key(), "Credentials.WebIdentity");
  EXPECT_TRUE(says_so(home + "/token")) << said;
}

TEST_F(Chain, keys_are_fetched_anew_five_minutes_before_they_expire_and_kept_while_their_source_is_silent) {
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/x";
  bool silent = false;
  there.answer = [&](const http::Request&) -> Result<http::Response> {
    if (silent) return fail("Http.Refused", "nobody is there");
    return says(200, json_keys("ASIA" + std::to_string(there.sent.size()), iso8601(clock.now() + 1h)));
  };
  EXPECT_EQ(key(), "ASIA1");
  clock.sleep(54min);
  EXPECT_EQ(key(), "ASIA1");
  silent = true;
  clock.sleep(2min);
  EXPECT_EQ(key(), "ASIA1") << said;
  size_t asked = there.sent.size();
  EXPECT_GT(asked, 1u);
  EXPECT_EQ(key(), "ASIA1") << "it is not asked again at once";
  EXPECT_EQ(there.sent.size(), asked);
  clock.sleep(5min);
  EXPECT_EQ(key(), "Credentials.Container") << "now they have expired";
  silent = false;
  clock.sleep(1min);
  EXPECT_EQ(key().substr(0, 4), "ASIA");
}

TEST_F(Chain, keys_that_live_shortly_are_not_fetched_at_every_call_and_forgotten_ones_are) {
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/x";
  there.answer = [&](const http::Request&) -> Result<http::Response> {
    return says(200, json_keys("ASIA" + std::to_string(there.sent.size()), iso8601(clock.now() + 2min)));
  };
  EXPECT_EQ(key(), "ASIA1");
  EXPECT_EQ(key(), "ASIA1");
  clock.sleep(31s);
  EXPECT_EQ(key(), "ASIA2");
  chain().forget();
  EXPECT_EQ(key(), "ASIA3");
}

TEST_F(Chain, one_thread_refreshes_while_the_others_use_what_is_valid) {
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/x";
  std::latch asked(1), go(1);
  std::atomic<int> fetches{0};
  there.answer = [&](const http::Request&) -> Result<http::Response> {
    int n = ++fetches;
    if (n == 2) {
      asked.count_down();
      go.wait();
    }
    return says(200, json_keys("ASIA" + std::to_string(n), iso8601(clock.now() + 1h)));
  };
  EXPECT_EQ(key(), "ASIA1");
  clock.sleep(56min);
  Result<sign::Credentials> fresh;
  std::thread refresher([&] { fresh = chain().get(); });
  asked.wait();
  EXPECT_EQ(key(), "ASIA1");
  EXPECT_EQ(fetches, 2);
  go.count_down();
  refresher.join();
  EXPECT_EQ(fresh->access_key, "ASIA2");
  EXPECT_EQ(key(), "ASIA2");
  EXPECT_EQ(fetches, 2);
}

TEST_F(Chain, threads_that_have_nothing_wait_for_the_one_fetch) {
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/x";
  std::atomic<int> fetches{0};
  there.answer = [&](const http::Request&) -> Result<http::Response> {
    return says(200, json_keys("ASIA" + std::to_string(++fetches), iso8601(clock.now() + 1h)));
  };
  chain();
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { right += chain().get()->access_key == "ASIA1"; });
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, 8);
  EXPECT_EQ(fetches, 1);
}

}  // namespace
}  // namespace relight::aws
