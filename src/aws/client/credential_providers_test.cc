// Process, IAM Identity Center, container and instance metadata, each for itself.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "aws/client/credential_provider.h"
#include "base/bytes.h"
#include "base/disk.h"

namespace relight::aws {
namespace {

using namespace std::chrono_literals;

class ProviderClock final : public Clock {
 public:
  Instant now() const override { return start + passed; }
  std::chrono::nanoseconds monotonic() const override { return passed; }
  void sleep(Millis d) override { passed += d; }
  Instant start = *parse_iso8601("2026-11-22T19:00:00Z");
  Millis passed{0};
};

class Agent final : public http::Exchange {
 public:
  Result<http::Response> send(const http::Request& r, std::chrono::milliseconds d) override {
    sent.push_back(r);
    deadlines.push_back(d);
    return answer ? answer(r) : fail("Http.Deadline", "nobody is there");
  }
  std::function<Result<http::Response>(const http::Request&)> answer;
  std::vector<http::Request> sent;
  std::vector<std::chrono::milliseconds> deadlines;
};

http::Response agent_says(int status, std::string body) {
  http::Response r;
  r.status = status;
  r.body = std::move(body);
  return r;
}

constexpr const char* kAgentKeys =
    R"({"Code":"Success","AccessKeyId":"ASIAAGENT","SecretAccessKey":"hush-secret","Token":"hush-token",)"
    R"("Expiration":"2026-11-22T20:00:00Z"})";

struct Providers : testing::Test {
  void SetUp() override {
    char name[] = "/tmp/relight-providers-XXXXXX";
    home = ::mkdtemp(name);
    env = {{"HOME", home},
           {"AWS_REGION", "us-west-2"},
           {"AWS_EC2_METADATA_DISABLED", "true"},
           {"PATH", "/bin:/usr/bin"}};
  }
  void TearDown() override { std::filesystem::remove_all(home); }
  void file(const std::string& path, const std::string& text) {
    ASSERT_TRUE(system_disk().write(home + "/" + path, text, 0700));
  }
  std::string key(const std::string& profile = "") {
    auto c =
        DefaultCredentials(fixed_environment(env), system_disk(), there, clock, rng, {.profile = profile})
            .get();
    if (c) return c->access_key;
    said = c.error().text();
    EXPECT_EQ(said.find("hush"), said.npos) << said;
    EXPECT_FALSE(c.error().next.empty()) << said;
    return c.error().code;
  }
  bool says_so(std::string_view text) const { return said.find(text) != said.npos; }

  // process
  std::string process(const std::string& script, std::chrono::milliseconds limit = 30s) {
    file("helper", "#!/bin/sh\n" + script + "\n");
    auto p =
        process_credentials(fixed_environment(env), "p", home + "/helper --password hush-argument", limit);
    if (p) return p->keys.access_key + " " + (p->expires ? iso8601(*p->expires) : "for ever");
    said = p.error().text();
    EXPECT_EQ(said.find("hush"), said.npos) << said;
    return p.error().code;
  }
  // sso
  void signed_in(const std::string& cache_key, const std::string& until) {
    file(".aws/sso/cache/" + hex(sha1(cache_key)) + ".json",
         R"({"accessToken":"hush-sso","expiresAt":")" + until + R"("})");
  }

