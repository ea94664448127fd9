#include <fmt/format.h>

#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

FilterValues nat_filter(const ec2::NatGateway& n, std::string_view name) {
  if (name == "nat-gateway-id") return {{text_of(n.NatGatewayId)}};
  if (name == "vpc-id") return {{text_of(n.VpcId)}};
  if (name == "subnet-id") return {{text_of(n.SubnetId)}};
  if (name == "state") return {{text_of(n.State)}};
  return std::nullopt;
}

}  // namespace

void Ec2Service::add_nat() {
  serve<op::CreateNatGateway>(
      [this](const Call& c, const ec2::CreateNatGatewayRequest& in) -> Result<ec2::CreateNatGatewayResult> {
        TRY_ASSIGN(auto* s, subnet(c, in.SubnetId));
        std::string connectivity = in.ConnectivityType.value_or("public");
        ec2::NatGatewayAddress address;
        if (connectivity == "public") {
          if (!in.AllocationId)
            return aws_error("MissingParameter", "The request must contain the parameter AllocationId");
          auto* a = addresses_.find(c.region, *in.AllocationId);
          if (!a)
            return aws_error("InvalidAllocationID.NotFound",
                             fmt::format("The allocation ID '{}' does not exist", *in.AllocationId));
          if (a->AssociationId)
            return aws_error("Resource.AlreadyAssociated",
                             fmt::format("Elastic IP address [{}] is already associated", *in.AllocationId));
          a->AssociationId = new_id("eipassoc");
          a->NetworkInterfaceId = new_id("eni");
          a->NetworkInterfaceOwnerId = world_.account();
          addresses_.save(c.region, *in.AllocationId, *a);
          address = {.AllocationId = in.AllocationId,
                     .NetworkInterfaceId = a->NetworkInterfaceId,
                     .PublicIp = a->PublicIp};
        }
        TRY_ASSIGN(auto tags, tags_for("natgateway", in.TagSpecifications));
        ec2::NatGateway n;
        n.NatGatewayId = new_id("nat");
        n.CreateTime = world_.clock.now();
        n.State = "pending";
        n.SubnetId = s->SubnetId;
        n.VpcId = s->VpcId;
        n.ConnectivityType = connectivity;
        n.NatGatewayAddresses = {address};
        n.Tags = tags;
        nat_gateways_.put(c.region, *n.NatGatewayId, n);
        settle(c.region, *n.NatGatewayId);
        return ec2::CreateNatGatewayResult{.ClientToken = in.ClientToken, .NatGateway = n};
      });
}

void Ec2Service::add_nat_changes() {
  serve<op::DeleteNatGateway>(
      [this](const Call& c, const ec2::DeleteNatGatewayRequest& in) -> Result<ec2::DeleteNatGatewayResult> {
        auto* n = nat_gateways_.find(c.region, in.NatGatewayId.value_or(""));
        if (!n)
          return aws_error("NatGatewayNotFound",
                           fmt::format("NatGateway {} was not found", in.NatGatewayId.value_or("")));
        n->State = "deleting";
        n->DeleteTime = world_.clock.now();
        for (auto& a : n->NatGatewayAddresses.value_or(std::vector<ec2::NatGatewayAddress>{}))
          if (auto* e = addresses_.find(c.region, text_of(a.AllocationId))) {
            e->AssociationId.reset();
            e->NetworkInterfaceId.reset();
            e->NetworkInterfaceOwnerId.reset();
            addresses_.save(c.region, *a.AllocationId, *e);
          }
        nat_gateways_.save(c.region, *in.NatGatewayId, *n);
        settle(c.region, *in.NatGatewayId);
        return ec2::DeleteNatGatewayResult{.NatGatewayId = in.NatGatewayId};
      });
  serve<op::DescribeNatGateways>(
      [this](const Call& c,
             const ec2::DescribeNatGatewaysRequest& in) -> Result<ec2::DescribeNatGatewaysResult> {
        auto all = rows_of(nat_gateways_, c.region);
        TRY(keep_ids(all, in.NatGatewayIds, &ec2::NatGateway::NatGatewayId, "NatGatewayNotFound",
                     "NatGateway {} was not found"));
        ec2::DescribeNatGatewaysResult out;
        TRY_ASSIGN(all, filtered<ec2::NatGateway>(std::move(all), in.Filter, nat_filter));
        TRY(cut_page(all, in.NextToken, in.MaxResults, out.NextToken));
        out.NatGateways = std::move(all);
        return out;
      });
}

}  // namespace relight::sandbox
