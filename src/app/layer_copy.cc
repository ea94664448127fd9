#include "app/layer_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "app/presigned.h"
#include "aws/gen/ecr.h"

namespace relight::app {
namespace {
namespace ecr = aws::ecr;

constexpr size_t kAtOnce = 3;          // layers
constexpr int kLayerAttempts = 3;      // of a layer, each from its beginning
constexpr size_t kLayersOfCall = 100;  // BatchCheckLayerAvailability, layerDigests

aws::CallOptions layer_call(const std::string& region) { return {region, Millis(120000)}; }

Error layer_error(const ImageCopy& i, const LayerOfImage& l, std::string why) {
  return {.code = "Images.Layer",
          .message = "the layer could not be fetched: " + std::move(why),
          .tried = "copy the image",
          .resource = i.repository + "@" + l.digest,
          .region = i.from,
          .next = "run it again: what was copied stays"};
}

// A layer piece by piece. The address is one of S3's ("GetDownloadUrlForLayer": "the pre-signed Amazon S3
// download URL"), and S3 answers a Range; whoever answers all of it instead is asked once and kept, in a file
// where it is long.
class Source {
 public:
  Source(const Registries& r, const ImageCopy& i, const LayerOfImage& l) : r_(r), image_(i), layer_(l) {}

  Result<std::string> piece(int64_t at, int64_t size) {
    if (whole_) return whole_->read(static_cast<uint64_t>(at), static_cast<uint64_t>(size));
    if (!get_) TRY(locate());
    auto request = *get_;
    request.headers.set("Range", fmt::format("bytes={}-{}", at, at + size - 1));
    auto answer = r_.http.send(request, Millis(120000));
    if (!answer) return fail(layer_error(image_, layer_, answer.error().code));
    if (answer->status != 200 && answer->status != 206)
      return fail(layer_error(image_, layer_, std::to_string(answer->status)));
    if (answer->status == 206) return answer->body.read();
    whole_ = std::move(answer->body);
    return piece(at, size);
  }

 private:
  Result<> locate() {
    TRY_ASSIGN(auto said, ecr::Client(r_.aws).GetDownloadUrlForLayer({.registryId = image_.account,
                                                                      .repositoryName = image_.repository,
                                                                      .layerDigest = layer_.digest},
                                                                     layer_call(image_.from)));
    get_ = get_of_address(said.downloadUrl.value_or(""));
    if (!get_) return fail(layer_error(image_, layer_, "ECR does not say where it is"));
    return {};
  }

  const Registries& r_;
  const ImageCopy& image_;
  const LayerOfImage& layer_;
  std::optional<http::Request> get_;
  std::optional<http::Body> whole_;
};

// UploadLayerPart: each part follows the one before and has the size that InitiateLayerUpload says, but the
// last. ECR holds the bytes against the digest at the end.
Result<> copy_once(const Registries& r, const ImageCopy& i, const LayerOfImage& l) {
  ecr::Client client(r.aws);
  Source source(r, i, l);
  TRY_ASSIGN(auto upload, client.InitiateLayerUpload(
                              {.registryId = i.account, .repositoryName = i.repository}, layer_call(i.to)));
  auto part = std::max<int64_t>(upload.partSize.value_or(10 << 20), 1);
  for (int64_t at = 0; at < l.size; at += part) {
    auto wanted = std::min(part, l.size - at);
    TRY_ASSIGN(auto bytes, source.piece(at, wanted));
    if (static_cast<int64_t>(bytes.size()) != wanted)
      return fail(layer_error(i, l, fmt::format("{} bytes came of {}", bytes.size(), wanted)));
    ecr::UploadLayerPartRequest in{.registryId = i.account,
                                   .repositoryName = i.repository,
                                   .uploadId = upload.uploadId,
                                   .partFirstByte = at,
                                   .partLastByte = at + wanted - 1};
    in.layerPartBlob.emplace().bytes = std::move(bytes);
    TRY(client.UploadLayerPart(in, layer_call(i.to)));
  }
  auto done = client.CompleteLayerUpload({.registryId = i.account,
                                          .repositoryName = i.repository,
                                          .uploadId = upload.uploadId,
                                          .layerDigests = std::vector{l.digest}},
                                         layer_call(i.to));
  if (!done && done.error().code != "LayerAlreadyExistsException") return std::unexpected(done.error());
  return {};
}

// A part whose answer was lost cannot be sent again, and an address ends: then the layer begins anew.
bool begins_anew(const Error& e) {
  static const std::set<std::string> kAnew{"Images.Layer", "InvalidLayerPartException",
                                           "InvalidLayerException", "UploadNotFoundException",
                                           "ServerException"};
  return e.retryable || kAnew.contains(e.code);
}

Result<> copy_layer(const Registries& r, const ImageCopy& i, const LayerOfImage& l) {
  for (int n = 1;; ++n) {
    auto done = copy_once(r, i, l);
    if (done || n == kLayerAttempts || !begins_anew(done.error())) return done;
  }
}

Result<std::vector<LayerOfImage>> missing_layers(const Registries& r, const ImageCopy& i,
                                                 const std::vector<LayerOfImage>& layers) {
  std::set<std::string> there;
  for (size_t at = 0; at < layers.size(); at += kLayersOfCall) {
    ecr::BatchCheckLayerAvailabilityRequest in{.registryId = i.account, .repositoryName = i.repository};
    in.layerDigests.emplace();
    for (size_t n = at; n < std::min(layers.size(), at + kLayersOfCall); ++n)
      in.layerDigests->push_back(layers[n].digest);
    TRY_ASSIGN(auto said, ecr::Client(r.aws).BatchCheckLayerAvailability(in, layer_call(i.to)));
    for (auto& l : said.layers.value_or(std::vector<ecr::Layer>{}))
      if (l.layerAvailability == "AVAILABLE") there.insert(l.layerDigest.value_or(""));
  }
  std::vector<LayerOfImage> out;
  for (auto& l : layers)
    if (there.insert(l.digest).second) out.push_back(l);  // a manifest may name one twice
  return out;
}

}  // namespace

Result<> copy_layers(const Registries& r, const ImageCopy& image, const std::vector<LayerOfImage>& layers) {
  TRY_ASSIGN(auto missing, missing_layers(r, image, layers));
  int64_t bytes = 0;
  for (auto& l : missing) bytes += l.size;
  if (r.tell && !missing.empty())
    r.tell(fmt::format("{}@{}: {} layers, {:.1f} MiB", image.repository, image.digest.substr(0, 19),
                       missing.size(), double(bytes) / (1 << 20)));
  std::atomic<size_t> next{0};
  std::mutex guard;
  std::optional<Error> failed;
  auto work = [&] {
    for (size_t n; (n = next++) < missing.size();) {
      auto done = copy_layer(r, image, missing[n]);
      if (done) continue;
      std::lock_guard g(guard);
      if (!failed) failed = done.error();
      next = missing.size();
    }
  };
  {
    std::vector<std::jthread> crew;
    for (size_t n = 1; n < std::min(kAtOnce, missing.size()); ++n) crew.emplace_back(work);
    work();
  }
  if (failed) return fail(*failed);
  return {};
}

}  // namespace relight::app
