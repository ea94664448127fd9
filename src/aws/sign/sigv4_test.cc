// AWS's own examples: the Signature Version 4 test suite (get-vanilla and friends), the IAM User Guide's
// ListUsers example, and the Amazon S3 API Reference's header, query and chunked examples. Values are copied,
// never computed.
#include "aws/sign/sigv4.h"

#include <gtest/gtest.h>

#include "aws/sign/canonical.h"
#include "aws/sign/checksum.h"
#include "base/bytes.h"

namespace relight::sign {
namespace {

const Credentials kSuite{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const Credentials kS3{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
const Instant kSuiteTime = *parse_iso8601("20150830T123600Z");
const Instant kS3Time = *parse_iso8601("20130524T000000Z");

http::Request request(std::string method, std::string host, std::string path, std::string query = "") {
  http::Request r;
  r.method = std::move(method);
  r.host = std::move(host);
  r.path = std::move(path);
  r.query = std::move(query);
  return r;
}

std::string signature(const http::Request& r) {
  std::string_view a = r.headers.value("Authorization");
  return std::string(a.substr(a.find("Signature=") + 10));
}

std::string suite(http::Request r, const char* service = "service") {
  EXPECT_TRUE(sign(r, kSuite, {"us-east-1", service, kSuiteTime}));
  return std::string(r.headers.value("Authorization"));
}

std::string s3(http::Request r) {
  EXPECT_TRUE(sign(r, kS3, {"us-east-1", "s3", kS3Time}));
  return signature(r);
}

auto known(const Credentials& c) {
  return [c](std::string_view key) -> std::optional<Secret> {
    if (key != c.access_key) return std::nullopt;
    return Secret{c.secret_key, c.session_token};
  };
}

TEST(SigV4Suite, get_vanilla) {
  EXPECT_EQ(suite(request("GET", "example.amazonaws.com", "/")),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SigV4Suite, get_vanilla_query_order_key_case) {
  EXPECT_TRUE(suite(request("GET", "example.amazonaws.com", "/", "Param2=value2&Param1=value1"))
                  .ends_with("b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"));
}

TEST(SigV4Suite, post_vanilla_and_post_x_www_form_urlencoded) {
  EXPECT_TRUE(suite(request("POST", "example.amazonaws.com", "/"))
                  .ends_with("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"));
  auto r = request("POST", "example.amazonaws.com", "/");
  r.headers.set("Content-Type", "application/x-www-form-urlencoded");
  r.body = "Param1=value1";
  EXPECT_TRUE(suite(r).ends_with("ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"));
}

TEST(SigV4Iam, list_users_of_the_user_guide) {
  auto r = request("GET", "iam.amazonaws.com", "/", "Action=ListUsers&Version=2010-05-08");
  r.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(suite(r, "iam"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  EXPECT_EQ(hex(signing_key(kSuite.secret_key, "20150830", "us-east-1", "iam")),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

TEST(SigV4S3, get_object_with_a_range) {
  auto r = request("GET", "examplebucket.s3.amazonaws.com", "/test.txt");
  r.headers.set("Range", "bytes=0-9");
  EXPECT_EQ(s3(r), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4S3, put_object_with_a_dollar_in_its_key) {
  auto r = request("PUT", "examplebucket.s3.amazonaws.com", "/test$file.text");
  r.headers.set("Date", "Fri, 24 May 2013 00:00:00 GMT");
  r.headers.set("x-amz-storage-class", "REDUCED_REDUNDANCY");
  r.body = "Welcome to Amazon S3.";
  EXPECT_EQ(s3(r), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4S3, get_bucket_lifecycle_and_list_objects) {
  EXPECT_EQ(s3(request("GET", "examplebucket.s3.amazonaws.com", "/", "lifecycle")),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(s3(request("GET", "examplebucket.s3.amazonaws.com", "/", "max-keys=2&prefix=J")),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4S3, presigned_get_object) {
  auto r = request("GET", "examplebucket.s3.amazonaws.com", "/test.txt");
  ASSERT_TRUE(presign(r, kS3, {"us-east-1", "s3", kS3Time}, std::chrono::seconds(86400)));
  EXPECT_EQ(
      r.query,
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
      "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
  EXPECT_TRUE(verify(r, known(kS3), kS3Time + std::chrono::hours(23)));
  EXPECT_EQ(verify(r, known(kS3), kS3Time + std::chrono::hours(25)).error().code, "AccessDenied");
}

http::Request streaming(const char* mode, const char* signed_headers, const char* seed) {
  auto r = request("PUT", "s3.amazonaws.com", "/examplebucket/chunkObject.txt");
  r.headers.set("Host", "s3.amazonaws.com");
  r.headers.set("x-amz-date", "20130524T000000Z");
  r.headers.set("x-amz-storage-class", "REDUCED_REDUNDANCY");
  r.headers.set("x-amz-content-sha256", mode);
  r.headers.set("Content-Encoding", "aws-chunked");
  r.headers.set("x-amz-decoded-content-length", "66560");
  r.headers.set(
      "Authorization",
      std::string("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                  "SignedHeaders=") +
          signed_headers + ",Signature=" + seed);
  return r;
}

std::string chunks(const char* first, const char* second, const char* last) {
  return std::string("10000;chunk-signature=") + first + "\r\n" + std::string(65536, 'a') +
         "\r\n400;chunk-signature=" + second + "\r\n" + std::string(1024, 'a') +
         "\r\n0;chunk-signature=" + last + "\r\n";
}

http::Request chunked_example() {
  auto r = streaming("STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                     "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
                     "x-amz-decoded-content-length;x-amz-storage-class",
                     "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  r.headers.set("Content-Length", "66824");
  r.body = chunks("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
                  "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
                  "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9") +
           "\r\n";
  return r;
}

TEST(SigV4S3, chunked_upload) {
  auto r = chunked_example();
  EXPECT_EQ(r.body.size(), 66824u);
  auto v = verify(r, known(kS3), kS3Time);
  ASSERT_TRUE(v) << v.error().text();
  EXPECT_EQ(*v->body, http::Body(std::string(66560, 'a')));
}

TEST(SigV4S3, chunked_upload_with_a_signed_trailer) {
  auto r = streaming("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
                     "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
                     "x-amz-storage-class;x-amz-trailer",
                     "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
  r.headers.set("x-amz-trailer", "x-amz-checksum-crc32c");
  r.body = chunks("b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
                  "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
                  "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992") +
           "x-amz-checksum-crc32c:sOO8/Q==\r\n"
           "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
  auto v = verify(r, known(kS3), kS3Time);
  ASSERT_TRUE(v) << v.error().text();
  EXPECT_EQ(v->body->size(), 66560u);
  ASSERT_EQ(v->trailers.size(), 1u);
  EXPECT_EQ(v->trailers[0].second, "sOO8/Q==");
}

TEST(Checksums, crc64nvme_has_the_catalogues_check_value) {
  EXPECT_EQ(crc64nvme("123456789"), 0xae8b14860a799888ull);
}

}  // namespace
}  // namespace relight::sign
