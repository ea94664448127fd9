#include "sandbox/services/s3control/service.h"

namespace relight::sandbox {
namespace api = aws::s3control;
namespace op = aws::s3control::op;

// "GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock" (Amazon S3 API Reference, S3 Control). What is
// not said in a Put is off; a Delete of nothing succeeds (unverified).
S3ControlService::S3ControlService(World& w, S3Service& s3) : Service(w, api::model()), s3_(s3) {
  on<op::GetPublicAccessBlock>(
      [this](const Call&, const api::GetPublicAccessBlockRequest& in) -> Result<api::GetPublicAccessBlockOutput> {
        TRY(ours(in.AccountId));
        auto b = s3_.account_block();
        if (!b)
          return aws_error("NoSuchPublicAccessBlockConfiguration",
                           "The public access block configuration was not found", 404);
        return api::GetPublicAccessBlockOutput{.PublicAccessBlockConfiguration = api::PublicAccessBlockConfiguration{
                                                   .BlockPublicAcls = b->BlockPublicAcls,
                                                   .IgnorePublicAcls = b->IgnorePublicAcls,
                                                   .BlockPublicPolicy = b->BlockPublicPolicy,
                                                   .RestrictPublicBuckets = b->RestrictPublicBuckets}};
      });
  on<op::PutPublicAccessBlock>(
      [this](const Call&,
             const api::PutPublicAccessBlockRequest& in) -> Result<api::PutPublicAccessBlockOutput_> {
        TRY(ours(in.AccountId));
        auto& c = *in.PublicAccessBlockConfiguration;
        s3_.set_account_block(aws::s3::PublicAccessBlockConfiguration{
            .BlockPublicAcls = c.BlockPublicAcls.value_or(false),
            .IgnorePublicAcls = c.IgnorePublicAcls.value_or(false),
            .BlockPublicPolicy = c.BlockPublicPolicy.value_or(false),
            .RestrictPublicBuckets = c.RestrictPublicBuckets.value_or(false)});
        return {};
      });
  on<op::DeletePublicAccessBlock>(
      [this](const Call&,
             const api::DeletePublicAccessBlockRequest& in) -> Result<api::DeletePublicAccessBlockOutput_> {
        TRY(ours(in.AccountId));
        s3_.set_account_block(std::nullopt);
        return {};
      });
}

Result<> S3ControlService::ours(const std::optional<std::string>& account) const {
  if (account == world_.account()) return {};
  return aws_error("AccessDenied", "Access Denied", 403);
}

}  // namespace relight::sandbox
