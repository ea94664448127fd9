#include "sandbox/services/acm/x509.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "base/bytes.h"

namespace relight::sandbox::acm {
namespace {

template <class T, void (*Free)(T*)>
struct AcmFree {
  void operator()(T* p) const { Free(p); }
};
void acm_free_bio(BIO* b) { BIO_free(b); }
using AcmKey = std::unique_ptr<EVP_PKEY, AcmFree<EVP_PKEY, EVP_PKEY_free>>;
using AcmCert = std::unique_ptr<X509, AcmFree<X509, X509_free>>;
using AcmBio = std::unique_ptr<BIO, AcmFree<BIO, acm_free_bio>>;

std::unexpected<Error> no_cert(const std::string& why) { return fail("Acm.Certificate", why); }

AcmBio reading(std::string_view text) {
  return AcmBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string written(BIO* b) {
  char* data = nullptr;
  long size = BIO_get_mem_data(b, &data);
  return std::string(data, static_cast<size_t>(size));
}

AcmCert read_cert(std::string_view pem) {
  AcmBio in = reading(pem);
  return AcmCert(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
}

// No pass phrase is ever asked for.
int no_phrase(char*, int, int, void*) { return -1; }

std::string name_text(X509_NAME* n) {
  AcmBio out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), n, 0, XN_FLAG_RFC2253) < 0) return "";
  return written(out.get());
}

Instant instant_of(const ASN1_TIME* t) {
  std::tm tm{};
  if (ASN1_TIME_to_tm(t, &tm) != 1) return Instant{};
  using namespace std::chrono;
  year_month_day day{year{tm.tm_year + 1900}, month{static_cast<unsigned>(tm.tm_mon + 1)},
                     std::chrono::day{static_cast<unsigned>(tm.tm_mday)}};
  return sys_days{day} + hours{tm.tm_hour} + minutes{tm.tm_min} + seconds{tm.tm_sec};
}

std::string serial_text(X509* c) {
  BIGNUM* n = ASN1_INTEGER_to_BN(X509_get_serialNumber(c), nullptr);
  std::string bytes(static_cast<size_t>(n ? BN_num_bytes(n) : 0), '\0');
  if (n) BN_bn2bin(n, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(n);
  std::string out;
  for (char b : bytes) out += (out.empty() ? "" : ":") + hex(std::string_view(&b, 1));
  return out;
}

std::vector<std::string> names_of(X509* c) {
  std::vector<std::string> out;
  auto add = [&](std::string s) {
    if (!s.empty() && std::find(out.begin(), out.end(), s) == out.end()) out.push_back(std::move(s));
  };
  char cn[256] = {};
  if (X509_NAME_get_text_by_NID(X509_get_subject_name(c), NID_commonName, cn, sizeof cn) > 0) add(cn);
  auto* alt = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(c, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; alt && i < sk_GENERAL_NAME_num(alt); ++i) {
    auto* g = sk_GENERAL_NAME_value(alt, i);
    if (g->type == GEN_DNS)
      add(std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(g->d.dNSName)),
                      static_cast<size_t>(ASN1_STRING_length(g->d.dNSName))));
  }
  GENERAL_NAMES_free(alt);
  return out;
}

std::string algorithm_of(EVP_PKEY* k) {
  if (EVP_PKEY_get_base_id(k) == EVP_PKEY_RSA) return "RSA_" + std::to_string(EVP_PKEY_get_bits(k));
  char group[64] = {};
  if (EVP_PKEY_get_base_id(k) == EVP_PKEY_EC && EVP_PKEY_get_group_name(k, group, sizeof group, nullptr) == 1)
    return std::string("EC_") + group;
  return "";
}

bool with_names(X509* c, const std::vector<std::string>& names) {
  std::string list;
  for (auto& n : names) list += (list.empty() ? "DNS:" : ",DNS:") + n;
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  X509V3_set_ctx(&ctx, c, c, nullptr, nullptr, 0);
  X509_EXTENSION* e = X509V3_EXT_conf_nid(nullptr, &ctx, NID_subject_alt_name, list.c_str());
  bool ok = e && X509_add_ext(c, e, -1);
  X509_EXTENSION_free(e);
  return ok;
}

}  // namespace

Result<Parsed> parse_certificate(std::string_view pem) {
  AcmCert c = read_cert(pem);
  if (!c) return no_cert("it is no certificate in PEM");
  Parsed p;
  p.subject = name_text(X509_get_subject_name(c.get()));
  p.issuer = name_text(X509_get_issuer_name(c.get()));
  p.serial = serial_text(c.get());
  p.names = names_of(c.get());
  p.not_before = instant_of(X509_get0_notBefore(c.get()));
  p.not_after = instant_of(X509_get0_notAfter(c.get()));
  p.key_algorithm = algorithm_of(X509_get0_pubkey(c.get()));
  p.signature_algorithm = OBJ_nid2sn(X509_get_signature_nid(c.get()));
  if (p.key_algorithm.empty()) return no_cert("its key is neither RSA nor EC");
  return p;
}

Result<bool> belongs(std::string_view key_pem, std::string_view certificate_pem) {
  AcmBio in = reading(key_pem);
  AcmKey key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_phrase, nullptr) : nullptr);
  if (!key) return fail("Acm.Key", "it is no private key in PEM without a pass phrase");
  AcmCert c = read_cert(certificate_pem);
  if (!c) return no_cert("it is no certificate in PEM");
  return X509_check_private_key(c.get(), key.get()) == 1;
}

Result<Issued> issue(const std::vector<std::string>& names, Instant from, Instant to) {
  auto broken = no_cert("OpenSSL could not make one");
  AcmKey key(EVP_EC_gen("P-256"));
  AcmCert c(X509_new());
  if (!key || !c || names.empty()) return broken;
  X509_set_version(c.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(c.get()),
                          static_cast<uint64_t>(from.time_since_epoch().count()));
  auto seconds = [](Instant t) {
    return static_cast<time_t>(std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count());
  };
  ASN1_TIME_set(X509_getm_notBefore(c.get()), seconds(from));
  ASN1_TIME_set(X509_getm_notAfter(c.get()), seconds(to));
  X509_set_pubkey(c.get(), key.get());
  auto* subject = X509_get_subject_name(c.get());
  std::string cn = names[0].substr(0, 64);  // the limit of a CN
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(cn.c_str()),
                             -1, -1, 0);
  X509_set_issuer_name(c.get(), subject);
  AcmBio cert(BIO_new(BIO_s_mem())), secret(BIO_new(BIO_s_mem()));
  if (!with_names(c.get(), names) || X509_sign(c.get(), key.get(), EVP_sha256()) == 0 || !cert || !secret ||
      PEM_write_bio_X509(cert.get(), c.get()) != 1 ||
      PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return broken;
  return Issued{written(cert.get()), written(secret.get())};
}

}  // namespace relight::sandbox::acm
