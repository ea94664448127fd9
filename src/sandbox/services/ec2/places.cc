// Regions, zones, account attributes, and what a VPC could hold but nothing here makes: instances,
// interfaces, endpoints.
#include <fmt/format.h>

#include <map>

#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

FilterValues zone_filter(const ec2::AvailabilityZone& z, std::string_view name) {
  if (name == "zone-name") return {{text_of(z.ZoneName)}};
  if (name == "zone-id") return {{text_of(z.ZoneId)}};
  if (name == "region-name") return {{text_of(z.RegionName)}};
  if (name == "state") return {{text_of(z.State)}};
  if (name == "opt-in-status") return {{text_of(z.OptInStatus)}};
  if (name == "zone-type") return {{text_of(z.ZoneType)}};
  if (name == "group-name") return {{text_of(z.GroupName)}};
  return std::nullopt;
}

FilterValues region_filter(const ec2::Region& r, std::string_view name) {
  if (name == "region-name") return {{text_of(r.RegionName)}};
  if (name == "endpoint") return {{text_of(r.Endpoint)}};
  if (name == "opt-in-status") return {{text_of(r.OptInStatus)}};
  return std::nullopt;
}

}  // namespace

// As many as AWS shows a new account there; three where we do not know.
std::vector<std::string> Ec2Service::zones(std::string_view region) const {
  int n = region == "us-east-1" ? 6 : region == "us-west-2" ? 4 : 3;
  std::vector<std::string> out;
  for (int i = 0; i < n; ++i) out.push_back(fmt::format("{}{}", region, static_cast<char>('a' + i)));
  return out;
}

std::string zone_id(std::string_view zone) {
  if (zone.empty()) return "";
  std::string_view region = zone.substr(0, zone.size() - 1);
  std::string_view area = region.substr(0, region.find('-'));
  std::string_view rest = region.substr(std::min(region.size(), area.size() + 1));
  std::string_view side = rest.substr(0, rest.find('-'));
  std::string shortened;
  for (std::string_view word : {"north", "south", "east", "west", "central"})
    if (side.find(word) != std::string_view::npos) shortened += word[0];
  return fmt::format("{}{}{}-az{}", area, shortened, rest.substr(std::min(rest.size(), side.size() + 1)),
                     zone.back() - 'a' + 1);
}

void Ec2Service::add_places() {
  serve<op::DescribeAvailabilityZones>([this](const Call& c, const ec2::DescribeAvailabilityZonesRequest& in)
                                           -> Result<ec2::DescribeAvailabilityZonesResult> {
    std::vector<ec2::AvailabilityZone> all;
    for (auto& name : zones(c.region)) {
      ec2::AvailabilityZone z;
      z.State = "available";
      z.OptInStatus = "opt-in-not-required";
      z.Messages.emplace();
      z.RegionName = c.region;
      z.ZoneName = name;
      z.ZoneId = zone_id(name);
      z.GroupName = c.region;
      z.NetworkBorderGroup = c.region;
      z.ZoneType = "availability-zone";
      all.push_back(z);
    }
    TRY(keep_ids(all, in.ZoneNames, &ec2::AvailabilityZone::ZoneName, "InvalidParameterValue",
                 "Invalid availability zone: [{}]"));
    TRY(keep_ids(all, in.ZoneIds, &ec2::AvailabilityZone::ZoneId, "InvalidParameterValue",
                 "Invalid availability zone-id: [{}]"));
    ec2::DescribeAvailabilityZonesResult out;
    TRY_ASSIGN(out.AvailabilityZones,
               filtered<ec2::AvailabilityZone>(std::move(all), in.Filters, zone_filter));
    return out;
  });
  serve<op::DescribeRegions>(
      [this](const Call&, const ec2::DescribeRegionsRequest& in) -> Result<ec2::DescribeRegionsResult> {
        std::vector<ec2::Region> all;
        for (auto& r : world_.settings.regions)
          all.push_back({.Endpoint = fmt::format("ec2.{}.amazonaws.com", r),
                         .RegionName = r,
                         .OptInStatus = "opt-in-not-required"});
        TRY(keep_ids(all, in.RegionNames, &ec2::Region::RegionName, "InvalidParameterValue",
                     "Invalid region provided: {}"));
        ec2::DescribeRegionsResult out;
        TRY_ASSIGN(out.Regions, filtered<ec2::Region>(std::move(all), in.Filters, region_filter));
        return out;
      });
}

void Ec2Service::add_account() {
  serve<op::DescribeAccountAttributes>([this](const Call& c, const ec2::DescribeAccountAttributesRequest& in)
                                           -> Result<ec2::DescribeAccountAttributesResult> {
    std::string standard = "none";
    for (auto& [id, v] : vpcs_.in(c.region))
      if (v.IsDefault.value_or(false)) standard = id;
    const std::map<std::string, std::string> values{
        {"supported-platforms", "VPC"}, {"default-vpc", standard},
        {"max-instances", "0"},         {"vpc-max-security-groups-per-interface", "5"},
        {"max-elastic-ips", "5"},       {"vpc-max-elastic-ips", "5"}};
    ec2::DescribeAccountAttributesResult out;
    out.AccountAttributes.emplace();
    for (auto& [name, value] : values) {
      auto& wanted = in.AttributeNames;
      if (wanted && std::find(wanted->begin(), wanted->end(), name) == wanted->end()) continue;
      out.AccountAttributes->push_back(
          {.AttributeName = name, .AttributeValues = {{{.AttributeValue = value}}}});
    }
    return out;
  });
}

void Ec2Service::add_absent() {
  serve<op::DescribeInstances>(
      [](const Call&, const ec2::DescribeInstancesRequest& in) -> Result<ec2::DescribeInstancesResult> {
        if (in.InstanceIds && !in.InstanceIds->empty())
          return aws_error("InvalidInstanceID.NotFound",
                           fmt::format("The instance ID '{}' does not exist", in.InstanceIds->front()));
        ec2::DescribeInstancesResult out;
        out.Reservations.emplace();
        return out;
      });
  serve<op::DescribeNetworkInterfaces>(
      [](const Call&,
         const ec2::DescribeNetworkInterfacesRequest& in) -> Result<ec2::DescribeNetworkInterfacesResult> {
        if (in.NetworkInterfaceIds && !in.NetworkInterfaceIds->empty())
          return aws_error(
              "InvalidNetworkInterfaceID.NotFound",
              fmt::format("The networkInterface ID '{}' does not exist", in.NetworkInterfaceIds->front()));
        ec2::DescribeNetworkInterfacesResult out;
        out.NetworkInterfaces.emplace();
        return out;
      });
  serve<op::DescribeVpcEndpoints>(
      [](const Call&, const ec2::DescribeVpcEndpointsRequest& in) -> Result<ec2::DescribeVpcEndpointsResult> {
        if (in.VpcEndpointIds && !in.VpcEndpointIds->empty())
          return aws_error(
              "InvalidVpcEndpointId.NotFound",
              fmt::format("The Vpc Endpoint Id '{}' does not exist", in.VpcEndpointIds->front()));
        ec2::DescribeVpcEndpointsResult out;
        out.VpcEndpoints.emplace();
        return out;
      });
}

}  // namespace relight::sandbox
