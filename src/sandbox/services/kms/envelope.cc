#include "sandbox/services/kms/envelope.h"

#include <openssl/evp.h>

#include <memory>

#include "sandbox/gateway/service.h"

namespace relight::sandbox::kms {
namespace {

// Version, length of the id, id, nonce, ciphertext, tag.
constexpr char kVersion = 1;
constexpr size_t kNonce = 12, kTag = 16;

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

const unsigned char* raw(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }
unsigned char* raw(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }

std::string sized(std::string_view s) { return std::to_string(s.size()) + ":" + std::string(s); }

// One text for one context and key: lengths keep "ab"="c" and "a"="bc" apart.
std::string authenticated(std::string_view key_id, const Context& context) {
  std::string out = sized(key_id);
  for (auto& [k, v] : context) out += sized(k) + sized(v);
  return out;
}

std::unexpected<Error> bad_blob() { return aws_error("InvalidCiphertextException", ""); }

}  // namespace

Result<std::string> seal(std::string_view key_id, std::string_view material, std::string_view nonce,
                         std::string_view plaintext, const Context& context) {
  auto broken = fail("Kms.Cipher", "OpenSSL could not encrypt");
  if (material.size() != 32 || nonce.size() != kNonce || key_id.size() > 255) return broken;
  Cipher c(EVP_CIPHER_CTX_new());
  std::string aad = authenticated(key_id, context), out(plaintext.size(), '\0'), tag(kTag, '\0');
  int n = 0;
  bool ok =
      c && EVP_EncryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, raw(material), raw(nonce)) == 1 &&
      EVP_EncryptUpdate(c.get(), nullptr, &n, raw(std::string_view(aad)), static_cast<int>(aad.size())) ==
          1 &&
      EVP_EncryptUpdate(c.get(), raw(out), &n, raw(plaintext), static_cast<int>(plaintext.size())) == 1 &&
      EVP_EncryptFinal_ex(c.get(), raw(out) + n, &n) == 1 &&
      EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_GET_TAG, kTag, raw(tag)) == 1;
  if (!ok) return broken;
  std::string blob{kVersion, static_cast<char>(key_id.size())};
  return blob + std::string(key_id) + std::string(nonce) + out + tag;
}

Result<std::string> key_of(std::string_view blob) {
  if (blob.size() < 2 || blob[0] != kVersion) return bad_blob();
  size_t id = static_cast<unsigned char>(blob[1]);
  if (blob.size() < 2 + id + kNonce + kTag) return bad_blob();
  return std::string(blob.substr(2, id));
}

Result<std::string> open(std::string_view material, std::string_view blob, const Context& context) {
  TRY_ASSIGN(std::string key_id, key_of(blob));
  std::string_view rest = blob.substr(2 + key_id.size()), nonce = rest.substr(0, kNonce);
  std::string_view sealed = rest.substr(kNonce, rest.size() - kNonce - kTag);
  std::string tag(rest.substr(rest.size() - kTag)), aad = authenticated(key_id, context),
                                                    out(sealed.size(), '\0');
  Cipher c(EVP_CIPHER_CTX_new());
  int n = 0;
  bool ok = c && material.size() == 32 &&
            EVP_DecryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, raw(material), raw(nonce)) == 1 &&
            EVP_DecryptUpdate(c.get(), nullptr, &n, raw(std::string_view(aad)),
                              static_cast<int>(aad.size())) == 1 &&
            EVP_DecryptUpdate(c.get(), raw(out), &n, raw(sealed), static_cast<int>(sealed.size())) == 1 &&
            EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_SET_TAG, kTag, raw(tag)) == 1 &&
            EVP_DecryptFinal_ex(c.get(), raw(out) + n, &n) == 1;
  if (!ok) return bad_blob();
  return out;
}

}  // namespace relight::sandbox::kms
