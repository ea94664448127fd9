#include <array>
#include <nlohmann/json.hpp>

#include "dr/capture/kind_tables.h"

namespace relight::dr {
namespace {
using Texts = std::string_view;

// ---- EC2
constexpr std::array kVpcDetails{
    Detail{"ec2", "DescribeVpcs", R"({"VpcIds":["{id}"]})", "/Vpcs/0", "", ""},
    Detail{"ec2", "DescribeVpcAttribute", R"({"VpcId":"{id}","Attribute":"enableDnsSupport"})",
           "/EnableDnsSupport/Value", "EnableDnsSupport", ""},
    Detail{"ec2", "DescribeVpcAttribute", R"({"VpcId":"{id}","Attribute":"enableDnsHostnames"})",
           "/EnableDnsHostnames/Value", "EnableDnsHostnames", ""}};
constexpr std::string_view kOfVpc = R"({"Filters":[{"Name":"vpc-id","Values":["{id}"]}]})";
constexpr std::array kVpcChildren{
    Children{"ec2/route-table", "ec2", "DescribeRouteTables", kOfVpc, "/RouteTables/*/RouteTableId"},
    Children{"ec2/network-acl", "ec2", "DescribeNetworkAcls", kOfVpc, "/NetworkAcls/*/NetworkAclId"},
    Children{"ec2/subnet", "ec2", "DescribeSubnets", kOfVpc, "/Subnets/*/SubnetId"},
    Children{"ec2/vpc-endpoint", "ec2", "DescribeVpcEndpoints", kOfVpc, "/VpcEndpoints/*/VpcEndpointId"},
    Children{"ec2/nat-gateway", "ec2", "DescribeNatGateways",
             R"({"Filter":[{"Name":"vpc-id","Values":["{id}"]}]})", "/NatGateways/*/NatGatewayId"},
    Children{"ec2/internet-gateway", "ec2", "DescribeInternetGateways",
             R"({"Filters":[{"Name":"attachment.vpc-id","Values":["{id}"]}]})",
             "/InternetGateways/*/InternetGatewayId"}};
constexpr std::array kSubnetDetails{
    Detail{"ec2", "DescribeSubnets", R"({"SubnetIds":["{id}"]})", "/Subnets/0", "", ""}};
constexpr std::array kSubnetLinks{Link{"/VpcId", "ec2/vpc"}};
constexpr std::array<Texts, 2> kSubnetVolatile{"/AvailableIpAddressCount", "/State"};
constexpr std::array kRouteTableDetails{
    Detail{"ec2", "DescribeRouteTables", R"({"RouteTableIds":["{id}"]})", "/RouteTables/0", "", ""}};
constexpr std::array kRouteTableLinks{Link{"/VpcId", "ec2/vpc"},
                                      Link{"/Associations/*/SubnetId", "ec2/subnet"},
                                      Link{"/Routes/*/NatGatewayId", "ec2/nat-gateway"}};
constexpr std::array kAclDetails{
    Detail{"ec2", "DescribeNetworkAcls", R"({"NetworkAclIds":["{id}"]})", "/NetworkAcls/0", "", ""}};
constexpr std::array kAclLinks{Link{"/VpcId", "ec2/vpc"}};
constexpr std::array kEndpointDetails{
    Detail{"ec2", "DescribeVpcEndpoints", R"({"VpcEndpointIds":["{id}"]})", "/VpcEndpoints/0", "", ""}};
constexpr std::array kEndpointLinks{Link{"/VpcId", "ec2/vpc"}, Link{"/SubnetIds/*", "ec2/subnet"},
                                    Link{"/Groups/*/GroupId", "ec2/security-group"}};
constexpr std::array<Texts, 2> kEndpointVolatile{"/State", "/CreationTimestamp"};
constexpr std::array kNatDetails{
    Detail{"ec2", "DescribeNatGateways", R"({"NatGatewayIds":["{id}"]})", "/NatGateways/0", "", ""}};
constexpr std::array kNatLinks{Link{"/VpcId", "ec2/vpc"}, Link{"/SubnetId", "ec2/subnet"}};
constexpr std::array<Texts, 2> kNatVolatile{"/State", "/CreateTime"};
constexpr std::array kGatewayDetails{Detail{
    "ec2", "DescribeInternetGateways", R"({"InternetGatewayIds":["{id}"]})", "/InternetGateways/0", "", ""}};
constexpr std::array kGatewayLinks{Link{"/Attachments/*/VpcId", "ec2/vpc"}};
constexpr std::array kGroupDetails{
    Detail{"ec2", "DescribeSecurityGroups", R"({"GroupIds":["{id}"]})", "/SecurityGroups/0", "", ""}};
constexpr std::array kGroupLinks{
    Link{"/VpcId", "ec2/vpc"}, Link{"/IpPermissions/*/UserIdGroupPairs/*/GroupId", "ec2/security-group"},
    Link{"/IpPermissionsEgress/*/UserIdGroupPairs/*/GroupId", "ec2/security-group"}};

constexpr std::array kNetworkKinds{
    Kind{.name = "ec2/vpc", .details = kVpcDetails, .children = kVpcChildren},
    Kind{
        .name = "ec2/subnet", .details = kSubnetDetails, .links = kSubnetLinks, .volatile_ = kSubnetVolatile},
    Kind{.name = "ec2/route-table", .details = kRouteTableDetails, .links = kRouteTableLinks},
    Kind{.name = "ec2/network-acl", .details = kAclDetails, .links = kAclLinks},
    Kind{.name = "ec2/vpc-endpoint",
         .details = kEndpointDetails,
         .links = kEndpointLinks,
         .volatile_ = kEndpointVolatile,
         .dead_pointer = "/State",
         .dead_value = "deleted"},
    Kind{.name = "ec2/nat-gateway",
         .details = kNatDetails,
         .links = kNatLinks,
         .volatile_ = kNatVolatile,
         .dead_pointer = "/State",
         .dead_value = "deleted"},
    Kind{.name = "ec2/internet-gateway", .details = kGatewayDetails, .links = kGatewayLinks},
    Kind{.name = "ec2/security-group", .details = kGroupDetails, .links = kGroupLinks},
};

}  // namespace

std::span<const Kind> network_kinds() { return kNetworkKinds; }

}  // namespace relight::dr
