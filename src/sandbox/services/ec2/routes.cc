#include <fmt/format.h>

#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

constexpr size_t kRoutesPerTable = 50;

FilterValues table_filter(const ec2::RouteTable& t, std::string_view name) {
  if (name == "route-table-id") return {{text_of(t.RouteTableId)}};
  if (name == "vpc-id") return {{text_of(t.VpcId)}};
  if (name == "owner-id") return {{text_of(t.OwnerId)}};
  std::vector<std::string> out;
  std::string_view field = name;
  if (field.starts_with("association.")) {
    field.remove_prefix(12);
    if (field != "main" && field != "subnet-id" && field != "route-table-association-id" &&
        field != "route-table-id")
      return std::nullopt;
    for (auto& a : t.Associations.value_or(std::vector<ec2::RouteTableAssociation>{}))
      out.push_back(field == "main"             ? text_of(a.Main)
                    : field == "subnet-id"      ? text_of(a.SubnetId)
                    : field == "route-table-id" ? text_of(a.RouteTableId)
                                                : text_of(a.RouteTableAssociationId));
    return out;
  }
  if (!field.starts_with("route.")) return std::nullopt;
  field.remove_prefix(6);
  if (field != "destination-cidr-block" && field != "gateway-id" && field != "nat-gateway-id" &&
      field != "state")
    return std::nullopt;
  for (auto& r : t.Routes.value_or(std::vector<ec2::Route>{}))
    out.push_back(field == "destination-cidr-block" ? text_of(r.DestinationCidrBlock)
                  : field == "gateway-id"           ? text_of(r.GatewayId)
                  : field == "nat-gateway-id"       ? text_of(r.NatGatewayId)
                                                    : text_of(r.State));
  return out;
}

std::unexpected<Error> no_route(const std::string& destination, const std::string& table) {
  return aws_error(
      "InvalidRoute.NotFound",
      fmt::format("no route with destination-cidr-block {} in route table {}", destination, table));
}

template <class In>
Result<std::string> destination(const In& in) {
  if (!in.DestinationCidrBlock)
    return aws_error("MissingParameter", "The request must contain the parameter destinationCidrBlock");
  auto cidr = Cidr::parse(*in.DestinationCidrBlock);
  if (!cidr)
    return aws_error(
        "InvalidParameterValue",
        fmt::format(
            "Value ({}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.",
            *in.DestinationCidrBlock));
  return cidr->text();
}

}  // namespace

ec2::RouteTable* Ec2Service::main_table(const std::string& region, std::string_view vpc_id) {
  for (auto& [id, t] : route_tables_.in(region))
    for (auto& a : t.Associations.value_or(std::vector<ec2::RouteTableAssociation>{}))
      if (t.VpcId == vpc_id && a.Main.value_or(false)) return &t;
  return nullptr;
}

template <class In>
Result<ec2::Route> Ec2Service::route_target(const Call& c, const ec2::RouteTable& t, const In& in) {
  ec2::Route r{
      .GatewayId = in.GatewayId, .NatGatewayId = in.NatGatewayId, .Origin = "CreateRoute", .State = "active"};
  if (in.GatewayId.has_value() + in.NatGatewayId.has_value() != 1)
    return aws_error("InvalidParameterCombination",
                     "Exactly one of GatewayId and NatGatewayId must be given; other targets are not built "
                     "in this sandbox");
  if (in.NatGatewayId && !nat_gateways_.find(c.region, *in.NatGatewayId))
    return aws_error("InvalidNatGatewayID.NotFound",
                     fmt::format("The natGateway ID '{}' does not exist", *in.NatGatewayId));
  if (!in.GatewayId) return r;
  auto* g = internet_gateways_.find(c.region, *in.GatewayId);
  if (!g)
    return aws_error("InvalidGatewayID.NotFound",
                     fmt::format("The gateway ID '{}' does not exist", *in.GatewayId));
  if (g->Attachments->empty() || g->Attachments->front().VpcId != t.VpcId)
    return aws_error("InvalidParameterValue",
                     fmt::format("route table {} and network gateway {} belong to different networks",
                                 text_of(t.RouteTableId), *in.GatewayId));
  return r;
}

