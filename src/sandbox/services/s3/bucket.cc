#include "sandbox/services/s3/bucket.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aws/codec/codec.h"

namespace relight::sandbox::s3 {
namespace {

constexpr std::string_view kTable = "s3/buckets";

bool alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool looks_like_ipv4(std::string_view s) {
  return std::ranges::count(s, '.') == 3 &&
         std::ranges::all_of(s, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

template <class T>
std::optional<T> read(const std::string* json) {
  T out;
  if (!json || !aws::codec::from_json(*shape_of(&out), *json, &out)) return std::nullopt;
  return out;
}

}  // namespace

bool valid_bucket_name(std::string_view n) {
  if (n.size() < 3 || n.size() > 63 || !alnum(n.front()) || !alnum(n.back())) return false;
  if (!std::ranges::all_of(n, [](char c) { return alnum(c) || c == '.' || c == '-'; })) return false;
  if (n.find("..") != n.npos || looks_like_ipv4(n)) return false;
  for (std::string_view p : {"xn--", "sthree-", "amzn-s3-demo-"})
    if (n.starts_with(p)) return false;
  for (std::string_view s : {"-s3alias", "--ol-s3", ".mrap", "--x-s3"})
    if (n.ends_with(s)) return false;
  return true;
}

const std::string* Bucket::get(std::string_view what) const {
  auto it = config.find(std::string(what));
  return it == config.end() ? nullptr : &it->second;
}

void Bucket::derive() {
  policy = {};
  if (auto* text = get("policy"))
    if (auto p = Policy::parse(*text, name)) policy = std::move(*p);
  replication = std::nullopt;
  if (auto r = read<model::GetBucketReplicationOutput>(get("replication")))
    replication = r->ReplicationConfiguration;
  notification = read<model::NotificationConfiguration>(get("notification"));
  lifecycle.clear();
  if (auto r = read<model::GetBucketLifecycleConfigurationOutput>(get("lifecycle")); r && r->Rules)
    lifecycle = std::move(*r->Rules);
  block = {.BlockPublicAcls = false,
           .IgnorePublicAcls = false,
           .BlockPublicPolicy = false,
           .RestrictPublicBuckets = false};
  if (auto b = read<model::GetPublicAccessBlockOutput>(get("publicAccessBlock"));
      b && b->PublicAccessBlockConfiguration) {
    auto& c = *b->PublicAccessBlockConfiguration;
    block = {.BlockPublicAcls = c.BlockPublicAcls.value_or(false),
             .IgnorePublicAcls = c.IgnorePublicAcls.value_or(false),
             .BlockPublicPolicy = c.BlockPublicPolicy.value_or(false),
             .RestrictPublicBuckets = c.RestrictPublicBuckets.value_or(false)};
  }
  encryption = {};
  if (auto e = read<model::GetBucketEncryptionOutput>(get("encryption"));
      e && e->ServerSideEncryptionConfiguration)
    for (auto& rule :
         e->ServerSideEncryptionConfiguration->Rules.value_or(std::vector<model::ServerSideEncryptionRule>{}))
      if (auto& by = rule.ApplyServerSideEncryptionByDefault)
        encryption = {by->SSEAlgorithm.value_or("AES256"), by->KMSMasterKeyID.value_or("")};
  acls_disabled = false;
  if (auto o = read<model::GetBucketOwnershipControlsOutput>(get("ownershipControls"));
      o && o->OwnershipControls)
    for (auto& r : o->OwnershipControls->Rules.value_or(std::vector<model::OwnershipControlsRule>{}))
      acls_disabled = acls_disabled || r.ObjectOwnership == "BucketOwnerEnforced";
}

std::string Bucket::save() const {
  return nlohmann::json{{"name", name},
                        {"region", region},
                        {"created", created.time_since_epoch().count()},
                        {"versioning", versioning},
                        {"config", config}}
      .dump();
}

Result<Bucket> Bucket::load(const std::string& text) {
  auto v = nlohmann::json::parse(text, nullptr, false);
  if (!v.is_object()) return fail("Store.Malformed", "a bucket's row is not JSON");
  try {
    Bucket b;
    b.name = v.at("name");
    b.region = v.at("region");
    b.created = Instant{Millis{v.at("created").get<int64_t>()}};
    b.versioning = v.at("versioning");
    b.config = v.at("config").get<std::map<std::string, std::string>>();
    b.derive();
    return b;
  } catch (const nlohmann::json::exception& e) {
    return fail("Store.Malformed", std::string("a bucket's row: ") + e.what());
  }
}

void Buckets::load() {
  std::unique_lock g(lock_);
  rows_.clear();
  world_.store().each(kTable, [&](const std::string& name, const std::string& json) {
    if (auto b = Bucket::load(json)) rows_[name] = std::make_shared<const Bucket>(std::move(*b));
  });
}

BucketRef Buckets::find(std::string_view name) const {
  std::shared_lock g(lock_);
  auto it = rows_.find(name);
  return it == rows_.end() ? nullptr : it->second;
}

std::vector<BucketRef> Buckets::all() const {
  std::shared_lock g(lock_);
  std::vector<BucketRef> out;
  for (auto& [name, b] : rows_) out.push_back(b);
  return out;
}

Result<bool> Buckets::add(Bucket b, BucketRef& taken) {
  std::lock_guard w(world_.lock());
  std::unique_lock g(lock_);
  if (auto it = rows_.find(b.name); it != rows_.end()) {
    taken = it->second;
    return false;
  }
  b.derive();
  world_.store().put(kTable, b.name, b.save());
  TRY(world_.store().flush());
  std::string name = b.name;
  rows_[name] = std::make_shared<const Bucket>(std::move(b));
  return true;
}

Result<> Buckets::erase(const std::string& name) {
  std::lock_guard w(world_.lock());
  std::unique_lock g(lock_);
  rows_.erase(name);
  world_.store().erase(kTable, name);
  return world_.store().flush();
}

Result<> Buckets::change(const std::string& name, const std::function<Result<>(Bucket&)>& how) {
  std::lock_guard w(world_.lock());
  std::unique_lock g(lock_);
  auto it = rows_.find(name);
  if (it == rows_.end()) {
    Error e;
    e.code = "NoSuchBucket";
    e.message = "The specified bucket does not exist";
    e.http_status = 404;
    return fail(std::move(e));
  }
  Bucket b = *it->second;
  TRY(how(b));
  b.derive();
  world_.store().put(kTable, name, b.save());
  TRY(world_.store().flush());
  it->second = std::make_shared<const Bucket>(std::move(b));
  return {};
}

}  // namespace relight::sandbox::s3
