// S3 Control: the account's own Block Public Access. See README.md.
#pragma once
#include "aws/gen/s3control.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {

class S3ControlService final : public Service {
 public:
  S3ControlService(World& w, S3Service& s3);

 private:
  // "AccessDenied" unless the account is this one.
  Result<> ours(const std::optional<std::string>& account) const;

  S3Service& s3_;
};

}  // namespace relight::sandbox
