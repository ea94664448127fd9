#include "sandbox/services/ecr/service.h"

#include <filesystem>

#include "sandbox/planes/container/image_store.h"
#include "sandbox/services/ecr/ecr_test.h"

namespace relight::sandbox {
namespace {
namespace api = aws::ecr;
namespace op = aws::ecr::op;

TEST_F(EcrTest, ARepositoryIsMadeOnceAndFoundByItsName) {
  auto r = ok<op::DescribeRepositories>({.repositoryNames = Words{"lamp"}}).repositories->front();
  EXPECT_EQ(*r.repositoryUri, "000000000000.dkr.ecr.us-east-1.amazonaws.com/lamp");
  EXPECT_EQ(*r.repositoryArn, "arn:aws:ecr:us-east-1:000000000000:repository/lamp");
  EXPECT_EQ(refused<op::CreateRepository>({.repositoryName = "lamp"}), "RepositoryAlreadyExistsException");
  EXPECT_NE(refused<op::CreateRepository>({.repositoryName = "Lamp"}), "accepted");
  EXPECT_EQ(refused<op::DescribeRepositories>({.repositoryNames = Words{"lump"}}),
            "RepositoryNotFoundException");
  EXPECT_EQ(refused<op::DescribeRepositories>({.repositoryNames = Words{"lamp"}}, kEcrWest),
            "RepositoryNotFoundException");
}

TEST_F(EcrTest, AnImageNeedsItsLayersInItsOwnRepository) {
  EXPECT_EQ(
      refused<op::PutImage>({.repositoryName = "lamp", .imageManifest = manifest(ecr::digest_of("a"), {})}),
      "LayersNotFoundException");
  ok<op::CreateRepository>({.repositoryName = "other"});
  auto config = upload("a", "other");
  EXPECT_EQ(refused<op::PutImage>({.repositoryName = "lamp", .imageManifest = manifest(config, {})}),
            "LayersNotFoundException");
  EXPECT_EQ(refused<op::PutImage>({.repositoryName = "lamp", .imageManifest = "{}"}),
            "InvalidParameterException");
}

TEST_F(EcrTest, ATagMovesToTheNewImageAndLeavesTheOldOneWithout) {
  auto one = push("one", "v1"), two = push("two", "v1");
  EXPECT_EQ(images(), (Words{one, "v1"}));
  auto d = ok<op::DescribeImages>(
      {.repositoryName = "lamp", .imageIds = std::vector{api::ImageIdentifier{{}, "v1"}}});
  EXPECT_EQ(*d.imageDetails->front().imageDigest, two);
  EXPECT_EQ(*d.imageDetails->front().imageSizeInBytes, 3 + 12);
}

TEST_F(EcrTest, AnImmutableTagStays) {
  ok<op::PutImageTagMutability>({.repositoryName = "lamp", .imageTagMutability = "IMMUTABLE"});
  push("one", "v1");
  auto config = upload("other");
  EXPECT_EQ(refused<op::PutImage>(
                {.repositoryName = "lamp", .imageManifest = manifest(config, {config}), .imageTag = "v1"}),
            "ImageTagAlreadyExistsException");
}

TEST_F(EcrTest, TheSameImageAgainIsSaidAndUnderAnotherTagIsTagged) {
  auto one = push("one", "v1");
  auto text = *ok<op::BatchGetImage>(
                   {.repositoryName = "lamp", .imageIds = std::vector{api::ImageIdentifier{one, {}}}})
                   .images->front()
                   .imageManifest;
  EXPECT_EQ(refused<op::PutImage>({.repositoryName = "lamp", .imageManifest = text, .imageTag = "v1"}),
            "ImageAlreadyExistsException");
  ok<op::PutImage>({.repositoryName = "lamp", .imageManifest = text, .imageTag = "v2"});
  EXPECT_EQ(images(), (Words{"v1", "v2"}));
  EXPECT_EQ(refused<op::PutImage>({.repositoryName = "lamp",
                                   .imageManifest = text,
                                   .imageTag = "v3",
                                   .imageDigest = ecr::digest_of("x")}),
            "ImageDigestDoesNotMatchException");
}

TEST_F(EcrTest, WhatIsNotThereIsAFailureOfItsOwn) {
  auto one = push("one", "v1");
  std::vector<api::ImageIdentifier> ids{
      {{}, "v1"}, {{}, "v9"}, {ecr::digest_of("x"), {}}, {}, {"sha256:1", {}}};
  auto r = ok<op::BatchGetImage>({.repositoryName = "lamp", .imageIds = ids});
  ASSERT_EQ(r.images->size(), 1u);
  EXPECT_EQ(*r.images->front().imageId->imageDigest, one);
  Words codes;
  for (auto& f : *r.failures) codes.push_back(*f.failureCode);
  EXPECT_EQ(codes, (Words{"ImageNotFound", "ImageNotFound", "MissingDigestAndTag", "InvalidImageDigest"}));
  EXPECT_EQ(refused<op::DescribeImages>(
                {.repositoryName = "lamp", .imageIds = std::vector{api::ImageIdentifier{{}, "v9"}}}),
            "ImageNotFoundException");
}

TEST_F(EcrTest, DeletingTheLastTagDeletesTheImageAndAnotherOnlyTheTag) {
  auto one = push("one", "v1");
  auto text = *ok<op::BatchGetImage>(
                   {.repositoryName = "lamp", .imageIds = std::vector{api::ImageIdentifier{one, {}}}})
                   .images->front()
                   .imageManifest;
  ok<op::PutImage>({.repositoryName = "lamp", .imageManifest = text, .imageTag = "v2"});
  auto gone = [&](const std::string& tag) {
    return ok<op::BatchDeleteImage>(
        {.repositoryName = "lamp", .imageIds = std::vector{api::ImageIdentifier{{}, tag}}});
  };
  EXPECT_EQ(gone("v1").imageIds->size(), 1u);
  EXPECT_EQ(images(), Words{"v2"});
  EXPECT_EQ(refused<op::DeleteRepository>({.repositoryName = "lamp"}), "RepositoryNotEmptyException");
  gone("v2");
  EXPECT_EQ(images(), Words{});
  EXPECT_EQ(*gone("v2").failures->front().failureCode, "ImageNotFound");
  ok<op::DeleteRepository>({.repositoryName = "lamp"});
}

TEST_F(EcrTest, AnImageThatAListNamesIsNotDeletedBeforeTheList) {
  auto child = push("one");
  nlohmann::json list{
      {"schemaVersion", 2},
      {"mediaType", "application/vnd.oci.image.index.v1+json"},
      {"manifests", nlohmann::json::array(
                        {{{"digest", child}, {"platform", {{"os", "linux"}, {"architecture", "amd64"}}}}})}};
  auto whole = *ok<op::PutImage>({.repositoryName = "lamp", .imageManifest = list.dump(), .imageTag = "v1"})
                    .image->imageId->imageDigest;
  auto gone = [&](const std::string& digest) {
    return ok<op::BatchDeleteImage>(
        {.repositoryName = "lamp", .imageIds = std::vector{api::ImageIdentifier{digest, {}}}});
  };
  EXPECT_EQ(*gone(child).failures->front().failureCode, "ImageReferencedByManifestList");
  EXPECT_TRUE(gone(whole).failures->empty());
  EXPECT_TRUE(gone(child).failures->empty());
}

TEST_F(EcrTest, APartMustFollowTheLastOneAndTheWholeMustHaveItsDigest) {
  auto id = *ok<op::InitiateLayerUpload>({.repositoryName = "lamp"}).uploadId;
  auto part = [&](int64_t first, int64_t last, const std::string& bytes) {
    return refused<op::UploadLayerPart>({.repositoryName = "lamp",
                                         .uploadId = id,
                                         .partFirstByte = first,
                                         .partLastByte = last,
                                         .layerPartBlob = aws::Blob{bytes}});
  };
  auto complete = [&](const std::string& digest) {
    return refused<op::CompleteLayerUpload>(
        {.repositoryName = "lamp", .uploadId = id, .layerDigests = Words{digest}});
  };
  EXPECT_EQ(complete(ecr::digest_of("")), "EmptyUploadException");
  EXPECT_EQ(part(1, 3, "abc"), "InvalidLayerPartException");
  EXPECT_EQ(part(0, 2, "abc"), "accepted");
  EXPECT_EQ(part(0, 2, "abc"), "InvalidLayerPartException");
  EXPECT_EQ(part(3, 5, "def"), "accepted");
  EXPECT_EQ(complete(ecr::digest_of("abc")), "InvalidLayerException");
  EXPECT_EQ(complete(ecr::digest_of("abcdef")), "accepted");
  EXPECT_EQ(complete(ecr::digest_of("abcdef")), "UploadNotFoundException");
  auto there = ok<op::BatchCheckLayerAvailability>(
      {.repositoryName = "lamp", .layerDigests = Words{ecr::digest_of("abcdef"), ecr::digest_of("x")}});
  EXPECT_EQ(*(*there.layers)[0].layerAvailability, "AVAILABLE");
  EXPECT_EQ(*(*there.layers)[1].layerAvailability, "UNAVAILABLE");
}

TEST_F(EcrTest, AnImageIsLaidOutForTasksAndGoneWhenItIsDeleted) {
  auto one = push("one", "v1");
  auto dir = world.settings.dir + "/images/" + container::registry_image_key(kEcrEast, "lamp", one);
  EXPECT_TRUE(std::filesystem::exists(dir + "/index.json"));
  EXPECT_TRUE(std::filesystem::exists(dir + "/blobs/sha256/" + one.substr(7)));
  EXPECT_EQ(*container::image_key(container::registry_image_key(kEcrEast, "lamp", one)),
            container::registry_image_key(kEcrEast, "lamp", one));
  ok<op::BatchDeleteImage>(
      {.repositoryName = "lamp", .imageIds = std::vector{api::ImageIdentifier{one, {}}}});
  EXPECT_FALSE(std::filesystem::exists(dir));
}

TEST_F(EcrTest, ALifecyclePolicyIsCarriedOutAsImagesArePushed) {
  ok<op::PutLifecyclePolicy>({.repositoryName = "lamp", .lifecyclePolicyText = R"({"rules":[{"rulePriority":1,
    "selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":2},"action":{"type":"expire"}}]})"});
  for (std::string tag : {"v1", "v2", "v3"}) {
    push(tag, tag);
    world.advance(Millis{1000});
  }
  EXPECT_EQ(images(), (Words{"v2", "v3"}));
  EXPECT_TRUE(ok<op::GetLifecyclePolicy>({.repositoryName = "lamp"}).lastEvaluatedAt);
  EXPECT_EQ(
      refused<op::PutLifecyclePolicy>(
          {.repositoryName = "lamp", .lifecyclePolicyText = R"({"rules":[{}]})" + std::string(100, ' ')}),
      "InvalidParameterException");
}

