#include <fmt/format.h>

#include "base/bytes.h"
#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/owner.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
namespace model = aws::s3;
using s3::refuse;
namespace {

// CreateBucket's reference page: the constraint names the region of the endpoint, and us-east-1 has none.
Result<> check_location(const std::string& region, const std::optional<std::string>& constraint) {
  if (constraint == "us-east-1" || (constraint && constraint->empty()))
    return refuse("InvalidLocationConstraint", "The specified location-constraint is not valid");
  if (constraint.value_or("us-east-1") == region) return {};
  return refuse(
      "IllegalLocationConstraintException",
      fmt::format("The {} location constraint is incompatible for the region specific endpoint this "
                  "request was sent to.",
                  constraint.value_or("unspecified")));
}

// New buckets since April 2023: ACLs disabled, public access blocked, SSE-S3.
void new_bucket_defaults(s3::Bucket& b, const std::string& ownership) {
  b.config["ownershipControls"] =
      R"({"OwnershipControls":{"Rules":[{"ObjectOwnership":")" + ownership + R"("}]}})";
  b.config["publicAccessBlock"] =
      R"({"PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"IgnorePublicAcls":true,)"
      R"("BlockPublicPolicy":true,"RestrictPublicBuckets":true}})";
  b.config["encryption"] =
      R"({"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":)"
      R"({"SSEAlgorithm":"AES256"},"BucketKeyEnabled":false}]}})";
}

}  // namespace

Result<model::CreateBucketOutput> S3Service::create(const Call& c, const model::CreateBucketRequest& in) {
  if (c.principal == "anonymous") return refuse("AccessDenied", "Access Denied", 403);
  std::string name = in.Bucket.value_or("");
  if (!s3::valid_bucket_name(name)) return refuse("InvalidBucketName", "The specified bucket is not valid.");
  if (in.ObjectLockEnabledForBucket.value_or(false))
    return refuse("NotImplemented", "Object lock is not built in this sandbox", 501);
  auto configuration = in.CreateBucketConfiguration.value_or(model::CreateBucketConfiguration{});
  TRY(check_location(c.region, configuration.LocationConstraint));
  std::string ownership = in.ObjectOwnership.value_or("BucketOwnerEnforced");
  if (in.ACL && *in.ACL != "private" && ownership == "BucketOwnerEnforced")
    return refuse("InvalidBucketAclWithObjectOwnership",
                  "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
  s3::Bucket b{.name = name, .region = c.region, .created = world_.clock.now()};
  new_bucket_defaults(b, ownership);
  TRY(store(c.region).add_bucket(name));
  s3::BucketRef taken;
  TRY_ASSIGN(bool fresh, buckets_.add(std::move(b), taken));
  if (!fresh && taken->region != c.region) static_cast<void>(store(c.region).drop_bucket(name));
  // us-east-1 answers its owner's repetition with success ("BucketAlreadyOwnedByYou", Error Responses).
  if (!fresh && !(taken->region == "us-east-1" && c.region == "us-east-1"))
    return refuse("BucketAlreadyOwnedByYou",
                  "Your previous request to create the named bucket succeeded and you already own it.", 409);
  CreateBucket::Output out;
  out.Location = c.region == "us-east-1" ? "/" + name : fmt::format("http://{}.s3.amazonaws.com/", name);
  return out;
}

void S3Service::register_buckets() {
  on<CreateBucket>([this](const Call& c, const CreateBucket::Input& in) { return create(c, in); });

  on<DeleteBucket>([this](const Call& c, const DeleteBucket::Input& in) -> Result<DeleteBucket::Output> {
    TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:DeleteBucket", {}, in.ExpectedBucketOwner));
    TRY(store(b->region).drop_bucket(b->name));
    TRY(buckets_.erase(b->name));
    return DeleteBucket::Output{};
  });

  on<HeadBucket>([this](const Call& c, const HeadBucket::Input& in) -> Result<HeadBucket::Output> {
    TRY(enter(c, in.Bucket, "s3:ListBucket", {}, in.ExpectedBucketOwner));
    return HeadBucket::Output{};
  });

  on<ListBuckets>([this](const Call& c, const ListBuckets::Input&) -> Result<ListBuckets::Output> {
    if (c.principal == "anonymous") return refuse("AccessDenied", "Access Denied", 403);
    ListBuckets::Output out;
    out.Owner = s3::owner(world_);
    out.Buckets.emplace();
    for (auto& b : buckets_.all()) out.Buckets->push_back({.Name = b->name, .CreationDate = b->created});
    return out;
  });

  // Answered by every region, as the global endpoint does.
  on<GetBucketLocation>(
      [this](const Call& c, const GetBucketLocation::Input& in) -> Result<GetBucketLocation::Output> {
        Call at = c;
        if (auto b = buckets_.find(in.Bucket.value_or(""))) at.region = b->region;
        TRY_ASSIGN(auto b, enter(at, in.Bucket, "s3:GetBucketLocation", {}, in.ExpectedBucketOwner));
        GetBucketLocation::Output out;
        if (b->region != "us-east-1") out.LocationConstraint = b->region;
        return out;
      });
}

namespace s3 {

// The canonical user id of an account is 64 hexadecimal digits that say nothing about it.
model::Owner owner(const World& w) {
  return {.DisplayName = "relight-sandbox", .ID = hex(sha256("canonical user of " + w.account()))};
}

}  // namespace s3
}  // namespace relight::sandbox
