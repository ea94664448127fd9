// STS: who am I, and short-lived keys that the gateway accepts until they expire.
#pragma once
#include <string>

#include "aws/gen/sts.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox {

class StsService final : public Service {
 public:
  explicit StsService(World& w);

 private:
  Result<aws::sts::AssumeRoleResponse> assume_role(const Call& c, const aws::sts::AssumeRoleRequest& in);
  // New keys for a principal, known to the world from now on.
  aws::sts::Credentials mint(const std::string& arn, int32_t seconds);
  std::string letters(std::string_view alphabet, size_t n);
};

}  // namespace relight::sandbox
