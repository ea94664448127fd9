// The name of a container image, taken apart.
#pragma once
#include <string>
#include <string_view>

namespace relight::dr {

struct ImageName {
  std::string account, region;  // of the registry, where it is one of ECR; else empty
  std::string host;        // "111122223333.dkr.ecr.us-east-1.amazonaws.com", "docker.io"; empty: not said
  std::string repository;  // "team/lamp"
  std::string tag;         // "latest" where neither tag nor digest is said
  std::string digest;      // "sha256:…"; it decides where both are said
  bool of_ecr() const { return !account.empty(); }
  // "team/lamp:1.2", "team/lamp@sha256:…": what it is called within its registry.
  std::string within() const { return repository + (digest.empty() ? ":" + tag : "@" + digest); }
  bool operator==(const ImageName&) const = default;
};

// "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/lamp:1.2" ("Amazon ECR private registry", ECR User
// Guide), or a name of any other registry.
ImageName image_name(std::string_view text);

}  // namespace relight::dr
