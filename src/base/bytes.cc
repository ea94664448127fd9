#include "base/bytes.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <array>

namespace relight {
namespace {
constexpr char kHex[] = "0123456789abcdef";
int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
std::string evp(const EVP_MD* md, std::string_view b) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned n = 0;
  EVP_Digest(b.data(), b.size(), out, &n, md, nullptr);
  return {reinterpret_cast<char*>(out), n};
}
constexpr std::array<uint32_t, 256> crc_table(uint32_t poly) {
  std::array<uint32_t, 256> t{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int k = 0; k < 8; ++k) c = c & 1 ? poly ^ (c >> 1) : c >> 1;
    t[i] = c;
  }
  return t;
}
uint32_t crc(const std::array<uint32_t, 256>& t, std::string_view b, uint32_t seed) {
  uint32_t c = ~seed;
  for (unsigned char ch : b) c = t[(c ^ ch) & 0xff] ^ (c >> 8);
  return ~c;
}
}  // namespace

std::string hex(std::string_view b) {
  std::string out;
  out.reserve(b.size() * 2);
  for (unsigned char c : b) {
    out += kHex[c >> 4];
    out += kHex[c & 15];
  }
  return out;
}

Result<std::string> unhex(std::string_view t) {
  if (t.size() % 2) return fail("Bytes.Malformed", "hexadecimal text has an odd length");
  std::string out;
  for (size_t i = 0; i < t.size(); i += 2) {
    int a = nibble(t[i]), b = nibble(t[i + 1]);
    if (a < 0 || b < 0) return fail("Bytes.Malformed", "not a hexadecimal digit");
    out += static_cast<char>(a << 4 | b);
  }
  return out;
}

std::string base64(std::string_view b) {
  std::string out(4 * ((b.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(b.data()),
                  static_cast<int>(b.size()));
  return out;
}

Result<std::string> unbase64(std::string_view t) {
  std::string clean;
  for (char c : t)
    if (c != '\n' && c != '\r' && c != ' ') clean += c;
  size_t pad = 0;
  while (pad < 2 && pad < clean.size() && clean[clean.size() - 1 - pad] == '=') ++pad;
  if (clean.size() % 4) return fail("Bytes.Malformed", "base64 text is not a multiple of 4 characters long");
  std::string out(clean.size() / 4 * 3, '\0');
  int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                          reinterpret_cast<const unsigned char*>(clean.data()), static_cast<int>(clean.size()));
  if (n < 0) return fail("Bytes.Malformed", "not base64");
  out.resize(static_cast<size_t>(n) - pad);
  return out;
}

std::string sha256(std::string_view b) { return evp(EVP_sha256(), b); }
std::string sha1(std::string_view b) { return evp(EVP_sha1(), b); }
std::string md5(std::string_view b) { return evp(EVP_md5(), b); }

std::string hmac_sha256(std::string_view key, std::string_view b) {
  unsigned char out[32];
  unsigned n = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(b.data()),
       b.size(), out, &n);
  return {reinterpret_cast<char*>(out), n};
}

uint32_t crc32(std::string_view b, uint32_t seed) {
  static constexpr auto t = crc_table(0xedb88320u);
  return crc(t, b, seed);
}
uint32_t crc32c(std::string_view b, uint32_t seed) {
  static constexpr auto t = crc_table(0x82f63b78u);
  return crc(t, b, seed);
}

std::string percent_encode(std::string_view s, bool keep_slash) {
  static constexpr char kUp[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(s.size());
  for (unsigned char c : s) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
        c == '.' || c == '~' || (keep_slash && c == '/')) {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += kUp[c >> 4];
      out += kUp[c & 15];
    }
  }
  return out;
}

std::string percent_decode(std::string_view s, bool plus_is_space) {
  std::string out;
  out.reserve(s.size());
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '%' && i + 2 < s.size() + 0 && nibble(s[i + 1]) >= 0 && nibble(s[i + 2]) >= 0) {
      out += static_cast<char>(nibble(s[i + 1]) << 4 | nibble(s[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && s[i] == '+' ? ' ' : s[i];
    }
  }
  return out;
}

Digest::Digest(Kind k) : ctx_(EVP_MD_CTX_new()) {
  const EVP_MD* md = k == Kind::kSha256 ? EVP_sha256() : k == Kind::kSha1 ? EVP_sha1() : EVP_md5();
  EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(ctx_), md, nullptr);
}
Digest::~Digest() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(ctx_)); }
void Digest::update(std::string_view b) { EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(ctx_), b.data(), b.size()); }
std::string Digest::finish() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned n = 0;
  EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(ctx_), out, &n);
  return {reinterpret_cast<char*>(out), n};
}

}  // namespace relight