TEST_F(EcrTest, ImagesGrowOldOnTheSandboxsClockAndAPreviewSaysWhichWould) {
  service.start();
  push("one", "v1");
  const std::string policy =
      R"({"rules":[{"rulePriority":7,"selection":{"tagStatus":"tagged","tagPrefixList":["v"],
    "countType":"sinceImagePushed","countUnit":"days","countNumber":3},"action":{"type":"expire"}}]})";
  ok<op::PutLifecyclePolicy>({.repositoryName = "lamp", .lifecyclePolicyText = policy});
  world.advance(std::chrono::hours(48));
  EXPECT_EQ(images(), Words{"v1"});
  push("two", "v2");
  world.ground().clock.at += std::chrono::hours(25);  // nobody has looked yet
  ok<op::StartLifecyclePolicyPreview>({.repositoryName = "lamp"});
  auto p = ok<op::GetLifecyclePolicyPreview>({.repositoryName = "lamp"});
  ASSERT_EQ(p.previewResults->size(), 1u);
  EXPECT_EQ(p.previewResults->front().imageTags->front(), "v1");
  EXPECT_EQ(*p.previewResults->front().appliedRulePriority, 7);
  world.advance(std::chrono::hours(2));
  EXPECT_EQ(images(), Words{"v2"});
}

