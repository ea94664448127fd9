#include "sandbox/services/s3/lifecycle.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sandbox/services/s3/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
using namespace aws::s3::op;
namespace model = aws::s3;
using Rule = model::LifecycleRule;
constexpr Millis kDay = std::chrono::hours(24);

class S3LifecycleTest : public testing::Test {
 protected:
  S3LifecycleTest() {
    world_.add(s3_);
    s3_.start();
  }
  ~S3LifecycleTest() override { s3_.stop(); }

  template <class Op>
  Result<typename Op::Output> call(typename Op::Input in, const std::string& region = "us-east-1") {
    return world_.remote<Op>(region, in);
  }
  template <class Op>
  std::string code(typename Op::Input in) {
    auto r = call<Op>(std::move(in));
    return r ? "(success)" : r.error().code;
  }
  void bucket(const std::string& name, bool versions = false, const std::string& region = "us-east-1") {
    CreateBucket::Input in{.Bucket = name};
    if (region != "us-east-1") in.CreateBucketConfiguration = {.LocationConstraint = region};
    ASSERT_TRUE(call<CreateBucket>(in, region));
    if (!versions) return;
    ASSERT_TRUE(call<PutBucketVersioning>(
          {.Bucket = name, .VersioningConfiguration = model::VersioningConfiguration{.Status = "Enabled"}},
          region));
  }
  void put(const std::string& b, const std::string& key, size_t size = 1, const std::string& tags = "") {
    PutObject::Input in{.Body = http::Body(std::string(size, 'x')), .Bucket = b, .Key = key};
    if (!tags.empty()) in.Tagging = tags;
    ASSERT_TRUE(call<PutObject>(in));
  }
  static Rule rule(const std::string& id, model::LifecycleRuleFilter filter = {.Prefix = ""}) {
    Rule r;
    r.ID = id;
    r.Filter = std::move(filter);
    r.Status = "Enabled";
    return r;
  }
  static Rule expire(int days, model::LifecycleRuleFilter filter = {.Prefix = ""}) {
    Rule r = rule("old", std::move(filter));
    r.Expiration = model::LifecycleExpiration{.Days = days};
    return r;
  }
  std::string configure(const std::string& b, std::vector<Rule> rules) {
    auto r = call<PutBucketLifecycleConfiguration>(
        {.Bucket = b,
         .LifecycleConfiguration = model::BucketLifecycleConfiguration{.Rules = std::move(rules)}});
    return r ? "" : r.error().code;
  }
  // Time jumps, as for a sandbox that was stopped meanwhile; then the next look at all buckets.
  void pass(Millis d) {
    world_.run_until_idle();
    world_.ground().clock.at += d;
    world_.advance(std::chrono::minutes(2));
  }
  // "key" of a version, "key+" of the current one, "-" before a delete marker.
  std::vector<std::string> versions(const std::string& b, const std::string& region = "us-east-1") {
    std::vector<std::string> out;
    auto r = call<ListObjectVersions>({.Bucket = b}, region);
    if (!r) return {r.error().code};
    for (auto& v : r->Versions.value_or(std::vector<model::ObjectVersion>{}))
      out.push_back(*v.Key + (*v.IsLatest ? "+" : ""));
    for (auto& m : r->DeleteMarkers.value_or(std::vector<model::DeleteMarkerEntry>{}))
      out.push_back("-" + *m.Key + (*m.IsLatest ? "+" : ""));
    return out;
  }
  std::string storage_class(const std::string& b, const std::string& key) {
    auto r = call<HeadObject>({.Bucket = b, .Key = key});
    return r ? r->StorageClass.value_or("STANDARD") : r.error().code;
  }
  using Names = std::vector<std::string>;

  TestWorld world_;  // its clock begins on 2026-09-21 at 14:13:20
  S3Service s3_{world_};
};

TEST_F(S3LifecycleTest, DaysEndAtTheNextMidnight) {
  // The example of "Lifecycle rules: Based on an object's age".
  auto at = [](const char* t) { return parse_iso8601(t).value(); };
  EXPECT_EQ(s3::midnight_after(at("2014-01-15T10:30:00Z"), 3), at("2014-01-19T00:00:00Z"));
  EXPECT_EQ(s3::midnight_after(at("2014-01-15T10:30:00Z"), 0), at("2014-01-16T00:00:00Z"));
}

TEST_F(S3LifecycleTest, AnObjectIsGoneAfterTheMidnightThatItsHeaderNames) {
  bucket("b-1");
  ASSERT_EQ(configure("b-1", {expire(1)}), "");
  put("b-1", "k");
  EXPECT_EQ(call<HeadObject>({.Bucket = "b-1", .Key = "k"})->Expiration,
            "expiry-date=\"Wed, 23 Sep 2026 00:00:00 GMT\", rule-id=\"old\"");
  pass(kDay);
  EXPECT_EQ(versions("b-1"), Names{"k+"}) << "a day has passed, midnight has not";
  pass(kDay / 2);
  EXPECT_EQ(versions("b-1"), Names{});
}

