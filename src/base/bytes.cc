#include "base/bytes.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstring>
#include <memory>

#include "base/crc.h"

namespace relight {
namespace {
constexpr char kHex[] = "0123456789abcdef";
int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
// Fetched once: an implicit fetch (EVP_sha256()) costs more than hashing a request. EVP_MD_fetch(3), "Implicit fetching".
const EVP_MD* fetched(const char* name, const EVP_MD* otherwise) {
  const EVP_MD* md = EVP_MD_fetch(nullptr, name, nullptr);
  return md ? md : otherwise;
}
const EVP_MD* sha256_md() {
  static const EVP_MD* md = fetched("SHA2-256", EVP_sha256());
  return md;
}
const EVP_MD* sha1_md() {
  static const EVP_MD* md = fetched("SHA1", EVP_sha1());
  return md;
}
const EVP_MD* md5_md() {
  static const EVP_MD* md = fetched("MD5", EVP_md5());
  return md;
}

// Contexts are used again by their thread.
std::string evp(const EVP_MD* md, std::string_view b) {
  thread_local std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> ctx(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned n = 0;
  EVP_DigestInit_ex(ctx.get(), md, nullptr);
  EVP_DigestUpdate(ctx.get(), b.data(), b.size());
  EVP_DigestFinal_ex(ctx.get(), out, &n);
  return {reinterpret_cast<char*>(out), n};
}

EVP_MAC_CTX* new_hmac_sha256() {
  static EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* ctx = EVP_MAC_CTX_new(mac);
  char digest[] = "SHA2-256";
  OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
  EVP_MAC_CTX_set_params(ctx, params);
  return ctx;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t crc32c_by_hardware(std::string_view b, uint32_t seed) {
  uint64_t c = ~seed;
  for (; b.size() >= 8; b.remove_prefix(8)) {
    uint64_t word;
    std::memcpy(&word, b.data(), 8);
    c = _mm_crc32_u64(c, word);
  }
  auto last = static_cast<uint32_t>(c);
  for (unsigned char ch : b) last = _mm_crc32_u8(last, ch);
  return ~last;
}
#endif
}  // namespace

std::string hex(std::string_view b) {
  std::string out(b.size() * 2, '0');
  char* to = out.data();
  for (unsigned char c : b) {
    *to++ = kHex[c >> 4];
    *to++ = kHex[c & 15];
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
  std::string clean(t);
  if (t.find_first_of("\n\r ") != t.npos)
    std::erase_if(clean, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
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

std::string sha256(std::string_view b) { return evp(sha256_md(), b); }
std::string sha1(std::string_view b) { return evp(sha1_md(), b); }
std::string md5(std::string_view b) { return evp(md5_md(), b); }

std::string hmac_sha256(std::string_view key, std::string_view b) {
  thread_local std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> ctx(new_hmac_sha256(), EVP_MAC_CTX_free);
  unsigned char out[32];
  size_t n = 0;
  const char* k = key.empty() ? "" : key.data();  // a null key would mean the one before
  EVP_MAC_init(ctx.get(), reinterpret_cast<const unsigned char*>(k), key.size(), nullptr);
  EVP_MAC_update(ctx.get(), reinterpret_cast<const unsigned char*>(b.data()), b.size());
  EVP_MAC_final(ctx.get(), out, &n, sizeof out);
  return {reinterpret_cast<char*>(out), n};
}

uint32_t crc32(std::string_view b, uint32_t seed) {
  static constexpr auto t = crc_tables<uint32_t>(0xedb88320u);
  return crc_of(t, b, seed);
}
uint32_t crc32c(std::string_view b, uint32_t seed) {
#if defined(__x86_64__)
  static const bool hardware = __builtin_cpu_supports("sse4.2") != 0;
  if (hardware) return crc32c_by_hardware(b, seed);
#endif
  static constexpr auto t = crc_tables<uint32_t>(0x82f63b78u);
  return crc_of(t, b, seed);
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

std::vector<std::string> split(std::string_view text, char mark) {
  std::vector<std::string> out(1);
  for (char c : text)
    if (c == mark)
      out.emplace_back();
    else
      out.back() += c;
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
  const EVP_MD* md = k == Kind::kSha256 ? sha256_md() : k == Kind::kSha1 ? sha1_md() : md5_md();
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
