// What bears the tag of a drill in the recovery region. AWS's Resource Groups Tagging API would tell it of every
// service in one call, and leaves out what is newer than its index; here the services that a drill uses are
// asked themselves.
#include <nlohmann/json.hpp>

#include "app/check_picture.h"

namespace relight::app {
namespace {
using Json = nlohmann::json;
constexpr const char* kDrillTag = "relight:drill";
using Found = std::vector<dr::LeftOver>;

// Of the elements of `list` that bear the tag.
void of_list(const Json& answer, const char* list, const char* id, const char* tags, const char* what, Found& out) {
  for (auto& i : answer.value(list, Json::array()))
    for (auto& t : i.value(tags, Json::array()))
      if (t.value("Key", "") == kDrillTag) out.push_back({what, i.value(id, ""), t.value("Value", "")});
}

}  // namespace

dr::Known<Found> left_over(const dr::Walk& region) {
  using Out = dr::Known<Found>;
  Found out;
  Json by_key{{"Filters", Json::array({{{"Name", "key"}, {"Values", Json::array({kDrillTag})}}})}};
  auto ec2 = dr::ask(region, "ec2", "DescribeTags", by_key.dump());
  if (!ec2) return Out::not_seen(ec2.error().text());
  for (auto& t : ec2->value("Tags", Json::array()))
    out.push_back({t.value("ResourceType", ""), t.value("ResourceId", ""), t.value("Value", "")});
  auto databases = dr::ask(region, "rds", "DescribeDBInstances", "{}");
  if (!databases) return Out::not_seen(databases.error().text());
  of_list(*databases, "DBInstances", "DBInstanceIdentifier", "TagList", "database", out);
  auto snapshots = dr::ask(region, "rds", "DescribeDBSnapshots", "{}");
  if (!snapshots) return Out::not_seen(snapshots.error().text());
  of_list(*snapshots, "DBSnapshots", "DBSnapshotIdentifier", "TagList", "snapshot", out);
  return Out::of(std::move(out));
}

}  // namespace relight::app
