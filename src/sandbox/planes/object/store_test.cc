#include "sandbox/planes/object/store.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"

namespace relight::sandbox::object {
namespace {

class ObjectStoreTest : public testing::Test {
 protected:
  ObjectStoreTest() {
    std::string t = (std::filesystem::temp_directory_path() / "relight-object-XXXXXX").string();
    dir_ = ::mkdtemp(t.data());
    reopen();
    EXPECT_TRUE(store_->add_bucket("b"));
  }
  ~ObjectStoreTest() override {
    store_.reset();
    std::filesystem::remove_all(dir_);
  }
  void reopen() {
    store_.reset();
    auto s = ObjectStore::open(dir_, rng_);
    ASSERT_TRUE(s) << s.error().text();
    store_ = std::move(*s);
  }
  Result<Version> put(const std::string& key, const std::string& bytes, NewVersion v = {}) {
    http::Body body(bytes);
    auto content = store_->stage(body);
    if (!content) return fail(content.error());
    v.bucket = "b";
    v.key = key;
    v.etag = hex(md5(bytes));
    v.modified = Instant{Millis{1000 + ++tick_}};
    return store_->put(v, std::move(*content));
  }
  Result<Version> put_id(const std::string& key, const std::string& bytes, const std::string& id) {
    return put(key, bytes, {.id = id});
  }
  std::string get(const std::string& key, std::optional<std::string> id = {}) {
    auto f = store_->read("b", key, id);
    if (!f || !*f) return "(none)";
    return (*f)->version.marker ? "(marker)" : (*f)->body.read().value();
  }
  size_t files() {
    size_t n = 0;
    for (auto& e : std::filesystem::recursive_directory_iterator(dir_)) {
      std::string p = e.path().string();
      n += e.is_regular_file() && p.find("index.db") == std::string::npos;
    }
    return n;
  }
  std::vector<std::string> keys(const ListQuery& q) {
    std::vector<std::string> out;
    auto l = store_->list(q);
    if (!l) return {"error"};
    for (auto& v : l->versions) out.push_back(v.key);
    for (auto& p : l->prefixes) out.push_back(p + "*");
    return out;
  }

