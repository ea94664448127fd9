// Elastic addresses: records only. They come from 198.51.100.0/24 (RFC 5737, documentation), so that nobody
// takes one for an address that answers.
#include <fmt/format.h>

#include <set>

#include "sandbox/services/ec2/describe.h"
#include "sandbox/services/ec2/service.h"

namespace relight::sandbox {
namespace ec2 = aws::ec2;
namespace op = aws::ec2::op;
namespace {

constexpr size_t kAddressesPerRegion = 5;  // "Elastic IP address quota"

FilterValues address_filter(const ec2::Address& a, std::string_view name) {
  if (name == "allocation-id") return {{text_of(a.AllocationId)}};
  if (name == "association-id") return {{text_of(a.AssociationId)}};
  if (name == "public-ip") return {{text_of(a.PublicIp)}};
  if (name == "domain") return {{text_of(a.Domain)}};
  if (name == "network-interface-id") return {{text_of(a.NetworkInterfaceId)}};
  return std::nullopt;
}

}  // namespace

void Ec2Service::add_addresses() {
  serve<op::AllocateAddress>(
      [this](const Call& c, const ec2::AllocateAddressRequest& in) -> Result<ec2::AllocateAddressResult> {
        if (in.Domain.value_or("vpc") != "vpc")
          return aws_error("InvalidParameterValue",
                           "Value (standard) for parameter domain is invalid. EC2-Classic is retired.");
        auto& here = addresses_.in(c.region);
        if (here.size() >= kAddressesPerRegion)
          return aws_error("AddressLimitExceeded", "The maximum number of addresses has been reached.");
        TRY_ASSIGN(auto tags, tags_for("elastic-ip", in.TagSpecifications));
        std::set<std::string> taken;
        for (auto& region : world_.settings.regions)
          for (auto& [id, a] : addresses_.in(region)) taken.insert(text_of(a.PublicIp));
        ec2::Address a;
        for (int n = 1; n < 255 && !a.PublicIp; ++n)
          if (std::string ip = fmt::format("198.51.100.{}", n); !taken.contains(ip)) a.PublicIp = ip;
        if (!a.PublicIp) return aws_error("InsufficientAddressCapacity", "There are no addresses left.");
        a.AllocationId = new_id("eipalloc");
        a.Domain = "vpc";
        a.PublicIpv4Pool = "amazon";
        a.NetworkBorderGroup = c.region;
        a.Tags = tags;
        addresses_.put(c.region, *a.AllocationId, a);
        return ec2::AllocateAddressResult{.PublicIp = a.PublicIp,
                                          .AllocationId = a.AllocationId,
                                          .PublicIpv4Pool = a.PublicIpv4Pool,
                                          .NetworkBorderGroup = a.NetworkBorderGroup,
                                          .Domain = a.Domain};
      });
  serve<op::ReleaseAddress>(
      [this](const Call& c, const ec2::ReleaseAddressRequest& in) -> Result<ec2::ReleaseAddressOutput_> {
        if (!in.AllocationId)
          return aws_error("MissingParameter", "The request must contain the parameter AllocationId");
        auto* a = addresses_.find(c.region, *in.AllocationId);
        if (!a)
          return aws_error("InvalidAllocationID.NotFound",
                           fmt::format("The allocation ID '{}' does not exist", *in.AllocationId));
        if (a->AssociationId)
          return aws_error("InvalidIPAddress.InUse",
                           fmt::format("Address {} is in use.", text_of(a->PublicIp)));
        addresses_.erase(c.region, *in.AllocationId);
        return {};
      });
  serve<op::DescribeAddresses>(
      [this](const Call& c, const ec2::DescribeAddressesRequest& in) -> Result<ec2::DescribeAddressesResult> {
        auto all = rows_of(addresses_, c.region);
        TRY(keep_ids(all, in.AllocationIds, &ec2::Address::AllocationId, "InvalidAllocationID.NotFound",
                     "The allocation ID '{}' does not exist"));
        TRY(keep_ids(all, in.PublicIps, &ec2::Address::PublicIp, "InvalidAddress.NotFound",
                     "Address '{}' not found."));
        ec2::DescribeAddressesResult out;
        TRY_ASSIGN(out.Addresses, filtered<ec2::Address>(std::move(all), in.Filters, address_filter));
        return out;
      });
}

}  // namespace relight::sandbox
