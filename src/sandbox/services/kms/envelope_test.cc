#include "sandbox/services/kms/envelope.h"

#include <gtest/gtest.h>

namespace relight::sandbox::kms {
namespace {

const std::string kMaterial(32, 'k'), kNonce(12, 'n');
const Context kContext{{"SecretARN", "arn:x"}, {"v", "1"}};

std::string code(const Result<std::string>& r) { return r ? "opened" : r.error().code; }

TEST(KmsEnvelope, WhatWasSealedIsOpenedWithTheSameKeyAndContextAlone) {
  auto blob = seal("key-1", kMaterial, kNonce, "hunter2", kContext);
  ASSERT_TRUE(blob);
  EXPECT_EQ(blob->find("hunter2"), std::string::npos);
  EXPECT_EQ(*key_of(*blob), "key-1");
  EXPECT_EQ(*open(kMaterial, *blob, kContext), "hunter2");
  EXPECT_EQ(code(open(std::string(32, 'x'), *blob, kContext)), "InvalidCiphertextException");
  EXPECT_EQ(code(open(kMaterial, *blob, {})), "InvalidCiphertextException");
  EXPECT_EQ(code(open(kMaterial, *blob, {{"SecretARN", "arn:xv"}, {"", "1"}})), "InvalidCiphertextException");
}

TEST(KmsEnvelope, EveryByteOfABlobIsGuarded) {
  std::string blob = *seal("key-1", kMaterial, kNonce, "hunter2", kContext);
  for (size_t i = 0; i < blob.size(); ++i) {
    std::string other = blob;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_EQ(code(open(kMaterial, other, kContext)), "InvalidCiphertextException") << i;
  }
  for (size_t n = 0; n < blob.size(); ++n)
    EXPECT_EQ(code(open(kMaterial, blob.substr(0, n), kContext)), "InvalidCiphertextException") << n;
}

TEST(KmsEnvelope, KeysAndNoncesOfTheWrongSizeAreRefused) {
  EXPECT_EQ(code(seal("k", "short", kNonce, "x", {})), "Kms.Cipher");
  EXPECT_EQ(code(seal("k", kMaterial, "short", "x", {})), "Kms.Cipher");
}

}  // namespace
}  // namespace relight::sandbox::kms
