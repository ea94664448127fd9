#include <fmt/format.h>

#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

constexpr size_t kGatewaysPerRegion = 5;  // "Amazon VPC quotas"

FilterValues gateway_filter(const ec2::InternetGateway& g, std::string_view name) {
  std::vector<std::string> vpcs, states;
  for (auto& a : g.Attachments.value_or(std::vector<ec2::InternetGatewayAttachment>{})) {
    vpcs.push_back(text_of(a.VpcId));
    states.push_back(text_of(a.State));
  }
  if (name == "attachment.vpc-id") return vpcs;
  if (name == "attachment.state") return states;
  if (name == "internet-gateway-id") return {{text_of(g.InternetGatewayId)}};
  if (name == "owner-id") return {{text_of(g.OwnerId)}};
  return std::nullopt;
}

std::unexpected<Error> no_gateway(const std::optional<std::string>& id) {
  return aws_error("InvalidInternetGatewayID.NotFound",
                   fmt::format("The internetGateway ID '{}' does not exist", id.value_or("")));
}

}  // namespace

Row<ec2::InternetGateway>& Ec2Service::make_internet_gateway(const std::string& region) {
  ec2::InternetGateway g;
  g.InternetGatewayId = new_id("igw");
  g.OwnerId = world_.account();
  g.Attachments.emplace();
  std::string id = *g.InternetGatewayId;
  return internet_gateways_.put(region, id, g);
}

void Ec2Service::add_gateways() {
  serve<op::CreateInternetGateway>([this](const Call& c, const ec2::CreateInternetGatewayRequest& in)
                                       -> Result<ec2::CreateInternetGatewayResult> {
    if (internet_gateways_.in(c.region).size() >= kGatewaysPerRegion)
      return aws_error("InternetGatewayLimitExceeded",
                       "The maximum number of internet gateways has been reached.");
    TRY_ASSIGN(auto tags, tags_for("internet-gateway", in.TagSpecifications));
    auto& g = make_internet_gateway(c.region);
    g.Tags = tags;
    internet_gateways_.save(c.region, *g.InternetGatewayId, g);
    return ec2::CreateInternetGatewayResult{.InternetGateway = static_cast<const ec2::InternetGateway&>(g)};
  });
  serve<op::DeleteInternetGateway>(
      [this](const Call& c,
             const ec2::DeleteInternetGatewayRequest& in) -> Result<ec2::DeleteInternetGatewayOutput_> {
        auto* g = internet_gateways_.find(c.region, in.InternetGatewayId.value_or(""));
        if (!g) return no_gateway(in.InternetGatewayId);
        if (!g->Attachments->empty())
          return aws_error("DependencyViolation",
                           fmt::format("The internetGateway '{}' has dependencies and cannot be deleted.",
                                       *in.InternetGatewayId));
        internet_gateways_.erase(c.region, *in.InternetGatewayId);
        return {};
      });
  serve<op::DescribeInternetGateways>(
      [this](const Call& c,
             const ec2::DescribeInternetGatewaysRequest& in) -> Result<ec2::DescribeInternetGatewaysResult> {
        auto all = rows_of(internet_gateways_, c.region);
        TRY(keep_ids(all, in.InternetGatewayIds, &ec2::InternetGateway::InternetGatewayId,
                     "InvalidInternetGatewayID.NotFound", "The internetGateway ID '{}' does not exist"));
        ec2::DescribeInternetGatewaysResult out;
        TRY_ASSIGN(all, filtered<ec2::InternetGateway>(std::move(all), in.Filters, gateway_filter));
        TRY(cut_page(all, in.NextToken, in.MaxResults, out.NextToken));
        out.InternetGateways = std::move(all);
        return out;
      });
}

void Ec2Service::add_gateway_attachments() {
  serve<op::AttachInternetGateway>(
      [this](const Call& c,
             const ec2::AttachInternetGatewayRequest& in) -> Result<ec2::AttachInternetGatewayOutput_> {
        auto* g = internet_gateways_.find(c.region, in.InternetGatewayId.value_or(""));
        if (!g) return no_gateway(in.InternetGatewayId);
        TRY_ASSIGN(auto* v, vpc(c, in.VpcId));
        if (!g->Attachments->empty())
          return aws_error("Resource.AlreadyAssociated",
                           fmt::format("resource {} is already attached to network {}", *g->InternetGatewayId,
                                       text_of(g->Attachments->front().VpcId)));
        for (auto& [id, other] : internet_gateways_.in(c.region))
          for (auto& a : *other.Attachments)
            if (a.VpcId == v->VpcId)
              return aws_error("InvalidParameterValue",
                               fmt::format("Network {} already has an internet gateway attached", *v->VpcId));
        g->Attachments = {{.State = "available", .VpcId = v->VpcId}};
        internet_gateways_.save(c.region, *g->InternetGatewayId, *g);
        return {};
      });
  serve<op::DetachInternetGateway>(
      [this](const Call& c,
             const ec2::DetachInternetGatewayRequest& in) -> Result<ec2::DetachInternetGatewayOutput_> {
        auto* g = internet_gateways_.find(c.region, in.InternetGatewayId.value_or(""));
        if (!g) return no_gateway(in.InternetGatewayId);
        if (g->Attachments->empty() || g->Attachments->front().VpcId != in.VpcId)
          return aws_error("Gateway.NotAttached", fmt::format("resource {} is not attached to network {}",
                                                              *g->InternetGatewayId, text_of(in.VpcId)));
        for (auto& [id, n] : nat_gateways_.in(c.region))
          if (n.VpcId == in.VpcId && n.State != "deleted" && n.ConnectivityType == "public")
            return aws_error("DependencyViolation",
                             fmt::format("Network {} has some mapped public address(es). Please unmap those "
                                         "public address(es) before detaching the gateway.",
                                         *in.VpcId));
        g->Attachments->clear();
        internet_gateways_.save(c.region, *g->InternetGatewayId, *g);
        return {};
      });
}

}  // namespace relight::sandbox
