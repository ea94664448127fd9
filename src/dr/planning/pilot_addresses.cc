// The policy's addresses in the place of the primary VPC's. Blocks within the primary's move by the same
// distance; others stay: they speak of somebody else's network.
#include <fmt/format.h>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

Error address_error(const PilotDraft& d, std::string message, std::string next) {
  return {.code = "Synth.Addresses",
          .message = std::move(message),
          .tried = "move the VPC to pilot.cidr " + d.policy().cidr,
          .region = d.policy().region,
          .next = std::move(next)};
}

// What a program reads as a setting is its own business.
bool settings(std::string_view type) {
  return type == "AWS::ECS::TaskDefinition" || type == "AWS::Lambda::Function" ||
         type == "AWS::SSM::Parameter";
}

}  // namespace

Result<std::optional<AddressMove>> address_move(const PilotDraft& d) {
  std::optional<AddressMove> none;
  auto vpcs = d.all("ec2/vpc");
  if (d.policy().cidr.empty() || vpcs.empty()) return none;
  if (vpcs.size() > 1)
    return std::unexpected(address_error(
        d, fmt::format("the capture has {} VPCs, and pilot.cidr can say where one of them goes", vpcs.size()),
        "leave pilot.cidr out: the pilot's VPCs then have the primary's addresses"));
  auto block = text_of(*vpcs[0].properties, "CidrBlock");
  TRY_ASSIGN(auto from, parse_cidr(block));
  auto to = parse_cidr(d.policy().cidr);
  if (!to || cidr_of(*to) != d.policy().cidr)
    return std::unexpected(address_error(d, "it is no IPv4 block: its first address and a length are wanted",
                                         "write it as 10.2.0.0/16"));
  if (prefix_of(from) != prefix_of(*to))
    return std::unexpected(address_error(
        d, fmt::format("the primary's VPC {} has {}, of another length", vpcs[0].id(), block),
        fmt::format("choose a block with /{}: subnets and rules keep their places in it", prefix_of(from))));
  if (from.meets(*to))
    return std::unexpected(
        address_error(d, fmt::format("it is that of the primary's VPC {}", vpcs[0].id()),
                      "choose another block: the reason to move is that the two may meet in one network"));
  return AddressMove{from, *to};
}

// A reference inside of a text is no block, so whole texts are looked at.
void PilotDraft::move_addresses(Json& value, const PilotResource& r) {
  if (value.is_structured()) {
    for (auto& e : value) move_addresses(e, r);
    return;
  }
  if (!value.is_string()) return;
  auto text = value.get<std::string>();
  if (text.find('/') == text.npos) return;  // one address: of a host that the pilot has not
  auto block = parse_cidr(text);
  if (!block || !block->meets(move_->from)) return;
  if (settings(r.type))
    return say(r.from, text, "a setting that names addresses of the primary's VPC stays as it is");
  if (move_->from.holds(*block)) {
    auto distance = move_->to.first - move_->from.first;
    value = cidr_of({block->first + distance, block->last + distance});
  } else if (block->first != 0 && !block->holds(move_->to)) {
    say(r.from, text, "it holds the primary's VPC and more, but not the pilot's: it stays as it is");
  }
}

}  // namespace relight::dr
