// Parameter Store. A value that the capture has goes into the template, translated; one that it has not, and
// every SecureString, is copied from region to region by `relight deploy --touch-primary` and is in no file.
#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

void copy_parameter(PilotDraft& d, const Captured& c) {
  d.action({PrimaryAction::Kind::kParameterCopy, c.id(), "",
            "Copy the parameter " + c.id() + " to " + d.policy().region, "ssm:PutParameter",
            "its value is in no file; what names the primary's database in it is translated on the way"});
  if (!text_of(*c.properties, "KeyId").empty() && text_of(*c.properties, "KeyId") != "alias/aws/ssm")
    d.say(c.key(), "KeyId", "the copy is encrypted with the region's own key for Systems Manager");
}

}  // namespace

void translate_parameters(PilotDraft& d) {
  for (auto& c : d.all("ssm/parameter")) {
    d.unknown_parts(*c.resource);
    auto& from = *c.properties;
    auto type = text_of(from, "Type");
    bool known =
        from.contains("Value") && from["Value"].is_string() && text_of(from, "Value") != "(withheld)";
    d.dormant({{"kind", "parameter"}, {"name", c.id()}});
    if (type == "SecureString" || !known) {
      copy_parameter(d, c);
      continue;
    }
    Json p{{"Name", c.id()}, {"Type", type}, {"Value", d.text(text_of(from, "Value"), c.key())}};
    take(p, from, "Description AllowedPattern DataType Tier");
    if (text_of(p, "DataType") == "text") p.erase("DataType");
    d.add({.id = d.logical("ssm/parameter", c.id()), .type = "AWS::SSM::Parameter", .from = c.key()},
          std::move(p));
  }
}

}  // namespace relight::dr
