// The account's own Block Public Access, which S3 Control sets ("Blocking public access to your Amazon S3 storage", S3
// User Guide: "Amazon S3 applies the most restrictive combination of the account-level and bucket-level settings").
#include "aws/codec/codec.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
namespace {

using AccountBlock = aws::s3::PublicAccessBlockConfiguration;
constexpr std::string_view kAccountTable = "s3/account", kAccountKey = "publicAccessBlock";

}  // namespace

std::optional<AccountBlock> S3Service::account_block() const {
  std::lock_guard g(account_lock_);
  return account_block_;
}

void S3Service::set_account_block(std::optional<AccountBlock> b) {
  if (b)
    world_.store().put(kAccountTable, kAccountKey, aws::codec::to_json(*shape_of(&*b), &*b));
  else
    world_.store().erase(kAccountTable, kAccountKey);
  std::lock_guard g(account_lock_);
  account_block_ = std::move(b);
}

void S3Service::load_account_block() {
  world_.store().each(kAccountTable, [&](const std::string& key, const std::string& json) {
    AccountBlock b;
    if (key != kAccountKey || !aws::codec::from_json(*shape_of(&b), json, &b)) return;
    std::lock_guard g(account_lock_);
    account_block_ = std::move(b);
  });
}

AccountBlock S3Service::block_of(const s3::Bucket& b) const {
  AccountBlock all = b.block;
  auto ours = account_block();
  if (!ours) return all;
  for (auto member : {&AccountBlock::BlockPublicAcls, &AccountBlock::IgnorePublicAcls, &AccountBlock::BlockPublicPolicy,
                      &AccountBlock::RestrictPublicBuckets})
    all.*member = (all.*member).value_or(false) || (*ours.*member).value_or(false);
  return all;
}

}  // namespace relight::sandbox
