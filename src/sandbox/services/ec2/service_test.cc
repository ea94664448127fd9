#include "sandbox/services/ec2/service.h"

#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;

const std::string kEast = "us-east-1";

struct Ec2 : testing::Test {
  TestWorld world;
  Ec2Service service{world};
  void SetUp() override {
    world.add(service);
    service.start();
  }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in, const std::string& region = kEast) {
    auto r = world.remote<Op>(region, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in) {
    auto r = world.remote<Op>(kEast, in);
    return r ? "accepted" : r.error().code;
  }
  std::string make_vpc(const std::string& cidr = "10.0.0.0/16") {
    return *ok<op::CreateVpc>({.CidrBlock = cidr}).Vpc->VpcId;
  }
  std::string make_subnet(const std::string& vpc, const std::string& cidr,
                          const std::string& zone = "us-east-1a") {
    ec2::CreateSubnetRequest in;
    in.VpcId = vpc;
    in.CidrBlock = cidr;
    in.AvailabilityZone = zone;
    return *ok<op::CreateSubnet>(in).Subnet->SubnetId;
  }
  ec2::Filter filter(std::string name, std::string value) {
    return {.Name = name, .Values = std::vector<std::string>{value}};
  }
};

TEST_F(Ec2, EveryRegionHasItsDefaultVpc) {
  for (auto& region : world.settings.regions) {
    ec2::DescribeVpcsRequest in;
    in.Filters.emplace().push_back(filter("is-default", "true"));
    auto vpcs = ok<op::DescribeVpcs>(in, region);
    ASSERT_EQ(vpcs.Vpcs->size(), 1u);
    EXPECT_EQ((*vpcs.Vpcs)[0].CidrBlock, "172.31.0.0/16");
  }
  EXPECT_EQ(ok<op::DescribeSubnets>({}).Subnets->size(), 6u);
  EXPECT_EQ(ok<op::DescribeSubnets>({}, "us-west-2").Subnets->size(), 4u);
  auto tables = ok<op::DescribeRouteTables>({});
  ASSERT_EQ(tables.RouteTables->size(), 1u);
  EXPECT_EQ((*tables.RouteTables)[0].Routes->size(), 2u);
  EXPECT_EQ(ok<op::DescribeNetworkAcls>({}).NetworkAcls->at(0).Entries->size(), 4u);
}

TEST_F(Ec2, AVpcIsPendingAndThenAvailable) {
  auto made = ok<op::CreateVpc>({.CidrBlock = "10.0.0.0/16"});
  EXPECT_EQ(made.Vpc->State, "pending");
  world.run_until_idle();
  ec2::DescribeVpcsRequest in;
  in.VpcIds = std::vector<std::string>{*made.Vpc->VpcId};
  EXPECT_EQ(ok<op::DescribeVpcs>(in).Vpcs->at(0).State, "available");
}

TEST_F(Ec2, BlocksThatDoNotFitAreRefused) {
  EXPECT_EQ(refused<op::CreateVpc>({.CidrBlock = "10.0.0.0/8"}), "InvalidVpc.Range");
  EXPECT_EQ(refused<op::CreateVpc>({.CidrBlock = "10.0.0/16"}), "InvalidParameterValue");
  std::string vpc = make_vpc();
  make_subnet(vpc, "10.0.0.0/24");
  ec2::CreateSubnetRequest in;
  in.VpcId = vpc;
  in.CidrBlock = "10.0.0.128/25";
  EXPECT_EQ(refused<op::CreateSubnet>(in), "InvalidSubnet.Conflict");
  in.CidrBlock = "10.1.0.0/24";
  EXPECT_EQ(refused<op::CreateSubnet>(in), "InvalidSubnet.Range");
  in.CidrBlock = "10.0.1.0/24";
  in.AvailabilityZone = "us-west-2a";
  EXPECT_EQ(refused<op::CreateSubnet>(in), "InvalidParameterValue");
  in.VpcId = "vpc-0";
  EXPECT_EQ(refused<op::CreateSubnet>(in), "InvalidVpcID.NotFound");
}

