#include <algorithm>

#include "sandbox/services/s3/attributes.h"
#include "sandbox/services/s3/owner.h"
#include "sandbox/services/s3/service.h"

namespace relight::sandbox {
using namespace aws::s3::op;
namespace model = aws::s3;
using s3::refuse;
namespace {

model::Grant full_control(const World& w) {
  model::Owner o = s3::owner(w);
  model::Grantee who;
  who.DisplayName = o.DisplayName;
  who.ID = o.ID;
  who.Type = "CanonicalUser";
  return {.Grantee = who, .Permission = "FULL_CONTROL"};
}

// ACLs beyond the owner's full control are not built: with ACLs disabled (the default) AWS refuses them too.
Result<> check_acl(const s3::Bucket& b, const model::PublicAccessBlockConfiguration& block,
                   const std::optional<std::string>& canned, bool grants) {
  if (!grants && (!canned || *canned == "private" || *canned == "bucket-owner-full-control")) return {};
  if (b.acls_disabled) return refuse("AccessControlListNotSupported", "The bucket does not allow ACLs");
  if (*block.BlockPublicAcls) return refuse("AccessDenied", "Access Denied", 403);
  return refuse("NotImplemented", "ACLs other than the owner's full control are not built in this sandbox",
                501);
}

template <class In>
bool has_grants(const In& in) {
  if (in.GrantFullControl || in.GrantRead || in.GrantReadACP || in.GrantWriteACP) return true;
  if constexpr (requires { in.AccessControlPolicy; }) {
    auto p = in.AccessControlPolicy.value_or(model::AccessControlPolicy{});
    return p.Grants && std::ranges::any_of(*p.Grants, [](auto& g) { return g.Permission != "FULL_CONTROL"; });
  }
  return false;
}

Result<> check_versioning(const s3::Bucket& b, const model::VersioningConfiguration& v) {
  if (v.MFADelete == "Enabled")
    return refuse("NotImplemented", "MFA delete is not built in this sandbox", 501);
  if (v.Status != "Enabled" && v.Status != "Suspended")
    return refuse("IllegalVersioningConfigurationException", "The Versioning element must be specified");
  if (v.Status == "Suspended" && b.replication)
    return refuse(
        "InvalidBucketState",
        "A replication configuration is present on this bucket, so the versioning state cannot be changed.",
        409);
  return {};
}

}  // namespace

void S3Service::register_policy() {
  on<PutBucketPolicy>(
      [this](const Call& c, const PutBucketPolicy::Input& in) -> Result<PutBucketPolicy::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutBucketPolicy", {}, in.ExpectedBucketOwner));
        TRY_ASSIGN(s3::Policy p, s3::Policy::parse(in.Policy.value_or(""), b->name));
        if (p.is_public() && *block_of(*b).BlockPublicPolicy) return refuse("AccessDenied", "Access Denied", 403);
        TRY(buckets_.change(b->name, [&](s3::Bucket& x) -> Result<> {
          x.config["policy"] = *in.Policy;
          return {};
        }));
        return PutBucketPolicy::Output{};
      });
  on<GetBucketPolicy>(
      [this](const Call& c, const GetBucketPolicy::Input& in) -> Result<GetBucketPolicy::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:GetBucketPolicy", {}, in.ExpectedBucketOwner));
        if (!b->get("policy")) return refuse("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
        return GetBucketPolicy::Output{.Policy = *b->get("policy")};
      });
  on<GetBucketPolicyStatus>(
      [this](const Call& c, const GetBucketPolicyStatus::Input& in) -> Result<GetBucketPolicyStatus::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:GetBucketPolicyStatus", {}, in.ExpectedBucketOwner));
        if (!b->get("policy")) return refuse("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
        return GetBucketPolicyStatus::Output{.PolicyStatus =
                                                 model::PolicyStatus{.IsPublic = b->policy.is_public()}};
      });
  on<DeleteBucketPolicy>(
      [this](const Call& c, const DeleteBucketPolicy::Input& in) -> Result<DeleteBucketPolicy::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:DeleteBucketPolicy", {}, in.ExpectedBucketOwner));
        TRY(buckets_.change(b->name, [](s3::Bucket& x) -> Result<> {
          x.config.erase("policy");
          return {};
        }));
        return DeleteBucketPolicy::Output{};
      });
}

void S3Service::register_acls() {
  on<GetBucketAcl>([this](const Call& c, const GetBucketAcl::Input& in) -> Result<GetBucketAcl::Output> {
    TRY(enter(c, in.Bucket, "s3:GetBucketAcl", {}, in.ExpectedBucketOwner));
    return GetBucketAcl::Output{.Owner = s3::owner(world_), .Grants = std::vector{full_control(world_)}};
  });
  on<PutBucketAcl>([this](const Call& c, const PutBucketAcl::Input& in) -> Result<PutBucketAcl::Output> {
    TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutBucketAcl", {}, in.ExpectedBucketOwner));
    TRY(check_acl(*b, block_of(*b), in.ACL, has_grants(in) || in.GrantWrite));
    return PutBucketAcl::Output{};
  });
  on<GetObjectAcl>([this](const Call& c, const GetObjectAcl::Input& in) -> Result<GetObjectAcl::Output> {
    TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:GetObjectAcl", in.Key.value_or(""), in.ExpectedBucketOwner));
    TRY(fetch(c, b, in.Key.value_or(""), in.VersionId));
    return GetObjectAcl::Output{.Owner = s3::owner(world_), .Grants = std::vector{full_control(world_)}};
  });
  on<PutObjectAcl>([this](const Call& c, const PutObjectAcl::Input& in) -> Result<PutObjectAcl::Output> {
    TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutObjectAcl", in.Key.value_or(""), in.ExpectedBucketOwner));
    TRY(fetch(c, b, in.Key.value_or(""), in.VersionId));
    TRY(check_acl(*b, block_of(*b), in.ACL, has_grants(in) || in.GrantWrite));
    return PutObjectAcl::Output{};
  });
}

void S3Service::register_versioning() {
  on<PutBucketVersioning>(
      [this](const Call& c, const PutBucketVersioning::Input& in) -> Result<PutBucketVersioning::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:PutBucketVersioning", {}, in.ExpectedBucketOwner));
        TRY(buckets_.change(b->name, [&](s3::Bucket& x) -> Result<> {
          TRY(check_versioning(x, *in.VersioningConfiguration));
          x.versioning = *in.VersioningConfiguration->Status;
          return {};
        }));
        return PutBucketVersioning::Output{};
      });
  on<GetBucketVersioning>(
      [this](const Call& c, const GetBucketVersioning::Input& in) -> Result<GetBucketVersioning::Output> {
        TRY_ASSIGN(auto b, enter(c, in.Bucket, "s3:GetBucketVersioning", {}, in.ExpectedBucketOwner));
        GetBucketVersioning::Output out;
        if (!b->versioning.empty()) out.Status = b->versioning;
        return out;
      });
}

}  // namespace relight::sandbox
