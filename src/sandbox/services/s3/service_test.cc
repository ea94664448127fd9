#include "sandbox/services/s3/service.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
using namespace aws::s3::op;
namespace model = aws::s3;

class S3ServiceTest : public testing::Test {
 protected:
  S3ServiceTest() {
    world_.add(s3_);
    s3_.start();
  }
  ~S3ServiceTest() override { s3_.stop(); }

  template <class Op>
  Result<typename Op::Output> call(typename Op::Input in, std::string region = "us-east-1") {
    return world_.remote<Op>(region, in);
  }
  template <class Op>
  std::string code(typename Op::Input in, std::string region = "us-east-1") {
    auto r = call<Op>(std::move(in), std::move(region));
    return r ? "(success)" : r.error().code;
  }
  template <class Op>
  Result<typename Op::Output> anonymously(const typename Op::Input& in, const std::string& region) {
    http::Request raw;
    typename Op::Output out;
    auto r = (*s3_.handler(Op::desc().name))(Call{region, "test", "anonymous", &raw}, &in, &out);
    if (!r) return std::unexpected(r.error());
    return out;
  }
  void bucket(const std::string& name, const std::string& region = "us-east-1", bool versions = false) {
    CreateBucket::Input in{.Bucket = name};
    if (region != "us-east-1") in.CreateBucketConfiguration = {.LocationConstraint = region};
    auto r = call<CreateBucket>(in, region);
    ASSERT_TRUE(r) << r.error().text();
    if (versions) versioning(name, "Enabled", region);
  }
  void versioning(const std::string& name, const std::string& status,
                  const std::string& region = "us-east-1") {
    auto r = call<PutBucketVersioning>(
        {.Bucket = name, .VersioningConfiguration = model::VersioningConfiguration{.Status = status}},
        region);
    ASSERT_TRUE(r) << r.error().text();
  }
  PutObject::Output put(const std::string& b, const std::string& key, const std::string& bytes,
                        const std::string& region = "us-east-1") {
    auto r = call<PutObject>({.Body = http::Body(bytes), .Bucket = b, .Key = key}, region);
    EXPECT_TRUE(r) << r.error().text();
    return r.value_or(PutObject::Output{});
  }
  std::string get(const std::string& b, const std::string& key, const std::string& region = "us-east-1") {
    auto r = call<GetObject>({.Bucket = b, .Key = key}, region);
    return r ? r->Body->read().value() : r.error().code;
  }
  void replicate(const std::string& from, const std::string& to, bool markers = true) {
    model::ReplicationRule rule{.ID = "all",
                                .Priority = 1,
                                .Filter = model::ReplicationRuleFilter{.Prefix = ""},
                                .Status = "Enabled",
                                .Destination = model::Destination{.Bucket = "arn:aws:s3:::" + to},
                                .DeleteMarkerReplication = model::DeleteMarkerReplication{
                                    .Status = markers ? "Enabled" : "Disabled"}};
    auto r = call<PutBucketReplication>(
        {.Bucket = from,
         .ReplicationConfiguration = model::ReplicationConfiguration{
             .Role = "arn:aws:iam::000000000000:role/copy", .Rules = std::vector{rule}}});
    ASSERT_TRUE(r) << r.error().text();
  }
  std::string status(const std::string& b, const std::string& key, const std::string& region = "us-east-1") {
    auto r = call<HeadObject>({.Bucket = b, .Key = key}, region);
    return r ? r->ReplicationStatus.value_or("(none)") : r.error().code;
  }

  TestWorld world_;
  S3Service s3_{world_};
};

