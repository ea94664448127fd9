// A world with ECR and images to put into it, for its tests.
#pragma once
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "sandbox/services/ecr/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {

inline constexpr const char* kEcrEast = "us-east-1";
inline constexpr const char* kEcrWest = "us-west-2";

struct EcrTest : testing::Test {
  TestWorld world;
  EcrService service{world};
  void SetUp() override {
    world.add(service);
    ok<aws::ecr::op::CreateRepository>({.repositoryName = "lamp"});
  }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in, const std::string& region = kEcrEast) {
    auto r = world.remote<Op>(region, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in, const std::string& region = kEcrEast) {
    auto r = world.remote<Op>(region, in);
    return r ? "accepted" : r.error().code;
  }
  // By the API, in one part; the digest.
  std::string upload(const std::string& bytes, const std::string& repository = "lamp") {
    auto id = *ok<aws::ecr::op::InitiateLayerUpload>({.repositoryName = repository}).uploadId;
    auto digest = ecr::digest_of(bytes);
    ok<aws::ecr::op::UploadLayerPart>({.repositoryName = repository,
                                       .uploadId = id,
                                       .partFirstByte = 0,
                                       .partLastByte = static_cast<int64_t>(bytes.size()) - 1,
                                       .layerPartBlob = aws::Blob{bytes}});
    ok<aws::ecr::op::CompleteLayerUpload>(
        {.repositoryName = repository, .uploadId = id, .layerDigests = std::vector{digest}});
    return digest;
  }
  static std::string manifest(const std::string& config, const std::vector<std::string>& layers) {
    nlohmann::json j{
        {"schemaVersion", 2},
        {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
        {"config", {{"mediaType", "application/vnd.oci.image.config.v1+json"}, {"digest", config}}},
        {"layers", nlohmann::json::array()}};
    for (auto& l : layers)
      j["layers"].push_back({{"mediaType", "application/vnd.oci.image.layer.v1.tar"}, {"digest", l}});
    return j.dump();
  }
  // Pushes an image made of these bytes; its digest. What is there already is not pushed again.
  std::string push(const std::string& bytes, const std::string& tag = "",
                   const std::string& repository = "lamp") {
    auto layer = [&](const std::string& b) {
      auto digest = ecr::digest_of(b);
      return service.has_layer(kEcrEast, repository, digest) ? digest : upload(b, repository);
    };
    aws::ecr::PutImageRequest in{
        .repositoryName = repository,
        .imageManifest = manifest(layer("{\"of\":\"" + bytes + "\"}"), {layer(bytes)})};
    if (!tag.empty()) in.imageTag = tag;
    return *ok<aws::ecr::op::PutImage>(in).image->imageId->imageDigest;
  }
  // "TAG" or the digest of what has none, in the order of their names.
  std::vector<std::string> images(const std::string& region = kEcrEast,
                                  const std::string& repository = "lamp") {
    std::vector<std::string> out;
    auto r = world.remote<aws::ecr::op::ListImages>(region, {.repositoryName = repository});
    if (!r) return {r.error().code};
    for (auto& i : *r->imageIds) out.push_back(i.imageTag.value_or(*i.imageDigest));
    std::ranges::sort(out);
    return out;
  }
  void replicate_to_west(const std::string& prefix = "") {
    aws::ecr::ReplicationRule rule{
        .destinations = std::vector{aws::ecr::ReplicationDestination{kEcrWest, world.account()}}};
    if (!prefix.empty())
      rule.repositoryFilters = std::vector{aws::ecr::RepositoryFilter{prefix, "PREFIX_MATCH"}};
    ok<aws::ecr::op::PutReplicationConfiguration>(
        {.replicationConfiguration = aws::ecr::ReplicationConfiguration{std::vector{rule}}});
  }
};

using Words = std::vector<std::string>;

}  // namespace relight::sandbox