void Ec2Service::add_routes() {
  serve<op::CreateRoute>([this](const Call& c,
                                const ec2::CreateRouteRequest& in) -> Result<ec2::CreateRouteResult> {
    TRY_ASSIGN(auto* t, route_table(c, in.RouteTableId));
    TRY_ASSIGN(std::string to, destination(in));
    TRY_ASSIGN(ec2::Route r, route_target(c, *t, in));
    for (auto& old : *t->Routes)
      if (old.DestinationCidrBlock == to)
        return aws_error("RouteAlreadyExists", fmt::format("The route identified by {} already exists.", to));
    if (t->Routes->size() >= kRoutesPerTable)
      return aws_error("RouteLimitExceeded", "The maximum number of routes has been reached.");
    r.DestinationCidrBlock = to;
    t->Routes->push_back(r);
    route_tables_.save(c.region, *t->RouteTableId, *t);
    return ec2::CreateRouteResult{.Return = true};
  });
  serve<op::ReplaceRoute>(
      [this](const Call& c, const ec2::ReplaceRouteRequest& in) -> Result<ec2::ReplaceRouteOutput_> {
        TRY_ASSIGN(auto* t, route_table(c, in.RouteTableId));
        TRY_ASSIGN(std::string to, destination(in));
        TRY_ASSIGN(ec2::Route r, route_target(c, *t, in));
        for (auto& old : *t->Routes) {
          if (old.DestinationCidrBlock != to) continue;
          r.DestinationCidrBlock = to;
          old = r;
          route_tables_.save(c.region, *t->RouteTableId, *t);
          return {};
        }
        return no_route(to, *t->RouteTableId);
      });
  serve<op::DeleteRoute>([this](const Call& c,
                                const ec2::DeleteRouteRequest& in) -> Result<ec2::DeleteRouteOutput_> {
    TRY_ASSIGN(auto* t, route_table(c, in.RouteTableId));
    TRY_ASSIGN(std::string to, destination(in));
    for (auto& r : *t->Routes)
      if (r.DestinationCidrBlock == to && r.GatewayId == "local")
        return aws_error("InvalidParameterValue",
                         fmt::format("cannot remove local route {} in route table {}", to, *t->RouteTableId));
    if (!std::erase_if(*t->Routes, [&](auto& r) { return r.DestinationCidrBlock == to; }))
      return no_route(to, *t->RouteTableId);
    route_tables_.save(c.region, *t->RouteTableId, *t);
    return {};
  });
}

void Ec2Service::add_route_tables() {
  serve<op::CreateRouteTable>(
      [this](const Call& c, const ec2::CreateRouteTableRequest& in) -> Result<ec2::CreateRouteTableResult> {
        TRY_ASSIGN(auto* v, vpc(c, in.VpcId));
        TRY_ASSIGN(auto tags, tags_for("route-table", in.TagSpecifications));
        ec2::RouteTable t;
        t.RouteTableId = new_id("rtb");
        t.VpcId = v->VpcId;
        t.OwnerId = world_.account();
        t.Associations.emplace();
        t.Routes = {{.DestinationCidrBlock = v->CidrBlock,
                     .GatewayId = "local",
                     .Origin = "CreateRouteTable",
                     .State = "active"}};
        t.Tags = tags;
        route_tables_.put(c.region, *t.RouteTableId, t);
        return ec2::CreateRouteTableResult{.RouteTable = t};
      });
  serve<op::DeleteRouteTable>(
      [this](const Call& c, const ec2::DeleteRouteTableRequest& in) -> Result<ec2::DeleteRouteTableOutput_> {
        TRY_ASSIGN(auto* t, route_table(c, in.RouteTableId));
        if (t->Associations && !t->Associations->empty())
          return aws_error(
              "DependencyViolation",
              fmt::format("The routeTable '{}' has dependencies and cannot be deleted.", *in.RouteTableId));
        route_tables_.erase(c.region, *in.RouteTableId);
        return {};
      });
  serve<op::DescribeRouteTables>(
      [this](const Call& c,
             const ec2::DescribeRouteTablesRequest& in) -> Result<ec2::DescribeRouteTablesResult> {
        auto all = rows_of(route_tables_, c.region);
        TRY(keep_ids(all, in.RouteTableIds, &ec2::RouteTable::RouteTableId, "InvalidRouteTableID.NotFound",
                     "The routeTable ID '{}' does not exist"));
        ec2::DescribeRouteTablesResult out;
        TRY_ASSIGN(all, filtered<ec2::RouteTable>(std::move(all), in.Filters, table_filter));
        TRY(cut_page(all, in.NextToken, in.MaxResults, out.NextToken));
        out.RouteTables = std::move(all);
        return out;
      });
}

}  // namespace relight::sandbox