TEST_F(S3LifecycleTest, AVersionedObjectGetsAMarkerThatIsNotReplicated) {
  bucket("from-1", true);
  bucket("to-1", true, "us-west-2");
  model::ReplicationRule all{.ID = "all",
                             .Priority = 1,
                             .Filter = model::ReplicationRuleFilter{.Prefix = ""},
                             .Status = "Enabled",
                             .Destination = model::Destination{.Bucket = "arn:aws:s3:::to-1"},
                             .DeleteMarkerReplication = model::DeleteMarkerReplication{.Status = "Enabled"}};
  ASSERT_TRUE(call<PutBucketReplication>(
      {.Bucket = "from-1",
       .ReplicationConfiguration = model::ReplicationConfiguration{
           .Role = "arn:aws:iam::000000000000:role/copy", .Rules = std::vector{all}}}));
  ASSERT_EQ(configure("from-1", {expire(1)}), "");
  world_.partition("us-east-1", "us-west-2");
  put("from-1", "k");
  pass(3 * kDay);
  EXPECT_EQ(versions("from-1"), Names{"k+"}) << "what waits for replication stays";
  world_.heal("us-east-1", "us-west-2");
  pass(Millis{1});
  EXPECT_EQ(versions("from-1"), (Names{"k", "-k+"}));
  pass(Millis{1});
  EXPECT_EQ(versions("to-1", "us-west-2"), Names{"k+"});
}

TEST_F(S3LifecycleTest, OldVersionsGoWhenEnoughNewerOnesAreKept) {
  bucket("b-1", true);
  Rule r = rule("versions");
  r.NoncurrentVersionExpiration =
      model::NoncurrentVersionExpiration{.NoncurrentDays = 1, .NewerNoncurrentVersions = 1};
  ASSERT_EQ(configure("b-1", {r}), "");
  for (int i = 0; i < 4; ++i) put("b-1", "k");
  put("b-1", "other");
  pass(kDay / 4);
  EXPECT_EQ(versions("b-1").size(), 5u);
  pass(2 * kDay);
  EXPECT_EQ(versions("b-1"), (Names{"k+", "k", "other+"}));
}

TEST_F(S3LifecycleTest, AMarkerWithNothingBelowItGoes) {
  bucket("b-1", true);
  Rule noncurrent = rule("versions"), markers = rule("markers");
  noncurrent.NoncurrentVersionExpiration = model::NoncurrentVersionExpiration{.NoncurrentDays = 1};
  markers.Expiration = model::LifecycleExpiration{.ExpiredObjectDeleteMarker = true};
  put("b-1", "k");
  put("b-1", "stays");
  ASSERT_TRUE(call<DeleteObject>({.Bucket = "b-1", .Key = "k"}));
  ASSERT_EQ(configure("b-1", {markers}), "");
  pass(Millis{1});
  EXPECT_EQ(versions("b-1"), (Names{"k", "stays+", "-k+"})) << "its object is still there";
  ASSERT_EQ(configure("b-1", {noncurrent, markers}), "");
  pass(2 * kDay);
  EXPECT_EQ(versions("b-1"), Names{"stays+"});
}

TEST_F(S3LifecycleTest, OnlyWhatTheFilterMeans) {
  bucket("b-1");
  Rule tagged = expire(1, {.And = model::LifecycleRuleAndOperator{
                               .Prefix = "logs/",
                               .Tags = std::vector<model::Tag>{{.Key = "keep", .Value = "no"}},
                               .ObjectSizeGreaterThan = 10,
                               .ObjectSizeLessThan = 100}});
  ASSERT_EQ(configure("b-1", {tagged}), "");
  put("b-1", "logs/goes", 50, "keep=no&x=y");
  put("b-1", "logs/small", 10, "keep=no");
  put("b-1", "logs/large", 100, "keep=no");
  put("b-1", "logs/untagged", 50);
  put("b-1", "elsewhere", 50, "keep=no");
  pass(2 * kDay);
  EXPECT_EQ(versions("b-1"), (Names{"elsewhere+", "logs/large+", "logs/small+", "logs/untagged+"}));
}