TEST_F(Ec2, APublicSubnetIsBuiltAndTakenDownInOrder) {
  std::string vpc = make_vpc(), subnet = make_subnet(vpc, "10.0.0.0/24");
  std::string gateway = *ok<op::CreateInternetGateway>({}).InternetGateway->InternetGatewayId;
  std::string table = *ok<op::CreateRouteTable>({.VpcId = vpc}).RouteTable->RouteTableId;
  ec2::CreateRouteRequest route;
  route.RouteTableId = table;
  route.DestinationCidrBlock = "0.0.0.0/0";
  route.GatewayId = gateway;
  EXPECT_EQ(refused<op::CreateRoute>(route), "InvalidParameterValue") << "the gateway is not attached yet";
  ok<op::AttachInternetGateway>({.InternetGatewayId = gateway, .VpcId = vpc});
  ok<op::CreateRoute>(route);
  EXPECT_EQ(refused<op::CreateRoute>(route), "RouteAlreadyExists");
  auto association = *ok<op::AssociateRouteTable>({.RouteTableId = table, .SubnetId = subnet}).AssociationId;

  EXPECT_EQ(refused<op::DeleteVpc>({.VpcId = vpc}), "DependencyViolation");
  EXPECT_EQ(refused<op::DeleteRouteTable>({.RouteTableId = table}), "DependencyViolation");
  EXPECT_EQ(refused<op::DeleteInternetGateway>({.InternetGatewayId = gateway}), "DependencyViolation");
  ok<op::DisassociateRouteTable>({.AssociationId = association});
  ok<op::DeleteRouteTable>({.RouteTableId = table});
  ok<op::DetachInternetGateway>({.InternetGatewayId = gateway, .VpcId = vpc});
  ok<op::DeleteInternetGateway>({.InternetGatewayId = gateway});
  ok<op::DeleteSubnet>({.SubnetId = subnet});
  ok<op::DeleteVpc>({.VpcId = vpc});
  EXPECT_EQ(refused<op::DeleteVpc>({.VpcId = vpc}), "InvalidVpcID.NotFound");
}

TEST_F(Ec2, RulesAreAuthorisedOnceAndGatheredIntoPermissions) {
  ec2::CreateSecurityGroupRequest make{.Description = "d", .GroupName = "web", .VpcId = make_vpc()};
  std::string group = *ok<op::CreateSecurityGroup>(make).GroupId;
  EXPECT_EQ(refused<op::CreateSecurityGroup>(make), "InvalidGroup.Duplicate");
  ec2::IpPermission http;
  http.IpProtocol = "tcp";
  http.FromPort = http.ToPort = 80;
  http.IpRanges.emplace() = {ec2::IpRange{.CidrIp = "0.0.0.0/0"},
                             ec2::IpRange{.CidrIp = "10.0.0.0/8", .Description = "inside"}};
  ec2::AuthorizeSecurityGroupIngressRequest in;
  in.GroupId = group;
  in.IpPermissions.emplace().push_back(http);
  EXPECT_EQ(ok<op::AuthorizeSecurityGroupIngress>(in).SecurityGroupRules->size(), 2u);
  EXPECT_EQ(refused<op::AuthorizeSecurityGroupIngress>(in), "InvalidPermission.Duplicate");
  ec2::DescribeSecurityGroupsRequest ask;
  ask.GroupIds = std::vector<std::string>{group};
  auto g = ok<op::DescribeSecurityGroups>(ask).SecurityGroups->at(0);
  ASSERT_EQ(g.IpPermissions->size(), 1u);
  EXPECT_EQ(g.IpPermissions->at(0).IpRanges->size(), 2u);
  EXPECT_EQ(g.IpPermissionsEgress->at(0).IpProtocol, "-1");
  ec2::RevokeSecurityGroupIngressRequest out;
  out.GroupId = group;
  out.IpPermissions = in.IpPermissions;
  ok<op::RevokeSecurityGroupIngress>(out);
  EXPECT_EQ(refused<op::RevokeSecurityGroupIngress>(out), "InvalidPermission.NotFound");
}

TEST_F(Ec2, AGroupThatAnotherRefersToStays) {
  std::string vpc = make_vpc();
  std::string a = *ok<op::CreateSecurityGroup>({.Description = "d", .GroupName = "a", .VpcId = vpc}).GroupId;
  std::string b = *ok<op::CreateSecurityGroup>({.Description = "d", .GroupName = "b", .VpcId = vpc}).GroupId;
  ec2::IpPermission sql;
  sql.IpProtocol = "tcp";
  sql.FromPort = sql.ToPort = 3306;
  sql.UserIdGroupPairs.emplace().push_back({.GroupId = a});
  ec2::AuthorizeSecurityGroupIngressRequest in;
  in.GroupId = b;
  in.IpPermissions.emplace().push_back(sql);
  ok<op::AuthorizeSecurityGroupIngress>(in);
  EXPECT_EQ(refused<op::DeleteSecurityGroup>({.GroupId = a}), "DependencyViolation");
  ok<op::DeleteSecurityGroup>({.GroupId = b});
  ok<op::DeleteSecurityGroup>({.GroupId = a});
}