TEST_F(S3ServiceTest, ABucketNameIsTakenInAllRegions) {
  bucket("photos", "us-west-2");
  EXPECT_EQ(code<CreateBucket>({.Bucket = "photos"}), "BucketAlreadyOwnedByYou");
  bucket("mine");
  EXPECT_EQ(code<CreateBucket>({.Bucket = "mine"}), "(success)");  // us-east-1's old habit
  EXPECT_EQ(code<CreateBucket>({.Bucket = "other"}, "us-west-2"), "IllegalLocationConstraintException");
  EXPECT_EQ(code<CreateBucket>({.Bucket = "Not_a_name"}), "InvalidBucketName");
  EXPECT_EQ(code<HeadBucket>({.Bucket = "photos"}), "PermanentRedirect");
  EXPECT_EQ(call<GetBucketLocation>({.Bucket = "photos"})->LocationConstraint, "us-west-2");
  EXPECT_EQ(call<ListBuckets>({})->Buckets->size(), 2u);
}

TEST_F(S3ServiceTest, AFullBucketIsNotDeleted) {
  bucket("b-1");
  put("b-1", "k", "x");
  EXPECT_EQ(code<DeleteBucket>({.Bucket = "b-1"}), "BucketNotEmpty");
  EXPECT_EQ(code<DeleteObject>({.Bucket = "b-1", .Key = "k"}), "(success)");
  EXPECT_EQ(code<DeleteBucket>({.Bucket = "b-1"}), "(success)");
  EXPECT_EQ(code<HeadBucket>({.Bucket = "b-1"}), "NoSuchBucket");
}

TEST_F(S3ServiceTest, AnObjectKeepsItsHeadersAndMetadata) {
  bucket("b-1");
  auto r = call<PutObject>({.Body = http::Body("hello"),
                            .Bucket = "b-1",
                            .CacheControl = "no-cache",
                            .ContentType = "text/plain",
                            .Key = "a/../b c",
                            .Metadata = std::map<std::string, std::string>{{"Colour", "blue"}},
                            .Tagging = "x=1&y=2"});
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->ETag, "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_FALSE(r->VersionId);
  auto g = call<GetObject>({.Bucket = "b-1", .Key = "a/../b c", .ResponseContentType = "text/html"});
  ASSERT_TRUE(g);
  EXPECT_EQ(g->Body->read().value(), "hello");
  EXPECT_EQ(g->ContentType, "text/html");
  EXPECT_EQ(g->CacheControl, "no-cache");
  EXPECT_EQ(g->Metadata->at("colour"), "blue");
  EXPECT_EQ(g->TagCount, 2);
  EXPECT_EQ(call<GetObjectTagging>({.Bucket = "b-1", .Key = "a/../b c"})->TagSet->at(1).Value, "2");
}

TEST_F(S3ServiceTest, RangesAndTheirLimits) {
  bucket("b-1");
  put("b-1", "k", "0123456789");
  auto ranged = [&](const char* range) {
    auto r = call<GetObject>({.Bucket = "b-1", .Key = "k", .Range = range});
    return r ? r->Body->read().value() + " " + r->ContentRange.value_or("-") : r.error().code;
  };
  EXPECT_EQ(ranged("bytes=2-4"), "234 bytes 2-4/10");
  EXPECT_EQ(ranged("bytes=8-"), "89 bytes 8-9/10");
  EXPECT_EQ(ranged("bytes=-3"), "789 bytes 7-9/10");
  EXPECT_EQ(ranged("bytes=5-99"), "56789 bytes 5-9/10");
  EXPECT_EQ(ranged("bytes=10-"), "InvalidRange");
  EXPECT_EQ(ranged("bytes=-0"), "InvalidRange");
  EXPECT_EQ(ranged("lines=1-2"), "0123456789 -");
}

TEST_F(S3ServiceTest, ConditionalReadsFollowTheDocumentedPrecedence) {
  bucket("b-1");
  std::string etag = *put("b-1", "k", "x").ETag;
  Instant before = world_.clock.now() - Millis{10'000}, after = world_.clock.now() + Millis{10'000};
  auto read = [&](GetObject::Input in) {
    in.Bucket = "b-1";
    in.Key = "k";
    return code<GetObject>(in);
  };
  EXPECT_EQ(read({.IfMatch = "\"0\""}), "PreconditionFailed");
  EXPECT_EQ(read({.IfMatch = etag, .IfUnmodifiedSince = before}), "(success)");
  EXPECT_EQ(read({.IfUnmodifiedSince = before}), "PreconditionFailed");
  EXPECT_EQ(read({.IfModifiedSince = before, .IfNoneMatch = etag}), "NotModified");
  EXPECT_EQ(read({.IfModifiedSince = after}), "NotModified");
  EXPECT_EQ(read({.IfModifiedSince = after, .IfNoneMatch = "\"0\""}), "(success)");
}