  std::string home, said;
  std::map<std::string, std::string> env;
  Agent there;
  ProviderClock clock;
  SeededRng rng{7};
};

TEST_F(Providers, a_process_prints_keys_with_or_without_an_end) {
  EXPECT_EQ(process(R"(echo '{"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"hush"}')"),
            "AKIAP for ever");
  EXPECT_EQ(process(R"(echo warning hush >&2
    echo '{"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"hush","SessionToken":"hush","Expiration":"2026-11-22T20:00:00Z"}')"),
            "AKIAP 2026-11-22T20:00:00.000Z");
  EXPECT_EQ(process(R"(test "$HOME" = ")" + home + R"(" && test "$2" = hush-argument && test $# = 2 &&
    echo '{"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"hush"}')"),
            "AKIAP for ever");
}

TEST_F(Providers, a_process_that_fails_is_named_without_its_arguments_or_output) {
  struct {
    const char *script, *part;
  } cases[] = {{"echo hush >&2; echo hush; exit 3", "ended with 3"},
               {"echo hush", "no JSON object"},
               {"echo '[1]'", "no JSON object"},
               {R"(echo '{"Version":2,"AccessKeyId":"A","SecretAccessKey":"hush"}')", "another Version"},
               {R"(echo '{"AccessKeyId":"A","SecretAccessKey":"hush"}')", "another Version"},
               {R"(echo '{"Version":1,"AccessKeyId":"A","Secret":"hush"}')", "SecretAccessKey"},
               {R"(echo '{"Version":1,"SecretAccessKey":"hush"}')", "AccessKeyId"},
               {R"(echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush","Expiration":"hush"}')",
                "Expiration"},
               {"head -c 100000 /dev/zero", "65536"},
               {"kill -9 $$", "ended with 137"}};
  for (auto& c : cases) {
    EXPECT_EQ(process(c.script), "Credentials.Process") << c.script;
    EXPECT_TRUE(says_so(c.part)) << said;
    EXPECT_TRUE(says_so(home + "/helper")) << said;
  }
  EXPECT_EQ(process("exec sleep 600", 200ms), "Credentials.Process");
  EXPECT_TRUE(says_so("killed")) << said;
}

TEST_F(Providers, a_process_that_cannot_be_found_or_read_is_said) {
  for (auto& [command, part] :
       {std::pair("/nowhere/tool hush", "not found"), std::pair("'unclosed hush", "quote")}) {
    auto p = process_credentials(fixed_environment(env), "p", command, 30s);
    ASSERT_FALSE(p);
    EXPECT_EQ(p.error().code, "Credentials.Process");
    EXPECT_NE(p.error().message.find(part), std::string::npos) << p.error().message;
    EXPECT_EQ(p.error().message.find("hush"), std::string::npos) << p.error().message;
  }
}

TEST_F(Providers, quotes_and_blanks_in_a_command_are_a_shell_s_and_nothing_is_expanded) {
  auto p = process_credentials(
      fixed_environment(env), "p",
      R"(/bin/sh -c 'test "$1" = "a b" && test "$2" = "\$HOME" && test "$3" = "" && )"
      R"(echo "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\"}"' x "a b" $HOME "")",
      30s);
  ASSERT_TRUE(p) << p.error().text();
}

TEST_F(Providers, a_sign_in_of_an_sso_session_becomes_a_role_s_keys) {
  file(".aws/config",
       "[profile dev]\nsso_session=corp\nsso_account_id=123456789012\nsso_role_name=Ops Team\n"
       "[sso-session corp]\nsso_start_url=https://corp.test/start\nsso_region=eu-central-1\n");
  signed_in("corp", "2026-11-22T21:00:00Z");
  there.answer = [](const http::Request&) -> Result<http::Response> {
    return agent_says(
        200, R"({"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"hush","sessionToken":)"
             R"("hush","expiration":1795381200000}})");
  };
  ASSERT_EQ(key("dev"), "ASIASSO") << said;
  auto& r = there.sent.at(0);
  EXPECT_EQ(r.scheme + "://" + r.host + r.target(),
            "https://portal.sso.eu-central-1.amazonaws.com/federation/"
            "credentials?role_name=Ops%20Team&account_id=123456789012");
  EXPECT_EQ(r.headers.value("x-amz-sso_bearer_token"), "hush-sso");
  EXPECT_FALSE(r.headers.has("Authorization"));
}

TEST_F(Providers, the_old_form_of_sso_finds_its_token_by_the_start_url) {
  file(".aws/config",
       "[profile old]\nsso_start_url=https://old.test/start\nsso_region=us-east-1\nsso_account_id=1\n"
       "sso_role_name=R\n");
  signed_in("https://old.test/start", "2026-11-22T21:00:00UTC");
  there.answer = [](const http::Request&) -> Result<http::Response> {
    return agent_says(
        200, R"({"roleCredentials":{"accessKeyId":"ASIAOLD","secretAccessKey":"hush","sessionToken":"h"}})");
  };
  EXPECT_EQ(key("old"), "ASIAOLD") << said;
}

