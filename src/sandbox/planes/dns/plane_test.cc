// The embedded server held against `dig`.
#include "sandbox/planes/dns/plane.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/process.h"

namespace relight::sandbox::dns {
namespace {

// Answers A with one address, TXT with so much that UDP cannot carry it.
class Fixed : public Answerer {
 public:
  Answer answer(const Question& q) override {
    Answer a{Rcode::kNoError, true, {}, {}, {}};
    if (q.type == kA) a.answers.push_back({q.name, kA, 60, a_rdata("127.1.0.9")});
    if (q.type == kTxt)
      for (int i = 0; i < 20; ++i)
        a.answers.push_back({q.name, kTxt, 5, *rdata_of(kTxt, fmt::format("\"{:0200}\"", i))});
    return a;
  }
};

struct DnsServer : testing::Test {
  void SetUp() override {
    auto p = plane->serve("127.0.0.1", 0, fixed);
    ASSERT_TRUE(p) << p.error().text();
    port = *p;
  }
  std::string dig(std::vector<std::string> more) {
    Spawn s;
    s.argv = {"/usr/bin/dig", "@127.0.0.1", "-p", std::to_string(port), "+tries=1", "+time=5"};
    s.argv.insert(s.argv.end(), more.begin(), more.end());
    auto e = Process::run(s, std::chrono::seconds(20));
    return e ? e->output : e.error().text();
  }
  Fixed fixed;
  std::unique_ptr<DnsPlane> plane = make_embedded_dns_plane();
  int port = 0;
};

TEST_F(DnsServer, AnswersDigOverUdpAndTcp) {
  EXPECT_EQ(dig({"+short", "www.example.com", "A"}), "127.1.0.9\n");
  EXPECT_EQ(dig({"+short", "+tcp", "www.example.com", "A"}), "127.1.0.9\n");
  std::string full = dig({"www.example.com", "A"});
  EXPECT_NE(full.find("status: NOERROR"), std::string::npos) << full;
  EXPECT_NE(full.find("EDNS: version: 0"), std::string::npos) << full;
  EXPECT_NE(full.find("flags: qr aa"), std::string::npos) << full;
}

TEST_F(DnsServer, TruncatesOverUdpAndTheAskerComesBackOverTcp) {
  std::string first = dig({"+ignore", "big.example.com", "TXT"});
  EXPECT_NE(first.find(" tc "), std::string::npos) << first;
  std::string whole = dig({"big.example.com", "TXT"});
  EXPECT_NE(whole.find("ANSWER: 20"), std::string::npos) << whole;
}

TEST_F(DnsServer, RefusesTransfersAndUnknownEdnsVersions) {
  EXPECT_NE(dig({"example.com", "AXFR"}).find("Transfer failed"), std::string::npos);
  EXPECT_NE(dig({"+edns=1", "+noednsneg", "example.com", "A"}).find("BADVERS"), std::string::npos);
}

TEST_F(DnsServer, SaysThatThePortIsTaken) {
  auto second = make_embedded_dns_plane();
  auto r = second->serve("127.0.0.1", port, fixed);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, "Dns.Bind");
}

}  // namespace
}  // namespace relight::sandbox::dns
