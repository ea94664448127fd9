#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "aws/sign/canonical.h"
#include "aws/sign/chunked.h"
#include "aws/sign/sigv4.h"
#include "base/bytes.h"

namespace relight::sign {
namespace {

const Instant kNow = *parse_iso8601("20261122T193500Z");
const Credentials kKey{"AKIAEXAMPLE", "a secret", ""};
const Credentials kTemporary{"ASIAEXAMPLE", "another secret", "a session token"};

std::optional<Secret> lookup(std::string_view key) {
  for (auto& c : {kKey, kTemporary})
    if (c.access_key == key) return Secret{c.secret_key, c.session_token};
  return std::nullopt;
}

http::Request signed_request(const std::string& service, const Credentials& c = kKey, Instant at = kNow) {
  http::Request r;
  r.method = "POST";
  r.host = "127.0.0.1:4566";
  r.body = "Action=DescribeDBInstances&Version=2014-10-31";
  EXPECT_TRUE(sign(r, c, {"us-west-2", service, at}));
  return r;
}

std::string code(const http::Request& r, Instant now = kNow) {
  auto v = verify(r, lookup, now);
  return v ? "ok" : v.error().code;
}

TEST(Verify, says_who_signed_and_for_which_region_and_service) {
  auto v = verify(signed_request("rds"), lookup, kNow);
  ASSERT_TRUE(v) << v.error().text();
  EXPECT_EQ(v->access_key, "AKIAEXAMPLE");
  EXPECT_EQ(v->region, "us-west-2");
  EXPECT_EQ(v->service, "rds");
}

TEST(Verify, a_changed_body_path_query_or_header_breaks_the_signature) {
  for (auto change : {+[](http::Request& r) { r.body = "Action=DeleteDBInstance"; },
                      +[](http::Request& r) { r.path = "/other"; },
                      +[](http::Request& r) { r.query = "a=b"; }, +[](http::Request& r) { r.method = "GET"; },
                      +[](http::Request& r) { r.headers.set("Host", "elsewhere"); }}) {
    auto r = signed_request("rds");
    change(r);
    EXPECT_EQ(code(r), "SignatureDoesNotMatch");
  }
}

TEST(Verify, each_service_words_a_wrong_signature_its_own_way) {
  auto broken = [](const char* service) {
    auto r = signed_request(service);
    r.path = "/other";
    return code(r);
  };
  EXPECT_EQ(broken("rds"), "SignatureDoesNotMatch");
  EXPECT_EQ(broken("s3"), "SignatureDoesNotMatch");
  EXPECT_EQ(broken("ecs"), "InvalidSignatureException");
  EXPECT_EQ(broken("ec2"), "AuthFailure");
}

TEST(Verify, an_unknown_key_is_refused_in_the_services_words) {
  const Credentials stranger{"AKIASTRANGER", "x", ""};
  EXPECT_EQ(code(signed_request("rds", stranger)), "InvalidClientTokenId");
  EXPECT_EQ(code(signed_request("s3", stranger)), "InvalidAccessKeyId");
  EXPECT_EQ(code(signed_request("ecs", stranger)), "UnrecognizedClientException");
}

TEST(Verify, a_clock_more_than_fifteen_minutes_off_is_refused_either_way) {
  auto r = signed_request("s3");
  EXPECT_EQ(code(r, kNow + std::chrono::minutes(14)), "ok");
  EXPECT_EQ(code(r, kNow + std::chrono::minutes(16)), "RequestTimeTooSkewed");
  EXPECT_EQ(code(r, kNow - std::chrono::minutes(16)), "RequestTimeTooSkewed");
  EXPECT_EQ(code(signed_request("rds"), kNow + std::chrono::minutes(16)), "SignatureDoesNotMatch");
  EXPECT_EQ(code(signed_request("ec2"), kNow + std::chrono::minutes(16)), "RequestExpired");
}

TEST(Verify, a_temporary_key_needs_its_own_session_token) {
  EXPECT_EQ(code(signed_request("rds", kTemporary)), "ok");
  EXPECT_EQ(code(signed_request("rds", {kTemporary.access_key, kTemporary.secret_key, "forged"})),
            "InvalidClientTokenId");
  EXPECT_EQ(code(signed_request("rds", {kTemporary.access_key, kTemporary.secret_key, ""})),
            "InvalidClientTokenId");
  EXPECT_EQ(code(signed_request("rds", {kKey.access_key, kKey.secret_key, "superfluous"})),
            "InvalidClientTokenId");
}

TEST(Verify, the_host_must_be_signed) {
  auto r = signed_request("rds");
  std::string a(r.headers.value("Authorization"));
  a.replace(a.find("host;"), 5, "");
  r.headers.set("Authorization", a);
  EXPECT_EQ(code(r), "SignatureDoesNotMatch");
}

TEST(Verify, s3_refuses_amz_headers_outside_the_signature) {
  auto r = signed_request("s3");
  r.headers.set("x-amz-acl", "public-read");
  EXPECT_EQ(code(r), "AccessDenied");
}

TEST(Verify, s3_checks_the_body_against_the_signed_hash) {
  auto r = signed_request("s3");
  r.body = "something else";
  EXPECT_EQ(code(r), "XAmzContentSHA256Mismatch");
}

TEST(Verify, s3_takes_an_unsigned_payload) {
  http::Request r;
  r.method = "PUT";
  r.host = "127.0.0.1:4566";
  r.path = "/b/a%20key%2Bwith/../dots//and%20spaces";
  r.body = "bytes";
  ASSERT_TRUE(sign(r, kKey, {"us-west-2", "s3", kNow, true}));
  r.body = "other bytes";
  EXPECT_EQ(code(r), "ok");
}

TEST(Verify, a_scope_date_of_another_day_is_refused) {
  auto r = signed_request("s3");
  std::string a(r.headers.value("Authorization"));
  a.replace(a.find("20261122"), 8, "20261121");
  r.headers.set("Authorization", a);
  EXPECT_EQ(code(r), "AuthorizationHeaderMalformed");
}

TEST(Verify, presigned_requests_of_other_services_hold_too) {
  http::Request r;
  r.host = "127.0.0.1:4566";
  r.query = "Action=GetCallerIdentity&Version=2011-06-15";
  ASSERT_TRUE(presign(r, kTemporary, {"us-west-2", "sts", kNow}, std::chrono::seconds(60)));
  EXPECT_EQ(code(r), "ok");
  EXPECT_EQ(code(r, kNow + std::chrono::seconds(61)), "SignatureDoesNotMatch");
}

TEST(Verify, claims_that_cannot_be_read_have_no_scope) {
  http::Request r;
  EXPECT_FALSE(scope_of(r));
  for (const char* a : {"Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request",
                        "AWS4-HMAC-SHA256 Credential=a/20261122/us-east-1/s3/aws4_request/x, Signature=y"}) {
    r.headers.set("Authorization", a);
    EXPECT_FALSE(scope_of(r)) << a;
    EXPECT_FALSE(verify(r, lookup, kNow)) << a;
  }
}

// ---- aws-chunked ----

ChunkContext context(bool is_signed, bool trailer) {
  ChunkContext c;
  c.chunks_signed = is_signed;
  c.has_trailer = trailer;
  c.key = "key";
  c.amz_date = "20261122T193500Z";
  c.scope = "20261122/us-west-2/s3/aws4_request";
  c.seed_signature = "seed";
  return c;
}

TEST(Chunked, what_is_encoded_decodes_with_and_without_signatures) {
  for (bool is_signed : {false, true}) {
    auto c = context(is_signed, true);
    c.declared_trailers = {"x-amz-checksum-sha256"};
    std::string payload(100'000, 'q');
    std::string wire = encode_chunked(payload, 8192, c, {{"x-amz-checksum-sha256", base64(sha256(payload))}});
    auto d = decode_chunked(http::Body(wire), c);
    ASSERT_TRUE(d) << d.error().text();
    EXPECT_EQ(d->body, http::Body(payload));
  }
}

TEST(Chunked, a_changed_byte_is_noticed) {
  auto c = context(true, false);
  std::string wire = encode_chunked("hello world", 4, c, {});
  for (size_t i = 0; i + 4 < wire.size(); ++i) {
    std::string bad = wire;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    auto d = decode_chunked(http::Body(bad), c);
    EXPECT_FALSE(d && d->body != http::Body("hello world")) << i;
  }
}

TEST(Chunked, a_truncated_body_is_incomplete_wherever_it_ends) {
  auto c = context(true, false);
  std::string wire = encode_chunked("hello world", 4, c, {});
  for (size_t i = 0; i + 4 < wire.size(); ++i)
    EXPECT_FALSE(decode_chunked(http::Body(wire.substr(0, i)), c)) << i;
}

TEST(Chunked, a_wrong_checksum_in_the_trailer_is_a_bad_digest) {
  auto c = context(false, true);
  c.declared_trailers = {"x-amz-checksum-crc32"};
  std::string wire = encode_chunked("hello", 4, c, {{"x-amz-checksum-crc32", "AAAAAA=="}});
  EXPECT_EQ(decode_chunked(http::Body(wire), c).error().code, "BadDigest");
  EXPECT_EQ(decode_chunked(http::Body(encode_chunked("hello", 4, c, {})), c).error().code,
            "MalformedTrailerError");
}

TEST(Chunked, the_decoded_length_must_be_the_declared_one) {
  auto c = context(false, false);
  c.decoded_length = 6;
  EXPECT_EQ(decode_chunked(http::Body(encode_chunked("hello", 4, c, {})), c).error().code, "IncompleteBody");
}

TEST(Chunked, a_body_in_a_file_is_decoded_in_that_file) {
  auto c = context(true, false);
  std::string payload;
  for (int i = 0; i < 300'000; ++i) payload += std::to_string(i);
  std::string wire = encode_chunked(payload, 65536, c, {});
  int fd = ::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::write(fd, wire.data(), wire.size()), static_cast<ssize_t>(wire.size()));
  http::FileSlice slice{std::shared_ptr<int>(new int(fd),
                                             [](int* p) {
                                               ::close(*p);
                                               delete p;
                                             }),
                        0, wire.size()};
  auto d = decode_chunked(http::Body(slice), c);
  ASSERT_TRUE(d) << d.error().text();
  ASSERT_TRUE(d->body.file());
  EXPECT_EQ(d->body, http::Body(payload));
}

}  // namespace
}  // namespace relight::sign