TEST_F(Providers, an_ended_sign_in_says_how_to_sign_in_again) {
  file(".aws/config",
       "[profile dev]\nsso_session=corp\nsso_account_id=1\nsso_role_name=R\n"
       "[sso-session corp]\nsso_start_url=https://corp.test/start\nsso_region=eu-central-1\n");
  EXPECT_EQ(key("dev"), "Credentials.Sso");
  EXPECT_TRUE(says_so("aws sso login --profile dev")) << said;
  signed_in("corp", "2026-11-22T18:59:59Z");
  EXPECT_EQ(key("dev"), "Credentials.Sso");
  EXPECT_TRUE(says_so("expired at 2026-11-22T18:59:59")) << said;
  EXPECT_TRUE(says_so("aws sso login --profile dev")) << said;
  EXPECT_TRUE(there.sent.empty());
  signed_in("corp", "2026-11-22T21:00:00Z");
  there.answer = [](const http::Request&) -> Result<http::Response> { return agent_says(401, "hush"); };
  EXPECT_EQ(key("dev"), "Credentials.Sso");
  EXPECT_TRUE(says_so("aws sso login --profile dev")) << said;
  there.answer = [](const http::Request&) -> Result<http::Response> { return agent_says(403, "hush"); };
  EXPECT_EQ(key("dev"), "Credentials.Sso");
  EXPECT_TRUE(says_so("assigned to you")) << said;
  there.answer = [](const http::Request&) -> Result<http::Response> {
    return agent_says(200, "{\"x\":\"hush\"}");
  };
  EXPECT_EQ(key("dev"), "Credentials.Sso");
  signed_in("corp", "nonsense");
  EXPECT_EQ(key("dev"), "Credentials.Sso");
  EXPECT_TRUE(says_so("cannot be used")) << said;
}

TEST_F(Providers, an_sso_profile_that_lacks_something_is_said) {
  file(".aws/config",
       "[profile lost]\nsso_session=nowhere\nsso_account_id=1\nsso_role_name=R\n"
       "[profile half]\nsso_session=corp\nsso_account_id=1\n"
       "[profile two]\nsso_session=corp\nsso_account_id=1\nsso_role_name=R\nsso_region=us-west-2\n"
       "[sso-session corp]\nsso_start_url=https://corp.test/start\nsso_region=eu-central-1\n");
  for (auto& [profile, part] :
       {std::pair("lost", "[sso-session nowhere]"), std::pair("half", "sso_role_name is missing"),
        std::pair("two", "another one")}) {
    EXPECT_EQ(key(profile), "Credentials.Incomplete");
    EXPECT_TRUE(says_so(part)) << said;
  }
}

TEST_F(Providers, a_container_s_agent_is_asked_again_while_it_fails_and_gets_the_token_of_the_file) {
  file("token", "hush-file\n");
  env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://[fd00:ec2::23]/v1/credentials?a=b";
  env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "hush-variable";
  env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = home + "/token";
  there.answer = [this](const http::Request&) -> Result<http::Response> {
    return there.sent.size() < 3 ? agent_says(500, "hush") : agent_says(200, kAgentKeys);
  };
  EXPECT_EQ(key(), "ASIAAGENT") << said;
  EXPECT_EQ(there.sent.size(), 3u);
  EXPECT_EQ(there.sent.back().headers.value("Authorization"), "hush-file");
  EXPECT_EQ(there.sent.back().target(), "/v1/credentials?a=b");
  there.answer = [](const http::Request&) -> Result<http::Response> { return agent_says(404, "hush"); };
  EXPECT_EQ(key(), "Credentials.Container");
  EXPECT_TRUE(says_so("404")) << said;
  there.answer = [](const http::Request&) -> Result<http::Response> { return agent_says(200, "hush"); };
  EXPECT_EQ(key(), "Credentials.Container");
}

