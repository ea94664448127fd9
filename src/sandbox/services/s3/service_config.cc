#include "aws/codec/codec.h"
#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
namespace model = aws::s3;
using s3::refuse;

// absent_code empty: an absent document is answered as an empty one.
struct S3Service::Document {
  std::string name, get_action, put_action, absent_code, absent_message;
};

template <class Get, class Put>
void S3Service::document(const Document& d,
                         Result<> (*fill)(const typename Put::Input&, typename Get::Output&)) {
  on<Put>([this, d, fill](const Call& c, const typename Put::Input& in) -> Result<typename Put::Output> {
    TRY_ASSIGN(auto b, enter(c, in.Bucket, d.put_action, {}, in.ExpectedBucketOwner));
    typename Get::Output kept;
    TRY(fill(in, kept));
    std::string json = aws::codec::to_json(*shape_of(&kept), &kept);
    TRY(buckets_.change(b->name, [&](s3::Bucket& x) -> Result<> {
      x.config[d.name] = json;
      return {};
    }));
    return typename Put::Output{};
  });
  on<Get>([this, d](const Call& c, const typename Get::Input& in) -> Result<typename Get::Output> {
    TRY_ASSIGN(auto b, enter(c, in.Bucket, d.get_action, {}, in.ExpectedBucketOwner));
    typename Get::Output out;
    const std::string* json = b->get(d.name);
    if (!json && d.absent_code.empty()) return out;
    if (!json) return refuse(d.absent_code, d.absent_message, 404);
    TRY(aws::codec::from_json(*shape_of(&out), *json, &out));
    return out;
  });
}

template <class Delete>
void S3Service::forget(std::string name, std::string action) {
  on<Delete>([this, name, action](const Call& c,
                                  const typename Delete::Input& in) -> Result<typename Delete::Output> {
    TRY_ASSIGN(auto b, enter(c, in.Bucket, action, {}, in.ExpectedBucketOwner));
    TRY(buckets_.change(b->name, [&](s3::Bucket& x) -> Result<> {
      x.config.erase(name);
      return {};
    }));
    return typename Delete::Output{};
  });
}