TEST_F(S3ServiceTest, ConditionalWritesLetOnlyOneWin) {
  bucket("b-1");
  auto write = [&](PutObject::Input in) {
    in.Bucket = "b-1";
    in.Key = "lease";
    in.Body = http::Body("holder");
    return code<PutObject>(in);
  };
  EXPECT_EQ(write({.IfMatch = "\"0\""}), "NoSuchKey");
  EXPECT_EQ(write({.IfNoneMatch = "*"}), "(success)");
  EXPECT_EQ(write({.IfNoneMatch = "*"}), "PreconditionFailed");
  EXPECT_EQ(write({.IfMatch = "\"0\""}), "PreconditionFailed");
  EXPECT_EQ(write({.IfMatch = "\"" + hex(md5("holder")) + "\""}), "(success)");
}

TEST_F(S3ServiceTest, DigestsAreVerified) {
  bucket("b-1");
  auto write = [&](PutObject::Input in) {
    in.Bucket = "b-1";
    in.Key = "k";
    in.Body = http::Body("123456789");
    return code<PutObject>(in);
  };
  EXPECT_EQ(write({.ContentMD5 = "nonsense"}), "InvalidDigest");
  EXPECT_EQ(write({.ContentMD5 = base64(md5("other"))}), "BadDigest");
  EXPECT_EQ(write({.ChecksumCRC32 = "AAAAAA=="}), "BadDigest");
  EXPECT_EQ(write({.ContentMD5 = base64(md5("123456789")), .ChecksumCRC32 = "y/Q5Jg=="}), "(success)");
  EXPECT_EQ(call<HeadObject>({.Bucket = "b-1", .Key = "k", .ChecksumMode = "ENABLED"})->ChecksumCRC32,
            "y/Q5Jg==");
  EXPECT_FALSE(call<HeadObject>({.Bucket = "b-1", .Key = "k"})->ChecksumCRC32);
}

TEST_F(S3ServiceTest, VersionsAndDeleteMarkers) {
  bucket("b-1", "us-east-1", true);
  std::string v1 = *put("b-1", "k", "one").VersionId;
  put("b-1", "k", "two");
  auto gone = call<DeleteObject>({.Bucket = "b-1", .Key = "k"});
  EXPECT_EQ(gone->DeleteMarker, true);
  EXPECT_EQ(get("b-1", "k"), "NoSuchKey");
  EXPECT_EQ(code<GetObject>({.Bucket = "b-1", .Key = "k", .VersionId = gone->VersionId}), "MethodNotAllowed");
  EXPECT_EQ(call<GetObject>({.Bucket = "b-1", .Key = "k", .VersionId = v1})->Body->read().value(), "one");
  auto l = call<ListObjectVersions>({.Bucket = "b-1"});
  EXPECT_EQ(l->Versions->size(), 2u);
  EXPECT_EQ(l->DeleteMarkers->size(), 1u);
  EXPECT_EQ(call<DeleteObject>({.Bucket = "b-1", .Key = "k", .VersionId = gone->VersionId})->DeleteMarker,
            true);
  EXPECT_EQ(get("b-1", "k"), "two");
}

TEST_F(S3ServiceTest, ASuspendedBucketWritesNullVersionsBesideTheOld) {
  bucket("b-1", "us-east-1", true);
  std::string v1 = *put("b-1", "k", "one").VersionId;
  versioning("b-1", "Suspended");
  EXPECT_EQ(put("b-1", "k", "two").VersionId, "null");
  EXPECT_EQ(put("b-1", "k", "three").VersionId, "null");
  EXPECT_EQ(call<ListObjectVersions>({.Bucket = "b-1"})->Versions->size(), 2u);
  EXPECT_EQ(call<DeleteObject>({.Bucket = "b-1", .Key = "k"})->VersionId, "null");
  EXPECT_EQ(call<GetObject>({.Bucket = "b-1", .Key = "k", .VersionId = v1})->Body->read().value(), "one");
}

