// Images copied between two registries in memory that hold ECR's rules: parts in order, digests held, images
// refused whose parts are missing.
#include "app/image_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "aws/gen/ecr.h"
#include "base/bytes.h"

namespace relight::app {
namespace {
namespace ecr = aws::ecr;
constexpr const char* kFrom = "us-east-1";
constexpr const char* kTo = "us-west-2";
constexpr int64_t kPart = 10;

std::string digest_of_text(const std::string& text) { return "sha256:" + hex(sha256(text)); }

struct Registry {
  bool repository = false;
  std::map<std::string, std::string> manifests, blobs, tags;  // digest -> text, bytes; tag -> digest
  std::map<std::string, std::string> uploads;
};

class TwoRegistries final : public aws::Caller, public http::Exchange {
 public:
  std::map<std::string, Registry> in;
  std::vector<std::string> asked;
  int lose_parts = 0;      // so many uploads forget their first part
  bool ranges = true;      // the store of layers answers a Range
  bool other = false;      // BatchGetImage answers another manifest

  Result<> invoke(const aws::ServiceModel&, const aws::Operation& op, const void* given, void* out,
                  const aws::CallOptions& o) override {
    std::lock_guard g(m_);
    std::string name(op.name);
    asked.push_back(name);
    auto& r = in[*o.region];
    auto on = [&]<class Op>(Result<> (TwoRegistries::*f)(Registry&, const typename Op::Input&,
                                                         typename Op::Output&)) {
      return (this->*f)(r, *static_cast<const typename Op::Input*>(given),
                        *static_cast<typename Op::Output*>(out));
    };
    using namespace ecr::op;
    if (!r.repository && name != "CreateRepository") return fail("RepositoryNotFoundException", name);
    if (name == "DescribeImages") return on.operator()<DescribeImages>(&TwoRegistries::describe);
    if (name == "BatchGetImage") return on.operator()<BatchGetImage>(&TwoRegistries::get);
    if (name == "PutImage") return on.operator()<PutImage>(&TwoRegistries::put);
    if (name == "UploadLayerPart") return on.operator()<UploadLayerPart>(&TwoRegistries::part);
    if (name == "CompleteLayerUpload") return on.operator()<CompleteLayerUpload>(&TwoRegistries::complete);
    if (name == "InitiateLayerUpload") return on.operator()<InitiateLayerUpload>(&TwoRegistries::initiate);
    if (name == "GetDownloadUrlForLayer") return on.operator()<GetDownloadUrlForLayer>(&TwoRegistries::url);
    if (name == "BatchCheckLayerAvailability")
      return on.operator()<BatchCheckLayerAvailability>(&TwoRegistries::available);
    if (name == "CreateRepository") r.repository = true;
    return {};
  }
  Result<http::Response> send(const http::Request& request, Millis) override {
    std::lock_guard g(m_);
    auto& bytes = in[kFrom].blobs.at(request.path.substr(1));
    http::Response answer;
    answer.body = bytes;
    auto range = std::string(request.headers.value("Range"));
    if (!ranges) return answer;
    auto dash = range.find('-');
    auto first = std::stoull(range.substr(6, dash - 6)), last = std::stoull(range.substr(dash + 1));
    answer.status = 206;
    answer.body = bytes.substr(first, last - first + 1);
    return answer;
  }
  std::string push(const std::string& manifest) {
    in[kFrom].repository = true;
    in[kFrom].manifests[digest_of_text(manifest)] = manifest;
    return digest_of_text(manifest);
  }
  std::string blob(const std::string& bytes) {
    in[kFrom].blobs[digest_of_text(bytes)] = bytes;
    return digest_of_text(bytes);
  }
  int count(const std::string& name) { return int(std::count(asked.begin(), asked.end(), name)); }

 private:
  Result<> describe(Registry& r, const ecr::DescribeImagesRequest& q, ecr::DescribeImagesResponse&) {
    auto& id = q.imageIds->front();
    bool there = id.imageDigest ? r.manifests.contains(*id.imageDigest) : r.tags.contains(*id.imageTag);
    return there ? Result<>{} : fail("ImageNotFoundException", "");
  }
  Result<> get(Registry& r, const ecr::BatchGetImageRequest& q, ecr::BatchGetImageResponse& a) {
    auto it = r.manifests.find(*q.imageIds->front().imageDigest);
    a.images.emplace();
    if (it != r.manifests.end())
      a.images->push_back({.imageManifest = other ? "{}" : it->second, .imageManifestMediaType = "m"});
    return {};
  }
  Result<> put(Registry& r, const ecr::PutImageRequest& q, ecr::PutImageResponse&) {
    for (auto& [digest, text] : in[kFrom].manifests)
      if (q.imageManifest->find(digest) != std::string::npos && !r.manifests.contains(digest))
        return fail("ReferencedImagesNotFoundException", digest);
    for (auto& [digest, bytes] : in[kFrom].blobs)
      if (q.imageManifest->find(digest) != std::string::npos && !r.blobs.contains(digest))
        return fail("LayersNotFoundException", digest);
    r.manifests[digest_of_text(*q.imageManifest)] = *q.imageManifest;
    if (q.imageTag) r.tags[*q.imageTag] = digest_of_text(*q.imageManifest);
    return {};
  }
  Result<> initiate(Registry& r, const ecr::InitiateLayerUploadRequest&, ecr::InitiateLayerUploadResponse& a) {
    a.uploadId = std::to_string(r.uploads.size());
    a.partSize = kPart;
    r.uploads[*a.uploadId];
    return {};
  }
  Result<> part(Registry& r, const ecr::UploadLayerPartRequest& q, ecr::UploadLayerPartResponse&) {
    auto& bytes = r.uploads.at(*q.uploadId);
    EXPECT_LE(q.layerPartBlob->bytes.size(), size_t(kPart));
    if (*q.partFirstByte != int64_t(bytes.size())) return fail("InvalidLayerPartException", "");
    if (*q.partFirstByte == 0 && lose_parts-- > 0) return {};
    bytes += q.layerPartBlob->bytes;
    return {};
  }
  Result<> complete(Registry& r, const ecr::CompleteLayerUploadRequest& q, ecr::CompleteLayerUploadResponse&) {
    auto& bytes = r.uploads.at(*q.uploadId);
    if (digest_of_text(bytes) != q.layerDigests->front()) return fail("InvalidLayerException", "");
    r.blobs[digest_of_text(bytes)] = bytes;
    return {};
  }
  Result<> url(Registry&, const ecr::GetDownloadUrlForLayerRequest& q, ecr::GetDownloadUrlForLayerResponse& a) {
    a.downloadUrl = "https://layers.example/" + *q.layerDigest + "?secret";
    return {};
  }
  Result<> available(Registry& r, const ecr::BatchCheckLayerAvailabilityRequest& q,
                     ecr::BatchCheckLayerAvailabilityResponse& a) {
    a.layers.emplace();
    for (auto& d : *q.layerDigests)
      a.layers->push_back(
          {.layerDigest = d, .layerAvailability = r.blobs.contains(d) ? "AVAILABLE" : "UNAVAILABLE"});
    return {};
  }
  std::mutex m_;
};

class CopiedImage : public testing::Test {
 protected:
  TwoRegistries ecr_;
  std::string layer = std::string(25, 'x');