  SeededRng rng_{3};
  std::string dir_;
  std::unique_ptr<ObjectStore> store_;
  int tick_ = 0;
};
using Strings = std::vector<std::string>;

TEST_F(ObjectStoreTest, KeepsSmallAndLargeBodiesAcrossARestart) {
  std::string large(200'000, 'x');
  ASSERT_TRUE(put("small", "hello"));
  ASSERT_TRUE(put("large", large));
  ASSERT_TRUE(put("empty", ""));
  EXPECT_EQ(files(), 1u);
  reopen();
  EXPECT_EQ(get("small"), "hello");
  EXPECT_EQ(get("large"), large);
  EXPECT_EQ(get("empty"), "");
}

TEST_F(ObjectStoreTest, NoKeyEverBecomesAPath) {
  for (std::string key : {"../../../etc/passwd", "/", "a//b", "..", "\xc3\xa9\xf0\x9f\x94\xa5"}) {
    ASSERT_TRUE(put(key, std::string(50'000, 'k') + key));
    EXPECT_EQ(get(key), std::string(50'000, 'k') + key);
  }
  ASSERT_TRUE(put(std::string(1024, 'a'), "long"));
  EXPECT_EQ(get(std::string(1024, 'a')), "long");
  EXPECT_EQ(files(), 5u);
}

TEST_F(ObjectStoreTest, ANullVersionIsReplacedAndItsFileGoes) {
  ASSERT_TRUE(put("k", std::string(50'000, '1')));
  ASSERT_TRUE(put("k", std::string(50'000, '2')));
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(get("k")[0], '2');
  EXPECT_EQ(store_->list_versions({.bucket = "b"})->versions.size(), 1u);
}

TEST_F(ObjectStoreTest, VersionsStandBesideEachOtherAndTheNewestIsCurrent) {
  ASSERT_TRUE(put("k", "null"));
  ASSERT_TRUE(put_id("k", "one", "v1"));
  ASSERT_TRUE(put_id("k", "two", "v2"));
  EXPECT_EQ(get("k"), "two");
  EXPECT_EQ(get("k", "v1"), "one");
  EXPECT_EQ(get("k", "null"), "null");
  ASSERT_TRUE(put("k", "null again"));
  EXPECT_EQ(get("k"), "null again");
  auto all = store_->list_versions({.bucket = "b"});
  ASSERT_EQ(all->versions.size(), 3u);
  EXPECT_EQ(all->versions[0].id, "null");
  EXPECT_EQ(all->versions[1].id, "v2");
}

TEST_F(ObjectStoreTest, RemovingADeleteMarkerBringsTheObjectBack) {
  ASSERT_TRUE(put_id("k", "one", "v1"));
  ASSERT_TRUE(put("k", "", {.id = "m1", .marker = true}));
  EXPECT_EQ(get("k"), "(marker)");
  EXPECT_EQ(keys({.bucket = "b"}), Strings{});
  auto gone = store_->remove("b", "k", "m1");
  ASSERT_TRUE(gone && *gone);
  EXPECT_TRUE((*gone)->marker);
  EXPECT_EQ(get("k"), "one");
  EXPECT_EQ(keys({.bucket = "b"}), Strings{"k"});
}

TEST_F(ObjectStoreTest, ConditionsAreJudgedAtTheCommit) {
  ASSERT_TRUE(put("k", "one", {.expect = {.absent = true}}));
  EXPECT_EQ(put("k", "two", {.expect = {.absent = true}}).error().code, "PreconditionFailed");
  EXPECT_EQ(put("k", "two", {.expect = {.etag = "0"}}).error().code, "PreconditionFailed");
  EXPECT_TRUE(put("k", "two", {.expect = {.etag = hex(md5("one"))}}));
  EXPECT_EQ(put("absent", "x", {.expect = {.etag = "0"}}).error().code, "NoSuchKey");
  EXPECT_EQ(get("k"), "two");
  EXPECT_EQ(files(), 0u);
}

TEST_F(ObjectStoreTest, ListsInByteOrderRolledUpAtTheDelimiterPageByPage) {
  for (auto k : {"a", "p/1", "p/2", "p/q/3", "p0", "z/9", "\xc3\xa9"}) ASSERT_TRUE(put(k, k));
  EXPECT_EQ(keys({.bucket = "b"}), (Strings{"a", "p/1", "p/2", "p/q/3", "p0", "z/9", "\xc3\xa9"}));
  EXPECT_EQ(keys({.bucket = "b", .delimiter = "/"}), (Strings{"a", "p0", "\xc3\xa9", "p/*", "z/*"}));
  EXPECT_EQ(keys({.bucket = "b", .prefix = "p/", .delimiter = "/"}), (Strings{"p/1", "p/2", "p/q/*"}));
  EXPECT_EQ(keys({.bucket = "b", .prefix = "p", .after = "p/2"}), (Strings{"p/q/3", "p0"}));
  ListQuery q{.bucket = "b", .delimiter = "/", .limit = 2};
  Strings seen;
  for (int pages = 0; pages < 9; ++pages) {
    auto l = store_->list(q);
    ASSERT_TRUE(l);
    for (auto& v : l->versions) seen.push_back(v.key);
    for (auto& p : l->prefixes) seen.push_back(p);
    q.after = l->last;
    if (!l->truncated) break;
  }
  EXPECT_EQ(seen, (Strings{"a", "p/", "p0", "z/", "\xc3\xa9"}));
}

TEST_F(ObjectStoreTest, APrefixOfDeleteMarkersIsNotListed) {
  ASSERT_TRUE(put_id("d/1", "x", "v1"));
  ASSERT_TRUE(put("d/1", "", {.id = "m1", .marker = true}));
  EXPECT_EQ(keys({.bucket = "b", .delimiter = "/"}), Strings{});
  EXPECT_EQ(store_->list_versions({.bucket = "b", .delimiter = "/"})->prefixes, Strings{"d/"});
}

TEST_F(ObjectStoreTest, VersionPagesContinueInsideAKey) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(put_id("k", "x", "v" + std::to_string(i)));
  ASSERT_TRUE(put_id("l", "x", "w"));
  ListQuery q{.bucket = "b", .limit = 2};
  Strings seen;
  for (int pages = 0; pages < 9; ++pages) {
    auto l = store_->list_versions(q);
    for (auto& v : l->versions) seen.push_back(v.id);
    q.after = l->last;
    q.after_version = l->last_version;
    if (!l->truncated) break;
  }
  EXPECT_EQ(seen, (Strings{"v4", "v3", "v2", "v1", "v0", "w"}));
}

TEST_F(ObjectStoreTest, AnUploadBecomesOneObjectAndItsPartsGo) {
  ASSERT_TRUE(store_->begin_upload({.id = "u", .bucket = "b", .key = "k"}));
  for (int n : {2, 1, 2}) {
    http::Body body(std::string(30'000, static_cast<char>('0' + n)));
    ASSERT_TRUE(store_->put_part("u", {.number = n, .etag = "e"}, store_->stage_part(body).value()));
  }
  auto parts = store_->parts("u");
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ(files(), 2u);
  auto joined = store_->join(*parts);
  ASSERT_TRUE(joined);
  ASSERT_TRUE(store_->finish_upload("u", {.bucket = "b", .key = "k", .etag = "x-2"}, std::move(*joined)));
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(get("k"), std::string(30'000, '1') + std::string(30'000, '2'));
  EXPECT_EQ(store_->upload("b", "k", "u").error().code, "NoSuchUpload");
  EXPECT_EQ(store_->abort_upload("u").error().code, "NoSuchUpload");
}

TEST_F(ObjectStoreTest, ABucketGoesOnlyWhenEmptyAndTakesItsUploadsAlong) {
  ASSERT_TRUE(put("k", "x"));
  EXPECT_EQ(store_->drop_bucket("b").error().code, "BucketNotEmpty");
  ASSERT_TRUE(store_->remove("b", "k", "null"));
  ASSERT_TRUE(store_->begin_upload({.id = "u", .bucket = "b", .key = "k"}));
  ASSERT_TRUE(store_->put_part("u", {.number = 1}, store_->stage_part(http::Body("part")).value()));
  ASSERT_TRUE(store_->drop_bucket("b"));
  EXPECT_EQ(files(), 0u);
  EXPECT_EQ(put("k", "x").error().code, "NoSuchBucket");
}

TEST_F(ObjectStoreTest, WhatWaitsForReplicationSurvivesARestart) {
  NewVersion v{.id = "v1", .replicate = {{"us-west-2", "copy", "r1"}}};
  ASSERT_TRUE(put("k", "hello", v));
  EXPECT_EQ(store_->find("b", "k", {}).value()->attributes["replication"], "PENDING");
  reopen();
  EXPECT_TRUE(store_->pending(Instant{Millis{1}}, 10)->empty());
  auto p = store_->pending(Instant{Millis{10'000}}, 10);
  ASSERT_EQ(p->size(), 1u);
  EXPECT_EQ(p->front().to.bucket, "copy");
  EXPECT_EQ(store_->backlog()->front().bytes, 5u);
  ASSERT_TRUE(store_->settle(p->front(), "COMPLETED"));
  EXPECT_EQ(store_->find("b", "k", {}).value()->attributes["replication"], "COMPLETED");
  EXPECT_TRUE(store_->backlog()->empty());
}

TEST_F(ObjectStoreTest, ADeletedVersionIsNoLongerReplicated) {
  ASSERT_TRUE(put("k", "hello", {.id = "v1", .replicate = {{"us-west-2", "copy", "r1"}}}));
  ASSERT_TRUE(store_->remove("b", "k", "v1"));
  EXPECT_TRUE(store_->pending(Instant{Millis{10'000}}, 10)->empty());
}

TEST_F(ObjectStoreTest, ABodyBeingReadOutlivesItsVersion) {
  std::string large(100'000, 'z');
  ASSERT_TRUE(put("k", large));
  auto f = store_->read("b", "k", {}).value();
  ASSERT_TRUE(store_->remove("b", "k", "null"));
  EXPECT_EQ(files(), 0u);
  EXPECT_EQ(f->body.read().value(), large);
}

TEST_F(ObjectStoreTest, ASpooledBodyIsCopiedAndLeftAlone) {
  std::string spool = dir_ + "/spool", bytes(300'000, 's');
  std::ofstream(spool) << "skip" << bytes;
  auto slice = http::open_slice(spool).value();
  slice.offset = 4;
  slice.size -= 4;
  auto c = store_->stage(http::Body(slice));
  ASSERT_TRUE(c) << c.error().text();
  ASSERT_TRUE(store_->put({.bucket = "b", .key = "k"}, std::move(*c)));
  EXPECT_EQ(get("k"), bytes);
  EXPECT_EQ(std::filesystem::file_size(spool), bytes.size() + 4);
}

TEST(ObjectContentTest, ChecksumsAreThoseOfThePublishedVectors) {
  http::Body nine("123456789");
  EXPECT_EQ(checksum_of(nine, Checksum::kCrc32).value(), "y/Q5Jg==");   // cbf43926
  EXPECT_EQ(checksum_of(nine, Checksum::kCrc32c).value(), "4waSgw==");  // e3069283
  EXPECT_EQ(hex(md5_of(nine).value()), "25f9e794323b453885f5181f1b624d0b");
}

}  // namespace
}  // namespace relight::sandbox::object
