#include "dr/objects/object_names.h"

namespace relight::dr {

ObjectNames::ObjectNames(aws::Caller& aws, std::string region, std::string bucket, std::string prefix)
    : aws_(aws), region_(std::move(region)) {
  in_.Bucket = std::move(bucket);
  if (!prefix.empty()) in_.Prefix = std::move(prefix);
}

Result<const aws::s3::Object*> ObjectNames::next() {
  while (at_ == page_.size()) {
    if (last_) return static_cast<const aws::s3::Object*>(nullptr);
    auto got = aws::s3::Client(aws_).ListObjectsV2(in_, {region_});
    if (!got) return std::unexpected(std::move(got).error());
    page_ = std::move(got->Contents).value_or(std::vector<aws::s3::Object>{});
    at_ = 0;
    in_.ContinuationToken = got->NextContinuationToken;
    last_ = !got->IsTruncated.value_or(false) || !in_.ContinuationToken;
  }
  return &page_[at_++];
}

Result<const aws::s3::Object*> MissingNames::next(int64_t most) {
  if (!begun_) {
    TRY_ASSIGN(there_, theirs_.next());
    begun_ = true;
  }
  while (compared_ < most) {
    TRY_ASSIGN(auto* here, ours_.next());
    whole_ = !here;
    if (!here) return here;
    ++compared_;
    auto name = here->Key.value_or("");
    while (there_ && there_->Key.value_or("") < name) {
      TRY_ASSIGN(there_, theirs_.next());
    }
    if (!there_ || there_->Key.value_or("") != name) return here;
  }
  // One more look: a bucket of exactly so many was seen whole.
  TRY_ASSIGN(auto* more, ours_.next());
  whole_ = !more;
  return static_cast<const aws::s3::Object*>(nullptr);
}

}  // namespace relight::dr
