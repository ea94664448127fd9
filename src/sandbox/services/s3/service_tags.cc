#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
using s3::refuse;

void S3Service::register_tags() {
  on<GetObjectTagging>(
      [this](const Call& c, const GetObjectTagging::Input& in) -> Result<GetObjectTagging::Output> {
        TRY_ASSIGN(auto b,
                   enter(c, in.Bucket, "s3:GetObjectTagging", in.Key.value_or(""), in.ExpectedBucketOwner));
        TRY_ASSIGN(Source s, fetch(c, b, in.Key.value_or(""), in.VersionId));
        GetObjectTagging::Output out;
        if (!b->versioning.empty()) out.VersionId = s.version.id;
        out.TagSet = s3::tags_of(s.version.attributes);
        return out;
      });
  // The replica of a version gets its tags with its bytes; later changes of tags are not carried over (on AWS
  // they are).
  on<PutObjectTagging>(
      [this](const Call& c, const PutObjectTagging::Input& in) -> Result<PutObjectTagging::Output> {
        TRY_ASSIGN(auto b,
                   enter(c, in.Bucket, "s3:PutObjectTagging", in.Key.value_or(""), in.ExpectedBucketOwner));
        TRY_ASSIGN(Source s, fetch(c, b, in.Key.value_or(""), in.VersionId));
        auto tags = in.Tagging->TagSet.value_or(std::vector<aws::s3::Tag>{});
        s3::Attributes checked;
        TRY(s3::put_tags(tags, checked, 10));
        TRY(store(b->region).amend(b->name, s.version.key, s.version.id,
                                   [&](s3::Attributes& a) { static_cast<void>(s3::put_tags(tags, a, 10)); }));
        PutObjectTagging::Output out;
        if (!b->versioning.empty()) out.VersionId = s.version.id;
        return out;
      });
  on<DeleteObjectTagging>(
      [this](const Call& c, const DeleteObjectTagging::Input& in) -> Result<DeleteObjectTagging::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:DeleteObjectTagging", in.Key.value_or(""),
                                 in.ExpectedBucketOwner));
        TRY_ASSIGN(Source s, fetch(c, b, in.Key.value_or(""), in.VersionId));
        TRY(store(b->region).amend(b->name, s.version.key, s.version.id, s3::erase_tags));
        DeleteObjectTagging::Output out;
        if (!b->versioning.empty()) out.VersionId = s.version.id;
        return out;
      });
}

}  // namespace relight::sandbox
