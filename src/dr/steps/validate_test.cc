// An application that Relight has never seen, and the guest book's way: read, write, read back.
#include <gtest/gtest.h>

#include "dr/steps/failover.h"
#include "dr/steps/stage.h"

namespace relight::dr {
namespace {

http::Response said(int status, const std::string& body) {
  http::Response r;
  r.status = status;
  r.body = body;
  return r;
}

struct Applied : Stage {
  Applied() {
    names.names["dalb"] = "192.0.2.9";
    site.config.dns.domain = "www.example.org";
  }
  void health_check(const std::string& path) {
    aws.on<aws::elbv2::op::DescribeTargetGroups>([path](auto& in) {
      EXPECT_EQ(in.TargetGroupArns->front(), "tg");
      aws::elbv2::TargetGroup g;
      g.HealthCheckPath = path;
      aws::elbv2::op::DescribeTargetGroups::Output out;
      out.TargetGroups = {{g}};
      return out;
    });
  }
  void guest_book() {
    auto& v = site.config.validation;
    v.read.path = "/readyz";
    v.read.contains = "\"read_only\":false";
    v.write.emplace();
    v.write->method = "POST";
    v.write->path = "/entries";
    v.write->body = R"({"token":"{id}"})";
    v.write->content_type = "application/json";
    v.read_back.emplace();
    v.read_back->path = "/entries/{answer.id}?full=1";
    v.read_back->contains = "{id}";
  }
};

TEST(Validate, WithoutConfigurationItReadsThePathOfTheHealthCheck) {
  Applied s;
  s.health_check("/up?deep=1");
  s.http.answer = [](auto&) { return said(200, "hello"); };
  auto o = make_validate(s.site)->advance(s.c);
  ASSERT_TRUE(is_done(o));
  ASSERT_EQ(s.http.asked.size(), 1u);
  auto& r = s.http.asked.front();
  EXPECT_EQ(r.method + " " + r.scheme + "://" + r.host + r.target(), "GET http://192.0.2.9/up?deep=1");
  EXPECT_EQ(r.headers.value("Host"), "www.example.org");
  EXPECT_TRUE(get(std::get<Done>(o).facts, "write").starts_with("not asked for"));
  EXPECT_TRUE(s.c.journal.empty());
}

TEST(Validate, WhenTheHealthCheckCannotBeReadItAsksTheRootAndSaysSo) {
  Applied s;
  s.http.answer = [](auto&) { return said(200, ""); };
  auto o = make_validate(s.site)->advance(s.c);
  ASSERT_TRUE(is_done(o));
  EXPECT_EQ(s.http.asked.front().target(), "/");
  EXPECT_NE(get(std::get<Done>(o).facts, "certainty_lost").find("could not be read"), std::string::npos);
}

TEST(Validate, WritesWithTheRunsIdAndReadsBackWhatTheAnswerNamed) {
  Applied s;
  s.guest_book();
  bool arrived = false;
  s.http.answer = [&](const http::Request& r) {
    if (r.target() == "/readyz") return said(200, R"({"read_only":false})");
    if (r.method == "POST")
      return arrived = r.body.read().value_or("") == R"({"token":"relight-r1"})", said(201, R"({"id":7})");
    EXPECT_EQ(r.target(), "/entries/7?full=1");
    return said(200, arrived ? "relight-r1" : "?");
  };
  EXPECT_TRUE(is_done(make_validate(s.site)->advance(s.c)));
  EXPECT_EQ(s.c.journal, (std::vector<std::string>{"http:POST /entries", "http:POST /entries=ok"}));
}

TEST(Validate, AWrongAnswerIsWaitedForAndThenFailsWithWhatItWas) {
  Applied s;
  s.guest_book();
  s.http.answer = [](auto&) { return said(200, R"({"read_only":true})"); };
  auto step = make_validate(s.site);
  ASSERT_TRUE(waits(step->advance(s.c)));
  s.c.passed = Millis(60000);
  auto o = step->advance(s.c);
  ASSERT_TRUE(std::holds_alternative<Failed>(o));
  auto& e = std::get<Failed>(o).error;
  EXPECT_EQ(e.code, "Failover.NotValid");
  EXPECT_NE(e.message.find("its body has no '\"read_only\":false'"), std::string::npos) << e.message;
  EXPECT_NE(e.next.find("validation"), std::string::npos);
}

TEST(Validate, ARedirectIsNamedAndTlsGoesToTheSameAddressInTheNamesStead) {
  Applied s;
  s.health_check("/");
  s.http.answer = [](const http::Request& r) {
    if (r.scheme == "https") return said(200, "");
    auto moved = said(301, "");
    moved.headers.set("Location", "https://www.example.org:443/");
    return moved;
  };
  auto o = make_validate(s.site)->advance(s.c);
  ASSERT_TRUE(waits(o));
  EXPECT_NE(std::get<Waiting>(o).what.find("points to 'https://www.example.org:443/'"), std::string::npos);
  s.site.config.validation.scheme = "https";
  s.site.config.validation.port = 8443;
  EXPECT_TRUE(is_done(make_validate(s.site)->advance(s.c)));
  EXPECT_EQ(s.http.asked.back().host, "192.0.2.9:8443");
  EXPECT_EQ(s.http.asked.back().headers.value("Host"), "www.example.org:8443");
}

TEST(Validate, AnAnswerWithoutTheWantedMemberIsNoSuccess) {
  Applied s;
  s.guest_book();
  s.http.answer = [](const http::Request& r) {
    return r.method == "POST" ? said(201, "{}") : said(200, R"({"read_only":false})");
  };
  auto o = make_validate(s.site)->advance(s.c);
  ASSERT_TRUE(waits(o));
  EXPECT_NE(std::get<Waiting>(o).what.find("no 'id'"), std::string::npos) << std::get<Waiting>(o).what;
}

}  // namespace
}  // namespace relight::dr
