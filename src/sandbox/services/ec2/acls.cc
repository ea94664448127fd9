// Network ACLs: the default one of each VPC, shown.
#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

FilterValues acl_filter(const ec2::NetworkAcl& a, std::string_view name) {
  if (name == "network-acl-id") return {{text_of(a.NetworkAclId)}};
  if (name == "vpc-id") return {{text_of(a.VpcId)}};
  if (name == "default") return {{text_of(a.IsDefault)}};
  if (name == "owner-id") return {{text_of(a.OwnerId)}};
  if (name != "association.subnet-id") return std::nullopt;
  std::vector<std::string> out;
  for (auto& x : a.Associations.value_or(std::vector<ec2::NetworkAclAssociation>{}))
    out.push_back(text_of(x.SubnetId));
  return out;
}

}  // namespace

void Ec2Service::add_acls() {
  serve<op::DescribeNetworkAcls>(
      [this](const Call& c,
             const ec2::DescribeNetworkAclsRequest& in) -> Result<ec2::DescribeNetworkAclsResult> {
        auto all = rows_of(acls_, c.region);
        TRY(keep_ids(all, in.NetworkAclIds, &ec2::NetworkAcl::NetworkAclId, "InvalidNetworkAclID.NotFound",
                     "The networkAcl ID '{}' does not exist"));
        ec2::DescribeNetworkAclsResult out;
        TRY_ASSIGN(all, filtered<ec2::NetworkAcl>(std::move(all), in.Filters, acl_filter));
        TRY(cut_page(all, in.NextToken, in.MaxResults, out.NextToken));
        out.NetworkAcls = std::move(all);
        return out;
      });
}

}  // namespace relight::sandbox
