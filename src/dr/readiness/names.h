// What must not be named in the recovery region: the primary region, and what stands only there.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "dr/readiness/picture.h"

namespace relight::dr {

class PrimaryNames {
 public:
  explicit PrimaryNames(const Picture& p);
  bool found_in(const std::string& text) const;
  // "sqs/queue jobs": what the text names of the primary that could not be seen, so that nobody can tell whether
  // the recovery region's text is its translation; "" when there is none.
  std::string unseen_in(const std::string& text) const;
  // "/containerDefinitions/0/environment/1/value: us-east-1; …", the first few; "" when there is none.
  std::string places_in(const nlohmann::json& properties) const;
  size_t count() const { return names_.size() + 1; }

 private:
  std::string which(const std::string& text) const;
  std::string region_;
  std::vector<ResourceKey> unseen_;
  std::vector<std::string> names_;  // endpoints, host names, buckets; sorted
  // By their first four letters, so that a text is read once however many names there are.
  std::unordered_map<uint32_t, std::vector<size_t>> beginning_;
};

// "000000000000.dkr.ecr.us-east-1.amazonaws.com/lamp:7" -> "lamp:7": the image without its registry.
std::string image_of(const std::string& reference);

}  // namespace relight::dr
