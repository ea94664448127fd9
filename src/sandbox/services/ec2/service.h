// EC2's network family, stored: what a VPC is made of. Nothing here moves a packet; the planes use loopback
// addresses whatever the subnets say, and `simulated` is what the README calls it.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aws/gen/ec2.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/ec2/cidr.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

class Ec2Service final : public Service {
 public:
  explicit Ec2Service(World& w);
  // Makes each region's default VPC once, and goes on with what was pending.
  void start() override;

 private:
  // One file each.
  void add_vpcs();
  void add_vpc_deletion();
  void add_vpc_attributes();
  void add_subnets();
  void add_subnet_changes();
  void add_gateways();
  void add_gateway_attachments();
  void add_nat();
  void add_nat_changes();
  void add_addresses();
  void add_routes();
  void add_route_tables();
  void add_route_associations();
  void add_route_association_moves();
  void add_groups();
  void add_group_reads();
  void add_group_rules();
  void add_acls();
  void add_tags();
  void add_places();
  void add_account();
  void add_absent();

  // on<Op>, with DryRun answered as EC2 does once the request is well-formed.
  template <class Op, class F>
  void serve(F f) {
    on<Op>([f = std::move(f)](const Call& c, const typename Op::Input& in) -> Result<typename Op::Output> {
      if constexpr (requires { in.DryRun; })
        if (in.DryRun.value_or(false))
          return aws_error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
      return f(c, in);
    });
  }

  std::string new_id(std::string_view prefix) { return std::string(prefix) + "-" + world_.rng.hex(17); }
  // The tags of a request that are meant for this type of resource. Error "InvalidParameterValue" for others.
  Result<std::vector<aws::ec2::Tag>> tags_for(
      std::string_view type, const std::optional<std::vector<aws::ec2::TagSpecification>>& specs);
  // Error with EC2's code for this kind when it is not there.
  Result<Row<aws::ec2::Vpc>*> vpc(const Call& c, const std::optional<std::string>& id);
  Result<Row<aws::ec2::Subnet>*> subnet(const Call& c, const std::optional<std::string>& id);
  Result<Row<aws::ec2::SecurityGroup>*> group(const Call& c, const std::optional<std::string>& id);
  Result<Row<aws::ec2::RouteTable>*> route_table(const Call& c, const std::optional<std::string>& id);

  // The one target of a route, checked against this region's resources.
  template <class In>
  Result<aws::ec2::Route> route_target(const Call& c, const aws::ec2::RouteTable& t, const In& in);
  // The group that a request over rules names, by identifier or by name in the default VPC.
  template <class In>
  Result<std::string> group_named(const Call& c, const In& in);
  template <class In>
  Result<std::vector<aws::ec2::SecurityGroupRule>> authorize(const Call& c, const In& in, bool egress);
  template <class In>
  Result<> revoke(const Call& c, const In& in, bool egress);

  void make_default_acl(const std::string& region, const std::string& vpc_id);
  void make_default_vpc(const std::string& region);
  // With its main route table, default security group and default network ACL.
  Row<aws::ec2::Vpc>& make_vpc(const std::string& region, const Cidr& cidr, bool is_default);
  Row<aws::ec2::Subnet>& make_subnet(const std::string& region, const aws::ec2::Vpc& v, const Cidr& cidr,
                                     const std::string& zone, bool is_default);
  Row<aws::ec2::InternetGateway>& make_internet_gateway(const std::string& region);
  Row<aws::ec2::SecurityGroup>& make_group(const std::string& region, const std::string& vpc_id,
                                           const std::string& name, const std::string& description);
  void add_rule(const std::string& region, aws::ec2::SecurityGroupRule rule);
  aws::ec2::RouteTable* main_table(const std::string& region, std::string_view vpc_id);
  // pending -> available after AWS's usual time; run again at start.
  void settle(const std::string& region, const std::string& id);
  bool vpc_in_use(const std::string& region, const std::string& id);
  std::vector<std::string> zones(std::string_view region) const;
  // The tags of any resource by its identifier, null if unknown; `keep` saves the row.
  std::optional<std::vector<aws::ec2::Tag>>* tags_of(const std::string& region, const std::string& id,
                                                     std::function<void()>& keep);

  Table<Row<aws::ec2::Vpc>> vpcs_;
  Table<Row<aws::ec2::DescribeVpcAttributeResult>> vpc_attributes_;
  Table<Row<aws::ec2::Subnet>> subnets_;
  Table<Row<aws::ec2::InternetGateway>> internet_gateways_;
  Table<Row<aws::ec2::NatGateway>> nat_gateways_;
  Table<Row<aws::ec2::Address>> addresses_;
  Table<Row<aws::ec2::RouteTable>> route_tables_;
  Table<Row<aws::ec2::SecurityGroup>> groups_;  // without permissions: those are the rules
  Table<Row<aws::ec2::SecurityGroupRule>> rules_;
  Table<Row<aws::ec2::NetworkAcl>> acls_;
};

// "us-east-1a" -> "use1-az1".
std::string zone_id(std::string_view zone);

// All rows of a region, as values.
template <class T>
std::vector<T> rows_of(Table<Row<T>>& table, const std::string& region) {
  std::vector<T> out;
  for (auto& [id, row] : table.in(region)) out.push_back(row);
  return out;
}

}  // namespace relight::sandbox
