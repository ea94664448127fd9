#include "sandbox/planes/tls/front.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <filesystem>
#include <memory>

#include "base/disk.h"
#include "sandbox/planes/tls/certificates.h"

namespace relight::sandbox {
namespace {

// What OpenSSL's own verification says of a chain for a host: "ok" or its words.
std::string verification(const std::string& trusted, const std::string& leaf, const std::string& host) {
  auto read = [](const std::string& pem) {
    std::unique_ptr<BIO, decltype(&BIO_free)> b(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                BIO_free);
    return std::unique_ptr<X509, decltype(&X509_free)>(PEM_read_bio_X509(b.get(), nullptr, nullptr, nullptr),
                                                       X509_free);
  };
  auto ca = read(trusted), cert = read(leaf);
  std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), X509_STORE_free);
  std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> ctx(X509_STORE_CTX_new(),
                                                                      X509_STORE_CTX_free);
  X509_STORE_add_cert(store.get(), ca.get());
  X509_STORE_CTX_init(ctx.get(), store.get(), cert.get(), nullptr);
  X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(ctx.get()), host.c_str(), host.size());
  X509_STORE_CTX_set_default(ctx.get(), "ssl_server");
  X509_verify_cert(ctx.get());
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx.get()));
}

TEST(TlsCertificates, AClientThatTrustsTheAuthorityAcceptsTheHostsAndNoOther) {
  auto authority = make_authority("a test's authority", {"amazonaws.com"});
  ASSERT_TRUE(authority) << authority.error().text();
  auto server = issue(*authority, {"*.us-east-1.amazonaws.com", "sts.amazonaws.com"});
  ASSERT_TRUE(server) << server.error().text();
  EXPECT_EQ(verification(authority->certificate, server->certificate, "rds.us-east-1.amazonaws.com"), "ok");
  EXPECT_EQ(verification(authority->certificate, server->certificate, "sts.amazonaws.com"), "ok");
  EXPECT_NE(verification(authority->certificate, server->certificate, "rds.us-west-2.amazonaws.com"), "ok");
}

TEST(TlsCertificates, TheAuthorityIsGoodForItsDomainsAlone) {
  auto authority = make_authority("a test's authority", {"amazonaws.com"});
  auto other = issue(*authority, {"www.example.org"});
  ASSERT_TRUE(other);
  EXPECT_EQ(verification(authority->certificate, other->certificate, "www.example.org"),
            "permitted subtree violation");
  EXPECT_FALSE(issue({"", ""}, {"a"}));
}

TEST(TlsFront, ItKeepsItsAuthorityAndSaysWhyItCannotListen) {
  std::string dir = std::filesystem::temp_directory_path() / "relight-tls-XXXXXX";
  ASSERT_TRUE(::mkdtemp(dir.data()));
  TlsFrontSpec spec{dir + "/tls", {"*.amazonaws.com"}, {"amazonaws.com"}, {{"127.0.0.1", "127.0.0.1:1"}}, 0};
  spec.port = 20443 + static_cast<int>(::getpid() % 12000);  // below those that connections are given
  TlsFront first, second;
  auto started = first.start(spec);
  ASSERT_TRUE(started) << started.error().text();
  auto kept = system_disk().read(TlsFront::authority_file(spec.dir));
  ASSERT_TRUE(kept);
  EXPECT_TRUE(first.running());
  auto refused = second.start(spec);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "Tls.Start");
  EXPECT_EQ(refused.error().message, "something listens on 127.0.0.1 already");
  EXPECT_EQ(system_disk().read(TlsFront::authority_file(spec.dir)).value_or(""), *kept);
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace relight::sandbox