TEST_F(EcrTest, WhatIsPushedAfterTheRuleIsCopiedToTheOtherRegion) {
  auto before = push("zero", "v0");
  replicate_to_west();
  auto one = push("one", "v1");
  EXPECT_EQ(*ok<op::DescribeImageReplicationStatus>(
                 {.repositoryName = "lamp", .imageId = api::ImageIdentifier{one, {}}})
                 .replicationStatuses->front()
                 .status,
            "IN_PROGRESS");
  world.run_until_idle();
  EXPECT_EQ(images(kEcrWest), Words{"v1"});
  EXPECT_EQ(*ok<op::DescribeImageReplicationStatus>(
                 {.repositoryName = "lamp", .imageId = api::ImageIdentifier{one, {}}})
                 .replicationStatuses->front()
                 .status,
            "COMPLETE");
  EXPECT_TRUE(ok<op::DescribeImageReplicationStatus>(
                  {.repositoryName = "lamp", .imageId = api::ImageIdentifier{before, {}}})
                  .replicationStatuses->empty());
  EXPECT_TRUE(service.blobs(kEcrWest).size(ecr::digest_of("one")));
  EXPECT_TRUE(service.has_layer(kEcrWest, "lamp", ecr::digest_of("one")));
}

TEST_F(EcrTest, OnlyRepositoriesOfTheFilterAreCopied) {
  replicate_to_west("prod");
  ok<op::CreateRepository>({.repositoryName = "prod/web"});
  push("one", "v1");
  push("one", "v1", "prod/web");
  world.run_until_idle();
  EXPECT_EQ(images(kEcrWest), Words{"RepositoryNotFoundException"});
  EXPECT_EQ(images(kEcrWest, "prod/web"), Words{"v1"});
}