TEST_F(S3ServiceTest, ListingsContinueWhereTheyStopped) {
  bucket("b-1");
  for (auto k : {"a", "d/1", "d/2", "e f", "z"}) put("b-1", k, "x");
  std::vector<std::string> seen;
  ListObjectsV2::Input in{.Bucket = "b-1", .Delimiter = "/", .EncodingType = "url", .MaxKeys = 2};
  for (int page = 0; page < 5; ++page) {
    auto l = call<ListObjectsV2>(in);
    ASSERT_TRUE(l) << l.error().text();
    for (auto& o : l->Contents.value_or(std::vector<model::Object>{})) seen.push_back(*o.Key);
    for (auto& p : l->CommonPrefixes.value_or(std::vector<model::CommonPrefix>{})) seen.push_back(*p.Prefix);
    if (!*l->IsTruncated) break;
    in.ContinuationToken = l->NextContinuationToken;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "d/", "e%20f", "z"}));
  EXPECT_EQ(code<ListObjectsV2>({.Bucket = "b-1", .ContinuationToken = "!"}), "InvalidArgument");
}

TEST_F(S3ServiceTest, AMultipartUploadHasTheETagOfItsParts) {
  bucket("b-1");
  auto u = call<CreateMultipartUpload>({.Bucket = "b-1", .ContentType = "video/x", .Key = "k"});
  std::string big(5 << 20, 'a'), small = "tail";
  model::CompletedMultipartUpload parts;
  parts.Parts.emplace();
  for (auto& bytes : {big, small}) {
    auto n = static_cast<int32_t>(parts.Parts->size() + 1);
    auto p = call<UploadPart>(
        {.Body = http::Body(bytes), .Bucket = "b-1", .Key = "k", .PartNumber = n, .UploadId = u->UploadId});
    ASSERT_TRUE(p) << p.error().text();
    parts.Parts->push_back({.ETag = p->ETag, .PartNumber = n});
  }
  EXPECT_EQ(call<ListParts>({.Bucket = "b-1", .Key = "k", .UploadId = u->UploadId})->Parts->size(), 2u);
  auto wrong = parts;
  std::swap(wrong.Parts->at(0), wrong.Parts->at(1));
  EXPECT_EQ(code<CompleteMultipartUpload>(
                {.Bucket = "b-1", .Key = "k", .MultipartUpload = wrong, .UploadId = u->UploadId}),
            "InvalidPartOrder");
  auto done = call<CompleteMultipartUpload>(
      {.Bucket = "b-1", .Key = "k", .MultipartUpload = parts, .UploadId = u->UploadId});
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->ETag, "\"" + hex(md5(md5(big) + md5(small))) + "-2\"");
  EXPECT_EQ(get("b-1", "k"), big + small);
  EXPECT_EQ(call<HeadObject>({.Bucket = "b-1", .Key = "k"})->ContentType, "video/x");
  EXPECT_EQ(call<GetObject>({.Bucket = "b-1", .Key = "k", .PartNumber = 2})->Body->read().value(), small);
}