TEST_F(Ec2, FiltersPagesTagsAndDryRuns) {
  std::string vpc = make_vpc();
  ec2::CreateTagsRequest tag;
  tag.Resources = std::vector<std::string>{vpc};
  tag.Tags.emplace().push_back(ec2::Tag{.Key = "Name", .Value = "lamp-vpc"});
  ok<op::CreateTags>(tag);
  ec2::DescribeVpcsRequest in;
  in.Filters.emplace().push_back(filter("tag:Name", "lamp-*"));
  EXPECT_EQ(ok<op::DescribeVpcs>(in).Vpcs->at(0).VpcId, vpc);
  in.Filters->at(0) = filter("colour", "red");
  EXPECT_EQ(refused<op::DescribeVpcs>(in), "InvalidParameterValue");
  EXPECT_EQ(refused<op::DescribeVpcs>({.DryRun = true}), "DryRunOperation");
  ec2::DescribeSubnetsRequest page;
  page.MaxResults = 5;
  auto first = ok<op::DescribeSubnets>(page);
  ASSERT_TRUE(first.NextToken);
  page.NextToken = first.NextToken;
  auto second = ok<op::DescribeSubnets>(page);
  EXPECT_EQ(first.Subnets->size() + second.Subnets->size(), 6u);
  EXPECT_FALSE(second.NextToken);
  auto tags = ok<op::DescribeTags>({});
  EXPECT_EQ(tags.Tags->at(0).ResourceType, "vpc");
}

TEST_F(Ec2, ANatGatewayHoldsItsAddressUntilItIsGone) {
  std::string subnet = make_subnet(make_vpc(), "10.0.0.0/24");
  auto address = ok<op::AllocateAddress>({.Domain = "vpc"});
  ec2::CreateNatGatewayRequest in;
  in.AllocationId = address.AllocationId;
  in.SubnetId = subnet;
  auto nat = *ok<op::CreateNatGateway>(in).NatGateway->NatGatewayId;
  EXPECT_EQ(refused<op::ReleaseAddress>({.AllocationId = address.AllocationId}), "InvalidIPAddress.InUse");
  EXPECT_EQ(refused<op::DeleteSubnet>({.SubnetId = subnet}), "DependencyViolation");
  world.run_until_idle();
  EXPECT_EQ(ok<op::DescribeNatGateways>({}).NatGateways->at(0).State, "available");
  ok<op::DeleteNatGateway>({.NatGatewayId = nat});
  world.run_until_idle();
  EXPECT_EQ(ok<op::DescribeNatGateways>({}).NatGateways->at(0).State, "deleted");
  ok<op::ReleaseAddress>({.AllocationId = address.AllocationId});
  ok<op::DeleteSubnet>({.SubnetId = subnet});
}

TEST_F(Ec2, ARestartedSandboxHasTheSameNetwork) {
  std::string vpc = make_vpc();  // still pending
  TestWorld again({}, world.ground());
  Ec2Service restarted(again);
  again.add(restarted);
  restarted.start();
  again.run_until_idle();
  ec2::DescribeVpcsRequest in;
  in.VpcIds = std::vector<std::string>{vpc};
  auto r = again.remote<op::DescribeVpcs>(kEast, in);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->Vpcs->at(0).State, "available");
  EXPECT_EQ(again.remote<op::DescribeVpcs>(kEast, {})->Vpcs->size(), 2u) << "one default VPC, not two";
}

TEST(Cidr, BlocksAreParsedStrictlyAndCompared) {
  EXPECT_EQ(Cidr::parse("10.1.2.3/16")->text(), "10.1.0.0/16");
  for (auto bad :
       {"", "10.0.0.0", "10.0.0.0/33", "10.0.0.256/8", "10.0.0.0/8x", "10.0.0.0/-1", " 10.0.0.0/8"})
    EXPECT_FALSE(Cidr::parse(bad)) << bad;
  EXPECT_TRUE(Cidr::parse("0.0.0.0/0")->contains(*Cidr::parse("10.0.0.0/8")));
  EXPECT_FALSE(Cidr::parse("10.0.0.0/16")->overlaps(*Cidr::parse("10.1.0.0/16")));
}

TEST(Zones, IdentifiersAreShortened) {
  EXPECT_EQ(zone_id("us-east-1a"), "use1-az1");
  EXPECT_EQ(zone_id("ap-southeast-2c"), "apse2-az3");
  EXPECT_EQ(zone_id("eu-central-1b"), "euc1-az2");
}

}  // namespace
}  // namespace relight::sandbox
