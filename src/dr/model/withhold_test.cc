// Secrets planted where people put them; none of them may stand in what is kept.
#include "dr/model/withhold.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace relight::dr {
namespace {
using Json = nlohmann::json;

std::string kept(const char* properties, Secrets* out = nullptr) {
  Secrets s;
  auto j = Json::parse(properties);
  withhold(j, s);
  if (out) *out = s;
  return j.dump();
}

bool holds(const std::string& text, const char* what) { return text.find(what) != text.npos; }

TEST(Withhold, ByTheNameOfAVariableInWhateverSpelling) {
  for (auto* name : {"DB_PASSWORD", "db-password", "apiKey", "API_KEY", "MYSQL_PWD", "DB_PASS", "GithubToken",
                     "SSH_PRIVATE_KEY", "signing.secret", "AWS_SECRET_ACCESS_KEY"})
    EXPECT_TRUE(looks_secret(name)) << name;
  for (auto* name : {"DB_HOST", "SECRET_ARN", "PASSWORD_FILE", "AWS_ACCESS_KEY_ID", "BYPASS", "COMPASS_URL",
                     "KEYBOARD", "TOKEN_BUCKET"})
    EXPECT_FALSE(looks_secret(name)) << name;
}

TEST(Withhold, InTheEnvironmentOfTasksAndFunctions) {
  Secrets s;
  auto text = kept(
      R"({"containerDefinitions":[{"environment":[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"MODE","value":"auto"}]}],
          "Environment":{"Variables":{"API_TOKEN":"t0ken","REGION":"us-east-1"}}})",
      &s);
  EXPECT_FALSE(holds(text, "hunter2") || holds(text, "t0ken")) << text;
  EXPECT_TRUE(holds(text, "auto") && holds(text, "us-east-1")) << text;
  EXPECT_EQ(s.names, (std::vector<std::string>{"API_TOKEN", "DB_PASSWORD"}));
}

TEST(Withhold, InTagsOfEverySpelling) {
  auto text = kept(R"({"Tags":[{"Key":"db-password","Value":"hunter2"},{"Key":"team","Value":"web"}],
                       "TagList":[{"Key":"secret","Value":"hunter3"}],"tags":[{"key":"apiToken","value":"hunter4"}],
                       "FunctionTags":{"Tags":{"token":"hunter5"}}})");
  EXPECT_FALSE(holds(text, "hunter")) << text;
  EXPECT_TRUE(holds(text, "web"));
}

TEST(Withhold, WithinUrlsAndDsnsTheRestIsKept) {
  Secrets s;
  auto text = kept(R"({"environment":[{"name":"DATABASE_URL","value":"mysql://app:hunter2@db.example/shop"},
                       {"name":"DSN","value":"host=db.example;password=hunter3;port=3306"},
                       {"name":"SLASH","value":"mysql://app:hunt/er2@db.example/shop"},
                       {"name":"PORT","value":"http://db.example:8080/a@b"},
                       {"name":"PAGE","value":"https://www.example/a:b@c"}]})",
                   &s);
  EXPECT_FALSE(holds(text, "hunter") || holds(text, "er2")) << text;
  EXPECT_TRUE(holds(text, "http://db.example:8080/a@b")) << text;
  EXPECT_TRUE(holds(text, "mysql://app:(withheld)@db.example/shop")) << text;
  EXPECT_TRUE(holds(text, "password=(withheld);port=3306")) << text;
  EXPECT_TRUE(holds(text, "https://www.example/a:b@c")) << text;
  EXPECT_EQ(s.names, (std::vector<std::string>{"DATABASE_URL", "DSN", "SLASH"}));
}

TEST(Withhold, OnCommandLines) {
  auto text = kept(R"({"command":["run","--password","hunter2","--token=hunter3","--verbose","x"],
                       "entryPoint":["sh","-c","API_KEY=hunter4 exec app"]})");
  EXPECT_FALSE(holds(text, "hunter")) << text;
  EXPECT_TRUE(holds(text, "exec app") && holds(text, "--verbose")) << text;
}

TEST(Withhold, InLabelsLogOptionsHeadersKeysAndJson) {
  auto text = kept(R"j({"dockerLabels":{"webhook.secret":"hunter2"},"options":{"splunk-token":"hunter3"},
      "Conditions":[{"HttpHeaderConfig":{"HttpHeaderName":"X-Origin-Secret","Values":["hunter4"]}}],
      "environment":[{"name":"CERT","value":"-----BEGIN RSA PRIVATE KEY-----\nhunter5"},
                     {"name":"SETTINGS","value":"{\"db\":{\"password\":\"hunter6\",\"host\":\"db\"}}"}]})j");
  EXPECT_FALSE(holds(text, "hunter")) << text;
  EXPECT_TRUE(holds(text, R"(\"host\":\"db\")")) << text;
}

TEST(Withhold, WhatAwsItselfNamesLikeSecretsIsNoSecret) {
  auto* given =
      R"({"MasterUserSecret":{"SecretArn":"arn:x"},"secrets":[{"name":"DB_PASSWORD","valueFrom":"arn:y"}],
                    "Parameters":[{"ParameterName":"validate_password_length","ParameterValue":"12"}]})";
  EXPECT_EQ(kept(given), Json::parse(given).dump());
}

TEST(Withhold, OnceKnownASecretIsKeptOutEverywhere) {
  Secrets s;
  kept(R"({"environment":[{"name":"DB_PASSWORD","value":"correct-horse"},{"name":"PIN_TOKEN","value":"1"}]})",
       &s);
  auto other = Json::parse(
      R"({"Tags":[{"Key":"note","Value":"it is correct-horse 1"}],"command":["-pcorrect-horse"]})");
  scrub(other, s.values);
  EXPECT_FALSE(holds(other.dump(), "correct-horse")) << other;
  EXPECT_TRUE(holds(other.dump(), "it is (withheld) 1")) << other;
}

TEST(Withhold, TwiceIsAsOnce) {
  Secrets s, again;
  auto j = Json::parse(
      R"({"environment":[{"name":"U","value":"a://b:hunter2@c"},{"name":"PASSWORD","value":"x"}]})");
  withhold(j, s);
  auto once = j;
  withhold(j, again);
  EXPECT_EQ(j, once);
  EXPECT_TRUE(again.names.empty());
}

}  // namespace
}  // namespace relight::dr