TEST_F(EcrTest, ACopyWaitsForTheLineBetweenTheRegions) {
  replicate_to_west();
  world.partition(kEcrEast, kEcrWest);
  push("one", "v1");
  world.advance(std::chrono::minutes(5));
  EXPECT_EQ(images(kEcrWest), Words{"RepositoryNotFoundException"});
  world.heal(kEcrEast, kEcrWest);
  world.advance(std::chrono::minutes(5));
  EXPECT_EQ(images(kEcrWest), Words{"v1"});
}

TEST_F(EcrTest, ATokenIsGoodForTwelveHours) {
  auto t = ok<op::GetAuthorizationToken>({}).authorizationData->front();
  EXPECT_EQ(*t.proxyEndpoint, "https://000000000000.dkr.ecr.us-east-1.amazonaws.com");
  auto plain = *unbase64(*t.authorizationToken);
  ASSERT_TRUE(plain.starts_with("AWS:"));
  EXPECT_TRUE(service.ticket(plain.substr(4)));
  EXPECT_FALSE(service.ticket("x"));
  world.ground().clock.at += std::chrono::hours(13);
  EXPECT_FALSE(service.ticket(plain.substr(4)));
}

TEST_F(EcrTest, EverythingIsThereAfterARestart) {
  push("one", "v1");
  TestWorld again(world.settings, world.ground());
  EcrService reborn(again);
  again.add(reborn);
  auto r = again.remote<op::BatchGetImage>(
      kEcrEast, {.repositoryName = "lamp", .imageIds = std::vector{api::ImageIdentifier{{}, "v1"}}});
  ASSERT_TRUE(r);
  EXPECT_EQ(r->images->size(), 1u);
}

}  // namespace
}  // namespace relight::sandbox