TEST_F(S3ServiceTest, OnlyTheLastPartMayBeSmall) {
  bucket("b-1");
  auto u = call<CreateMultipartUpload>({.Bucket = "b-1", .Key = "k"});
  model::CompletedMultipartUpload parts;
  parts.Parts.emplace();
  for (int32_t n : {1, 2}) {
    auto p = call<UploadPart>(
        {.Body = http::Body("small"), .Bucket = "b-1", .Key = "k", .PartNumber = n, .UploadId = u->UploadId});
    parts.Parts->push_back({.ETag = p->ETag, .PartNumber = n});
  }
  CompleteMultipartUpload::Input in{
      .Bucket = "b-1", .Key = "k", .MultipartUpload = parts, .UploadId = u->UploadId};
  EXPECT_EQ(code<CompleteMultipartUpload>(in), "EntityTooSmall");
  EXPECT_EQ(code<AbortMultipartUpload>({.Bucket = "b-1", .Key = "k", .UploadId = u->UploadId}), "(success)");
  EXPECT_EQ(code<CompleteMultipartUpload>(in), "NoSuchUpload");
}

TEST_F(S3ServiceTest, CopiesCarryOrReplaceMetadata) {
  bucket("b-1");
  call<PutObject>({.Body = http::Body("x"), .Bucket = "b-1", .ContentType = "a/b", .Key = "k"});
  EXPECT_EQ(code<CopyObject>({.Bucket = "b-1", .CopySource = "b-1/k", .Key = "k"}), "InvalidRequest");
  EXPECT_EQ(
      code<CopyObject>({.Bucket = "b-1", .CopySource = "b-1/k", .CopySourceIfMatch = "\"0\"", .Key = "c"}),
      "PreconditionFailed");
  EXPECT_EQ(code<CopyObject>({.Bucket = "b-1", .CopySource = "/b-1/k", .Key = "c"}), "(success)");
  EXPECT_EQ(call<HeadObject>({.Bucket = "b-1", .Key = "c"})->ContentType, "a/b");
  EXPECT_EQ(code<CopyObject>({.Bucket = "b-1",
                              .ContentType = "c/d",
                              .CopySource = "b-1/k",
                              .Key = "c",
                              .MetadataDirective = "REPLACE"}),
            "(success)");
  EXPECT_EQ(call<HeadObject>({.Bucket = "b-1", .Key = "c"})->ContentType, "c/d");
}

TEST_F(S3ServiceTest, AbsentConfigurationsAnswerTheirOwnErrors) {
  bucket("b-1");
  EXPECT_EQ(code<GetBucketLifecycleConfiguration>({.Bucket = "b-1"}), "NoSuchLifecycleConfiguration");
  EXPECT_EQ(code<GetBucketReplication>({.Bucket = "b-1"}), "ReplicationConfigurationNotFoundError");
  EXPECT_EQ(code<GetBucketCors>({.Bucket = "b-1"}), "NoSuchCORSConfiguration");
  EXPECT_EQ(code<GetBucketPolicy>({.Bucket = "b-1"}), "NoSuchBucketPolicy");
  EXPECT_EQ(code<GetBucketTagging>({.Bucket = "b-1"}), "NoSuchTagSet");
  EXPECT_EQ(code<GetBucketEncryption>({.Bucket = "b-1"}), "(success)");
  EXPECT_EQ(code<PutBucketTagging>(
                {.Bucket = "b-1", .Tagging = model::Tagging{.TagSet = std::vector<model::Tag>{{"a", "b"}}}}),
            "(success)");
  EXPECT_EQ(call<GetBucketTagging>({.Bucket = "b-1"})->TagSet->front().Value, "b");
}

