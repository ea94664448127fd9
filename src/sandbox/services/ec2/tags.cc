#include <fmt/format.h>

#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

constexpr size_t kTagsPerResource = 50;

FilterValues tag_filter(const ec2::TagDescription& t, std::string_view name) {
  if (name == "key") return {{text_of(t.Key)}};
  if (name == "value") return {{text_of(t.Value)}};
  if (name == "resource-id") return {{text_of(t.ResourceId)}};
  if (name == "resource-type") return {{text_of(t.ResourceType)}};
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<ec2::Tag>>* Ec2Service::tags_of(const std::string& region, const std::string& id,
                                                          std::function<void()>& keep) {
  std::optional<std::vector<ec2::Tag>>* found = nullptr;
  auto look = [&](auto& table) {
    if (auto* row = found ? nullptr : table.find(region, id)) {
      found = &row->Tags;
      keep = [&table, region, id, row] { table.save(region, id, *row); };
    }
  };
  look(vpcs_), look(subnets_), look(internet_gateways_), look(nat_gateways_), look(addresses_),
      look(route_tables_);
  look(groups_), look(rules_), look(acls_);
  return found;
}

void Ec2Service::add_tags() {
  serve<op::CreateTags>([this](const Call& c,
                               const ec2::CreateTagsRequest& in) -> Result<ec2::CreateTagsOutput_> {
    std::function<void()> keep;
    for (auto& id : in.Resources.value_or(std::vector<std::string>{}))
      if (!tags_of(c.region, id, keep))
        return aws_error("InvalidID", fmt::format("The ID '{}' is not valid", id));
    for (auto& id : *in.Resources) {
      auto* tags = tags_of(c.region, id, keep);
      if (!*tags) tags->emplace();
      for (auto& t : in.Tags.value_or(std::vector<ec2::Tag>{})) {
        std::erase_if(**tags, [&](auto& old) { return old.Key == t.Key; });
        (*tags)->push_back({.Key = t.Key, .Value = t.Value.value_or("")});
      }
      if ((*tags)->size() > kTagsPerResource) {
        (*tags)->resize(kTagsPerResource);
        return aws_error("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
      }
      keep();
    }
    return {};
  });
  serve<op::DeleteTags>(
      [this](const Call& c, const ec2::DeleteTagsRequest& in) -> Result<ec2::DeleteTagsOutput_> {
        std::function<void()> keep;
        for (auto& id : in.Resources.value_or(std::vector<std::string>{})) {
          auto* tags = tags_of(c.region, id, keep);
          if (!tags) return aws_error("InvalidID", fmt::format("The ID '{}' is not valid", id));
          if (!*tags) continue;
          if (!in.Tags)
            (*tags)->clear();
          else
            for (auto& t : *in.Tags)
              std::erase_if(
                  **tags, [&](auto& old) { return old.Key == t.Key && (!t.Value || old.Value == t.Value); });
          keep();
        }
        return {};
      });
  serve<op::DescribeTags>([this](const Call& c,
                                 const ec2::DescribeTagsRequest& in) -> Result<ec2::DescribeTagsResult> {
    std::vector<ec2::TagDescription> all;
    auto gather = [&](auto& table, const char* type) {
      for (auto& [id, row] : table.in(c.region))
        for (auto& t : row.Tags.value_or(std::vector<ec2::Tag>{}))
          all.push_back({.Key = t.Key, .ResourceId = id, .ResourceType = type, .Value = t.Value});
    };
    gather(vpcs_, "vpc"), gather(subnets_, "subnet"), gather(internet_gateways_, "internet-gateway");
    gather(nat_gateways_, "natgateway"), gather(addresses_, "elastic-ip"),
        gather(route_tables_, "route-table");
    gather(groups_, "security-group"), gather(rules_, "security-group-rule"), gather(acls_, "network-acl");
    ec2::DescribeTagsResult out;
    TRY_ASSIGN(all, filtered<ec2::TagDescription>(std::move(all), in.Filters, tag_filter));
    TRY(cut_page(all, in.NextToken, in.MaxResults, out.NextToken));
    out.Tags = std::move(all);
    return out;
  });
}

}  // namespace relight::sandbox