  std::string manifest(const std::string& config) {
    return R"({"schemaVersion":2, "config":{"digest":")" + ecr_.blob(config) + R"(","size":)" +
           std::to_string(config.size()) + R"(},"layers":[{"digest":")" + ecr_.blob(layer) + R"(","size":25}]})";
  }
  Result<> copy(const std::string& digest, const std::string& tag = "7") {
    return copy_image({ecr_, ecr_, {}}, {"1", kFrom, kTo, "lamp", digest, tag});
  }
  Registry& there() { return ecr_.in[kTo]; }
};

TEST_F(CopiedImage, ComesByteForByteIntoARepositoryThatIsMade) {
  auto digest = ecr_.push(manifest("config"));
  ASSERT_TRUE(copy(digest));
  EXPECT_EQ(there().manifests, ecr_.in[kFrom].manifests);
  EXPECT_EQ(there().blobs, ecr_.in[kFrom].blobs);
  EXPECT_EQ(there().tags.at("7"), digest);
  EXPECT_EQ(ecr_.count("UploadLayerPart"), 1 + 3);
  EXPECT_TRUE(*has_image(ecr_, kTo, "1", "lamp", digest));
}

TEST_F(CopiedImage, AListBringsItsImagesFirstAndALayerOnce) {
  auto arm = ecr_.push(manifest("arm")), amd = ecr_.push(manifest("amd"));
  auto list = ecr_.push(R"({"manifests":[{"digest":")" + arm + R"("},{"digest":")" + amd + R"("}]})");
  ASSERT_TRUE(copy(list));
  EXPECT_EQ(there().manifests.size(), 3u);
  EXPECT_EQ(there().tags, (std::map<std::string, std::string>{{"7", list}}));
  EXPECT_EQ(ecr_.count("CompleteLayerUpload"), 3);
}

TEST_F(CopiedImage, AnInterruptedOneGoesOnWithWhatIsMissing) {
  auto digest = ecr_.push(manifest("config"));
  there().repository = true;
  there().blobs[digest_of_text(layer)] = layer;
  ASSERT_TRUE(copy(digest));
  EXPECT_EQ(ecr_.count("CompleteLayerUpload"), 1);
  EXPECT_EQ(ecr_.count("CreateRepository"), 0);
}

TEST_F(CopiedImage, ATagThatMeansAnotherImageThereStaysWithIt) {
  auto digest = ecr_.push(manifest("config"));
  there().repository = true;
  there().tags["7"] = "sha256:newer";
  ASSERT_TRUE(copy(digest));
  EXPECT_EQ(there().tags.at("7"), "sha256:newer");
  EXPECT_TRUE(there().manifests.contains(digest));
}

TEST_F(CopiedImage, ALayerWhosePartWasLostBeginsAnewButNotForEver) {
  auto digest = ecr_.push(manifest("config"));
  ecr_.lose_parts = 2;
  EXPECT_TRUE(copy(digest));
  there() = {};
  ecr_.lose_parts = 1000;
  auto failed = copy(digest);
  ASSERT_FALSE(failed);
  EXPECT_TRUE(there().manifests.empty());
  EXPECT_EQ(failed.error().text().find("secret"), std::string::npos);
}

TEST_F(CopiedImage, AStoreThatAnswersAWholeLayerIsTakenToo) {
  auto digest = ecr_.push(manifest("config"));
  ecr_.ranges = false;
  ASSERT_TRUE(copy(digest));
  EXPECT_EQ(there().blobs, ecr_.in[kFrom].blobs);
}

TEST_F(CopiedImage, AnotherManifestThanTheDigestsIsRefused) {
  auto digest = ecr_.push(manifest("config"));
  ecr_.other = true;
  auto failed = copy(digest);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "Images.OtherManifest");
  EXPECT_TRUE(there().manifests.empty());
}

TEST_F(CopiedImage, OneThatIsGoneIsSaid) {
  ecr_.push(manifest("config"));
  auto failed = copy("sha256:gone");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "Images.Gone");
}

}  // namespace
}  // namespace relight::app
