#include "dr/model/validation.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/disk.h"
#include "dr/model/config.h"

namespace relight::dr {
namespace {

const std::string kHead = "application: lamp\nregions: {primary: us-east-1, recovery: us-west-2}\n";

Result<Config> with(const std::string& validation) {
  return parse_config(kHead + "validation:\n" + validation, "relight.yaml", ".");
}

TEST(Validation, FillsPlaceholdersAndLeavesJsonsBraces) {
  auto words = words_of("run-1");
  add_answer(words, R"({"id":7,"name":"x","more":{"id":8}})");
  EXPECT_EQ(filled(R"({"a":{"token":"{id}"},"b":{}})", words).value_or(""),
            R"({"a":{"token":"run-1"},"b":{}})");
  EXPECT_EQ(filled("/entries/{answer.id}/{answer.name}", words).value_or(""), "/entries/7/x");
  EXPECT_EQ(filled("{{id}", words).value_or(""), "{run-1");
  EXPECT_EQ(filled("tail {", words).value_or(""), "tail {");
  auto missing = filled("/entries/{answer.more}", words);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "Validation.NoWord");
}

TEST(Validation, ThePictureEndsWithTheIdAndIsTheSameForTheSameId) {
  auto picture = unbase64(words_of("abc").at("picture")).value_or("");
  EXPECT_TRUE(picture.starts_with("\x89PNG"));
  EXPECT_TRUE(picture.ends_with("abc"));
  EXPECT_EQ(words_of("abc"), words_of("abc"));
  EXPECT_EQ(words_of("abc").at("picture-hash"), hex(sha256(picture)).substr(0, 16));
}

TEST(Validation, JudgesStatusAndBody) {
  EXPECT_EQ(mismatch({}, "", 204, ""), "");
  EXPECT_EQ(mismatch({}, "", 301, ""), "HTTP 301");
  Question q;
  q.status = 201;
  EXPECT_EQ(mismatch(q, "", 200, ""), "HTTP 200, expected 201");
  EXPECT_EQ(mismatch({}, "up", 200, "all is up"), "");
  EXPECT_EQ(mismatch({}, "up", 200, "all is down"), "HTTP 200, but its body has no 'up'");
}

TEST(Validation, WithoutTheKeyThereIsAPlainReadOfAPathThatIsFoundOut) {
  auto c = parse_config(kHead, "relight.yaml", ".");
  ASSERT_TRUE(c);
  EXPECT_EQ(c->validation, Validation{});
  EXPECT_EQ(c->validation.read.path, "");
  EXPECT_FALSE(c->validation.write);
}

TEST(Validation, ReadsAllOfIt) {
  auto c = with(
      "  scheme: https\n  port: 8443\n  deadline: 2m\n  read: {path: '/up?deep=1', status: 204}\n"
      "  write: {method: PUT, path: '/notes/{id}', body: 'text={id}', content_type: text/plain, status: "
      "201}\n"
      "  read_back: {path: '/notes/{answer.id}', contains: '{id}'}\n  object: notes/{id}\n");
  ASSERT_TRUE(c) << c.error().text();
  auto& v = c->validation;
  EXPECT_EQ(v.scheme, "https");
  EXPECT_EQ(v.port, 8443);
  EXPECT_EQ(v.deadline, Millis(120000));
  EXPECT_EQ(v.read, (Question{"GET", "/up?deep=1", "", "", 204, ""}));
  EXPECT_EQ(*v.write, (Question{"PUT", "/notes/{id}", "text={id}", "text/plain", 201, ""}));
  EXPECT_EQ(*v.read_back, (Question{"GET", "/notes/{answer.id}", "", "", 0, "{id}"}));
  EXPECT_EQ(v.object, "notes/{id}");
}

TEST(Validation, NamesLineAndColumnOfEachMistake) {
  struct Case {
    std::string text, code, where, says;
  };
  for (auto& [text, code, where, says] :
       std::vector<Case>{{"  reed: {path: /}\n", "Config.Unknown", ":4:3", "reed"},
                         {"  read: {status: 200}\n", "Config.Missing", ":4:9", "path"},
                         {"  read: {path: up}\n", "Config.Malformed", ":4:16", "begins with '/'"},
                         {"  read: {path: /, status: 99}\n", "Config.Malformed", ":4:27", "100 to 599"},
                         {"  read: {path: /, method: POST}\n", "Config.Unknown", ":4:19", "method"},
                         {"  scheme: ftp\n", "Config.Malformed", ":4:11", "http"},
                         {"  port: 70000\n", "Config.Malformed", ":4:9", "65535"},
                         {"  deadline: soon\n", "Config.Malformed", ":4:13", "deadline"},
                         {"  read_back: {path: /}\n", "Config.Missing", ":4:14", "write"},
                         {"  object: a\n", "Config.Missing", ":4:11", "write"},
                         {"  write: {path: /, method: GET}\n", "Config.Malformed", ":4:28", "POST"},
                         {"  write: {path: '/{answer.id}'}\n", "Config.Malformed", ":4:17", "read_back"}}) {
    auto c = with(text);
    ASSERT_FALSE(c) << text;
    EXPECT_EQ(c.error().code, code) << text;
    EXPECT_EQ(c.error().resource, "relight.yaml" + where) << text;
    EXPECT_NE(c.error().message.find(says), std::string::npos) << c.error().message;
  }
}

TEST(Validation, TheExamplesIsItsGuestBooks) {
  auto c = parse_config(system_disk().read("examples/lamp/relight.yaml").value_or(""), "relight.yaml", ".");
  ASSERT_TRUE(c) << c.error().text();
  ASSERT_TRUE(c->validation.write && c->validation.read_back);
  EXPECT_EQ(c->validation.read.contains, "\"read_only\":false");
}

}  // namespace
}  // namespace relight::dr