TEST_F(S3LifecycleTest, WhatGrowsOldMovesDownwards) {
  bucket("b-1");
  Rule r = rule("colder");
  r.Transitions = std::vector<model::Transition>{{.Days = 30, .StorageClass = "STANDARD_IA"},
                                                 {.Days = 60, .StorageClass = "GLACIER"}};
  ASSERT_EQ(configure("b-1", {r}), "");
  put("b-1", "k", 200 << 10);
  put("b-1", "small");
  pass(31 * kDay);
  EXPECT_EQ(storage_class("b-1", "k"), "STANDARD_IA");
  EXPECT_EQ(storage_class("b-1", "small"), "STANDARD") << "below 128 KiB nothing moves by itself";
  pass(30 * kDay);
  EXPECT_EQ(storage_class("b-1", "k"), "GLACIER");
  auto list = call<ListObjectsV2>({.Bucket = "b-1"});
  EXPECT_EQ(list->Contents->front().StorageClass, "GLACIER");
  EXPECT_EQ(code<GetObject>({.Bucket = "b-1", .Key = "k"}), "InvalidObjectState");
}

TEST_F(S3LifecycleTest, AnUnfinishedUploadIsAborted) {
  bucket("b-1");
  Rule r = rule("uploads", {.Prefix = "tmp/"});
  r.AbortIncompleteMultipartUpload = model::AbortIncompleteMultipartUpload{.DaysAfterInitiation = 1};
  ASSERT_EQ(configure("b-1", {r}), "");
  auto begun = call<CreateMultipartUpload>({.Bucket = "b-1", .Key = "tmp/k"});
  EXPECT_EQ(begun->AbortRuleId, "uploads");
  EXPECT_EQ(iso8601(*begun->AbortDate), "2026-09-23T00:00:00.000Z");
  ASSERT_TRUE(call<CreateMultipartUpload>({.Bucket = "b-1", .Key = "k"}));
  pass(2 * kDay);
  auto left = call<ListMultipartUploads>({.Bucket = "b-1"});
  ASSERT_TRUE(left && left->Uploads);
  ASSERT_EQ(left->Uploads->size(), 1u);
  EXPECT_EQ(left->Uploads->front().Key, "k");
}

TEST_F(S3LifecycleTest, ADateThatHasPassedActsAtOnce) {
  bucket("b-1");
  put("b-1", "k");
  Rule r = rule("all");
  r.Expiration = model::LifecycleExpiration{.Date = parse_iso8601("2020-01-01T00:00:00Z").value()};
  ASSERT_EQ(configure("b-1", {r}), "");
  world_.run_until_idle();
  EXPECT_EQ(versions("b-1"), Names{});
  EXPECT_TRUE(std::ranges::any_of(world_.events, [](auto& e) {
    return e.resource == "b-1/k" && e.what.starts_with("expired for good by lifecycle rule all");
  }));
}

TEST_F(S3LifecycleTest, ALostRegionLooksAtNothing) {
  bucket("b-1");
  ASSERT_EQ(configure("b-1", {expire(1)}), "");
  put("b-1", "k");
  world_.lose("us-east-1");
  pass(3 * kDay);
  EXPECT_TRUE(world_.events.empty());
  world_.restore("us-east-1");
  EXPECT_EQ(versions("b-1"), Names{"k+"});
  pass(Millis{1});
  EXPECT_EQ(versions("b-1"), Names{});
}

TEST_F(S3LifecycleTest, WhatMakesNoSenseIsRefused) {
  bucket("b-1");
  Rule none = rule("r"), both = expire(1), dated = rule("r"), tagged = rule("r", {.Tag = model::Tag{"a", "b"}});
  both.Expiration->ExpiredObjectDeleteMarker = true;
  dated.Expiration =
      model::LifecycleExpiration{.Date = parse_iso8601("2026-01-01T01:00:00Z").value()};
  tagged.AbortIncompleteMultipartUpload = model::AbortIncompleteMultipartUpload{.DaysAfterInitiation = 1};
  Rule everywhere = expire(1);
  everywhere.Filter.reset();
  EXPECT_EQ(configure("b-1", {}), "MalformedXML");
  EXPECT_EQ(configure("b-1", {none}), "InvalidRequest");
  EXPECT_EQ(configure("b-1", {both}), "MalformedXML");
  EXPECT_EQ(configure("b-1", {everywhere}), "MalformedXML");
  EXPECT_EQ(configure("b-1", {dated}), "InvalidArgument");
  EXPECT_EQ(configure("b-1", {tagged}), "InvalidRequest");
  EXPECT_EQ(configure("b-1", {expire(0)}), "InvalidArgument");
  EXPECT_EQ(configure("b-1", {expire(1), expire(2)}), "InvalidArgument") << "one ID twice";
  EXPECT_EQ(code<GetBucketLifecycleConfiguration>({.Bucket = "b-1"}), "NoSuchLifecycleConfiguration");
}

}  // namespace
}  // namespace relight::sandbox