TEST_F(S3ServiceTest, AnonymousReadersSeeWhatThePolicyNamesAndNothingElse) {
  bucket("b-1", "us-west-2");
  put("b-1", "flag", "up", "us-west-2");
  put("b-1", "secret", "x", "us-west-2");
  PutBucketPolicy::Input policy{.Bucket = "b-1",
                                .Policy = R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",
      "Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b-1/flag"}})"};
  EXPECT_EQ(code<PutBucketPolicy>(policy, "us-west-2"), "AccessDenied");  // blocked by default since 2023
  EXPECT_EQ(code<PutPublicAccessBlock>({.Bucket = "b-1",
                                        .PublicAccessBlockConfiguration =
                                            model::PublicAccessBlockConfiguration{.BlockPublicAcls = true}},
                                       "us-west-2"),
            "(success)");
  EXPECT_EQ(code<PutBucketPolicy>(policy, "us-west-2"), "(success)");
  auto flag = anonymously<GetObject>({.Bucket = "b-1", .Key = "flag"}, "us-west-2");
  ASSERT_TRUE(flag) << flag.error().text();
  EXPECT_EQ(flag->Body->read().value(), "up");
  EXPECT_EQ(anonymously<GetObject>({.Bucket = "b-1", .Key = "secret"}, "us-west-2").error().code,
            "AccessDenied");
  EXPECT_EQ(anonymously<PutObject>({.Bucket = "b-1", .Key = "flag"}, "us-west-2").error().code,
            "AccessDenied");
  EXPECT_EQ(code<DeleteObject>({.Bucket = "b-1", .Key = "flag"}, "us-west-2"), "(success)");
  EXPECT_EQ(anonymously<GetObject>({.Bucket = "b-1", .Key = "flag"}, "us-west-2").error().code,
            "AccessDenied");
}

TEST_F(S3ServiceTest, ADenyPolicyFencesWritersWhoAreSignedToo) {
  bucket("b-1");
  ASSERT_EQ(
      code<PutBucketPolicy>({.Bucket = "b-1", .Policy = R"({"Statement":[{"Effect":"Deny","Principal":"*",
      "Action":["s3:PutObject","s3:DeleteObject*"],"Resource":"arn:aws:s3:::b-1/*"}]})"}),
      "(success)");
  EXPECT_EQ(code<PutObject>({.Bucket = "b-1", .Key = "k"}), "AccessDenied");
  EXPECT_EQ(code<DeleteBucketPolicy>({.Bucket = "b-1"}), "(success)");
  EXPECT_EQ(code<PutObject>({.Bucket = "b-1", .Key = "k"}), "(success)");
}

TEST_F(S3ServiceTest, ADenialSparesThePrincipalsThatItsConditionNames) {
  bucket("b-1");
  ASSERT_EQ(code<PutObject>({.Bucket = "b-1", .Key = "k"}), "(success)");
  auto deny = [&](const std::string& spared) {
    return code<PutBucketPolicy>({.Bucket = "b-1", .Policy = R"({"Statement":[{"Effect":"Deny","Principal":"*",
      "Action":"s3:DeleteObject","Resource":"arn:aws:s3:::b-1/*",
      "Condition":{"ArnNotLike":{"aws:PrincipalArn":[")" + spared + R"("]}}}]})"});
  };
  ASSERT_EQ(deny("arn:aws:iam::000000000000:role/*/operator"), "(success)");
  EXPECT_EQ(code<DeleteObject>({.Bucket = "b-1", .Key = "k"}), "AccessDenied");
  ASSERT_EQ(deny("arn:aws:iam::*:root"), "(success)");
  EXPECT_EQ(code<DeleteObject>({.Bucket = "b-1", .Key = "k"}), "(success)");
}

TEST_F(S3ServiceTest, AReplicaArrivesAfterTheLinesDelayWithItsVersionId) {
  bucket("from", "us-east-1", true);
  bucket("to-1", "us-west-2", true);
  put("from", "old", "before the rule");
  replicate("from", "to-1");
  std::string id = *put("from", "k", "hello").VersionId;
  world_.run_until_idle();
  EXPECT_EQ(status("from", "k"), "PENDING");
  EXPECT_EQ(get("to-1", "k", "us-west-2"), "NoSuchKey");
  world_.advance(Millis{40});
  EXPECT_EQ(status("from", "k"), "COMPLETED");
  auto r = call<GetObject>({.Bucket = "to-1", .Key = "k"}, "us-west-2");
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->VersionId, id);
  EXPECT_EQ(r->ReplicationStatus, "REPLICA");
  EXPECT_EQ(get("to-1", "old", "us-west-2"), "NoSuchKey");
  EXPECT_EQ(world_.events.back().resource, "to-1/k");
  call<DeleteObject>({.Bucket = "from", .Key = "k"});
  world_.advance(Millis{40});
  EXPECT_EQ(get("to-1", "k", "us-west-2"), "NoSuchKey");
}

