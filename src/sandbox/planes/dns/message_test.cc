#include "sandbox/planes/dns/message.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/rng.h"
#include "sandbox/planes/dns/plane.h"

namespace relight::sandbox::dns {
namespace {

class Refuser : public Answerer {
 public:
  Answer answer(const Question&) override { return {}; }
};

std::string query(std::string_view name, uint16_t type = kA) {
  Message m;
  m.id = 0x1234;
  m.questions.push_back({std::string(name), "", type, 1});
  return compose(m);
}

TEST(DnsMessage, ComposesTheBytesThatRfc1035Shows) {
  EXPECT_EQ(hex(query("f.isi.arpa")),
            "123400000001000000000000"
            "0166"
            "03697369"
            "0461727061"
            "00"
            "0001"
            "0001");
}

TEST(DnsMessage, CompressesOwnersAndReadsThemBack) {
  Message m;
  m.response = true;
  m.questions.push_back({"www.example.com", "wWw.ExAmPlE.com", kA, 1});
  m.answers.push_back({"www.example.com", kCname, 60, name_rdata("app.example.com")});
  m.answers.push_back({"app.example.com", kA, 60, a_rdata("127.1.0.1")});
  m.edns = Edns{1232, 0, true};
  std::string bytes = compose(m);
  auto back = parse(bytes);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->questions[0].sent, "wWw.ExAmPlE.com");
  EXPECT_EQ(back->answers, m.answers);
  EXPECT_TRUE(back->edns && back->edns->dnssec_ok);
  EXPECT_LT(bytes.size(), 100u);
}

TEST(DnsMessage, RefusesAPointerThatPointsForward) {
  std::string loop = query("a");
  loop[12] = static_cast<char>(0xc0);
  loop[13] = 12;
  EXPECT_FALSE(parse(loop));
  Refuser r;
  auto answer = parse(respond(r, loop, true));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->rcode, Rcode::kFormErr);
  EXPECT_EQ(answer->id, 0x1234);
}

TEST(DnsMessage, AnswersEveryPrefixAndEveryMutationWithoutFalling) {
  Refuser r;
  SeededRng rng(7);
  Message m;
  m.questions.push_back({"www.example.com", "", kTxt, 1});
  m.additional.push_back({"x.example.com", kA, 1, a_rdata("127.0.0.1")});
  m.edns = Edns{4096, 0, false};
  std::string good = compose(m);
  for (size_t n = 0; n < good.size(); ++n) EXPECT_TRUE(n < 12 || parse(respond(r, good.substr(0, n), true)));
  for (int i = 0; i < 20000; ++i) {
    std::string bad = good;
    for (uint64_t k = 0; k <= rng.below(6); ++k) bad[rng.below(bad.size())] = static_cast<char>(rng.next());
    std::string out = respond(r, bad, true);
    EXPECT_TRUE(out.empty() || parse(out)) << hex(bad);
    if (auto p = parse(bad)) static_cast<void>(parse(compose(*p)));
  }
}

TEST(DnsMessage, SaysWhatAQueryMayNotBe) {
  Refuser r;
  auto rcode = [&](Message m) { return parse(respond(r, compose(m), true))->rcode; };
  Message update;
  update.opcode = 5;
  EXPECT_EQ(rcode(update), Rcode::kNotImp);
  EXPECT_EQ(rcode(Message{}), Rcode::kFormErr);
  Message chaos;
  chaos.questions.push_back({"version.bind", "", kTxt, 3});
  EXPECT_EQ(rcode(chaos), Rcode::kRefused);
  Message answer;
  answer.response = true;
  EXPECT_TRUE(respond(r, compose(answer), true).empty());
}

TEST(DnsName, IsCanonicalWhateverItsSpelling) {
  EXPECT_EQ(canonical_name("WWW.Example.COM."), "www.example.com");
  EXPECT_EQ(canonical_name("\\052.example.com"), "*.example.com");
  EXPECT_FALSE(canonical_name("a..b"));
  EXPECT_FALSE(canonical_name(std::string(64, 'a') + ".com"));
  EXPECT_TRUE(inside("a.example.com", "example.com"));
  EXPECT_FALSE(inside("notexample.com", "example.com"));
}

TEST(DnsRdata, ChecksEachTypesValue) {
  EXPECT_EQ(hex(*rdata_of(kA, "127.0.0.1")), "7f000001");
  EXPECT_EQ(hex(*rdata_of(kMx, "10 mail.example.com.")), "000a046d61696c076578616d706c6503636f6d00");
  EXPECT_EQ(*rdata_of(kTxt, R"("a b" "c\"d\101")"), std::string("\x03"
                                                                "a b\x04"
                                                                "c\"dA"));
  EXPECT_EQ(*rdata_of(kCaa, R"(0 issue "amazon.com")"), std::string("\0\x05issueamazon.com", 17));
  EXPECT_TRUE(rdata_of(kSoa, "ns1.example.com. host.example.com. 1 7200 900 1209600 86400"));
  for (auto [type, text] : {std::pair<uint16_t, const char*>{kA, "1.2.3"},
                            {kAaaa, "::g"},
                            {kMx, "mail"},
                            {kTxt, "bare"},
                            {kTxt, "\"open"},
                            {kSrv, "1 2 70000 a"},
                            {kCname, "a b"}})
    EXPECT_FALSE(rdata_of(type, text)) << text;
}

}  // namespace
}  // namespace relight::sandbox::dns
