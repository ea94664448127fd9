// One container image brought from the registry of one region to that of another, byte for byte: what the
// registry's own replication does for later pushes ("Private image replication in Amazon ECR", ECR User Guide:
// "Only repository content pushed to a repository after replication is configured is replicated").
// By ECR's own API, so no docker and no login: whoever may call ECR may do it.
#pragma once
#include <functional>
#include <string>

#include "aws/client/client_base.h"
#include "aws/http/exchange.h"

namespace relight::app {

struct ImageCopy {
  std::string account;     // whose registry; the same on both sides
  std::string from, to;    // regions
  std::string repository;  // "team/lamp", the same on both sides
  std::string digest;      // "sha256:…" of the manifest, or of the list of manifests
  std::string tag;         // what it shall be called there besides; empty: nothing
};

// What an image copy stands on. Both are called from several threads; they must outlive the call.
struct Registries {
  aws::Caller& aws;
  http::Exchange& http;  // fetches layers from the addresses that ECR hands out
  std::function<void(const std::string&)> tell;  // a line of progress, never a secret; may be empty
};

// Whether the image is there. PutImage refuses one whose layers are not, so then all of it is.
Result<bool> has_image(aws::Caller& aws, const std::string& region, const std::string& account,
                       const std::string& repository, const std::string& digest);

// Brings what is missing there: the repository (made as the source's is, but for its key of KMS, its policies
// and its life cycle, as replication makes it), layers, the manifests of a list, the manifest itself. Safe to
// interrupt and to repeat: an image appears whole or not at all. A tag that means another image there already
// is left alone, because that one was pushed later. Layers are fetched and sent in the parts that ECR asks
// for (10 MiB), three layers at a time: some 150 MB of memory whatever the image's size.
// Errors: "Images.OtherManifest" when ECR answers another manifest than the digest's, "Images.Layer" when a
// layer cannot be fetched, "Images.Nested" for lists deeper than four, and ECR's own.
Result<> copy_image(const Registries& r, const ImageCopy& image);

}  // namespace relight::app
