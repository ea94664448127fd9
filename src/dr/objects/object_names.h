// What a bucket lists, a page at a time: in order of names ("ListObjectsV2": "UTF-8 binary order"), so that
// one pass over two buckets tells what is missing in one of them. A deleted object is not listed.
#pragma once
#include <string>
#include <vector>

#include "aws/gen/s3.h"

namespace relight::dr {

class ObjectNames {
 public:
  // `prefix` empty: all of them.
  ObjectNames(aws::Caller& aws, std::string region, std::string bucket, std::string prefix);
  // nullptr: there is no more. What it answered before is gone then.
  Result<const aws::s3::Object*> next();

 private:
  aws::Caller& aws_;
  std::string region_;
  aws::s3::ListObjectsV2Request in_;
  std::vector<aws::s3::Object> page_;
  size_t at_ = 0;
  bool last_ = false;
};

// Goes over two buckets at once and answers those of the first that the second has not.
class MissingNames {
 public:
  MissingNames(ObjectNames ours, ObjectNames theirs) : ours_(std::move(ours)), theirs_(std::move(theirs)) {}
  // The next one that is missing; nullptr: there is no more, or `most` objects of the first were looked at.
  Result<const aws::s3::Object*> next(int64_t most);
  int64_t compared() const { return compared_; }
  bool whole() const { return whole_; }  // every object of the first was looked at

 private:
  ObjectNames ours_, theirs_;
  const aws::s3::Object* there_ = nullptr;
  int64_t compared_ = 0;
  bool begun_ = false, whole_ = false;
};

}  // namespace relight::dr