TEST_F(Providers, a_container_s_agent_is_nearby_or_behind_tls) {
  there.answer = [](const http::Request&) -> Result<http::Response> { return agent_says(200, kAgentKeys); };
  for (const char* good :
       {"http://127.0.0.1:80/x", "http://127.9.8.7/x", "http://localhost:8/x", "http://[::1]:8/x",
        "http://169.254.170.2/x", "http://169.254.170.23/x", "https://far.test/x"}) {
    env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = good;
    EXPECT_EQ(key(), "ASIAAGENT") << good << said;
  }
  size_t asked = there.sent.size();
  for (const char* bad :
       {"http://127.0.0.1.evil.test/x", "http://127.evil.test/x", "http://localhost.evil.test/x",
        "http://127.0.0.1@evil.test/x", "http://169.254.169.254/x", "http://[::2]/x", "ftp://127.0.0.1/x",
        "/x", "http://127.1/x"}) {
    env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = bad;
    EXPECT_EQ(key(), "Credentials.Container") << bad;
  }
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "@evil.test/x";
  EXPECT_EQ(key(), "Credentials.Container");
  EXPECT_EQ(there.sent.size(), asked);
}

Result<http::Response> imds(const http::Request& r) {
  if (r.method == "PUT")
    return r.path == "/latest/api/token" && r.headers.has("X-aws-ec2-metadata-token-ttl-seconds")
               ? agent_says(200, "hush-session")
               : agent_says(400, "");
  if (r.headers.value("X-aws-ec2-metadata-token") != "hush-session") return agent_says(401, "");
  if (r.path == "/latest/meta-data/iam/security-credentials/") return agent_says(200, "pilot");
  return r.path == "/latest/meta-data/iam/security-credentials/pilot" ? agent_says(200, kAgentKeys)
                                                                      : agent_says(404, "");
}

TEST_F(Providers, an_instance_s_role_is_asked_for_by_version_2_at_the_endpoint_that_is_set) {
  env.erase("AWS_EC2_METADATA_DISABLED");
  there.answer = imds;
  ASSERT_EQ(key(), "ASIAAGENT") << said;
  EXPECT_EQ(there.sent.at(0).host, "169.254.169.254");
  for (auto& d : there.deadlines) EXPECT_LE(d, 1s);
  env["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
  ASSERT_EQ(key(), "ASIAAGENT") << said;
  EXPECT_EQ(there.sent.back().host, "[fd00:ec2::254]");
  env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1338/";
  ASSERT_EQ(key(), "ASIAAGENT") << said;
  EXPECT_EQ(there.sent.back().host, "127.0.0.1:1338");
}

TEST_F(Providers, where_nobody_gives_a_session_token_nothing_else_is_asked) {
  env.erase("AWS_EC2_METADATA_DISABLED");
  EXPECT_EQ(key(), "Credentials.None");
  EXPECT_TRUE(says_so("169.254.169.254 does not answer (Http.Deadline)")) << said;
  EXPECT_EQ(there.sent.size(), 1u);
  for (int status : {403, 404, 405}) {
    there.sent.clear();
    there.answer = [&](const http::Request&) -> Result<http::Response> { return agent_says(status, "hush"); };
    EXPECT_EQ(key(), "Credentials.None");
    EXPECT_EQ(there.sent.size(), 1u) << "version 1 was tried";
  }
}

TEST_F(Providers, an_instance_without_a_usable_role_says_so) {
  env.erase("AWS_EC2_METADATA_DISABLED");
  there.answer = [](const http::Request& r) -> Result<http::Response> {
    return r.method == "PUT" ? imds(r) : agent_says(404, "");
  };
  EXPECT_EQ(key(), "Credentials.None");
  EXPECT_TRUE(says_so("the instance has no role")) << said;
  there.answer = [](const http::Request& r) -> Result<http::Response> {
    return r.path.ends_with("/pilot") ? agent_says(200, R"({"Code":"AssumeRoleUnauthorizedAccess"})")
                                      : imds(r);
  };
  EXPECT_EQ(key(), "Credentials.None");
  EXPECT_TRUE(says_so("the keys of role pilot cannot be used: it has no AccessKeyId")) << said;
}

}  // namespace
}  // namespace relight::aws
