// Digests and checks against published values, and randomness across a fork.
#include "base/bytes.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"

namespace relight {
namespace {

// RFC 4231, test cases 1 and 2; a key must not linger from one call to the next.
TEST(Bytes, HmacsAreTheRfcsWhateverKeyCameBefore) {
  const std::string one = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
  const std::string two = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  const std::string none =
      "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";  // no key, no bytes
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")), one);
    EXPECT_EQ(hex(hmac_sha256({}, {})), none);
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")), two);
  }
}

TEST(Bytes, DigestsTakeTurnsInOneThread) {
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }
}

// "Catalogue of parametrised CRC algorithms": check values, and RFC 3720 B.4 for 32 zero bytes.
TEST(Bytes, CrcsHaveTheCataloguesCheckValues) {
  EXPECT_EQ(crc32("123456789"), 0xcbf43926u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32(""), 0u);
}

TEST(Bytes, CrcsDoNotCareWhereTheBytesAreCut) {
  SeededRng rng(7);
  std::string all;
  while (all.size() < 1001) all += static_cast<char>(rng.next());
  for (size_t cut = 0; cut <= 40; ++cut) {
    std::string_view a = std::string_view(all).substr(0, cut), b = std::string_view(all).substr(cut);
    EXPECT_EQ(crc32(b, crc32(a)), crc32(all)) << cut;
    EXPECT_EQ(crc32c(b, crc32c(a)), crc32c(all)) << cut;
  }
}

TEST(Bytes, SplittingKeepsEmptyParts) {
  EXPECT_EQ(split("a::b:", ':'), (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
}

TEST(SystemRng, AForkedChildDoesNotRepeatItsParent) {
  system_rng().next();  // something is drawn ahead
  int to_parent[2];
  ASSERT_EQ(::pipe(to_parent), 0);
  pid_t child = ::fork();
  if (child == 0) {
    uint64_t n = system_rng().next();
    ::_exit(::write(to_parent[1], &n, sizeof n) == sizeof n ? 0 : 1);
  }
  uint64_t theirs = 0, ours = system_rng().next();
  ASSERT_EQ(::read(to_parent[0], &theirs, sizeof theirs), static_cast<ssize_t>(sizeof theirs));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(theirs, ours);
  ::close(to_parent[0]);
  ::close(to_parent[1]);
}

}  // namespace
}  // namespace relight
