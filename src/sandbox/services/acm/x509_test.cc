#include "sandbox/services/acm/x509.h"

#include <gtest/gtest.h>

namespace relight::sandbox::acm {
namespace {

const Instant kFrom = *parse_iso8601("2026-01-02T03:04:05Z"), kTo = *parse_iso8601("2027-01-02T03:04:05Z");

TEST(AcmX509, WhatIsIssuedSaysItsNamesAndItsTime) {
  auto made = issue({"example.org", "*.example.org"}, kFrom, kTo);
  ASSERT_TRUE(made) << made.error().text();
  auto p = parse_certificate(made->certificate);
  ASSERT_TRUE(p) << p.error().text();
  EXPECT_EQ(p->names, (std::vector<std::string>{"example.org", "*.example.org"}));
  EXPECT_EQ(p->subject, "CN=example.org");
  EXPECT_EQ(p->not_before, kFrom);
  EXPECT_EQ(p->not_after, kTo);
  EXPECT_EQ(p->key_algorithm, "EC_prime256v1");
  EXPECT_FALSE(p->serial.empty());
}

TEST(AcmX509, AKeyBelongsToItsOwnCertificateAlone) {
  auto one = issue({"a.example"}, kFrom, kTo), two = issue({"b.example"}, kFrom, kTo);
  EXPECT_EQ(*belongs(one->key, one->certificate), true);
  EXPECT_EQ(*belongs(two->key, one->certificate), false);
  EXPECT_EQ(belongs("rubbish", one->certificate).error().code, "Acm.Key");
  EXPECT_EQ(parse_certificate("rubbish").error().code, "Acm.Certificate");
}

}  // namespace
}  // namespace relight::sandbox::acm
