// VPCs, subnets and their routes.
#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

namespace {

Action tag() { return undone({"ec2", "CreateTags", "", "", "Tags", tag_specification}, "-"); }
// What an update no longer names; CreateTags only adds and overwrites. Done although `Tags` may be gone.
Action untag() { return about_gone({"ec2", "DeleteTags", "", "", "Tags", tags_gone}); }

// An address is released by its allocation; the stack knows it by the address itself, as Ref does.
void allocation(Json& input, const Subject& s) {
  if (s.described.is_object()) input["AllocationId"] = s.described.value("AllocationId", "");
}

Ready gateway_available(const Json& d, const Subject&) {
  auto state = d.value("State", "");
  return state == "available" ? Ready::kYes : state == "pending" ? Ready::kNotYet : Ready::kFailed;
}

}  // namespace

Types network_types() {
  return {
  {.name = "AWS::EC2::VPC",
   .create = {{"ec2", "CreateVpc", "CidrBlock InstanceTenancy", "", ""}},
   .settings = {tag(),
                {"ec2", "ModifyVpcAttribute", "EnableDnsSupport=EnableDnsSupport.Value", "VpcId=$id", "EnableDnsSupport"},
                {"ec2", "ModifyVpcAttribute", "EnableDnsHostnames=EnableDnsHostnames.Value", "VpcId=$id", "EnableDnsHostnames"}},
   .id = "/Vpc/VpcId",
   .describe = Action{"ec2", "DescribeVpcs", "", "VpcIds=[$id]", ""}, .root = "/Vpcs/0",
   .attributes = {{"VpcId", "/VpcId"}, {"CidrBlock", "/CidrBlock"}},
   .replace = "CidrBlock InstanceTenancy",
   .update = {untag()},
   .remove = {{"ec2", "DeleteVpc", "", "VpcId=$id", ""}}},
  {.name = "AWS::EC2::Subnet",
   .create = {{"ec2", "CreateSubnet", "VpcId CidrBlock AvailabilityZone", "", ""}},
   .settings = {tag(), {"ec2", "ModifySubnetAttribute", "MapPublicIpOnLaunch=MapPublicIpOnLaunch.Value", "SubnetId=$id", "MapPublicIpOnLaunch"}},
   .id = "/Subnet/SubnetId",
   .describe = Action{"ec2", "DescribeSubnets", "", "SubnetIds=[$id]", ""}, .root = "/Subnets/0",
   .attributes = {{"SubnetId", "/SubnetId"}, {"AvailabilityZone", "/AvailabilityZone"}, {"VpcId", "/VpcId"}, {"CidrBlock", "/CidrBlock"}},
   .replace = "VpcId CidrBlock AvailabilityZone",
   .update = {untag()},
   .remove = {{"ec2", "DeleteSubnet", "", "SubnetId=$id", ""}}},
  {.name = "AWS::EC2::InternetGateway",
   .create = {{"ec2", "CreateInternetGateway", "", "", ""}},
   .settings = {tag()},
   .id = "/InternetGateway/InternetGatewayId",
   .attributes = {{"InternetGatewayId", "$id"}},
   .update = {untag()},
   .remove = {{"ec2", "DeleteInternetGateway", "", "InternetGatewayId=$id", ""}}},
  {.name = "AWS::EC2::VPCGatewayAttachment",
   .create = {{"ec2", "AttachInternetGateway", "InternetGatewayId VpcId", "", ""}},
   .id = "=InternetGatewayId",
   .replace = "InternetGatewayId VpcId",
   .remove = {{"ec2", "DetachInternetGateway", "InternetGatewayId VpcId", "", ""}}},
  {.name = "AWS::EC2::RouteTable",
   .create = {{"ec2", "CreateRouteTable", "VpcId", "", ""}},
   .settings = {tag()},
   .id = "/RouteTable/RouteTableId",
   .attributes = {{"RouteTableId", "$id"}},
   .replace = "VpcId",
   .update = {untag()},
   .remove = {{"ec2", "DeleteRouteTable", "", "RouteTableId=$id", ""}}},
  {.name = "AWS::EC2::Route",
   .create = {{"ec2", "CreateRoute", "*", "", ""}},
   .id = "=RouteTableId",
   .replace = "RouteTableId DestinationCidrBlock",
   .update = {{"ec2", "ReplaceRoute", "RouteTableId DestinationCidrBlock GatewayId NatGatewayId", "", "GatewayId NatGatewayId"}},
   .remove = {{"ec2", "DeleteRoute", "RouteTableId DestinationCidrBlock", "", ""}}},
  {.name = "AWS::EC2::SubnetRouteTableAssociation",
   .create = {{"ec2", "AssociateRouteTable", "RouteTableId SubnetId", "", ""}},
   .id = "/AssociationId",
   .replace = "SubnetId",
   .update = {renewing({"ec2", "ReplaceRouteTableAssociation", "RouteTableId", "AssociationId=$id", "RouteTableId"}, "/NewAssociationId")},
   .remove = {{"ec2", "DisassociateRouteTable", "", "AssociationId=$id", ""}}}};
}

Types gateway_types() {
  return {
  {.name = "AWS::EC2::EIP",
   .create = {{"ec2", "AllocateAddress", "Domain", "", ""}},
   .id = "/PublicIp",
   .describe = Action{"ec2", "DescribeAddresses", "", "PublicIps=[$id]", ""}, .root = "/Addresses/0",
   .attributes = {{"AllocationId", "/AllocationId"}, {"PublicIp", "/PublicIp"}},
   .replace = "Domain",
   .remove = {{"ec2", "ReleaseAddress", "", "", "", allocation}}},
  {.name = "AWS::EC2::NatGateway",
   .create = {{"ec2", "CreateNatGateway", "SubnetId AllocationId ConnectivityType", "", ""}},
   .settings = {tag()},
   .id = "/NatGateway/NatGatewayId",
   .describe = Action{"ec2", "DescribeNatGateways", "", "NatGatewayIds=[$id]", ""}, .root = "/NatGateways/0",
   .ready = gateway_available,
   .attributes = {{"NatGatewayId", "/NatGatewayId"}},
   .replace = "SubnetId AllocationId ConnectivityType",
   .update = {untag()},
   .remove = {{"ec2", "DeleteNatGateway", "", "NatGatewayId=$id", ""}}}};
}

}  // namespace relight::sandbox::cfn
