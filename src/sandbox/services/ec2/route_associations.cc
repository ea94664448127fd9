#include <fmt/format.h>

#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

const ec2::RouteTableAssociationState kAssociated{.State = "associated"};

std::unexpected<Error> no_association(const std::optional<std::string>& id) {
  return aws_error("InvalidAssociationID.NotFound",
                   fmt::format("The association ID '{}' does not exist", id.value_or("")));
}

ec2::RouteTableAssociation* association(ec2::RouteTable& t, const std::optional<std::string>& id) {
  for (auto& a : *t.Associations)
    if (a.RouteTableAssociationId == id) return &a;
  return nullptr;
}

}  // namespace

void Ec2Service::add_route_associations() {
  serve<op::AssociateRouteTable>(
      [this](const Call& c,
             const ec2::AssociateRouteTableRequest& in) -> Result<ec2::AssociateRouteTableResult> {
        TRY_ASSIGN(auto* t, route_table(c, in.RouteTableId));
        if (!in.SubnetId)
          return aws_error("MissingParameter", "The request must contain the parameter subnetId");
        TRY_ASSIGN(auto* s, subnet(c, in.SubnetId));
        if (s->VpcId != t->VpcId)
          return aws_error("InvalidParameterValue",
                           fmt::format("Route table {} and subnet {} belong to different networks",
                                       *in.RouteTableId, *in.SubnetId));
        for (auto& [id, other] : route_tables_.in(c.region))
          for (auto& a : *other.Associations)
            if (a.SubnetId == in.SubnetId)
              return aws_error(
                  "Resource.AlreadyAssociated",
                  fmt::format(
                      "the specified association for route table {} conflicts with an existing association",
                      *in.RouteTableId));
        ec2::RouteTableAssociation a{.Main = false,
                                     .RouteTableAssociationId = new_id("rtbassoc"),
                                     .RouteTableId = t->RouteTableId,
                                     .SubnetId = in.SubnetId,
                                     .AssociationState = kAssociated};
        t->Associations->push_back(a);
        route_tables_.save(c.region, *t->RouteTableId, *t);
        return ec2::AssociateRouteTableResult{.AssociationId = a.RouteTableAssociationId,
                                              .AssociationState = kAssociated};
      });
  serve<op::DisassociateRouteTable>([this](const Call& c, const ec2::DisassociateRouteTableRequest& in)
                                        -> Result<ec2::DisassociateRouteTableOutput_> {
    for (auto& [id, t] : route_tables_.in(c.region)) {
      auto* a = association(t, in.AssociationId);
      if (!a) continue;
      if (a->Main.value_or(false))
        return aws_error(
            "InvalidParameterValue",
            fmt::format("cannot disassociate the main route table association {}", *in.AssociationId));
      std::erase_if(*t.Associations, [&](auto& x) { return x.RouteTableAssociationId == in.AssociationId; });
      route_tables_.save(c.region, id, t);
      return {};
    }
    return no_association(in.AssociationId);
  });
}

void Ec2Service::add_route_association_moves() {
  serve<op::ReplaceRouteTableAssociation>([this](const Call& c,
                                                 const ec2::ReplaceRouteTableAssociationRequest& in)
                                              -> Result<ec2::ReplaceRouteTableAssociationResult> {
    TRY_ASSIGN(auto* to, route_table(c, in.RouteTableId));
    for (auto& [id, t] : route_tables_.in(c.region)) {
      auto* a = association(t, in.AssociationId);
      if (!a) continue;
      if (t.VpcId != to->VpcId)
        return aws_error(
            "InvalidParameterValue",
            fmt::format("Route tables {} and {} belong to different networks", id, *in.RouteTableId));
      ec2::RouteTableAssociation moved = *a;
      moved.RouteTableId = to->RouteTableId;
      moved.RouteTableAssociationId = new_id("rtbassoc");
      std::erase_if(*t.Associations, [&](auto& x) { return x.RouteTableAssociationId == in.AssociationId; });
      to->Associations->push_back(moved);
      route_tables_.save(c.region, id, t);
      route_tables_.save(c.region, *to->RouteTableId, *to);
      return ec2::ReplaceRouteTableAssociationResult{.NewAssociationId = moved.RouteTableAssociationId,
                                                     .AssociationState = kAssociated};
    }
    return no_association(in.AssociationId);
  });
}

}  // namespace relight::sandbox
