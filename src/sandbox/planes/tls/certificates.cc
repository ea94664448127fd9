#include "sandbox/planes/tls/certificates.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace relight::sandbox {
namespace {

template <class T, void (*Free)(T*)>
struct Freed {
  void operator()(T* p) const { Free(p); }
};
void free_bio(BIO* b) { BIO_free(b); }
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO, free_bio>>;

constexpr long kDay = 86400;

std::unexpected<Error> no_certificate(const char* what) {
  return fail("Tls.Certificate", std::string("OpenSSL could not make ") + what);
}

std::string text_of(BIO* b) {
  char* data = nullptr;
  long size = BIO_get_mem_data(b, &data);
  return std::string(data, static_cast<size_t>(size));
}

bool extend(X509* cert, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  X509V3_set_ctx(&ctx, issuer, cert, nullptr, nullptr, 0);
  X509_EXTENSION* e = X509V3_EXT_conf_nid(nullptr, &ctx, nid, value.c_str());
  bool ok = e && X509_add_ext(cert, e, -1);
  X509_EXTENSION_free(e);
  return ok;
}

// Everything but the signature and what makes it an authority or a server.
Cert blank(EVP_PKEY* key, const std::string& common_name, long days) {
  Cert c(X509_new());
  unsigned char serial[16];
  if (!c || RAND_bytes(serial, sizeof serial) != 1) return nullptr;
  serial[0] &= 0x7f;  // positive (RFC 5280 section 4.1.2.2)
  BIGNUM* n = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(n, X509_get_serialNumber(c.get()));
  BN_free(n);
  X509_set_version(c.get(), 2);
  X509_gmtime_adj(X509_getm_notBefore(c.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(c.get()), days * kDay);
  X509_set_pubkey(c.get(), key);
  std::string cn = common_name.substr(0, 64);  // the limit of a CN
  X509_NAME_add_entry_by_txt(X509_get_subject_name(c.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(cn.c_str()), -1, -1, 0);
  return c;
}

Result<Issued> written(X509* cert, EVP_PKEY* key) {
  Bio c(BIO_new(BIO_s_mem())), k(BIO_new(BIO_s_mem()));
  if (!c || !k || !PEM_write_bio_X509(c.get(), cert) ||
      !PEM_write_bio_PrivateKey(k.get(), key, nullptr, nullptr, 0, nullptr, nullptr))
    return no_certificate("PEM");
  return Issued{text_of(c.get()), text_of(k.get())};
}

}  // namespace

Result<Issued> make_authority(const std::string& common_name, const std::vector<std::string>& permitted) {
  Key key(EVP_EC_gen("P-256"));
  if (!key) return no_certificate("a key");
  Cert cert = blank(key.get(), common_name, 10L * 365);
  if (!cert) return no_certificate("a certificate");
  X509_set_issuer_name(cert.get(), X509_get_subject_name(cert.get()));
  std::string names = "critical";
  for (auto& n : permitted) names += ",permitted;DNS:" + n;
  if (!extend(cert.get(), cert.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !extend(cert.get(), cert.get(), NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !extend(cert.get(), cert.get(), NID_subject_key_identifier, "hash") ||
      !extend(cert.get(), cert.get(), NID_name_constraints, names) ||
      !X509_sign(cert.get(), key.get(), EVP_sha256()))
    return no_certificate("a certificate authority");
  return written(cert.get(), key.get());
}

Result<Issued> issue(const Issued& authority, const std::vector<std::string>& names) {
  Bio c(BIO_new_mem_buf(authority.certificate.data(), static_cast<int>(authority.certificate.size())));
  Bio k(BIO_new_mem_buf(authority.key.data(), static_cast<int>(authority.key.size())));
  Cert issuer(PEM_read_bio_X509(c.get(), nullptr, nullptr, nullptr));
  Key signer(PEM_read_bio_PrivateKey(k.get(), nullptr, nullptr, nullptr));
  Key key(EVP_EC_gen("P-256"));
  if (!issuer || !signer || !key || names.empty())
    return no_certificate("a server's certificate: no authority, key or name");
  Cert cert = blank(key.get(), names.front(), 2L * 365);
  if (!cert) return no_certificate("a certificate");
  X509_set_issuer_name(cert.get(), X509_get_subject_name(issuer.get()));
  std::string all;
  for (auto& n : names) all += (all.empty() ? "DNS:" : ",DNS:") + n;
  if (!extend(cert.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !extend(cert.get(), issuer.get(), NID_key_usage, "critical,digitalSignature") ||
      !extend(cert.get(), issuer.get(), NID_ext_key_usage, "serverAuth") ||
      !extend(cert.get(), issuer.get(), NID_authority_key_identifier, "keyid") ||
      !extend(cert.get(), issuer.get(), NID_subject_alt_name, all) ||
      !X509_sign(cert.get(), signer.get(), EVP_sha256()))
    return no_certificate("a server's certificate");
  return written(cert.get(), key.get());
}

}  // namespace relight::sandbox
