// STS: who am I, and short-lived keys that the gateway accepts until they expire.
#pragma once
#include <functional>
#include <string>

#include "aws/gen/sts.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox {

class StsService final : public Service {
 public:
  explicit StsService(World& w);
  // Who asks is known before the call is made, so that the commonest question of all waits for nobody.
  bool locks_itself() const override { return true; }

 private:
  // on<Op>, under the world's lock, with what it changed on disk before it answers.
  template <class Op>
  void under_lock(std::function<Result<typename Op::Output>(const Call&, const typename Op::Input&)> f);
  Result<aws::sts::AssumeRoleResponse> assume_role(const Call& c, const aws::sts::AssumeRoleRequest& in);
  // New keys for a principal, known to the world from now on.
  aws::sts::Credentials mint(const std::string& arn, int32_t seconds);
  std::string letters(std::string_view alphabet, size_t n);
};

}  // namespace relight::sandbox
