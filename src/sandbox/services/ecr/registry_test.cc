#include "sandbox/services/ecr/registry.h"

#include <nlohmann/json.hpp>

#include "sandbox/services/ecr/ecr_test.h"

namespace relight::sandbox {
namespace {
using Json = nlohmann::json;
namespace op = aws::ecr::op;

// Says yes, or no to one action.
struct Permits final : Authority {
  std::string no;
  Result<> permit(const Call&, const aws::ServiceModel&, const aws::Operation& op, const void*) override {
    if (op.name != no) return {};
    return aws_error("AccessDeniedException", "not authorized to perform: ecr:" + no);
  }
  Result<> permit_action(const Call&, const aws::ServiceModel&, std::string_view, std::string_view, const Keys&) override {
    return {};
  }
};

struct EcrRegistryTest : EcrTest {
  Permits permits;
  EcrRegistry registry{world, service, permits};
  std::string login;
  void SetUp() override {
    EcrTest::SetUp();
    login = "Basic " + *ok<op::GetAuthorizationToken>({}).authorizationData->front().authorizationToken;
  }

  http::Response ask(const std::string& method, const std::string& target, const std::string& body = "",
                     const std::string& type = "") {
    http::Request r{.method = method, .path = target.substr(0, target.find('?'))};
    if (auto q = target.find('?'); q != target.npos) r.query = target.substr(q + 1);
    r.headers.set("Host", "000000000000.dkr.ecr.us-east-1.amazonaws.com");
    if (!login.empty()) r.headers.set("Authorization", login);
    if (!type.empty()) r.headers.set("Content-Type", type);
    r.body = body;
    EXPECT_TRUE(registry.takes(r));
    auto out = registry.serve(std::move(r), "");
    return out ? std::move(*out) : http::Response{.status = -1};
  }
  static std::string code(const http::Response& r) {
    return Json::parse(*r.body.read())["errors"][0]["code"];
  }
  // As clients push a layer: begin, the bytes, the end.
  std::string push_layer(const std::string& bytes) {
    auto where = std::string(ask("POST", "/v2/lamp/blobs/uploads/").headers.value("Location"));
    EXPECT_EQ(ask("PATCH", where, bytes).status, 202);
    auto digest = ecr::digest_of(bytes);
    EXPECT_EQ(ask("PUT", where + "?digest=" + digest).status, 201);
    return digest;
  }
};

TEST_F(EcrRegistryTest, AnImageIsPushedAndPulledAsClientsDo) {
  EXPECT_EQ(ask("GET", "/v2/").status, 200);
  auto config = push_layer("{}"), layer = push_layer("layer");
  EXPECT_EQ(ask("HEAD", "/v2/lamp/blobs/" + layer).status, 200);
  auto text = manifest(config, {layer});
  auto put = ask("PUT", "/v2/lamp/manifests/v1", text, "application/vnd.oci.image.manifest.v1+json");
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(put.headers.value("Docker-Content-Digest"), ecr::digest_of(text));
  EXPECT_EQ(ask("PUT", "/v2/lamp/manifests/v1", text).status, 201);
  for (std::string reference : {std::string("v1"), ecr::digest_of(text)}) {
    auto got = ask("GET", "/v2/lamp/manifests/" + reference);
    EXPECT_EQ(*got.body.read(), text);
    EXPECT_EQ(got.headers.value("Content-Type"), "application/vnd.oci.image.manifest.v1+json");
  }
  EXPECT_EQ(*ask("GET", "/v2/lamp/blobs/" + layer).body.read(), "layer");
  EXPECT_EQ(Json::parse(*ask("GET", "/v2/lamp/tags/list").body.read())["tags"], Json::array({"v1"}));
  EXPECT_EQ(images(), Words{"v1"});
}

TEST_F(EcrRegistryTest, WithoutALoginNothingIsSaidButHowToLogIn) {
  for (std::string l : {"", "Basic QVdTOng=", "Bearer x"}) {
    login = l;
    auto r = ask("GET", "/v2/lamp/manifests/v1");
    EXPECT_EQ(r.status, 401) << l;
    EXPECT_NE(r.headers.value("Www-Authenticate").find("Basic realm="), std::string_view::npos);
  }
}

TEST_F(EcrRegistryTest, WhatIsMissingHasItsOwnCode) {
  EXPECT_EQ(code(ask("GET", "/v2/lamp/manifests/v9")), "MANIFEST_UNKNOWN");
  EXPECT_EQ(code(ask("GET", "/v2/other/manifests/v9")), "NAME_UNKNOWN");
  EXPECT_EQ(code(ask("GET", "/v2/lamp/blobs/" + ecr::digest_of("x"))), "BLOB_UNKNOWN");
  EXPECT_EQ(code(ask("PATCH", "/v2/lamp/blobs/uploads/none", "x")), "BLOB_UPLOAD_UNKNOWN");
  EXPECT_EQ(code(ask("DELETE", "/v2/lamp/manifests/v9")), "UNSUPPORTED");
  EXPECT_EQ(code(ask("GET", "/v2/_catalog")), "UNSUPPORTED");
  EXPECT_EQ(code(ask("PUT", "/v2/lamp/manifests/v1", "{}")), "MANIFEST_INVALID");
}

TEST_F(EcrRegistryTest, BytesThatHaveAnotherDigestAreNotKept) {
  auto where = std::string(ask("POST", "/v2/lamp/blobs/uploads/").headers.value("Location"));
  EXPECT_EQ(code(ask("PUT", where + "?digest=" + ecr::digest_of("other"), "bytes")), "DIGEST_INVALID");
  EXPECT_EQ(ask("HEAD", "/v2/lamp/blobs/" + ecr::digest_of("other")).status, 404);
  EXPECT_EQ(ask("HEAD", "/v2/lamp/blobs/" + ecr::digest_of("bytes")).status, 404);
}

TEST_F(EcrRegistryTest, ALayerOfAnotherRepositoryIsMounted) {
  auto layer = push_layer("layer");
  ok<op::CreateRepository>({.repositoryName = "other"});
  EXPECT_EQ(ask("HEAD", "/v2/other/blobs/" + layer).status, 404);
  EXPECT_EQ(ask("POST", "/v2/other/blobs/uploads/?mount=" + layer + "&from=lamp").status, 201);
  EXPECT_EQ(ask("HEAD", "/v2/other/blobs/" + layer).status, 200);
}

TEST_F(EcrRegistryTest, EachRequestNeedsThePermissionOfItsOperation) {
  auto layer = push_layer("layer");
  for (auto& [no, method, target] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"BatchGetImage", "GET", "/v2/lamp/manifests/v1"},
           {"GetDownloadUrlForLayer", "GET", "/v2/lamp/blobs/" + layer},
           {"BatchCheckLayerAvailability", "HEAD", "/v2/lamp/blobs/" + layer},
           {"InitiateLayerUpload", "POST", "/v2/lamp/blobs/uploads/"},
           {"PutImage", "PUT", "/v2/lamp/manifests/v1"}}) {
    permits.no = no;
    auto r = ask(method, target, method == "PUT" ? manifest(layer, {layer}) : "");
    EXPECT_EQ(r.status, 403) << no;
  }
}

TEST_F(EcrRegistryTest, ADownloadUrlNeedsNoLogin) {
  auto layer = push_layer("layer");
  auto url = *ok<op::GetDownloadUrlForLayer>({.repositoryName = "lamp", .layerDigest = layer}).downloadUrl;
  login.clear();
  EXPECT_EQ(*ask("GET", url.substr(url.find("/v2/"))).body.read(), "layer");
}

TEST_F(EcrRegistryTest, ALostRegionsRegistryIsSilent) {
  world.lose(kEcrEast);
  EXPECT_EQ(ask("GET", "/v2/").status, -1);
}

TEST_F(EcrRegistryTest, OnAnotherAddressOnlyWhatIsNotSignedForAnApiIsTheRegistrys) {
  http::Request r{.path = "/v2/lamp/tags/list"};
  r.headers.set("Host", "127.0.0.1:4566");
  EXPECT_TRUE(registry.takes(r));
  r.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=x");
  EXPECT_FALSE(registry.takes(r));
  EXPECT_FALSE(registry.takes({.path = "/bucket/v2/x"}));
}

}  // namespace
}  // namespace relight::sandbox
