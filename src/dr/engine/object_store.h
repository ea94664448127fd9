// The Store in a bucket, through conditional writes alone: S3's If-None-Match: * and If-Match ("Conditional
// requests", https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html). Any machine
// can resume from it.
#pragma once
#include <memory>

#include "dr/engine/store.h"

namespace relight::dr {

struct ObjectText {
  std::string text, etag;
};

// The few things that are asked of a bucket. Thread-safe. Errors: "NoSuchKey"; "PreconditionFailed" when the
// condition does not hold; others mean that the outcome is unknown.
class Objects {
 public:
  virtual ~Objects() = default;
  virtual Result<ObjectText> get(const std::string& key) = 0;
  virtual Result<std::string> create(const std::string& key,
                                     const std::string& text) = 0;  // If-None-Match: *; the etag
  virtual Result<std::string> replace(const std::string& key, const std::string& text,
                                      const std::string& etag) = 0;
  virtual Result<> put(const std::string& key, const std::string& text) = 0;
  virtual Result<std::vector<std::string>> list(const std::string& prefix) = 0;  // keys, sorted
};

// Keys: <prefix>lease, <prefix>runs/<run>/<seq of the first event, 12 digits>.json (one append each),
// <prefix>heads/<run>, <prefix>kept/<name>.
std::unique_ptr<Store> make_object_store(std::shared_ptr<Objects> objects, std::string prefix,
                                         bool (*holder_alive)(const Holder&));

}  // namespace relight::dr