namespace {

Result<> fill_tagging(const PutBucketTagging::Input& in, GetBucketTagging::Output& out) {
  out.TagSet = in.Tagging->TagSet.value_or(std::vector<model::Tag>{});
  s3::Attributes checked;
  return s3::put_tags(*out.TagSet, checked, 50);
}

Result<> fill_cors(const PutBucketCors::Input& in, GetBucketCors::Output& out) {
  out.CORSRules = in.CORSConfiguration->CORSRules;
  for (auto& r : out.CORSRules.value_or(std::vector<model::CORSRule>{})) {
    for (auto& m : r.AllowedMethods.value_or(std::vector<std::string>{})) {
      if (m != "GET" && m != "PUT" && m != "HEAD" && m != "POST" && m != "DELETE")
        return refuse("InvalidRequest",
                      "Found unsupported HTTP method in CORS config. Unsupported method is " + m);
    }
  }
  return {};
}

Result<> fill_ownership(const PutBucketOwnershipControls::Input& in,
                        GetBucketOwnershipControls::Output& out) {
  out.OwnershipControls = in.OwnershipControls;
  auto& rules = out.OwnershipControls->Rules;
  if (!rules || rules->size() != 1)
    return refuse(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema");
  return {};
}

}  // namespace

void S3Service::register_config() {
  forget<DeleteBucketReplication>("replication", "s3:PutReplicationConfiguration");
  register_policy();
  register_replication();
  register_acls();
  register_versioning();
  register_notifications();
  register_plain_documents();
  register_absent_documents();
  document<GetBucketCors, PutBucketCors>({"cors", "s3:GetBucketCORS", "s3:PutBucketCORS",
                                          "NoSuchCORSConfiguration", "The CORS configuration does not exist"},
                                         fill_cors);
  forget<DeleteBucketCors>("cors", "s3:PutBucketCORS");
  register_lifecycle();
  forget<DeleteBucketLifecycle>("lifecycle", "s3:PutLifecycleConfiguration");
  document<GetBucketEncryption, PutBucketEncryption>(
      {"encryption", "s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration",
       "ServerSideEncryptionConfigurationNotFoundError",
       "The server side encryption configuration was not found"},
      [](const PutBucketEncryption::Input& in, GetBucketEncryption::Output& out) -> Result<> {
        out.ServerSideEncryptionConfiguration = in.ServerSideEncryptionConfiguration;
        return {};
      });
  forget<DeleteBucketEncryption>("encryption", "s3:PutEncryptionConfiguration");
  document<GetBucketOwnershipControls, PutBucketOwnershipControls>(
      {"ownershipControls", "s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls",
       "OwnershipControlsNotFoundError", "The bucket ownership controls were not found"},
      fill_ownership);
  forget<DeleteBucketOwnershipControls>("ownershipControls", "s3:PutBucketOwnershipControls");
  document<GetPublicAccessBlock, PutPublicAccessBlock>(
      {"publicAccessBlock", "s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock",
       "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"},
      [](const PutPublicAccessBlock::Input& in, GetPublicAccessBlock::Output& out) -> Result<> {
        auto c = in.PublicAccessBlockConfiguration.value_or(model::PublicAccessBlockConfiguration{});
        out.PublicAccessBlockConfiguration = {
            .BlockPublicAcls = c.BlockPublicAcls.value_or(false),
            .IgnorePublicAcls = c.IgnorePublicAcls.value_or(false),
            .BlockPublicPolicy = c.BlockPublicPolicy.value_or(false),
            .RestrictPublicBuckets = c.RestrictPublicBuckets.value_or(false)};
        return {};
      });
  forget<DeletePublicAccessBlock>("publicAccessBlock", "s3:PutBucketPublicAccessBlock");
}

void S3Service::register_plain_documents() {
  document<GetBucketTagging, PutBucketTagging>(
      {"tagging", "s3:GetBucketTagging", "s3:PutBucketTagging", "NoSuchTagSet", "The TagSet does not exist"},
      fill_tagging);
  forget<DeleteBucketTagging>("tagging", "s3:PutBucketTagging");
  document<GetBucketLogging, PutBucketLogging>(
      {"logging", "s3:GetBucketLogging", "s3:PutBucketLogging", "", ""},
      [](const PutBucketLogging::Input& in, GetBucketLogging::Output& out) -> Result<> {
        out.LoggingEnabled = in.BucketLoggingStatus->LoggingEnabled;
        return {};
      });
  document<GetBucketRequestPayment, PutBucketRequestPayment>(
      {"requestPayment", "s3:GetBucketRequestPayment", "s3:PutBucketRequestPayment", "", ""},
      [](const PutBucketRequestPayment::Input& in, GetBucketRequestPayment::Output& out) -> Result<> {
        out.Payer = in.RequestPaymentConfiguration->Payer;
        return {};
      });
  document<GetBucketAccelerateConfiguration, PutBucketAccelerateConfiguration>(
      {"accelerate", "s3:GetAccelerateConfiguration", "s3:PutAccelerateConfiguration", "", ""},
      [](const PutBucketAccelerateConfiguration::Input& in,
         GetBucketAccelerateConfiguration::Output& out) -> Result<> {
        out.Status = in.AccelerateConfiguration->Status;
        return {};
      });
}

void S3Service::register_absent_documents() {
  // Websites and object lock are not built: there never is one, and Put… answers NotImplemented.
  on<GetBucketWebsite>(
      [this](const Call& c, const GetBucketWebsite::Input& in) -> Result<GetBucketWebsite::Output> {
        TRY(enter(c, in.Bucket, "s3:GetBucketWebsite", {}, in.ExpectedBucketOwner));
        return refuse("NoSuchWebsiteConfiguration",
                      "The specified bucket does not have a website configuration", 404);
      });
  on<GetObjectLockConfiguration>(
      [this](const Call& c,
             const GetObjectLockConfiguration::Input& in) -> Result<GetObjectLockConfiguration::Output> {
        TRY(enter(c, in.Bucket, "s3:GetBucketObjectLockConfiguration", {}, in.ExpectedBucketOwner));
        return refuse("ObjectLockConfigurationNotFoundError",
                      "Object Lock configuration does not exist for this bucket", 404);
      });
}

}  // namespace relight::sandbox