TEST_F(S3ServiceTest, DeleteMarkersStayWhereTheyAreUnlessTheRuleSaysSo) {
  bucket("from", "us-east-1", true);
  bucket("to-1", "us-west-2", true);
  replicate("from", "to-1", false);
  put("from", "k", "hello");
  world_.advance(Millis{40});
  call<DeleteObject>({.Bucket = "from", .Key = "k"});
  world_.advance(Millis{1000});
  EXPECT_EQ(get("to-1", "k", "us-west-2"), "hello");
}

TEST_F(S3ServiceTest, WhatWasNotCopiedWhenTheRegionWasLostWaitsForItsReturn) {
  bucket("from", "us-east-1", true);
  bucket("to-1", "us-west-2", true);
  replicate("from", "to-1");
  put("from", "k", "hello");
  world_.advance(Millis{10});
  world_.lose("us-east-1");
  world_.advance(Millis{60'000});
  EXPECT_EQ(get("to-1", "k", "us-west-2"), "NoSuchKey");
  world_.restore("us-east-1");
  world_.advance(Millis{1000});
  EXPECT_EQ(get("to-1", "k", "us-west-2"), "hello");
}

TEST_F(S3ServiceTest, APartitionDelaysReplicationAndTheBacklogDrainsAfterIt) {
  bucket("from", "us-east-1", true);
  bucket("to-1", "us-west-2", true);
  replicate("from", "to-1");
  world_.partition("us-east-1", "us-west-2");
  for (int i = 0; i < 300; ++i) put("from", "k" + std::to_string(i), "x");
  world_.advance(Millis{5000});
  EXPECT_EQ(status("from", "k0"), "PENDING");
  world_.heal("us-east-1", "us-west-2");
  world_.advance(Millis{5000});
  EXPECT_EQ(status("from", "k299"), "COMPLETED");
  EXPECT_EQ(get("to-1", "k299", "us-west-2"), "x");
}

TEST_F(S3ServiceTest, ReplicasAreNotCopiedOn) {
  bucket("from", "us-east-1", true);
  bucket("to-1", "us-west-2", true);
  replicate("from", "to-1");
  model::ReplicationRule back{
      .ID = "back", .Status = "Enabled", .Destination = model::Destination{.Bucket = "arn:aws:s3:::from"}};
  back.Prefix = "";
  ASSERT_EQ(code<PutBucketReplication>(
                {.Bucket = "to-1",
                 .ReplicationConfiguration =
                     model::ReplicationConfiguration{.Role = "arn:aws:iam::000000000000:role/r",
                                                     .Rules = std::vector{back}}},
                "us-west-2"),
            "(success)");
  put("from", "k", "x");
  world_.advance(Millis{500});
  EXPECT_EQ(call<ListObjectVersions>({.Bucket = "from"})->Versions->size(), 1u);
}

TEST_F(S3ServiceTest, AReplicationRuleNeedsVersionsOnBothSides) {
  bucket("from", "us-east-1", true);
  bucket("to-1", "us-west-2");
  model::ReplicationRule rule{
      .Prefix = "", .Status = "Enabled", .Destination = model::Destination{.Bucket = "arn:aws:s3:::to-1"}};
  PutBucketReplication::Input in{.Bucket = "from",
                                 .ReplicationConfiguration = model::ReplicationConfiguration{
                                     .Role = "arn:aws:iam::000000000000:role/r", .Rules = std::vector{rule}}};
  EXPECT_EQ(code<PutBucketReplication>(in), "InvalidRequest");
  versioning("to-1", "Enabled", "us-west-2");
  EXPECT_EQ(code<PutBucketReplication>(in), "(success)");
  EXPECT_EQ(code<PutBucketVersioning>(
                {.Bucket = "from",
                 .VersioningConfiguration = model::VersioningConfiguration{.Status = "Suspended"}}),
            "InvalidBucketState");
}

}  // namespace
}  // namespace relight::sandbox
