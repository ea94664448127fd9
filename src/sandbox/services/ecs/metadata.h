// The endpoint that tasks ask for their metadata (v4) and their role's credentials, on 127.0.0.1 at a free
// port. "Amazon ECS task metadata endpoint version 4" and "Amazon ECS task IAM role",
// docs.aws.amazon.com/AmazonECS.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace relight::sandbox {

struct MetadataQuery {
  std::string path, authorization;
};
struct MetadataAnswer {
  int status = 404;
  std::string json = "{}";
};

class MetadataServer {
 public:
  // Called on the server's thread, which it must not hold up: it answers later, from any thread, once.
  using Handler = std::function<void(const MetadataQuery&, std::function<void(MetadataAnswer)>)>;

  static Result<std::unique_ptr<MetadataServer>> start(Handler handler);
  virtual ~MetadataServer() = default;
  virtual std::string url() const = 0;  // "http://127.0.0.1:49152"
};

}  // namespace relight::sandbox
