#include "app/s3_objects.h"

#include "aws/gen/s3.h"

namespace relight::app {
namespace {

class S3Objects final : public dr::Objects {
 public:
  S3Objects(aws::Caller& aws, std::string region, std::string bucket)
      : s3_(aws), where_{std::move(region), Millis(10000)}, bucket_(std::move(bucket)) {}

  Result<dr::ObjectText> get(const std::string& key) override {
    TRY_ASSIGN(auto r, s3_.GetObject({.Bucket = bucket_, .Key = key}, where_));
    TRY_ASSIGN(auto text, r.Body.value_or(http::Body{}).read());
    return dr::ObjectText{text, r.ETag.value_or("")};
  }
  Result<std::string> create(const std::string& key, const std::string& text) override {
    auto in = object(key, text);
    in.IfNoneMatch = "*";
    return send(in);
  }
  Result<std::string> replace(const std::string& key, const std::string& text,
                              const std::string& etag) override {
    auto in = object(key, text);
    in.IfMatch = etag;
    return send(in);
  }
  Result<> put(const std::string& key, const std::string& text) override {
    TRY(send(object(key, text)));
    return {};
  }
  Result<std::vector<std::string>> list(const std::string& prefix) override {
    std::vector<std::string> out;
    std::optional<std::string> token;
    do {
      aws::s3::ListObjectsV2Request in;
      in.Bucket = bucket_;
      in.Prefix = prefix;
      in.ContinuationToken = token;
      TRY_ASSIGN(auto r, s3_.ListObjectsV2(in, where_));
      for (auto& o : r.Contents.value_or(std::vector<aws::s3::Object>{})) out.push_back(o.Key.value_or(""));
      token = r.NextContinuationToken;
    } while (token && out.size() < 1'000'000);
    return out;
  }

 private:
  aws::s3::PutObjectRequest object(const std::string& key, const std::string& text) const {
    aws::s3::PutObjectRequest in;
    in.Bucket = bucket_;
    in.Key = key;
    in.Body = text;
    in.ContentType = "application/json";
    return in;
  }
  // S3 answers 412 when the condition does not hold and 409 when another conditional write was under way.
  Result<std::string> send(const aws::s3::PutObjectRequest& in) {
    auto r = s3_.PutObject(in, where_);
    if (r) return r->ETag.value_or("");
    Error e = r.error();
    if (e.http_status == 412 || e.http_status == 409) e.code = "PreconditionFailed";
    return fail(std::move(e));
  }

  aws::s3::Client s3_;
  aws::CallOptions where_;
  std::string bucket_;
};

}  // namespace

std::shared_ptr<dr::Objects> make_s3_objects(aws::Caller& aws, std::string region, std::string bucket) {
  return std::make_shared<S3Objects>(aws, std::move(region), std::move(bucket));
}

}  // namespace relight::app
