// The tags that the services' own calls tell. The Resource Groups Tagging API would find every kind in one
// list, but its model is not built in.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/capture/ask.h"
#include "dr/capture/pointer.h"
#include "dr/capture/roots.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

class Tagged {
 public:
  Tagged(const Walk& w, const std::string& key, const std::string& value) : w_(w), key_(key), value_(value) {}
  Roots find() {
    services();
    databases();
    balancers();
    buckets();
    return std::move(out_);
  }

 private:
  bool carries(const Json& tags, const char* key, const char* value) const {
    return std::ranges::any_of(
        tags, [&](auto& t) { return t.value(key, "") == key_ && t.value(value, "") == value_; });
  }
  // Not seen is not untagged: it is told as left out.
  Json look(const char* kind, const char* service, const char* operation, const Json& input,
            const std::string& id = "*") {
    auto got = ask(w_, service, operation, input.dump());
    if (got) return std::move(*got);
    // A bucket of another region answers there alone; a bucket without tags answers with an error.
    auto& code = got.error().code;
    if (code != "NoSuchTagSet" && code != "PermanentRedirect" && code != "AuthorizationHeaderMalformed")
      out_.left_out.push_back({{kind, id}, "its tags could not be seen: " + why(got.error())});
    return Json::object();
  }
  void services();
  void databases();
  void balancers();
  void buckets();

  const Walk& w_;
  std::string key_, value_;
  Roots out_;
};

// `all` in lists of at most `n`, which is what one call takes.
std::vector<Json> portions(const Json& all, size_t n) {
  std::vector<Json> out;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i % n == 0) out.push_back(Json::array());
    out.back().push_back(all[i]);
  }
  return out;
}

void Tagged::services() {
  auto clusters = look("ecs/cluster", "ecs", "ListClusters", Json::object());
  for (auto& cluster : member_list(clusters, "clusterArns")) {
    auto arns =
        look("ecs/service", "ecs", "ListServices", {{"cluster", cluster}}, cluster.get<std::string>());
    for (auto& ten : portions(member_list(arns, "serviceArns"), 10)) {
      auto got = look("ecs/service", "ecs", "DescribeServices",
                      {{"cluster", cluster}, {"services", ten}, {"include", {"TAGS"}}});
      for (auto& s : member_list(got, "services"))
        if (carries(member_list(s, "tags"), "key", "value"))
          out_.must.push_back({"ecs/service", s.value("serviceArn", "")});
    }
  }
}

void Tagged::databases() {
  auto got = look("rds/db-instance", "rds", "DescribeDBInstances", Json::object());
  for (auto& d : member_list(got, "DBInstances"))
    if (carries(member_list(d, "TagList"), "Key", "Value"))
      out_.must.push_back({"rds/db-instance", d.value("DBInstanceIdentifier", "")});
}

void Tagged::balancers() {
  auto got = look("elbv2/load-balancer", "elbv2", "DescribeLoadBalancers", Json::object());
  Json arns = Json::array();
  for (auto& b : member_list(got, "LoadBalancers")) arns.push_back(b.value("LoadBalancerArn", ""));
  for (auto& twenty : portions(arns, 20)) {
    auto tags = look("elbv2/load-balancer", "elbv2", "DescribeTags", {{"ResourceArns", twenty}});
    for (auto& t : member_list(tags, "TagDescriptions"))
      if (carries(member_list(t, "Tags"), "Key", "Value"))
        out_.must.push_back({"elbv2/load-balancer", t.value("ResourceArn", "")});
  }
}

void Tagged::buckets() {
  auto got = look("s3/bucket", "s3", "ListBuckets", Json::object());
  for (auto& b : member_list(got, "Buckets")) {
    auto name = b.value("Name", "");
    auto tags = look("s3/bucket", "s3", "GetBucketTagging", {{"Bucket", name}}, name);
    if (carries(member_list(tags, "TagSet"), "Key", "Value")) out_.must.push_back({"s3/bucket", name});
  }
}

}  // namespace

Result<Roots> roots_of_tag(const Walk& w, const std::string& key, const std::string& value) {
  auto out = Tagged(w, key, value).find();
  if (!out.must.empty()) return out;
  std::string unseen;
  for (auto& l : out.left_out) unseen += fmt::format("; {} {}: {}", l.key.kind, l.key.id, l.why);
  return fail(
      Error{.code = "Init.NothingTagged",
            .message = fmt::format("no ECS service, database, load balancer or bucket that could be seen "
                                   "carries the tag {}={}{}",
                                   key, value, unseen),
            .tried = "find what belongs to the application",
            .region = w.region,
            .next = "check the tag and the region; --stack and --cluster begin elsewhere"});
}

}  // namespace relight::dr
