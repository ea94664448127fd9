// Requests that are no AWS API at all, but come to the same addresses: a container registry's. Asked before
// the gateway looks for a signature.
#pragma once
#include <optional>
#include <string_view>

#include "aws/http/message.h"

namespace relight::sandbox {

class Doorway {
 public:
  virtual ~Doorway() = default;
  virtual bool takes(const http::Request& request) const = 0;
  // nullopt: the region is lost. home: as of Gateway::serve. Thread-safe; without the world's lock.
  virtual std::optional<http::Response> serve(http::Request&& request, std::string_view home) = 0;
};

}  // namespace relight::sandbox
